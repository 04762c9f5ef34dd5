from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax

from qc.models.ranker import prepare
from qc.set_statistics.cross_validation_folds import folds, grouping
from qc.set_statistics.item_scores import PARTITIONS, false_share, item_scores, predictability, pvi
from qc.set_statistics.options import COLUMNS, Floats, Ints, Options


def made_set(items: int, *, given_away: int = 0, sizes: tuple[int, ...] = (4,)) -> pd.DataFrame:
    """Items of random words; the key of the first ones holds the only `surely`."""
    drawn = np.random.default_rng(3)
    words = np.array([f"{a}{b}" for a in ("ba", "de", "ki", "lo", "mu", "sa") for b in ("n", "ra", "ti", "so")])
    lines = []
    for number in range(items):
        options = [" ".join(drawn.choice(words, 3)) for _ in range(sizes[number % len(sizes)])]
        key = int(drawn.integers(len(options)))
        if number < given_away:
            options[key] += " surely"
        lines.append([f"i{number:03}", "eng", f"g{number}", None, f"what {number}?", options, key])
    return pd.DataFrame(lines, columns=list(COLUMNS))


def test_pvi_is_what_a_plain_fit_of_the_temperature_says() -> None:
    options = Options.of(made_set(30, sizes=(4, 3)))
    drawn = np.random.default_rng(1)
    scores = drawn.normal(size=(len(options.item_of), 2))
    scores[options.keys, 0] += 1.5
    labellings = np.column_stack([options.keys, options.labellings(1, 0)[:, 1]])
    blocks = [np.arange(0, 10), np.arange(10, 30)]
    bits = pvi(options, scores, labellings, blocks)
    units = scores[:, 0] / np.sqrt((scores[:, 0] ** 2).mean())

    def plain(sharpness: float) -> Floats:
        parts = np.split(units * sharpness, options.starts[1:])
        logs = np.concatenate([log_softmax(part) for part in parts])
        return np.asarray((logs[options.keys] + np.log(options.sizes)) / np.log(2))

    grid = np.linspace(0, 12, 301)
    for block, others in ((blocks[0], blocks[1]), (blocks[1], blocks[0])):
        best = grid[np.argmax([plain(one)[others].sum() for one in grid])]
        sure = np.abs(plain(best)[block]) < 1.5  # the grid of temperatures is coarser
        assert np.abs(bits[block, 0] - plain(best)[block])[sure].max() < 0.3
        assert abs(bits[block, 0].sum() - plain(best)[block].sum()) < 0.05 * len(block)
    assert bits[:, 0].mean() > 0.3 > bits[:, 1].mean()


def test_scores_that_mislead_are_not_listened_to() -> None:
    options = Options.of(made_set(20))
    scores = np.zeros((80, 1))
    scores[options.keys] = -1
    assert pvi(options, scores, options.keys[:, None], [np.arange(10), np.arange(10, 20)]).tolist() == [[0]] * 20


def test_predictability_counts_what_was_held_out() -> None:
    options = Options.of(made_set(2, sizes=(2,)))
    first, second = np.eye(4)[options.keys]
    nothing = np.full(2, np.nan)
    scores = np.stack([first + second, np.concatenate([nothing, -second[2:]]), np.concatenate([[1, 1], nothing])])
    assert predictability(options, scores[:, :, None]).tolist() == [0.75, 0.5]


def test_the_share_of_false_finds_by_hand() -> None:
    truth, nulls = np.array([3.0, 1.0, 2.0, 0.0]), np.array([[0.0, 2.5], [0.5, 0.0], [0.0, 0.0], [0.0, 0.0]])
    # at least 3: none of 2 permuted sets; at least 2: one in them, of 2 seen; at least 1: one, of 3; 0: all
    assert false_share(np.column_stack([truth, nulls])).tolist() == pytest.approx([0, 1 / 6, 1 / 6, 1])


def test_items_that_are_given_away_are_flagged_and_others_are_not() -> None:
    for given_away in (60, 0):
        options = Options.of(made_set(150, given_away=given_away, sizes=(4, 3)))
        clusters = grouping(options.items).clusters
        ranker = prepare(options, folds(options, clusters=clusters))
        scores = item_scores(options, ranker, clusters, options.labellings(99, 0))
        planted = scores["item_id"].to_numpy() < f"i{given_away:03}"
        assert scores["flagged"][planted].mean() >= 0.9 or not given_away
        assert scores["flagged"][~planted].sum() <= 2
        assert set(scores["sees"][scores["flagged"]]) <= {"options", "question+options"}
        assert scores["pvi"].tolist() == scores["options.pvi"].tolist()
        assert scores["question+options.predictability"].between(0, 1).all()
        assert "passage+options.pvi" not in scores
        assert scores.notna().all().all()


def test_every_item_is_held_out_about_as_often() -> None:
    options = Options.of(made_set(25))
    asked = []

    class Blind:
        inputs = ("options",)

        def held_out(self, name: str, labellings: Ints, partitions: Sequence[Sequence[Ints]]) -> Floats:
            asked.append([np.concatenate(blocks) for blocks in partitions])
            return np.zeros((len(partitions), len(options.item_of), labellings.shape[1]))

    clusters = {item: item for item in options.items["item_id"]}
    scores = item_scores(options, Blind(), clusters, options.labellings(3, 0))
    held = np.bincount(np.concatenate(asked[2]), minlength=25)
    assert len(asked[2]) == PARTITIONS
    assert set(held) <= {12, 13}
    assert not scores["flagged"].any()
    assert scores[["pvi", "variability"]].to_numpy().any() == 0
    assert scores["confidence"].tolist() == [0.25] * 25
