"""Translations are answered blind by people without a part in them, and what follows from their answers."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pyarrow.parquet as pq
import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.campaign import Campaign
from data.campaign.contacts import set_contact
from data.errors import CampaignError
from data.ledger import tables
from flows.item_copies.key_checks import checked_items, is_drawn
from flows.lead import lead_actions
from flows.release import release_campaign
from flows.reports.people_and_pay import people
from flows.reports.status import status
from qc.reports.people_report import schema
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


def checked(folder: Path, *, readers: str = READERS, campaign_id: str = "small") -> Small:
    """A campaign with everything accepted, whose keys are all checked; nobody independent works in Swahili."""
    small = at("accepted", folder, campaign_id)
    small.configure("[key_check]\nshare = 0.0", "[key_check]\nshare = 1.0")
    file = small.folder / "campaign.toml"
    file.write_text(file.read_text("utf-8") + readers, "utf-8")
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


def fit_of_order(small: Small, score: float) -> None:
    """What the check of the options' order says of the French item, by a fit."""
    now = small.translation(BOATS, FRENCH)
    row = {
        "scope": "item", "subject": BOATS, "language": FRENCH, "revision": int(now["revision"]),
        "check": "options_swapped", "version": 2, "signature": "options_swapped|v:2", "score": score,
        "flagged": False, "reason": "", "judge": "check", "origin": "a fit", "judged_at": datetime.now(UTC),
    }  # fmt: skip
    small.state.ledger.append(tables.VERDICTS, [row])


def test_a_right_answer_of_somebody_without_a_part_in_it_is_evidence(tmp_path: Path):
    small = checked(tmp_path)
    before = small.state.decisions
    small.advance()
    keys = small.keys("answering")
    assert {tuple(key.split("/")[1:3]) for key in keys} == {(FRENCH, f"{BOATS}-k1"), (FRENCH, f"{BAKERY}-k1")}
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
    assert FRENCH in printed(small, 80).partition("Keys (of")[2]
    whole = people.people_facts(small.state)
    assert whole["accuracy"] == [], "only a baseline tells how often people are right"
    assert all(not one["blind"]["n"] for one in whole["people"] if one["person"] in ("k1", "k2"))
    assert sum(one["invoice"]["key_checks"]["answers"] for one in whole["people"]) == 2
    jsonschema.validate(whole, schema())

    # Nobody independent works in Swahili: nothing is known, and nothing waits.
    assert facts(small, SWAHILI) == {"drawn": 2, "unread": 2, "nobody": 2}
    assert small.agenda() == [
        f"nobody is there to check keys in {SWAHILI} but who translates and proofreads: give somebody the role "
        "reviewing there"
    ]
    fit_of_order(small, 0.9)
    (small.folder / "glossary.csv").write_text("term,fra_Latn,swh_Latn\nhill,colline,zwyxq\n", "utf-8")
    small.configure("\n[translation]\n", '\n[translation]\nglossary = "glossary.csv"\n')
    lines = released(small, tmp_path / "out")
    assert list(lines) == [(question, code) for question in (BAKERY, BOATS) for code in (FRENCH, SWAHILI)]
    french, swahili = lines[BOATS, FRENCH], lines[BOATS, SWAHILI]
    assert list(french.values()) == [BOATS, FRENCH, "one", 1, 1, 0.8, 1.0]
    assert list(swahili.values()) == [BOATS, SWAHILI, "unread", None, None, None, None]
    card = re.sub(r"\[(\d+)\]\([^)]*\)", r"\1", (tmp_path / "out/README.md").read_text("utf-8"))
    assert "## Key evidence" in card and f"| `{SWAHILI}` | Swahili | 2 | 0 | 0 | 0 |" in card
    assert "key_evidence.parquet" in json.loads((tmp_path / "out/manifest.json").read_text("utf-8"))["files"]


def test_a_wrong_answer_asks_a_second_reader_and_then_the_lead(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
):
    small = checked(tmp_path, campaign_id=campaign_id)
    small.servers = {"main": studio}
    for code in ("k1", "k2"):
        visitor(code)
        set_contact(campaign_id, code, f"{code}@example.org")
    small.advance()

    def answer(question: str, choice: int) -> str:
        """Somebody who has it on their workbench answers; gives who."""
        (person,) = small.open("answering", FRENCH, f"{question}-k1")["person"]
        title = small.state.campaign.workbench_title("answering", FRENCH, person)
        there = visitor(person).open_tasks(title)
        (task,) = [task for task in there if f"/{question}-k1/" in task.key]
        result = page_of("answering").result({"choice": choice, "sure": True, "comment": ""}, task.data, "")
        visitor(person).submit(task.id, result)
        small.advance()
        return str(person)

    answer(BAKERY, 1)
    first = answer(BOATS, 2)
    assert evidence(small) == ("disputed", 1, 0)
    assert disputes(small) == [], "somebody else can be asked first"
    assert answer(BOATS, 1) != first
    assert evidence(small) == ("disputed", 2, 1)
    (point,) = disputes(small)
    assert "1 of 2 who answered it blind did not choose it (chose 2: “Sous le vieux pont”)" in point
    assert f"belebele decide {BOATS}/{FRENCH} keep|revise --reason …" in point
    assert small.translation(BOATS, FRENCH)["outcome"] == "keep", "it blocks nothing"
    line = released(small, tmp_path / "out")[BOATS, FRENCH]
    assert (line["level"], line["blind_readers"], line["blind_right"]) == ("disputed", 2, 1)
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "keep", "The passage says so.")
    small.advance()
    assert disputes(small) == [] and evidence(small) == ("two", 2, 1)
    assert small.keys("answering") == [] and small.advance().idle


def test_another_text_is_asked_about_anew_and_the_same_is_not(tmp_path: Path):
    small = checked(tmp_path)
    small.advance()
    small.submit(*small.keys("answering", question=f"{BAKERY}-k1"))
    for _ in range(2):
        small.submit(*small.keys("answering", question=f"{BOATS}-k1"), choice=3)
        small.advance()
    assert len(disputes(small)) == 1 and evidence(small) == ("disputed", 2, 0)
    for question in (BOATS, BAKERY):
        lead_actions.decide(small.state, f"{question}/{FRENCH}", "revise", "Readers take it for something else.")
    small.advance()
    assert disputes(small) == [], "what is being revised is not accepted"
    small.submit(*small.keys("translating", question=BOATS), question="Où sont les outils quand il pleut ?")
    small.submit(*small.keys("translating", question=BAKERY))
    small.advance()
    small.submit(*small.keys("proofreading", FRENCH))
    small.advance()
    assert evidence(small) == ("unread", None, None) and evidence(small, BAKERY) == ("one", 1, 1)
    assert facts(small) == {"drawn": 2, "unread": 1, "one": 1, "open": 1, "outdated": 1}
    (key,) = small.keys("answering", FRENCH)
    assert small.shown(key)["question"].startswith("Où sont")
    assert key.split("/")[3] == str(small.translation(BOATS, FRENCH)["revision"])
    small.submit(key)
    small.advance()
    assert evidence(small) == ("one", 1, 1)


def test_without_a_second_reader_a_wrong_answer_goes_to_the_lead(tmp_path: Path):
    small = checked(tmp_path, readers=READERS.partition('[[people]]\ncode = "k2"')[0])
    done = small.state.tasks
    with_part = set(done["person"][(done["question_id"] == BOATS) & (done["language"] == FRENCH)])
    roles = {"t1": "translating", "t2": "translating", "p1": "proofreading", "p2": "proofreading"}
    for code in set(roles) - with_part:  # who else could be asked leaves
        small.configure(f'[[people]]\ncode = "{code}"\nroles = ["{roles[code]}"]\nlanguages = ["fra_Latn"]\n', "")
    small.advance()
    small.submit(*small.keys("answering", question=f"{BOATS}-k1"), choice=0)
    small.advance()
    (point,) = disputes(small)
    assert "1 of 1" in point
    lead_actions.decide(small.state, f"{BOATS}/{FRENCH}", "keep", "It is there.")
    assert disputes(small) == [] and evidence(small) == ("one", 1, 0)


def test_translators_and_proofreaders_check_what_others_made(tmp_path: Path):
    small = checked(tmp_path, readers="")
    small.advance()
    tasks, given = small.state.tasks, small.open("answering", FRENCH)
    assert len(given) == 2 and set(given["person"]) <= {"t1", "t2", "p1", "p2"}
    for copy, person in zip(given["question_id"], given["person"], strict=True):
        made = tasks[(tasks["question_id"] == copy.removesuffix("-k1")) & (tasks["language"] == FRENCH)]
        assert person not in set(made["person"])
    lead_actions.reassign(small.state, given["person"].iloc[0])
    small.advance()
    assert given["person"].iloc[0] not in set(small.open("answering")["person"])
    small.configure("[key_check]\nshare = 1.0", f'[key_check]\nshare = 1.0\nchecked_languages = ["{SWAHILI}"]')
    small.advance()
    assert small.keys("answering") == [] and list(status(small.state)["key_checks"]) == [SWAHILI]
    small.configure(f'checked_languages = ["{SWAHILI}"]', 'checked_languages = ["deu_Latn"]')
    with pytest.raises(CampaignError, match=r"key_check\.checked_languages.*deu_Latn is not among"):
        small.advance()


def test_nobody_reads_an_item_in_two_languages(tmp_path: Path):
    both = '\n[[people]]\ncode = "k1"\nroles = ["reviewing"]\nlanguages = ["fra_Latn", "swh_Latn"]\n'
    small = checked(tmp_path, readers=both)
    small.advance()
    mine = small.open("answering", person="k1")
    assert len(mine) and not mine["question_id"].duplicated().any()


def test_the_draw_is_the_same_in_every_revision_and_grows_with_its_share():
    drawn = {share: {n for n in range(400) if is_drawn("wells", f"p-q{n}", FRENCH, share)} for share in (0.1, 0.3)}
    assert drawn[0.1] < drawn[0.3]
    assert 20 < len(drawn[0.1]) < 60 and 90 < len(drawn[0.3]) < 150
    assert drawn[0.1] != {n for n in range(400) if is_drawn("boats", f"p-q{n}", FRENCH, 0.1)}
    assert not any(is_drawn("wells", f"p-q{n}", FRENCH, 0.0) for n in range(9))


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
