"""Which submissions count: annotations are read one after another, and each is marked with what became of it.

What those that count become, each stage says (`flows.stages`). Everything that an annotation means is written
before its `read` mark, and every event's id follows from the annotation; so a crash in between costs a second
reading and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from annotation.stages import page_of
from data.ledger import tables
from data.ledger.copy_ids import kind_of
from data.ledger.events import (
    AlteredAccepted,
    Became,
    Closed,
    Feedback,
    GivenUp,
    Late,
    LateAccepted,
    NeverBlind,
    Query,
    QuizTaken,
    Read,
    TaskClosed,
    details_of,
    fact,
)
from data.ledger.references import products
from flows.inspection import alterations
from flows.inspection.account_ownership import account_owners, is_foreign
from flows.readings.current_items import current_questions, current_translations
from flows.readings.posed_copies import trials_by_id
from flows.stages import STAGES, work_of
from flows.stages.review_tasks import record_blocked
from flows.state import State, among, by_key, in_order
from flows.steps.collection import unsettled
from flows.submissions.submission import CountedSubmission, FeedbackRecorder, Interpreted, TaskLine
from flows.workbenches import guideline_versions


def interpret(state: State) -> Interpreted:
    """Read the annotations that carry no mark yet and write what they mean."""
    new = unsettled(state)
    found = Interpreted()
    if new.empty:
        return found
    reader = _Reader(state, new, found)
    if len(state.events(GivenUp)):  # a mark may be lost while what it tells of is there
        made = products(state.ledger)
        reader.proven = {event for event in new["event_id"] if made[event]}
    for _, annotation in in_order(new).iterrows():
        reader.read(annotation)
    ledger = state.ledger
    ledger.append(tables.QUESTIONS, found.questions)
    ledger.append(tables.TRANSLATIONS, found.translations)
    ledger.append(tables.VERDICTS, found.verdicts)
    ledger.append(tables.EVENTS, found.events)
    ledger.append(tables.EVENTS, found.marks)
    return found


def reread(state: State, counted: pd.DataFrame) -> Iterator[tuple[pd.Series, Interpreted]]:
    """What annotations that count mean, once more, without asking again whether they count; nothing is written.

    Args:
        state: the campaign.
        counted: of its annotation events, with `place`, the sequence of their mark.

    Yields:
        Each of them, in the order in which they were read, with what was made of it.
    """
    reader = _Reader(state, counted, Interpreted())
    reader.revisions = _revisions(state, reader.revisions)
    for _, annotation in _as_read(counted).iterrows():
        reader.found = Interpreted()
        reader.reread(annotation, reader.tasks[annotation["task_key"]])
        yield annotation, reader.found


class _Reader:
    """Reads annotations one after another, knowing what the earlier ones made."""

    def __init__(self, state: State, new: pd.DataFrame, found: Interpreted) -> None:
        self.state = state
        self.found = found
        subjects = state.tasks["question_id"][among(state.tasks["task_key"], new["task_key"])]
        tasks = state.tasks[among(state.tasks["question_id"], subjects)]
        decisions = state.decisions[among(state.decisions["subject"], subjects)]
        self.tasks: dict[str, dict[str, Any]] = by_key(tasks, "task_key")
        self.decided = {
            (subject, language, int(revision)): outcome
            for subject, language, revision, outcome in zip(
                *(decisions[name] for name in ("subject", "language", "revision", "outcome")), strict=True
            )
        }
        self.payloads = state.payloads_of(set(new["task_key"]))
        self.results = state.results_of(set(new["event_id"]))
        self.said = _counted_before(state, new)
        self.accepted = set(state.events(LateAccepted)["subject"])
        self.doubtful = alterations.doubtful(state) - set(state.events(AlteredAccepted)["subject"])
        self.done = set(tasks["task_key"][tasks["done"]])
        judging = tasks[tasks["stage"] == "judging"]
        self.saw_key = set(zip(judging["question_id"], judging["revision"], judging["person"], strict=True))
        guessed = tasks["passage_id"][tasks["stage"] == "guessing"]
        read = state.tasks[(state.tasks["stage"] != "guessing") & among(state.tasks["passage_id"], guessed)]
        self.saw_passage = set(zip(read["passage_id"], read["person"], strict=True))
        self.person_of = account_owners(state)
        self.written_into = self._foreign_before(new)
        self.scored = _scored(state)
        self.worked_by = guideline_versions.WorkedBy(state)
        self.feedback = _recorder(state)
        self.proven: set[str] = set()  # counted once, since something was made of them that is there
        self.revisions: dict[tuple[str, str], dict[str, int]] = {}
        for texts in (state.questions, state.translations):
            columns = ["question_id", "language", "annotation", "revision"]
            made = texts.loc[among(texts["question_id"], subjects), columns]
            for row in made.itertuples(index=False, name=None):
                self._remember(*row)

    def read(self, annotation: pd.Series) -> None:
        """Read one annotation: write what it means and its mark, or nothing yet when its account is unknown."""
        key = annotation["task_key"]
        if key not in self.tasks:
            self.found.mark(annotation, Became.UNKNOWN_TASK)
            return
        task = self.tasks[key]
        if annotation["event_id"] in self.proven:
            self.reread(annotation, task)
            return
        if annotation["server"] != "file":
            if self._is_foreign(annotation) and annotation["kind"] != "deleted":
                self._close(task, Closed.OTHERS_HAND)  # whoever it was to be done by gets a new one
                self.found.mark(annotation, Became.OTHERS_HAND)
                return
            owner = self.person_of.get((annotation["server"], annotation["account"]))
            if owner is None:
                return  # waits until the lead says whose account this is
            if owner != task["person"]:
                self._close(task, Closed.OTHERS_BENCH)  # done, to the server; its owner gets a new one
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

    def _is_foreign(self, annotation: pd.Series) -> bool:
        """Whether the server did not see the person write it in whose name it stands."""
        writer = annotation["written_by"]
        return is_foreign(self.person_of, annotation["server"], annotation["account"], writer)

    def _foreign_before(self, new: pd.DataFrame) -> dict[tuple[object, ...], object]:
        """Of each annotation of these tasks that somebody else wrote into, the place of the first such event."""
        known = self.state.annotations
        mine = known[among(known["task_key"], new["task_key"]) & known["written_by"].notna()]
        mine = mine[mine["written_by"] != mine["account"]]
        found: dict[tuple[object, ...], object] = {}
        for place, event in mine.iterrows():
            if self._is_foreign(event):
                found.setdefault(_identity(event), place)
        return found

    def _was_written_into(self, annotation: pd.Series) -> bool:
        """Whether somebody else had changed it before its author did."""
        first = self.written_into.get(_identity(annotation))
        return first is not None and bool(first < annotation.name)  # type: ignore[operator]

    def _close(self, task: TaskLine, why: Closed, **facts: Any) -> None:
        """Close an open task, so that the work is handed out anew; what was done before stays done."""
        if task["task_key"] not in self.done:
            self.found.event(task["task_key"], task["language"], TaskClosed(why, **facts))

    def _is_reader(self, task: TaskLine) -> bool:
        """Whether somebody reads a copy that nobody mends: that they cannot judge it is a judgement."""
        return task["stage"] != "authoring" and kind_of(task["question_id"]) in ("plant", "trial")

    def _is_scored(self, annotation: pd.Series, task: TaskLine) -> bool:
        """Whether another submission of this quiz or trial question counts already: what it taught is known."""
        event = annotation["event_id"]
        return bool(self.scored.get((task["question_id"], int(task["revision"])), event) != event)

    def _too_late(self, annotation: pd.Series, task: TaskLine) -> str:
        """Why this does not count, or not without the lead's word; empty when it counts."""
        revision = int(task["revision"])
        if task["stage"] == "answering" and (task["question_id"], revision, task["person"]) in self.saw_key:
            return NeverBlind.KEY_SEEN
        if task["stage"] == "guessing" and (task["passage_id"], task["person"]) in self.saw_passage:
            return NeverBlind.PASSAGE_SEEN
        if page_of(task["stage"]).blind and self._was_written_into(annotation):
            return NeverBlind.WRITTEN_INTO
        if annotation["event_id"] in self.accepted:
            return ""
        if work_of(task["stage"]).judges:
            return self._was_decided(task, revision)
        made = self.revisions.get((task["question_id"], task["language"]), {})
        if annotation["event_id"] in made:
            return ""  # it counted already: a run died between writing what it means and saying so
        mine = self._made_by(annotation, made)
        newest = max(made.values(), default=0)
        if newest > (revision if mine is None else mine):
            return f"revision {newest} stands already"
        if mine is None and (self._is_stale(task) or self._outcome(task, revision) == "revise"):
            return ""  # it was handed out to be done again
        return self._was_decided(task, revision if mine is None else mine)

    def _outcome(self, task: TaskLine, revision: int) -> str:
        return str(self.decided.get((task["question_id"], task["language"], revision), ""))

    def _is_stale(self, task: TaskLine) -> bool:
        state = self.state
        now = current_questions(state) if task["stage"] == "authoring" else current_translations(state)
        here = (now["question_id"] == task["question_id"]) & (now["language"] == task["language"])
        return bool(now["stale"][here].any())

    def _was_decided(self, task: TaskLine, revision: int) -> str:
        outcome = self._outcome(task, revision)
        return f"revision {revision} was decided: {outcome}" if outcome else ""

    def _made_by(self, annotation: pd.Series, made: Mapping[str, int]) -> int | None:
        """The revision that an earlier submission of the same task made, on a page or by file."""
        same = self.state.annotations
        same = same[same["task_key"] == annotation["task_key"]]
        revisions = [made[event] for event in same["event_id"] if event in made]
        return max(revisions, default=None)

    def _work(self, annotation: pd.Series, task: TaskLine) -> None:
        payload, result = self.payloads[task["task_key"]], self.results[annotation["event_id"]]
        reading = page_of(task["stage"]).read(result, payload)
        if reading.query:
            self._query(task, reading.query)
        if self._said_before(annotation, task):
            self.found.mark(annotation, Became.REPEATED)
        elif self._is_scored(annotation, task):
            self.found.mark(annotation, Became.AFTER_SCORING)
        elif why := self._too_late(annotation, task):
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

    def reread(self, annotation: pd.Series, task: TaskLine) -> None:
        """Read one that counts, whatever happened since; what the assistant said of it is not asked twice."""
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
        self.said[task["task_key"]] = (annotation["event_id"], _content(self.results[annotation["event_id"]]))

    def _said_before(self, annotation: pd.Series, task: TaskLine) -> bool:
        """Whether what counts of this task says the same already, word for word.

        Label Studio repeats a request by itself when its database was locked, though the annotation was stored:
        then one submission stands there twice.
        """
        event, content = self.said.get(task["task_key"], ("", ""))
        mine = annotation["event_id"]
        return bool(event and event != mine and content == _content(self.results[mine]))

    def _query(self, task: TaskLine, text: str) -> None:
        query = tables.digest("query", task["task_key"], text)[:8]
        said = Query(task["passage_id"], text, task["task_key"], task["person"])
        self.found.event(query, task["language"], said)

    def _remember(self, subject: str, language: str, annotation: str, revision: int) -> None:
        self.revisions.setdefault((subject, language), {})[annotation] = int(revision)

    def next_revision(self, annotation: pd.Series, subject: str, language: str) -> int:
        """The revision that this annotation makes: the same one when it is read again after a crash."""
        made = self.revisions.setdefault((subject, language), {})
        if annotation["event_id"] not in made:
            made[annotation["event_id"]] = max(made.values(), default=0) + 1
        return made[annotation["event_id"]]


def _as_read(counted: pd.DataFrame) -> pd.DataFrame:
    """Annotation events in the order in which they were read: by their marks; as they came where those agree."""
    return counted.sort_values(["place", "sequence", "updated_at", "event_id"], kind="stable")


def _revisions(
    state: State, there: Mapping[tuple[str, str], Mapping[str, int]]
) -> dict[tuple[str, str], dict[str, int]]:
    """The revision that each annotation made, where texts are lost: they were numbered as they were read.

    Args:
        state: the campaign.
        there: (question_id, language) to annotation to revision, of the texts that are there.
    """
    found: dict[tuple[str, str], dict[str, int]] = {}
    tasks = state.tasks[["task_key", "question_id"]]
    counted = counted_of(state).merge(tasks, on="task_key")
    texts = counted[counted["stage"].isin([work.stage for work in STAGES if work.makes_text])]
    for event, subject, language in _as_read(texts)[["event_id", "question_id", "language"]].itertuples(
        False, None
    ):
        made = found.setdefault((subject, language), {})
        made[event] = there.get((subject, language), {}).get(event, max(made.values(), default=0) + 1)
    return found


def counted_of(state: State) -> pd.DataFrame:
    """The annotation events that count, with `place`: the sequence of their first mark that says so."""
    read = state.events(Read)
    marks = read[fact(read, Read, "outcome") == Became.COUNTED].drop_duplicates("subject")
    places = marks[["subject", "sequence"]].rename(columns={"subject": "event_id", "sequence": "place"})
    return state.annotations.merge(places, on="event_id")


def _identity(annotation: pd.Series) -> tuple[object, ...]:
    """What tells an annotation from every other, whatever became of it."""
    return tuple(annotation[name] for name in ("server", "workbench", "annotation_id", "created_at"))


def _counted_before(state: State, new: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """What counts of the tasks of new annotations so far, by task: the annotation, and what it says."""
    keys = set(new["task_key"])
    before = state.annotations[among(state.annotations["task_key"], keys)]
    before = in_order(before[among(before["event_id"], state.counted)])
    latest = dict(zip(before["task_key"], before["event_id"], strict=True))
    results = state.results_of(set(latest.values())) if latest else {}
    return {key: (event, _content(results[event])) for key, event in latest.items()}


def _content(result: object) -> str:
    """What a submission says, without what the page and the server number it by."""
    if not isinstance(result, list) or not all(isinstance(entry, Mapping) for entry in result):
        return tables.canonical_json(result)
    said = [[str(entry.get("from_name")), tables.canonical_json(entry.get("value"))] for entry in result]
    return tables.canonical_json(sorted(said))


def _scored(state: State) -> dict[tuple[str, int], str]:
    """The annotation that counts of each quiz and trial question, by what was worked on: the first one does."""
    found = state.events(QuizTaken)
    taken = list(zip(found["subject"], details_of(found, QuizTaken), strict=True))
    trials = {(subject, 0): one.annotation for subject, one in trials_by_id(state).items()}
    return {(f"quiz-{s}", one.attempt): one.annotation for s, one in reversed(taken)} | trials


def _recorder(state: State) -> FeedbackRecorder | None:
    """What records the assistant's reading of a question; None in a campaign without one."""
    if not state.campaign.assistant.enabled:
        return None
    from flows.services import assistant_advice  # takes a moment, and most campaigns have none

    meter = assistant_advice.held_meter(assistant_advice.home(state.campaign, state.ledger.address))
    return lambda task, fields, said: assistant_advice.recorded(state, task, fields, said, meter)
