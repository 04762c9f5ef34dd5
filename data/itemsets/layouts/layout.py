"""What a layout is: how one set's own files become items.

Three kinds cover the field. Tables whose columns only have names of their own say which is which. Records that
hold several questions, or hold them in depth, are unfolded into one plain record a question. Files that are
neither tables nor JSON are taken apart by a function of the layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from data.intake import Unreadable, shown

AnswerFrom = Literal["0", "1", "letter", "text"]
"""How the answer is told: a number counted from 0 or from 1, a letter (A is the first), or the option's text."""

Evidence = Literal["read", "seen", "documented"]
"""What is known of a form: files of it were read with this program (`read`); real files were looked at, and the
form compared with them (`seen`); or it is that of documentation and of other programs (`documented`)."""

Record = Mapping[str, Any]

ROLES = ("passage", "question", "options", "answer", "id", "group", "language")
"""What a column may hold."""

PLAIN: Mapping[str, tuple[str, ...]] = MappingProxyType({role: (role,) for role in ROLES})
"""The columns of a record that was unfolded."""

KEYS = "keys"
"""The column of an unfolded record that lists every right option, counted from 0, where several may be right."""


@dataclass(frozen=True)
class Layout:
    """One set's own form.

    Attributes:
        name: what the set is called.
        source: where the set, or its form, is published.
        checked: what the form was compared with, in words.
        evidence: how sure it is thereby.
        fits: whether a record (of a table: its first line by column) is of this form.
        roles: which columns hold what, for tables; of records that are unfolded, `PLAIN`. An id, a group and a
            language that are not told here are known by the usual names; one that is told as no column, by none.
        answer_from: how the answer is told; None where the usual rules decide.
        unfold: one record to plain ones, one a question; raises `Unreadable` for what is not of the form.
        text: a whole file that is neither table nor JSON to its records with their lines; None for a file that is
            not of the form.
        suffixes: of the files that `text` takes.
        note: what a user must know of it, one line.
        licence: the set's licence as its publisher states it, an SPDX identifier where there is one; "" if it is
            not known.
        language: the code of the set's one language, where its files do not tell it; "" if they do, or may be in
            several.
    """

    name: str
    source: str
    checked: str = ""
    evidence: Evidence = "documented"
    fits: Callable[[object], bool] = field(default=lambda _record: False)
    roles: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: PLAIN)
    answer_from: AnswerFrom | None = None
    unfold: Callable[[Any], Sequence[Record]] | None = None
    text: Callable[[Path, str], Sequence[tuple[int, Record]] | None] | None = None
    suffixes: tuple[str, ...] = ()
    note: str = ""
    licence: str = ""
    language: str = ""


def having(*names: str, without: Sequence[str] = ()) -> Callable[[object], bool]:
    """A test whether a record has some columns, and has not others."""
    wanted, unwanted = frozenset(names), frozenset(without)

    def fits(record: object) -> bool:
        return isinstance(record, Mapping) and wanted <= record.keys() and not unwanted & record.keys()

    return fits


def columns(**roles: str | tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Which columns hold what; several for options of a column each, or an id of parts."""
    return MappingProxyType({role: (name,) if isinstance(name, str) else name for role, name in roles.items()})


def listed_in(record: Any, name: str, what: str) -> list[Any]:
    """A list within a record.

    Raises:
        Unreadable: there is none.
    """
    found = record.get(name) if isinstance(record, Mapping) else None
    if isinstance(found, Mapping):  # as parquet gives a list of structs, or a struct of lists
        keys = list(found)
        if keys and all(isinstance(found[key], list) and len(found[key]) == len(found[keys[0]]) for key in keys):
            return [dict(zip(keys, parts, strict=True)) for parts in zip(*found.values(), strict=True)]
    if not isinstance(found, list):
        raise Unreadable(f"{name} is {shown(found, 40)}, wanted is {what}")
    return found


def records_in(record: Any, name: str) -> list[Record]:
    """A list of objects within a record; errors as of `listed_in`."""
    found = listed_in(record, name, "a list of objects")
    for one in found:
        if not isinstance(one, Mapping):
            raise Unreadable(f"{name} holds {shown(one, 40)}, wanted are objects")
    return found


def numbered(id_: object, questions: Sequence[Record]) -> Iterator[Record]:
    """The questions of a passage, each with an id of the passage's and its number."""
    for number, question in enumerate(questions, start=1):
        yield {"id": f"{plain_id(id_)}#{number}" if plain_id(id_) else "", **question}


def plain_id(value: object) -> str:
    """An id as a text; "" for none."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or isinstance(value, Mapping | list) else str(value)
