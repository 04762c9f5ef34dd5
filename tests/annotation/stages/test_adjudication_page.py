"""What an adjudicating task shows and what a decision says."""

import pytest

from annotation.forms.review_criteria import CRITERIA, NAMES
from annotation.forms.submitted_form import Reading
from annotation.stages import adjudication_page
from annotation.stages.adjudication_page import Review

FINE = dict.fromkeys(CRITERIA, True)
REVIEWS = [
    Review(1, True, "", FINE, "keep"),
    Review(3, False, "Or 1.", {**FINE, "wording": False}, "revise", "Unclear."),
    Review(0),  # answered, and has not judged
]
PAYLOAD = adjudication_page.payload(
    sentences=["One.", "Not two."], question="How many?", answers=["one", "two", "three", "four"], key=1,
    reviews=REVIEWS, evidence=[2], notes=["", "It is named.", "It is near.", "So many answers there are."],
)  # fmt: skip


def line(says: str) -> list[str]:
    (found,) = [one for one in PAYLOAD["lines"] if one["says"] == says]  # type: ignore[attr-defined]
    return [*(found[c] for c in "abcd"), found["differs"]]


def test_reviewers_stand_side_by_side_under_letters():
    assert line("Reviewer") == ["A", "B", "C", "", ""]
    assert line("Answered blind") == ["1", "3", "none", "", "differ"]
    assert line("Was sure then") == ["yes", "no", "yes", "", ""]
    assert line("Recommends") == ["keep", "revise", "–", "", "differ"]
    assert line("Well worded") == ["✓ yes", "✗ no", "–", "", "differ"]
    assert line("Inoffensive") == ["✓ yes", "✓ yes", "–", "", ""]
    by = [(answer["mark"], answer["by"]) for answer in PAYLOAD["answers"]]  # type: ignore[attr-defined]
    assert by == [("correct answer", "chosen by A"), ("", ""), ("", "chosen by B"), ("", "")]
    assert PAYLOAD["remarks"] == [
        {"who": "Reviewer B, answering blind", "text": "Or 1."},
        {"who": "Reviewer B, judging", "text": "Unclear."},
    ]


def test_what_the_author_said_for_it_stands_beside():
    assert PAYLOAD["settles"] == ["", "evidence"]
    assert "the highlighted sentences" in str(PAYLOAD["place"])
    notes = [answer["note"] for answer in PAYLOAD["answers"]]  # type: ignore[attr-defined]
    assert notes == ["", "It is named.", "It is near.", "So many answers there are."]


def test_a_question_of_before_evidence_and_a_task_of_before_it_was_shown_are_shown_without():
    bare = adjudication_page.payload(
        sentences=["One."], question="", answers=["one", "two"], key=1, reviews=REVIEWS
    )
    assert (bare["settles"], bare["place"]) == ([""], "Judge by the passage alone.")
    old = {name: value for name, value in bare.items() if name != "settles"}
    old["answers"] = [
        {name: value for name, value in answer.items() if name != "note"}
        for answer in bare["answers"]  # type: ignore[attr-defined]
    ]
    assert adjudication_page.extra_fields(old) == {"settles": [""], "answers": bare["answers"]}
    assert adjudication_page.extra_fields(PAYLOAD) == {name: PAYLOAD[name] for name in ("settles", "answers")}


def test_every_criterion_has_a_name_and_every_reviewer_a_column():
    assert set(NAMES) == set(CRITERIA)
    many = adjudication_page.payload(
        sentences=[], question="", answers=["a"], key=1, reviews=[Review(1)] * adjudication_page.MOST
    )
    assert all(many["lines"][1][c] == "1" for c in "abcdefghi")  # type: ignore[index]


@pytest.mark.parametrize(
    ("decision", "right", "problem"),
    [
        ("keep", None, ""),
        ("keep", 1, ""),
        ("keep", 2, "You keep the question but say that answer 2 is right"),
        ("keep", 0, "You keep the question but say that not exactly one answer is right"),
        ("revise", 2, ""),
        ("drop", 0, ""),
    ],
)
def test_a_decision_is_read_and_must_not_contradict_itself(decision: str, right: int | None, problem: str):
    read = adjudication_page.read(adjudication_page.result(decision=decision, right=right, reason="So."), PAYLOAD)
    if problem:
        assert read.problems[0].startswith(problem)
    else:
        assert read == Reading({"decision": decision, "right": right, "reason": "So."}, (), "")


def test_a_reason_is_needed_and_what_was_written_comes_back():
    read = adjudication_page.read(adjudication_page.result(decision="drop"), PAYLOAD)
    assert read.problems == (
        "The reason is missing: say why; it goes to the author, or stands beside the question.",
    )
    assert adjudication_page.refill(adjudication_page.result(reason="Hm.")) == {"reason": "Hm."}
