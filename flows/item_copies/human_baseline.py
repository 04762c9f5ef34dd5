"""The human baseline: a random draw of the frozen set, answered by people who have not seen any of it.

The answers that decided about items cannot tell how hard the items are: items that most people got wrong were sent
back. So fresh people (role baseline, which excludes every other role) answer items of the finished set, each in
their language, on the page for blind answers. Their answers measure people and decide about no item.

The draw follows from a digest and is recorded once: when everything is decided (and selected, if translation waits
for `belebele select`), or when the lead orders it. A later draw replaces the former.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow.compute as pc

from data.errors import UsageError
from data.ledger import tables
from data.ledger.events import BaselineDrawn
from data.ledger.item_copy_ids import copy_id
from data.ledger.tables import digest
from flows.assignment import copy_readers
from flows.assignment.due_work import Due
from flows.campaign_state import State, among, ledger_view
from flows.ledger_views.current_items import (
    current_questions,
    current_translations,
    kept_questions,
    latest_selection,
    option_orders,
    selected_questions,
    wanted_questions,
)
from flows.ledger_views.question_slots import question_slots
from flows.ledger_views.split_sides import on_dev_side


def draw(state: State) -> int:
    """Draw the items once the set is frozen, if nothing was drawn before; return how many."""
    wanted = state.campaign.baseline.items
    if not wanted or len(state.events(BaselineDrawn)) or not _frozen(state):
        return 0
    return _draw(state, wanted)


def draw_now(state: State, items: int | None = None) -> int:
    """Draw the items on the lead's order, replacing any earlier draw; return how many.

    Args:
        state: the campaign.
        items: how many; by default as campaign.toml has it.

    Raises:
        UsageError: no number is given, or nothing is accepted.
    """
    wanted = state.campaign.baseline.items if items is None else items
    if wanted < 1:
        raise UsageError("say how many items: --items N, or [baseline] items = N in campaign.toml")
    if _set(state).empty:
        raise UsageError("nothing is accepted so far, so there is nothing to draw from; belebele status shows why")
    return _draw(state, wanted)


def _draw(state: State, wanted: int) -> int:
    chosen = _set(state).assign(lot=lambda kept: [digest("baseline", subject) for subject in kept["question_id"]])
    chosen = chosen.sort_values("lot").head(wanted).sort_values("question_id")
    items = [[subject, int(n)] for subject, n in zip(chosen["question_id"], chosen["revision"], strict=True)]
    former = state.events(BaselineDrawn)
    draw = BaselineDrawn(items, len(_set(state)))
    if len(former) and former["detail"].iloc[-1] == draw.detail():
        return len(items)
    number = str(len(former))  # so that A→B→A stays three draws
    state.ledger.append(tables.EVENTS, [draw.row(digest("baseline", items), number)])
    return len(items)


def _set(state: State) -> pd.DataFrame:
    """Return the current final set: the selected questions, or all kept ones without a selection; never dev."""
    chosen = selected_questions(state) if latest_selection(state) is not None else wanted_questions(state)
    return chosen[~on_dev_side(state, chosen)]


def _frozen(state: State) -> bool:
    now = current_questions(state)
    undecided = ~now["outcome"].isin(["keep", "drop"]) | (now["stale"] & (now["outcome"] == "keep"))
    if _set(state).empty or len(now) < len(question_slots(state)) or undecided.any():
        return False
    return latest_selection(state) is None or len(_set(state)) == len(option_orders(state))


@ledger_view
def drawn_items(state: State) -> pd.DataFrame:
    """Return the drawn items that are unchanged since the draw, in every language that has them.

    Returns:
        question_id, passage_id, language, revision (of the Question, or of the Translation).
    """
    draws = state.events(BaselineDrawn)
    columns = ["question_id", "passage_id", "language", "revision"]
    if draws.empty:
        return pd.DataFrame(columns=columns)
    items = {(subject, revision) for subject, revision in BaselineDrawn.parse(draws["detail"].iloc[-1]).items}
    kept = kept_questions(state)
    places = zip(kept["question_id"], kept["revision"].astype(int), strict=True)
    kept = kept[pd.Series([place in items for place in places], index=kept.index, dtype=bool)]
    now = current_translations(state)
    now = now[among(now["question_id"], kept["question_id"]) & (now["outcome"] == "keep") & ~now["stale"]]
    return pd.concat([kept[columns], now[columns]], ignore_index=True)


def due(state: State) -> Iterator[Due]:
    """Yield blind answers to the drawn items by fresh people, in every language that has such people."""
    items = drawn_items(state)
    people = {code: state.campaign.people_for("baseline", code) for code in set(items["language"])}
    items = items[items["language"].map(lambda code: bool(people[code])).astype(bool)]
    if items.empty:
        return
    met = copy_readers.people_involved(state, set(items["question_id"]))
    given = copy_readers.given_copies(state, {copy_id(subject, "baseline") for subject in items["question_id"]})
    for subject, passage_id, language, revision in items.itertuples(index=False, name=None):
        copy = copy_id(subject, "baseline")
        yield Due(
            "answering", language, passage_id, copy, int(revision),
            never=frozenset(met[subject] - given[copy, language]),
            count=state.campaign.baseline.people_per_item, roles=("baseline",),
        )  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """The progress of the baseline in a language.

    Attributes:
        language: its code.
        items: drawn items that are accepted in it.
        wanted: how many answers to them are wanted.
        given: answers that came in.
        right: how many of these chose the key.
    """

    language: str
    items: int
    wanted: int
    given: int
    right: int


def baseline_progress(state: State) -> tuple[Answered, ...]:
    """Return how far the baseline has come, for each language with drawn items, in the campaign's order."""
    items = drawn_items(state)
    if items.empty:
        return ()
    said = state.ledger.read(
        tables.VERDICTS,
        ["subject", "language", "revision", "judge", "score"],
        (pc.field("check") == "baseline_answer") & pc.field("subject").isin(sorted(set(items["question_id"]))),
    )
    said = said.drop_duplicates(["subject", "language", "revision", "judge"], keep="last")
    wanted = Counter(items["language"].tolist())
    now = set(zip(*(items[name].tolist() for name in ("question_id", "language", "revision")), strict=True))
    given, right = Counter[str](), Counter[str]()
    columns = ("subject", "language", "revision", "score")
    for subject, language, revision, score in zip(*(said[name].tolist() for name in columns), strict=True):
        if (subject, language, revision) in now:
            given[language] += 1
            right[language] += score == 1
    each = state.campaign.baseline.people_per_item
    return tuple(
        Answered(
            language=code,
            items=wanted[code],
            wanted=each * wanted[code],
            given=given[code],
            right=right[code],
        )
        for code in state.campaign.text_languages
        if wanted[code]
    )
