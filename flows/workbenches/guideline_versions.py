"""Guideline versions: read from the lead's folder, recorded in full, shown and released.

Every advance reads the guidelines and the quiz, and a new text becomes an event that holds it, so the ledger alone
shows what people were told and a release needs no folder. A folder that is wrong or gone changes nothing: the old
texts stay in force. Each workbench is recorded with the version that it shows, and each submission that counts
with the version that its author had seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from annotation.forms import label_configuration
from annotation.guidelines import guideline_files
from annotation.guidelines.quiz import Quiz
from data.campaign.contacts import names_and_addresses
from data.errors import CampaignError
from data.ledger import tables
from data.ledger.events import Guided, GuidelineChanged, QuizChanged, Read, details_of
from data.ledger.tables import Row, Stage, digest
from data.ledger.task_keys import WorkbenchTitle
from data.release.anonymity import People
from flows.campaign_state import State, among
from flows.ledger_views.guidelines_in_force import guidelines_in_force

QUALIFYING: Stage = "qualifying"
AUTHORING: Stage = "authoring"


def read_guidelines(state: State, address: str) -> list[str]:
    """Record new guidelines, words and quizzes; return what is wrong with the folder and does not stop the work.

    Raises:
        CampaignError: the folder is wrong, and no guideline was in force so far.
    """
    forbidden = names_and_addresses(state.campaign.id)
    try:
        found = guideline_files.load(address, state.campaign, forbidden)
    except CampaignError as error:
        if state.events(GuidelineChanged).empty:
            raise
        return [f"{error.summary}; people go on by what was in force", *error.problems]
    state.ledger.append(tables.EVENTS, [*_new(state, found), *_new_quiz(state, found.quiz)])
    return list(found.unsaid)


def _new(state: State, found: guideline_files.Guidelines) -> Iterator[Row]:
    """Yield texts that are not the latest of their name, and names that the lead withdrew."""
    standing = guidelines_in_force(state)
    for name in sorted({*found.texts, *standing}):
        text = found.texts.get(name, "")
        version, number = (digest(text) if text else ""), 0
        if name in standing:
            number, latest = standing[name].number, standing[name].version
            if latest == version:
                continue
        stage, _, language = name.partition(".")
        # Numbered, so that A→B→A stays three events.
        yield GuidelineChanged(stage, number + 1, text).row(version, language)


def _new_quiz(state: State, quiz: Quiz) -> Iterator[Row]:
    before = state.events(QuizChanged)
    if before.empty or before["subject"].iloc[-1] != quiz.version:
        yield QuizChanged(len(before) + 1, quiz.as_data()).row(quiz.version)


# What is shown ---------------------------------------------------------------------------------------------


def guideline_shown(state: State, stage: Stage, language: str) -> tuple[str, list[str]]:
    """Return a stage's guideline in a language as Markdown, and the versions of the texts in it."""
    names = [QUALIFYING, AUTHORING] if stage == QUALIFYING else [_name(state, stage, language)]
    texts = [text_of(state, name) for name in names]
    return "\n\n".join(texts), [digest(text) for text in texts]


def text_of(state: State, name: str) -> str:
    """Return a text in force, by its name; the program's own where the ledger has none."""
    known = guidelines_in_force(state)
    return str(known[name].text) if name in known else label_configuration.guideline_text(name)


def _name(state: State, stage: str, language: str) -> str:
    """Return the name of the text that a stage shows in a language."""
    own = f"{stage}.{language}"
    return own if (own in guidelines_in_force(state) and guidelines_in_force(state)[own].text) else stage


def versions_shown(state: State) -> dict[str, list[list[str]]]:
    """Return the versions that each workbench showed, by its title, in order."""
    versions: dict[str, list[list[str]]] = {}
    found = state.events(Guided)
    for title, one in zip(found["subject"], details_of(found, Guided), strict=True):
        versions.setdefault(title, []).append(list(one.versions))
    return versions


def outdated(state: State, plan: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Return the workbenches (stage, language, person) with open work that show an outdated guideline."""
    places = plan.loc[plan["open"], ["stage", "language", "person"]].drop_duplicates()
    known = versions_shown(state)
    wanted: dict[tuple[str, str], list[str]] = {}
    late = set()
    for stage, language, person in places.itertuples(index=False, name=None):
        if (stage, language) not in wanted:
            wanted[stage, language] = guideline_shown(state, stage, language)[1]
        before = known.get(state.campaign.workbench_title(stage, language, person))
        if not before or before[-1] != wanted[stage, language]:
            late.add((stage, language, person))
    return late


def guided(state: State, title: str) -> Iterator[Row]:
    """Yield the event that a workbench shows the guideline in force, unless the ledger has it."""
    place = WorkbenchTitle.parse(title)
    versions = guideline_shown(state, place.stage, place.language)[1]
    before = versions_shown(state).get(title, [])
    if not before or before[-1] != versions:
        yield Guided(versions, len(before) + 1).row(title, place.language)  # so that A→B→A stays three events


# The versions of past work ---------------------------------------------------------------------------------


class WorkedBy:
    """Looks up the guideline version behind a submission."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._now: dict[tuple[str, str], str] = {}
        self._told: dict[str, list[tuple[int, pd.Timestamp, str]]] = {}
        columns = ["kind", "subject", "detail", "recorded_at"]
        found = state.ledger.read(tables.EVENTS, columns, pc.field("kind") == "guided")
        said = details_of(found, Guided)
        for title, one, at in zip(found["subject"], said, found["recorded_at"], strict=True):
            self._told.setdefault(title, []).append((one.number, at, one.versions[0]))

    def version(self, task: Mapping[str, Any], at: pd.Timestamp) -> str:
        """Return the version on the task's workbench at a time; without a workbench, the one in force."""
        stage, language = task["stage"], task["language"]
        known = self._told.get(self._state.campaign.workbench_title(stage, language, task["person"]), [])
        if known:
            shown_first = min(known)
            return max((one for one in known if one[1] <= at), default=shown_first)[2]
        if (stage, language) not in self._now:
            self._now[stage, language] = guideline_shown(self._state, stage, language)[1][0]
        return self._now[stage, language]


def released(state: State, tasks: pd.DataFrame, people: People) -> dict[str, str]:
    """Return the texts that guided the work on these tasks, for a release, by file name without its ending.

    An outdated version cannot be corrected, so its lines that name somebody are left out.

    Args:
        state: the campaign.
        tasks: done ones; stage, language, task_key. The quiz is never released.
        people: who must not be named.
    """
    events = state.annotations["event_id"][among(state.annotations["task_key"], tasks["task_key"])]
    read = state.events(Read)
    used = {one.guideline for one in details_of(read[among(read["subject"], events)], Read)}
    texts: dict[str, dict[int, str]] = {}
    versions = list(_versions(state))
    in_force = {name: one.number for name, one in versions}
    for name, one in versions:
        if one.text and digest(one.text) in used:
            text = one.text if one.number == in_force[name] else people.taken_out(one.text)
            texts.setdefault(name, {})[one.number] = text
    known = {name.partition(".")[0] for name in texts}
    for stage in sorted(set(tasks["stage"]) - known):  # work from before versions were recorded
        texts[str(stage)] = {1: text_of(state, str(stage))}
    named = {}
    for name, numbered in sorted(texts.items()):
        for number, text in sorted(numbered.items()):
            if text not in [later for n, later in numbered.items() if n > number]:
                named[name if number == max(numbered) else f"{name}.v{number}"] = text
    return named


def our_lines() -> frozenset[str]:
    """Return the lines of the guidelines that come with the program."""
    return frozenset(line for text in guideline_files.our_files().values() for line in text.split("\n"))


def _versions(state: State) -> Iterator[tuple[str, GuidelineChanged]]:
    """Yield every version that was in force: its text's name, with number and text."""
    found = state.events(GuidelineChanged)
    for language, one in zip(found["language"], details_of(found, GuidelineChanged), strict=True):
        yield ".".join(filter(None, (one.stage, language))), one
