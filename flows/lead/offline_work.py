"""Tables and work as files: what the ledger holds for other programs, work for people with tools of their own.

Work that was filled in offline goes through the very reading that the servers' work goes through: each filled-in
line becomes the result that the page would have given, is read back, and every mistake is told with its line.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from annotation.forms import option_letters
from annotation.forms.sheet import Cells
from annotation.stages import PAGES, page_of
from data.errors import ImportRefused, UsageError
from data.intake import listed, shown
from data.ledger import tables
from data.ledger.events import GivenUp
from data.ledger.tables import Row, Stage
from flows.lead import spreadsheets
from flows.readings.lead_queries import notices_on
from flows.readings.posed_copies import plants_by_id, plants_of_tasks
from flows.state import State, by_key, in_order

_EVERY = ("query", *dict.fromkeys(name for page in PAGES for name in page.sheet.columns))


def export_table(state: State, table: str, out: str, *, plants: bool = False) -> int:
    """Write a table of the ledger to a parquet, CSV, JSON-lines or XLSX file; returns how many lines.

    What is about planted faults is left out, lest somebody count it for real work, unless `plants` is set.
    """
    if table not in tables.TABLES:
        raise UsageError(f"there is no table {table!r}; the ledger has {', '.join(tables.TABLES)}")
    frame = state.ledger.read(tables.TABLES[table])
    if not plants:
        frame = _without_plants(state, frame)
    spreadsheets.write(frame, Path(out))
    return len(frame)


def _without_plants(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    about = {*plants_by_id(state), *plants_of_tasks(state)}
    events = state.annotations["event_id"][state.annotations["task_key"].isin(list(plants_of_tasks(state)))]
    about |= set(events)
    columns = [name for name in ("question_id", "subject", "task_key") if name in frame]
    mine = frame[columns].isin(list(about)).any(axis=1) if columns else pd.Series(False, index=frame.index)
    return frame[~mine & (frame["kind"] != "not_planted" if "kind" in frame else True)]


def export_work(state: State, person: str, out: str) -> int:
    """Write a person's open work, one line a task, with empty columns to be filled in; returns how many lines."""
    code = state.campaign.person(person).code
    mine = state.tasks[state.tasks["open"] & (state.tasks["person"] == code)]
    if mine.empty:
        raise UsageError(f"{code} has no open work; belebele status shows who has")
    payloads = state.payloads_of(set(mine["task_key"]))
    lines = []
    mark, tasks = _mark(state), by_key(mine, "task_key")
    columns = (mine[name] for name in ("task_key", "stage", "language", "passage_id"))
    for key, stage, language, passage in zip(*columns, strict=True):
        visible = {"notices": [], **payloads[key]} | {
            "notices": notices_on(state, passage, stage)
        }  # first, to be seen
        empty = dict.fromkeys(("query", *page_of(stage).sheet.columns_of(payloads[key])), "")
        facts = {"task_key": key, "stage": stage, "language": language}
        facts |= {"campaign": mark, "revision": _revision(tasks[key], payloads[key])}
        lines.append({**facts, **dict(_shown(visible)), **empty})
    spreadsheets.write(pd.DataFrame(lines).fillna("").astype(str), Path(out))
    return len(lines)


def _mark(state: State) -> str:
    """What a file of work says of its campaign: its name and which ledger, since a pilot may bear the name too."""
    return f"{state.campaign.id}/{state.ledger.identity(tables.EVENTS)[:12]}"


def _revision(task: Mapping[str, Any], payload: Mapping[str, Any]) -> str:
    """What a line of work says of its task: the revision that is worked on, and a digest of what it shows."""
    return f"{int(task['revision'])}-{tables.digest(payload)[:8]}"


def _shown(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a task shows, as columns of text; without what would only puzzle."""
    for name, value in payload.items():
        if name == "keys":
            yield "shown_key", "".join(one["value"] for one in value if one["selected"])
        elif name == "options":
            yield (
                "shown_options",
                "\n".join(f"{a}. {text}" for a, text in zip(option_letters.LETTERS, value, strict=True)),
            )
        elif name == "changes":
            yield "shown_changes", "".join(map(_change, value)).strip()
        elif name not in ("order", "quiz", "quiz_number"):
            yield f"shown_{name}", _flat(value)


def _change(part: Mapping[str, str]) -> str:
    """A piece of a changed text: what is gone stands in [-…-], what is new in [+…+]."""
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


@dataclass(frozen=True)
class Imported:
    """What came of files of filled-in work, by lines.

    Attributes:
        pieces: taken in.
        closed: of these, on work that is not open any more.
        unchanged: as they were taken in before.
        empty: not filled in so far.
        strange: without anything that is exported; notes of somebody's own, say.
    """

    pieces: int = 0
    closed: int = 0
    unchanged: int = 0
    empty: int = 0
    strange: int = 0

    def __str__(self) -> str:
        pieces = f"{self.pieces} {'piece' if self.pieces == 1 else 'pieces'} of work taken in"
        told = {
            "on work that is not open any more": self.closed,
            "as they were taken in before": self.unchanged,
            "not filled in": self.empty,
            "without a task": self.strange,
        }
        why = ", ".join(f"{n} {'line' if n == 1 else 'lines'} {words}" for words, n in told.items() if n)
        return f"{pieces}; {why}" if why else f"{pieces}{'' if self.pieces else ': there is no line in it'}"


def import_work(state: State, *files: str) -> Imported:
    """Take in filled-in work; files of one command count as one.

    Lines without anything filled in are left for later. The same file may be taken in twice.

    Raises:
        ImportRefused: a line cannot be read, is not valid work, belongs elsewhere or stands there twice; every one
            is listed, and nothing is taken in.
    """
    lines = [line for file in dict.fromkeys(files) for line in _lines(file)]
    taking = _Taking(state, {_plain_word(line.cells.get("task_key")) for line in lines})
    for line in lines:
        taking.take(line)
    if taking.problems:
        raise ImportRefused(f"{', '.join(files)} was not taken in", taking.problems)
    pieces = state.ledger.append(tables.ANNOTATIONS, taking.rows)
    return Imported(pieces, **taking.count)


def _lines(file: str) -> list[spreadsheets.Line]:
    lines = spreadsheets.read(Path(file))
    if lines and not any("task_key" in line.cells or "task_key" in line.spots for line in lines):
        there = dict.fromkeys(name for line in lines for name in line.spots or line.cells)
        problem = (
            f"there is no column task_key; it has {listed(there)}: give a file as belebele export --work writes it"
        )
        raise ImportRefused(f"{file} was not taken in", [problem])
    return lines


class _Taking:
    """Lines of filled-in work on their way into the ledger."""

    def __init__(self, state: State, keys: set[str]) -> None:
        self.state = state
        self.tasks = by_key(state.tasks, "task_key")
        self.payloads = state.payloads_of(keys)
        self.mark = _mark(state)
        self.lost = _lost(state)
        self.problems: list[str] = []
        self.rows: list[Row] = []
        self.count: Counter[str] = Counter()
        self._met: dict[str, spreadsheets.Line] = {}
        self._elsewhere: set[str] = set()

    def take(self, line: spreadsheets.Line) -> None:
        """One line; what is wrong with it is noted."""
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

    def _look(self, line: spreadsheets.Line, key: str, filled: Sequence[str]) -> None:
        """Whether the line is what was exported, and the only one that says something of its task."""
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
            told = f"in {first.spot} already" if same else f"at {first.place} already"
            self.problems.append(f"{line.place}: task {key} stands {told}; keep one of the two")
        given = _plain_word(line.cells.get("revision"))
        if given and given != _revision(self.tasks[key], self.payloads[key]):
            self.problems.append(
                f"{line.place}: task {key} shows something else here than when this file was written "
                f"(revision {shown(given, 40)}); export the work again"
            )

    def _read(self, line: spreadsheets.Line, key: str, filled: Mapping[str, str]) -> None:
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

    def _belongs_elsewhere(self, line: spreadsheets.Line) -> bool:
        """Whether a line was exported by another campaign; told once a file and campaign."""
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

    def _word(self, line: spreadsheets.Line, column: str) -> str:
        value = line.cells.get(column)
        if isinstance(value, spreadsheets.Changed):
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
    """The event, or None when it is what the last file said of this task."""
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
    """When submissions that the ledger lost came, as what was made of them tells: by item, then by event_id."""
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
    """What the page would have given for these words, and what is wrong with them."""
    page, cells = page_of(stage), Cells({name: word for name, word in filled.items() if name != "query"})
    fields = page.sheet.fields(cells, payload) if any(cells.words.values()) else {}
    result = page.result(fields, payload, filled["query"])
    return result, cells.problems or list(page.read(result, payload).problems)
