"""Why people skipped tasks, as they said on a server with our layer; elsewhere a page asks nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from data.ledger.events import SkipExplained, details_of
from data.ledger.tables import Stage
from data.ledger.task_keys import TaskKey
from flows.campaign_state import State

Skips = Mapping[str, Mapping[str, int]]
"""Reason to person to the number of tasks that they skipped for it."""


def skip_counts(state: State) -> Skips:
    """Return how many tasks each person skipped, by the reason that they gave."""
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in details_of(state.events(SkipExplained), SkipExplained):
        found[one.reason][one.person] += 1
    return {reason: dict(sorted(found[reason].items())) for reason in sorted(found)}


def skips_in_words(skips: Skips) -> str:
    """Return the reasons and who gave them, in a line."""
    return "; ".join(
        f"{sum(people.values())} “{reason}” ({', '.join(f'{person} {n}' for person, n in people.items())})"
        for reason, people in skips.items()
    )


def reasons_at(state: State, stage: Stage, language: str) -> str:
    """Return the reasons that were given at a stage in a language, the most frequent first; "" if none were."""
    said = details_of(state.events(SkipExplained), SkipExplained)
    keys = [(TaskKey.parse(one.task_key), one.reason) for one in said]
    counts = Counter(reason for key, reason in keys if (key.stage, key.language) == (stage, language))
    return ", ".join(f"“{reason}” {n}" for reason, n in counts.most_common())
