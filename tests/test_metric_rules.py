"""The rules for metrics find what breaks them, so that a page without a finding is one that keeps them."""

import pytest

from tests.metric_rules import broken_rules

GOOD = """\
# HELP belebele_runs_total Runs.
# TYPE belebele_runs_total counter
belebele_runs_total{campaign="a"} 3
"""


def test_a_good_page_breaks_none() -> None:
    assert broken_rules(GOOD) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("belebele_runs_total", "runs_total", "no name of ours"),
        ("Runs.", "", "no sentence"),
        ("_runs_total", "_runs_minutes_total", "base unit"),
        ("_runs_total", "_seconds_of_runs_total", "its unit"),
        ("counter", "gauge", "by another's name"),
        ("campaign=", "person=", "has the label person"),
        ("} 3\n", '} 3\nbelebele_runs_total{campaign="a"} 3\n', "twice"),
        ("# HELP", "# HELP belebele_runs_total Again.\n# HELP", "explained 2 times"),
        (" counter", " untyped", "of type"),
        ("} 3\n", "} 3", "no end"),
    ],
)
def test_each_rule_can_be_broken(before: str, after: str, said: str) -> None:
    page = GOOD.replace(before, after)
    assert page != GOOD
    assert any(said in one for one in broken_rules(page)), broken_rules(page)
