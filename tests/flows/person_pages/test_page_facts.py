"""What people's own pages say: what is theirs, in their words, and nothing that a reviewer must not know."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.ledger_views.posed_copies import plants_of_tasks
from flows.person_pages.page_facts import Facts, PageFacts
from tests.flows.small_campaign import BAKERY, BOATS, FRENCH, Small, at

ELSEWHERE = {"agency": "https://agency.example/me"}


def page(small: Small, person: str, benches: dict[str, int] | None = None, server: str = "main") -> Facts:
    return PageFacts(small.state).page(person, server, benches or {}, ELSEWHERE)


def test_it_names_a_persons_own_workbenches_with_their_deadlines(tmp_path: Path, own_state: Path) -> None:
    small = at("translating", tmp_path)
    small.configure("[deadlines]\n", "[deadlines]\ntranslating = 2026-12-20\n")
    benches = {
        "small/translating/fra_Latn/t1": 7,
        "small/translating/fra_Latn/t2": 8,
        "small/answering/fra_Latn/t1": 9,
    }
    assert page(small, "t1", benches)["work"] == [
        {"project": 9, "title": "Answer questions blind in French", "phone": True, "due": ""},
        {"project": 7, "title": "Translate into French", "phone": False, "due": "2026-12-20"},
    ]
    small.configure('code = "t1"', 'code = "t1"\npage_language = "fra_Latn"')
    found = page(small, "t1", benches)
    assert (found["language"], found["work"][1]["title"]) == ("fr", "Traduire vers : français")


def test_it_says_how_far_all_of_it_is_and_what_became_of_ones_own(tmp_path: Path, own_state: Path) -> None:
    small = at("proofreading", tmp_path)
    questions = {"what": "questions", "done": 2, "of": 2}
    french = {"what": "translations", "language": "français", "done": 0, "of": 2}
    assert page(small, "p1")["whole"] == [questions, french]
    assert page(small, "ana")["whole"] == [questions]
    assert sum(page(small, who)["decided"]["keep"] for who in ("ana", "ben") if page(small, who)["decided"]) == 2
    small.submit(*small.keys("proofreading", FRENCH))
    small.advance()
    assert page(small, "p1")["whole"][1] == {**french, "done": 2}
    kept = [page(small, who)["decided"].get("keep", 0) for who in ("t1", "t2", "p1", "p2")]
    assert sum(kept) == 4, "each translation once for its translator and once for its proofreader"
    assert {"what": "translations", "count": kept[0]} in page(small, "t1")["paid"] or not kept[0]


def test_a_plant_is_paid_like_any_other_work_and_nothing_tells_it_apart(tmp_path: Path, own_state: Path) -> None:
    small = at("answering", tmp_path)
    small.configure("plant_share = 0.0", "plant_share = 1.0")
    small.play(lambda state: bool(plants_of_tasks(state)) and not state.tasks["open"].all(), most=4)
    for _ in range(4):
        small.submit(*small.keys("answering"), *small.keys("judging"))
        small.advance()
    tasks = small.state.tasks
    planted = tasks[tasks["task_key"].isin(list(plants_of_tasks(small.state))) & tasks["done"]]
    assert len(planted), "none was planted"
    for person in set(planted["person"]):
        done = tasks[(tasks["person"] == person) & tasks["done"]]
        found = page(small, person)
        assert {one["what"] for one in found["paid"]} <= {"answers", "judgements", "guesses"}
        assert sum(one["count"] for one in found["paid"]) == len(done)
        assert "plant" not in str(found)


def test_work_on_another_server_is_linked_with_its_count(tmp_path: Path, own_state: Path) -> None:
    small = at("translating", tmp_path)
    small.configure('default = "main"', 'default = "main"\ntranslating = "agency"')
    count = len(small.keys("translating", FRENCH, person="t1"))
    found = page(small, "t1")["elsewhere"]
    assert found == [{"url": ELSEWHERE["agency"], "title": "Translate into French", "open": count}]
    assert page(small, "t1", server="agency")["elsewhere"] == []


@pytest.mark.parametrize("person", ["r1", "ana"])
def test_no_page_holds_what_others_wrote(person: str, tmp_path: Path, own_state: Path) -> None:
    """The words about somebody's work stand on the tasks, which only they reach."""
    small = at("judging", tmp_path)
    said = str(page(small, person, {f"small/judging/eng_Latn/{person}": 4}))
    for subject in (BOATS, BAKERY):
        assert small.question(subject)["question"] not in said
