import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.ledger import Ledger, tables
from flows.release import release_campaign
from flows.reports.people_and_pay.people import people_facts
from tests.flows.small_campaign import FRENCH, SWAHILI, at


def released(address: str, out: Path) -> dict[str, object]:
    release_campaign(address, "1.0.0", str(out))
    return dict(json.loads((out / "manifest.json").read_text("utf-8")))


@pytest.mark.slow
def test_a_release_tells_how_far_its_reviewers_agreed_as_the_report_on_people_does(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    first, *rest = small.keys("answering")
    small.submit(first, choice=2)
    small.submit(*rest)
    small.play(lambda state: not small.open().shape[0])
    told = {one["measure"]: one for one in released(small.address, tmp_path / "out")["agreement"]}  # type: ignore[attr-defined]
    report = people_facts(small.state)["agreement"]
    shown = {one["question"]: one["alpha"] for one in report if one["language"] == "eng_Latn"}
    blind = told["Krippendorff's alpha on the answer, read blind"]
    assert blind["stage"] == "answering"
    assert blind["value"] == round(shown["blind_answer"]["value"], 4) < 1


def test_a_release_names_languages_whose_passages_the_checks_suspect(tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    row = {
        "scope": "pair", "subject": f"{FRENCH}+{SWAHILI}", "language": "", "revision": 1, "check": "near_copies",
        "version": 1, "signature": "near_copies|v:1", "score": 0.9, "flagged": True, "reason": "90 % are the same",
        "judge": "check", "origin": "", "judged_at": datetime(2026, 1, 1, tzinfo=UTC),
    }  # fmt: skip
    Ledger(small.address).append(tables.VERDICTS, [row, {**row, "subject": "eng_Latn+rus_Cyrl"}])
    weak = released(small.address, tmp_path / "out")["weak_languages"]
    assert weak == [
        {"language": "eng_Latn", "weakness": "eng_Latn+rus_Cyrl: 90 % are the same"},
        {"language": FRENCH, "weakness": f"{FRENCH}+{SWAHILI}: 90 % are the same"},
        {"language": SWAHILI, "weakness": f"{FRENCH}+{SWAHILI}: 90 % are the same"},
    ]
