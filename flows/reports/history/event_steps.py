"""The steps of an item that events tell: what became of its work, queries, copies, selections and errata."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from data.ledger.events import (
    BaselineDrawn,
    Closed,
    ErratumReleased,
    ErrorReported,
    FindingAnswered,
    ItemWithdrawn,
    Late,
    LateAccepted,
    Planted,
    Query,
    Rejected,
    Reply,
    SetSelected,
    SplitDrawn,
    TaskClosed,
)
from flows.reports.history.collected_item import CollectedItem
from flows.reports.history.history_steps import Step, StepKind, rows_of, step_of

Row = Mapping[str, Any]


def event_steps(item: CollectedItem) -> Iterator[Step]:
    """Yield what the events tell of an item, in the order of recording."""
    for row in rows_of(item.events):
        if (tell := _TELLERS.get(row["kind"])) is not None:
            yield from tell(
                item, {**row, "language": row["language"] if row["language"] in item.languages else ""}
            )


def _closed(item: CollectedItem, row: Row) -> Iterator[Step]:
    task = item.task_of.get(row["subject"], row["subject"])
    if stage := item.stage_of.get(task):
        closed = TaskClosed.parse(row["detail"])
        problems = [item.safe.words(one) for one in closed.problems or ()]
        said = item.skips.get(str(task)) if closed.why == Closed.SKIPPED else None
        why = f"{closed.why} ({said})" if said else closed.why
        facts = {"why": why, "to": item.who(closed.to), "problems": problems}
        yield step_of(
            row, "closed", row["language"], None, item.who(closed.person), stage, item.copy_of.get(task), facts
        )


def _late(item: CollectedItem, row: Row) -> Iterator[Step]:
    if task := item.task_of.get(row["subject"]):
        facts = {"why": str(Late.parse(row["detail"]).why)}
        yield step_of(row, "late", row["language"], None, None, item.stage_of[task], item.copy_of[task], facts)


def _late_settled(item: CollectedItem, row: Row) -> Iterator[Step]:
    if task := item.task_of.get(row["subject"]):
        done: StepKind = "late_accepted" if row["kind"] == LateAccepted.KIND else "rejected"
        yield step_of(row, done, row["language"], None, "lead", item.stage_of[task], item.copy_of[task])


def _query(item: CollectedItem, row: Row) -> Iterator[Step]:
    query = Query.parse(row["detail"])
    if stage := item.stage_of.get(query.task_key):
        facts = {"text": item.safe.words(query.text)}
        copy = item.copy_of[query.task_key]
        yield step_of(row, "query", row["language"], None, item.who(query.person), stage, copy, facts)


def _reply(item: CollectedItem, row: Row) -> Iterator[Step]:
    if row["subject"] in item.queries:
        yield step_of(
            row, "reply", "", None, "lead", facts={"text": item.safe.words(Reply.parse(row["detail"]).text)}
        )


def _finding_answered(item: CollectedItem, row: Row) -> Iterator[Step]:
    if row["subject"] == item.subject and row["language"]:
        answer = FindingAnswered.parse(row["detail"])
        facts = {
            "answer": answer.answer, "check": answer.check, "version": answer.version, "part": answer.part,
            "why": item.safe.words(answer.why), "words": item.safe.words(answer.words),
        }  # fmt: skip
        yield step_of(
            row, "finding_answered", row["language"], answer.revision, item.who(answer.person), None, None, facts
        )


def _planted(item: CollectedItem, row: Row) -> Iterator[Step]:
    planted = Planted.parse(row["detail"])
    if planted.question_id == item.subject:
        facts = {"fault": planted.kind, "made_by": planted.made_by}
        source = item.state.source_language
        yield step_of(row, "planted", source, planted.revision, None, None, "plant", facts)


def _baseline(item: CollectedItem, row: Row) -> Iterator[Step]:
    if any(one[0] == item.subject for one in BaselineDrawn.parse(row["detail"]).items):
        yield step_of(row, "baseline", "")


def _split(item: CollectedItem, row: Row) -> Iterator[Step]:
    for one, side, _ in SplitDrawn.parse(row["detail"]).items:
        if one == item.subject:
            yield step_of(row, "split", "", facts={"split": side})


def _selected(item: CollectedItem, row: Row) -> Iterator[Step]:
    run = SetSelected.parse(row["detail"])
    facts: dict[str, Any] = {"size": run.size, "candidates": run.candidates}
    for one, revision, order in run.chosen:
        if one == item.subject:
            yield step_of(row, "selected", "", int(revision), "selection", facts=facts | {"order": list(order)})
            return
    yield step_of(row, "left_out", "", None, "selection", facts=facts)


def _reported(item: CollectedItem, row: Row) -> Iterator[Step]:
    if row["subject"] == item.subject and row["language"]:
        report = ErrorReported.parse(row["detail"])
        facts = {"part": report.part, "error": item.safe.words(report.error)}
        yield step_of(row, "reported", row["language"], report.revision, "lead", facts=facts)


def _withdrawn(item: CollectedItem, row: Row) -> Iterator[Step]:
    if row["subject"] == item.subject:
        reason = item.safe.words(ItemWithdrawn.parse(row["detail"]).reason)
        yield step_of(row, "withdrawn", "", None, "lead", facts={"reason": reason})


def _told(item: CollectedItem, row: Row) -> Iterator[Step]:
    if row["subject"] == item.subject or row["subject"] in item.patches:
        report = item.patches.get(row["subject"])
        error = item.safe.words(report.error) if report else None
        version = ErratumReleased.parse(row["detail"]).version
        yield step_of(row, "told", "", facts={"version": version, "error": error})


_TELLERS: Mapping[str, Callable[[CollectedItem, Row], Iterator[Step]]] = {
    TaskClosed.KIND: _closed,
    Late.KIND: _late,
    LateAccepted.KIND: _late_settled,
    Rejected.KIND: _late_settled,
    Query.KIND: _query,
    Reply.KIND: _reply,
    FindingAnswered.KIND: _finding_answered,
    Planted.KIND: _planted,
    BaselineDrawn.KIND: _baseline,
    SplitDrawn.KIND: _split,
    SetSelected.KIND: _selected,
    ErrorReported.KIND: _reported,
    ItemWithdrawn.KIND: _withdrawn,
    ErratumReleased.KIND: _told,
}
