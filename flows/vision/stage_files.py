"""Stages of training as their user writes them: a TOML file with a `[[stage]]` for each."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.errors import UsageError
from qc.models.vision.design import PARTS
from qc.models.vision.training.stages import TASKS, Stage

_NUMBERS = {"number": 0, "side": 1, "steps": 1, "batch": 1, "warm": 0}  # whole, and the least of each
_RATES = ("rate", "lowest")
_KEYS = ("number", "trains", "side", "mixture", "steps", "batch", "rate", "lowest", "warm")


def read_stages(file: str) -> tuple[Stage, ...]:
    """Return the stages of a file, in its order.

    Args:
        file: TOML; the keys of a `[[stage]]` are the attributes of `qc.models.vision.training.stages.Stage`.

    Raises:
        UsageError: it cannot be read; names file, stage, key and value.
    """
    try:
        content = tomllib.loads(Path(file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    tables = content.get("stage")
    if content.keys() != {"stage"} or not isinstance(tables, list) or not tables:
        raise UsageError(f"{file}: wants a table [[stage]] for each stage, and nothing beside them")
    return tuple(_stage(table, f"{file}: stage {count}") for count, table in enumerate(tables, start=1))


def _stage(table: Mapping[str, Any], place: str) -> Stage:
    """Return a table as a stage."""
    if lacking := [key for key in _KEYS if key not in table]:
        raise UsageError(f"{place}: lacks {', '.join(lacking)}")
    if strange := [key for key in table if key not in _KEYS]:
        raise UsageError(f"{place}: {strange[0]} is no key of a stage; there are {', '.join(_KEYS)}")
    for key, least in _NUMBERS.items():
        if type(table[key]) is not int or table[key] < least:
            raise UsageError(f"{place}: {key} = {table[key]!r} is no whole number from {least} upwards")
    for key in _RATES:
        if type(table[key]) not in (int, float) or not 0 < table[key] < 1:
            raise UsageError(f"{place}: {key} = {table[key]!r} is no number between 0 and 1")
    if not isinstance(table["trains"], list) or not table["trains"] or not {*table["trains"]} <= {*PARTS}:
        raise UsageError(f"{place}: trains = {table['trains']!r} is no list of parts: {', '.join(PARTS)}")
    mixture = table["mixture"]
    if not isinstance(mixture, dict) or not mixture or not {*mixture} <= {*TASKS}:
        raise UsageError(f"{place}: mixture = {mixture!r} gives no share to any of {', '.join(TASKS)}")
    for task, share in mixture.items():
        if type(share) not in (int, float) or not 0 < share < float("inf"):
            raise UsageError(f"{place}: mixture.{task} = {share!r} is no share above 0")
    return Stage(**{**table, "trains": frozenset(table["trains"])})
