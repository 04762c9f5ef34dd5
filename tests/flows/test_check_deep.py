"""`belebele check --deep`: a campaign that lost something says what, and goes on by the lead's word."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner, Result

from data import nouns
from data.ledger import Ledger
from data.ledger.events import GivenUp
from flows.cli import main
from tests.flows.small_campaign import Small, at


def said(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def take_away(small: Small, table: nouns.Table) -> str:
    """The newest data file of a table is gone."""
    tail = Ledger(small.address).tail(table)
    assert tail is not None
    newest = next(one for one in reversed(tail.record.every()) if one.files)
    (name,) = newest.files
    Path(small.address, "ledger", table.name, name).unlink()
    return name


def test_a_campaign_that_lost_something_goes_on_by_the_lead_s_word(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    whole = said("check", small.address, "--deep")
    assert (whole.exit_code, whole.output[:5]) == (0, "✓ all"), whole.output
    passages = len(small.state.passages)

    lost = take_away(small, nouns.PASSAGES)
    blocked = said("status", small.address)
    assert blocked.exit_code == 2
    assert f"check {small.address} --deep" in blocked.output
    found = said("check", small.address, "--deep")
    assert found.exit_code == 1
    assert f"passages, version 1: {lost} is gone; {passages} rows were in it" in found.output
    assert said("check", small.address, "--mend").exit_code == 2

    mended = said("check", small.address, "--deep", "--mend")
    assert mended.exit_code == 0, mended.output
    assert f"{passages} rows are lost, what the source still has is read again" in mended.output
    assert small.advance().passages == passages
    assert len(small.state.passages) == passages
    assert small.advance().idle
    (event,) = small.state.events(GivenUp).to_dict("records")
    assert (event["subject"], lost in event["detail"]) == ("passages", True)


def test_what_rests_on_something_lost_is_named(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    take_away(small, nouns.ANNOTATIONS)
    before = Ledger(small.address).identity
    mended = said("check", small.address, "--deep", "--mend")
    assert "annotations was made anew with 0 events; 2 rows are lost, what the servers still hold" in mended.output
    assert "questions rest on 2 annotations that are not there" in mended.output
    assert mended.exit_code == 0, "it is given up"
    assert Ledger(small.address).identity != before, "so how far servers were read counts no more"
    small.submit(*small.keys("answering"))
    assert small.advance().annotations == 0  # by file it was learnt of at once
    assert small.keys("judging")
