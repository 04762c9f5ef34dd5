"""The report on a campaign's people: a document under a versioned schema, and the page that is made from it.

`schema.json` beside this file describes every field. Numbers are rounded to six significant digits, so that the
same ledger gives the same bytes; unknown values are null, never 0.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import numpy as np

FORMAT = "belebele-people/4"

DIGITS = 6

INVOICED: Mapping[str, tuple[str, ...]] = {
    "items": (
        "questions", "question_words", "translations", "source_words", "target_words", "proofread",
        "proofread_words", "guesses", "answers", "judgements", "adjudications", "prompt_words",
    ),
    "qualifying": ("quizzes", "trials", "trial_words", "answers", "judgements"),
    "plants": ("answers", "judgements"),
    "rechecks": ("answers", "judgements"),
    "baselines": ("answers",),
    "key_checks": ("answers",),
}  # fmt: skip
"""The counts for invoices, by the kind of work: work that makes items, and work that makes none."""


def json_data(value: Any) -> Any:
    """Return a value as JSON data, in its own order; numbers are rounded, and non-finite numbers become null."""
    if isinstance(value, Mapping):
        return {str(key): json_data(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [json_data(one) for one in value]
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
    """Return a document as the bytes of people.json."""
    return (json.dumps(document, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document, with a description of every field."""
    text = files("qc.reports.people_report").joinpath("schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read
