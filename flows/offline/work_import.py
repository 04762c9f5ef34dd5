"""Import of work that was filled in offline, from the files that `flows.offline.work_export` writes.

It is read as the servers' work is: each filled-in row becomes the result that the page would have given and is
read back, and every mistake is reported with its row. Tables are taken in as a whole or not at all, since a
shifted column spoils all of one; XLIFF is taken in question by question, since its units are identified singly.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from annotation.forms import finding_answers
from annotation.forms.work_file_columns import Cells
from annotation.stages import PAGES, page_of
from data.errors import ImportRefused
from data.exchange import csv_and_xlsx
from data.intake import listed, shown
from data.ledger import tables
from data.ledger.events import GivenUp
from data.ledger.tables import Row, Stage
from flows.campaign_state import State, by_key, in_order
from flows.ledger_views.stale_work import superseded
from flows.offline import xliff_import
from flows.offline.work_export import campaign_mark, revision_mark

_EVERY = ("query", finding_answers.COLUMN, *dict.fromkeys(name for page in PAGES for name in page.sheet.columns))


@dataclass(frozen=True)
class Imported:
    """The rows of the imported files, by what came of them.

    Attributes:
        pieces: taken in.
        closed: those of them on work that is not open any more.
        unchanged: the same as in an earlier import.
        empty: not filled in yet.
        strange: without anything that was exported, such as somebody's own notes.
        refused: questions and files of XLIFF that were not taken in, each with its place and cure.
        unfinished: questions of XLIFF that are not marked as done, each with its place.
        remarks: what of XLIFF had no effect, in words.
    """

    pieces: int = 0
    closed: int = 0
    unchanged: int = 0
    empty: int = 0
    strange: int = 0
    refused: tuple[str, ...] = ()
    unfinished: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        pieces = f"{self.pieces} {'piece' if self.pieces == 1 else 'pieces'} of work taken in"
        counts = {
            "on work that is not open any more": self.closed,
            "as they were taken in before": self.unchanged,
            "not filled in": self.empty,
            "without a task": self.strange,
            "unfinished": len(self.unfinished),
            "refused": len(self.refused),
        }
        why = ", ".join(f"{n} {'line' if n == 1 else 'lines'} {words}" for words, n in counts.items() if n)
        return f"{pieces}; {why}" if why else f"{pieces}{'' if self.pieces else ': there is no line in it'}"


def import_work(state: State, *files: str) -> Imported:
    """Import filled-in work; the files of one command count as one.

    Rows without anything filled in are left for later. The same file may be imported twice.

    Args:
        state: the campaign.
        files: tables, and XLIFF as files, archives and folders.

    Raises:
        ImportRefused: a row of a table cannot be read, is not valid work, belongs elsewhere or occurs twice, or
            nothing of XLIFF can be taken in; everything that is wrong is listed, and nothing is imported.
    """
    given = list(dict.fromkeys(files))
    lines = [line for file in given if not xliff_import.is_xliff(file) for line in _lines(file)]
    found = xliff_import.ReadXliff()
    read = xliff_import.documents([file for file in given if xliff_import.is_xliff(file)], found)
    works = xliff_import.work_of(read, found)
    taking = _Taking(state, {_plain_word(line.cells.get("task_key")) for line in lines} | set(works))
    xliff_import.rows(works, taking.tasks, taking.payloads, superseded(state, taking.payloads), found)
    xliff_import.changed_passages(read, taking.payloads, found)
    for line in lines:
        taking.take(line)
    wrong, taking.problems = taking.problems, found.refused
    for line in found.rows:
        taking.take(line)
    refused = taking.problems
    if wrong or (refused and not (taking.rows or taking.count)):
        raise ImportRefused(f"{', '.join(files)} was not taken in", [*wrong, *refused])
    pieces = state.ledger.append(tables.ANNOTATIONS, taking.rows)
    made = Imported(pieces, refused=tuple(refused), unfinished=tuple(found.unfinished), remarks=found.said)
    count = taking.count
    return replace(
        made, closed=count["closed"], unchanged=count["unchanged"], empty=count["empty"], strange=count["strange"]
    )


def _lines(file: str) -> list[csv_and_xlsx.FileRow]:
    lines = csv_and_xlsx.read(Path(file))
    if lines and not any("task_key" in line.cells or "task_key" in line.spots for line in lines):
        there = dict.fromkeys(name for line in lines for name in line.spots or line.cells)
        problem = (
            f"there is no column task_key; it has {listed(there)}: give a file as belebele export --work writes it"
        )
        raise ImportRefused(f"{file} was not taken in", [problem])
    return lines


class _Taking:
    """Rows of filled-in work on their way into the ledger."""

    def __init__(self, state: State, keys: set[str]) -> None:
        self.state = state
        self.tasks = by_key(state.tasks, "task_key")
        self.payloads = state.payloads_of(keys)
        self.mark = campaign_mark(state)
        self.lost = _lost(state)
        self.problems: list[str] = []
        self.rows: list[Row] = []
        self.count: Counter[str] = Counter()
        self._met: dict[str, csv_and_xlsx.FileRow] = {}
        self._elsewhere: set[str] = set()

    def take(self, line: csv_and_xlsx.FileRow) -> None:
        """Read one row and record what is wrong with it."""
        before = len(self.problems)
        if self._belongs_elsewhere(line):
            return
        key = self._word(line, "task_key")
        if key not in self.tasks:
            if not key and not any(_is_filled(line.cells.get(name)) for name in _EVERY):
                self.count["strange"] += 1
            elif len(self.problems) == before:
                cure = "the column task_key must stay as it was exported"
                self.problems.append(f"{line.place}: there is no task {shown(key, 100)}; {cure}")
            return
        stage = self.tasks[key]["stage"]
        names = ("query", *page_of(stage).sheet.columns_of(self.payloads[key]))
        if not any(_is_filled(line.cells.get(name)) for name in names):
            self.count["empty"] += 1
            return
        filled = {name: self._word(line, name) for name in names}
        self._look(line, key, [name for name in names if filled[name]])
        if len(self.problems) == before:
            self._read(line, key, filled)

    def _look(self, line: csv_and_xlsx.FileRow, key: str, filled: Sequence[str]) -> None:
        """Check that the row is what was exported, and the only one on its task."""
        if line.hidden:
            self.problems.append(f"{line.place}: {line.hidden} and holds filled-in work; show it, or empty it")
        self.problems += [
            f"{line.at(name)}: the column {name} is hidden and holds filled-in work; show it, or empty it"
            for name in filled
            if name in line.hidden_columns
        ]
        first = self._met.setdefault(key, line)
        if first.place != line.place:
            same = first.source == line.source
            other = f"in {first.spot} already" if same else f"at {first.place} already"
            self.problems.append(f"{line.place}: task {key} stands {other}; keep one of the two")
        given = _plain_word(line.cells.get("revision"))
        if given and given != revision_mark(self.tasks[key], self.payloads[key]):
            self.problems.append(
                f"{line.place}: task {key} shows something else here than when this file was written "
                f"(revision {shown(given, 40)}); export the work again"
            )

    def _read(self, line: csv_and_xlsx.FileRow, key: str, filled: Mapping[str, str]) -> None:
        task = self.tasks[key]
        result, wrong = _result(task["stage"], filled, self.payloads[key])
        self.problems += [f"{line.place}: {problem}" for problem in wrong]
        if wrong:
            return
        if (row := _annotation(self.state, key, task, result, self.lost)) is None:
            self.count["unchanged"] += 1
            return
        self.rows.append(row)
        if task["closed"]:
            self.count["closed"] += 1

    def _belongs_elsewhere(self, line: csv_and_xlsx.FileRow) -> bool:
        """Whether another campaign exported a row; reported once a file and campaign."""
        given = _plain_word(line.cells.get("campaign"))
        if not given or given == self.mark:
            return False
        if given not in self._elsewhere:
            self._elsewhere.add(given)
            self.problems.append(
                f"{line.place}: this work was exported from the campaign {shown(given, 60)}, and this one is "
                f"{self.mark!r}; take it in there: belebele import THAT_CAMPAIGN FILE"
            )
        return True

    def _word(self, line: csv_and_xlsx.FileRow, column: str) -> str:
        value = line.cells.get(column)
        if isinstance(value, csv_and_xlsx.Changed):
            self.problems.append(
                f"{line.at(column)}: {column} is {value}, which is not what was typed; "
                "format the cell as text and type it again"
            )
        elif value is not None and (isinstance(value, bool) or not isinstance(value, str | int | float)):
            self.problems.append(f"{line.at(column)}: {column} is {shown(value)}; write it as a text")
        return _plain_word(value)


def _plain_word(value: object) -> str:
    if value is None or value != value:
        return ""
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip()


def _is_filled(value: object) -> bool:
    return bool(_plain_word(value))


def _annotation(
    state: State,
    key: str,
    task: Mapping[str, Any],
    result: Sequence[Mapping[str, Any]],
    lost_files: Mapping[tuple[str, str], Mapping[str, datetime]],
) -> Row | None:
    """Return the event, or None when it repeats what the last file said of this task."""
    content = json.dumps(result, ensure_ascii=False, sort_keys=True)
    known = state.annotations
    earlier = in_order(known[(known["server"] == "file") & (known["task_key"] == key)])
    mark = tables.digest(key, content)[:16]
    if len(earlier) and earlier.iloc[-1]["annotation_id"] == mark:
        return None

    def event(kind: str, at: datetime) -> Row:
        return {**facts, "kind": kind, "created_at": at, "updated_at": at}

    facts: Row = {
        "task_key": key,
        "stage": task["stage"],
        "language": task["language"],
        "server": "file",
        "workbench": state.campaign.workbench_title(task["stage"], task["language"], task["person"]),
        "annotation_id": mark,
        "account": "",
        "seconds": None,
        "result": content,
    }
    for lost, at in lost_files.get((task["question_id"], task["language"]), {}).items():
        for kind in ("submitted", "edited"):
            if tables.ANNOTATIONS.event_id(event(kind, at)) == lost:
                return event(kind, at)  # the very submission that the ledger lost
    return event("edited" if len(earlier) else "submitted", datetime.now(UTC))


def _lost(state: State) -> dict[tuple[str, str], dict[str, datetime]]:
    """Return when the ledger's lost submissions came, from what was made of them: by item, then event_id."""
    if tables.ANNOTATIONS.name not in set(state.events(GivenUp)["subject"]):
        return {}
    there = set(state.annotations["event_id"])
    verdicts = state.ledger.read(
        tables.VERDICTS, ["subject", "language", "origin", "judged_at"], pc.field("judge") != "check"
    )
    found: dict[tuple[str, str], dict[str, datetime]] = {}
    for frame, columns in (
        (state.questions, ("question_id", "language", "annotation", "submitted_at")),
        (state.translations, ("question_id", "language", "annotation", "submitted_at")),
        (verdicts, ("subject", "language", "origin", "judged_at")),
    ):
        for subject, language, event, at in zip(*(frame[name] for name in columns), strict=True):
            if event not in there:
                found.setdefault((subject, language), {})[event] = at.to_pydatetime()
    return found


def _result(
    stage: Stage, filled: Mapping[str, str], payload: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the result that the page would have given for these cells, and what is wrong with them."""
    page, cells = page_of(stage), Cells({name: word for name, word in filled.items() if name != "query"})
    fields = page.sheet.fields(cells, payload) if any(cells.words.values()) else {}
    result = page.result(fields, payload, filled["query"])
    return result, cells.problems or list(page.read(result, payload).problems)
