"""From 200 accepted items on, a language's false alarms are those of its own questions; only calibrate says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.ledger import tables
from flows.calibrations.false_alarm_rates import false_alarm_rates
from flows.cli.commands import main
from flows.reports.check_flags import check_flags
from flows.reports.status import status
from qc.set_statistics.expected_flags import MEASURED, FalseAlarms, RateSource, measured
from tests.flows.small_campaign import FRENCH, SWAHILI, Small, at

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ENGLISH = "eng_Latn"


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return at("accepted", tmp_path / "campaign")


def keep_passages(small: Small, first: int, count: int, language: str = FRENCH) -> None:
    """The passages of so many items, two on each."""
    rows: list[dict[str, Any]] = []
    for number in range(first // 2, (first + count + 1) // 2):
        text = f"Passage {number}."
        rows += [{"passage_id": f"kept{number}", "language": code, "revision": 1, "source": "more", "link": "",
                  "split": "dev", "domain": "", "topic": "", "position": 100, "sentence_ids": [0],
                  "sentences": [text], "text": text} for code in (ENGLISH, language)]  # fmt: skip
    small.state.ledger.append(tables.PASSAGES, rows)


SHORT = ("Where?", "a", "b", "c", "d")


def accept(
    small: Small,
    first: int,
    count: int,
    flagged: int,
    language: str = FRENCH,
    asked: Sequence[str] = SHORT,
    said: Sequence[str] = SHORT,
) -> None:
    """Items that were kept and translated, accepted, and of which a check flagged some; two on a passage."""
    keep_passages(small, first, count, language)
    questions, translations, verdicts, decisions = [], [], [], []
    for number in range(first, first + count):
        passage = f"kept{number // 2}"
        name = tables.question_id(passage, 1 + number % 2)
        for code in (ENGLISH, language):
            decisions.append(
                {
                    "subject": name,
                    "language": code,
                    "revision": 1,
                    "outcome": "keep",
                    "reason": "",
                    "rule": "accepted",
                    "decided_by": "rules",
                    "verdicts": [],
                    "decided_at": NOW,
                }
            )
        about = {"question_id": name, "passage_id": passage, "revision": 1, "passage_revision": 1,
                 "question": asked[0], "answers": asked[1:], "person": "p", "annotation": name,
                 "submitted_at": NOW}  # fmt: skip
        questions.append({**about, "question_number": 1, "language": ENGLISH, "key": 1, "notes": [],
                          "translator_note": "", "evidence": None})  # fmt: skip
        translations.append({**about, "question": said[0], "answers": said[1:], "language": language,
                             "kind": "proofread", "question_revision": 1, "draft_revision": 0})  # fmt: skip
        for check, flag in (("end_marks", number - first < flagged), ("mixed_script", False), ("cut_short", None)):
            verdicts.append({"scope": "item", "subject": name, "language": language, "revision": 1, "check": check,
                             "version": 1, "signature": check, "score": None, "flagged": flag, "reason": "",
                             "judge": "check", "origin": "", "judged_at": NOW})  # fmt: skip
    ledger = small.state.ledger
    ledger.append(tables.QUESTIONS, questions)
    ledger.append(tables.TRANSLATIONS, translations)
    ledger.append(tables.VERDICTS, verdicts)
    ledger.append(tables.DECISIONS, decisions)


def rates(small: Small) -> tuple[FalseAlarms, FalseAlarms]:
    found = false_alarm_rates(small.state)
    return found["end_marks", FRENCH], found["mixed_script", FRENCH]


def test_false_alarms_are_those_of_accepted_items(small: Small) -> None:
    before = measured("end_marks")
    accept(small, 0, 150, 15)
    said = CliRunner().invoke(main, ["calibrate", small.address]).output
    assert "accepted" not in said and rates(small)[0] == before  # too few
    accept(small, 150, 70, 7)
    (told,) = [one for one in check_flags(small.state) if (one["check"], one["language"]) == ("end_marks", FRENCH)]
    assert (told["judged"], told["flagged"], told["unusual"]) == (222, 22, True)
    assert told["expected"] == pytest.approx(222 * MEASURED["end_marks"])
    assert rates(small)[0] == before  # nothing moves by itself

    said = CliRunner().invoke(main, ["calibrate", small.address]).output
    assert f"false alarms estimated anew on accepted items in {FRENCH}" in said
    table = small.state.ledger.read(tables.CALIBRATIONS)
    (row,) = table[table["check"] == "end_marks"].to_dict("records")
    assert (row["source"], row["texts"], row["language"]) == ("accepted items", 222, FRENCH)
    assert row["flagged"] == pytest.approx(22 / 222)
    assert row["flagged_low"] < 22 / 222 < row["flagged_high"]
    assert set(table["check"]) == {"end_marks"}  # what is sent back is never accepted; what is not judged is none
    ends, mixed = rates(small)
    assert ends == FalseAlarms(22.5 / 223, RateSource.ACCEPTED, items=222)
    assert mixed == measured("mixed_script")

    facts = status(small.state)["checks"]
    (told,) = [one for one in facts if (one["check"], one["language"]) == ("end_marks", FRENCH)]
    assert (told["rate_from"], told["unusual"]) == ("accepted items", False)
    assert {one["unusual"] for one in facts if one["check"] == "numbers_kept"} == {None}
    CliRunner().invoke(main, ["calibrate", small.address])
    assert len(small.state.ledger.read(tables.CALIBRATIONS)) == len(table)  # the same estimate is the same event


def test_status_names_what_chance_does_not_explain(small: Small) -> None:
    accept(small, 0, 60, 12, SWAHILI)
    said = CliRunner().invoke(main, ["status", small.address]).output
    expected = f"{62 * MEASURED['end_marks']:.3f}".lstrip("0")
    told = f"Flagged more often than chance explains: end_marks in swh_Latn 12 of 62 ({expected} expected)"
    assert told in " ".join(said.split())
