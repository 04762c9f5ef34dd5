"""Choosing the final set, and what may be said of it afterwards."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import UsageError
from qc.selection.final_set import ChosenSet, SetWishes, choose, shown_orders
from qc.selection.post_selection import outside
from qc.set_statistics.options import Floats, Ints, Options


def candidates(count: int, **columns: Any) -> pd.DataFrame:
    """Items of four options; two on each passage."""
    lines = {
        "item_id": [f"i{n:04}" for n in range(count)],
        "group": [f"p{n // 2:04}" for n in range(count)],
        "question": [f"Which of the {n}?" for n in range(count)],
        "options": [[f"{n} {o}" for o in "abcd"] for n in range(count)],
        "key": [n % 3 for n in range(count)],
    }
    return pd.DataFrame({**lines, **columns})


NONE = np.zeros((0, 0))


def repeated_choice(
    labellings: Ints, choose_again: Callable[[Ints], Ints], measure: Callable[[Ints, Ints], float]
) -> tuple[Floats, float]:
    """Repeat choice and measurement for every labelling: the statistics, the true one first, and p, one-sided."""
    columns = (np.ascontiguousarray(keys) for keys in labellings.T)
    statistics = np.array([measure(choose_again(keys), keys) for keys in columns])
    hits = int((statistics[1:] >= statistics[0] - 1e-9).sum())
    return statistics, (1 + hits) / len(statistics)


def test_the_best_are_chosen() -> None:
    chosen = choose(candidates(6, quality=[0.1, 0.9, 0.8, 0.2, 0.7, 0.3]), NONE, [], SetWishes(3))
    assert chosen.lines.tolist() == [1, 2, 4]
    assert chosen.gave_up == ()


def test_at_most_so_many_per_passage() -> None:
    items = candidates(6, quality=[0.9, 0.9, 0.5, 0.4, 0.1, 0.2])
    assert choose(items, NONE, [], SetWishes(3, per_passage=1)).lines.tolist() in ([0, 2, 5], [1, 2, 5])
    short = choose(items, NONE, [], SetWishes(4, per_passage=1))
    assert len(short.lines) == 3
    assert short.gave_up == ("size: 3 of 4 (at most 1 per passage)",)


def test_quotas_by_count_and_by_share() -> None:
    items = candidates(8, domain=["news"] * 4 + ["books"] * 3 + ["talk"], topic=list("xyxyxyxy"))
    chosen = choose(items, NONE, [], SetWishes(4, quotas={"domain": {"books": 2, "talk": 0.25}}))
    assert Counter(items["domain"][chosen.lines]) == {"books": 2, "talk": 1, "news": 1}
    both = choose(items, NONE, [], SetWishes(4, quotas={"domain": {"news": 4}, "topic": {"x": 3}}))
    assert Counter(items["domain"][both.lines]) == {"news": 4}
    assert both.gave_up == ("topic x: 2 of 3",)


def test_a_heuristic_is_brought_within_its_margin() -> None:
    right = np.array([[1.0]] * 6 + [[0.0]] * 6)
    chosen = choose(candidates(12), right, ["longest"], SetWishes(8, margin=0.05))
    assert chosen.accuracy == {"longest": 0.25}
    assert chosen.gave_up == ()
    none_left = choose(candidates(12), right, ["longest"], SetWishes(10, margin=0.05))
    assert none_left.accuracy == {"longest": 0.4}
    assert none_left.gave_up == ("longest: .40, margin .30",)
    seldom = choose(candidates(12), np.zeros((12, 1)), ["longest"], SetWishes(10, margin=0.05))
    assert seldom.gave_up == ("longest: .00, margin .20",)


def test_wishes_are_given_up_in_order() -> None:
    """Three items solve it by length and are all the news there is: the margin counts for more than the quota."""
    items = candidates(8, domain=["news"] * 3 + ["books"] * 5, quality=[1.0] * 3 + [0.1] * 5)
    right = np.array([[1.0]] * 3 + [[0.0]] * 5)
    chosen = choose(items, right, ["longest"], SetWishes(4, margin=0.1, quotas={"domain": {"news": 3}}))
    assert chosen.accuracy == {"longest": 0.25}
    assert chosen.gave_up == ("domain news: 1 of 3",)


def test_shares_are_rounded_to_the_size() -> None:
    items = candidates(9, domain=["a", "b", "c"] * 3)
    chosen = choose(items, NONE, [], SetWishes(4, quotas={"domain": dict.fromkeys("abc", 1 / 3)}))
    assert sorted(Counter(items["domain"][chosen.lines]).values()) == [1, 1, 2]
    assert chosen.gave_up == ()


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (SetWishes(0), "ask for 1"),
        (SetWishes(2, quotas={"domain": {"new": 1}}), "no item has domain 'new'; there is news"),
        (SetWishes(2, quotas={"genre": {"x": 1}}), "the items have no genre"),
        (SetWishes(2, quotas={"domain": {"news": 2, "books": 1}}), "add up to more than 2: news 2, books 1"),
    ],
)
def test_what_cannot_be_wanted(wanted: SetWishes, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choose(candidates(4, domain=["news", "news", "books", "books"]), NONE, [], wanted)


def test_nothing_to_choose_from() -> None:
    with pytest.raises(UsageError, match="nothing to choose from"):
        choose(candidates(0), NONE, [], SetWishes(1))


# Orders -------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(2, 6), st.integers(0, 5)), min_size=1, max_size=40))
def test_keys_stand_everywhere_equally_often(shapes: list[tuple[int, int]]) -> None:
    lines = [
        {"item_id": f"i{n}", "question": "?", "options": list("abcdef"[:count]), "key": key % count}
        for n, (count, key) in enumerate(shapes)
    ]
    orders = shown_orders(pd.DataFrame(lines))
    for size in {count for count, _ in shapes}:
        of_size = [n for n, (count, _) in enumerate(shapes) if count == size]
        places = Counter(orders[n].index(lines[n]["key"] + 1) for n in of_size)
        assert max(places.values()) - min([places[p] for p in range(size)]) <= 1
        assert all(sorted(orders[n]) == list(range(1, size + 1)) for n in of_size)


def test_the_wrong_options_stand_everywhere_too() -> None:
    items = candidates(4000)
    orders = np.array(shown_orders(items))
    key = items["key"].to_numpy()[:, None] + 1
    first = orders[:, 0]
    for identity in (1, 2, 3, 4):
        share = (first == identity)[(key != identity)[:, 0]].mean()
        assert abs(share - 0.25) < 0.02


@settings(max_examples=10)
@given(st.permutations(range(40)))
def test_the_order_of_the_candidates_changes_nothing(order: list[int]) -> None:
    items = candidates(40, domain=["a", "b"] * 20)
    right = (np.arange(40)[:, None] % np.array([3, 4, 5]) == 0).astype(float)
    wanted = SetWishes(20, 1, 0.05, {"domain": {"a": 0.5}})

    def told(lines: list[int]) -> dict[str, list[int]]:
        found = choose(items.iloc[lines].reset_index(drop=True), right[lines], ["x", "y", "z"], wanted)
        return dict(zip(items["item_id"].iloc[lines].iloc[found.lines], found.orders, strict=True))

    assert told(list(order)) == told(list(range(40)))


# What may be said afterwards ----------------------------------------------------------------------------------


class World:
    """Items whose options have binary features; some features are known heuristics, others a hidden cue."""

    def __init__(self, seed: int, count: int, known: int, hidden: int = 0, strength: float = 0.0) -> None:
        draw = np.random.default_rng(seed)
        self.features = (draw.random((count, 4, known + hidden)) < 0.3).astype(float)
        pull = strength * self.features[:, :, known:].sum(axis=2)
        chances = np.exp(pull) / np.exp(pull).sum(axis=1, keepdims=True)
        self.keys = (chances.cumsum(axis=1) < draw.random((count, 1))).sum(axis=1)
        self.known = known
        self.centred = self.features - self.features.mean(axis=1, keepdims=True)

    @property
    def frame(self) -> pd.DataFrame:
        count = len(self.keys)
        names = [f"{n:06}" for n in range(count)]
        return pd.DataFrame(
            {"item_id": names, "language": "", "group": names, "passage": None, "question": names,
             "options": [[f"{n} {o}" for o in range(4)] for n in range(count)], "key": self.keys}
        )  # fmt: skip

    def credits(self, keys: Ints) -> Floats:
        best = self.features == self.features.max(axis=1, keepdims=True)
        shared = best / best.sum(axis=1, keepdims=True)
        return np.asarray(shared[np.arange(len(keys)), keys, : self.known])

    def choose(self, size: int, margin: float) -> ChosenSet:
        names = [f"h{n}" for n in range(self.known)]
        return choose(self.frame, self.credits(self.keys), names, SetWishes(size, margin=margin))

    def of(self, options: Options) -> Floats:
        lines = [tuple(map(int, text.split())) for text in options.texts]
        return np.array([self.centred[n, o] for n, o in lines])

    def learn(self, train: Options, test: Options) -> Floats:
        gold = -np.repeat(0.25, 4 * len(train))
        gold[train.keys] += 1
        return self.of(test) @ ridge(self.of(train), gold)

    def crossfit(self, lines: Ints, keys: Ints) -> float:
        x, folds = self.centred[lines], np.arange(len(lines)) % 10
        gold = np.eye(4)[keys[lines]] - 0.25
        hits = 0
        for fold in range(10):
            out = folds == fold
            weights = ridge(x[~out].reshape(-1, x.shape[2]), gold[~out].ravel())
            hits += int(((x[out] @ weights).argmax(axis=1) == keys[lines][out]).sum())
        return hits / len(lines)


def ridge(x: Floats, y: Floats) -> Floats:
    return np.asarray(np.linalg.solve(x.T @ x + 20 * np.eye(x.shape[1]), x.T @ y))


def truth(world: World, chosen: Ints, **kind: Any) -> float:
    """What the same learner knows of the chosen items when it was trained on many others."""
    other = World(10_000, 20_000, **kind)
    gold = (np.eye(4)[other.keys] - 0.25).ravel()
    weights = ridge(other.centred.reshape(len(gold), -1), gold)
    return float(((world.centred[chosen] @ weights).argmax(axis=1) == world.keys[chosen]).mean())


@pytest.fixture(scope="module")
def readings() -> Mapping[str, Mapping[str, Floats]]:
    """Mean readings of some sets with no cue and of some with a cue that no heuristic knows."""
    kinds = {"nothing": {"known": 40}, "a cue": {"known": 30, "hidden": 20, "strength": 0.6}}
    found: dict[str, dict[str, Floats]] = {}
    for name, kind in kinds.items():
        lines = []
        for seed in range(2):
            world = World(seed, 900, **kind)  # type: ignore[arg-type]
            chosen = world.choose(300, 0.02).lines
            lines.append(
                (
                    world.crossfit(chosen, world.keys),
                    outside(world.frame, chosen, world.learn).accuracy,
                    truth(world, chosen, **kind),
                )
            )
        found[name] = dict(zip(("inside", "outside", "truth"), np.mean(lines, axis=0), strict=True))
    return found


@pytest.mark.slow
def test_cross_fitting_inside_a_chosen_set_reads_below_chance(readings: Mapping[str, Mapping[str, float]]) -> None:
    assert readings["nothing"]["inside"] < 0.2
    assert readings["a cue"]["inside"] < readings["a cue"]["truth"] - 0.03


def test_a_learner_of_candidates_left_out_reads_the_truth(readings: Mapping[str, Mapping[str, float]]) -> None:
    assert abs(readings["nothing"]["outside"] - readings["nothing"]["truth"]) < 0.03
    assert readings["a cue"]["truth"] > 0.35
    assert readings["a cue"]["outside"] > readings["a cue"]["inside"]
    assert readings["a cue"]["truth"] - 0.05 < readings["a cue"]["outside"]


def test_outside_trains_on_other_passages_only() -> None:
    world = World(1, 40, 3)
    frame = world.frame.assign(group=[f"p{n // 2}" for n in range(40)])
    seen: list[set[str]] = []

    def learn(train: Options, test: Options) -> Floats:
        seen.append(set(train.items["group"]) & set(test.items["group"]))
        return world.learn(train, test)

    told = outside(frame, np.arange(0, 20, 2), learn)
    assert seen == [set()]
    assert (told.trained, told.tested, told.chance) == (20, 10, 0.25)
    credits = outside(frame, np.arange(0, 20, 2), world.learn, frame.iloc[20:])
    assert credits == told
    with pytest.raises(UsageError, match="no candidate is left"):
        outside(frame, np.arange(0, 40, 2), world.learn)


def again(kind: Mapping[str, Any], seed: int, permutations: int) -> float:
    """p of a chosen set, by choosing anew in every permutation; the attacker cross-fits inside it."""
    world = World(seed, 240, **kind)
    options = Options.of(world.frame)
    place = [int(name) for name in options.items["item_id"]]
    labellings = options.labellings(permutations, seed) - options.starts[:, None]
    back = np.empty_like(labellings)
    back[place] = labellings

    def chosen(keys: Ints) -> Ints:
        names = [f"h{n}" for n in range(world.known)]
        return choose(world.frame.assign(key=keys), world.credits(keys), names, SetWishes(120, margin=0.02)).lines

    return repeated_choice(back, chosen, world.crossfit)[1]


def test_choosing_anew_in_every_permutation_finds_what_the_choice_hid() -> None:
    assert again({"known": 4, "hidden": 6, "strength": 1.5}, seed=1, permutations=19) == 0.05


def test_repeated_choice_counts() -> None:
    labellings = np.array([[1, 0, 1, 1], [1, 0, 0, 1]])
    statistics, p = repeated_choice(
        labellings, lambda keys: np.arange(len(keys)), lambda lines, keys: float(keys.sum())
    )
    assert statistics.tolist() == [2, 0, 1, 2]
    assert p == 0.5
