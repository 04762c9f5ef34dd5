"""The glossary of a campaign: the translations of its terms, language by language.

It is a CSV file of the lead's, separated by commas, semicolons or tabs, as translation agencies keep them: a
column `term` in the source language and one column per language code. A cell may hold variants. People read it,
and what differs from it is noted; where it says nothing, nothing is judged, so an empty cell is not a mistake. All
other mistakes in the file are reported at once, each with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from data import storage
from data.errors import CampaignError, UsageError
from data.intake import LONGEST_SHOWN, Unreadable, delimited, listed, shown, text_files
from data.intake.formula_cells import ESCAPED, unescaped
from data.languages import language as find_language

TERM = "term"
"""The column of the terms."""


VARIANTS = "|"
"""What stands between the variants of a rendering in a cell."""


@dataclass(frozen=True)
class Glossary:
    """Translations by term and language code; languages without a translation are left out."""

    terms: Mapping[str, Mapping[str, str]]

    def of(self, language: str) -> dict[str, str]:
        """Return the terms' translations in one language, in the order of the file."""
        return {term: words[language] for term, words in self.terms.items() if words.get(language)}

    def variants(self, language: str) -> dict[str, tuple[str, ...]]:
        """Return the variants of the terms' translations in one language, those without any left out.

        >>> Glossary({"harbour": {"fra_Latn": "port | havre"}, "oven": {"fra_Latn": "|"}}).variants("fra_Latn")
        {'harbour': ('port', 'havre')}
        """
        cells = {term: [one.strip() for one in cell.split(VARIANTS)] for term, cell in self.of(language).items()}
        return {term: tuple(dict.fromkeys(filter(None, some))) for term, some in cells.items() if any(some)}


def load(address: str, file: str) -> Glossary:
    """Read a glossary; a relative path is resolved against the campaign's address.

    Raises:
        CampaignError: it cannot be read or is wrong; lists every mistake with its line.
    """
    try:
        text = text_files.decoded(storage.read_bytes(address, file))
    except FileNotFoundError:
        raise CampaignError(
            "the glossary of campaign.toml is not there",
            [f"[translation] glossary = {file!r}: no such file at {address}; write it, or take the line out"],
        ) from None
    except Unreadable as problem:
        raise CampaignError(
            f"the glossary {file} cannot be read", [f"line {problem.line}: {problem.what}"]
        ) from None
    except OSError as error:
        raise CampaignError(
            "the glossary of campaign.toml cannot be read",
            [f"[translation] glossary = {file!r}: {error.strerror or error}; name a CSV file"],
        ) from None
    return parse(text, file)


def parse(text: str, where: str = "glossary.csv") -> Glossary:
    """Parse the text of a glossary.

    Raises:
        CampaignError: lists every mistake with its line.
    """
    found = delimited.read(text.removeprefix("\ufeff"), most=LONGEST_SHOWN)
    problems = [f"line {problem.line}: {problem.what}" for problem in found.problems]
    terms: dict[str, dict[str, str]] = {}
    met: dict[str, int] = {}
    columns = [name for name in found.columns if name != ESCAPED]
    codes = _codes(columns, problems) if len({*columns}) == len(columns) else []
    for number, cells in found.rows if codes else ():
        line = dict(zip(codes, (cell.strip() for cell in unescaped(cells).values()), strict=True))
        term = line.pop(TERM, "")
        if not term:
            problems.append(f"line {number}: the term is empty; write it, or take the line out")
        elif term.casefold() in met:
            problems.append(
                f"line {number}: {shown(term)} stands in line {met[term.casefold()]} already; keep one"
            )
        else:
            met[term.casefold()] = number
            terms[term] = {code: words for code, words in line.items() if words}
    if problems:
        raise CampaignError(f"the glossary {where} is wrong", list(dict.fromkeys(problems)))
    return Glossary(terms)


def _codes(head: list[str], problems: list[str]) -> list[str]:
    if TERM not in head:
        has = f", only {listed(head)}" if head else ""
        problems.append(
            f"line 1: there is no column {TERM!r}{has}; the first line names them: {TERM}, fra_Latn, …"
        )
        return []
    codes = []
    for name in head:
        try:
            codes.append(name if name == TERM else str(find_language(name).code))
        except UsageError as error:
            problems.append(f"line 1: {error}")
            codes.append(name)
    twice = {code for code in codes if codes.count(code) > 1}  # given under two of its names
    problems += [f"line 1: the column {code} stands there twice; keep one" for code in sorted(twice)]
    return codes
