"""The words around an item that people wrote, by language: the draft, and what a proofreader made of it."""

from __future__ import annotations

from collections.abc import Mapping

from data.ledger.events import PromptWorded, details_of
from data.prompt_words import PromptWords
from flows.campaign_state import State, ledger_view

PROMPT_WORDS = "prompt-words"
"""The subject of tasks and events about these words."""


@ledger_view
def worded_prompts(state: State) -> Mapping[str, Mapping[int, PromptWorded]]:
    """Return what was written, by language and revision: the latest of each."""
    found = state.events(PromptWorded)
    written: dict[str, dict[int, PromptWorded]] = {}
    for language, one in zip(found["language"], details_of(found, PromptWorded), strict=True):
        written.setdefault(language, {})[one.revision] = one
    return written


def proofread_prompt_words(state: State) -> dict[str, PromptWords]:
    """Return the words of every language in which a proofreader has read them."""
    return {
        language: PromptWords(**newest.words)
        for language, revisions in worded_prompts(state).items()
        if (newest := revisions[max(revisions)]).proofread
    }
