"""How grave it is that two options fold alike."""

from __future__ import annotations

import pytest

from qc.lint.option_likeness import level_of, likeness


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("At seven", "At\u00a0seven", "same"),
        ("cafe\u0301", "café", "same"),
        ("Ａｔ seven", "At seven", "same"),
        ("se\u200bven", "seven", "same"),
        ("At Seven", "at seven", "case"),
        ("At seven", "At seven.", "edges"),
        ("f(x)", "f'(x)", "signs"),
        ("x²", "x2", "signs"),
    ],
)
def test_what_two_options_differ_in(one: str, other: str, how: str) -> None:
    assert likeness(one, other) == how


@pytest.mark.parametrize(
    ("options", "same", "level"),
    [
        (["one", "at\u00a0seven", "at seven", "two"], [[1, 2]], "error"),
        (["It never left", "it never left.", "two"], [[0, 1]], "error"),
        (["Aa", "aa", "bb"], [[0, 1]], "note"),  # genes, units
        (["[0, 1)", "(0, 1]", "x"], [[0, 1]], "note"),
        (["Its tail", "its tail", "ITS TAIL"], [[0, 1, 2]], "note"),  # the question is how it is spelt
    ],
)
def test_an_error_is_what_nobody_can_mean(options: list[str], same: list[list[int]], level: str) -> None:
    assert level_of(options, same) == level
