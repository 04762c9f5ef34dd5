"""Where each workbench stands: its server's number of it, by which it is known whatever title somebody gives it.

A title is what people see, and every account on a bare Label Studio can change it. Were a workbench known by its
title alone, a renamed one would be taken for destroyed, and a second one made beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from annotation.labelstudio.client import Placed, Workbench
from data.ledger.events import Page, WorkbenchPlaced, details_of
from data.ledger.tables import Row
from flows.campaign_state import State


def placed_workbenches(state: State, server: str) -> dict[int, Placed]:
    """Return the workbenches that stand on a server, by its number of each, as the ledger knows them.

    Of a workbench that was made several times the last one.
    """
    found = state.events(WorkbenchPlaced)
    last: dict[str, WorkbenchPlaced] = {}
    for title, one in zip(found["subject"], details_of(found, WorkbenchPlaced), strict=True):
        if one.server == server:
            last[title] = one
    return {one.project: Placed(title, one.made) for title, one in last.items()}


def new_places(state: State, server: str, standing: Mapping[str, Workbench]) -> Iterator[Row]:
    """Yield the events for workbenches of ours whose numbers the ledger does not know."""
    known, ours = placed_workbenches(state, server), set(state.events(Page)["subject"])
    for title, bench in standing.items():
        if title in ours and known.get(bench.id) != Placed(title, bench.made.isoformat()):
            yield place(server, bench)


def place(server: str, bench: Workbench) -> Row:
    """Return the event that a workbench stands on a server."""
    return WorkbenchPlaced(server, bench.id, bench.made.isoformat()).row(bench.title)
