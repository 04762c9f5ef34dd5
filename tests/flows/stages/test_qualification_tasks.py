"""Who is to write passes a quiz and trial questions first; none of these is ever a question of the campaign."""

import json
from pathlib import Path
from typing import Any

import pytest

from annotation.forms.option_letters import LETTERS
from annotation.guidelines.guideline_files import ours
from data.errors import CampaignError, UsageError
from data.ledger import tables
from data.ledger.events import NotQualified, Qualified
from data.ledger.item_copy_ids import trial_of
from flows.ledger_views.lead_queries import held_passages
from flows.ledger_views.people import author_standings, quiz_versions
from flows.ledger_views.question_slots import question_slots
from flows.offline.work_import import import_work
from flows.reports.status import status
from flows.steps import author_qualification
from tests.flows.small_campaign import PASSAGES, TEXTS, Small, begin, item


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """A campaign whose authors must qualify, with one trial question each."""
    made = begin(tmp_path / "campaign")
    made.configure("required = false", "required = true")
    made.configure("\ntrials = 2", "\ntrials = 1")
    made.configure("min_kept_trials = 2", "min_kept_trials = 1")
    made.advance()
    return made


def take_in(small: Small, task_key: str, **fields: Any) -> None:
    """Work of any kind, by file, as it is."""
    file = small.folder / "own.jsonl"
    file.write_text(json.dumps({"task_key": task_key, **fields}), "utf-8")
    import_work(small.state, str(file))


def right_options(small: Small, shown: dict[str, Any]) -> dict[str, int]:
    """The right option of each question that a task shows, by the quiz of its number."""
    asked = quiz_versions.quiz_of(small.state, shown["quiz_number"])
    return {name: one.right for name, one in asked.questions.items()}


def answer_quiz(small: Small, person: str, wrong: int = 0) -> None:
    """Somebody answers the quiz, so many questions of it wrongly."""
    (key,) = small.keys("qualifying", person=person)
    right, fields = right_options(small, small.shown(key)), {}
    for number, asked in enumerate(small.shown(key)["quiz"], start=1):
        option = right[asked["name"]]
        option = option % 4 + 1 if number <= wrong else option
        fields[f"choice_{number}"] = LETTERS[asked["order"].index(option)]
    take_in(small, key, **fields)
    small.advance()


def write_trial(small: Small, person: str, **fields: Any) -> str:
    """Somebody writes their trial question, as the passage's good one; returns its id."""
    mine = small.open("authoring", person=person)
    (subject,) = mine["question_id"]
    (key,) = mine["task_key"]
    text = TEXTS[f"{trial_of(subject)[0]}-q1", "eng_Latn"]
    notes = {f"note{n}": "The passage says otherwise." for n in (2, 3, 4)}
    take_in(
        small, key, **{**item(text["question"], text["answers"]), "key": 1, "evidence": "1", **notes, **fields}
    )
    small.advance()
    return subject


def review_trial(small: Small, subject: str, **judged: Any) -> None:
    """The reviewer answers the key, and keeps it unless told otherwise."""
    small.submit(*small.keys("answering", question=subject), choice=judged.pop("choice", 1))
    small.advance()
    small.submit(*small.keys("judging", question=subject), **judged)
    small.advance()


def step(small: Small, person: str) -> str:
    return {one.person: one.step for one in author_standings.standings(small.state)}[person]


def test_nobody_need_qualify_unless_the_campaign_says_so(tmp_path: Path) -> None:
    made = begin(tmp_path / "campaign")
    made.advance()
    assert not made.keys("qualifying")
    assert len(made.keys("authoring")) == 2
    assert status(made.state)["qualification"] == []


@pytest.mark.slow
def test_the_way_from_the_quiz_to_the_first_question(small: Small) -> None:
    assert small.keys() == ["qualifying/eng_Latn/quiz-ana/1/ana", "qualifying/eng_Latn/quiz-ben/1/ben"]
    assert small.agenda() == [], "what waits for authors waits for those who are on the way"

    answer_quiz(small, "ana", wrong=3)
    assert step(small, "ana") == "quiz"
    (again,) = small.keys("qualifying", person="ana")
    assert again == "qualifying/eng_Latn/quiz-ana/2/ana"
    assert len(small.shown(again)["findings"]) == 3

    answer_quiz(small, "ana", wrong=1)
    assert step(small, "ana") == "trials"
    subject = write_trial(small, "ana")
    assert len(small.keys("answering", question=subject)) == 1
    review_trial(small, subject)

    assert step(small, "ana") == "qualified"
    (qualified,) = small.state.events(Qualified)["detail"]
    assert json.loads(qualified) == {
        "quiz": 0.9, "kept": 1, "trials": [subject], "quiz_version": ours().quiz.version, "by": "rule",
    }  # fmt: skip
    assert set(small.open("authoring")["question_id"]) == {"boats-q1", "bakery-q1"}
    assert set(small.open("authoring")["person"]) == {"ana"}, "ben has not qualified"


def test_a_trial_is_no_question(small: Small) -> None:
    answer_quiz(small, "ana")
    subject = write_trial(small, "ana")
    review_trial(small, subject)
    state = small.state
    assert state.questions.empty
    assert state.decisions.empty
    assert subject not in set(question_slots(state)["question_id"])
    assert set(state.verdicts_on({subject})["judge"]) == {"r1"}


def test_what_a_reviewer_sees_of_a_trial_does_not_tell_whose_it_is(small: Small) -> None:
    answer_quiz(small, "ana")
    subject = write_trial(small, "ana")
    (key,) = small.keys("answering", question=subject)
    assert "ana" not in key + json.dumps(small.shown(key)).replace("banana", "")
    assert "key" not in small.shown(key)


def test_no_page_of_the_quiz_tells_what_is_right(small: Small) -> None:
    answer_quiz(small, "ana", wrong=10)
    for person in ("ana", "ben"):
        (key,) = small.keys("qualifying", person=person)
        shown = small.shown(key)
        assert "right" not in shown
        assert {name for asked in shown["quiz"] for name in asked} == {"name", "order"}


def test_who_fails_the_quiz_too_often_is_the_leads_to_let_in(small: Small) -> None:
    answer_quiz(small, "ana", wrong=3)
    answer_quiz(small, "ana", wrong=4)
    assert step(small, "ana") == "failed"
    assert not small.keys(person="ana")
    (line,) = small.agenda()
    assert line == (
        "ana did not qualify (quiz 70% in 2 attempts, 80% is wanted) → "
        "belebele qualify ana, or name another author"
    )
    assert len(small.state.events(NotQualified)) == 1

    assert author_qualification.let_in(small.state, "ana") == "ana may write questions"
    small.advance()
    assert len(small.keys("authoring", person="ana")) == 2
    assert small.agenda() == []
    with pytest.raises(UsageError, match="ana is qualified already"):
        author_qualification.let_in(small.state, "ana")
    with pytest.raises(UsageError, match="r1 does not write questions"):
        author_qualification.let_in(small.state, "r1")


def test_a_bar_that_is_lowered_counts_at_once(small: Small) -> None:
    answer_quiz(small, "ana", wrong=3)
    answer_quiz(small, "ana", wrong=3)
    small.configure("min_quiz_share = 0.8", "min_quiz_share = 0.7")
    small.advance()
    assert step(small, "ana") == "trials"


def test_a_trial_that_a_check_flags_needs_no_reviewer_and_is_tried_again(small: Small) -> None:
    answer_quiz(small, "ana")
    first = write_trial(small, "ana", question="Where does it go")
    assert not small.keys("answering")
    (mine,) = small.open("authoring", person="ana").to_dict("records")
    second = mine["question_id"]
    assert trial_of(second)[2] == 2
    assert trial_of(second)[0] != trial_of(first)[0], "another passage"
    assert "Where does it go" in small.shown(mine["task_key"])["findings"][0]


@pytest.mark.parametrize("said", [{"choice": 2}, {"recommend": "revise", "comment": "Too easy."}])
def test_a_trial_needs_the_reviewers_answer_and_word(small: Small, said: dict[str, Any]) -> None:
    answer_quiz(small, "ana")
    for _ in range(2):
        review_trial(small, write_trial(small, "ana"), **said)
    assert step(small, "ana") == "failed"
    assert "0 of 1 trials kept in attempt 2" in small.agenda()[0]


def test_a_reviewer_who_cannot_judge_a_trial_has_judged_it(small: Small) -> None:
    answer_quiz(small, "ana")
    subject = write_trial(small, "ana")
    small.submit(*small.keys("answering", question=subject), query="This cannot be answered.")
    small.advance()
    assert not held_passages(small.state), "a trial's fault holds nobody's work"
    assert trial_of(small.open("authoring", person="ana")["question_id"].item())[2] == 2


def test_a_skipped_trial_comes_on_another_passage_and_a_skipped_quiz_not_at_all(small: Small) -> None:
    answer_quiz(small, "ana")
    (mine,) = small.open("authoring", person="ana").to_dict("records")
    facts = json.dumps({"why": "skipped", "person": "ana"})
    close = [{"kind": "task_closed", "subject": mine["task_key"], "language": "eng_Latn", "detail": facts}]
    (quiz_of_ben,) = small.keys("qualifying", person="ben")
    close.append({**close[0], "subject": quiz_of_ben})
    small.state.ledger.append(tables.EVENTS, close)
    small.advance()
    (now,) = small.open("authoring", person="ana")["question_id"]
    assert trial_of(now)[0] == next(p for p, _ in PASSAGES if p != mine["passage_id"])
    assert not small.keys(person="ben")
    assert small.agenda() == ["ben turned the quiz down → belebele qualify ben, or name another author"]


def test_what_is_changed_after_it_was_scored_is_kept_and_does_not_count(small: Small) -> None:
    (key,) = small.keys("qualifying", person="ana")
    answer_quiz(small, "ana", wrong=9)
    right = right_options(small, small.shown(key))
    better = {
        f"choice_{n}": LETTERS[asked["order"].index(right[asked["name"]])]
        for n, asked in enumerate(small.shown(key)["quiz"], start=1)
    }
    take_in(small, key, **better)
    small.advance()
    assert step(small, "ana") == "quiz"
    assert status(small.state)["aside"] == {"after it was scored": 1}


def test_a_second_run_changes_nothing(small: Small) -> None:
    answer_quiz(small, "ana")
    review_trial(small, write_trial(small, "ana"))
    before = small.state.ledger.version()
    small.advance()
    assert small.state.ledger.version() == before


def test_a_bar_that_nobody_can_reach_is_a_mistake(small: Small) -> None:
    small.configure("min_kept_trials = 1", "min_kept_trials = 3")
    with pytest.raises(CampaignError, match="min_kept_trials is 3, but 1 trial"):
        small.advance()
