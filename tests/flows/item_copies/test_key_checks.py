"""Translations are answered blind by people without a part in them, and what follows from their answers."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from data.campaign.campaign import Campaign
from data.errors import CampaignError
from flows.item_copies.key_checks import checked_items, is_drawn
from flows.lead import lead_actions
from flows.release import release_campaign
from flows.reports import people
from flows.reports.status import status
from tests.flows.reports.test_status import printed
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, SWAHILI, Small, at

READERS = """
[[people]]
code = "k1"
roles = ["reviewing"]
languages = ["fra_Latn"]

[[people]]
code = "k2"
roles = ["reviewing"]
languages = ["fra_Latn"]
"""
DECIDE = f"belebele decide {BOATS}/{FRENCH} keep|revise --reason …"


def checked(folder: Path, *, readers: str = READERS, share: float = 1.0) -> Small:
    """A campaign with everything accepted, whose keys are checked; nobody independent works in Swahili."""
    small = at("accepted", folder)
    small.configure("[key_check]\nshare = 0.0", f"[key_check]\nshare = {share}")
    file = small.folder / "campaign.toml"
    file.write_text(file.read_text("utf-8") + readers, "utf-8")
    small.advance()
    return small


def facts(small: Small, language: str = FRENCH) -> dict[str, int]:
    return {name: n for name, n in status(small.state)["key_checks"][language].items() if n}


def evidence(small: Small, question: str = BOATS) -> tuple[str, int | None, int | None]:
    (one,) = (one for one in checked_items(small.state) if one.item == (question, FRENCH))
    return str(one.evidence.level), one.evidence.readers, one.evidence.right


def released(small: Small, folder: Path) -> dict[tuple[str, str], dict[str, object]]:
    release_campaign(small.address, "1.0.0", str(folder), date="2026-01-31")
    lines = pq.read_table(folder / "key_evidence.parquet").to_pylist()
    return {(line["item_id"], line["dialect"]): line for line in lines}


def disputes(small: Small) -> list[str]:
    return [line for line in small.agenda() if "the key of" in line]


def test_a_right_answer_of_somebody_without_a_part_in_it_is_evidence(tmp_path: Path):
    small = checked(tmp_path)
    before = small.state.decisions
    keys = small.keys("answering", FRENCH)
    assert {key.split("/")[2] for key in keys} == {f"{BOATS}-k1", f"{BAKERY}-k1"}
    assert {key.split("/")[4] for key in keys} <= {"k1", "k2"}, "reviewers of the language are asked first"
    shown = small.shown(next(key for key in keys if "boats" in key))
    assert shown["question"].startswith("Où Amina") and shown["sentences"][0].startswith("Amina répare")
    assert not {"key", "evidence"} & set(shown)
    assert facts(small) == {"drawn": 2, "unread": 2, "open": 2}
    small.submit(*keys)
    small.advance()
    assert small.state.decisions.equals(before) and small.advance().idle
    assert evidence(small) == ("one", 1, 1)
    assert facts(small) == {"drawn": 2, "one": 2}
    assert disputes(small) == []
    whole = people.people_facts(small.state)
    assert whole["accuracy"] == [], "only a baseline tells how often people are right"
    assert all(not one["blind"]["n"] for one in whole["people"] if one["person"] in ("k1", "k2"))
    assert sum(one["invoice"]["key_checks"]["answers"] for one in whole["people"]) == 2
    assert FRENCH in printed(small, 80).partition("Keys (of")[2]


def test_a_wrong_answer_asks_a_second_reader_and_then_the_lead(tmp_path: Path):
    small = checked(tmp_path)
    (first,) = [key for key in small.keys("answering", FRENCH) if BOATS in key]
    small.submit(*small.keys("answering", FRENCH, f"{BAKERY}-k1"))
    small.submit(first, choice=2)
    small.advance()
    assert evidence(small) == ("disputed", 1, 0)
    assert disputes(small) == [], "somebody else can be asked first"
    (second,) = small.keys("answering", FRENCH)
    assert BOATS in second and second.split("/")[4] not in first
    small.submit(second)
    small.advance()
    assert evidence(small) == ("disputed", 2, 1)
    (point,) = disputes(small)
    assert (
        DECIDE in point
        and "1 of 2 who answered it blind did not choose it (chose 2: “Sous le vieux pont”)" in point
    )
    assert not any(code in point for code in ("k1 ", "k2 ", "(k", "t1", "p1")), "nobody is named"
    assert small.translation(BOATS, FRENCH)["outcome"] == "keep", "it blocks nothing"
    line = released(small, tmp_path / "out")[BOATS, FRENCH]
    assert (line["level"], line["blind_readers"], line["blind_right"]) == ("disputed", 2, 1)
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "keep", "The passage says so.")
    small.advance()
    assert disputes(small) == [] and evidence(small) == ("two", 2, 1)
    assert small.keys("answering") == [] and small.advance().idle


def test_two_wrong_answers_and_a_new_text_which_is_asked_about_anew(tmp_path: Path):
    small = checked(tmp_path)
    for _ in range(2):
        small.submit(*small.keys("answering", FRENCH), choice=3)
        small.advance()
    assert len(disputes(small)) == 2 and evidence(small) == ("disputed", 2, 0)
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Readers take it for something else.")
    small.advance()
    assert len(disputes(small)) == 1, "what is being revised is not accepted"
    small.submit(*small.keys("translating", FRENCH), question="Où sont les outils d'Amina quand il pleut ?")
    small.advance()
    small.submit(*small.keys("proofreading", FRENCH))
    small.advance()
    assert evidence(small) == ("unread", None, None)
    assert facts(small) == {"drawn": 2, "unread": 1, "disputed": 1, "open": 1, "outdated": 1}
    (key,) = small.keys("answering", FRENCH)
    assert small.shown(key)["question"].startswith("Où sont")
    assert key.split("/")[3] == str(small.translation(BOATS, FRENCH)["revision"])
    small.submit(key)
    small.advance()
    assert evidence(small) == ("one", 1, 1)


def test_a_text_that_comes_back_as_it_was_is_not_asked_about_again(tmp_path: Path):
    small = checked(tmp_path)
    small.submit(*small.keys("answering", FRENCH))
    small.advance()
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "revise", "Hm.")
    small.advance()
    small.submit(*small.keys("translating", FRENCH))
    small.advance()
    small.submit(*small.keys("proofreading", FRENCH))
    small.advance()
    assert small.translation(BOATS, FRENCH)["revision"] == 4
    assert small.keys("answering") == [] and evidence(small) == ("one", 1, 1)


def test_with_nobody_independent_nothing_is_known_and_nothing_waits(tmp_path: Path):
    small = checked(tmp_path)
    assert small.keys("answering", SWAHILI) == []
    assert facts(small, SWAHILI) == {"drawn": 2, "unread": 2, "nobody": 2}
    agenda = small.agenda()
    assert not any("nobody is left for answering" in line for line in agenda)
    assert [line for line in agenda if SWAHILI in line] == [
        f"nobody is there to check keys in {SWAHILI} but who translates and proofreads: give somebody the role "
        "reviewing there"
    ]
    line = released(small, tmp_path / "out")[BOATS, SWAHILI]
    assert line == {
        "item_id": BOATS, "dialect": SWAHILI, "level": "unread", "blind_readers": None, "blind_right": None,
        "order_margin": None, "terms": None,
    }  # fmt: skip
    card = (tmp_path / "out/README.md").read_text("utf-8")
    assert "## Key evidence" in card and f"| `{SWAHILI}` | Swahili" in card
    assert "key_evidence.parquet" in json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))["files"]


def test_without_a_second_reader_a_wrong_answer_goes_to_the_lead(tmp_path: Path):
    alone = READERS.partition('[[people]]\ncode = "k2"')[0]
    small = checked(tmp_path, readers=alone)
    others = {"t1": "translating", "t2": "translating", "p1": "proofreading", "p2": "proofreading"}
    done = small.state.tasks
    with_part = set(done["person"][(done["question_id"] == BOATS) & (done["language"] == FRENCH)])
    for code in set(others) - with_part:  # who else could be asked leaves
        role = f'[[people]]\ncode = "{code}"\nroles = ["{others[code]}"]\nlanguages = ["fra_Latn"]\n'
        small.configure(role, "")
    (key,) = [key for key in small.keys("answering", FRENCH) if BOATS in key]
    small.submit(key, choice=0)
    small.advance()
    (point,) = disputes(small)
    assert DECIDE in point and "1 of 1" in point
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "keep", "It is there.")
    assert disputes(small) == [] and evidence(small) == ("one", 1, 0)


def test_translators_and_proofreaders_check_what_others_made(tmp_path: Path):
    small = checked(tmp_path, readers="")
    tasks = small.state.tasks
    open_ = small.open("answering", FRENCH)
    assert len(open_) == 2 and set(open_["person"]) <= {"t1", "t2", "p1", "p2"}
    for copy, person in zip(open_["question_id"], open_["person"], strict=True):
        made = tasks[(tasks["question_id"] == copy.removesuffix("-k1")) & (tasks["language"] == FRENCH)]
        assert person not in set(made["person"])
    campaign = Campaign.load(small.address)
    assert campaign.roles_for("answering")[-2:] == ("proofreading", "translating")
    assert lead_actions.reassign(small.state, open_["person"].iloc[0]) > 0
    small.advance()
    small.configure("[key_check]\nshare = 1.0", "[key_check]\nshare = 0.0")
    small.advance()
    assert small.keys("answering") == [] and status(small.state)["key_checks"] == {}


def test_the_draw_is_the_same_in_every_revision_and_grows_with_its_share():
    drawn = {share: {n for n in range(400) if is_drawn("wells", f"p-q{n}", FRENCH, share)} for share in (0.1, 0.3)}
    assert drawn[0.1] < drawn[0.3]
    assert 20 < len(drawn[0.1]) < 60 and 90 < len(drawn[0.3]) < 150
    assert drawn[0.1] != {n for n in range(400) if is_drawn("boats", f"p-q{n}", FRENCH, 0.1)}
    assert not any(is_drawn("wells", f"p-q{n}", FRENCH, 0.0) for n in range(9))


def test_only_the_languages_that_are_named(tmp_path: Path):
    small = checked(tmp_path)
    small.configure("[key_check]\nshare = 1.0", f'[key_check]\nshare = 1.0\nchecked_languages = ["{SWAHILI}"]')
    small.advance()
    assert small.keys("answering") == [] and list(status(small.state)["key_checks"]) == [SWAHILI]
    small.configure(f'checked_languages = ["{SWAHILI}"]', 'checked_languages = ["deu_Latn"]')
    with pytest.raises(CampaignError, match=r"key_check\.checked_languages.*deu_Latn is not among"):
        small.advance()


def test_a_campaign_without_it_is_as_it_was(tmp_path: Path):
    small = at("accepted", tmp_path)
    campaign = Campaign.load(small.address)
    small.configure("[key_check]\nshare = 0.0", "")
    without = Campaign.load(small.address)
    assert campaign.hash == without.hash and "key_check" not in campaign.to_json()
    assert Campaign.from_json(without.to_json()) == without
    assert small.advance().idle and status(small.state)["key_checks"] == {}
    release_campaign(small.address, "1.0.0", str(tmp_path / "out"), date="2026-01-31")
    assert not (tmp_path / "out/key_evidence.parquet").exists()
    assert "Key evidence" not in (tmp_path / "out/README.md").read_text("utf-8")
