"""Status: who waits for what, from the ledger alone, and how it looks on a narrow and on a wide screen."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from flows.lead import lead_actions
from flows.reports.status import progress_frame, show, status
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, at

ENGLISH = "eng_Latn"


def printed(small: Small, width: int) -> str:
    out = StringIO()
    show(Console(file=out, width=width), status(small.state))
    return out.getvalue()


@pytest.mark.parametrize(
    ("stage", "source", "french"),
    [
        ("authoring", {"slots": 2, "unwritten": 2}, {}),
        ("answering", {"slots": 2, "in_review": 2}, {}),
        ("judging", {"slots": 2, "in_review": 2}, {}),
        ("translating", {"slots": 2, "kept": 2}, {"wanted": 2, "untranslated": 2}),
        ("proofreading", {"slots": 2, "kept": 2}, {"wanted": 2, "in_proofreading": 2}),
        ("accepted", {"slots": 2, "kept": 2}, {"wanted": 2, "accepted": 2}),
    ],
)
def test_where_everything_stands(tmp_path: Path, stage: str, source: dict[str, int], french: dict[str, int]):
    small = at(stage, tmp_path)
    told = status(small.state)
    assert told["campaign"] == "small"
    assert told["passages"] == 2
    assert {name: n for name, n in told["source"].items() if n and name != "language"} == source
    assert {name: n for name, n in told["languages"][FRENCH].items() if n} == french
    assert told["languages"][FRENCH] == told["languages"][SWAHILI]
    assert told["lead"] == []
    assert told["aside"] == {}


def test_who_waits_for_what(tmp_path: Path):
    small = at("translating", tmp_path)
    small.submit(*small.keys(language=SWAHILI, question=BOATS))
    small.advance()
    people = {(line["person"], line["stage"], line["language"]): line for line in status(small.state)["people"]}
    assert people["s1", "translating", SWAHILI] == {
        "person": "s1", "stage": "translating", "language": SWAHILI, "open": 1, "submitted": 1,
    }  # fmt: skip
    assert people["s2", "proofreading", SWAHILI]["open"] == 1
    assert people["ana", "authoring", ENGLISH]["submitted"] == 1
    frame = progress_frame(small.state).set_index(["stage", "language"])
    assert list(frame.loc["translating", SWAHILI]) == [1, 1, 0]


def test_what_moves_back_is_counted_once(tmp_path: Path):
    small = at("accepted", tmp_path)
    lead_actions.decide(small.state, BOATS, "drop", "Too easy.")
    lead_actions.mend(small.state, "bakery", SWAHILI, ["Mikate huenda shuleni."])
    lead_actions.decide(small.state, f"{BAKERY}/{FRENCH}", "revise", "Hm.")
    told = status(small.state)
    assert {name: n for name, n in told["source"].items() if n and name != "language"} == {
        "slots": 2, "kept": 1, "dropped": 1,
    }  # fmt: skip
    assert {name: n for name, n in told["languages"][SWAHILI].items() if n} == {"wanted": 1, "stale": 1}
    assert {name: n for name, n in told["languages"][FRENCH].items() if n} == {"wanted": 1, "sent_back": 1}


def test_gaps_of_the_campaign_are_told_once(tmp_path: Path):
    small = at("judging", tmp_path)
    for code, role in (("s1", "translating"), ("r3", "reviewing")):
        languages = f'languages = ["{SWAHILI}"]\n' if code == "s1" else ""
        small.configure(f'[[people]]\ncode = "{code}"\nroles = ["{role}"]\n{languages}', "")
    for key in small.keys("judging", question=BOATS):
        if key.endswith("r3"):
            pytest.fail("r3 is not among the first two reviewers of the first passage")
    assert f"{SWAHILI}: nobody translates" in small.agenda()


@pytest.mark.parametrize("width", [80, 120])
def test_it_can_be_read_at_any_width(tmp_path: Path, width: int):
    small = at("translating", tmp_path)
    small.submit(
        *small.keys("translating", SWAHILI, BOATS), query="Is it [bold]this[/bold] hill or the other one?"
    )
    small.advance()
    for _ in range(2):
        lead_actions.reassign(small.state, "t1")
        lead_actions.reassign(small.state, "t2")
        small.advance()
    told = printed(small, width)
    lines = told.splitlines()
    assert max(map(len, lines)) <= width
    assert "Small  (small, 2 passages)" in lines[0]
    for word in ("drafted", "proofread", "accepted", "unwritten", "Who has what", SWAHILI, "s1"):
        assert word in told, f"{word} is cut at {width} columns"
    whole = " ".join(told.split())
    assert "“Is it [bold]this[/bold] hill or the other one?” → belebele answer" in whole
    assert "nobody is left for translating in fra_Latn: 2 wait" in whole
    assert told.count("Waits for the lead") == 1


def test_a_new_campaign_has_little_to_tell(tmp_path: Path):
    small = at("authoring", tmp_path)
    told = printed(small, 80)
    assert "Waits for the lead" not in told
    assert "without effect" not in told


def test_each_language_has_a_line_with_whom_it_waits_for_and_how_good_its_drafts_are(tmp_path: Path):
    small = at("proofreading", tmp_path)
    (first, second) = small.keys(language=SWAHILI)
    small.submit(first)
    small.advance()
    line = status(small.state)["translations"][SWAHILI]
    assert (line["wanted"], line["drafted"], line["proofread"], line["accepted"], line["stale"]) == (2, 2, 1, 1, 0)
    assert line["waits_for"] == {"s2": 1}
    assert (line["drafts"], line["few"], line["chrf"], line["error_score"]) == (
        1,
        True,
        None,
        None,
    )
    assert "s2 1" in printed(small, 80)
    lead_actions.reassign(small.state, "s2")
    assert status(small.state)["translations"][SWAHILI]["waits_for"] == {"": 1}, "whom nobody else can replace"
    assert second not in small.keys(language=SWAHILI)
