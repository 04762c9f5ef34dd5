"""Submission outcomes: annotations are read in order, and each is marked with what became of it.

The page of a stage says whether a submission is valid, and which slips send it back (`annotation.stages`); the
stage decides what a valid one becomes (`flows.stages`). Whether one counts is decided beside this module:
`late_submissions`, `repeated_submissions`, `flows.inspection.foreign_edits`. Everything that an annotation means
is written before its `read` mark, and every event's id follows from the annotation; so after a crash in between it
is read again, and nothing counts twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import pandas as pd

from annotation.stages import page_of
from data.ledger import tables
from data.ledger.events import (
    AlteredAccepted,
    Became,
    Closed,
    Feedback,
    GivenUp,
    Late,
    Query,
    TaskClosed,
)
from data.ledger.item_copy_ids import kind_of
from data.ledger.references import products
from data.ledger.tables import Row
from flows.campaign_state import State, among, by_key, in_order
from flows.inspection import alterations
from flows.inspection.account_ownership import account_owners
from flows.inspection.foreign_edits import ForeignEdits
from flows.ledger_views.review_subject import answers_known
from flows.stages import STAGES, work_of
from flows.steps.collection import unsettled
from flows.steps.late_submissions import LateSubmissions
from flows.steps.repeated_submissions import RepeatedSubmissions
from flows.steps.text_revisions import TextRevisions
from flows.submissions.earlier_submissions import as_read, scored_attempts
from flows.submissions.review_submissions import record_blocked
from flows.submissions.submission import CountedSubmission, FeedbackRecorder, Interpreted, TaskLine
from flows.workbenches import guideline_versions


def interpret(state: State) -> Interpreted:
    """Read the annotations without a mark and write what they mean."""
    new = unsettled(state)
    if new.empty or not len(state.events(GivenUp)):
        return _interpreted(state, new)
    judging = new["stage"].isin([work.stage for work in STAGES if work.judges])
    found = _interpreted(state, new[~judging], _proven(state, new[~judging]))
    state = state.fresh()  # to tell whether a choice was right takes the texts, which may have been made just now
    left = _answerable(state, new[judging])
    proven = _proven(state, left) | _rested_on(state, left) | _judged_after(state, left)
    more = _interpreted(state, left, proven)
    return found.with_more(more)


def _proven(state: State, new: pd.DataFrame) -> set[str]:
    """Return the annotations of which something was made: they count, though their mark may be lost."""
    made = products(state.ledger)
    return {event for event in new["event_id"] if made[event]}


def _rested_on(state: State, new: pd.DataFrame) -> set[str]:
    """Return the annotations whose verdicts a decision rests on: they count, though mark and verdicts are lost."""
    cells = state.ledger.read(tables.DECISIONS, ["verdicts"])["verdicts"]
    rests = {event for cell in cells for event in cell or ()}
    reader = _Reader(state, new, Interpreted())
    return {
        str(annotation["event_id"])
        for _, annotation in (in_order(new).iterrows() if rests else ())
        if not rests.isdisjoint(map(tables.VERDICTS.event_id, reader.verdicts_of(annotation)))
    }


def _judged_after(state: State, new: pd.DataFrame) -> set[str]:
    """Return the blind answers whose reader was then given the question to judge: they count, though mark, verdict
    and decision are lost. Only an answer that counted opens that task. Of several before it none is taken for it.
    """
    columns = ["question_id", "revision", "person"]
    tasks = state.tasks[[*columns, "stage", "task_key", "sequence"]]
    judging = tasks[tasks["stage"] == "judging"].groupby(columns, as_index=False)["sequence"].min()
    asked = tasks.loc[tasks["stage"] == "answering", [*columns, "task_key"]].merge(judging, on=columns)
    before = new[["event_id", "task_key", "sequence"]].merge(asked, on="task_key", suffixes=("", "_judging"))
    before = before[before["sequence"] < before["sequence_judging"]].drop_duplicates("task_key", keep=False)
    return set(before["event_id"])


def _answerable(state: State, new: pd.DataFrame) -> pd.DataFrame:
    """Return the annotations of which it can be told what they are worth; the others wait for the lost text."""
    asked = new[["event_id", "task_key"]].merge(
        state.tasks[["task_key", "stage", "language", "question_id", "revision"]], on="task_key"
    )
    waiting = asked["event_id"][~answers_known(state, asked)]
    return new[~among(new["event_id"], waiting)]


def _interpreted(state: State, new: pd.DataFrame, proven: AbstractSet[str] = frozenset()) -> Interpreted:
    """Read some annotations and write what they mean."""
    found = Interpreted()
    if new.empty:
        return found
    reader = _Reader(state, new, found)
    reader.proven = proven
    for _, annotation in in_order(new).iterrows():
        reader.read(annotation)
    ledger = state.ledger
    ledger.append(tables.QUESTIONS, found.questions)
    ledger.append(tables.TRANSLATIONS, found.translations)
    ledger.append(tables.FINDINGS, found.places)  # before the verdicts that they belong to
    ledger.append(tables.VERDICTS, found.verdicts)
    ledger.append(tables.EVENTS, found.events)
    ledger.append(tables.EVENTS, found.marks)
    return found


def reread(state: State, counted: pd.DataFrame) -> Iterator[tuple[pd.Series, Interpreted]]:
    """Interpret annotations that count again, without asking whether they count and without writing anything.

    Args:
        state: the campaign.
        counted: of its annotation events, with `place`, the sequence of their mark.

    Yields:
        Each annotation, in the order in which they were read, with what was made of it.
    """
    reader = _Reader(state, counted, Interpreted())
    reader.revisions.restore(state)
    for _, annotation in as_read(counted).iterrows():
        reader.found = Interpreted()
        reader.reread(annotation, reader.tasks[annotation["task_key"]])
        yield annotation, reader.found


class _Reader:
    """Reads annotations in order, knowing what the earlier ones made."""

    def __init__(self, state: State, new: pd.DataFrame, found: Interpreted) -> None:
        self.state = state
        self.found = found
        subjects = state.tasks["question_id"][among(state.tasks["task_key"], new["task_key"])]
        tasks = state.tasks[among(state.tasks["question_id"], subjects)]
        self.tasks: dict[str, dict[str, Any]] = by_key(tasks, "task_key")
        self.payloads = state.payloads_of(set(new["task_key"]))
        self.results = state.results_of(set(new["event_id"]))
        self.repeated = RepeatedSubmissions(state, new, self.results)
        self.doubtful = alterations.events_on_altered_pages(state) - set(state.events(AlteredAccepted)["subject"])
        self.done = set(tasks["task_key"][tasks["done"]])
        self.person_of = account_owners(state)
        self.foreign = ForeignEdits(state, self.person_of, new)
        self.revisions = TextRevisions(state, subjects)
        self.late = LateSubmissions(state, tasks, self.foreign, self.revisions)
        self.scored = scored_attempts(state)
        self.worked_by = guideline_versions.WorkedBy(state)
        self.feedback = _recorder(state)
        self.proven: AbstractSet[str] = frozenset()  # known to count, since something made of them exists

    def read(self, annotation: pd.Series) -> None:
        """Read one annotation: write what it means and its mark, or nothing yet while its account is unknown."""
        key = annotation["task_key"]
        if key not in self.tasks:
            self.found.mark(annotation, Became.UNKNOWN_TASK)
            return
        task = self.tasks[key]
        if annotation["event_id"] in self.proven:
            self.reread(annotation, task)
            return
        if annotation["server"] != "file":
            if self.foreign.is_foreign(annotation) and annotation["kind"] != "deleted":
                self._close(task, Closed.OTHERS_HAND)  # its owner gets a new one
                self.found.mark(annotation, Became.OTHERS_HAND)
                return
            owner = self.person_of.get((annotation["server"], annotation["account"]))
            if owner is None:
                return  # waits until the lead says whose account this is
            if owner != task["person"]:
                self._close(task, Closed.OTHERS_BENCH)  # the server counts it as done; its owner gets a new one
                self.found.mark(annotation, Became.OTHERS_BENCH, person=owner)
                return
        if annotation["event_id"] in self.doubtful:
            self.found.mark(annotation, Became.DOUBTED)
        elif annotation["kind"] == "deleted":
            self.found.mark(annotation, Became.DELETED)
        elif annotation["kind"] == "skipped":
            self._close(task, Closed.SKIPPED, person=task["person"])
            self.found.mark(annotation, Became.SKIPPED)
        else:
            self._work(annotation, task)

    def _close(self, task: TaskLine, why: Closed, **facts: Any) -> None:
        """Close an open task, so that the work is handed out again; earlier work stays done."""
        if task["task_key"] not in self.done:
            self.found.event(task["task_key"], task["language"], TaskClosed(why, **facts))

    def _is_reader(self, task: TaskLine) -> bool:
        """Whether this person reads a copy that is never mended, so that "cannot judge" is a judgement."""
        return task["stage"] != "authoring" and kind_of(task["question_id"]) in ("plant", "trial")

    def _is_scored(self, annotation: pd.Series, task: TaskLine) -> bool:
        """Whether another submission of this quiz or trial question counts already."""
        event = annotation["event_id"]
        return bool(self.scored.get((task["question_id"], int(task["revision"])), event) != event)

    def _work(self, annotation: pd.Series, task: TaskLine) -> None:
        payload, result = self.payloads[task["task_key"]], self.results[annotation["event_id"]]
        reading = page_of(task["stage"]).read(result, payload)
        if reading.query:
            self._query(task, reading.query)
        if self.repeated.repeats(annotation["event_id"], task["task_key"]):
            self.found.mark(annotation, Became.REPEATED)
        elif self._is_scored(annotation, task):
            self.found.mark(annotation, Became.AFTER_SCORING)
        elif why := self.late.why(annotation, task):
            late = Late(task["task_key"], why, f"{task['question_id']}/{task['language']}")
            self.found.event(annotation["event_id"], task["language"], late)
            self.found.mark(annotation, Became.LATE)
        elif reading.problems:
            self._close(task, Closed.INVALID, problems=list(reading.problems), annotation=annotation["event_id"])
            self.found.mark(annotation, Became.INVALID, problems=list(reading.problems))
        elif reading.fields is None and self._is_reader(task):
            record_blocked(self, CountedSubmission(annotation, task, payload, result, {}), reading.query)
            self._count(annotation, task)
        elif reading.fields is None:
            self._close(task, Closed.QUERY)
            self.found.mark(annotation, Became.QUERY)
        else:
            work_of(task["stage"]).record(
                self, CountedSubmission(annotation, task, payload, result, reading.fields)
            )
            self._count(annotation, task)

    def verdicts_of(self, annotation: pd.Series) -> Sequence[Row]:
        """Return the verdicts that would be made of an annotation if it counts; none if it is not valid."""
        task, self.found = self.tasks.get(annotation["task_key"]), Interpreted()
        if task is None or annotation["kind"] not in ("submitted", "edited"):
            return ()
        reading = page_of(task["stage"]).read(
            self.results[annotation["event_id"]], self.payloads[task["task_key"]]
        )
        if reading.problems or (reading.fields is None and not self._is_reader(task)):
            return ()
        self.reread(annotation, task)
        return self.found.verdicts

    def reread(self, annotation: pd.Series, task: TaskLine) -> None:
        """Read one that counts, whatever happened since; the assistant is not asked again."""
        payload, result = self.payloads[task["task_key"]], self.results[annotation["event_id"]]
        reading = page_of(task["stage"]).read(result, payload)
        if reading.query:
            self._query(task, reading.query)
        feedback = self.feedback
        if annotation["event_id"] in set(self.state.events(Feedback)["subject"]):
            self.feedback = None
        submission = CountedSubmission(annotation, task, payload, result, reading.fields or {})
        if reading.fields is None:
            record_blocked(self, submission, reading.query)
        else:
            work_of(task["stage"]).record(self, submission)
        self.feedback = feedback
        self._count(annotation, task)

    def _count(self, annotation: pd.Series, task: TaskLine) -> None:
        version = self.worked_by.version(task, annotation["updated_at"])
        self.found.mark(annotation, Became.COUNTED, guideline=version)
        self.done.add(task["task_key"])
        self.repeated.count(annotation["event_id"], task["task_key"])

    def _query(self, task: TaskLine, text: str) -> None:
        query = tables.digest("query", task["task_key"], text)[:8]
        said = Query(task["passage_id"], text, task["task_key"], task["person"])
        self.found.event(query, task["language"], said)

    def next_revision(self, annotation: pd.Series, subject: str, language: str) -> int:
        """Return the revision that this annotation makes: the same one when it is read again after a crash."""
        return self.revisions.of(annotation, subject, language)


def _recorder(state: State) -> FeedbackRecorder | None:
    """Return the recorder of the assistant's reading of a question; None in a campaign without one."""
    if not state.campaign.assistant.enabled:
        return None
    from flows.services import assistant_advice  # slow to import, and most campaigns have none

    meter = assistant_advice.held_meter(assistant_advice.home(state.campaign, state.ledger.address))
    return lambda task, fields, said: assistant_advice.feedback_record(state, task, fields, said, meter)
