"""Export of a person's open work as a file, to be filled in and read back by `flows.offline.work_import`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from annotation.forms import error_marks, finding_answers, option_letters
from annotation.forms.error_marks import ErrorMark
from annotation.stages import page_of
from data.errors import UsageError
from data.exchange import csv_and_xlsx
from data.ledger import tables
from flows.campaign_state import State, by_key
from flows.ledger_views.lead_queries import notices_on


def export_work(state: State, person: str, out: str) -> int:
    """Write a person's open work, one row a task, with empty columns to fill in; return how many rows."""
    code = state.campaign.person(person).code
    mine = state.tasks[state.tasks["open"] & (state.tasks["person"] == code)]
    if mine.empty:
        raise UsageError(f"{code} has no open work; belebele status shows who has")
    payloads = state.payloads_of(set(mine["task_key"]))
    lines = []
    mark, tasks = campaign_mark(state), by_key(mine, "task_key")
    columns = (mine[name] for name in ("task_key", "stage", "language", "passage_id"))
    for key, stage, language, passage in zip(*columns, strict=True):
        visible = {"notices": [], **payloads[key]} | {
            "notices": notices_on(state, passage, stage)
        }  # first, so that people see it
        empty = dict.fromkeys(("query", *page_of(stage).sheet.columns_of(payloads[key])), "")
        facts = {"task_key": key, "stage": stage, "language": language}
        facts |= {"campaign": mark, "revision": revision_mark(tasks[key], payloads[key])}
        lines.append({**facts, **dict(_payload_columns(visible)), **empty})
    csv_and_xlsx.write(pd.DataFrame(lines).fillna("").astype(str), Path(out))
    return len(lines)


def campaign_mark(state: State) -> str:
    """Return a campaign's mark in a file of work: its name and ledger, since a pilot may share the name."""
    return f"{state.campaign.id}/{state.ledger.identity(tables.EVENTS)[:12]}"


def revision_mark(task: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """Return the mark of a task in a row of work: the revision and a digest of what the task shows."""
    return f"{int(task['revision'])}-{tables.digest(payload)[:8]}"


def _payload_columns(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a task shows as columns of text, without what would only confuse."""
    for name, value in payload.items():
        if name == "keys":
            yield "shown_key", "".join(one["value"] for one in value if one["selected"])
        elif name == "options":
            yield (
                "shown_options",
                "\n".join(f"{a}. {text}" for a, text in zip(option_letters.LETTERS, value, strict=True)),
            )
        elif name == "changes":
            yield "shown_changes", marked_changes(value)
        elif name == "places" and (findings := finding_answers.asked(payload)):
            yield "shown_places", finding_answers.numbered(findings)
        elif name == "marks":
            yield "shown_marks", "\n".join(error_marks.told(map(ErrorMark.of, value)))
        elif name not in ("order", "quiz", "quiz_number"):
            yield f"shown_{name}", _flat(value)


def marked_changes(parts: Iterable[Mapping[str, str]]) -> str:
    """Return the changes that a page shows as one text: [-…-] for what was removed, [+…+] for what was added."""
    return "".join(map(_change, parts)).strip()


def _change(part: Mapping[str, str]) -> str:
    name = f"\n{part['label']}: " if part["label"] else ""
    gone = f"[-{part['removed']}-]" if part["removed"] else ""
    new = f"[+{part['added']}+]" if part["added"] else ""
    return f"{name}{part['same']}{gone}{new}"


def _flat(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(map(_flat, value))
    if isinstance(value, Mapping):
        return " | ".join(str(part) for part in value.values() if part)
    return "" if value is None else str(value)
