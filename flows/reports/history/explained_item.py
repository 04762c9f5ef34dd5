"""The item that a history is asked for, and where it stands now."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

from data.errors import UsageError
from data.languages import named
from data.ledger.item_copy_ids import original
from data.ledger.tables import passage_of
from flows.campaign_state import State
from flows.ledger_views.current_items import (
    current_questions,
    current_translations,
    latest_selection,
    option_orders,
    selected_questions,
)
from flows.ledger_views.patches.released_errata import withdrawn_items
from flows.reports.history.history_steps import rows_of


def item_named(state: State, item: str) -> str:
    """Return the question that is meant.

    Raises:
        UsageError: there is none; the nearest are named.
    """
    wanted = original(item.strip())
    known = sorted({*state.questions["question_id"]} | {*map(original, filter(None, state.tasks["question_id"]))})
    if wanted in known:
        return wanted
    of_passage = [one for one in known if passage_of(one) == wanted]
    if len(of_passage) == 1:
        return of_passage[0]
    by_case = {one.casefold(): one for one in known}
    if wanted.casefold() in by_case:
        return by_case[wanted.casefold()]
    near = of_passage or difflib.get_close_matches(wanted, known, n=5, cutoff=0.5)
    near = near or [one for one in known if wanted and wanted.casefold() in one.casefold()][:5]
    did = f"; did you mean {', '.join(near)}?" if near else "; all of them: belebele export questions --out FILE"
    raise UsageError(f"there is no item {item!r}" + (did if known else "; nothing was written yet"))


def languages_named(state: State, language: str) -> tuple[str, ...]:
    """Return the source language and the one that is meant, or all.

    Raises:
        UsageError: it is none of the campaign's, or several.
    """
    there: Sequence[str] = state.campaign.text_languages
    source = state.source_language
    if not language.strip():
        return (source, *(code for code in there if code != source))
    if language.strip() in there:
        found = [language.strip()]
    else:
        told = named(*language.split())
        found = [one.code for one in told.languages if one.code in there]
        exact = [one.code for one in told.languages if one.name.casefold() == language.strip().casefold()]
        found = [code for code in exact if code in there] or found
    if len(found) != 1:
        which = f"may be {' or '.join(found)}" if found else f"is none of the campaign's: {', '.join(there)}"
        raise UsageError(f"{language!r} {which}")
    return (source,) if found[0] == source else (source, found[0])


def standing(state: State, subject: str, code: str) -> dict[str, Any]:
    """Return where the item stands in one language; nothing where it does not exist."""
    source = code == state.source_language
    frame = current_questions(state) if source else current_translations(state)
    mine = frame[(frame["question_id"] == subject) & (frame["language"] == code)]
    if mine.empty:
        return {}
    row = rows_of(mine)[0]
    facts: dict[str, Any] = {
        "revision": int(row["revision"]),
        "outcome": row["outcome"],
        "stale": bool(row["stale"]),
    }
    if gone := [one for one in withdrawn_items(state) if one.item_id == subject]:
        facts["withdrawn"] = {"version": gone[0].version or None, "reason": gone[0].reason}
    if not source:
        facts["form"] = row["kind"]
    if source and latest_selection(state) is not None:
        facts["in_final_set"] = subject in set(selected_questions(state)["question_id"])
        facts["order"] = list(option_orders(state).get(subject, [])) or None
    return facts
