"""Accuracies and paired gaps of a reading, on tables whose figures can be told by hand, and by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from qc.set_statistics.reading_gaps import Gap, accuracies, gap, grouped


def answers(rights: dict[str, list[int]], passages: list[str], language: str = "eng_Latn") -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {
                "item_id": [f"i{at}" for at in range(len(right))], "language": language, "script": language[4:],
                "passage": passages, "condition": condition, "right": np.array(right, bool),
            }
        )
        for condition, right in rights.items()
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def test_a_gap_is_paired_and_told_without_an_interval_where_passages_are_few() -> None:
    told = answers({"text": [1, 1, 1, 0], "picture": [1, 0, 0, 0]}, list("aabb"))
    assert gap(told, "text", "picture") == Gap(4, 2, 0.5, None, None)
    assert gap(told, "text", "blank") == Gap(0, 0, None, None, None)
    only = told[~((told["condition"] == "picture") & (told["item_id"] == "i1"))]
    assert gap(only, "text", "picture").gap == pytest.approx(1 / 3)  # i1 was not answered under both


def test_accuracies_stand_in_the_order_of_the_conditions() -> None:
    told = answers({"picture": [1, 0], "blank": [0, 0]}, list("ab"))
    assert [(one.condition, one.right) for one in accuracies(told)] == [("picture", 0.5), ("blank", 0.0)]
    assert all(one.low <= one.right <= one.high for one in accuracies(told))


def test_groups_have_their_own_figures() -> None:
    told = pd.concat(
        [answers({"picture": [1, 1]}, list("ab")), answers({"picture": [0, 1]}, list("ab"), "hin_Deva")]
    )
    found = grouped(told, ["script"], {})
    assert [(one["script"], one["accuracies"]["picture"]["right"]) for one in found] == [
        ("Deva", 0.5),
        ("Latn", 1.0),
    ]
    (whole,) = grouped(told, [], {"none": ("picture", "picture")})
    assert whole["accuracies"]["picture"]["items"] == 4 and whole["gaps"]["none"]["gap"] == 0


@pytest.mark.slow
def test_the_interval_of_a_gap_holds_its_share_where_questions_share_a_passage() -> None:
    """Binomial bounds of .95 over 400 draws of 60 passages with 3 questions, whose difficulty they share."""
    random, true, held = np.random.default_rng(5), 0.15, 0
    for _ in range(400):
        hard = np.repeat(random.normal(0, 0.12, 60), 3)
        text = random.random(180) < np.clip(0.75 + hard, 0, 1)
        picture = random.random(180) < np.clip(0.60 + hard, 0, 1)
        told = answers({"text": text.tolist(), "picture": picture.tolist()}, [f"p{at // 3}" for at in range(180)])
        found = gap(told, "text", "picture")
        assert found.low is not None and found.high is not None
        held += found.low <= true <= found.high
    assert 0.92 <= held / 400 <= 0.975
