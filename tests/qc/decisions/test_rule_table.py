from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UsageError
from data.ledger import to_frame
from data.ledger.tables import DECISIONS, LEDGERS_OWN, VERDICTS
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import NAME_SUITE
from qc.checks.shortcut_checks import SHORTCUT_SUITE
from qc.checks.structure_checks import STRUCTURE_SUITE
from qc.checks.term_checks import TERM_SUITE
from qc.checks.translation_checks import TRANSLATION_SUITE
from qc.decisions.rule_table import EFFECTS, RULES, Awaited, Policy, decide
from qc.decisions.standing_verdicts import UNMET, Answered, Report

NOW = datetime(2026, 11, 2, tzinfo=UTC)
POLICY = Policy(overlap=2, rounds=2, required={"source": frozenset({"four_options"})})


def verdict(check, judge="check", flagged=False, reason="", score=None, minute=0, subject="p1-q1", **more):
    row = {
        "scope": "item", "subject": subject, "language": "eng_Latn", "revision": 1, "check": check, "version": 1,
        "signature": f"{check}|v:1", "score": score, "flagged": flagged, "reason": reason, "judge": judge,
        "origin": "" if judge == "check" else f"{judge}-{minute}", "judged_at": NOW + timedelta(minutes=minute),
        "recorded_at": NOW, **more,
    }  # fmt: skip
    return {**row, "event_id": VERDICTS.event_id(row)}


def frame(rows):
    return to_frame(pa.Table.from_pylist(list(rows), schema=VERDICTS.schema))


def item(kind="source", number=1, subject="p1-q1", language="eng_Latn", revision=1):
    return {
        "question_id": subject, "language": language, "revision": revision, "kind": kind, "round": number,
    }  # fmt: skip


def outcome(case, rows, policy=POLICY):
    """(outcome, rule, reason) of a decision; ("waiting", what is awaited, "") without one."""
    decided = decide(pd.DataFrame([case]), frame(rows), policy, NOW)
    if decided.decisions:
        (made,) = decided.decisions
        return made["outcome"], made["rule"], made["reason"]
    return "waiting", decided.waiting["awaited"].item(), ""


CHECKED = verdict("four_options")
SAME = verdict("distinct_options", flagged=True, reason="options 2 and 4 are the same: “seven”")
NOTE = verdict("contained_option", flagged=True, reason="option 1 is contained in option 2: “six”")


def review(judge, choice=False, recommend="keep", comment="", **rubric):
    said = f"{recommend}: {comment}" if comment else recommend
    score = {"keep": 1.0, "revise": 0.5, "drop": 0.0}[recommend]
    return [
        verdict("blind_answer", judge, choice, "chose option 3" if choice else ""),
        *(verdict(f"rubric_{name}", judge, rubric.get(name, False)) for name in UNMET),
        verdict("recommendation", judge, recommend != "keep", said, score),
    ]


PRAISED = [CHECKED, *review("r1"), *review("r2")]


@pytest.mark.parametrize(
    ("number", "rows", "expected"),
    [
        (1, [], ("waiting", Awaited.CHECKS)),
        (1, [SAME], ("revise", "check")),
        (2, [CHECKED, SAME], ("revise", "check")),
        (3, [CHECKED, SAME], ("drop", "check")),
        (1, [CHECKED, NOTE], ("waiting", Awaited.BLIND_ANSWERS)),
        (1, [CHECKED, verdict("blind_answer", "r1")], ("waiting", Awaited.BLIND_ANSWERS)),
        (
            1,
            [CHECKED, verdict("blind_answer", "r1"), verdict("blind_answer", "r2")],
            ("waiting", Awaited.JUDGEMENTS),
        ),
        (1, [CHECKED, *review("r1"), verdict("blind_answer", "r2")], ("waiting", Awaited.JUDGEMENTS)),
        (1, PRAISED, ("keep", "accepted")),
        (3, PRAISED, ("keep", "accepted")),
        (1, [CHECKED, *review("r1", recommend="drop"), *review("r2", recommend="drop")], ("drop", "majority")),
        (1, [CHECKED, *review("r1", recommend="drop"), *review("r2")], ("revise", "reviewers")),
        (1, [CHECKED, *review("r1"), *review("r2", choice=True)], ("revise", "reviewers")),
        (1, [CHECKED, *review("r1"), *review("r2", wording=True)], ("revise", "reviewers")),
        (1, [CHECKED, *review("r1"), *review("r2", recommend="revise")], ("revise", "reviewers")),
        (3, [CHECKED, *review("r1"), *review("r2", recommend="revise")], ("drop", "reviewers")),
        (1, [*PRAISED, verdict("language_identified", flagged=None)], ("keep", "accepted")),
        (1, [*PRAISED, SAME], ("revise", "check")),
    ],
)
def test_rules_for_source_items(number, rows, expected):
    assert outcome(item("source", number), rows)[:2] == expected


def test_without_reviewers_a_null_verdict_waits_for_the_lead():
    alone = Policy(overlap=0)
    unjudged = verdict("language_identified", flagged=None, reason="unknown")
    assert outcome(item(), [CHECKED], alone) == ("keep", "accepted", "No check objects.")
    assert outcome(item(), [CHECKED, unjudged], alone)[:2] == ("waiting", Awaited.LEAD)


@pytest.mark.parametrize(
    ("number", "rows", "expected"),
    [
        (1, [], ("waiting", Awaited.CHECKS)),
        (1, [CHECKED], ("waiting", Awaited.PROOFREADING)),
        (1, [CHECKED, verdict("language_identified", flagged=None)], ("waiting", Awaited.PROOFREADING)),
        (1, [CHECKED, NOTE], ("waiting", Awaited.PROOFREADING)),
        (2, [CHECKED, SAME], ("revise", "check")),
        (3, [CHECKED, SAME], ("waiting", Awaited.PROOFREADING)),
    ],
)
def test_rules_for_drafts(number, rows, expected):
    policy = Policy(required={"draft": frozenset({"four_options"})})
    assert outcome(item("draft", number), rows, policy)[:2] == expected


ACCEPTED = verdict("proofreading", "t1", score=1.0)
RETURNED = verdict("proofreading", "t1", flagged=True, reason="names are wrong", score=0.0)


@pytest.mark.parametrize(
    ("number", "rows", "expected"),
    [
        (1, [CHECKED], ("waiting", Awaited.PROOFREADING)),
        (1, [ACCEPTED], ("waiting", Awaited.CHECKS)),
        (1, [CHECKED, ACCEPTED], ("keep", "accepted")),
        (1, [CHECKED, ACCEPTED, NOTE], ("keep", "accepted")),
        (1, [CHECKED, ACCEPTED, verdict("language_identified", flagged=None)], ("keep", "accepted")),
        (1, [CHECKED, RETURNED], ("revise", "returned")),
        (1, [CHECKED, RETURNED, SAME], ("revise", "returned")),
        (2, [CHECKED, ACCEPTED, SAME], ("revise", "check")),
        (3, [CHECKED, ACCEPTED, SAME], ("waiting", Awaited.LEAD)),
        (3, [CHECKED, RETURNED], ("waiting", Awaited.LEAD)),
    ],
)
def test_rules_for_proofread_translations(number, rows, expected):
    policy = Policy(required={"proofread": frozenset({"four_options"})})
    assert outcome(item("proofread", number), rows, policy)[:2] == expected


def test_what_the_author_reads():
    rows = [
        CHECKED,
        NOTE,
        *review("r1", recommend="keep", comment="nice, but see option 3"),
        *review("r2", choice=True, recommend="revise", comment="two are right", one_right=True),
    ]
    assert outcome(item(), rows)[2].splitlines() == [
        "Please revise:",
        "• 1 of 2 readers did not choose the key when they did not know it",
        "• answered blind: chose option 3",
        "• not exactly one option is right (1 of 2 reviewers)",
        "• a reviewer writes: nice, but see option 3",
        "• a reviewer writes: two are right",
        "• also look at this: option 1 is contained in option 2: “six”",
    ]
    assert outcome(item(), [SAME])[2] == "Please revise:\n• options 2 and 4 are the same: “seven”"
    assert outcome(item("proofread"), [RETURNED])[2] == (
        "Please revise:\n• the proofreader sends it back: names are wrong"
    )
    assert outcome(item(), [*PRAISED, NOTE, verdict("language_identified", flagged=None)])[2] == (
        "Neither checks nor people object; 2 of 2 readers chose the key without knowing it; judged by people "
        "alone, since the check could not: language_identified.\n• noted: option 1 is contained in option 2: “six”"
    )


def test_a_reason_never_says_who():
    rows = [CHECKED, *review("anna", recommend="revise", comment="odd"), *review("berta", choice=True)]
    assert not {"anna", "berta"} & set(outcome(item(), rows)[2].replace(":", " ").split())


def test_a_decision_names_what_it_rests_on():
    made = decide(pd.DataFrame([item()]), frame([CHECKED, SAME, NOTE]), POLICY, NOW).decisions[0]
    assert made["verdicts"] == [SAME["event_id"]]
    made = decide(pd.DataFrame([item()]), frame(PRAISED), POLICY, NOW).decisions[0]
    assert made["verdicts"] == sorted(row["event_id"] for row in PRAISED)
    assert (made["subject"], made["language"], made["revision"]) == ("p1-q1", "eng_Latn", 1)
    assert (made["decided_by"], made["decided_at"]) == ("rules", NOW)
    assert set(made) == set(DECISIONS.schema.names) - LEDGERS_OWN


def test_the_latest_of_one_judge_counts():
    changed_mind = verdict("blind_answer", "r2", flagged=True, minute=5)
    assert outcome(item(), [changed_mind, *PRAISED])[1] == "reviewers"
    and_back = verdict("blind_answer", "r2", minute=9)
    assert outcome(item(), [and_back, changed_mind, *PRAISED])[:2] == ("keep", "accepted")


def test_a_newer_version_of_a_check_replaces_the_older():
    newer = verdict("distinct_options", minute=5, version=2, signature="distinct_options|v:2")
    assert outcome(item(), [SAME, newer, *PRAISED])[:2] == ("keep", "accepted")


def test_other_revisions_languages_and_scopes_do_not_count():
    strange = [{**SAME, **other, "event_id": str(other)} for other in (
        {"revision": 2}, {"language": "deu_Latn"}, {"scope": "set"}, {"subject": "p1-q2"})]  # fmt: skip
    assert outcome(item(), [*PRAISED, *strange])[:2] == ("keep", "accepted")


def test_effects_may_be_changed_by_a_policy():
    strict = Policy(effects={"contained_option": "revise"})
    assert outcome(item(), [*PRAISED, NOTE], strict)[:2] == ("revise", "check")
    lax = Policy(effects={"distinct_options": "note"})
    assert outcome(item(), [*PRAISED, SAME], lax)[:2] == ("keep", "accepted")
    assert outcome(item(), [*PRAISED, verdict("from_elsewhere", flagged=True)])[:2] == ("keep", "accepted")


def test_a_policy_that_cannot_be_meant_is_refused():
    with pytest.raises(UsageError, match=r"'revise' or 'note', not four_options = 'drop'"):
        Policy(effects={"four_options": "drop"})  # type: ignore[dict-item]
    with pytest.raises(UsageError, match="cannot be negative"):
        Policy(overlap=-1)


def test_many_items_at_once_keep_their_order():
    lines = [item(subject="p2-q1"), item("draft", language="deu_Latn"), item(subject="p1-q2")]
    rows = [verdict("four_options", subject="p2-q1"), verdict("key_in_range", subject="p1-q2", flagged=True)]
    decided = decide(pd.DataFrame(lines), frame(rows), POLICY, NOW)
    assert [(made["subject"], made["outcome"]) for made in decided.decisions] == [("p1-q2", "revise")]
    assert decided.waiting.to_dict("records") == [
        {
            "question_id": "p2-q1",
            "language": "eng_Latn",
            "revision": 1,
            "awaited": Awaited.BLIND_ANSWERS,
            "reviewers": 2,
        },
        {
            "question_id": "p1-q1",
            "language": "deu_Latn",
            "revision": 1,
            "awaited": Awaited.PROOFREADING,
            "reviewers": 0,
        },
    ]


def test_nothing_to_decide():
    decided = decide(pd.DataFrame([item()]).iloc[:0], frame([]), POLICY, NOW)
    assert decided.decisions == []
    assert decided.waiting.empty


def test_every_check_has_an_effect_and_every_effect_a_check():
    every = STRUCTURE_SUITE + SHORTCUT_SUITE + TRANSLATION_SUITE + MEANING_SUITE + NAME_SUITE + TERM_SUITE
    assert set(EFFECTS) == {check.name for check in every}


def test_a_suspect_source_holds_its_drafts_before_any_check_sends_them_back():
    held = {**item("draft"), "suspect": True}
    assert outcome(held, [CHECKED, SAME]) == ("waiting", Awaited.LEAD, "")
    assert outcome({**held, "suspect": False}, [CHECKED, SAME])[:2] == ("revise", "check")
    read = {**item("proofread"), "suspect": True}
    assert outcome(read, [CHECKED])[1] == Awaited.PROOFREADING  # what somebody already read goes on


@pytest.mark.parametrize("kind", ["source", "draft", "proofread"])
@pytest.mark.parametrize(
    ("part", "expected"),
    [("", "revise"), ("option_2", "revise"), ("key", Awaited.LEAD), ("passage", Awaited.LEAD)],
)
def test_what_is_reported_after_a_release_is_judged_again(kind, part, expected):
    reports = {("p1-q1", "eng_Latn"): [Report("e1", "it is odd", part), Report("e2", "and old")]}
    rows = [*PRAISED, verdict("proofreading", "p")]
    decided = decide(pd.DataFrame([item(kind, 9)]), frame(rows), POLICY, NOW, reports=reports)
    if expected == Awaited.LEAD:
        assert decided.waiting["awaited"].item() == expected
        return
    (made,) = decided.decisions
    assert (made["outcome"], made["rule"], made["verdicts"]) == (expected, "reported", ["e1", "e2"])
    where = " in answer 2" if part else ""
    assert f"readers of the release report an error{where}: it is odd" in made["reason"]
    assert "and old" in made["reason"]


def test_what_is_withdrawn_is_dropped_whatever_anybody_says():
    reports = {("p1-q1", "eng_Latn"): [Report("e1", "it hurts", withdraws=True)]}
    rows = [*PRAISED, verdict("adjudication", "a", score=1.0)]
    (made,) = decide(pd.DataFrame([item()]), frame(rows), POLICY, NOW, reports=reports).decisions
    assert (made["outcome"], made["rule"], made["verdicts"]) == ("drop", "withdrawn", ["e1"])


def test_the_last_rule_of_every_kind_always_applies():
    last = {rule.kind: rule.when for rule in RULES}
    assert last == {"source": (), "draft": (), "proofread": ()}


anybody = st.builds(
    verdict,
    st.sampled_from(["four_options", "distinct_options", "contained_option"]),
    flagged=st.sampled_from([True, False, None]),
    minute=st.integers(0, 2),
) | st.builds(
    verdict,
    st.sampled_from(["blind_answer", "rubric_wording", "recommendation", "proofreading"]),
    judge=st.sampled_from(["r1", "r2", "r3"]),
    flagged=st.booleans(),
    score=st.sampled_from([0.0, 0.5, 1.0]),
    reason=st.sampled_from(["", "keep: well", "drop", "revise: a", "revise: b"]),
    minute=st.integers(0, 2),
)


@given(
    rows=st.lists(anybody, max_size=12, unique_by=lambda row: row["event_id"]),
    kind=st.sampled_from(["source", "draft", "proofread"]),
    number=st.integers(1, 4),
    data=st.data(),
)
def test_order_and_doubles_change_nothing(rows, kind, number, data):
    case = pd.DataFrame([item(kind, number)])
    once = decide(case, frame(rows), POLICY, NOW)
    more = rows + (data.draw(st.lists(st.sampled_from(rows), max_size=4)) if rows else [])
    again = decide(case, frame(data.draw(st.permutations(more))), POLICY, NOW)
    assert once.decisions == again.decisions
    assert once.waiting.equals(again.waiting)
    assert len(once.decisions) + len(once.waiting) == 1


@given(rows=st.lists(anybody, max_size=12, unique_by=lambda row: row["event_id"]), number=st.integers(1, 4))
def test_what_is_kept_was_never_flagged(rows, number):
    result, _, _ = outcome(item("source", number), rows)
    if result == "keep":
        latest = {}
        for row in sorted(rows, key=lambda row: (row["judged_at"], row["event_id"])):
            latest[row["check"], row["judge"]] = row
        weighty = [row for row in latest.values() if row["judge"] != "check" or EFFECTS[row["check"]] == "revise"]
        assert not any(row["flagged"] for row in weighty)
    assert result != "drop" or number > POLICY.rounds or any(row["score"] == 0 for row in rows)


# What people said of flags ---------------------------------------------------------------------------------------


def said_of(flag, kind, *, dismissed=(), contested=()):
    """(outcome or what is awaited, reason, what it rests on) with a flag that somebody answered."""
    people = [verdict("proofreading", "p1", score=1.0, reason="accept")] if kind == "proofread" else []
    said = Answered({flag["event_id"]: dismissed} if dismissed else {}, dict.fromkeys(contested, ("c",)))
    policy = Policy(required={kind: frozenset()})
    decided = decide(pd.DataFrame([item(kind)]), frame([flag, *people]), policy, NOW, said)
    if not decided.decisions:
        return decided.waiting["awaited"].item(), "", []
    (made,) = decided.decisions
    return made["outcome"], made["reason"], made["verdicts"]


def test_a_dismissed_flag_neither_sends_back_nor_is_noted_and_the_decision_names_who_said_so():
    assert said_of(SAME, "proofread")[0] == "revise"
    outcome, reason, rests = said_of(SAME, "proofread", dismissed=("d1", "d2"))
    assert outcome == "keep" and "the same" not in reason
    assert {"d1", "d2", SAME["event_id"]} <= set(rests)
    assert "noted" in said_of(NOTE, "proofread")[1]
    assert "noted" not in said_of(NOTE, "proofread", dismissed=("d1",))[1]


def test_a_dismissal_is_no_reading():
    assert said_of(SAME, "draft", dismissed=("d1",))[0] == Awaited.PROOFREADING
    (waiting,) = decide(
        pd.DataFrame([item("proofread")]), frame([SAME]), Policy(), NOW, Answered({SAME["event_id"]: ("d1",)})
    ).waiting["awaited"]
    assert waiting == Awaited.PROOFREADING


def test_a_contested_flag_takes_a_draft_to_the_proofreader_and_no_further():
    assert said_of(SAME, "draft")[0] == "revise"
    assert said_of(SAME, "draft", contested=[SAME["event_id"]])[0] == Awaited.PROOFREADING
    assert said_of(SAME, "proofread", contested=[SAME["event_id"]])[0] == "revise"
