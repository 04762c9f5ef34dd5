"""False alarms estimated anew on a campaign's accepted items: how many of them each check flags.

Passages are correct texts, but no questions. Accepted items are: a proofreader read each and let it stand. So the
share of them that a check flags is its rate of false alarms on the real thing; faults that proofreaders overlooked
count among these. Checks whose flag sends work back are left out, since what they flag is never accepted. A check
whose lines were moved by these items flags what it would flag now, whatever it flagged before.
"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from data.ledger import tables
from data.ledger.tables import Row
from flows.calibrations.false_alarm_rates import calibrated_rates, item_verdicts
from flows.calibrations.recorded_thresholds import ACCEPTED
from flows.campaign_state import State
from flows.check_suites import EVERY_TRANSLATED, policy
from flows.steps.accepted_item_lines import accepted_in_number, flags_by_moved_lines
from qc.checks.translation_checks import edit_rates
from qc.set_statistics.clustered_shares import clustered_interval
from qc.translation_models.held_out_scores import LEAST_TEXTS


def accepted_item_rows(state: State, now: datetime) -> list[Row]:
    """Return rows for `calibrations`, one a check and language in which it judged `LEAST_TEXTS` accepted items."""
    accepted = accepted_in_number(state)
    if accepted.empty:
        return []
    rules = policy(state, state.campaign.translation.max_returns)
    checks = [one.name for one in EVERY_TRANSLATED if one is not edit_rates and rules.effect(one.name) == "note"]
    given, anew = item_verdicts(state, accepted, checks), flags_by_moved_lines(state)
    known = set(zip(anew["check"], anew["language"], strict=True))
    given = given[[one not in known for one in zip(given["check"], given["language"], strict=True)]]
    verdicts = pd.concat([one for one in (given, anew) if len(one)] or [given]).merge(
        accepted[["question_id", "language", "passage_id"]], on=["question_id", "language"]
    )
    aimed = calibrated_rates(state)
    rows: list[Row] = []
    for (check, language), part in verdicts.groupby(["check", "language"]):
        if len(part) < LEAST_TEXTS:
            continue
        share, low, high = clustered_interval(part["flagged"].to_list(), part["passage_id"].to_list())
        rate = aimed.get((str(check), str(language)))
        rows.append(
            {
                "fit": tables.digest("accepted items", sorted(part["event_id"])),
                "check": check, "language": language, "length_class": "", "texts": len(part),
                "documents": int(part["passage_id"].nunique()), "threshold": None,
                "rate": rate.rate if rate else None, "threshold_low": None, "threshold_high": None,
                "flagged": share, "flagged_low": low, "flagged_high": high,
                "fitted_on": f"{len(part)} accepted items", "fitted_until": int(part["sequence"].max()),
                "fitted_at": now, "source": ACCEPTED,
            }
        )  # fmt: skip
    return rows
