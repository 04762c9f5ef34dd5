"""`belebele select`: the final set in a campaign, from the choice to the release."""

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from data.errors import ReleaseRefused, UsageError
from data.ledger import tables
from data.ledger.events import SetSelected
from flows.cli.commands import main
from flows.lead import lead_actions
from flows.lead.selection import select
from flows.ledger_views.current_items import kept_questions, latest_selection, option_orders, selected_questions
from flows.release import release_campaign
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, at


def kept(folder: Path, policy: str = "command", size: int = 1) -> Small:
    """Both questions kept; translation waits, if it does, for a selection of one."""
    small = at("judging", folder)
    small.configure('policy = "all_kept"', f'policy = "{policy}"\nselected_questions = {size}')
    small.submit(*small.keys("judging"))
    small.advance()
    return small


def test_translation_waits_for_the_selection(tmp_path: Path) -> None:
    small = kept(tmp_path)
    assert len(kept_questions(small.state)) == 2
    assert small.keys() == []
    assert small.agenda() == [
        "translation waits for belebele select: 2 questions are kept, 1 wanted → belebele select"
    ]
    made = select(small.state)
    (chosen,) = selected_questions(small.state)["question_id"]
    assert made.lines[0].startswith("selected 1 of 2 kept questions")
    small.advance()
    assert set(small.open()["question_id"]) == {chosen}
    assert set(small.open()["stage"]) == {"translating"}
    assert small.agenda() == []


def test_all_kept_translates_all(tmp_path: Path) -> None:
    small = kept(tmp_path, "all_kept")
    assert set(small.open("translating")["question_id"]) == {BOATS, BAKERY}


def test_what_is_written(tmp_path: Path) -> None:
    small = kept(tmp_path, size=2)
    select(small.state)
    decisions = small.state.ledger.read(tables.DECISIONS)
    decisions = decisions[decisions["outcome"] == "select"].sort_values("subject")
    assert decisions["subject"].tolist() == [BAKERY, BOATS]
    assert set(decisions["rule"]) == {"selection"}
    assert decisions["reason"].str.fullmatch(r"selected by run [0-9a-f]{8}: 2 of 2").all()
    assert small.question(BOATS)["outcome"] == "keep", "what was selected is still what was kept"
    run = latest_selection(small.state)
    assert run is not None
    assert [(subject, revision) for subject, revision, _ in run.chosen] == [(BAKERY, 1), (BOATS, 1)]
    assert sorted(order.index(1) for _, _, order in run.chosen) == [0, 1], "the key stands where another does not"
    assert sum(run.places) == 2


def test_the_same_again_writes_nothing(tmp_path: Path) -> None:
    small = kept(tmp_path)
    select(small.state)
    before = small.state.ledger.version()
    assert select(small.state).lines[0].startswith("stands already: 1 of 2")
    assert select(small.state, size=2, dry_run=True).lines[0].startswith("would select 2 of 2")
    assert small.state.ledger.version() == before


def test_the_latest_selection_counts(tmp_path: Path) -> None:
    small = kept(tmp_path)
    for size in (1, 2, 1):
        select(small.state, size=size)
        assert len(selected_questions(small.state)) == size
    assert len(small.state.events(SetSelected)) == 3
    small.advance()
    (one,) = set(small.open()["question_id"])
    select(small.state, size=2)
    small.advance()
    assert set(small.open()["question_id"]) == {BOATS, BAKERY}
    select(small.state, size=1)
    small.advance()
    assert set(small.open()["question_id"]) == {one}, "what is not wanted any more is taken away"


def test_what_was_given_up_is_said_in_sentences(tmp_path: Path) -> None:
    small = kept(tmp_path, size=2)
    small.configure("[selection]\n", "[selection]\nquotas = {topic = {boats = 2}}\n")
    lines = select(small.state, per_passage=1).lines
    assert lines[1] == (
        "given up: the margin of 22 rules of thumb. By lot 25.0% of the 2 questions are answered rightly, and "
        "20.0% to 30.0% was wanted"
    )
    assert lines[2] == "  100.0% by taking the option that is spelt most like the passage"
    assert (
        "given up: a quota. 1 of the 2 questions are of topic boats, 2 were wanted: have more of them, or change "
        "[selection.quotas.topic]"
    ) in lines
    assert any("allow --margin 0.75 in place of 0.05" in line for line in lines)
    assert len(lines) <= 12, "what is given up of many rules is counted"


def test_too_few(tmp_path: Path) -> None:
    small = kept(tmp_path, size=5)
    with pytest.raises(UsageError, match=r"2 questions are kept and 5 wanted. Wait .* belebele select --size 2"):
        select(small.state)
    with pytest.raises(UsageError, match=r"a margin of 1.5 cannot be meant"):
        select(small.state, size=2, margin=1.5)
    with pytest.raises(UsageError, match="at most 0 per passage"):
        select(small.state, size=2, per_passage=0)
    assert small.agenda() == []
    assert status(small.state)["selection"]["kept"] == 2


def test_nothing_kept_or_some_undecided(tmp_path: Path) -> None:
    small = at("judging", tmp_path)
    with pytest.raises(UsageError, match="no question is kept so far"):
        select(small.state, size=1)
    small.submit(*small.keys("judging", question=BOATS))
    small.advance()
    with pytest.raises(UsageError, match=r"1 question is kept and 900 wanted; 1 question is undecided"):
        select(small.state)
    assert select(small.state, size=1).lines[-1] == "1 question is undecided and could not be chosen"


def test_a_selected_question_that_is_dropped_is_missing(tmp_path: Path) -> None:
    small = kept(tmp_path, size=2)
    select(small.state)
    lead_actions.decide(small.state, BOATS, "drop", "it offends")
    assert small.agenda() == ["selection lacks 1: dropped or changed since it was made → belebele select"]
    told = CliRunner().invoke(main, ["status", small.address])
    assert "Selection: 1 of 2; selection lacks 1: run belebele select again" in " ".join(told.output.split())
    select(small.state, size=1)
    assert small.agenda() == []


def test_status_says_what_translation_waits_for(tmp_path: Path) -> None:
    small = kept(tmp_path, size=5)
    told = CliRunner().invoke(main, ["status", small.address]).output
    assert "Translation: waits for belebele select (2 kept, 5 wanted)" in " ".join(told.split())


def test_the_release_holds_what_was_selected_in_its_order(tmp_path: Path) -> None:
    small = at("accepted", tmp_path / "campaign")
    select(small.state, size=2)
    run = latest_selection(small.state)
    assert run is not None
    release_campaign(small.address, "1.0.0", str(tmp_path / "out"))
    keys = {}
    for code in ("eng_Latn", FRENCH, SWAHILI):
        frame = pd.read_parquet(tmp_path / "out" / "data" / f"{code}.parquet").set_index("item_id")
        keys[code] = frame["correct_answer_num"].to_dict()
        for subject, _, order in run.chosen:
            shown = [frame.loc[subject, f"mc_answer{place}"] for place in (1, 2, 3, 4)]
            as_written = [shown[order.index(identity)] for identity in (1, 2, 3, 4)]
            if code == "eng_Latn":
                assert as_written == small.question(subject)["answers"]
            else:
                assert as_written == small.translation(subject, code)["answers"]
    assert keys["eng_Latn"] == keys[FRENCH] == keys[SWAHILI]
    assert sorted(keys[FRENCH].values()) == ["1", "2"]
    card = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert "The 2 questions were chosen from 2 accepted ones by integer programming" in card


def test_a_release_of_a_part(tmp_path: Path) -> None:
    small = at("accepted", tmp_path / "campaign")
    select(small.state, size=1)
    (chosen,) = option_orders(small.state)
    release_campaign(small.address, "1.0.0", str(tmp_path / "out"))
    assert pd.read_parquet(tmp_path / "out" / "data" / "fra_Latn.parquet")["item_id"].tolist() == [chosen]
    lead_actions.decide(small.state, chosen, "drop", "it offends")
    with pytest.raises(
        ReleaseRefused, match="was selected, and was dropped or changed since: run belebele select"
    ):
        release_campaign(small.address, "1.0.1", str(tmp_path / "out"))


def test_no_release_before_the_selection(tmp_path: Path) -> None:
    small = kept(tmp_path / "campaign")
    with pytest.raises(ReleaseRefused, match="nothing was selected so far"):
        release_campaign(small.address, "1.0.0", str(tmp_path / "out"))


def test_the_command(tmp_path: Path) -> None:
    small = kept(tmp_path, size=2)
    told = CliRunner().invoke(main, ["select", small.address, "--size", "1", "--per-passage", "1", "--dry-run"])
    assert told.exit_code == 0, told.output
    assert told.output.startswith("would select 1 of 2 kept questions")
    facts = json.loads(CliRunner().invoke(main, ["select", small.address, "--margin", "0.1", "--json"]).output)
    assert (facts["size"], facts["margin"], facts["written"]) == (2, 0.1, True)
    assert facts["places"] == [1, 1, 0, 0]
    wrong = CliRunner().invoke(main, ["select", small.address, "--size", "7"])
    assert wrong.exit_code == 2
    assert f"belebele select {small.address} --size 2" in wrong.output


def test_quotas_of_campaign_toml(tmp_path: Path) -> None:
    small = kept(tmp_path)
    small.configure(
        "# [selection.quotas.domain]", "[selection.quotas.topic]\nboats = 1\n# [selection.quotas.domain]"
    )
    select(small.state, margin=1)
    assert selected_questions(small.state)["question_id"].tolist() == [BOATS]
    small.configure("boats = 1", "ships = 1")
    with pytest.raises(UsageError, match="no item has topic 'ships'; there is bakery, boats"):
        select(small.state)
