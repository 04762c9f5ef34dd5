"""What the layer says to people, in their browser's language.

A text is written in English where it is used, in `gettext("…")`, and is its own key in the catalogues,
`locale/ar.json` and the like: English to translation. A text that a catalogue lacks stays English.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation.trans_real import parse_accept_lang_header

_FOLDER = Path(__file__).parent / "locale"
RIGHT_TO_LEFT = frozenset({"ar"})


@cache
def catalogues() -> dict[str, dict[str, str]]:
    """Return the catalogue of each language, by its code."""
    return {file.stem: json.loads(file.read_text("utf-8")) for file in sorted(_FOLDER.glob("*.json"))}


def language_of(request: Any) -> str:
    """Return the first language that somebody's browser asks for and there are texts in, else "en"."""
    for tag, _ in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        language = tag.partition("-")[0]
        if language == "en" or language in catalogues():
            return str(language)
    return "en"


def translated(text: str, language: str) -> str:
    """Return a text in a language."""
    return catalogues().get(language, {}).get(text, text)


def direction_of(language: str) -> str:
    """Return "rtl" for a language that is written from right to left, else "ltr"."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"
