"""What the checks say reaches people, and a new version of one judges only what nobody has judged."""

from dataclasses import replace
from pathlib import Path

import pytest

from data.ledger import tables
from flows import check_suites
from flows.lead import lead_actions
from flows.steps import checks_and_decisions
from qc.check import findings
from tests.flows.small_campaign import BOATS, FRENCH, SWAHILI, TEXTS, Small, at

OPTIONS = list(TEXTS[BOATS, FRENCH]["answers"])


def verdicts(small: Small, check: str) -> list[tuple[str, str, int, int, bool]]:
    frame = small.state.ledger.read(tables.VERDICTS)
    frame = frame[frame["check"] == check]
    columns = (frame[name] for name in ("subject", "language", "revision", "version", "flagged"))
    return [(str(a), str(b), int(c), int(d), bool(e)) for a, b, c, d, e in zip(*columns, strict=True)]


def test_a_number_that_the_source_does_not_have_stands_before_the_proofreader(tmp_path: Path):
    small = at("translating", tmp_path)
    small.submit(*small.keys("translating", FRENCH, BOATS), answer4=f"{OPTIONS[3]}, 49 %")
    small.advance()
    found = small.shown(small.keys("proofreading", FRENCH, BOATS)[0])["findings"]
    assert found == [f"option 4 has 49, which the source does not have: “{OPTIONS[3]}, 49 %”"]


def test_a_new_version_of_a_check_reopens_nothing_unless_the_lead_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = at("accepted", tmp_path)
    now = next(one for one in check_suites.TRANSLATED_SUITE if one.name == "untranslated")
    stricter = replace(
        now,
        version=now.version + 1,
        function=lambda items, **_: findings(items, [True] * len(items), "the new version minds"),
    )
    suite = tuple(stricter if one is now else one for one in check_suites.TRANSLATED_SUITE)
    monkeypatch.setattr(checks_and_decisions, "TRANSLATED_SUITE", suite)
    before = verdicts(small, now.name)
    assert before
    assert small.advance().idle
    assert verdicts(small, now.name) == before
    assert small.translation(BOATS, FRENCH)["outcome"] == "keep"

    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Look again.")
    small.advance()
    small.submit(
        *small.keys("translating", FRENCH, BOATS), question="Où sont les outils d'Amina à la saison des pluies ?"
    )
    small.advance()
    assert verdicts(small, now.name)[len(before) :] == [(BOATS, FRENCH, 3, stricter.version, True)]
    assert small.translation(BOATS, SWAHILI)["outcome"] == "keep"
