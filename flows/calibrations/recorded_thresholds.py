"""The lines of learned checks as the ledger has them: as passages drew them, and as accepted items moved them.

What was drawn stays in force until `belebele calibrate` moves it, and what was moved until the next one. Moved
lines count only beside the drawn ones that they were moved from: their digest says which these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from data.ledger import tables
from data.ledger.tables import Row
from flows.campaign_state import State, ledger_view

if TYPE_CHECKING:
    from qc.translation_models.calibration import Calibration

PASSAGES, ACCEPTED = "passages", "accepted items"
"""What the rows of `calibrations` rest on."""

Lines = Mapping[str, Mapping[str, "Calibration"]]
"""Lines by language and check."""


def drawn_lines(state: State, fit: str) -> Lines:
    """Return the lines that passages drew in a fit."""
    rows = _rows(state)
    return _read(rows[rows["fit"] == fit])


def moved_lines(state: State, fit: str) -> Lines:
    """Return the lines that accepted items moved last, of those that were drawn in a fit."""
    return _read(_moved(state, fit))


def moved_digests(state: State, fit: str) -> Mapping[str, str]:
    """Return, by language, the digest of its moved lines of those that were drawn in a fit."""
    rows = _moved(state, fit)
    return dict(zip(rows["language"], rows["fit"], strict=True))


def moved_digest(fit: str, language: str, until: int) -> str:
    """Return the digest of lines that the items accepted up to an event moved from those of a fit."""
    return tables.digest("lines moved by accepted items", fit, language, until)


def line_rows(fit: str, calibration: Calibration, until: int, now: datetime, source: str) -> list[Row]:
    """Return the rows of `calibrations` for lines.

    Args:
        fit: the digest by which the verdicts name them.
        calibration: the lines of one check.
        until: the sequence of the latest event that counts.
        now: when they were drawn or moved.
        source: what they rest on, `PASSAGES` or `ACCEPTED`.
    """
    return [
        {
            "fit": fit, "check": calibration.check, "language": one.language, "length_class": one.length_class,
            "texts": one.texts, "documents": one.documents, "threshold": one.threshold, "rate": calibration.rate,
            "threshold_low": one.low, "threshold_high": one.high, "flagged": one.flagged,
            "flagged_low": one.flagged_low, "flagged_high": one.flagged_high, "fitted_on": calibration.fitted_on,
            "fitted_until": until, "fitted_at": now, "source": source,
        }
        for one in calibration.thresholds
    ]  # fmt: skip


@ledger_view
def _rows(state: State) -> pd.DataFrame:
    return state.ledger.read(tables.CALIBRATIONS)


def _moved(state: State, fit: str) -> pd.DataFrame:
    rows = _rows(state)
    rows = rows[(rows["source"] == ACCEPTED) & (rows["length_class"] != "")]
    marks = rows[["language", "fit", "fitted_until"]].drop_duplicates().itertuples(index=False, name=None)
    last = {
        language: mark for language, mark, until in marks if mark == moved_digest(fit, str(language), int(until))
    }
    return rows[rows["fit"].isin(last.values())]


def _read(rows: pd.DataFrame) -> Lines:
    from qc.translation_models.calibration import Calibration, Threshold

    lines: dict[str, dict[str, Calibration]] = {}
    for (language, check), some in rows.groupby(["language", "check"]):
        drawn = tuple(
            Threshold(
                str(language), str(row["length_class"]), int(row["texts"]), int(row["documents"]),
                *(_known(row[name]) for name in (
                    "threshold", "threshold_low", "threshold_high", "flagged", "flagged_low", "flagged_high"
                )),
            )
            for row in some.to_dict("records")
        )  # fmt: skip
        told = some.iloc[-1]
        made = Calibration(str(check), float(told["rate"]), str(told["fitted_on"]), drawn)
        lines.setdefault(str(language), {})[str(check)] = made
    return lines


def _known(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)
