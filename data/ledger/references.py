"""References between the ledger's events: whatever an event depends on must exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow.compute as pc

from data.ledger.events import (
    Became,
    ErrorReported,
    FindingAnswered,
    ItemWithdrawn,
    PromptWorded,
    QuizTaken,
    Read,
    SetRead,
    TrialWritten,
    fact,
)
from data.ledger.store import Ledger
from data.ledger.tables import (  # fmt: skip
    ANNOTATIONS,
    CALIBRATIONS,
    CHECKS,
    DECISIONS,
    EVENTS,
    QUESTIONS,
    TASKS,
    TRANSLATIONS,
    VERDICTS,
    Table,
)

GROUNDS = frozenset({FindingAnswered.KIND, ErrorReported.KIND, ItemWithdrawn.KIND})
"""The kinds of event that a decision may rest on, besides verdicts and former decisions."""


@dataclass(frozen=True)
class Dangling:
    """Events that depend on something that does not exist.

    Attributes:
        table: their table.
        on: the table that they refer to.
        missing: ids that are not there.
    """

    table: str
    on: str
    missing: tuple[str, ...]

    def __str__(self) -> str:
        shown = ", ".join(self.missing[:3]) + (", …" if len(self.missing) > 3 else "")
        return f"{self.table} rest on {len(self.missing)} {self.on} that are not there: {shown}"


def dangling(ledger: Ledger) -> list[Dangling]:
    """Return references to events that do not exist, and counted work that left no result."""
    annotations = set(_column(ledger, ANNOTATIONS, "event_id"))
    verdicts = ledger.read(VERDICTS, ["event_id", "judge", "origin", "signature"])
    decisions = ledger.read(DECISIONS, ["event_id", "verdicts"])
    fits = set(_column(ledger, CALIBRATIONS, "fit"))
    questions, translations = (set(_column(ledger, table, "annotation")) for table in (QUESTIONS, TRANSLATIONS))
    events = ledger.read(EVENTS, ["event_id", "kind", "subject", "detail"])
    answers = events[events["kind"] == FindingAnswered.KIND]
    grounds = set(events["event_id"][events["kind"].isin(GROUNDS)])
    marks = events[events["kind"] == Read.KIND]
    read = list(zip(marks["subject"], fact(marks, Read, "outcome"), strict=True))
    foreign = {subject for subject, outcome in read if outcome == Became.UNKNOWN_TASK}
    known = ledger.read(ANNOTATIONS, ["event_id", "task_key"])
    asked = known["task_key"][~known["event_id"].isin(foreign) & known["event_id"].isin({s for s, _ in read})]
    people = verdicts["judge"] != "check"
    judged = ~people & verdicts["origin"].ne("")
    made = set(products(ledger))
    counted = {subject for subject, outcome in read if outcome == Became.COUNTED}
    sets = set(events["subject"][events["kind"] == SetRead.KIND])
    rests = {event for cell in decisions["verdicts"] for event in cell or ()}
    looked: list[tuple[str, str, Iterable[str], Iterable[str]]] = [
        ("annotations", "tasks", asked, _column(ledger, TASKS, "task_key")),
        ("questions", "annotations", questions, annotations),
        ("translations", "annotations", translations, annotations),
        ("verdicts of people", "annotations", verdicts["origin"][people], annotations),
        ("verdicts of checks", "sets or fits", verdicts["origin"][judged], sets | fits),
        ("verdicts", "checks", verdicts["signature"][~people], _column(ledger, CHECKS, "signature")),
        ("decisions", "verdicts", rests, {*verdicts["event_id"], *decisions["event_id"], *grounds}),
        ("answers to findings", "annotations", fact(answers, FindingAnswered, "annotation"), annotations),
        ("marks of what was read", "annotations", [subject for subject, _ in read], annotations),
        ("marks of what counts", "questions, translations or verdicts", counted, made),
    ]
    return [
        Dangling(table, on, tuple(missing))
        for table, on, wanted, there in looked
        if (missing := sorted(set(wanted).difference(there)))
    ]


def products(ledger: Ledger) -> Counter[str]:
    """Return how many rows were made from each annotation, by event_id: texts, verdicts, quizzes, words …"""
    found = Counter(_column(ledger, QUESTIONS, "annotation"))
    found.update(_column(ledger, TRANSLATIONS, "annotation"))
    found.update(ledger.read(VERDICTS, ["origin"], pc.field("judge") != "check")["origin"])
    for kind in (QuizTaken, TrialWritten, PromptWorded):
        scored = ledger.read(EVENTS, ["detail"], pc.field("kind") == kind.KIND)
        found.update(fact(scored, kind, "annotation"))
    return found


def _column(ledger: Ledger, table: Table, name: str) -> Iterable[str]:
    return list(ledger.read(table, [name])[name])
