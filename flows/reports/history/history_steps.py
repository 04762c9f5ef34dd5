"""The steps of an item's history: what can happen to an item, and a row of the ledger as such a step."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

FORMAT = "belebele-item-history/1"
"""The schema of the history as data."""

JUDGES = frozenset({"check", "rules", "lead", "selection"})
"""Who judges or decides and is no person."""

StepKind = Literal[
    "passage",
    "handed_out",
    "submitted",
    "closed",
    "question",
    "translation",
    "checked",
    "flagged",
    "judged",
    "finding_answered",
    "decided",
    "selected",
    "left_out",
    "late",
    "late_accepted",
    "rejected",
    "query",
    "reply",
    "planted",
    "baseline",
    "split",
    "reported",
    "withdrawn",
    "told",
]
"""What happened."""


@dataclass(frozen=True)
class Step:
    """One thing that happened.

    Attributes:
        at: when it was recorded.
        sequence: the order of recording; 0 from before it was kept.
        kind: what happened.
        language: the language that it is about; "" for all.
        revision: of what it is about; None if it is about none.
        who: a pseudonym, or one of `JUDGES`; None where nobody in particular.
        stage: the kind of work; None outside of work.
        copy: the kind of copy that it is about; None for the item itself.
        facts: what else is known, by name.
    """

    at: datetime
    sequence: int
    kind: StepKind
    language: str
    revision: int | None = None
    who: str | None = None
    stage: str | None = None
    copy: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemHistory:
    """The history of an item.

    Attributes:
        item_id: the question's id, which is the item's in a release.
        languages: the languages that it is told for, the source language first.
        steps: in the order in which they were recorded.
        standing: where the item stands now in each of the languages.
        pseudonyms: whose secret is behind them.
    """

    item_id: str
    languages: tuple[str, ...]
    steps: tuple[Step, ...]
    standing: Mapping[str, Mapping[str, Any]]
    pseudonyms: str


def step_of(
    row: Mapping[str, Any],
    kind: StepKind,
    language: str,
    revision: object = None,
    who: str | None = None,
    stage: str | None = None,
    copy: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Step:
    """Return a row of the ledger as a step of the given kind."""
    about = None if pd.isna(cast(Any, revision)) else int(cast(Any, revision))
    return Step(
        row["recorded_at"].to_pydatetime(), int(row["sequence"] or 0), kind, language, about, who, stage, copy,
        facts or {},
    )  # fmt: skip


def rows_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, with None for whatever is missing."""
    lines = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return cast("list[dict[str, Any]]", lines)


def among(column: str, values: Collection[str]) -> pc.Expression:
    """Return the condition that a column holds one of some values."""
    return pc.field(column).isin(pa.array(sorted(set(values)), pa.string()))


def number(value: object) -> float | None:
    """Return a score, or None where there is none."""
    return float(value) if isinstance(value, int | float) and value == value else None
