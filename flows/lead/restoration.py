"""Restoration: lost rows of the ledger, rebuilt from what it still holds, with their former identities and places.

Submissions are read again, checks judge again what decisions rest on and are described again, and a selection
writes its decisions again. An event's id follows from its origin and content, so a rebuilt event is the very one
that was lost, and nothing counts twice. A text needs only its annotation and a verdict needs the text, so texts
come first. A ledger that never lost anything is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import pandas as pd
import pyarrow.compute as pc

from data.ledger import tables
from data.ledger.events import (
    ErrorReported,
    FindingAnswered,
    GivenUp,
    ItemWithdrawn,
    MadeAgain,
    SourceRead,
    TakenBack,
)
from data.ledger.references import products
from data.ledger.tables import Row, Table
from flows.campaign_state import State, among
from flows.check_suites import BY_SET, EVERY
from flows.lead.selection import selections
from flows.ledger_views.review_subject import answers_known
from flows.stages import STAGES, work_of
from flows.steps.checks_and_decisions import judge_again
from flows.steps.submission_outcomes import reread
from flows.submissions.earlier_submissions import counted_of
from qc.check_run import check_rows
from qc.checks.source_checks import SOURCE_SUITE

ITEM = ["question_id", "language", "revision"]


def restore_work(state: State) -> int:
    """Rebuild the lost events that follow from submissions and selections that are there, as they were read.

    Returns:
        How many events were rebuilt.
    """
    if not _is_due(state):
        return 0
    back = _read_again(state, [work.stage for work in STAGES if not work.judges])
    back += _read_again(state.fresh(), [work.stage for work in STAGES if work.judges])
    if tables.DECISIONS.name in set(state.events(GivenUp)["subject"]):
        back += _write(state, tables.DECISIONS, selections(state))
    return back


def restore_judgements(state: State, restored: int) -> int:
    """Rebuild the lost events of checks, once every submission is read, and record that nothing is left to do.

    Args:
        state: the campaign.
        restored: how many events `restore_work` rebuilt.

    Returns:
        How many events were rebuilt here.
    """
    if not _is_due(state):
        return 0
    lost, back = set(state.events(GivenUp)["subject"]), 0
    if tables.VERDICTS.name in lost:
        back += _judged_again(state.fresh())
    if tables.CHECKS.name in lost:
        back += _described_again(state.fresh())
    if {tables.VERDICTS.name, tables.FINDINGS.name} & lost:
        back += _places_again(state.fresh()) + _marks_again(state.fresh())
    if _lacking(state.fresh(), [work.stage for work in STAGES]).empty:
        state.ledger.append(tables.EVENTS, [MadeAgain(restored + back).row(_occasions(state))])
    return back


def _is_due(state: State) -> bool:
    return len(state.events(GivenUp)) > 0 and _occasions(state) not in set(state.events(MadeAgain)["subject"])


def _occasions(state: State) -> str:
    """Return how often something was lost and how often taken back: each may leave something to rebuild."""
    losses, taken = len(state.events(GivenUp)), len(state.events(TakenBack))
    return f"{losses}+{taken}" if taken else str(losses)


def _lacking(state: State, stages: Collection[str]) -> pd.DataFrame:
    """Return the annotations that count but lack rows that can be rebuilt, with their `place`."""
    counted = counted_of(state)
    counted = counted[counted["stage"].isin(list(stages)) & among(counted["task_key"], state.tasks["task_key"])]
    made = products(state.ledger)
    rows = zip(counted["event_id"], counted["stage"], strict=True)
    lacks = [made[event] < work_of(stage).least_rows for event, stage in rows]
    found = counted[pd.Series(lacks, counted.index, dtype=bool)]
    asked = found.merge(state.tasks[["task_key", "question_id", "revision"]], on="task_key")
    known = answers_known(state, asked).to_numpy()
    return found[known]


def _read_again(state: State, stages: Collection[str]) -> int:
    lacking = _lacking(state, stages)
    rows: dict[str, list[tuple[Row, int]]] = defaultdict(list)
    for annotation, made in reread(state, lacking) if len(lacking) else ():
        place = int(annotation["place"])
        for table, found in (
            (tables.QUESTIONS, made.questions),
            (tables.TRANSLATIONS, made.translations),
            (tables.VERDICTS, made.verdicts),
            (tables.EVENTS, made.events),
        ):
            rows[table.name] += [(row, place) for row in found]
    return sum(_write(state, tables.TABLES[name], found) for name, found in rows.items())


def _judged_again(state: State) -> int:
    """Let checks judge again what was handed on, and what was decided and has known identities."""
    columns = ["event_id", "subject", "language", "revision", "verdicts", "sequence"]
    decisions = state.ledger.read(tables.DECISIONS, columns).rename(columns={"subject": "question_id"})
    there = {*state.ledger.read(tables.VERDICTS, ["event_id"])["event_id"], *decisions["event_id"]}
    for kind in (FindingAnswered, ErrorReported, ItemWithdrawn):
        there |= set(state.events(kind)["event_id"])
    missed: dict[str, int] = {}
    lacks = []
    for rests, place in zip(decisions["verdicts"], decisions["sequence"], strict=True):
        gone = [event for event in rests or () if event not in there]
        lacks.append(bool(gone))
        missed |= {event: int(place) for event in gone if event not in missed}
    tasks = state.tasks[state.tasks["stage"].isin(["answering", "proofreading"]) & state.tasks["revision"].gt(0)]
    handed = tasks[[*ITEM, "sequence"]].drop_duplicates(ITEM)  # handing on proves that checks had judged it
    places = {(s, lang, r): int(place) for s, lang, r, place in handed.itertuples(False, None)}
    items = pd.concat([decisions.loc[pd.Series(lacks, decisions.index, dtype=bool), ITEM], handed[ITEM]])
    back = 0
    for verdicts, checks, _ in judge_again(state, items):
        kept = []
        for row in verdicts:
            place = missed.get(tables.VERDICTS.event_id(row))
            if place is None and row["check"] not in BY_SET:
                place = places.get((row["subject"], row["language"], row["revision"]))
            if place is not None:
                kept.append((row, place))
        named, known = {row["signature"] for row, _ in kept}, state.ledger.read(tables.CHECKS, ["signature"])
        new = [row for row in checks if row["signature"] in named.difference(known["signature"])]
        state.ledger.append(tables.CHECKS, new)
        back += _write(state, tables.VERDICTS, kept)
    return back


def _described_again(state: State) -> int:
    """Write down the checks that judged and still are as they were, each before its first verdict."""
    first = state.ledger.read(tables.VERDICTS, ["signature", "sequence"]).drop_duplicates("signature")
    places = dict(zip(first["signature"], first["sequence"].astype(int), strict=True))
    if len(read := state.events(SourceRead)):  # which left no verdict on passages in which it found nothing
        for row in check_rows(SOURCE_SUITE, state.campaign.checks):
            places.setdefault(row["signature"], int(read["sequence"].min()))
    rows = check_rows(EVERY, state.campaign.checks)
    return _write(
        state, tables.CHECKS, [(row, places[row["signature"]]) for row in rows if row["signature"] in places]
    )


def _places_again(state: State) -> int:
    """Let checks judge again what they flagged, and write the places of the verdicts that are there."""
    columns = ["event_id", "subject", "language", "revision", "judge", "flagged", "sequence"]
    verdicts = state.ledger.read(tables.VERDICTS, columns)
    flagged = verdicts[(verdicts["judge"] == "check") & verdicts["flagged"].eq(True)]
    places = {event: int(place) for event, place in zip(flagged["event_id"], flagged["sequence"], strict=True)}
    items = flagged.rename(columns={"subject": "question_id"})[ITEM].drop_duplicates()
    return sum(
        _write(
            state, tables.FINDINGS, [(row, places[row["verdict"]]) for row in found if row["verdict"] in places]
        )
        for _, _, found in judge_again(state, items)
    )


def _marks_again(state: State) -> int:
    """Write the places that people marked, of the verdicts that are there."""
    counted = counted_of(state)
    counted = counted[counted["stage"].eq("proofreading") & among(counted["task_key"], state.tasks["task_key"])]
    there = set(state.ledger.read(tables.VERDICTS, ["event_id"])["event_id"])
    return sum(
        _write(
            state, tables.FINDINGS,
            [(row, int(annotation["place"])) for row in made.places if row["verdict"] in there],
        )
        for annotation, made in (reread(state, counted) if len(counted) else ())
    )  # fmt: skip


def _write(state: State, table: Table, rows: Iterable[tuple[Row, int]]) -> int:
    """Write the rows that the ledger does not hold, each at its place."""
    by_id = {table.event_id(row): (row, place) for row, place in rows}
    if not by_id:
        return 0
    there = set(state.ledger.read(table, ["event_id"], pc.field("event_id").isin(sorted(by_id)))["event_id"])
    new: Sequence[tuple[Row, int]] = [one for event, one in by_id.items() if event not in there]
    return state.ledger.append(table, [row for row, _ in new], [place for _, place in new])
