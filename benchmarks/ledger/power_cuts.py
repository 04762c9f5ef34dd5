"""Five hundred power cuts: the state in which they leave a ledger, and the cost of safety for an append.

    python benchmarks/ledger/power_cuts.py [--cuts 500]

A ledger is written to (appends, a lease, compaction, summaries of its log) and loses power before a sync:
everything that was not synced is by chance left in its earlier state, in its new state, emptied, cut off, full of
zeros or not at all. A new process must then find all that was acknowledged. The peer of an append is `deltalake`'s
own, which syncs nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

from benchmarks.table import Line, show, timed
from data.ledger import Ledger
from data.ledger.repair.integrity import damage
from data.ledger.tables import EVENTS
from tests.data.ledger.power_cuts import Life, quiet

A_LIFE = 20  # cuts of one ledger


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--cuts", type=int, default=500)
    cuts = wanted.parse_args().cuts
    told = torn = 0
    with quiet():
        for seed in range(-(-cuts // A_LIFE)):
            life, aside = lived(seed)
            told, torn = told + len(life.told), torn + aside
    print(f"{cuts} power cuts, {told} events acknowledged, 0 lost; {torn} torn versions put aside")
    ours, plain = map(median, zip(*appends(60), strict=True))
    return [Line("append of one event, on the disk", ours, plain, "deltalake's, which syncs nothing")]


def lived(seed: int) -> tuple[Life, int]:
    """Run a ledger through many power cuts and check it; return its life and the number of files put aside."""
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder) / "campaign"
        Ledger.create(str(address))
        life = Life(address, seed)
        for _ in range(A_LIFE):
            life.lose_power()
        ledger = Ledger(str(address))
        if found := damage(ledger):
            sys.exit(f"seed {seed}: {found[0]}")
        return life, len(list((address / "ledger" / "aside").rglob("*.json")))


def appends(turns: int) -> Iterator[tuple[float, float]]:
    """Yield the seconds of an append of ours, and of one by `deltalake` alone, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger.create(f"{folder}/ours")
        other = DeltaTable.create(f"{folder}/plain", schema=EVENTS.schema)
        for number in range(turns):
            row = {"kind": "query", "subject": str(number), "language": "", "detail": "{}"}
            content = pa.Table.from_pylist([row], schema=EVENTS.schema)
            ours = timed(partial(ledger.append, EVENTS, [row]))
            yield ours, timed(partial(write_deltalake, other, content, mode="append"))


if __name__ == "__main__":
    show(main())
