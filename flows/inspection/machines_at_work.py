"""The machines that advance a campaign: two that take turns are told to the lead, since one may be forgotten.

The lease lets one run work at a time, so nothing is lost by it; but each machine has its own people's addresses,
its own servers and its own schedule. A machine that replaced another for good does not take turns with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd

from data.ledger.tables import LEASES
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint
from qc.reports.phrases import listed

LATELY = timedelta(days=7)
"""How long ago a machine's last run may be for it to count."""

_NAMED = 3


def machines_at_work(state: State) -> dict[str, datetime]:
    """Return the machines that took turns lately, each with its last sign of life; empty if there are none.

    Two take turns if one ran before and after the other.
    """
    leases = state.ledger.read(LEASES, ["epoch", "owner", "beat_at"])
    if leases.empty:
        return {}
    lately = leases[leases["beat_at"] >= leases["beat_at"].max() - LATELY]
    machine = lately["owner"].str.rpartition(":")[0]
    runs = lately.assign(machine=machine).groupby("epoch", sort=True)["machine"].first()
    spells = runs[runs != runs.shift()]
    if spells.is_unique:
        return {}
    last = lately.groupby(machine)["beat_at"].max()
    again = sorted(spells[spells.duplicated()].unique())
    # whoever ran between two runs of one that came back takes turns with it
    turns = {name for one in again for name in _between(spells, one)}
    return {str(name): last[name].to_pydatetime() for name in sorted(turns)}


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield that several machines advance the campaign."""
    if found := machines_at_work(state):
        named = listed([f"{name} (last {at:%Y-%m-%d %H:%M} UTC)" for name, at in found.items()], _NAMED)
        yield AgendaPoint(
            f"{len(found)} machines take turns to advance this campaign: {named}; nothing is lost by it, but if "
            "two keep its schedule, stop one"
        )


def _between(spells: pd.Series[str], machine: str) -> list[str]:
    """Return a machine, and all that ran between its first and its last spell."""
    places = [number for number, name in enumerate(spells) if name == machine]
    return list(spells.iloc[places[0] : places[-1] + 1])
