"""Rechecks: a random share of the accepted questions, judged again by an adjudicator without a part in them.

A digest draws them, so that nobody chooses. The adjudicator answers blind and then judges, as reviewers do,
because somebody who is shown the key first finds reasons for it. The finding decides nothing by itself: it is a
measure, `status` shows it, and the lead decides.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pandas as pd

from data.ledger.item_copy_ids import copy_id
from flows.assignment import copy_readers
from flows.assignment.due_work import Due
from flows.campaign_state import State, ledger_view, moments
from flows.inspection.agenda_point import AgendaPoint
from flows.item_copies.plants import drawn_for
from flows.ledger_views.current_items import kept_questions


@ledger_view
def drawn_questions(state: State) -> pd.DataFrame:
    """Return the accepted questions drawn to be judged again."""
    share, kept = state.campaign.recheck.recheck_share, kept_questions(state)
    if not share:
        return kept.head(0)
    chosen = [
        drawn_for("recheck", subject, revision, share)
        for subject, revision in zip(kept["question_id"], kept["revision"], strict=True)
    ]
    return kept[pd.Series(chosen, index=kept.index, dtype=bool)]


def due(state: State) -> Iterator[Due]:
    """Yield a blind answer and a judgement for every drawn question."""
    wanted = drawn_questions(state)
    if wanted.empty:
        return
    met = copy_readers.people_involved(state, wanted["question_id"])
    columns = (wanted[name] for name in ("question_id", "passage_id", "revision"))
    given = copy_readers.given_copies(state, {copy_id(subject, "recheck") for subject in wanted["question_id"]})
    for subject, passage_id, revision in zip(*columns, strict=True):
        copy = copy_id(subject, "recheck")
        piece = Due(
            "answering", state.source_language, passage_id, copy, int(revision),
            never=frozenset(met[subject] - given[copy, state.source_language]),
        )  # fmt: skip
        yield from copy_readers.copy_readings(state, piece, "adjudicating")


@ledger_view
def recheck_findings(state: State) -> pd.DataFrame:
    """Return the findings on accepted questions as they stand: subject, revision, flagged, reason, and when."""
    wanted = drawn_questions(state)
    columns = ["subject", "revision", "check", "judge", "flagged", "reason", "sequence", "judged_at"]
    said = state.verdicts_on(set(wanted["question_id"]), columns)
    said = said[said["check"] == "recheck"].drop_duplicates(["subject", "revision"], keep="last")
    now = wanted[["question_id", "revision"]].rename(columns={"question_id": "subject"})
    return said.merge(now, on=["subject", "revision"]).reset_index(drop=True)


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield a line for each expert's finding that the lead has not decided on since."""
    if not state.campaign.recheck.recheck_share:
        return
    said = recheck_findings(state)
    said = said[said["flagged"].eq(True).fillna(False)]
    spoken = state.decisions[state.decisions["decided_by"] == "lead"]
    since = dict(zip(spoken["subject"], moments(spoken, "decided_at"), strict=True))  # in the order of writing
    for subject, reason, at in zip(said["subject"], said["reason"], moments(said, "judged_at"), strict=True):
        if subject in since and since[subject] > at:
            continue
        cure = f"belebele decide {shlex.quote(subject)} keep|revise|drop --reason …"
        yield AgendaPoint(f"recheck of {subject}: “{reason}”", cure)
