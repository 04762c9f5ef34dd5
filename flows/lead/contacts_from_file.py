"""The people behind the codes, all at once: a table of code, address and name, as an agency sends it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    people = [*(one.code for one in state.campaign.people), contacts.LEAD]
    known = contacts.contacts(state.campaign.id)
    for row in csv_and_xlsx.read(Path(file)):
        wrong: list[str] = []
        found = _told(row, wrong)
        code, email = found.get("person", ""), found.get("email", "").casefold()
        wrong = wrong or [*_wrong(code, email, people, given)]
        problems += [f"{row.place}: {one}" for one in wrong]
        if not wrong:
            before = known.get(code, contacts.Contact(""))
            given[code] = contacts.Contact(email, found.get("name", "") or before.name, before.mail)
    problems += _shared({**known, **given})
    if not given and not problems:
        raise UsageError(f"{file} has no lines; it wants the columns person, email and, if wanted, name")
    if problems:
        raise ImportRefused(f"{file} was not taken in", problems)
    contacts.set_contacts(state.campaign.id, given)
    return sum(known.get(code) != contact for code, contact in given.items())


def _told(row: FileRow, wrong: list[str]) -> dict[str, str]:
    """Return what a line has, by what its columns are, and add to `wrong` what cannot be taken."""
    found: dict[str, str] = {}
    for column, cell in row.cells.items():
        name = COLUMNS.get(str(column).strip().casefold())
        if name is None:
            wrong.append(
                f"there is no column {shown(column)}; there are {', '.join(dict.fromkeys(COLUMNS.values()))}"
            )
        elif name in found:
            wrong.append(f"two columns say the {name}; leave one of them")
        elif isinstance(cell, Changed):
            wrong.append(f"{column}: {cell}")
        else:
            found[name] = _text(cell)
    return found


def _wrong(code: str, email: str, people: Sequence[str], given: Mapping[str, contacts.Contact]) -> Iterator[str]:
    """Yield why a line's person and address cannot be noted."""
    if not code and not email:
        yield "has neither a person nor an address; a line wants both"
    elif code not in people:
        yield f"there is no {shown(code)} among the people of campaign.toml{near(code, people)}"
    elif not contacts.is_address(email):
        yield f"{shown(email)} is no e-mail address"
    elif code in given and given[code].email != email:
        yield f"{code} has another address further up, {given[code].email}"
    elif code in given:
        yield f"{code} stands further up too; leave one of the lines"


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
