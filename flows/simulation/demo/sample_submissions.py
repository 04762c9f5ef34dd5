"""The submissions of the sample campaign's people: the script's lines, in the fields of each stage.

Whoever the program gives a task does it as the script says. What the task is about (a question, a copy of one, a
quiz) is looked up in the ledger, because the page does not reveal it; without a line of their own, people follow
the defaults of data/sample/script.toml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import pandas as pd

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.signed_in_user import OpenTask
from annotation.stages import page_of
from data.errors import DemoFailed
from data.ledger.events import Planted
from data.ledger.item_copy_ids import kind_of, original
from data.ledger.tables import Stage
from data.sample import Draft, Sample
from flows.campaign_state import State
from flows.ledger_views.people import quiz_versions
from flows.ledger_views.posed_copies import plants_by_id
from flows.simulation.rehearsal.simulated_workers import UNMET

_SEEN = {
    "wrong_key": "Another answer is right, not the marked one.",
    "two_right": "Two answers can be defended.",
    "unanswerable": "The passage does not settle it.",
    "cue": "The right answer is so much longer and more exact that nobody need read.",
}
"""The comment of a reviewer who sees a planted fault."""

Fields = Mapping[str, Any]


@dataclass(frozen=True)
class WaitingTask:
    """An open task, with what the ledger knows of it."""

    task: OpenTask
    stage: Stage
    language: str
    subject: str
    revision: int
    person: str

    @property
    def copy(self) -> str:
        """The kind of copy that it is about; "" for none."""
        return kind_of(self.subject) or ""


@dataclass
class Performance:
    """The script in progress: earlier submissions decide what comes next."""

    sample: Sample
    attempts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    reviewers: dict[tuple[str, int], list[str]] = field(default_factory=dict)

    def look(self, tasks: pd.DataFrame) -> None:
        """Record who was asked to review which draft, in order; if at the same time, by code."""
        asked = tasks[tasks["stage"].isin(["guessing", "answering"])]
        columns = ["question_id", "revision", "person"]
        for subject, revision, person in asked[columns].sort_values("person").itertuples(index=False, name=None):
            known = self.reviewers.setdefault((subject, int(revision)), [])
            if person not in known:
                known.append(person)

    def submission(self, work: WaitingTask, state: State) -> tuple[list[dict[str, Any]], str]:
        """Return what the task's person submits, and its text for the narration."""
        stage, language, question = work.stage, work.language, original(work.subject)
        self.attempts[stage, language, question] += 1
        attempt = self.attempts[stage, language, question]
        query = self.sample.query(stage, language, question, attempt)
        if query is not None:
            return page_of(stage).result({}, work.task.data, query.text), query.text
        fields = self._fields(work, state, question, attempt)
        shown = str(fields.get("question") or work.task.data.get("question") or "")
        return page_of(stage).result(fields, work.task.data, ""), shown

    def first(self, work: WaitingTask) -> list[dict[str, Any]] | None:
        """Return an author's first version before the draft that `submission` gave; None if there is none."""
        draft = self.sample.assist(work.subject, self.attempts["authoring", work.language, work.subject])
        return None if draft is None else page_of("authoring").result(_written(draft), work.task.data, "")

    def _fields(self, work: WaitingTask, state: State, question: str, attempt: int) -> Fields:
        sample = self.sample
        match work.stage:
            case "qualifying":
                return _quiz(state, sample.quiz(work.person, work.revision).wrong)
            case "authoring":
                return _written(sample.draft(question, attempt))
            case "guessing" | "answering" | "judging":
                return self._review(work, state, question)
            case "adjudicating":
                settled = sample.adjudicate(question, work.revision)
                return {"decision": settled.decision, "right": settled.right, "reason": settled.reason}
            case "translating":
                text = sample.translate(work.language, question, attempt)
                return {"question": text.question_text, "answers": list(text.answers or ())}
            case "wording":
                worded = {one.language: dict(one.items()) for one in sample.wordings}
                return {"words": worded[work.language]}
            case "proofreading":
                read = sample.proofread(work.language, question, attempt)
                return {
                    "outcome": read.outcome, "question": read.question_text, "answers": list(read.answers or ()),
                    "comment": read.comment, "errors": list(read.errors),
                }  # fmt: skip

    def _review(self, work: WaitingTask, state: State, question: str) -> Fields:
        if work.copy == "plant":
            return self._of_plant(work, plants_by_id(state)[work.subject])
        draft, called = work.revision, [work.person]
        if not work.copy:
            called.append(_PLACES[self.reviewers[question, draft].index(work.person)])
        match work.stage:
            case "guessing":
                guess = self.sample.guess(question, draft, *called)
                return {"choice": guess.choice, "why": guess.why, "comment": guess.comment}
            case "answering":
                answer = self.sample.answer(question, draft, *called)
                return {"choice": answer.choice, "sure": answer.sure, "comment": answer.comment}
        judged = self.sample.judge(question, draft, *called)
        return _judged(judged.not_fulfilled, judged.recommend, judged.comment)

    def _of_plant(self, work: WaitingTask, plant: Planted) -> Fields:
        """Return the reading of a plant by somebody who sees its fault or does not."""
        kind, sees = plant.kind, self.sample.sees(work.person, plant.kind)
        if work.stage == "judging":
            return _judged(UNMET[kind], "revise", _SEEN[kind]) if sees else _judged((), "keep", "")
        right = self.sample.draft(plant.question_id, plant.revision).key
        chosen = (0 if kind == "unanswerable" else right) if sees else plant.key
        return {"choice": chosen, "sure": True, "comment": ""}


_PLACES = ("first", "second", "third", *("later",) * 6)
"""The script's names for the reviewers of a draft, in the order in which they were asked."""


def works(state: State, tasks: Mapping[str, OpenTask]) -> list[WaitingTask]:
    """Return what the ledger knows of open tasks, which are given by their keys."""
    known = state.tasks[state.tasks["task_key"].isin(list(tasks))]
    columns = ["task_key", "stage", "language", "question_id", "revision", "person"]
    lines = {line[0]: line[1:] for line in known[columns].itertuples(index=False, name=None)}
    return [
        WaitingTask(task, cast("Stage", stage), language, subject, int(revision), person)
        for task in tasks.values()
        for stage, language, subject, revision, person in [lines[task.key]]
    ]


def _written(draft: Draft) -> Fields:
    return {
        "question": draft.question, "answers": list(draft.answers), "key": draft.key, "notes": list(draft.notes),
        "translator_note": draft.translator_note, "evidence": list(draft.evidence),
    }  # fmt: skip


def _quiz(state: State, wrong: tuple[str, ...]) -> Fields:
    asked = quiz_versions.quiz_of(state, quiz_versions.quizzes(state)).questions
    if strange := sorted(set(wrong) - set(asked)):
        raise DemoFailed(f"the quiz has no question {', '.join(strange)}; it has {', '.join(asked)}")
    chosen = {
        name: one.right % len(one.options) + 1 if name in wrong else one.right for name, one in asked.items()
    }
    return {"chosen": chosen}


def _judged(unmet: tuple[str, ...], recommend: str, comment: str) -> Fields:
    rubric = {name: name not in unmet for name in CRITERIA}
    return {"rubric": rubric, "recommend": recommend, "comment": comment}
