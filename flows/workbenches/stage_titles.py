"""What a workbench is called, in somebody's words: in Label Studio's lists, in letters, on people's own pages."""

from __future__ import annotations

from annotation.stages import page_of
from annotation.words.catalogues import Words
from data.languages import language as find_language


def stage_title(stage: str, language: str, words: Words) -> str:
    """Return the title of a stage's work in a language, which names itself where the words are not English."""
    named = find_language(language)
    return words(page_of(stage).title).format(named.autonym or named.name if words.texts else named.name)
