"""The script of the sample campaign under way: who does what, and when the lead is wanted.

The script holds inputs only. Whoever is given a task by the program does it as the script says, over the server's
HTTP interface, in an account of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import pandas as pd

from annotation.reviewing import CRITERIA
from annotation.visitor import OpenTask, Visitor
from data.campaign import Campaign
from data.errors import DemoFailed
from data.ledger import Ledger
from data.nouns import STAGES, Stage
from data.sample import Sample
from flows import lead, telling
from flows.advance import Progress as Advanced
from flows.advancing import run_advance
from flows.files import RESULTS
from flows.state import State

MOST_ROUNDS = 30
"""A script that is not done by then never will be."""


@dataclass
class Play:
    """The script under way: what was submitted so far decides what comes next."""

    sample: Sample
    campaign: str
    visitors: Mapping[str, Visitor]
    attempts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    explained: set[Stage] = field(default_factory=set)

    def state(self) -> State:
        """The campaign as its ledger tells it now."""
        return State(Campaign.load(self.campaign), Ledger(self.campaign))

    def submission(self, task: OpenTask, state: State) -> tuple[list[dict[str, Any]], str]:
        """What the person who has this task submits, and its text to show."""
        stage, language, question, revision, person = task.key.split("/")[:5]
        self.attempts[stage, language, question] += 1
        attempt = self.attempts[stage, language, question]
        query = self.sample.query(stage, language, question, attempt)
        fields: Mapping[str, Any] = {}
        if query is None:
            place = _place(state, question, int(revision), person)
            fields = self._fields(cast("Stage", stage), language, question, int(revision), place, attempt)
        text = query.text if query else ""
        shown = text or fields.get("question") or self.sample.draft(question, int(revision)).question
        return RESULTS[cast("Stage", stage)](fields, task.data, text), shown

    def _fields(
        self,
        stage: Stage,
        language: str,
        question: str,
        revision: int,
        place: Literal["first", "second"],
        attempt: int,
    ) -> Mapping[str, Any]:
        sample = self.sample
        match stage:
            case "qualifying" | "guessing" | "adjudicating":
                raise DemoFailed(f"the script has nothing for the stage {stage}")
            case "authoring":
                draft = sample.draft(question, attempt)
                return {
                    "question": draft.question, "answers": list(draft.answers), "key": draft.key,
                    "notes": list(draft.notes), "translator_note": draft.translator_note,
                    "evidence": list(draft.evidence),
                }  # fmt: skip
            case "answering":
                answer = sample.answer(question, revision, place)
                return {"choice": answer.choice, "sure": answer.sure, "comment": answer.comment}
            case "judging":
                judged = sample.judge(question, revision, place)
                rubric = {name: name not in judged.not_fulfilled for name in CRITERIA}
                return {"rubric": rubric, "recommend": judged.recommend, "comment": judged.comment}
            case "translating":
                text = sample.translate(language, question, attempt)
                return {"question": text.question_text, "answers": list(text.answers or ())}
            case "proofreading":
                read = sample.proofread(language, question, attempt)
                return {
                    "outcome": read.outcome, "question": read.question_text, "answers": list(read.answers or ()),
                    "comment": read.comment, "errors": list(read.errors),
                }  # fmt: skip


def _place(state: State, question: str, revision: int, person: str) -> Literal["first", "second"]:
    """Whether this person comes first or second, by code, among those who answer the question blind."""
    tasks = state.tasks
    mine = tasks[
        (tasks["stage"] == "answering") & (tasks["question_id"] == question) & (tasks["revision"] == revision)
    ]
    return "first" if sorted({*mine["person"], person}).index(person) == 0 else "second"


def rounds(play: Play) -> None:
    """Advance, let everybody do what is open, and again, until nothing is.

    Raises:
        DemoFailed: there is no end to it.
    """
    for number in range(1, MOST_ROUNDS + 1):
        telling.console.rule(f"Round {number}", align="left", style="dim")
        told = run_advance(play.campaign)
        telling.advanced(told)
        telling.decided(_recent(play, told))
        replied = _reply(play)
        if not _everybody_works(play) and not replied and told.idle:
            return
    raise DemoFailed(
        f"the script is not done after {MOST_ROUNDS} rounds; belebele status {play.campaign} shows what waits"
    )


def _recent(play: Play, told: Advanced) -> pd.DataFrame:
    """The decisions that this advance made."""
    return play.state().decisions.tail(sum(told.decisions.values()))


def _reply(play: Play) -> int:
    """The lead answers what was asked; tells how many queries."""
    state = play.state()
    asked = state.queries[state.queries["reply"].isna()]
    replies = {query.text: query.reply for query in play.sample.queries}
    for line in asked.to_dict("records"):
        reply = replies[line["text"]]
        telling.asked(line["person"], line["language"], line["passage_id"], line["text"], reply)
        lead.answer(state, line["query"], reply)
    return len(asked)


def _everybody_works(play: Play) -> int:
    """Everybody does the work that is open for them; tells how much it was."""
    state = play.state()
    tasks = state.tasks[state.tasks["open"]]
    people = {person.code: person for person in play.sample.people}
    waiting = {stage: int(n) for stage in STAGES if (n := (tasks["stage"] == stage).sum())}
    done: Counter[tuple[Stage, str, str]] = Counter()
    with telling.at_work(waiting, play.explained) as begin:
        for stage in waiting:
            mine = tasks[tasks["stage"] == stage].groupby(["language", "person"], sort=True).size()
            for language, code in mine.index:
                person, visitor = people[code], play.visitors[code]
                title = state.campaign.workbench_title(stage, language, code)
                for task in visitor.open_tasks(title)[: person.per_round or None]:
                    result, text = play.submission(task, state)
                    begin(stage, person, text)
                    visitor.submit(task.id, result, person.seconds)
                    done[stage, language, code] += 1
    telling.worked(done, state.source_language)
    return done.total()
