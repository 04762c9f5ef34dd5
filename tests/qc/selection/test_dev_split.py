"""The dev split: which items are drawn, and in which orders their options stand."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.selection.dev_split import dev_orders, drawn
from qc.selection.final_set import shown_orders


def passages(sizes: list[int]) -> dict[str, str]:
    """The group of every item, with so many items on each passage."""
    return {f"p{n:03}-q{q}": f"https://p{n}.invalid" for n, size in enumerate(sizes) for q in range(1, size + 1)}


BELEBELE = passages(([2] * 11 + [1] * 2) * 38)  # about 900 questions, a seventh of the passages with one


def key_places(items: pd.DataFrame, orders: list[list[int]]) -> list[int]:
    return [order.index(key + 1) for order, key in zip(orders, items["key"], strict=True)]


def asked(names: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "item_id": names,
            "question": [f"{name}?" for name in names],
            "options": [[f"{name} {letter}" for letter in "abcd"] for name in names],
            "key": [len(name) % 4 for name in names],
        }
    )


def test_forty_of_twenty_passages() -> None:
    made = drawn(BELEBELE, 40, "wells")
    assert made is not None
    assert len(set(made)) == 40
    assert made == sorted(made)
    assert len({BELEBELE[item] for item in made}) >= 20
    beside = [item for item, group in BELEBELE.items() if group in {BELEBELE[one] for one in made}]
    assert sorted(beside) == made, "where passages with one question are there, nothing is lost"
    assert len({BELEBELE[item] for item in made[:4]}) == 4
    orders = dev_orders(asked(made), {}, "wells")
    places = key_places(asked(made), orders)
    assert sorted(places[:4]) == [0, 1, 2, 3]
    assert Counter(places) == {0: 10, 1: 10, 2: 10, 3: 10}


def test_neither_order_nor_clock_matters_but_the_seed_does() -> None:
    turned = dict(reversed(BELEBELE.items()))
    assert drawn(turned, 40, "wells") == drawn(BELEBELE, 40, "wells")
    assert drawn(BELEBELE, 40, "wells") != drawn(BELEBELE, 40, "springs")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=60), st.integers(1, 60), st.integers(0, 5))
def test_a_draw_keeps_its_promises(sizes: list[int], wanted: int, seed: int) -> None:
    groups = passages(sizes)
    made = drawn(groups, wanted, str(seed))
    if made is None:
        return
    used = {groups[item] for item in made}
    assert len(set(made)) == wanted
    assert len(used) >= min(20, wanted // 2)
    assert sum(group not in used for group in groups.values()) >= wanted
    assert len({groups[item] for item in sorted(made)[:4]}) == min(4, wanted)


@pytest.mark.parametrize(("sizes", "wanted"), [([2, 2], 4), ([1] * 7, 4), ([9] * 3, 6)])
def test_too_few_candidates_give_no_split(sizes: list[int], wanted: int) -> None:
    assert drawn(passages(sizes), wanted, "wells") is None


def test_the_smallest_that_does() -> None:
    assert drawn(passages([1] * 8), 4, "wells") is not None


def test_a_larger_split_keeps_what_it_has() -> None:
    first = drawn(BELEBELE, 40, "wells")
    assert first is not None
    more = drawn(BELEBELE, 60, "wells", first)
    assert more is not None
    assert len(more) == 20
    assert not {*more} & {*first}
    assert sorted([*first, *more])[:4] == first[:4], "the examples of who takes the first four stay the same"
    frozen = dict(zip(first, dev_orders(asked(first), {}, "wells"), strict=True))
    whole = asked(sorted([*first, *more]))
    orders = dict(zip(whole["item_id"], dev_orders(whole, frozen, "wells"), strict=True))
    assert {item: orders[item] for item in first} == frozen
    assert set(Counter(key_places(whole, list(orders.values()))).values()) == {15}


def test_orders_of_other_items_do_not_matter() -> None:
    items = asked([f"i{n}" for n in range(4)])
    assert dev_orders(items, {"in-test": [1, 2, 3, 4]}, "wells") == dev_orders(items, {}, "wells")


def test_released_orders_stay_and_the_rest_is_balanced_against_them() -> None:
    items = asked([f"i{n:02}" for n in range(12)])
    frozen = {f"i{n:02}": [1, 2, 3, 4] for n in range(6)}  # their keys all stand in one place
    orders = shown_orders(items, frozen)
    assert orders[:6] == [[1, 2, 3, 4]] * 6
    counts = Counter(key_places(items, orders))
    assert counts[3] == 6
    assert sorted(counts.values()) == [2, 2, 2, 6]
    fresh = shown_orders(items)
    assert sorted(Counter(key_places(items, fresh)).values()) == [3, 3, 3, 3]
