"""Cues that translation brought in: against a plain loop, against scipy, and at its nominal rate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test

from data.errors import UsageError
from qc.set_statistics.options import Floats, Options
from qc.set_statistics.translation_cues import CueWorth, brought_in

WORDS = ["one", "two", "three", "four"]


def told(
    earned: Floats, *, language: str, sizes: list[int] | None = None, leave_out: frozenset[int] = frozenset()
) -> CueWorth:
    lines = [line for line in range(len(earned)) if line not in leave_out]
    frame = pd.DataFrame(
        {
            "item_id": [f"i{line:04}" for line in lines],
            "language": language,
            "group": [f"g{line // 2:04}" for line in lines],
            "passage": None,
            "question": "",
            "options": [WORDS[: 4 if sizes is None else sizes[line]] for line in lines],
            "key": 0,
        }
    )
    return CueWorth(Options.of(frame), [f"cue{column}" for column in range(earned.shape[1])], earned[lines])


def test_what_is_more_in_a_language_is_counted_from_the_items_that_both_have() -> None:
    source = told(np.array([[1.0], [0], [0], [0], [1], [1]]), language="eng")
    other = told(
        np.array([[1.0], [1], [1], [0], [0], [1]]),
        language="deu",
        sizes=[4, 4, 4, 4, 3, 4],
        leave_out=frozenset({5}),
    )
    (cue,) = brought_in({"eng": source, "deu": other}, "eng", permutations=99)
    assert (cue.items, cue.skipped, cue.here, cue.there, cue.difference) == (4, 1, 0.75, 0.25, 0.5)


def test_the_key_s_worth_is_taken_where_options_have_one() -> None:
    by_item = told(np.ones((3, 1)), language="eng")
    by_option = CueWorth(by_item.options, by_item.names, np.arange(12.0)[:, None])
    assert by_option.earned().ravel().tolist() == [0, 4, 8]


def test_p_is_that_of_scipy_s_paired_permutation_of_passages() -> None:
    random = np.random.default_rng(4)
    before, after = random.random((24, 1)), random.random((24, 1)) + 0.15
    (cue,) = brought_in(
        {"eng": told(before, language="eng"), "deu": told(after, language="deu")}, "eng", permutations=20000
    )
    sums = [half.reshape(12, 2).sum(axis=1) for half in (after, before)]
    theirs = permutation_test(
        sums, lambda a, b: np.mean(a - b), permutation_type="samples", alternative="greater", n_resamples=np.inf
    )
    assert cue.p == pytest.approx(theirs.pvalue, abs=0.01)
    assert cue.z == pytest.approx((sums[0] - sums[1]).sum() / np.sqrt(((sums[0] - sums[1]) ** 2).sum()))


def test_a_cue_that_one_language_alone_has_is_found_there_and_nowhere_else() -> None:
    random = np.random.default_rng(0)
    source = (random.random((400, 5)) < 0.25).astype(float)
    sets = {"eng": told(source, language="eng")}
    for number in range(8):
        other = np.where(random.random(source.shape) < 0.7, source, random.random(source.shape) < 0.25)
        if number == 3:
            other[:, 2] = random.random(400) < 0.45
        sets[f"l{number}"] = told(other, language=f"l{number}")
    found = [cue for cue in brought_in(sets, "eng", permutations=499) if cue.adjusted <= 0.05]
    assert [(cue.language, cue.cue) for cue in found] == [("l3", "cue2")]
    assert brought_in(sets, "eng", permutations=499) == brought_in(
        dict(reversed(sets.items())), "eng", permutations=499
    )


def test_a_cue_in_both_languages_was_not_brought_in() -> None:
    """Both have a strong cue on other items; 300 such pairs give a false alarm at the nominal rate."""
    random, alarms = np.random.default_rng(2), 0
    for _ in range(300):
        both = [(random.random((60, 3)) < 0.5).astype(float) for _ in range(2)]
        sets = {"eng": told(both[0], language="eng"), "deu": told(both[1], language="deu")}
        alarms += brought_in(sets, "eng", permutations=99)[0].adjusted <= 0.05
    assert 4 <= alarms <= 26  # binomial, 300 x .05, 99.9 %


def test_mistakes_are_named() -> None:
    source = told(np.ones((2, 1)), language="eng")
    with pytest.raises(UsageError, match="no language 'fra' to compare with; name one of eng"):
        brought_in({"eng": source}, "fra")
    with pytest.raises(UsageError, match="deu and eng tell of different cues"):
        brought_in({"eng": source, "deu": told(np.ones((2, 2)), language="deu")}, "eng")
    assert brought_in({"eng": source}, "eng") == []
