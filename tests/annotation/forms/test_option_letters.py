from collections import Counter

from annotation.forms import option_letters


def test_the_order_is_the_same_each_time_and_fair_over_tasks() -> None:
    assert option_letters.shown_order("a", 4) == option_letters.shown_order("a", 4)
    first = Counter(option_letters.shown_order(f"task {n}", 4)[0] for n in range(2000))
    assert set(first) == {1, 2, 3, 4}
    assert max(first.values()) - min(first.values()) < 120
