"""The intake of passages: new or changed passages of the source become revisions in the ledger."""

from __future__ import annotations

import pyarrow.compute as pc

from data import sources
from data.ledger import tables, to_frame
from data.ledger.events import GivenUp, SourceRead
from flows.campaign_state import State, moments
from flows.steps.checks_and_decisions import check_source


def read_source(state: State, address: str) -> int:
    """Record the passages of the source that the ledger does not hold, and the checks' findings on them.

    Returns:
        How many passages (one per language) were new or changed.
    """
    campaign = state.campaign
    path, languages = campaign.source_path(address), list(campaign.text_languages)
    mark = sources.fingerprint(campaign.source.kind, path, languages)
    before, given_up = state.events(SourceRead), state.events(GivenUp)
    # Notes on passages are stored as verdicts.
    lost = given_up[given_up["subject"].isin([tables.PASSAGES.name, tables.VERDICTS.name])]
    known_as = before[before["subject"] == mark]
    again = bool(len(known_as) and len(lost) and lost["sequence"].max() > before["sequence"].max())
    if len(known_as) and not again:
        return 0
    found = sources.read(campaign.source.kind, path, languages)
    known = state.ledger.read(tables.PASSAGES, ["passage_id", "language", "revision", "text"])
    texts = set(zip(known["passage_id"], known["language"], known["text"], strict=True))
    last = known.groupby(["passage_id", "language"])["revision"].max().to_dict()
    rows = [
        {**row, "revision": int(last.get((row["passage_id"], row["language"]), 0)) + 1}
        for row in found.to_pylist()
        if (row["passage_id"], row["language"], row["text"]) not in texts
        and not (again and (row["passage_id"], row["language"]) in last)  # a mended passage stays mended
    ]
    state.ledger.append(tables.PASSAGES, rows)
    if rows or again or not _judged(state):
        check_source(state, to_frame(found).assign(revision=1))
    read = SourceRead(campaign.source.kind, len(languages), len(rows), again=len(before) if again else None)
    state.ledger.append(tables.EVENTS, [read.row(mark)])
    return len(rows)


def _judged(state: State) -> bool:
    """Whether the passages in the ledger were there when a reading of the source ended, and so were judged in it.

    A source that merely moved then needs no second judgement.
    """
    columns = ["sequence", "recorded_at"]
    passages = state.ledger.read(tables.PASSAGES, columns)
    ends = state.ledger.read(tables.EVENTS, columns, pc.field("kind") == SourceRead.KIND)
    if passages.empty or ends.empty:
        return False
    return max(moments(passages, "recorded_at")) < max(moments(ends, "recorded_at"))
