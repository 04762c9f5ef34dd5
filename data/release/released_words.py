"""The words of a release's prompts, by language: what translators gave, and English ones where nobody has."""

from __future__ import annotations

from collections.abc import Mapping

from data.errors import UsageError
from data.prompt_words import PROMPT_WORD_NAMES, PromptWords, wording_problems
from data.release.description.release_description import ReleaseDescription


def words_of(language: str, given: Mapping[str, str]) -> PromptWords:
    """Return what a translator gave for a language, English where they left a word out.

    Raises:
        UsageError: a word is unknown or wrong; the message names the language.
    """
    problems = wording_problems(given)
    if unknown := sorted(set(given) - set(PROMPT_WORD_NAMES)):
        problems.append(f"unknown {', '.join(unknown)}; there are {', '.join(PROMPT_WORD_NAMES)}")
    if problems:
        raise UsageError(f"prompt words of {language}: {' '.join(problems)}")
    return PromptWords(**given)


def words_by_language(about: ReleaseDescription) -> dict[str, PromptWords]:
    """Return the words of every language of a release by its code, English ones where it has none."""
    given = {one.language: words_of(one.language, one.words) for one in about.prompt_words}
    return {one.code: given.get(one.code, PromptWords()) for one in about.languages}
