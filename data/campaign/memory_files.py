"""Translation memories that a lead or an agency brings: TMX or CSV files that campaign.toml names.

They are shown to translators beside the campaign's own translations and judge nothing. A CSV file has a line for
each pair of texts: the columns `language` (a code or tag), `source` and `target`, and `origin` if there is more
than one. Texts in languages that the campaign does not have are passed over; a file that is broken is named as a
whole, since half a memory would pass for all of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from data import storage
from data.errors import CampaignError
from data.exchange import tmx
from data.intake import LONGEST_SHOWN, Unreadable, delimited, fault_of, listed, shown, text_files
from data.intake.formula_cells import unescaped
from data.language_tags import language_of_tag

COLUMNS = ("language", "source", "target")
"""The columns that a memory in CSV must have; `origin` may follow."""


@dataclass(frozen=True)
class Segment:
    """A text in the source language and its translation: language code, and the file or person it comes from."""

    language: str
    source: str
    target: str
    origin: str


def load(address: str, files: Sequence[str], source_language: str, languages: Collection[str]) -> list[Segment]:
    """Read memories; relative paths are resolved against the campaign's address.

    Args:
        address: the campaign's.
        files: TMX or CSV files.
        source_language: code of the campaign's source language.
        languages: codes of the target languages that are wanted.

    Raises:
        CampaignError: a file cannot be read or is wrong; lists every mistake with file and line.
    """
    problems: list[str] = []
    found: list[Segment] = []
    for file in files:
        try:
            found += _file(address, file, source_language, frozenset(languages), problems)
        except FileNotFoundError:
            cure = "put it there, or take it out"
            problems.append(f"[translation] memory = {file!r}: no such file at {address}; {cure}")
        except OSError as error:
            problems.append(f"[translation] memory = {file!r}: {error.strerror or error}; name a TMX or CSV file")
        except Unreadable as problem:
            problems.append(problem.at(file))
    if problems:
        raise CampaignError("a translation memory of campaign.toml cannot be used", problems)
    return found


def _file(
    address: str, file: str, source_language: str, languages: frozenset[str], problems: list[str]
) -> Iterator[Segment]:
    data = storage.read_bytes(address, file)
    name = PurePosixPath(file.replace("\\", "/")).name
    if name.lower().endswith(".tmx"):
        pairs = _of_tmx(data, source_language)
    elif name.lower().endswith((".csv", ".tsv", ".txt")):
        pairs = _of_table(data, file, problems)
    else:
        raise Unreadable("is neither .tmx nor .csv; save the memory as one of them")
    for language, source, target, origin in pairs:
        if language in languages and source.strip() and target.strip():
            yield Segment(language, source.strip(), target.strip(), origin or name)


def _of_tmx(data: bytes, source_language: str) -> Iterator[tuple[str, str, str, str]]:
    codes: dict[str, str] = {}
    for unit in tmx.read(data).units:
        for tag in unit.texts:
            if tag not in codes:
                known = language_of_tag(tag)
                codes[tag] = known.code if known else ""
        texts = {codes[tag]: text for tag, text in unit.texts.items() if fault_of(text, LONGEST_SHOWN) is None}
        source = texts.pop(source_language, "")
        for language, text in texts.items() if source else ():
            yield language, source, text, unit.origin


def _of_table(data: bytes, file: str, problems: list[str]) -> Iterator[tuple[str, str, str, str]]:
    found = delimited.read(text_files.decoded(data), most=LONGEST_SHOWN)
    problems += [problem.at(file) for problem in found.problems]
    lacking = [name for name in COLUMNS if name not in found.columns]
    if lacking:
        raise Unreadable(
            f"has no column {listed(lacking)}, only {listed(found.columns)}; the first line names them: "
            f"{','.join(COLUMNS)}",
            1,
        )
    codes: dict[str, str] = {}
    for number, row in found.rows:
        cells = unescaped(row)
        spelling = cells["language"].strip()
        if spelling not in codes:
            known = language_of_tag(spelling)
            codes[spelling] = known.code if known else ""
            if known is None:
                what = f"no language is called {shown(spelling, 40)}; write a code or tag"
                problems.append(Unreadable(what, number).at(file))
        yield codes[spelling], cells["source"], cells["target"], cells.get("origin", "").strip()
