"""The share of correct items that each check flags in each language of a campaign, as far as that is known.

Best known from the campaign's accepted items, as of the last `belebele calibrate`; before that, for a learned
check from the passages that it was calibrated on, for another from translations by people.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import pandas as pd
import pyarrow.compute as pc

from data.ledger import tables
from flows.calibrations.calibrations_in_force import (
    TEXTS_JUDGED,
    fit_in_force,
    identifier_digest,
    meanings_digest,
    names_digest,
)
from flows.calibrations.models_in_force import models_in_force
from flows.calibrations.recorded_thresholds import ACCEPTED
from flows.campaign_state import State, ledger_view
from qc.set_statistics.expected_flags import MEASURED, FalseAlarms, RateSource, measured


@ledger_view
def false_alarm_rates(state: State) -> Mapping[tuple[str, str], FalseAlarms]:
    """Return the false alarms by check and target language; nothing for those that are not known."""
    found = calibrated_rates(state)
    for check in MEASURED:
        for language in state.campaign.languages.targets:
            if (rate := measured(check)) is not None:
                found[check, language] = rate
    columns = ["check", "language", "length_class", "texts", "flagged", "source"]
    rows = state.ledger.read(tables.CALIBRATIONS, columns)
    rows = rows[(rows["source"] == ACCEPTED) & (rows["length_class"] == "")]
    rows = rows.drop_duplicates(["check", "language"], keep="last")
    for check, language, items, share in zip(
        rows["check"], rows["language"], rows["texts"], rows["flagged"], strict=True
    ):
        mean = jeffreys_mean(share, int(items))
        found[str(check), str(language)] = FalseAlarms(mean, RateSource.ACCEPTED, int(items))
    return found


def jeffreys_mean(share: float, items: int) -> float:
    """Return an expected share that is never 0 or 1: a check that flagged none of 200 flags some of 200,000."""
    return (share * items + 0.5) / (items + 1)


@ledger_view
def calibrated_rates(state: State) -> dict[tuple[str, str], FalseAlarms]:
    """Return what learned checks may flag where the calibration in force has a line for them."""
    force = fit_in_force(state)
    if force is None:
        return {}
    rows = state.ledger.read(tables.CALIBRATIONS, ["fit", "check", "language", "threshold"])
    models = models_in_force(state)
    fits = [force.digest, meanings_digest(force, models), names_digest(force)]
    fits += filter(None, [identifier_digest(force, models)])
    rows = rows[rows["fit"].isin(fits) & rows["threshold"].notna()]
    places: dict[str, set[str]] = defaultdict(set)
    for check, language in zip(rows["check"], rows["language"], strict=True):
        places[str(check).partition(":")[0]].add(str(language))
    return {
        (check, language): FalseAlarms(force.share, RateSource.PASSAGES)
        for check, languages in places.items()
        if check in TEXTS_JUDGED
        for language in languages
    }


def item_verdicts(state: State, revisions: pd.DataFrame, checks: Collection[str]) -> pd.DataFrame:
    """Return the latest verdicts of these checks on these revisions, those left out that could not judge.

    Args:
        state: the campaign.
        revisions: question_id, language, revision.
        checks: their names.

    Returns:
        question_id, language, revision, check, flagged (bool), event_id, sequence.
    """
    where = (pc.field("judge") == "check") & (pc.field("scope") == "item")
    where &= pc.field("check").isin(sorted(checks))
    where &= pc.field("language").isin(sorted(set(revisions["language"])))
    columns = ["subject", "language", "revision", "check", "flagged", "event_id", "sequence", "judged_at"]
    found = state.ledger.read(tables.VERDICTS, columns, where).rename(columns={"subject": "question_id"})
    own = found.merge(revisions[["question_id", "language", "revision"]].drop_duplicates(),
                      on=["question_id", "language", "revision"])  # fmt: skip
    own = own.sort_values(["sequence", "judged_at"], kind="stable")
    own = own.drop_duplicates(["question_id", "language", "revision", "check"], keep="last")
    return own[own["flagged"].notna()].astype({"flagged": bool}).drop(columns="judged_at")
