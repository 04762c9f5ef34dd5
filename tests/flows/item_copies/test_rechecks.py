"""Accepted questions judged anew: by whom, and what follows, which is nothing but a line for the lead."""

from pathlib import Path
from typing import Any

import pytest

from annotation.forms.review_criteria import CRITERIA
from data.ledger import item_copy_ids, tables
from flows.assignment.copy_readers import people_involved, readers_of_copies
from flows.item_copies import rechecks
from flows.lead.lead_actions import decide
from flows.ledger_views.current_items import kept_questions
from flows.release import release_campaign
from flows.reports.people_and_pay import reviewer_measures
from flows.reports.status import status
from tests.flows.small_campaign import BAKERY, BOATS, Small, at


def rechecking_all(folder: Path, roles: str = '["adjudicating"]') -> Small:
    small = with_an_expert(at("translating", folder), roles)
    small.configure("[recheck]\nrecheck_share = 0.0", "[recheck]\nrecheck_share = 1.0")
    return small


def with_an_expert(small: Small, roles: str = '["adjudicating"]') -> Small:
    file = small.folder / "campaign.toml"
    file.write_text(file.read_text("utf-8") + f'\n[[people]]\ncode = "x1"\nroles = {roles}\n', "utf-8")
    return small


def judged_by(shown: dict[str, Any]) -> dict[str, Any]:
    """What a judging page shows of the question, whoever judges."""
    assert any(shown["settles"])
    return {name: value for name, value in shown.items() if name not in ("answers", "own")} | {
        "answers": [answer["text"] for answer in shown["answers"]],
        "correct": ["correct answer" in answer["mark"] for answer in shown["answers"]],
    }


def judge(small: Small, subject: str, recommend: str) -> None:
    (key,) = small.keys("judging", question=f"{subject}-r1")
    unmet = {} if recommend == "keep" else {"rubric_one_right": "no"}
    rubric = {**{f"rubric_{name}": "yes" for name in CRITERIA}, **unmet}
    small.submit(key, **rubric, recommend=recommend, comment="" if recommend == "keep" else "Two are right.")


def test_an_expert_answers_blind_then_judges_and_the_lead_is_told(tmp_path: Path):
    small = rechecking_all(tmp_path)
    small.advance()
    assert set(small.open("answering")["person"]) == {"x1"}
    assert "key" not in small.shown(small.keys("answering")[0])
    small.submit(*small.keys("answering", person="x1"))
    small.advance()
    (key,) = small.keys("judging", question=f"{BOATS}-r1")
    reviewed = small.state.tasks
    reviewed = reviewed[(reviewed["stage"] == "judging") & (reviewed["question_id"] == BOATS)]
    assert judged_by(small.shown(key)) == judged_by(small.shown(reviewed["task_key"].iloc[0]))
    judge(small, BOATS, "revise")
    judge(small, BAKERY, "keep")
    before = small.state.decisions
    small.advance()
    assert small.state.decisions.equals(before)
    assert set(kept_questions(small.state)["question_id"]) == {BOATS, BAKERY}
    assert [line for line in small.agenda() if "recheck" in line] == [
        f"recheck of {BOATS}: “revise: Two are right.” → belebele decide {BOATS} keep|revise|drop --reason …"
    ]
    found = reviewer_measures.recheck(small.state)
    assert (found.accepted, found.judged, found.faulty, found.low, found.high) == (2, 2, 1, 0.5, 0.5)
    assert status(small.state)["measured"]["recheck"]["objected"] == 1

    decide(small.state, BOATS, "keep", "One is right.")
    assert not any("recheck" in line for line in small.agenda())
    decide(small.state, BOATS, "revise", "Two are right.")
    small.advance()
    assert not any("recheck" in line for line in small.agenda())
    assert small.keys("authoring", question=BOATS)


def test_nobody_judges_anew_what_they_had_to_do_with(tmp_path: Path):
    small = rechecking_all(tmp_path, '["adjudicating", "authoring"]')
    small.configure('code = "r1"\nroles = ["reviewing"]', 'code = "r1"\nroles = ["reviewing", "adjudicating"]')
    small.advance()
    reviewed = small.state.tasks
    reviewed = set(reviewed["question_id"][(reviewed["person"] == "r1") & (reviewed["stage"] == "judging")])
    mine = small.open("answering")
    assert not any(
        subject.removesuffix("-r1") in reviewed for subject in mine["question_id"][mine["person"] == "r1"]
    )


def test_without_anybody_it_waits_and_says_so(tmp_path: Path):
    small = at("translating", tmp_path)
    small.configure("[recheck]\nrecheck_share = 0.0", "[recheck]\nrecheck_share = 1.0")
    small.advance()
    assert small.keys("answering") == []
    assert any("adjudicating" in line for line in small.agenda())


def test_a_share_is_drawn_and_the_same_in_every_run(tmp_path: Path):
    small = rechecking_all(tmp_path)
    small.configure("recheck_share = 1.0", "recheck_share = 0.5")
    first = list(rechecks.drawn_questions(small.state)["question_id"])
    assert list(rechecks.drawn_questions(small.state)["question_id"]) == first
    small.configure("recheck_share = 0.5", "recheck_share = 0.0")
    assert rechecks.drawn_questions(small.state).empty
    assert small.advance().opened == 0


def test_a_release_does_not_change_by_it(tmp_path: Path):
    small = rechecking_all(tmp_path)
    small.play(lambda state: not state.tasks["open"].any())
    release_campaign(small.address, "1.0.0", str(tmp_path / "one"), date="2026-01-31")
    plain = with_an_expert(at("accepted", tmp_path / "plain"))
    release_campaign(plain.address, "1.0.0", str(tmp_path / "two"), date="2026-01-31")
    for file in sorted((tmp_path / "two").rglob("*")):
        if file.is_file():
            assert (tmp_path / "one" / file.relative_to(tmp_path / "two")).read_bytes() == file.read_bytes()


def test_who_read_a_copy_of_a_kind_that_is_new_never_gets_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = at("translating", tmp_path)
    ledger = small.state.ledger
    task = next(row for row in ledger.read_arrow(tables.TASKS).to_pylist() if row["stage"] == "answering")
    monkeypatch.setitem(item_copy_ids._MARKS, "pilot", "x")
    copy = {**task, "question_id": f"{BOATS}-x1", "person": "zoe", "task_key": "answering/x", "sequence": None}
    ledger.append(tables.TASKS, [{name: value for name, value in copy.items() if name != "event_id"}])
    assert "zoe" in readers_of_copies(small.state)[BOATS]
    assert "zoe" in people_involved(small.state, [BOATS])[BOATS]
