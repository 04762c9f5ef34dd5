"""Runs of words and near-duplicates against a slow count that cannot be wrong."""

import random

from hypothesis import given
from hypothesis import strategies as st

from qc.text.near_duplicates import NearDuplicates
from qc.text.shared_runs import SharedRuns

WORDS = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=24)


@given(st.lists(WORDS, min_size=1, max_size=4), WORDS)
def test_the_longest_common_run_is_found(texts: list[list[str]], document: list[str]) -> None:
    ngram, whole = 4, 2
    found = {
        run.text: run
        for run in SharedRuns([" ".join(one) for one in texts], ngram, whole).find(" ".join(document))
    }
    for number, text in enumerate(texts):
        runs = [
            size
            for size in range(1, len(text) + 1)
            for start in range(len(text) - size + 1)
            for place in range(len(document) - size + 1)
            if text[start : start + size] == document[place : place + size]
        ]
        longest = max(runs, default=0)
        matches = longest >= ngram or (whole <= len(text) == longest)
        assert (number in found) == matches
        if matches:
            run = found[number]
            assert (run.words, run.whole) == (longest, longest == len(text))
            assert " ".join(document[run.start : run.end]) in " ".join(text)


def test_case_punctuation_and_digits_hide_nothing() -> None:
    runs = SharedRuns(["In 1969, “two men” walked on the Moon; the world watched."], 8, 5)
    (run,) = runs.find("then IN ١٩٦٩ two men walked — on the moon (the world watched)")
    assert run.whole


def test_no_common_word_no_run() -> None:
    assert SharedRuns(["one two three"], 3, 2).find("four five six") == []
    assert SharedRuns([], 3, 2).find("four five six") == []
    assert SharedRuns(["", "one"], 3, 2).find("") == []


def test_near_duplicates_within_longer_documents() -> None:
    draw = random.Random(3)
    vocabulary = ["".join(draw.choices("abcdefghijklmnoprstuv", k=draw.randint(2, 9))) for _ in range(3000)]
    texts = [" ".join(draw.choices(vocabulary, k=80)) for _ in range(60)]
    index = NearDuplicates(texts[:40])
    for number, text in enumerate(texts[:40]):
        words = text.split()
        for place in range(3, len(words), 8):
            words[place] = "zzz"
        around = " ".join(draw.choices(vocabulary, k=draw.randint(0, 300)))
        found = index.find(f"{around} {' '.join(words)} {around}")
        assert [one.text for one in found] == [number]
        assert 0.6 <= found[0].likeness < 1
    assert [index.find(text) for text in texts[40:]] == [[]] * 20
