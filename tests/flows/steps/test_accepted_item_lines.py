"""Accepted items move the lines of learned checks, when the lead calibrates and not before."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.ledger import tables
from flows.calibrations.calibrations_in_force import learned_resources
from flows.calibrations.false_alarm_rates import false_alarm_rates
from flows.cli.commands import main
from flows.steps.accepted_item_lines import MovedLine
from flows.steps.check_calibration import Calibrated
from flows.steps.checks_and_decisions import check
from flows.steps.submission_outcomes import interpret
from qc.set_statistics.expected_flags import RateSource
from tests.flows.small_campaign import BOATS, FRENCH, SWAHILI, Small, at
from tests.flows.steps.test_accepted_item_flags import accept, keep_passages
from tests.flows.steps.test_check_calibration import SENTENCES, add_passages

ASKED = [" ".join(SENTENCES["eng_Latn"][first : first + 18])[:120] for first in range(0, 25, 5)]
LONG = " ".join(SENTENCES[FRENCH][:70] * 8)
SAID = [f"{text} {LONG}" for text in ASKED]  # far longer than passages make one expect


def lines(small: Small) -> list[dict[str, Any]]:
    """The lines of `usual_length` in French, as they were recorded."""
    table = small.state.ledger.read(tables.CALIBRATIONS)
    table = table[(table["check"] == "usual_length") & (table["language"] == FRENCH)]
    return table[table["threshold"].notna()].to_dict("records")


def calibrate(small: Small, *more: str) -> str:
    return CliRunner().invoke(main, ["calibrate", small.address, *more], catch_exceptions=False).output


@pytest.mark.slow
def test_what_accepted_items_score_moves_the_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = at("translating", tmp_path / "campaign")
    add_passages(small, 205, 25)  # 615 sentences of one length: one in 600 may be flagged
    keep_passages(small, 0, 240)
    accept(small, 0, 150, 0, FRENCH, ASKED, SAID)
    assert "thresholds of meaning for fra_Latn" in calibrate(small)
    (drawn,) = lines(small)
    assert drawn["source"] == "passages"
    accept(small, 150, 70, 0, FRENCH, ASKED, SAID)
    assert lines(small) == [drawn]  # nothing moves by itself

    told = json.loads(calibrate(small, "--json"))["moved"]
    _, moved = lines(small)
    (of_length,) = [one for one in told if one["check"] == "usual_length"]
    about = {"check": "usual_length", "language": FRENCH, "length_class": drawn["length_class"], "items": 220}
    assert of_length == {**about, "from": drawn["threshold"], "to": moved["threshold"]}
    assert (moved["source"], moved["fitted_on"]) == ("accepted items", "220 accepted items")
    assert (moved["texts"], moved["length_class"]) == (1100, drawn["length_class"])
    assert moved["threshold"] < drawn["threshold"] and moved["threshold_low"] <= moved["threshold"]
    assert moved["flagged"] <= moved["rate"]
    rate = false_alarm_rates(small.state)["usual_length", FRENCH]
    assert (rate.source, rate.items) == (RateSource.ACCEPTED, 220) and rate.rate < 0.02
    models: Any = learned_resources(small.state).resources["meanings"]
    assert models[FRENCH].calibrations["usual_length"].threshold(FRENCH, 100) == moved["threshold"]

    small.submit(*small.keys("translating", FRENCH, BOATS))
    interpret(small.state)
    check(small.state)
    frame = small.state.verdicts_on([BOATS])
    frame = frame[frame["check"] == "usual_length"]
    assert set(frame["origin"]) == {moved["fit"]} != {drawn["fit"]}
    assert learned_resources(small.state).fits_in(SWAHILI)["meanings"] == drawn["fit"]

    count = len(small.state.ledger.read(tables.CALIBRATIONS))
    assert "moved" not in calibrate(small)
    assert len(small.state.ledger.read(tables.CALIBRATIONS)) == count  # the same items move nothing
    accept(small, 220, 20, 0, FRENCH, ASKED, ASKED)
    assert "moved" not in calibrate(small)  # drawn anew, where it was
    assert lines(small)[-1]["fitted_on"] == "240 accepted items"


def test_what_moved_is_told_in_words() -> None:
    moved = [
        MovedLine("option_meaning", SWAHILI, "1-15", 0.5, 0.25, 200),
        MovedLine("usual_length", FRENCH, "16-40", -1.0, -1.5, 220),
        MovedLine("usual_length", FRENCH, "41-80", -2.0, -2.5, 220),
        MovedLine("names_kept", FRENCH, "41-80", 0.25, 0.3, 220),
    ]
    told = Calibrated("0123456789", new=False, moved=tuple(moved)).sentence
    assert told.endswith(
        "thresholds moved by accepted items in fra_Latn (names_kept by +0.05, usual_length by -0.5; 220 items); "
        "swh_Latn (option_meaning by -0.25; 200 items)"
    )
