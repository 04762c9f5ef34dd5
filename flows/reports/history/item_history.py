"""Everything that happened to an item, from its source's rows to the release, in the order of recording.

It is for those who ask why an item is as it is: a lead, a reader of the release with a doubt, an auditor. So it
names nobody. People appear by pseudonym, as in `belebele people --outside`; what they wrote is shown without
names, e-mail addresses, links and codes, and neither tasks' keys, servers, workbenches nor digests that a
person's code goes into are shown.
"""

from __future__ import annotations

from data.campaign.contacts import keyed_by
from flows.campaign_state import State
from flows.reports.history.collected_item import CollectedItem
from flows.reports.history.event_steps import event_steps
from flows.reports.history.explained_item import item_named, languages_named, standing
from flows.reports.history.history_steps import ItemHistory
from flows.reports.history.table_steps import table_steps


def item_history(state: State, item: str, language: str = "") -> ItemHistory:
    """Return everything that happened to an item.

    Args:
        state: the campaign.
        item: a question's id, as in a release; a copy's stands for its question, a passage's for its only one.
        language: a language as people call it, besides the source language; "" for all.

    Raises:
        UsageError: there is no such item or language; the nearest are named.
    """
    subject = item_named(state, item)
    languages = languages_named(state, language)
    collected = CollectedItem(state, subject, languages)
    found = [*table_steps(collected), *event_steps(collected)]
    steps = sorted(found, key=lambda step: (step.sequence, step.at, step.kind, step.language))
    now = {code: facts for code in languages if (facts := standing(state, subject, code))}
    return ItemHistory(subject, languages, tuple(steps), now, keyed_by())
