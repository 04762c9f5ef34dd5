"""People's verdicts on items as comparable labels: one row per person, item revision and question.

Agreement is measured between the first two people who looked at an item, in the order of the ledger: later ones
are asked because reviewers disagree, and would make agreement look worse than it is. Copies (plants, rechecks,
baselines) are left out, because they were made to be hard or to measure something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from annotation.forms import review_criteria
from annotation.stages import answering_page
from data.ledger import tables
from data.ledger.human_verdicts import ProofreadingOutcome, Recommendation, rubric_check
from data.ledger.item_copy_ids import are_copies, passages_of
from data.ledger.tables import Stage
from flows.campaign_state import State
from qc.agreement.agreement_coefficients import Agreement, Level, agreement, label_counts


@dataclass(frozen=True)
class RatedQuestion:
    """A question that people are asked about items.

    Attributes:
        stage: in which it is asked.
        labels: the possible answers; label n of a row is the n-th.
        level: whether the labels have an order.
        exchangeable: labels whose names mean nothing across items, such as options.
    """

    stage: Stage
    labels: tuple[str, ...]
    level: Level = "nominal"
    exchangeable: tuple[int, ...] = ()


def _by_score(outcomes: Iterable[Recommendation | ProofreadingOutcome]) -> tuple[str, ...]:
    """Return the words of outcomes in ascending order of score."""
    return tuple(str(one) for one in sorted(outcomes, key=lambda one: one.score))


QUESTIONS: Mapping[str, RatedQuestion] = {
    "blind_answer": RatedQuestion("answering", ("none", "1", "2", "3", "4"), exchangeable=(1, 2, 3, 4)),
    **{rubric_check(name): RatedQuestion("judging", ("no", "yes")) for name in review_criteria.CRITERIA},
    "recommendation": RatedQuestion("judging", _by_score(Recommendation), "ordinal"),
    "proofreading": RatedQuestion("proofreading", _by_score(ProofreadingOutcome), "ordinal"),
}
"""Every question of the rubric, the blind answer, the recommendation and the proofreading outcome, by verdict."""

_COLUMNS = [
    "subject", "language", "revision", "check", "score", "flagged", "judge", "origin", "judged_at", "sequence",
]  # fmt: skip


def latest_verdicts(state: State) -> pd.DataFrame:
    """Return what people said; of several verdicts by one person on one revision, the latest.

    Returns:
        Columns subject, language, revision, check, score, flagged, judge, origin, judged_at, sequence, first (how
        many answers were learnt of before this person first answered this question), passage_id, copy (whether the
        subject is one).
    """
    found = state.ledger.read(tables.VERDICTS, _COLUMNS, pc.field("judge") != "check")
    found = found.sort_values(["sequence", "judged_at", "origin"], kind="stable", ignore_index=True)
    key = ["subject", "language", "revision", "check", "judge"]
    found["first"] = found.assign(place=found.index).groupby(key)["place"].transform("min")
    found = found.drop_duplicates(key, keep="last").reset_index(drop=True)
    found["copy"] = are_copies(found["subject"]).astype(bool)
    found["passage_id"] = passages_of(found["subject"])
    return found


def labelled(state: State, verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return the verdicts that answer `QUESTIONS`, on items and not on copies, with the number of their label.

    Args:
        state: the campaign.
        verdicts: as `latest_verdicts` gives them.

    Returns:
        The columns of `latest_verdicts`, stage and label.
    """
    mine = verdicts[verdicts["check"].isin(list(QUESTIONS)) & ~verdicts["copy"]].copy()
    mine["stage"] = mine["check"].map({check: asked.stage for check, asked in QUESTIONS.items()})
    most = mine["check"].map({check: len(asked.labels) - 1 for check, asked in QUESTIONS.items()}).astype(float)
    mine["label"] = np.rint(mine["score"].astype(float) * most).astype(int)
    blind = mine["check"] == "blind_answer"
    choices = _choices(state, mine[blind])
    mine.loc[blind, "label"] = mine.loc[blind, "origin"].map(choices).astype(int)
    return mine


def first_two(labels: pd.DataFrame) -> pd.DataFrame:
    """Return, per question and revision, the labels of the first two who answered; none where only one did."""
    key = ["subject", "language", "revision", "check"]
    ordered = labels.sort_values(["first", "origin", "judge"], kind="stable")
    first = ordered[ordered.groupby(key).cumcount() < 2]
    return first[first.groupby(key)["judge"].transform("size") == 2]


def agreement_on(check: str, pairs: pd.DataFrame) -> Agreement:
    """Return how far people agree on one of `QUESTIONS`, with intervals over passages.

    Args:
        check: the question.
        pairs: labels of it in one language, as `first_two` gives them.
    """
    asked = QUESTIONS[check]
    units = pairs.groupby(["subject", "revision"], sort=True).ngroup()
    return agreement(
        label_counts(units, pairs["label"], len(asked.labels)),
        pairs.groupby(units)["passage_id"].first().to_numpy(),
        level=asked.level,
        exchangeable=asked.exchangeable,
    )


def _choices(state: State, blind: pd.DataFrame) -> dict[str, int]:
    """Return each annotation's chosen option: its identity, 0 for none; a verdict only says whether it is
    right.
    """
    known = state.annotations
    known = known[known["event_id"].isin(blind["origin"])]
    tasks = dict(zip(known["event_id"], known["task_key"], strict=True))
    results, payloads = state.results_of(set(tasks)), state.payloads_of(set(tasks.values()))
    chosen = {}
    for event, key in tasks.items():
        fields = answering_page.read(results[event], payloads[key]).fields
        chosen[event] = int(fields["choice"]) if fields else 0
    return chosen
