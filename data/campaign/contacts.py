"""The contacts file of a campaign: the people behind the codes, on this machine only.

The ledger knows people by code, so that it can be copied, published and kept. Names and e-mail addresses are in
one small file under the state folder, readable by its owner only, and can be erased from it without touching the
campaign.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import secrets
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from data.environment import secret_variable, state_dir
from data.errors import UsageError
from data.intake import LONGEST_SHOWN, faults, text_files
from data.intake.texts import named
from data.storage import write_text

PSEUDONYM_KEY = "BELEBELE_PSEUDONYM_KEY"
"""The environment variable for the secret behind pseudonyms, for machines that must agree on them."""

KeyedBy = Literal["environment", "machine"]

LEAD = "lead"
"""The code under which the lead's own address is noted, for messages; it need not be among [[people]]."""

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


@dataclass(frozen=True)
class Contact:
    """How to reach a person.

    Attributes:
        email: case-folded, since servers differ in the case they return.
        name: as the person writes it; may be empty.
        mail: whether they want messages of the program by e-mail.
    """

    email: str
    name: str = ""
    mail: bool = True


def contacts_file(campaign_id: str) -> Path:
    """Return the path of a campaign's contacts file, whether it exists or not."""
    return state_dir() / "people" / f"{campaign_id}.toml"


def contacts(campaign_id: str) -> dict[str, Contact]:
    """Return everybody's contact by code; empty if none is known.

    Raises:
        UsageError: the file is broken; says where and how to correct it.
    """
    path = contacts_file(campaign_id)
    try:
        read = text_files.toml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}. Mend or remove it.") from None
    for where, wrong in faults(read, LONGEST_SHOWN):
        raise UsageError(f"{path}: {named(where)} {wrong}. Mend it there.")
    found = {}
    for code, facts in read.items():
        known = facts if isinstance(facts, dict) else {}
        email, name, mail = known.get("email"), known.get("name", ""), known.get("mail", True)
        if not isinstance(email, str) or not isinstance(name, str) or not _EMAIL.fullmatch(email.strip()):
            raise UsageError(f'{path}: [{code}] wants email = "name@host" and may have name = "…"; mend it there')
        if not isinstance(mail, bool):
            raise UsageError(f"{path}: [{code}] has mail = {mail!r}, and may have true or false; mend it there")
        found[code] = Contact(email.strip().casefold(), name, mail)
    return found


def names_and_addresses(campaign_id: str) -> list[str]:
    """Return every contact's address and name: what nothing that leaves the house may hold."""
    return [text for one in contacts(campaign_id).values() for text in (one.email, one.name) if text]


def is_address(text: str) -> bool:
    """Return whether a text has the form of an e-mail address."""
    return _EMAIL.fullmatch(text) is not None


def set_contacts(campaign_id: str, given: Mapping[str, Contact]) -> None:
    """Record how to reach several people at once, replacing any earlier contacts of theirs."""
    _write(campaign_id, {**contacts(campaign_id), **given})


def set_contact(campaign_id: str, code: str, email: str, name: str = "") -> Contact:
    """Record how to reach a person, replacing any earlier contact; whether they want mail stays as it was.

    Raises:
        UsageError: not an address, or another person's.
    """
    contact = Contact(email.strip().casefold(), name.strip())
    if not is_address(contact.email):
        raise UsageError(f"{email!r} is no e-mail address")
    known = contacts(campaign_id)
    if code in known:
        contact = replace(contact, mail=known[code].mail)
    for other, theirs in known.items():
        if other != code and theirs.email == contact.email:
            raise UsageError(f"{email} is {other}'s address already; everybody needs an account of their own")
    _write(campaign_id, {**known, code: contact})
    return contact


def set_mail(campaign_id: str, code: str, wanted: bool) -> bool:
    """Note whether a person wants messages by e-mail; return whether that is new.

    Raises:
        UsageError: no address of theirs is known.
    """
    known = contacts(campaign_id)
    if code not in known:
        raise UsageError(
            f"no address of {code} is known, so nothing is sent: belebele contact {code} --email ADDRESS"
        )
    _write(campaign_id, {**known, code: replace(known[code], mail=wanted)})
    return known[code].mail != wanted


def forget(campaign_id: str, code: str) -> bool:
    """Erase a person's name and address; return whether there was anything to erase."""
    known = contacts(campaign_id)
    if code not in known:
        return False
    _write(campaign_id, {other: contact for other, contact in known.items() if other != code})
    return True


def pseudonyms(campaign_id: str, codes: Iterable[str]) -> dict[str, str]:
    """Return people's pseudonyms for published reports, by code; the same in every report of the campaign.

    A code is short, so a plain digest of it could be undone by trying codes. Pseudonyms are keyed with a secret:
    the one from the environment, so that several machines produce the same, else one generated once for this
    machine and stored beside the contacts. Without the secret nobody can tell whose a pseudonym is, and once it is
    erased nobody ever can.

    Args:
        campaign_id: whose secret to use; generated if there is none. It is also mixed with a secret from the
            environment, so that nobody can be followed from one campaign to another.
        codes: of people.

    Raises:
        UsageError: the secret's file is broken, or the secret from the environment can be guessed.
    """
    given = secret_variable(PSEUDONYM_KEY)
    if given:
        secret = hmac.digest(given.encode(), campaign_id.encode(), "sha256")
    else:
        secret = _secret(contacts_file(campaign_id).with_suffix(".key"))
    codes = sorted(set(codes))
    whole = {
        code: base64.b32encode(hmac.digest(secret, code.encode(), "sha256")).decode().translate(_PLAIN)
        for code in codes
    }
    size = next(n for n in range(6, 53) if len({text[:n] for text in whole.values()}) == len(codes))
    return {code: f"P-{text[:size]}" for code, text in whole.items()}


def keyed_by() -> KeyedBy:
    """Return whose secret is behind the pseudonyms: the environment's, or this machine's."""
    return "environment" if secret_variable(PSEUDONYM_KEY) else "machine"


_PLAIN = str.maketrans("OILS", "0189")  # letters easily read as digits; base 32 uses none of these digits


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        secret = secrets.token_bytes(32)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_text(str(path.parent), path.name, secret.hex() + "\n", mode=0o600)
    except ValueError:
        secret = b""
    if len(secret) != 32:
        raise UsageError(f"{path} is broken; it makes pseudonyms: restore it, or remove it and get other ones")
    return secret


def _write(campaign_id: str, known: dict[str, Contact]) -> None:
    path = contacts_file(campaign_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    lines = ["# Names and addresses of people, by code. They stand nowhere else; the campaign works without.\n"]
    for code, contact in sorted(known.items()):
        lines += [f"[{_quoted(code)}]", f"email = {_quoted(contact.email)}", f"name = {_quoted(contact.name)}"]
        lines += [""] if contact.mail else ["mail = false", ""]
    write_text(str(path.parent), path.name, "\n".join(lines), mode=0o600)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
