"""The released item, language and part that somebody means who reports an error."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from data.campaign.toml_mistakes import near
from data.errors import UsageError
from data.languages import canonical, named
from data.ledger.events import PARTS
from flows.campaign_state import State
from flows.ledger_views.current_items import current_questions, current_translations
from flows.ledger_views.patches.error_reports import withdrawals
from flows.ledger_views.split_sides import split_sides

_OPTION = re.compile(r"(?:option|answer|mc_answer)[ _]?([1-4])")


def reported_item(state: State, item: str, language: str, *, withdraw: bool) -> tuple[str, str]:
    """Return question_id and language of the released item that is meant.

    Args:
        state: the campaign.
        item: question_id, or question_id/language.
        language: as people call it; "" for the source language, unless the item says another.
        withdraw: whether it is to be withdrawn, which may be said again.

    Raises:
        UsageError: there is no such item in a release, or no such language.
    """
    subject, _, behind = item.strip().partition("/")
    word = language.strip() or behind
    known = set(state.questions["question_id"])
    if subject not in known:
        raise UsageError(f"there is no item {subject!r}{near(subject, sorted(known))}")
    if subject not in split_sides(state):
        raise UsageError(
            f"{subject} is in no release so far; work under way is sent back by: "
            f"belebele decide {subject} revise --reason …"
        )
    if subject in withdrawals(state) and not withdraw:
        raise UsageError(f"{subject} is withdrawn, for good; nothing in it is corrected any more")
    return subject, _language(state, word) if word else state.source_language


def _language(state: State, word: str) -> str:
    code, listed = canonical(word), state.campaign.text_languages
    if code in listed:
        return code
    told = named(*word.split())
    exact = [
        one for one in told.languages if word.casefold() in map(str.casefold, (one.name, one.autonym, *one.also))
    ]
    meant = [one.code for one in exact or told.languages if one.code in listed]  # German is no English
    if len(meant) != 1 or told.guessed:
        which = f"may be {' or '.join(meant)}" if meant else f"is none of the campaign's: {', '.join(listed)}"
        raise UsageError(f"{word!r} {which}")
    return meant[0]


def current_text(state: State, subject: str, language: str) -> Mapping[str, Any]:
    """Return the question or translation that is current, with what became of it.

    Raises:
        UsageError: there is none, or it was dropped.
    """
    source = language == state.source_language
    frame = current_questions(state) if source else current_translations(state)
    mine = frame[(frame["question_id"] == subject) & (frame["language"] == language)]
    if mine.empty:
        raise UsageError(f"{subject} was not translated into {language} so far")
    now = {str(name): value for name, value in mine.iloc[0].items()}
    if now["outcome"] == "drop":
        raise UsageError(f"{subject} was dropped, so the next release has it no more")
    return now


def reported_part(state: State, subject: str, part: str) -> str:
    """Return the part that is meant; options are named as the release shows them, and noted by identity.

    Raises:
        UsageError: there is no such part.
    """
    word = part.strip().casefold()
    if found := _OPTION.fullmatch(word):
        return f"option_{split_sides(state)[subject].order[int(found[1]) - 1]}"
    if word and word not in PARTS:
        raise UsageError(f"--part cannot be {part!r}: write one of {', '.join(PARTS)}")
    return word
