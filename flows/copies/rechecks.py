"""Rechecks: a random share of the accepted questions, judged anew by an adjudicator who had nothing to do with
them.

Drawn by a digest, so that nobody chooses. An expert answers blind first and judges then, as reviewers do, because
who is shown the key first finds reasons for it. What they find decides nothing by itself: it is a measure, it
shows in `status`, and the lead decides.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator

import pandas as pd

from data.ledger.copy_ids import copy_id
from flows.assignment import review_subject
from flows.assignment.due_work import Due
from flows.copies.plants import drawn_for
from flows.inspection.agenda_point import AgendaPoint
from flows.readings.current_items import kept_questions
from flows.state import State, moments


def drawn(state: State) -> pd.DataFrame:
    """The accepted questions that are drawn to be judged anew."""
    share, kept = state.campaign.recheck.recheck_share, kept_questions(state)
    if not share:
        return kept.head(0)
    chosen = [
        drawn_for("recheck", subject, revision, share)
        for subject, revision in zip(kept["question_id"], kept["revision"], strict=True)
    ]
    return kept[pd.Series(chosen, index=kept.index, dtype=bool)]


def due(state: State) -> Iterator[Due]:
    """A blind answer and a judgement on every question that is drawn."""
    wanted = drawn(state)
    if wanted.empty:
        return
    met = review_subject.met(state, wanted["question_id"])
    columns = (wanted[name] for name in ("question_id", "passage_id", "revision"))
    given = review_subject.given(state, {copy_id(subject, "recheck") for subject in wanted["question_id"]})
    for subject, passage_id, revision in zip(*columns, strict=True):
        copy = copy_id(subject, "recheck")
        piece = Due(
            "answering", state.source_language, passage_id, copy, int(revision),
            never=frozenset(met[subject] - given[copy, state.source_language]),
        )  # fmt: skip
        yield from review_subject.reading(state, piece, "adjudicating")


def found(state: State) -> pd.DataFrame:
    """What rechecks said of accepted questions as they stand: subject, revision, flagged, reason, and when."""
    wanted = drawn(state)
    columns = ["subject", "revision", "check", "judge", "flagged", "reason", "sequence", "judged_at"]
    said = state.verdicts_on(set(wanted["question_id"]), columns)
    said = said[said["check"] == "recheck"].drop_duplicates(["subject", "revision"], keep="last")
    now = wanted[["question_id", "revision"]].rename(columns={"question_id": "subject"})
    return said.merge(now, on=["subject", "revision"]).reset_index(drop=True)


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """What experts found that the lead has not decided about since, one line each."""
    if not state.campaign.recheck.recheck_share:
        return
    said = found(state)
    said = said[said["flagged"].eq(True).fillna(False)]
    spoken = state.decisions[state.decisions["decided_by"] == "lead"]
    since = dict(zip(spoken["subject"], moments(spoken, "decided_at"), strict=True))  # in the order of writing
    for subject, reason, at in zip(said["subject"], said["reason"], moments(said, "judged_at"), strict=True):
        if subject in since and since[subject] > at:
            continue
        cure = f"belebele decide {shlex.quote(subject)} keep|revise|drop --reason …"
        yield AgendaPoint(f"recheck of {subject}: “{reason}”", cure)
