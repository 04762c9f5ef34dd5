"""The format of a ledger: a number beside its tables, by which a program knows a ledger that it would misread.

A ledger without a number is of format 1. A run that holds the campaign brings an older ledger up to date, step by
step, and notes the number of each step when it is done; nothing that was written is changed. A ledger of a later
format is neither read nor written.

1: as version 0.1 of the program wrote it: tables of `data.ledger.tables.LATER` may be missing.
2: every table is there, and the number is written down.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from data import storage
from data.errors import LedgerDamaged, LedgerError

FORMAT = 2
"""The format that this version of the program writes."""

FILE = "format.json"
"""The name of the file, in the folder of the tables."""

FIRST = 1
"""The format of a ledger that has no number."""

_NAME = "belebele-ledger"


def format_of(address: str) -> int:
    """Return the format of the ledger at an address; `FIRST` if there is none, or it has no number.

    Raises:
        LedgerError: it cannot be read, or a later version of the program wrote it.
        LedgerDamaged: the file is no number.
    """
    where = f"{address}/ledger"
    try:
        number = _number(storage.read_text(where, FILE))
    except FileNotFoundError:
        return FIRST
    except OSError as error:
        raise LedgerError(f"cannot read {where}/{FILE}: {error}") from error
    except ValueError:
        raise LedgerDamaged(
            f"{where}/{FILE} is broken; it says in which format the tables are: take it back from a copy. If no "
            "later version of belebele ever worked on this campaign, remove it, and the next run writes it again."
        ) from None
    if number > FORMAT:
        raise LedgerError(
            f"{address} was brought to format {number} by a later version of belebele, and this one knows up to "
            f"{FORMAT}: install that version here. Nothing was read or written."
        )
    return number


def note(address: str, number: int = FORMAT) -> None:
    """Write down the format of the ledger at an address.

    Raises:
        LedgerError: it cannot be written.
    """
    text = json.dumps({"format": f"{_NAME}/{number}"}) + "\n"
    try:
        storage.write_text(f"{address}/ledger", FILE, text)
    except OSError as error:
        raise LedgerError(f"cannot write {address}/ledger/{FILE}: {error}") from error


def upgrade(address: str, steps: Mapping[int, Callable[[], None]]) -> None:
    """Bring an older ledger up to date, one format after another; only while the campaign is held.

    A step may be run again: a run that dies in one leaves the number that stood there.

    Args:
        address: the campaign's.
        steps: what leads from each format to the next.
    """
    for number in range(format_of(address), FORMAT):
        steps[number]()
        note(address, number + 1)


def _number(text: str) -> int:
    """Return the number in the text of a file.

    Raises:
        ValueError: there is none.
    """
    facts = json.loads(text)
    name, _, number = str(facts["format"] if isinstance(facts, dict) and "format" in facts else "").partition("/")
    if name != _NAME or not number.isdecimal() or int(number) < FIRST:
        raise ValueError(text)
    return int(number)
