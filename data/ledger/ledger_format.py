"""The format of a ledger: a number beside its tables, by which a program knows a ledger that it would misread.

A ledger without a number is of format 1. A run that holds the campaign brings an older ledger up to date, step by
step, and notes the number of each step when it is done; nothing that was written is changed. A ledger of a later
format is neither read nor written.

1: as version 0.1 of the program wrote it: tables of `data.ledger.tables.LATER` may be missing.
2: every table is there, and the number is written down.

Beside the number stands which copy this is. A ledger that is restored from a backup is another copy than the one
that was backed up, so that a server can tell when both go on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from data import storage
from data.errors import LedgerDamaged, LedgerError

FORMAT = 2
"""The format that this version of the program writes."""

FILE = "format.json"
"""The name of the file, in the folder of the tables."""

FIRST = 1
"""The format of a ledger that has no number."""

_NAME = "belebele-ledger"


@dataclass(frozen=True)
class Copy:
    """Which copy of a campaign's ledger this is.

    Attributes:
        id: its own, 16 hexadecimal digits.
        follows: ids of the copies that it was restored from, the latest first.
    """

    id: str
    follows: tuple[str, ...] = ()

    def restored(self) -> Copy:
        """Return a new copy that follows this one."""
        return Copy(secrets.token_hex(8), (self.id, *self.follows))


@dataclass(frozen=True)
class _Facts:
    number: int
    copy: Copy


def format_of(address: str) -> int:
    """Return the format of the ledger at an address; `FIRST` if there is none, or it has no number.

    Raises:
        LedgerError: it cannot be read, or a later version of the program wrote it.
        LedgerDamaged: the file is no number.
    """
    return facts.number if (facts := _facts_of(address)) else FIRST


def copy_of(address: str) -> Copy | None:
    """Return which copy the ledger at an address is; None if it has no number yet. Raises as `format_of`."""
    return facts.copy if (facts := _facts_of(address)) else None


def _facts_of(address: str) -> _Facts | None:
    where = f"{address}/ledger"
    try:
        facts = _read(storage.read_text(where, FILE))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise LedgerError(f"cannot read {where}/{FILE}: {error}") from error
    except ValueError:
        raise LedgerDamaged(
            f"{where}/{FILE} is broken; it says in which format the tables are: take it back from a copy. If no "
            "later version of belebele ever worked on this campaign, remove it, and the next run writes it again."
        ) from None
    if facts.number > FORMAT:
        raise LedgerError(
            f"{address} was brought to format {facts.number} by a later version of belebele, and this one knows "
            f"up to {FORMAT}: install that version here. Nothing was read or written."
        )
    return facts


def note(address: str, number: int = FORMAT, copy: Copy | None = None) -> None:
    """Write down the format of the ledger at an address, and which copy it is: by default the one that it was.

    Raises:
        LedgerError: it cannot be written.
    """
    copy = copy or copy_of(address) or Copy(secrets.token_hex(8))
    facts = {"format": f"{_NAME}/{number}", "copy": copy.id, "follows": copy.follows}
    text = json.dumps(facts) + "\n"
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


def _read(text: str) -> _Facts:
    """Return what the text of a file says.

    Raises:
        ValueError: it says no format, or not which copy it is.
    """
    facts = json.loads(text)
    if not isinstance(facts, dict):
        raise ValueError(text)
    name, _, number = str(facts.get("format")).partition("/")
    if name != _NAME or not number.isdecimal() or int(number) < FIRST:
        raise ValueError(text)
    copy, follows = facts.get("copy"), facts.get("follows")
    if not (isinstance(copy, str) and copy and isinstance(follows, list)):
        if int(number) > FORMAT:  # whatever a later version writes there
            return _Facts(int(number), Copy(""))
        raise ValueError(text)
    return _Facts(int(number), Copy(copy, tuple(map(str, follows))))
