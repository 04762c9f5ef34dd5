import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import UsageError
from qc.set_statistics.cross_validation_folds import FORM, _sets, _similar, folds, folds_of, grouping
from qc.set_statistics.options import COLUMNS, Options

SEA = "The boat left at seven. Nobody was on the pier when it came back, and nobody waited in the harbour."


def table(*lines: dict[str, Any]) -> pd.DataFrame:
    texts = ("a red kite above the hill", "nine grey geese", "some bread and butter", "an old brass key", "snow")
    made = [
        {
            "item_id": f"i{number}",
            "language": "eng",
            "group": f"g{number}",
            "passage": None,
            "question": f"What was meant by {texts[number % 5]}?",
            "options": [f"{texts[number % 5]} {number}", "none of these"],
            "key": 0,
            **line,
        }
        for number, line in enumerate(lines)
    ]
    return pd.DataFrame(made, columns=list(COLUMNS))


def test_what_hangs_together() -> None:
    items = table(
        {"group": "g"},
        {"group": "g"},  # the same passage
        {"passage": SEA},
        {"passage": SEA.replace("seven", "eight").upper()},  # nearly the same one
        {"question": "When?", "options": ["In the summer of 1999", "Never at all"]},
        {"question": "When?", "options": ["Never at all!", "In the Summer of 1999."]},  # a copy, in other order
        {"question": "Who was the first?", "options": ["The smith", "The baker"]},
    )
    found = grouping(items)
    assert dict(found.clusters) == {
        "i0": "i0", "i1": "i0", "i2": "i2", "i3": "i2", "i4": "i4", "i5": "i4", "i6": "i6",
    }  # fmt: skip
    assert [(pair.item, pair.other, pair.texts) for pair in found.pairs] == [
        ("i2", "i3", "passage"),
        ("i4", "i5", "question and options"),
    ]
    assert found.pairs[1].similarity == 1
    assert 0.8 <= found.pairs[0].similarity < 1


def test_a_copy_in_one_language_unites_the_items_in_all() -> None:
    english = table({}, {}, {})
    copied = {"language": "deu", "question": "Was wurde hier gemeint?", "options": ["ein Drache", "nichts davon"]}
    german = table(copied, copied, {"language": "deu"})
    found = grouping(pd.concat([english, german], ignore_index=True))
    assert dict(found.clusters) == {"i0": "i0", "i1": "i0", "i2": "i2"}
    assert [pair.language for pair in found.pairs] == ["deu"]


def test_a_form_is_no_copy() -> None:
    form = {"question": "", "options": ["True", "False"]}
    passages = [" ".join(np.random.default_rng(n).permutation(SEA.split())) * (n % 3 + 1) for n in range(FORM + 1)]
    filled = table(*({**form, "passage": f"{n} {passage}"} for n, passage in enumerate(passages)))
    assert not grouping(filled).pairs
    few = grouping(filled.iloc[:FORM])
    assert len(set(few.clusters.values())) == 1


def jaccard(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    first, second = (
        {t.ljust(5, "\0")[i : i + 5] for t in u for i in range(max(1, len(t) - 4))} for u in (one, other)
    )
    return len(first & second) / len(first | second)


@given(st.lists(st.lists(st.text("ab ", max_size=12), max_size=2).map(tuple), max_size=12))
def test_no_pair_is_missed_and_none_invented(texts: list[tuple[str, ...]]) -> None:
    first_of: dict[tuple[str, ...], int] = {}
    expected = set()
    for number, text in enumerate(texts):
        if text:
            first_of.setdefault(text, number)
            expected |= {
                (other, number)
                for other_text, other in first_of.items()
                if other != number
                and jaccard(text, other_text) >= 0.8
                and (first_of[text] == number or other_text == text)
            }
    found = list(_similar(texts))
    assert {(one, other) for one, other, _ in found} == expected
    assert all(abs(jaccard(texts[one], texts[other]) - similarity) < 1e-9 for one, other, similarity in found)


def test_n_grams_do_not_reach_across_texts() -> None:
    sets = _sets([("abcdef", "gh"), ("abcdefgh",)])
    assert sets.sum(axis=1).tolist() == [3, 4]
    assert (sets[[0]].multiply(sets[[1]])).sum() == 2


def test_folds_are_whole_equal_and_hang_on_identity_alone() -> None:
    items = table(*({"group": f"g{number // 2}"} for number in range(60)))
    clusters = {f"i{number}": f"i{number // 2 * 2}" for number in range(60)}
    parted = folds_of(clusters)
    assert np.bincount(list(parted.values())).tolist() == [6] * 10
    assert all(parted[f"i{number}"] == parted[f"i{number // 2 * 2}"] for number in range(60))
    assert folds_of(dict(reversed(clusters.items()))) == parted
    assert folds_of(clusters, seed=1) != parted
    one = Options.of(items)
    other = Options.of(items.sample(frac=1, random_state=5).assign(language="deu"))
    for options in (one, other):
        assert [parted[item] for item in options.items["item_id"]] == folds(options, clusters=clusters).tolist()


def test_more_folds_than_clusters() -> None:
    assert sorted(folds_of({"a": "a", "b": "b", "c": "b"}).values()) == [0, 0, 1]
    with pytest.raises(UsageError, match=re.escape("all 2 items hang together")):
        folds_of({"a": "a", "b": "a"})
