"""Catalogues: what pages say, in a language, from gettext's files (PO), ours and a lead's.

Ours are in `annotation/words/locale`, one for each language. A lead's stand in the folder of guidelines and win
over ours, message by message. A message that cannot be shown (it is fuzzy, or its places differ) is told with file
and line, and ours or English is shown instead; so nothing that a translator writes can break a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.languages import language as find_language
from data.ledger.tables import digest

if TYPE_CHECKING:
    from babel.messages.catalog import Message

ENGLISH = "eng_Latn"
"""The language in which all is written, and which needs no catalogue."""

UNCHECKED = "not yet checked by a native speaker"
"""What a catalogue says in the comment at its head while no native speaker has read it."""

_PLACE = re.compile(r"\{\w*\}")
_NO_TEXTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Words:
    """What pages say in one language.

    Attributes:
        code: of the language.
        texts: translations by English text; one that is missing stays English.
    """

    code: str = ENGLISH
    texts: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str) -> str:
        """Return a text in this language, in English if there is no translation."""
        return self.texts.get(text, text)

    @property
    def direction(self) -> str:
        """Return "rtl" for a language that is written from right to left, else "ltr"."""
        return str(find_language(self.code).direction)

    @property
    def tag(self) -> str:
        """Return the language's tag, as browsers ask for it."""
        return tag_of(self.code)

    @property
    def version(self) -> str:
        """Return a digest that changes with the texts; "" for English, which follows the program."""
        return f"{self.code} {digest(*sorted(self.texts.items()))[:12]}" if self.texts else ""


@dataclass(frozen=True)
class Parsed:
    """What a file of translations holds.

    Attributes:
        texts: by English text, those that can be shown.
        problems: why the others cannot be, each with line and cure.
        unknown: English texts that no page has, as of an older version of the program.
        checked: whether a native speaker has read it, as far as the file says.
    """

    texts: Mapping[str, str]
    problems: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    checked: bool = True


def parse(text: str, known: Iterable[str]) -> Parsed:
    """Read a file of translations (PO).

    Args:
        text: of the file.
        known: the English texts that pages have.
    """
    from babel.messages.pofile import PoFileError, read_po

    try:
        catalogue = read_po(BytesIO(text.removeprefix("\ufeff").encode()), abort_invalid=True, charset="utf-8")
    except PoFileError as error:
        line = f"line {error.lineno + 1}: " if error.lineno is not None else ""
        cure = "mend the line, or save the file again with an editor for PO files"
        return Parsed({}, (f"{line}this is no PO file ({error.args[0]}); {cure}",))
    wanted = frozenset(known)
    texts, problems, unknown = {}, [], []
    for message in catalogue:
        english, said = message.id, message.string
        if not english or not said:
            continue
        if not isinstance(english, str) or not isinstance(said, str) or english not in wanted:
            unknown.append(str(english))
        elif wrong := _wrong(message, english, said):
            problems.append(f"line {message.lineno}: msgid “{english}”: {wrong}; English is shown for it")
        else:
            texts[english] = said
    return Parsed(texts, tuple(problems), tuple(unknown), UNCHECKED not in catalogue.header_comment)


def _wrong(message: Message, english: str, said: str) -> str:
    """Return why a translation cannot be shown, with the cure; "" if it can be."""
    if message.fuzzy:
        return "it is marked fuzzy; check the translation and take the mark out"
    there, wanted = sorted(_PLACE.findall(said)), sorted(_PLACE.findall(english))
    if there != wanted:
        return f"it has {_listed(there)} where English has {_listed(wanted)}; write the same, letter by letter"
    if strange := re.search("[\x00-\x08\x0b-\x1f\x7f]", said):
        return f"it has the character U+{ord(strange[0]):04X}, which no page can show; take it out"
    return ""


def _listed(places: list[str]) -> str:
    return ", ".join(places) or "no place"


@cache
def template() -> tuple[str, ...]:
    """Return every English text that pages say, in the template's order."""
    from babel.messages.pofile import read_po

    catalogue = read_po(BytesIO(_file("messages.pot").encode()), abort_invalid=True)
    return tuple(str(message.id) for message in catalogue if message.id)


def ours() -> Mapping[str, Parsed]:
    """Return the catalogues that come with the program, by code."""
    return {code: _ours(code) for code in _codes()}


@cache
def _codes() -> tuple[str, ...]:
    names = sorted(one.name for one in files("annotation.words").joinpath("locale").iterdir())
    return tuple(name.removesuffix(".po") for name in names if name.endswith(".po"))


@cache
def _ours(code: str) -> Parsed:
    return parse(_file(f"{code}.po"), template()) if code in _codes() else Parsed({})


def words_in(codes: Iterable[str], own: Mapping[str, Mapping[str, str]] = MappingProxyType({})) -> Words:
    """Return the words of the first of these languages that there is a catalogue in, else English.

    Args:
        codes: of languages, in the order in which somebody would like to read them.
        own: a lead's translations, by code.
    """
    for code in codes:
        texts = {**_ours(code).texts, **own.get(code, _NO_TEXTS)}
        if texts or code == ENGLISH:
            return Words(code, texts)
    return Words(ENGLISH, own.get(ENGLISH, _NO_TEXTS))


def unchecked() -> tuple[str, ...]:
    """Return the codes of our catalogues that no native speaker has read."""
    return tuple(code for code, one in ours().items() if not one.checked)


def tag_of(code: str) -> str:
    """Return a language's tag as browsers ask for it: for Modern Standard Arabic what people call Arabic.

    >>> tag_of("arb_Arab"), tag_of("fra_Latn")
    ('ar', 'fr')
    """
    return {"arb-Arab": "ar"}.get(tag := find_language(code).bcp47, tag)


def compiled(tag: str, texts: Mapping[str, str]) -> bytes:
    """Return translations as gettext reads them (MO)."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo

    catalogue = Catalog(locale=None, charset="utf-8")
    catalogue.mime_headers = [("Language", tag), ("Content-Type", "text/plain; charset=utf-8")]
    for english, said in sorted(texts.items()):
        catalogue.add(english, said)
    out = BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def _file(name: str) -> str:
    return files("annotation.words").joinpath("locale").joinpath(name).read_text(encoding="utf-8")
