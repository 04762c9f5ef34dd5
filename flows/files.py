"""Tables and work as files: what the ledger holds for other programs, work for people with tools of their own.

Work that was filled in offline goes through the very reading that the servers' work goes through: each filled-in
line becomes the result that the page would have given, is read back, and every mistake is told with its line.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from annotation import authoring, proofreading, reviewing, translating
from data import nouns
from data.errors import ImportRefused, UsageError
from data.ledger import Ledger
from data.nouns import Row, Stage
from flows.interpreting import READERS
from flows.state import State, by_key

FILL: Mapping[Stage, tuple[str, ...]] = {
    "authoring": ("question", "answer1", "answer2", "answer3", "answer4", "key",
                  "note1", "note2", "note3", "note4", "translator_note"),
    "answering": ("choice", "sure", "comment"),
    "judging": (*(f"rubric_{name}" for name in reviewing.CRITERIA), "recommend", "comment"),
    "translating": ("question", "answer1", "answer2", "answer3", "answer4"),
    "proofreading": ("outcome", "question", "answer1", "answer2", "answer3", "answer4", "comment"),
}  # fmt: skip
"""The columns that a person fills in, by stage; `query` besides, in every stage."""

_HEAD = ("task_key", "stage", "language", "reason")


def export_table(ledger: Ledger, table: str, out: str) -> int:
    """Write a table of the ledger to a parquet, CSV, JSON-lines or XLSX file; returns how many lines."""
    if table not in nouns.TABLES:
        raise UsageError(f"there is no table {table!r}; the ledger has {', '.join(nouns.TABLES)}")
    frame = ledger.read(nouns.TABLES[table])
    _write(frame, Path(out))
    return len(frame)


def export_work(state: State, person: str, out: str) -> int:
    """Write a person's open work, one line a task, with empty columns to be filled in; returns how many lines."""
    code = state.campaign.person(person).code
    mine = state.tasks[state.tasks["open"] & (state.tasks["person"] == code)]
    if mine.empty:
        raise UsageError(f"{code} has no open work; belebele status shows who has")
    payloads = state.payloads_of(set(mine["task_key"]))
    lines = []
    for key, stage, language in zip(mine["task_key"], mine["stage"], mine["language"], strict=True):
        shown = {name: _flat(value) for name, value in payloads[key].items()}
        empty = dict.fromkeys(("query", *FILL[stage]), "")
        lines.append(
            {"task_key": key, "stage": stage, "language": language,
             **{f"shown_{name}": value for name, value in shown.items()}, **empty}
        )  # fmt: skip
    _write(pd.DataFrame(lines).fillna(""), Path(out))
    return len(lines)


def import_work(state: State, file: str) -> int:
    """Take in filled-in work; returns how many pieces.

    Lines without anything filled in are left for later. The same file may be taken in twice.

    Raises:
        ImportRefused: a line cannot be read or is not valid work; every one is listed, and nothing is taken in.
    """
    lines = _read(Path(file))
    tasks = by_key(state.tasks, "task_key")
    payloads = state.payloads_of({str(line.get("task_key", "")) for _, line in lines})
    problems: list[str] = []
    rows: list[Row] = []
    for number, line in lines:
        key = str(line.get("task_key", ""))
        where = f"{file}, line {number}"
        if key not in tasks:
            problems.append(f"{where}: there is no task {key!r}; the column task_key must stay as it was exported")
            continue
        task = tasks[key]
        filled = {name: str(line.get(name) or "").strip() for name in ("query", *FILL[task["stage"]])}
        if not any(filled.values()):
            continue
        payload = payloads[key]
        try:
            result = _result(task["stage"], filled, payload)
        except ValueError as error:
            problems.append(f"{where}: {error}")
            continue
        reading = READERS[task["stage"]](result, payload)
        problems += [f"{where}: {problem}" for problem in reading.problems]
        rows.append(_annotation(state, key, task, result))
    if problems:
        raise ImportRefused(f"{file} was not taken in", problems)
    known = set(state.annotations["event_id"])
    new = [row for row in rows if nouns.ANNOTATIONS.event_id(row) not in known]
    return state.ledger.append(nouns.ANNOTATIONS, new)


def _annotation(state: State, key: str, task: Mapping[str, Any], result: Sequence[Mapping[str, Any]]) -> Row:
    content = json.dumps(result, ensure_ascii=False, sort_keys=True)
    earlier = state.annotations[
        (state.annotations["server"] == "file") & (state.annotations["task_key"] == key)
    ].sort_values("updated_at")
    same = earlier[earlier["annotation_id"] == nouns.digest(key, content)[:16]]
    now = same.iloc[0]["updated_at"] if len(same) else datetime.now(UTC)
    return {
        "task_key": key,
        "stage": task["stage"],
        "language": task["language"],
        "server": "file",
        "workbench": state.campaign.workbench_title(task["stage"], task["language"], task["person"]),
        "annotation_id": nouns.digest(key, content)[:16],
        "account": "",
        "kind": "submitted",
        "created_at": now,
        "updated_at": now,
        "seconds": None,
        "result": content,
    }


def _result(stage: Stage, filled: Mapping[str, str], payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the page would have given for these words.

    Raises:
        ValueError: a word that the page does not offer.
    """
    work = {name: word for name, word in filled.items() if name != "query"}
    fields = _fields(stage, work) if any(work.values()) else {}
    return RESULTS[stage](fields, payload, filled["query"])


def _fields(stage: Stage, work: Mapping[str, str]) -> dict[str, Any]:
    item = {"question": work.get("question", ""), "answers": [work.get(f"answer{n}", "") for n in range(1, 5)]}
    match stage:
        case "authoring":
            notes = [work[f"note{n}"] for n in range(1, 5)]
            key = _number(work["key"], "key", 1, 4)
            return {**item, "key": key, "notes": notes, "translator_note": work["translator_note"]}
        case "answering":
            sure = _yes(work["sure"] or "yes", "sure")
            return {"choice": _number(work["choice"], "choice", 0, 4), "sure": sure, "comment": work["comment"]}
        case "judging":
            rubric = {name: _yes(work[f"rubric_{name}"], f"rubric_{name}") for name in reviewing.CRITERIA}
            return {"rubric": rubric, "recommend": work["recommend"], "comment": work["comment"]}
        case "translating":
            return item
        case "proofreading":
            return {**item, "outcome": work["outcome"], "comment": work["comment"]}


RESULTS: Mapping[Stage, Callable[[Mapping[str, Any], Mapping[str, Any], str], list[dict[str, Any]]]] = {
    "authoring": lambda fields, _, query: authoring.result(**fields, query=query),
    "answering": lambda fields, payload, query: reviewing.answer_result(**fields, payload=payload, query=query),
    "judging": lambda fields, _, query: reviewing.judge_result(**fields, query=query),
    "translating": lambda fields, _, query: translating.result(**fields, query=query),
    "proofreading": lambda fields, _, query: proofreading.result(**fields, query=query),
}
"""The result that a page would give for a stage's fields, by stage: fields, what the task shows, the query."""


def _number(word: str, column: str, low: int, high: int) -> int:
    if not word:
        return 0
    try:
        number = int(float(word))
    except ValueError:
        number = -1
    if not low <= number <= high:
        raise ValueError(f"{column} must be a number from {low} to {high}, not {word!r}")
    return number


def _yes(word: str, column: str) -> bool:
    if word.casefold() in ("yes", "y", "true", "1"):
        return True
    if word.casefold() in ("no", "n", "false", "0"):
        return False
    raise ValueError(f"{column} must be yes or no, not {word!r}")


def _flat(value: object) -> str:
    if isinstance(value, list):
        return "\n".join(str(part) for part in value)
    return "" if value is None else str(value)


def _write(frame: pd.DataFrame, out: Path) -> None:
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}; make it first")
    part = out.with_name(f".{out.name}.part{out.suffix}")
    match out.suffix:
        case ".parquet":
            frame.to_parquet(part, index=False)
        case ".csv":
            frame.to_csv(part, index=False)
        case ".jsonl":
            frame.to_json(part, orient="records", lines=True, force_ascii=False, date_format="iso")
        case ".xlsx":
            plain = frame.copy()
            for column in plain.columns:
                if isinstance(plain[column].dtype, pd.DatetimeTZDtype):
                    plain[column] = plain[column].dt.tz_localize(None)
            plain.map(lambda cell: _flat(cell) if isinstance(cell, list) else cell).to_excel(part, index=False)
        case _:
            raise UsageError(f"{out.name}: the file must end in .parquet, .csv, .jsonl or .xlsx")
    part.replace(out)


def _read(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The lines of a file of work with their numbers."""
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if path.suffix == ".xlsx":
        frame = pd.read_excel(path, dtype=str, keep_default_na=False)
        cells = [{str(name): value for name, value in line.items()} for line in frame.to_dict("records")]
        return list(enumerate(cells, start=2))
    if path.suffix != ".jsonl":
        raise UsageError(f"{path.name}: work comes as .xlsx or .jsonl, as belebele export --work writes it")
    lines, problems = [], []
    for number, text in enumerate(path.read_text("utf-8").splitlines(), start=1):
        try:
            line = json.loads(text)
            if not isinstance(line, dict):
                raise ValueError("a JSON object is wanted")
            lines.append((number, line))
        except ValueError as error:
            problems.append(f"{path}, line {number}: {error}")
    if problems:
        raise ImportRefused(f"{path} was not taken in", problems)
    return lines
