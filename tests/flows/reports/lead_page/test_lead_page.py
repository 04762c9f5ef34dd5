"""The lead's page says what status says, with the commands, and nothing that others wrote becomes a part of it."""

from __future__ import annotations

import json
import os
import re
import stat
import time
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from data.campaign.campaign import Campaign
from data.campaign.settings import Schedule
from data.ledger import Ledger
from flows.campaign_state import State
from flows.cli.commands import main
from flows.reports.lead_page.kept_lead_page import FACTS, kept_page
from flows.reports.lead_page.lead_facts import at_this_hour, lead_facts
from flows.reports.lead_page.lead_page_file import keep_page, renew_page
from flows.reports.lead_page.review_left import left_to_review
from flows.reports.status import status
from flows.services.schedule import ScheduleStanding, Trouble, standing_facts
from qc.reports.lead_report.lead_markdown import markdown
from qc.reports.lead_report.lead_report_page import MOST, page
from tests.flows.small_campaign import BOATS, FRENCH, SWAHILI, at, begin
from tests.stored_campaign import stored_campaign


def text_of(html: str) -> str:
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


@pytest.mark.parametrize("stage", ["authoring", "translating", "accepted"])
def test_it_says_what_status_says(tmp_path: Path, stage: str) -> None:
    small = at(stage, tmp_path)
    told, facts = status(small.state), lead_facts(small.state, "mybench")
    assert facts["source"] == told["source"]
    assert facts["languages"] == told["languages"]
    shown = text_of(page(facts))
    assert f"{told['source']['kept']} of 2 questions kept" in shown
    complete = sum(one["accepted"] == one["wanted"] > 0 for one in told["languages"].values())
    assert f"{complete} of 2 languages complete" in shown
    left = {(line["stage"], line["language"]): line["rest"] for line in facts["forecasts"] if line["rest"]}
    wanted = {
        "authoring": {("authoring", "eng_Latn"): 2, ("answering", "eng_Latn"): 4, ("judging", "eng_Latn"): 4},
        "translating": {
            (stage, code): 2 for stage in ("translating", "proofreading") for code in (FRENCH, SWAHILI)
        },
        "accepted": {},
    }
    assert left == wanted[stage]
    assert ("too little was done on too few days to tell" in shown) == bool(left)


def test_a_campaign_that_has_not_begun_says_so(tmp_path: Path) -> None:
    shown = text_of(page(lead_facts(begin(tmp_path / "new").state, "mybench")))
    assert "Nothing has begun: the first run of belebele advance reads the passages" in shown
    assert "Nothing is left" not in shown and "0 of 0 questions" not in shown.partition("Who has what")[2]


def test_reviews_that_are_left_are_counted_as_far_as_they_are_known(tmp_path: Path) -> None:
    small = at("answering", tmp_path)
    assert left_to_review(small.state) == {"answering": (4, 4), "judging": (4, 4)}
    first = small.keys("answering", question=BOATS)[0]
    small.submit(first, choice=1)
    small.advance()
    assert left_to_review(small.state) == {"answering": (4, 3), "judging": (4, 4)}


def test_of_many_lines_those_that_matter_are_shown_and_the_others_open(tmp_path: Path) -> None:
    facts = lead_facts(at("translating", tmp_path).state, "mybench")
    line = next(one for one in facts["forecasts"] if one["stage"] == "translating")
    days = [{**line, "days": [n, n, n], "dates": ["2027-01-01"] * 3, "rest": n} for n in range(1, MOST + 11)]
    shown = page({**facts, "forecasts": [*days, {**line, "rest": 999}]})
    first, _, others = shown.partition('<details class="rest">')
    assert "11 more that will be done sooner" in others
    assert ">999<" in first, "what cannot be told comes first"
    assert f">{MOST + 10}<" in first and ">1<" in others


def test_what_waits_for_the_lead_stands_with_its_command(tmp_path: Path) -> None:
    small = at("translating", tmp_path)
    key = small.keys(language=SWAHILI)[0]
    small.submit(key, query="<script>alert(1)</script> Is *this* meant?", query_keeps="yes")
    small.advance()
    facts = lead_facts(small.state, "my bench")
    (point,) = facts["decide"]
    assert "Is *this* meant?" in point["what"]
    assert re.fullmatch(r"belebele answer 'my bench' \S+ TEXT", point["cure"])
    html = page(facts)
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert point["cure"].replace("'", "&#39;") in html
    short = markdown(facts)
    assert "<script>" not in short
    assert "Is \\*this\\* meant?" in short
    assert point["cure"] in short


def test_a_whole_campaign_is_shown_with_what_it_cost_and_how_good_it_is(tmp_path: Path) -> None:
    address = stored_campaign(tmp_path)
    facts = lead_facts(State(Campaign.load(address), Ledger(address)), "mybench")
    shown = text_of(page(facts))
    assert "7 of 7 languages complete" in shown
    assert "Nothing is left to be done." in shown
    assert "23 translated" in shown or "23 proofread" in shown
    assert "Plants 14 made" in shown
    assert "Swahili" in shown


def test_the_command_writes_it_and_takes_no_file_of_others(tmp_path: Path) -> None:
    address = stored_campaign(tmp_path)
    run = CliRunner().invoke
    ran = run(main, ["status", address, "--html", str(tmp_path / "lead.html")])
    assert ran.exit_code == 0, ran.output
    assert (tmp_path / "lead.html").read_text("utf-8").startswith("<!doctype html>")
    assert run(main, ["status", address, "--html", str(tmp_path / "lead.html")]).exit_code == 0
    (tmp_path / "mine.html").write_text("mine")
    refused = run(main, ["status", address, "--html", str(tmp_path / "mine.html")])
    assert refused.exit_code == 2
    assert "nothing is overwritten: name another --html, or move it away" in refused.output
    assert (tmp_path / "mine.html").read_text() == "mine"
    assert run(main, ["status", address, "--html", "x", "--json"]).exit_code == 2


def test_it_is_kept_for_its_owner_alone(tmp_path: Path, own_state: Path) -> None:
    address = stored_campaign(tmp_path)
    facts = keep_page(address)
    kept = kept_page(address)
    assert kept.is_relative_to(own_state)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert facts["title"] in kept.read_text("utf-8")


def test_an_advance_that_did_something_renews_it_and_an_idle_one_does_not(
    tmp_path: Path, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("authoring", tmp_path)
    small.submit(*small.keys("authoring"))
    for place in ("flows.advance", "flows.reports.lead_page.lead_page_file"):
        monkeypatch.setattr(f"{place}.servers_of", lambda _: small.servers)
    for outcome in (True, False):
        kept_page(small.address).unlink(missing_ok=True)
        assert CliRunner().invoke(main, ["advance", small.address]).exit_code == 0
        assert kept_page(small.address).is_file() == outcome


def test_once_an_hour_an_idle_run_tells_the_time_on_it_and_reads_no_table(
    tmp_path: Path, own_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = at("authoring", tmp_path)
    for place in ("flows.advance", "flows.reports.lead_page.lead_page_file"):
        monkeypatch.setattr(f"{place}.servers_of", lambda _: small.servers)
    made, kept = keep_page(small.address), kept_page(small.address)
    assert CliRunner().invoke(main, ["advance", small.address]).exit_code == 0  # leaves the note of an idle run
    first = kept.read_text("utf-8")
    two_hours_ago = time.time() - 7200
    os.utime(kept.with_name(FACTS), (two_hours_ago, two_hours_ago))
    monkeypatch.setattr(Ledger, "read_arrow", lambda *_: pytest.fail("a table was read"))
    monkeypatch.setattr("flows.reports.lead_page.lead_page_file.datetime", Later)
    assert CliRunner().invoke(main, ["advance", small.address]).exit_code == 0
    again = json.loads(kept.with_name(FACTS).read_text("utf-8"))["facts"]
    assert again["written"] == "2026-12-24T18:00+00:00"
    assert {**again, "written": made["written"]} == json.loads(json.dumps(made))
    assert "24 December 2026" in kept.read_text("utf-8") and "24 December 2026" not in first


def test_a_page_that_another_version_kept_is_made_anew(tmp_path: Path, own_state: Path) -> None:
    address = stored_campaign(tmp_path)
    made = keep_page(address)
    facts = kept_page(address).with_name(FACTS)
    facts.write_text(json.dumps({"program": "an older one", "facts": {"failed": []}}), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.reports.lead_page.lead_page_file.servers_of", lambda _: {})
        assert renew_page(address, datetime.now(UTC) + timedelta(hours=2)) == []
    assert json.loads(facts.read_text("utf-8"))["facts"]["title"] == made["title"]


class Later(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Later:
        return cls(2026, 12, 24, 18, tzinfo=tz)


def test_a_schedule_that_stopped_is_said_and_taken_back() -> None:
    facts = {"failed": ["Skipped, and why: 2 unclear"]}
    begun = datetime(2026, 12, 1, 6, tzinfo=UTC)
    plan = Schedule()

    def told(trouble: Trouble | None) -> dict[str, Any]:
        standing = ScheduleStanding(False, None, None, trouble, begun if trouble else None)
        return at_this_hour(facts, standing_facts(standing, plan), "here", begun)

    for trouble, count in (("not kept", 2), ("silent", 2), (None, 1), (None, 1)):
        facts = told(trouble)
        assert len(facts["failed"]) == count and facts["failed"][-1] == "Skipped, and why: 2 unclear"
        assert facts["schedule"]["wrong"] is (trouble is not None)
