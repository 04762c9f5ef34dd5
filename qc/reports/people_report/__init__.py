"""The report on a campaign's people: one document under a versioned schema, and the page that is made from it.

`schema.json` beside this file says of every field what it holds. Numbers are rounded to six significant digits, so
that the same ledger gives the same bytes; what is not known is null, never 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np

FORMAT = "belebele-people/2"

DIGITS = 6

INVOICED: Mapping[str, tuple[str, ...]] = {
    "items": (
        "questions", "question_words", "translations", "source_words", "target_words", "proofread",
        "proofread_words", "guesses", "answers", "judgements", "adjudications",
    ),
    "qualifying": ("quizzes", "trials", "trial_words", "answers", "judgements"),
    "plants": ("answers", "judgements"),
    "rechecks": ("answers", "judgements"),
    "baselines": ("answers",),
}  # fmt: skip
"""What is counted for invoices, apart by what the work was on: what makes items, and what makes none."""


def plain(value: Any) -> Any:
    """A value in what JSON has, in its own order; numbers rounded, what is no number null."""
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(one) for one in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{DIGITS}g}") + 0.0 if math.isfinite(value) else None
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{type(value).__name__} has no place in people.json")


def written(document: Mapping[str, Any]) -> bytes:
    """A document as the bytes of people.json."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document, with a description of every field."""
    text = files("qc.reports.people_report").joinpath("schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
