"""What plants tell of reviewers, counted by hand; intervals against a maintained library."""

import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some
from scipy.stats import binomtest

from qc.reviewers.reviewer_recall import objections, rate, readings, seen

COLUMNS = ["subject", "revision", "judge", "check", "flagged", "judged_at"]


def verdicts(*lines: tuple[object, ...]) -> pd.DataFrame:
    frame = pd.DataFrame(lines, columns=COLUMNS)
    return frame.assign(
        sequence=0,
        judged_at=pd.to_datetime(frame["judged_at"], unit="D"),
        flagged=frame["flagged"].astype("boolean"),
    )


def read(subject: str, judge: str, *objecting: str, day: int = 1) -> list[tuple[object, ...]]:
    checks = ("blind_answer", "rubric_one_right", "rubric_wording", "recommendation")
    return [(subject, 1, judge, check, check in objecting, day) for check in checks]


def test_a_reading_is_a_blind_answer_and_a_judgement_by_one_person():
    frame = verdicts(
        *read("a", "r1", "rubric_one_right"),
        *read("a", "r2", day=2),
        ("a", 1, "r3", "blind_answer", True, 3),  # has not judged so far
        ("a", 1, "check", "four_options", True, 1),
        ("a", 1, "r1", "guess", False, 1),
    )
    found = readings(frame)
    assert list(zip(found["judge"], found["objects"], strict=True)) == [("r1", True), ("r2", False)]
    assert found["by"].iloc[0] == {"rubric_one_right"}


def test_of_several_verdicts_by_one_person_the_latest_counts():
    frame = verdicts(*read("a", "r1", "recommendation", day=1), *read("a", "r1", day=2))
    assert list(readings(frame)["objects"]) == [False]


def test_no_verdicts_no_readings():
    assert readings(verdicts()).empty
    looked = seen(readings(verdicts()), {})
    assert looked.all_found.share is None
    assert looked.people == ()


def test_found_is_any_objection_and_named_the_one_that_fits():
    kinds = {"a": "wrong_key", "b": "wrong_key", "c": "cue", "d": "sound"}
    frame = verdicts(
        *read("a", "r1", "blind_answer"),
        *read("b", "r1", "rubric_wording"),  # stopped by luck
        *read("c", "r1"),
        *read("d", "r2", "rubric_wording"),
        *read("d", "r1"),
    )
    looked = seen(readings(frame), kinds)
    assert (looked.found["wrong_key"].met, looked.named["wrong_key"].met, looked.found["wrong_key"].of) == (
        2,
        1,
        2,
    )
    assert (looked.found["cue"].met, looked.found["cue"].of) == (0, 1)
    assert (looked.all_found.met, looked.all_found.of) == (2, 3)
    assert (looked.alarms.met, looked.alarms.of) == (1, 2)
    assert [(p.person, p.found.of, p.alarms.of) for p in looked.people] == [("r1", 3, 1), ("r2", 0, 1)]


@given(some.integers(0, 60), some.integers(1, 60))
def test_intervals_are_those_of_a_maintained_library(met: int, of: int):
    met = min(met, of)
    theirs = binomtest(met, of).proportion_ci(method="exact")
    ours = rate(met, of)
    assert (ours.low, ours.high) == (pytest.approx(theirs.low, abs=1e-9), pytest.approx(theirs.high, abs=1e-9))


def test_objections_are_the_counts_of_the_findings_without_loading_what_intervals_need() -> None:
    said = [
        (subject, 1, judge, check, flagged, 1)
        for subject, judge, flagged in (
            ("a", "r1", True),
            ("a", "r2", False),
            ("b", "r1", None),
            ("c", "r1", False),
        )
        for check in ("blind_answer", "recommendation")
    ]
    read = readings(verdicts(*said))
    kinds = {"a": "wrong_key", "b": "sound"}
    findings = seen(read, kinds)
    assert objections(read, kinds) == ((1, 2), (1, 1))
    assert (findings.all_found.met, findings.all_found.of) == (1, 2)
    assert (findings.alarms.met, findings.alarms.of) == (1, 1)
    modules = "flows.reports.status, flows.reports.people_and_pay.reviewer_measures"
    code = f"import sys, {modules}; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
