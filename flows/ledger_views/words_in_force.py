"""The words of pages in force: each person's language, with what the lead has translated for this campaign."""

from __future__ import annotations

from collections.abc import Mapping

from annotation.guidelines.guideline_files import WORDS
from annotation.words.catalogues import Words, parse, template, words_in
from data.campaign.settings import Person
from flows.campaign_state import State, ledger_view
from flows.ledger_views.guidelines_in_force import guidelines_in_force


@ledger_view
def own_words(state: State) -> dict[str, Mapping[str, str]]:
    """Return the lead's translations, by language and English text."""
    named = {name.partition("."): one.text for name, one in guidelines_in_force(state).items()}
    return {code: parse(text, template()).texts for (kind, _, code), text in named.items() if kind == WORDS}


def words_for(state: State, person: str) -> Words:
    """Return the words of somebody's pages; English for who is no longer in campaign.toml."""
    known = next((one for one in state.campaign.people if one.code == person), None)
    return words_in(languages_of(known) if known else (), own_words(state))


def languages_of(person: Person) -> tuple[str, ...]:
    """Return the languages in which somebody would like to read pages, in order."""
    return (person.page_language,) if person.page_language else person.native_languages
