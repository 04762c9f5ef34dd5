"""What the layer says to people, in their browser's language.

A text is written in English where it is used, in `gettext("…")`, and is its own key in the catalogues, which are
compiled from `annotation/words/locale` when the layer is copied beside Label Studio. A text that a catalogue lacks
stays English, and so does all in a copy that has no catalogues.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "locale"
RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})


@cache
def catalogues() -> dict[str, GNUTranslations]:
    """Return the catalogue of each language, by its tag."""
    return {file.stem: _read(file) for file in sorted(_FOLDER.glob("*.mo"))}


def _read(file: Path) -> GNUTranslations:
    with file.open("rb") as opened:
        return GNUTranslations(opened)


def language_of(request: Any) -> str:
    """Return the first language that somebody's browser asks for and there are texts in, else "en"."""
    from django.utils.translation.trans_real import parse_accept_lang_header

    for tag, _ in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        language = tag.partition("-")[0]
        if language == "en" or language in catalogues():
            return str(language)
    return "en"


def translated(text: str, language: str) -> str:
    """Return a text in a language."""
    return catalogues()[language].gettext(text) if language in catalogues() else text


def direction_of(language: str) -> str:
    """Return "rtl" for a language that is written from right to left, else "ltr"."""
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"
