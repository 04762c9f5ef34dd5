"""The glossary of a campaign: how its terms are to be rendered, language by language.

A CSV file of the lead's, as translators' offices keep them: a column `term` in the source language and one column
per language code. It is help for people and judges nothing, so an empty cell is no mistake. Everything else that
is wrong with the file is told in one pass, each with its line.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from io import StringIO

from data import storage
from data.errors import CampaignError, UsageError
from data.languages import language as find_language

TERM = "term"
"""The column of the terms themselves."""


@dataclass(frozen=True)
class Glossary:
    """Term → language code → how it is rendered; languages without a rendering are left out."""

    terms: Mapping[str, Mapping[str, str]]

    def of(self, language: str) -> dict[str, str]:
        """Term → rendering in one language, in the order of the file."""
        return {term: words[language] for term, words in self.terms.items() if words.get(language)}


def load(address: str, file: str) -> Glossary:
    """Read a glossary; a relative path starts at the campaign's address.

    Raises:
        CampaignError: it cannot be read or is wrong; every mistake with its line.
    """
    try:
        text = storage.read_text(address, file)
    except FileNotFoundError:
        raise CampaignError(
            "the glossary of campaign.toml is not there",
            [f"[translation] glossary = {file!r}: no such file at {address}; write it, or take the line out"],
        ) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise CampaignError(f"the glossary {file}", [f"line {line}: not UTF-8; save the file as UTF-8"]) from None
    return parse(text, file)


def parse(text: str, where: str = "glossary.csv") -> Glossary:
    """Read the text of a glossary.

    Raises:
        CampaignError: every mistake, with its line.
    """
    lines = csv.reader(StringIO(text.removeprefix("\ufeff")), strict=True)
    problems: list[str] = []
    terms: dict[str, dict[str, str]] = {}
    met: dict[str, int] = {}
    try:
        head = [name.strip() for name in next(lines, [])]
        if len(head) == 1 and (sign := next((one for one in ";\t" if one in head[0]), "")):
            what = "semicolons" if sign == ";" else "tabs"
            cure = f"line 1: the columns are parted by {what}; save it as CSV with commas"
            raise CampaignError(f"the glossary {where} is wrong", [cure])
        codes = _codes(head, problems)
        for cells in lines:
            number, cells = lines.line_num, [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if len(cells) != len(codes):
                problems.append(
                    f"line {number}: {len(cells)} cells, and {len(codes)} columns; put a text with commas in "
                    "quotation marks"
                )
                continue
            line = dict(zip(codes, cells, strict=True))
            term = line.pop(TERM, "")
            if not term:
                problems.append(f"line {number}: the term is empty; write it, or take the line out")
            elif term.casefold() in met:
                problems.append(f"line {number}: {term!r} stands in line {met[term.casefold()]} already; keep one")
            else:
                met[term.casefold()] = number
                terms[term] = {code: words for code, words in line.items() if words}
    except csv.Error as error:
        problems.append(f"line {lines.line_num}: no CSV ({error}); save it as CSV with commas")
    if problems:
        raise CampaignError(f"the glossary {where} is wrong", list(dict.fromkeys(problems)))
    return Glossary(terms)


def _codes(head: list[str], problems: list[str]) -> list[str]:
    if TERM not in head:
        problems.append(f"line 1: there is no column {TERM!r}; the first line names them: {TERM}, fra_Latn, …")
    codes = []
    for name in head:
        try:
            codes.append(name if name == TERM else str(find_language(name).code))
        except UsageError as error:
            problems.append(f"line 1: {error}")
            codes.append(name)
    twice = {code for code in codes if codes.count(code) > 1}
    problems += [f"line 1: the column {code} stands there twice; keep one" for code in sorted(twice)]
    return codes
