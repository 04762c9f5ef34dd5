"""What a report says, as the next release prints it: words, thanks and address, and nobody's name among them."""

from __future__ import annotations

import re

from data.campaign.contacts import names_and_addresses
from data.errors import UsageError
from data.intake.texts import refuse_faults
from data.release.anonymity import People
from flows.campaign_state import State

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.\w+")
_LONGEST_CREDIT = 120


def printable(state: State, text: str, option: str) -> str:
    """Return a text on one line.

    Raises:
        UsageError: it says nothing, or names somebody; `option` is what the message calls it.
    """
    refuse_faults(text, option)
    plain = " ".join(text.split())
    if not any(map(str.isalnum, plain)):
        raise UsageError(f"say what is wrong, in words that the next release can print: {option} '…'")
    if _people(state).named(plain, None) or _ADDRESS.search(plain):
        raise UsageError(f"{option} holds the name or address of somebody; it is printed in the next release")
    return plain


def printed_credit(state: State, text: str) -> str:
    """Return whom the release thanks; "" for nobody.

    Raises:
        UsageError: it is somebody who works on the campaign, an address, or too long.
    """
    refuse_faults(text, "--reported-by")
    plain = " ".join(text.split())
    if _ADDRESS.search(plain):
        raise UsageError("--reported-by is printed in the next release: give a name or handle, no e-mail address")
    codes = {person.code.casefold() for person in state.campaign.people} | set(state.tasks["person"])
    if plain.casefold() in codes or _people(state).named(plain):
        raise UsageError(
            "--reported-by is the name or code of somebody who works on this campaign, and no release names "
            "those; leave it out, or ask them for a handle that is not their name"
        )
    if len(plain) > _LONGEST_CREDIT:
        raise UsageError(f"--reported-by has {len(plain)} characters; give a name, {_LONGEST_CREDIT} at most")
    return plain


def printed_url(text: str) -> str:
    """Return where the report can be read; "" for nowhere.

    Raises:
        UsageError: it is no address of a page.
    """
    refuse_faults(text, "--url")
    plain = text.strip()
    if plain and not re.fullmatch(r"https?://[^\s<>\"'()]+", plain):
        raise UsageError(f"--url must be an address such as https://example.org/issues/1, not {text!r}")
    return plain


def _people(state: State) -> People:
    return People(names_and_addresses(state.campaign.id))
