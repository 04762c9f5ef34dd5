"""Checks of each text of an item by itself: the question, then every option.

They find faults from typing, pasting and exporting, and faults that an eye overlooks. Each names the text and the
fault, so that it can be mended without a search. Characters that a script needs are no fault in it: a zero-width
non-joiner belongs in Persian, a no-break space before a French question mark, a gershayim inside a Hebrew
abbreviation.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pandas as pd

from data.languages import script_share
from qc.check import Span, check, findings, option_part
from qc.text.text_folding import SPACELESS, script_of


def texts(items: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Yield the question and the options of each item; a missing text is empty, as a reader sees it."""
    for question, answers in zip(items["question"], items["answers"], strict=True):
        options = [] if answers is None else [text if isinstance(text, str) else "" for text in answers]
        yield question if isinstance(question, str) else "", options


def quoted(text: str, length: int = 40) -> str:
    """Return a text in quotation marks, cut after `length` characters."""
    return f"“{text}”" if len(text) <= length else f"“{text[: length - 1]}…”"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A faulty piece of a text.

    Attributes:
        start, end: its code points.
        clause: the fault; "" where the text's own clause names it.
        fix: the text that belongs there; None where that is not certain.
    """

    start: int
    end: int
    clause: str = ""
    fix: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a text: a clause whose subject is the text, and the places, if it is not all of the text."""

    clause: str
    stretches: tuple[Stretch, ...] = ()

    def spans(self, part: str, subject: str) -> Iterator[Span]:
        """Yield the fault's places, in a part of an item that is called `subject` in sentences."""
        if not self.stretches:
            yield Span(part, f"{subject} {self.clause}")
        for one in self.stretches:
            yield Span(part, f"{subject} {one.clause or self.clause}", one.start, one.end, one.fix)


TextFault = Callable[[str, str], Fault | None]
"""A function that returns the fault of a text in a language (its code), or None."""


def _in_each_text(items: pd.DataFrame, fault: TextFault, option_fault: TextFault | None = None) -> pd.DataFrame:
    reasons, spans = [], []
    for (question, options), code in zip(texts(items), items["language"], strict=True):
        found = [("question", "the question", fault(question, code))]
        for number, option in enumerate(options, 1):
            found.append((option_part(number), f"option {number}", (option_fault or fault)(option, code)))
        reasons.append("; ".join(f"{subject} {one.clause}" for _, subject, one in found if one))
        spans.append([span for part, subject, one in found if one for span in one.spans(part, subject)])
    return findings(items, [bool(reason) for reason in reasons], reasons, spans=spans)


_SPACES = re.compile(r"^\s|\s\Z|\s\s|[^\S ]")  # the last: any space but the plain one
_FRENCH_SPACE = re.compile(r"[\u00a0\u202f](?=[?!:;»%])|(?<=«)[\u00a0\u202f]")
_GROUPED_DIGITS = re.compile(r"(?<=\d)[\u00a0\u202f\u2009](?=[\d%])")


@check(scope="item")
def stray_whitespace(items: pd.DataFrame) -> pd.DataFrame:
    """No text has spaces at its ends, doubled spaces, tabs, line breaks or no-break spaces.

    No-break and thin spaces that group digits, and those that French puts before ? ! : ; » and after «, are right.
    """

    def fault(text: str, code: str) -> Fault | None:
        if not _SPACES.search(text):
            return None
        plain = _GROUPED_DIGITS.sub(" ", text)
        if not code or code.startswith("fra_"):  # a text of unnamed language may be French
            plain = _FRENCH_SPACE.sub(" ", plain)
        wrong = [
            ("begins with a space", plain[:1].isspace()),
            ("ends in a space", plain[-1:].isspace()),
            ("has two spaces in a row", re.search(r"\S\s\s+\S", plain) is not None),
            (
                "holds a tab or a line break",
                re.search(r"[\t\n\r\v\f\x1c-\x1f\x85\u2028\u2029]", plain) is not None,
            ),
            ("holds a no-break or other special space", re.search(r"[^\S \t-\r\x1c-\x1f\x85\u2028\u2029]", plain)),
        ]
        clauses = [clause for clause, is_so in wrong if is_so]
        return Fault(f"{' and '.join(clauses)}: {quoted(text)}", _stray(plain)) if clauses else None

    return _in_each_text(items, fault)


_STRAY = re.compile(r"\A\s+|\s+\Z|\s{2,}|[^\S ]")
_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1f\x85\u2028\u2029]")


def _stray(plain: str) -> tuple[Stretch, ...]:
    """Return the misplaced spaces, each with its mend: no space at an end, else one plain space.

    A line break inside a text may be intended (a verse, a list), so its mend is not certain.
    """
    if not plain.strip():  # nothing but spaces: an empty text, which no mend can fill
        return ()
    found = []
    for one in _STRAY.finditer(plain):
        start, end = one.span()
        outer = start == 0 or end == len(plain)
        clause = "begins with a space" if start == 0 else "ends in a space" if outer else "has a space too many"
        if not outer and end - start == 1:
            clause = "holds a line break" if _BREAK.match(one[0]) else "holds a tab or a special space"
        sure = outer or not _BREAK.search(one[0])
        found.append(Stretch(start, end, clause, ("" if outer else " ") if sure else None))
    return tuple(found)


_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufeff\ufff9-\ufffd\ue000-\uf8ff\U000e0000-\U000e007f\U000f0000-\U0010fffd\ud800-\udfff]"
)
_INDIC = frozenset(
    {"Deva", "Beng", "Gujr", "Guru", "Orya", "Taml", "Telu", "Knda", "Mlym", "Sinh", "Olck", "Mtei"}
)
_JOINERS, _MARKS, _BREAKS = frozenset("\u200c\u200d"), frozenset("\u200e\u200f\u061c"), frozenset("\u200b")


def _needed(script: str) -> frozenset[str]:
    if script in {"Arab", "Hebr", "Nkoo"}:
        return _MARKS | _JOINERS
    if script in SPACELESS:
        return _BREAKS | _JOINERS if script in {"Mymr", "Khmr"} else _BREAKS
    return _JOINERS if script in _INDIC else frozenset()


@check(scope="item")
def invisible_characters(items: pd.DataFrame) -> pd.DataFrame:
    """No text has control, zero-width, private-use or replacement characters that its script does not need.

    Joiners are right in Arabic and Indic scripts, direction marks in scripts that run to the left, and the
    zero-width space where words are not parted otherwise.
    """

    def fault(text: str, code: str) -> Fault | None:
        if not (found := set(_UNSEEN.findall(text))) or not (found := found - _needed(script_of(code))):
            return None
        names = [f"{unicodedata.name(one, 'a control or private character')} (U+{ord(one):04X})" for one in found]
        places = [one.span() for one in _UNSEEN.finditer(text) if one[0] in found]
        return Fault(
            f"holds {', '.join(sorted(names))}, which cannot be seen: {quoted(text)}",
            tuple(Stretch(start, end) for start, end in places),
        )

    return _in_each_text(items, fault)


_QUOTE = re.compile(r'(?<!\d)"(?!(?<=\w")\w)')  # neither inches nor a mark inside a word, as Hebrew writes it
_OPENING = re.compile(r'(?:^|(?<=[\s(]))"(?=\S)')
_ESCAPED = re.compile(r"\\[\"'ntu]|&(?:quot|amp|lt|gt|nbsp|#\d+);")


@check(scope="item")
def quote_debris(items: pd.DataFrame) -> pd.DataFrame:
    """No text has escapes, or straight quotation marks that are doubled, unpaired or nested, left by an export."""

    def fault(text: str, _: str) -> Fault | None:
        if escaped := _ESCAPED.search(text):
            return Fault(f"holds the escape {escaped[0]}: {quoted(text)}", (Stretch(*escaped.span()),))
        if '"' not in text:
            return None
        if (double := text.find('""')) >= 0:
            return Fault(f"holds doubled quotation marks: {quoted(text)}", (Stretch(double, double + 2),))
        marks = [found.start() for found in _QUOTE.finditer(text)]
        if len(marks) % 2:
            alone = (Stretch(marks[0], marks[0] + 1),) if len(marks) == 1 else ()
            return Fault(f"holds a quotation mark without a partner: {quoted(text)}", alone)
        opening = {found.start() for found in _OPENING.finditer(text)}
        if any(second in opening for second in marks[1::2]):
            return Fault(f"stands in quotation marks of its own, with more inside: {quoted(text)}")
        return None

    return _in_each_text(items, fault)


@check(scope="item")
def length_bounds(
    items: pd.DataFrame,
    *,
    question_words: tuple[int, ...] = (3, 60),
    option_words: tuple[int, ...] = (1, 40),
    question_characters: tuple[int, ...] = (5, 240),
    option_characters: tuple[int, ...] = (1, 160),
) -> pd.DataFrame:
    """Question and options are neither too short nor too long.

    Words are counted between spaces; scripts that do not part words count letters and digits. The bounds leave
    room around what Belebele has in English: 12.9 words a question (sd 4.0), 4.2 an option (sd 2.9).

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        question_words: least and most words of a question.
        option_words: least and most words of an option.
        question_characters: least and most characters of a question, in scripts that do not part words.
        option_characters: least and most characters of an option, in scripts that do not part words.
    """

    def within(in_words: tuple[int, ...], in_characters: tuple[int, ...]) -> TextFault:
        def fault(text: str, code: str) -> Fault | None:
            by_character = script_of(code) in SPACELESS
            count = sum(map(str.isalnum, text)) if by_character else len(text.split())
            least, most = in_characters if by_character else in_words
            if not text.strip() or least <= count <= most:  # an empty text belongs to four_options
                return None
            unit = "character" if by_character else "word"
            bound = f"at least {least}" if count < least else f"at most {most}"
            return Fault(f"has {count} {unit}{'' if count == 1 else 's'}, {bound} are wanted: {quoted(text)}")

        return fault

    return _in_each_text(
        items, within(question_words, question_characters), within(option_words, option_characters)
    )


_MARKS_OF_SCRIPT = {"Arab": "؟?", "Nkoo": "؟?", "Ethi": "፧?", "Grek": ";\u037e?", "Jpan": "?？か"}
_WITHOUT_RULE = frozenset({"Thai", "Laoo", "Tibt", "Mymr", "Khmr"})
_CLOSERS = "\"'”’»›)]）」』」。 \u00a0\u200e\u200f"
_COMPLETION = re.compile(r"(?:[:：፦…_—]|\.\.\.)\Z|__|…|\.\.\.\.")


@check(scope="item")
def reads_like_question(items: pd.DataFrame, *, completions: bool = True) -> pd.DataFrame:
    """The question ends in the question mark of its script, or has a blank to fill in.

    Not judged where a script commonly asks without a mark (Thai, Lao, Tibetan, Burmese, Khmer).

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        completions: whether a statement to be completed (ending in a colon or dots, or with a blank) will do.
    """
    flagged: list[bool | None] = []
    reasons = []
    for (question, _), code in zip(texts(items), items["language"], strict=True):
        script = script_of(code)
        marks = _MARKS_OF_SCRIPT.get(script, "?？")
        ending = question.rstrip(_CLOSERS)
        asks = ending.endswith(tuple(marks)) or (script == "Armn" and "՞" in question)
        if asks or (completions and _COMPLETION.search(question.rstrip())):
            flagged.append(False)
            reasons.append("")
        elif script in _WITHOUT_RULE:
            flagged.append(None)
            reasons.append("this script often asks without a question mark; a reader must judge it")
        else:
            flagged.append(True)
            wanted = "՞" if script == "Armn" else marks[0]
            reasons.append(f"the question does not end in {wanted} and leaves no blank: {quoted(question[-39:])}")
    return findings(items, flagged, reasons, spans=[[Span("question", said)] if said else [] for said in reasons])


@check(scope="item")
def wrong_script(
    items: pd.DataFrame, *, question_share: float = 0.5, option_share: float = 0.2, name_words: int = 3
) -> pd.DataFrame:
    """The letters of the question and the options belong to the script of the language.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        question_share: least share of a question's letters.
        option_share: least share of an option's letters; names and units are often kept in Latin letters.
        name_words: an option in Latin letters of at most so many words, each capitalised, with a digit or of at
            most three letters, counts as a name or a unit and is right in every script.
    """

    def below(least: float, names: int) -> TextFault:
        def fault(text: str, code: str) -> Fault | None:
            script = script_of(code)
            share = script_share(text, script)
            if math.isnan(share) or share >= least or _is_name(text, script, names):
                return None
            return Fault(f"has hardly a letter in the script of {code} ({share:.0%}): {quoted(text)}")

        return fault

    return _in_each_text(items, below(question_share, 0), below(option_share, name_words))


def _coded(token: str) -> bool:
    """Whether a word has a digit or a hyphen within, as `mp3` and `e-mail` have."""
    return any(map(str.isdigit, token)) or "-" in token.strip("-")


def _is_name(text: str, script: str, most_words: int) -> bool:
    if script_share(text, "Latn") < 1 and script != "Latn":
        return False
    if script == "Latn":  # a single symbol such as α or Ω
        return most_words > 0 and sum(map(str.isalpha, text)) <= 2
    tokens = text.split()
    kept = (token[:1].isupper() or len(token) <= 3 or _coded(token) for token in tokens)
    return len(tokens) <= most_words and all(kept)
