"""Power cuts: after every write, what the machine may leave is played; nothing that was acknowledged is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.ledger import Ledger
from tests.data.ledger.power_cuts import Life

CUTS = 10


@pytest.mark.parametrize("seed", range(5))
def test_nothing_acknowledged_is_lost_by_a_power_cut(tmp_path: Path, seed: int) -> None:
    """Fifty cuts in all; five hundred in benchmarks/ledger/power_cuts.py."""
    Ledger.create(str(tmp_path / "wells"))
    life = Life(tmp_path / "wells", seed)
    for _ in range(CUTS):
        life.lose_power()
    assert len(life.told) > CUTS
