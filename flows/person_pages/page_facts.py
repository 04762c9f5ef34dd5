"""What people's own pages say beside what the server itself counts: titles, deadlines, the whole, hours and pay.

Codes stand for people, and nothing on a page lets its reader tell a plant from other work: all copies are counted
with the work that they look like. What became of somebody's work is counted here; the words about it are on the
tasks themselves (`flows.workbenches.outcome_cards`), which only their own account reaches.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from annotation.forms.label_configuration import fits_phone
from data.languages import language as find_language
from data.ledger.tables import STAGES, Stage
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State
from flows.ledger_views.current_items import (
    current_questions,
    current_translations,
    kept_questions,
    wanted_questions,
)
from flows.ledger_views.people.task_times import hours
from flows.ledger_views.question_slots import question_slots
from flows.ledger_views.words_in_force import own_words, words_for
from flows.person_pages.finished_pieces import pieces
from flows.workbenches.stage_titles import stage_title

Facts = dict[str, Any]


class PageFacts:
    """What the pages of a campaign's people say, computed once for all of them.

    Args:
        state: the campaign.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._people = {person.code: person for person in state.campaign.people}
        self._decided = decided(state)
        self._pieces = pieces(state)
        self._hours = hours(state)
        self._open = _open_tasks(state)
        self._whole = _whole(state)

    def page(self, person: str, server: str, benches: Mapping[str, int], others: Mapping[str, str]) -> Facts:
        """Return what a person's page on one server says.

        Args:
            person: their code.
            server: its name.
            benches: the number of each workbench there, by title; everybody's.
            others: by name of each other server, the address to which its part of the work is linked.

        Returns:
            person, title (the campaign's), language (a tag), words (the lead's own), work (a line a workbench:
            project, title, phone, due), elsewhere (url, title, open), whole (what, language, done, of), decided
            (by outcome), paid (what, count), hours.
        """
        state, words = self._state, words_for(self._state, person)
        own = own_words(state).get(words.code, {})
        return {
            "person": person,
            "title": state.campaign.about.title,
            "language": words.tag,
            "words": dict(sorted(own.items())),
            "work": list(self._work(person, benches)),
            "elsewhere": list(self._elsewhere(person, server, others)),
            "whole": list(self._of_whole(person)),
            "decided": dict(sorted(self._decided.get(person, {}).items())),
            "paid": [
                {"what": what, "count": count} for what, count in self._pieces.get(person, {}).items() if count
            ],
            "hours": round(self._hours.get(person, 0.0), 1),
        }

    def _work(self, person: str, benches: Mapping[str, int]) -> Iterator[Facts]:
        words = words_for(self._state, person)
        mine = [(WorkbenchTitle.parse(title), number) for title, number in benches.items()]
        mine = [(title, number) for title, number in mine if title.person == person]
        for title, number in sorted(mine, key=lambda one: (STAGES.index(one[0].stage), one[0].language)):
            due = self._state.campaign.deadlines.of(title.stage)
            yield {
                "project": number,
                "title": stage_title(title.stage, title.language, words),
                "phone": fits_phone(title.stage),
                "due": due.isoformat() if due else "",
            }

    def _elsewhere(self, person: str, server: str, others: Mapping[str, str]) -> Iterator[Facts]:
        words = words_for(self._state, person)
        waiting: dict[str, list[tuple[str, int]]] = defaultdict(list)
        for (stage, language), count in self._open.get(person, {}).items():
            there = self._state.campaign.server_for(cast("Stage", stage), person)
            if there != server and there in others:
                waiting[there].append((stage_title(stage, language, words), count))
        for name, found in waiting.items():
            title = " · ".join(dict.fromkeys(title for title, _ in found))
            yield {"url": others[name], "title": title, "open": sum(count for _, count in found)}

    def _of_whole(self, person: str) -> Iterator[Facts]:
        yield self._whole[self._state.source_language]
        known = self._people.get(person)
        for language in known.languages if known else ():
            if language in self._whole and language != self._state.source_language:
                yield self._whole[language]


def _whole(state: State) -> dict[str, Facts]:
    """Return how far the questions and the translations into each language are, by language."""
    slots, kept = len(question_slots(state)), len(kept_questions(state))
    found: dict[str, Facts] = {state.source_language: {"what": "questions", "done": kept, "of": slots}}
    wanted = set(wanted_questions(state)["question_id"])
    now = current_translations(state)
    accepted = Counter(
        now.loc[(now["outcome"] == "keep") & ~now["stale"] & now["question_id"].isin(wanted), "language"]
    )
    for code in state.campaign.languages.targets:
        named = find_language(code).autonym or find_language(code).name
        found[code] = {"what": "translations", "language": named, "done": accepted[code], "of": len(wanted)}
    return found


def decided(state: State) -> dict[str, Counter[str]]:
    """Return what became of each person's latest texts, by person: how many were kept, came back or were dropped.

    A translation counts for its translator and its proofreader.
    """
    found: dict[str, Counter[str]] = defaultdict(Counter)
    questions = current_questions(state)
    _count(found, zip(questions["person"], questions["outcome"], strict=True))
    now, every = current_translations(state), state.translations
    if len(now):
        key = ["question_id", "language"]
        drafts = every[[*key, "revision", "person"]].drop_duplicates([*key, "revision"], keep="last")
        drafts = drafts.rename(columns={"revision": "draft_revision", "person": "translator"})
        proofread = now[now["kind"] == "proofread"]
        both = proofread.merge(drafts, on=[*key, "draft_revision"], how="left")
        _count(found, zip(proofread["person"], proofread["outcome"], strict=True))
        _count(found, zip(both["translator"], both["outcome"], strict=True))
    return found


def _count(found: dict[str, Counter[str]], lines: Iterable[tuple[Any, Any]]) -> None:
    for person, outcome in lines:
        if isinstance(person, str) and isinstance(outcome, str) and outcome:
            found[person][outcome] += 1


def _open_tasks(state: State) -> dict[str, dict[tuple[str, str], int]]:
    """Return how many tasks are open, by person, and stage and language."""
    found: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    tasks = state.tasks[state.tasks["open"]]
    counts = Counter(zip(tasks["person"], tasks["stage"], tasks["language"], strict=True))
    for (person, stage, language), count in sorted(counts.items()):
        found[person][stage, language] = count
    return found
