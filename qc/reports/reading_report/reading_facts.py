"""The facts of a reading: accuracies and gaps by language, script, font, size and degradation, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from qc.set_statistics.reading_gaps import grouped

FORMAT = "belebele-reading/1"
"""The schema of report.json."""

PAIRS = {
    "text less picture": ("text", "picture"),
    "picture less blank": ("picture", "blank picture"),
    "picture less other": ("picture", "other picture"),
}
"""The gaps that are told: what is lost by reading, and what looking brings."""

BANDS = ((0, 12), (12, 16), (16, 24), (24, 40), (40, None))
"""Sizes of letters in pixels to the em, from and below, into which pages are grouped."""


def reading_facts(
    answers: pd.DataFrame, rendering: Mapping[str, Any], model: str, fingerprint: str
) -> dict[str, Any]:
    """Return what report.json says.

    Args:
        answers: the columns of `qc.set_statistics.reading_gaps.COLUMNS`, and options: how many an item has.
        rendering: what rendering.json says of the pages.
        model: what the model is called.
        fingerprint: the SHA-256 of its files.
    """
    told = answers.assign(
        size=answers["size"].map(size_band), degradation=answers["degradation"].map(degradation_kinds)
    )
    each = told.drop_duplicates(["item_id", "language"])
    seen = told[told["condition"] == "picture"]
    by = {name: grouped(told, columns, PAIRS) for name, columns in _GROUPS.items()}
    by |= {name: grouped(seen, [name], {}) for name in ("font", "size", "degradation")}
    return {
        "format": FORMAT,
        "model": {"name": model, "sha256": fingerprint},
        "pages": {"name": rendering.get("name", ""), "settings": rendering.get("settings", {})},
        "conditions": list(told["condition"].unique()),
        "items": len(each),
        "passages": int(each.groupby("language")["passage"].nunique().sum()),
        "chance": float((1 / each["options"]).mean()),
        "all": grouped(told, [], PAIRS)[0],
        "by": by,
    }


_GROUPS = {"language": ["language", "script"], "script": ["script"]}


def size_band(size: float) -> str:
    """Return the band of a size.

    >>> size_band(11.5), size_band(40)
    ('under 12', '40 and more')
    """
    low, high = next((low, high) for low, high in BANDS if high is None or size < high)
    return f"{low} and more" if high is None else f"under {high}" if not low else f"{low} to {high}"


def degradation_kinds(written: str) -> str:
    """Return the kinds of a degradation without their amounts.

    >>> degradation_kinds("skew=2,blur=0.5"), degradation_kinds("")
    ('skew, blur', 'none')
    """
    return ", ".join(part.partition("=")[0].strip() for part in written.split(",")) if written else "none"
