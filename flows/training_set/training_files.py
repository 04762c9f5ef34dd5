"""The files of a training set: the items as parquet and JSON lines, what was left out, and the report as data."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.release.item_columns import COLUMNS as RELEASED
from flows.training_set.training_items import REASONS, LeftOut, SourceSet, TrainingItem

FORMAT = "belebele-assembled/1"
"""The schema of report.json."""

COLUMNS: tuple[tuple[str, str], ...] = (
    *((name, about) for name, about in RELEASED if name != "ds"),
    ("ds", "the date that was given, a string; empty if none was"),
    ("source", "the set that it comes from"),
    ("source_id", "its id there"),
    ("licence", "that set's licence, or `unknown`"),
    ("drawn_options", "how many of its options were left out, by lot"),
    ("filled_options", "how many of its four options come from other questions on the passage"),
)
"""The columns of a training set: the release's, then where an item comes from and what was done to it."""

_NUMBERS = ("question_number", "drawn_options", "filled_options")
_SCHEMA = pa.schema([(name, pa.int64() if name in _NUMBERS else pa.string()) for name, _ in COLUMNS])


def rows(items: Sequence[TrainingItem], date: str) -> list[dict[str, Any]]:
    """Return the lines of a training set; questions on one passage are numbered from 1, in their order."""
    numbers: Counter[str] = Counter()
    made = []
    for item in items:
        numbers[item.group] += 1
        made.append(
            {
                "item_id": item.item_id,
                "link": f"{item.home or item.source}#{item.group}",
                "question_number": numbers[item.group],
                "flores_passage": item.passage,
                "question": item.question,
                **{f"mc_answer{place}": text for place, text in enumerate(item.options, start=1)},
                "correct_answer_num": str(item.key + 1),
                "dialect": item.language,
                "ds": date,
                "source": item.source,
                "source_id": item.source_id,
                "licence": item.licence,
                "drawn_options": item.drawn,
                "filled_options": item.filled,
            }
        )
    return made


def parquet(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the lines as a parquet file whose bytes depend on the lines alone."""
    table = pa.table({name: pa.array([line[name] for line in lines], _SCHEMA.field(name).type) for name in
                      _SCHEMA.names}, _SCHEMA)  # fmt: skip
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, version="2.6", compression="zstd", store_schema=False)
    return bytes(sink.getvalue())


def json_lines(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the lines as JSON lines."""
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def left_out(left: Sequence[LeftOut]) -> bytes:
    """Return what was left out, one JSON object an item."""
    return json_lines([asdict(one) for one in left])


def report(
    sets: Sequence[SourceSet],
    items: Sequence[TrainingItem],
    left: Sequence[LeftOut],
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the report as data: for each set what was read, taken and left out, and under which licence.

    Args:
        sets: the sets.
        items: the training set.
        left: what was left out.
        asked: the rules, and what the texts were compared with.
    """
    names = dict.fromkeys(one.name for one in sets)
    taken = Counter(item.source for item in items)
    why = {name: Counter(one.reason for one in left if one.source == name) for name in names}
    about = []
    for name in names:
        held = [one for one in sets if one.name == name]
        mine = [item for item in items if item.source == name]
        read = sum(len(one.read.items) for one in held)
        about.append(
            {
                "source": name,
                "paths": sorted(one.path for one in held),
                "home": held[0].home,
                "licence": held[0].licence,
                "languages": sorted({item.language for item in mine}),
                "described": sorted({line for one in held for line in one.read.described}),
                "read": read + why[name]["unreadable"],
                "taken": taken[name],
                "passages": len({item.group for item in mine}),
                "drawn": sum(item.drawn > 0 for item in mine),
                "filled": sum(item.filled > 0 for item in mine),
                "keys": [sum(item.key == place for item in mine) for place in range(4)],
                "left_out": {reason: why[name][reason] for reason in REASONS if why[name][reason]},
            }
        )
    return {
        "format": FORMAT,
        "asked": dict(asked),
        "read": sum(one["read"] for one in about),
        "taken": len(items),
        "left_out": len(left),
        "sources": about,
        "reasons": dict(REASONS),
        "columns": [{"name": name, "about": words} for name, words in COLUMNS],
    }
