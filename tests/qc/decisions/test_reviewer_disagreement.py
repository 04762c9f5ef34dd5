"""Who is asked where reviewers disagree, and what follows: small votes that one can count, then any votes."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.decisions.rule_table import Awaited, Policy, decide
from qc.decisions.standing_verdicts import UNMET
from tests.qc.decisions.test_rule_table import CHECKED, NOW, POLICY, frame, item, review, verdict

UP_TO_FIVE = Policy(overlap=2, rounds=2, most=5, required=POLICY.required)


def said(rows, policy=UP_TO_FIVE, *, reach=9, adjudicators=0, number=1):
    """(outcome or "waiting", rule or what is awaited, how many are to review it)."""
    case = {**item("source", number), "reach": reach, "adjudicators": adjudicators}
    decided = decide(pd.DataFrame([case]), frame([CHECKED, *rows]), policy, NOW)
    if decided.decisions:
        return decided.decisions[0]["outcome"], decided.decisions[0]["rule"], 0
    (waits,) = decided.waiting.to_dict("records")
    return "waiting", waits["awaited"], waits["reviewers"]


def votes(*recommendations):
    return [row for n, word in enumerate(recommendations, 1) for row in review(f"r{n}", recommend=word)]


def test_a_guess_and_a_baseline_decide_about_nothing():
    aside = [verdict("guess", "r1", False, score=1.0), verdict("baseline_answer", "b1", True, score=0.0)]
    assert said(aside)[:2] == ("waiting", Awaited.BLIND_ANSWERS)
    assert said([*votes("keep", "keep"), *aside])[:2] == ("keep", "accepted")
    alone = Policy(overlap=0)
    assert said([*aside, verdict("language_identified", flagged=None)], alone)[:2] == ("waiting", Awaited.LEAD)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (votes("keep", "keep"), ("keep", "accepted", 0)),
        (votes("keep", "revise"), ("waiting", Awaited.BLIND_ANSWERS, 3)),
        ([*review("r1"), *review("r2", choice=True)], ("waiting", Awaited.BLIND_ANSWERS, 3)),
        ([*review("r1"), *review("r2", wording=True)], ("waiting", Awaited.BLIND_ANSWERS, 3)),
        # both want it changed: what exactly is wrong needs nobody else
        ([*review("r1", recommend="revise", wording=True), *review("r2", recommend="revise", one_right=True)],
         ("revise", "reviewers", 0)),
        (votes("drop", "drop"), ("drop", "majority", 0)),
        (votes("drop", "revise"), ("waiting", Awaited.BLIND_ANSWERS, 3)),
        (votes("keep", "revise", "keep"), ("waiting", Awaited.BLIND_ANSWERS, 4)),
        (votes("keep", "revise", "keep", "keep"), ("keep", "accepted", 0)),
        (votes("keep", "revise", "keep", "revise"), ("waiting", Awaited.BLIND_ANSWERS, 5)),
        (votes("keep", "revise", "keep", "revise", "keep"), ("keep", "accepted", 0)),
        (votes("keep", "revise", "keep", "revise", "revise"), ("revise", "reviewers", 0)),
        (votes("drop", "revise", "drop", "drop"), ("drop", "majority", 0)),
        # two of five for each: nobody is sure
        (votes("keep", "revise", "keep", "revise", "drop"), ("revise", "reviewers", 0)),
        # a third who answered and has not judged yet is waited for, and is no vote
        ([*votes("keep", "revise"), verdict("blind_answer", "r3")], ("waiting", Awaited.JUDGEMENTS, 3)),
    ],
)  # fmt: skip
def test_one_more_at_a_time_until_a_majority_is_beyond_doubt(rows, expected):
    assert said(rows) == expected


def test_as_far_as_there_are_people():
    split = votes("keep", "revise")
    assert said(split, reach=2) == ("revise", "reviewers", 0)
    assert said(split, reach=3) == ("waiting", Awaited.BLIND_ANSWERS, 3)
    assert said(votes("keep", "revise", "keep"), reach=3) == ("keep", "accepted", 0), "two of all three there are"


def test_what_stays_disputed_goes_to_an_adjudicator_if_there_is_one():
    split = votes("keep", "revise", "keep", "revise", "drop")
    assert said(split, adjudicators=1) == ("waiting", Awaited.ADJUDICATION, 0)
    assert said(votes("keep", "revise"), POLICY, adjudicators=1) == ("waiting", Awaited.ADJUDICATION, 0), (
        "nobody else is asked"
    )
    assert said(votes("keep", "revise"), POLICY) == ("revise", "reviewers", 0)
    three = Policy(overlap=3, rounds=2, required=POLICY.required)
    assert said(votes("keep", "keep", "revise"), three) == ("revise", "reviewers", 0), "as it always was"
    assert said(votes("keep", "keep", "revise"), three, adjudicators=1) == ("waiting", Awaited.ADJUDICATION, 0)


@pytest.mark.parametrize(
    ("word", "number", "expected"),
    [("keep", 1, "keep"), ("revise", 1, "revise"), ("revise", 3, "drop"), ("drop", 1, "drop")],
)
def test_the_adjudicator_decides(word, number, expected):
    score = {"keep": 1.0, "revise": 0.5, "drop": 0.0}[word]
    rows = [*votes("keep", "revise"), verdict("adjudication", "eve", word != "keep", f"{word}: as sentence 2 says",
                                              score)]  # fmt: skip
    assert said(rows, adjudicators=1, number=number)[:2] == (expected, "adjudicated")
    case = pd.DataFrame([item("source", number)])
    (made,) = decide(case, frame([CHECKED, *rows]), UP_TO_FIVE, NOW).decisions
    assert "as sentence 2 says" in made["reason"]
    assert "eve" not in made["reason"]


def test_a_majority_says_who_was_outvoted():
    rows = [
        *votes("keep", "keep", "keep"),
        *review("r4", recommend="revise", choice=True, comment="Two are right."),
    ]
    case = pd.DataFrame([{**item(), "reach": 9, "adjudicators": 0}])
    (made,) = decide(case, frame([CHECKED, *rows]), UP_TO_FIVE, NOW).decisions
    assert made["outcome"] == "keep"
    assert made["reason"].startswith(
        "Most reviewers keep it: 1 of 4 objected and were outvoted; 3 of 4 readers chose the key"
    )


reviews = st.builds(
    lambda choice, recommend, unmet: (choice, recommend, unmet),
    st.booleans(),
    st.sampled_from(["keep", "keep", "revise", "drop"]),
    st.sets(st.sampled_from(sorted(UNMET)), max_size=2),
)


def rows_of(people):
    return [
        row
        for n, (choice, recommend, unmet) in enumerate(people, 1)
        for row in review(f"r{n}", choice, recommend, **dict.fromkeys(unmet, True))
    ]


@given(
    people=st.lists(reviews, max_size=6), most=st.integers(0, 6), overlap=st.integers(1, 3),
    reach=st.integers(0, 7), adjudicators=st.integers(0, 1),
)  # fmt: skip
def test_nothing_waits_for_people_who_are_not_wanted_or_not_there(people, most, overlap, reach, adjudicators):
    policy = Policy(overlap=overlap, rounds=2, most=most, required=POLICY.required)
    outcome, rule, wanted = said(rows_of(people), policy, reach=reach, adjudicators=adjudicators)
    if rule == Awaited.ADJUDICATION:
        assert adjudicators
        assert len(people) >= max(overlap, min(most, reach))
    elif outcome == "waiting":
        assert wanted > len(people)
        assert wanted <= max(overlap, min(most, reach))
        assert wanted == max(overlap, len(people) + 1)


@given(people=st.lists(reviews, min_size=2, max_size=5), more=st.integers(0, 3))
def test_more_people_who_could_be_asked_never_reopen_what_all_agree_about(people, more):
    agreed = [people[0]] * len(people)
    result = said(rows_of(agreed), reach=len(people))
    assert result[0] != "waiting"
    assert said(rows_of(agreed), reach=len(people) + more) == result


@given(people=st.lists(reviews, min_size=2, max_size=5), most=st.integers(2, 5))
def test_who_agrees_with_a_decision_does_not_undo_it(people, most):
    policy = Policy(overlap=2, rounds=2, most=most, required=POLICY.required)
    outcome, _, _ = said(rows_of(people), policy)
    if outcome == "keep":
        assert said(rows_of([*people, (False, "keep", set())]), policy)[0] == "keep"


@given(people=st.lists(reviews, min_size=2, max_size=5))
def test_what_is_kept_over_an_objection_was_kept_by_more_than_half_of_all_who_could_be_asked(people):
    outcome, _, _ = said(rows_of(people))
    if outcome == "keep":
        for objection in (lambda p: p[0], lambda p: p[1] != "keep", *(lambda p, c=c: c in p[2] for c in UNMET)):
            if any(map(objection, people)):
                assert 2 * sum(not objection(one) for one in people) > UP_TO_FIVE.most
