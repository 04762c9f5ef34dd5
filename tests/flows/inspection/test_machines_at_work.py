from pathlib import Path

import pytest

from data.ledger import Ledger
from flows.inspection.machines_at_work import for_the_lead, machines_at_work
from tests.flows.small_campaign import Small, at


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return at("authoring", tmp_path)


def run(small: Small, *machines: str) -> None:
    """Each of these machines advances once, in this order."""
    for machine in machines:
        with Ledger(small.address).lease(f"{machine}:12"):
            pass


def test_two_that_take_turns_are_told(small: Small) -> None:
    run(small, "house/a1", "desk/b1", "house/a1")
    assert {"desk/b1", "house/a1"} <= set(machines_at_work(small.state))
    (point,) = for_the_lead(small.state)
    assert "machines take turns" in point.what and "desk/b1 (last " in point.what
    assert any("machines take turns" in line for line in small.agenda())


def test_a_machine_that_was_replaced_or_started_again_is_not(small: Small) -> None:
    run(small, "house/a1", "house/a1", "house/a2", "desk/b1", "desk/b1")
    assert machines_at_work(small.state) == {}


def test_one_that_ran_before_is_not_among_those_that_take_turns(small: Small) -> None:
    run(small, "old/a1", "house/a1", "desk/b1", "house/a1")
    assert set(machines_at_work(small.state)) == {"desk/b1", "house/a1"}
