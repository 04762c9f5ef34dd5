"""Lines that accepted items moved count for the lines that they were moved from, and for no others."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from data.ledger import tables
from flows.calibrations.recorded_thresholds import ACCEPTED, line_rows, moved_digest, moved_digests, moved_lines
from qc.translation_models.calibration import Calibration, Threshold
from tests.flows.small_campaign import FRENCH, SWAHILI, Small, at


def move(small: Small, fit: str, check: str, until: int, languages: tuple[str, ...], threshold: float) -> None:
    for language in languages:
        one = Threshold(language, "81-170", 300, 100, threshold, None, None, None, None, None)
        calibration = Calibration(check, 0.01, f"{until} accepted items", (one,))
        mark = moved_digest(fit, language, until)
        small.state.ledger.append(
            tables.CALIBRATIONS, line_rows(mark, calibration, until, datetime.now(UTC), ACCEPTED)
        )


def test_lines_of_meaning_and_of_names_are_moved_together(tmp_path: Path) -> None:
    small = at("translating", tmp_path / "campaign")
    move(small, "meanings", "usual_length", 300, (FRENCH, SWAHILI), -1.0)
    move(small, "names", "names_kept", 300, (FRENCH,), -2.0)
    move(small, "meanings", "usual_length", 400, (FRENCH,), -3.0)
    move(small, "names", "names_kept", 400, (FRENCH,), -4.0)
    meanings, names = (moved_lines(small.state, fit) for fit in ("meanings", "names"))
    assert {language: lines["usual_length"].thresholds[0].threshold for language, lines in meanings.items()} == {
        FRENCH: -3.0,
        SWAHILI: -1.0,
    }
    assert names[FRENCH]["names_kept"].thresholds[0].threshold == -4.0 and set(names) == {FRENCH}
    assert moved_digests(small.state, "meanings") == {
        FRENCH: moved_digest("meanings", FRENCH, 400),
        SWAHILI: moved_digest("meanings", SWAHILI, 300),
    }
    assert not moved_lines(small.state, "another fit")
