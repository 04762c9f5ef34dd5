"""Source faults: what the checks found in the source's passages, by check, with reasons and cures.

A fault in the source stops nothing, so it is shown by `belebele status` and is not on the agenda. Of a mended
passage only the findings on its current text count.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from data.ledger import tables
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint
from qc.checks.source_checks import SOURCE_SUITE

EXAMPLES = 3
"""The number of passages named per check; the others are counted."""


def source_faults(state: State) -> list[dict[str, Any]]:
    """Return the findings, per check in the order of the suite.

    Returns:
        Per check that found something: check, says (its description), count, and examples: subject (a passage, a
        pair of languages or a language), language ("" for a pair) and reason.
    """
    where = pc.field("scope").isin(["passage", "pair", "language"]) & pc.field("flagged")
    columns = ["scope", "subject", "language", "revision", "check", "reason"]
    found = state.ledger.read(tables.VERDICTS, columns, where)
    if found.empty:
        return []
    found = found.drop_duplicates(["check", "subject", "language"], keep="last")
    now = state.passages.set_index(["passage_id", "language"])["revision"].to_dict()
    standing = [
        scope != "passage" or now.get((subject, language)) == max(1, int(revision))
        for scope, subject, language, revision in zip(
            found["scope"], found["subject"], found["language"], found["revision"], strict=True
        )
    ]
    found = found[pd.Series(standing, index=found.index, dtype=bool)]
    return [
        {
            "check": check.name,
            "says": check.description,
            "count": len(mine),
            "examples": mine[["subject", "language", "reason"]].head(EXAMPLES).to_dict("records"),
        }
        for check in SOURCE_SUITE
        if len(mine := found[found["check"] == check.name].sort_values(["subject", "language"]))
    ]


def source_fault_points(faults: Sequence[Mapping[str, Any]]) -> Iterator[AgendaPoint]:
    """Yield a point for each check, and one with what can be done."""
    places = []
    for fault in faults:
        named = [_named(one) for one in fault["examples"]]
        more = fault["count"] - len(named)
        listed = "; ".join([*named, *([f"and {more} more"] if more else [])])
        yield AgendaPoint(f"{fault['says'].removesuffix('.')}: {listed}")
        places += [one for one in fault["examples"] if _in_passage(one)]
    if places:
        subject, language = (shlex.quote(places[0][name]) for name in ("subject", "language"))
        yield AgendaPoint(
            "nothing waits for this; to replace a passage", f"belebele mend {subject} {language} FILE"
        )


def _in_passage(one: Mapping[str, str]) -> bool:
    return one["language"] not in ("", one["subject"])


def _named(one: Mapping[str, str]) -> str:
    place = f"{one['subject']} in {one['language']}: " if _in_passage(one) else ""
    return f"{place}{one['reason']}"
