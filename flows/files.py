"""Tables and work as files: what the ledger holds for other programs, work for people with tools of their own.

Work that was filled in offline goes through the very reading that the servers' work goes through: each filled-in
line becomes the result that the page would have given, is read back, and every mistake is told with its line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from annotation import adjudicating, authoring, guessing, proofreading, qualifying, reviewing, translating
from data import nouns
from data.errors import ImportRefused, UsageError
from data.nouns import Row, Stage
from flows import sheets
from flows.interpreting import READERS
from flows.state import State, by_key, in_order

FILL: Mapping[Stage, tuple[str, ...]] = {
    "qualifying": (),  # as many as the task's quiz has questions
    "authoring": ("question", "answer1", "answer2", "answer3", "answer4", "key",
                  "note1", "note2", "note3", "note4", "translator_note", "evidence"),
    "guessing": ("choice", "why", "comment"),
    "answering": ("choice", "sure", "comment"),
    "judging": (*(f"rubric_{name}" for name in reviewing.CRITERIA), "recommend", "comment"),
    "adjudicating": ("decision", "right", "reason"),
    "translating": ("question", "answer1", "answer2", "answer3", "answer4"),
    "proofreading": ("outcome", "question", "answer1", "answer2", "answer3", "answer4",
                     "errors", "comment"),
}  # fmt: skip
"""The columns that a person fills in, by stage; `query` besides, in every stage."""


def _columns(stage: Stage, payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The columns that a person fills in for a task."""
    return qualifying.choices(payload) if stage == "qualifying" else FILL[stage]


def export_table(state: State, table: str, out: str, *, plants: bool = False) -> int:
    """Write a table of the ledger to a parquet, CSV, JSON-lines or XLSX file; returns how many lines.

    What is about planted faults is left out, lest somebody count it for real work, unless `plants` is set.
    """
    if table not in nouns.TABLES:
        raise UsageError(f"there is no table {table!r}; the ledger has {', '.join(nouns.TABLES)}")
    frame = state.ledger.read(nouns.TABLES[table])
    if not plants:
        frame = _without_plants(state, frame)
    sheets.write(frame, Path(out))
    return len(frame)


def _without_plants(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    about = {*state.planted, *state.plant_of}
    events = state.annotations["event_id"][state.annotations["task_key"].isin(list(state.plant_of))]
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
    columns = (mine[name] for name in ("task_key", "stage", "language", "passage_id"))
    for key, stage, language, passage in zip(*columns, strict=True):
        shown = {"notices": [], **payloads[key]} | {"notices": state.notices(passage, stage)}  # first, to be seen
        empty = dict.fromkeys(("query", *_columns(stage, payloads[key])), "")
        lines.append({"task_key": key, "stage": stage, "language": language, **dict(_shown(shown)), **empty})
    sheets.write(pd.DataFrame(lines).fillna(""), Path(out))
    return len(lines)


def _shown(payload: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a task shows, as columns of text; without what would only puzzle."""
    for name, value in payload.items():
        if name == "keys":
            yield "shown_key", "".join(one["value"] for one in value if one["selected"])
        elif name == "options":
            yield (
                "shown_options",
                "\n".join(f"{a}. {text}" for a, text in zip(reviewing.LETTERS, value, strict=True)),
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


def import_work(state: State, file: str) -> int:
    """Take in filled-in work; returns how many pieces.

    Lines without anything filled in are left for later. The same file may be taken in twice.

    Raises:
        ImportRefused: a line cannot be read or is not valid work; every one is listed, and nothing is taken in.
    """
    lines = sheets.read(Path(file))
    tasks = by_key(state.tasks, "task_key")
    payloads = state.payloads_of({str(line.get("task_key") or "") for _, line in lines})
    problems: list[str] = []
    rows: list[Row] = []
    met: dict[str, int] = {}
    for number, line in lines:
        key = str(line.get("task_key") or "")
        where = f"{file}, line {number}"
        if key not in tasks:
            problems.append(f"{where}: there is no task {key!r}; the column task_key must stay as it was exported")
            continue
        columns = ("query", *_columns(tasks[key]["stage"], payloads[key]))
        filled = {name: _word(line.get(name)) for name in columns}
        if not any(filled.values()):
            continue
        if key in met:
            problems.append(f"{where}: task {key} stands in line {met[key]} already; keep one of the two")
            continue
        met[key] = number
        result, wrong = _result(tasks[key]["stage"], filled, payloads[key])
        problems += [f"{where}: {problem}" for problem in wrong]
        if not wrong and (row := _annotation(state, key, tasks[key], result)):
            rows.append(row)
    if problems:
        raise ImportRefused(f"{file} was not taken in", problems)
    return state.ledger.append(nouns.ANNOTATIONS, rows)


def _word(value: object) -> str:
    return "" if value is None else str(value).strip()


def _annotation(
    state: State, key: str, task: Mapping[str, Any], result: Sequence[Mapping[str, Any]]
) -> Row | None:
    """The event, or None when it is what the last file said of this task."""
    content = json.dumps(result, ensure_ascii=False, sort_keys=True)
    known = state.annotations
    earlier = in_order(known[(known["server"] == "file") & (known["task_key"] == key)])
    mark = nouns.digest(key, content)[:16]
    if len(earlier) and earlier.iloc[-1]["annotation_id"] == mark:
        return None
    now = datetime.now(UTC)
    return {
        "task_key": key,
        "stage": task["stage"],
        "language": task["language"],
        "server": "file",
        "workbench": state.campaign.workbench_title(task["stage"], task["language"], task["person"]),
        "annotation_id": mark,
        "account": "",
        "kind": "edited" if len(earlier) else "submitted",
        "created_at": now,
        "updated_at": now,
        "seconds": None,
        "result": content,
    }


def _result(
    stage: Stage, filled: Mapping[str, str], payload: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], list[str]]:
    """What the page would have given for these words, and what is wrong with them."""
    work = {name: word for name, word in filled.items() if name != "query"}
    problems: list[str] = []
    fields = _fields(stage, work, payload, problems) if any(work.values()) else {}
    result = RESULTS[stage](fields, payload, filled["query"])
    return result, problems or list(READERS[stage](result, payload).problems)


def _fields(
    stage: Stage, work: Mapping[str, str], payload: Mapping[str, Any], problems: list[str]
) -> dict[str, Any]:
    def chosen(column: str, meaning: Mapping[str, Any]) -> Any:
        word = work[column].casefold().removesuffix(".0")  # as spreadsheets may write a whole number
        if word and word not in meaning:
            problems.append(f"{column} cannot be {work[column]!r}: write one of {', '.join(meaning)}")
        return meaning.get(word)

    def listed(column: str, known: Sequence[str]) -> list[str]:
        """The words of a cell that holds several, parted by commas, semicolons or line ends."""
        cells = [cell.strip().casefold().removesuffix(".0") for cell in re.split(r"[,;\n]", work[column])]
        given = [cell for cell in cells if cell]
        strange = [cell for cell in given if cell not in known]
        problems.extend(f"{column} cannot be {cell!r}: {_LISTED[column]}" for cell in strange)
        return [cell for cell in given if cell in known]

    item = {"question": work.get("question", ""), "answers": [work.get(f"answer{n}", "") for n in range(1, 5)]}
    match stage:
        case "authoring":
            notes = [work[f"note{n}"] for n in range(1, 5)]
            key = chosen("key", {str(n): n for n in range(1, 5)}) or 0
            evidence = [int(number) for number in listed("evidence", [str(n) for n in range(1, 100)])]
            return {
                **item, "key": key, "notes": notes, "evidence": evidence,
                "translator_note": work["translator_note"],
            }  # fmt: skip
        case "qualifying":
            letters = {letter.casefold(): at for at, letter in enumerate(reviewing.LETTERS)}
            chosen_at = {column: chosen(column, letters) for column in qualifying.choices(payload)}
            asked = zip(payload["quiz"], chosen_at, strict=True)
            return {
                "chosen": {one["name"]: one["order"][at] for one, c in asked if (at := chosen_at[c]) is not None}
            }
        case "guessing":
            choice, why = chosen("choice", _letters(payload)), chosen("why", {word: word for word in guessing.WHY})
            return {"choice": choice, "why": why or "", "comment": work["comment"]}
        case "answering":
            choice = chosen("choice", {**_letters(payload), "none": 0})
            return {"choice": choice, "sure": chosen("sure", _YES_OR_NO), "comment": work["comment"]}
        case "judging":
            said = {name: chosen(f"rubric_{name}", _YES_OR_NO) for name in reviewing.CRITERIA}
            rubric = {name: fulfilled for name, fulfilled in said.items() if fulfilled is not None}
            recommend = chosen("recommend", {word: word for word in ("keep", "revise", "drop")}) or ""
            return {"rubric": rubric, "recommend": recommend, "comment": work["comment"]}
        case "adjudicating":
            decision = chosen("decision", {word: word for word in ("keep", "revise", "drop")}) or ""
            right = chosen("right", {**{str(n): n for n in range(1, 5)}, "none": 0})
            return {"decision": decision, "right": right, "reason": work["reason"]}
        case "translating":
            return item
        case "proofreading":
            outcome = chosen("outcome", {word: word for word in ("accept", "corrected", "return")}) or ""
            known = [f"{name}/{how}" for name in proofreading.CATEGORIES for how in proofreading.SEVERITIES]
            return {**item, "outcome": outcome, "errors": listed("errors", known), "comment": work["comment"]}


def _letters(payload: Mapping[str, Any]) -> dict[str, int]:
    """The letters of a blind task's options, as the identities that they stand for."""
    return {letter.casefold(): n for letter, n in zip(reviewing.LETTERS, payload["order"], strict=True)}


_LISTED = {
    "evidence": "write the numbers of the sentences that settle the question, as 2, 3",
    "errors": f"write what was wrong and how serious it is, as mistranslation/major, style/minor; kinds: "
    f"{', '.join(proofreading.CATEGORIES)}; severities: {', '.join(proofreading.SEVERITIES)}",
}
"""What is to stand in a cell that holds several words."""

_YES_OR_NO = {"yes": True, "no": False}

RESULTS: Mapping[Stage, Callable[[Mapping[str, Any], Mapping[str, Any], str], list[dict[str, Any]]]] = {
    "qualifying": lambda fields, payload, query: qualifying.result(
        **{"chosen": {}, **fields}, payload=payload, query=query
    ),
    "authoring": lambda fields, _, query: authoring.result(**fields, query=query),
    "guessing": lambda fields, payload, query: guessing.result(**fields, payload=payload, query=query),
    "answering": lambda fields, payload, query: reviewing.answer_result(**fields, payload=payload, query=query),
    "judging": lambda fields, _, query: reviewing.judge_result(**fields, query=query),
    "adjudicating": lambda fields, _, query: adjudicating.result(**fields, query=query),
    "translating": lambda fields, _, query: translating.result(**fields, query=query),
    "proofreading": lambda fields, _, query: proofreading.result(**fields, query=query),
}
"""The result that a page would give for a stage's fields, by stage: fields, what the task shows, the query."""
