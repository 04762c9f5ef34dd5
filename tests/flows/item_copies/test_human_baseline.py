"""Fresh people answer frozen items: who, which, in which language, and that nothing is decided by it."""

from pathlib import Path

import pytest

from data.errors import CampaignError, UsageError
from data.ledger import tables
from data.ledger.events import BaselineDrawn
from flows.item_copies.human_baseline import baseline_progress, draw_now, drawn_items
from flows.release import release_campaign
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, Small, at

FRESH = """
[[people]]
code = "b1"
roles = ["baseline"]

[[people]]
code = "b2"
roles = ["baseline"]
languages = ["fra_Latn"]
"""


def with_readers(stage: str, folder: Path, items: int = 2) -> Small:
    small = at(stage, folder)
    small.configure("[baseline]\nitems = 0", f"[baseline]\nitems = {items}")
    file = small.folder / "campaign.toml"
    file.write_text(file.read_text("utf-8") + FRESH, "utf-8")
    return small


def test_the_draw_waits_until_everything_is_decided(tmp_path: Path):
    small = with_readers("judging", tmp_path)
    small.advance()
    assert drawn_items(small.state).empty
    small.submit(*small.keys("judging"))
    small.advance()
    assert set(drawn_items(small.state)["question_id"]) == {BOATS, BAKERY}
    assert set(small.open("answering")["person"]) == {"b1"}


def test_each_language_answers_its_own_text_and_nothing_is_decided(tmp_path: Path):
    small = with_readers("accepted", tmp_path)
    before = small.state.decisions
    small.advance()
    assert len(small.keys("answering", person="b1")) == 2
    french = small.keys("answering", FRENCH)
    assert len(french) == 2
    shown = small.shown(next(key for key in french if "boats" in key))
    assert shown["question"].startswith("Où Amina")
    assert shown["sentences"][0].startswith("Amina répare")
    small.submit(*small.keys("answering", person="b1"))
    small.submit(french[0], choice=2)
    small.submit(french[1])
    small.advance()
    assert small.state.decisions.equals(before)
    assert small.advance().idle
    told = {one.language: one for one in baseline_progress(small.state)}
    assert (told["eng_Latn"].given, told["eng_Latn"].right, told["eng_Latn"].wanted) == (2, 2, 2)
    assert (told[FRENCH].given, told[FRENCH].right) == (2, 1)
    verdicts = small.state.verdicts_on({BOATS, BAKERY})
    mine = verdicts[verdicts["check"] == "baseline_answer"]
    assert len(mine) == 4
    assert not mine["flagged"].any()
    assert status(small.state)["measured"]["baseline"][FRENCH] == {"wanted": 2, "given": 2}
    assert small.keys("judging") == []


def test_a_release_does_not_change_by_it(tmp_path: Path):
    small = with_readers("accepted", tmp_path)
    release_campaign(small.address, "1.0.0", str(tmp_path / "one"), date="2026-01-31")
    small.play(lambda state: not state.tasks["open"].any())
    release_campaign(small.address, "1.0.0", str(tmp_path / "two"), date="2026-01-31")
    assert len(small.state.ledger.read(tables.EVENTS)[lambda events: events["kind"] == "baseline_drawn"]) == 1
    for file in sorted((tmp_path / "one").rglob("*")):
        if file.is_file():
            assert (tmp_path / "two" / file.relative_to(tmp_path / "one")).read_bytes() == file.read_bytes()


def test_the_lead_may_draw_at_once_and_as_many_as_wanted(tmp_path: Path):
    small = with_readers("judging", tmp_path, items=0)
    with pytest.raises(UsageError, match="how many"):
        draw_now(small.state)
    with pytest.raises(UsageError, match="nothing is accepted"):
        draw_now(small.state, 1)
    small.submit(*small.keys("judging"))
    small.advance()
    assert draw_now(small.state, 1) == 1
    assert draw_now(small.state, 1) == 1  # the same draw is written once
    assert len(small.state.events(BaselineDrawn)) == 1
    assert draw_now(small.state, 5) == 2
    assert len(small.state.events(BaselineDrawn)) == 2


def test_who_answers_the_baseline_does_nothing_else(tmp_path: Path):
    small = with_readers("translating", tmp_path)
    small.configure('roles = ["baseline"]\nlanguages', 'roles = ["baseline", "translating"]\nlanguages')
    with pytest.raises(CampaignError, match="goes with no other role"):
        small.advance()


def test_who_had_to_do_with_the_question_before_is_not_fresh(tmp_path: Path):
    small = with_readers("accepted", tmp_path)
    small.configure('code = "t1"\nroles = ["translating"]', 'code = "t1"\nroles = ["baseline"]')
    small.advance()
    mine = small.state.tasks
    translated = set(mine["question_id"][(mine["person"] == "t1") & (mine["stage"] == "translating")])
    work = small.open("answering", person="t1")
    assert not any(subject.removesuffix("-b1") in translated for subject in work["question_id"])
