"""The steps of an item that the ledger's tables tell: passages, tasks, submissions, texts, verdicts, decisions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow.compute as pc

from data.ledger import tables
from data.ledger.events import Read
from data.ledger.item_copy_ids import kind_of
from flows.reports.history.collected_item import CollectedItem
from flows.reports.history.history_steps import Step, among, number, rows_of, step_of


def table_steps(item: CollectedItem) -> Iterator[Step]:
    """Yield what the tables tell of an item, in no order."""
    yield from _passages(item)
    yield from _tasks(item)
    yield from _annotations(item)
    yield from _texts(item)
    yield from _verdicts(item)
    yield from _decisions(item)


def _passages(item: CollectedItem) -> Iterator[Step]:
    passage = tables.passage_of(item.subject)
    where = (pc.field("passage_id") == passage) & among("language", item.languages)
    for row in rows_of(item.state.ledger.read(tables.PASSAGES, None, where)):
        yield step_of(
            row, "passage", row["language"], row["revision"],
            facts={
                "source": row["source"], "link": row["link"], "split": row["split"],
                "rows": [int(one) for one in row["sentence_ids"]] if row["sentence_ids"] is not None else [],
                "text": item.safe.item(row["text"]),
            },
        )  # fmt: skip


def _tasks(item: CollectedItem) -> Iterator[Step]:
    for row in rows_of(item.tasks):
        yield step_of(
            row, "handed_out", row["language"], row["revision"] or None, item.who(row["person"]),
            row["stage"], item.copy_of[row["task_key"]],
            {"attempt": int(row["attempt"]), "why": item.safe.words(row["reason"])},
        )  # fmt: skip


def _annotations(item: CollectedItem) -> Iterator[Step]:
    tasks = {row["task_key"]: row for row in rows_of(item.tasks)}
    read = item.events[item.events["kind"] == Read.KIND]
    mine = read[read["subject"].isin(list(item.task_of))]
    became = {row["subject"]: Read.parse(row["detail"]) for row in rows_of(mine)}
    for row in rows_of(item.annotations):
        task, seen = tasks[row["task_key"]], became.get(row["event_id"])
        other = seen.person if seen else None
        seconds = row["seconds"]
        yield step_of(
            row, "submitted", task["language"], task["revision"] or None, item.who(other or task["person"]),
            task["stage"], item.copy_of[row["task_key"]],
            {
                "how": row["kind"], "became": seen.outcome if seen else None,
                "seconds": None if seconds is None or seconds != seconds else float(seconds),
                "problems": [item.safe.words(one) for one in (seen.problems or ())] if seen else [],
                "guideline": seen.guideline if seen else None,
            },
        )  # fmt: skip


def _texts(item: CollectedItem) -> Iterator[Step]:
    asked = item.state.ledger.read(tables.QUESTIONS, None, pc.field("question_id") == item.subject)
    for row in rows_of(asked):
        yield step_of(
            row, "question", row["language"], row["revision"], item.who(row["person"]), "authoring",
            facts={
                "question": item.safe.item(row["question"]),
                "answers": [item.safe.item(one) for one in row["answers"]],
                "key": int(row["key"]), "passage_revision": int(row["passage_revision"]),
                "notes": [item.safe.words(one) for one in row["notes"]] if row["notes"] is not None else [],
                "translator_note": item.safe.words(row["translator_note"]),
            },
        )  # fmt: skip
    for row in rows_of(item.state.translation_texts([item.subject], item.languages)):
        stage = "translating" if row["kind"] == "draft" else "proofreading"
        yield step_of(
            row, "translation", row["language"], row["revision"], item.who(row["person"]), stage,
            facts={
                "question": item.safe.item(row["question"]),
                "answers": [item.safe.item(one) for one in row["answers"]],
                "form": row["kind"], "question_revision": int(row["question_revision"]),
                "passage_revision": int(row["passage_revision"]),
                "draft_revision": int(row["draft_revision"] or 0) or None,
                "pivot_language": row["pivot_language"],
                "errors": [str(one) for one in row["errors"]] if row["errors"] is not None else [],
            },
        )  # fmt: skip


def _verdicts(item: CollectedItem) -> Iterator[Step]:
    subjects = {item.subject, *item.tasks["question_id"]}
    found = item.state.ledger.read(tables.VERDICTS, None, among("subject", sorted(filter(None, subjects))))
    found = found[found["language"].isin(item.languages)]
    checked: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows_of(found):
        facts = {
            "check": row["check"], "version": int(row["version"]), "score": number(row["score"]),
            "flagged": None if row["flagged"] is None else bool(row["flagged"]),
            "reason": item.safe.words(row["reason"]),
        }  # fmt: skip
        if row["judge"] != "check":
            yield step_of(row, "judged", row["language"], row["revision"], item.who(row["judge"]), None,
                        kind_of(row["subject"]), facts)  # fmt: skip
        elif row["flagged"] is None or not row["flagged"]:
            at = (row["sequence"], row["language"], row["revision"], row["subject"])
            checked.setdefault(at, []).append(row)
        else:
            yield step_of(row, "flagged", row["language"], row["revision"], "check", None,
                        kind_of(row["subject"]), facts)  # fmt: skip
    for rows in checked.values():
        first = rows[0]
        passed = sorted(row["check"] for row in rows if row["flagged"] is not None)
        unsure = sorted(row["check"] for row in rows if row["flagged"] is None)
        yield step_of(first, "checked", first["language"], first["revision"], "check", None,
                    kind_of(first["subject"]), {"passed": passed, "could_not_judge": unsure})  # fmt: skip


def _decisions(item: CollectedItem) -> Iterator[Step]:
    found = item.state.ledger.read(tables.DECISIONS, None, pc.field("subject") == item.subject)
    for row in rows_of(found[found["language"].isin(item.languages)]):
        if row["outcome"] == "select":
            continue  # told by the selection, with the order of the options
        yield step_of(
            row, "decided", row["language"], row["revision"], item.who(row["decided_by"]),
            facts={
                "outcome": row["outcome"], "rule": row["rule"], "reason": item.safe.words(row["reason"]),
                "rests_on": len(row["verdicts"]) if row["verdicts"] is not None else 0,
            },
        )  # fmt: skip
