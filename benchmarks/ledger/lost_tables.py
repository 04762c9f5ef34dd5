"""Each table of a ledger lost, alone and with each other: what comes back by itself, on a campaign with a server.

    python benchmarks/ledger/lost_tables.py [--alone | --at-once NUMBER]

A small campaign is played to its end on the fake server. Then all data files of one table, or of two, are deleted,
the loss is given up as `belebele check --deep --mend` does, and the campaign advances until it is idle. Counted
are the rows that are not there again under their former identity. Tasks come back from a copy or an export only,
and so does what depends on a lost task.
"""

from __future__ import annotations

import argparse
import copy
import os
import shutil
import sys
import tempfile
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from benchmarks.table import Line
from data.errors import BelebeleError
from data.ledger import Ledger
from data.ledger.tables import LEASES, TABLES
from flows.advance import advance
from flows.reports import preflight_check
from tests.flows.play import Company, begin, perform

ADVANCES = 5


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--alone", action="store_true", help="one table at a time only")
    wanted.add_argument("--at-once", type=int, metavar="NUMBER", help="so many tables together only")
    given = wanted.parse_args()
    names = [name for name in TABLES if name != LEASES.name]
    sizes = [given.at_once] if given.at_once else [1] if given.alone else [1, 2]
    losses = [lost for size in sizes for lost in combinations(names, size)]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        stack.enter_context(mock.patch.dict(os.environ, {"BELEBELE_STATE_DIR": str(folder / "state")}))
        server = stack.enter_context(FakeLabelStudio())
        studio = stack.enter_context(LabelStudio(server.url, server.token))
        people: dict[str, SignedInUser] = {}

        def visitor(name: str) -> SignedInUser:
            if name not in people:
                signed = SignedInUser.sign_up(
                    studio.url, studio.invitation(), f"{name}@example.org", "of-nobody-1"
                )
                people[name] = stack.enter_context(signed)
            return people[name]

        company = begin(folder / "played", studio, visitor)
        assert perform(company, lambda: advance(company.address, {"main": studio}))
        contents = copy.deepcopy((server.contents.projects, server.contents.webhooks))
        for lost in losses:  # each finds the server as it was: what one puts there would be foreign to the next
            server.contents.projects, server.contents.webhooks = copy.deepcopy(contents)
            print(f"{' + '.join(lost)}: {_without(company, studio, lost, folder / 'lost')}", flush=True)
    return []


def _without(company: Company, studio: LabelStudio, lost: tuple[str, ...], folder: Path) -> str:
    shutil.copytree(company.address, folder)
    address = str(folder)
    Ledger(address).version()  # every table is looked at, so that the copy is no copy any more
    before = _rows(address)
    for name in lost:
        for file in (folder / "ledger" / name).glob("*.parquet"):
            file.unlink()
    preflight_check.mend(address)
    told = ""
    try:
        for _ in range(ADVANCES):
            if advance(address, {"main": studio}).idle:
                break
        else:
            told = "; not idle"
        after = _rows(address)
        gone = {name: len(before[name] - after[name]) for name in before if before[name] - after[name]}
        had = sum(len(before[name]) for name in lost)
        told = f"of {had} not back: {gone or 'none'}{told}"
    except BelebeleError as error:
        told = f"stops: {error}"
    shutil.rmtree(folder)
    return told


def _rows(address: str) -> dict[str, set[str]]:
    return {
        n: set(Ledger(address).read(t, ["event_id"])["event_id"]) for n, t in TABLES.items() if t is not LEASES
    }


if __name__ == "__main__":
    main()
