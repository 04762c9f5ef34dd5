"""The people behind the codes, all at once: a table of code, address and name, as an agency sends it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.campaign import contacts
from data.campaign.toml_mistakes import near
from data.errors import ImportRefused, UsageError
from data.exchange import csv_and_xlsx
from data.exchange.csv_and_xlsx import Changed, FileRow
from data.intake.texts import shown
from flows.campaign_state import State

COLUMNS = {
    "person": "person", "code": "person", "email": "email", "e-mail": "email", "mail": "email",
    "address": "email", "name": "name",
}  # fmt: skip
"""What a column may be called, and what it is."""


def contacts_from_file(state: State, file: str) -> int:
    """Note the contacts of a table, and return how many are new or others than before.

    Args:
        state: the campaign.
        file: .csv, .tsv, .xlsx, .jsonl or .parquet with the columns person (or code), email and, if wanted, name;
            case and blanks in their names make no difference. Where it has no name, the known one stays.

    Raises:
        ImportRefused: a line is wrong; every such line is listed, and nothing is noted.
        UsageError: there is no such file.
    """
    given: dict[str, contacts.Contact] = {}
    problems: list[str] = []
    people = [one.code for one in state.campaign.people]
    known = contacts.contacts(state.campaign.id)
    for row in csv_and_xlsx.read(Path(file)):
        cells = list(_cells(row, problems))
        found = dict(cells)
        if len(cells) > len(found):
            problems.append(
                f"{row.place}: two columns say one thing; there may be one each of person, email and name"
            )
        code, email = found.get("person", ""), found.get("email", "").casefold()
        if not code and not email:
            problems.append(f"{row.place}: has neither a person nor an address; a line wants both")
        elif code not in people:
            hint = near(code, people)
            problems.append(f"{row.place}: there is no {shown(code)} among the people of campaign.toml{hint}")
        elif not contacts.is_address(email):
            problems.append(f"{row.place}: {shown(email)} is no e-mail address")
        elif code in given and given[code].email != email:
            problems.append(f"{row.place}: {code} has another address further up, {given[code].email}")
        elif code in given:
            problems.append(f"{row.place}: {code} stands further up too; leave one of the lines")
        else:
            name = found.get("name", "") or (known[code].name if code in known else "")
            given[code] = contacts.Contact(email, name)
    problems += _shared({**known, **given})
    if not given and not problems:
        raise UsageError(f"{file} has no lines; it wants the columns person, email and, if wanted, name")
    if problems:
        raise ImportRefused(f"{file} was not taken in", problems)
    contacts.set_contacts(state.campaign.id, given)
    return sum(known.get(code) != contact for code, contact in given.items())


def _cells(row: FileRow, problems: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what a line has, by what its columns are."""
    for column, cell in row.cells.items():
        if (name := COLUMNS.get(str(column).strip().casefold())) is None:
            known = ", ".join(dict.fromkeys(COLUMNS.values()))
            problems.append(f"{row.place}: there is no column {shown(column)}; there are {known}")
        elif isinstance(cell, Changed):
            problems.append(f"{row.at(column)}: {cell}")
        else:
            yield name, _text(cell)


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell).strip()


def _shared(known: dict[str, contacts.Contact]) -> Iterator[str]:
    """Yield what is wrong if two people have one address."""
    owner: dict[str, str] = {}
    for code, one in known.items():
        if one.email in owner:
            both = f"{owner[one.email]} and {code}"
            yield f"{one.email} is the address of {both}; everybody needs an account of their own"
        owner.setdefault(one.email, code)
