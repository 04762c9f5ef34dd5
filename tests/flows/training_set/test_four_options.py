"""Any item becomes one with four options of which one is correct, or is left out for a named reason."""

import pytest

from flows.training_set.four_options import FourOptions, four_options


def made(options: str, *keys: int, elsewhere: str = "", several: str = "drop", fewer: str = "fill"):
    texts = options.split("|")
    return four_options(
        "Why?", texts, keys, elsewhere.split("|") if elsewhere else [], several=several, fewer=fewer
    )


def test_four_with_one_key_stay_as_they_are() -> None:
    assert made("a|b|c|d", 2) == FourOptions(("a", "b", "c", "d"), 2)


def test_three_wrong_ones_are_drawn_and_the_same_each_time() -> None:
    found = made("k|" + "|".join(f"w{n}" for n in range(9)), 0)
    assert isinstance(found, FourOptions)
    assert found.options[found.key] == "k"
    assert (len({*found.options}), found.drawn, found.filled) == (4, 6, 0)
    assert found == made("k|" + "|".join(f"w{n}" for n in range(9)), 0)
    shuffled = made("|".join(f"w{n}" for n in reversed(range(9))) + "|k", 9)
    assert found == shuffled, "the order of the source's options plays no part in a lot"


def test_keys_do_not_stay_at_one_place_when_options_are_drawn() -> None:
    places = {
        four_options(f"Case {n}?", ["k", "a", "b", "c", "d"], [0], [], several="drop", fewer="drop").key  # type: ignore[union-attr]
        for n in range(60)
    }
    assert places == {0, 1, 2, 3}


def test_several_keys() -> None:
    assert made("a|b|c|d|e", 0, 1) == "several_keys"
    drawn = made("a|b|c|d|e", 0, 1, several="draw")
    assert isinstance(drawn, FourOptions)
    assert drawn.options[drawn.key] in ("a", "b")
    assert len({"a", "b"} & {*drawn.options}) == 1, "the other correct option would be a wrong one"


def test_two_options_are_filled_from_the_passage() -> None:
    found = made("yes|no", 0, elsewhere="at noon|No|by bus|At noon|home")
    assert isinstance(found, FourOptions)
    assert (found.filled, found.options[found.key]) == (2, "yes")
    assert {one.casefold() for one in found.options} < {"yes", "no", "at noon", "by bus", "home"}
    assert len({one.casefold() for one in found.options}) == 4
    assert made("yes|no", 0, elsewhere="no|Yes.") == "too_few_options"
    assert made("yes|no", 0, elsewhere="at noon|by bus", fewer="drop") == "too_few_options"


@pytest.mark.parametrize("last", ["All of the above", "none of these", "Both A and B", "A and C"])
def test_options_that_speak_of_others_are_not_put_among_new_ones(last: str) -> None:
    assert made(f"a|b|{last}", 0, elsewhere="x|y") == "refers_to_options"
    assert isinstance(made(f"a|b|c|{last}", 3), FourOptions), "nothing changes here"


def test_equal_options() -> None:
    assert made("a|b|B.|d", 0) == "equal_options"
