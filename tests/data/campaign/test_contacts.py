"""The contacts file: one place, private, erasable."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.campaign.contacts import (
    PSEUDONYM_KEY,
    Contact,
    contacts,
    contacts_file,
    forget,
    keyed_by,
    pseudonyms,
    set_contact,
)
from data.errors import UsageError


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path))
    monkeypatch.delenv(PSEUDONYM_KEY, raising=False)


def test_written_read_and_erased() -> None:
    assert contacts("wells") == {}
    set_contact("wells", "ana", " Ana@Example.ORG ", 'Ana "A" Señora')
    set_contact("wells", "ben", "ben@example.org")
    set_contact("wells", "ben", "ben@example.com", "Ben")
    assert contacts("wells") == {
        "ana": Contact("ana@example.org", 'Ana "A" Señora'),
        "ben": Contact("ben@example.com", "Ben"),
    }
    assert contacts("other") == {}
    assert forget("wells", "ana")
    assert not forget("wells", "ana")
    assert "ana" not in contacts_file("wells").read_text()


def test_only_the_owner_reads_it() -> None:
    set_contact("wells", "ana", "ana@example.org")
    assert contacts_file("wells").stat().st_mode & 0o777 == 0o600
    assert contacts_file("wells").parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("email", ["", "ana", "ana@", "ana example@org", "a@b@c"])
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(UsageError, match="no e-mail address"):
        set_contact("wells", "ana", email)


def test_one_address_is_one_person() -> None:
    set_contact("wells", "ana", "ana@example.org")
    set_contact("wells", "ana", "ANA@example.org", "Ana")
    with pytest.raises(UsageError, match="ana's address already"):
        set_contact("wells", "ben", "Ana@Example.org")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ana\n", "cannot be read"),
        ("ana = 1\n", r"\[ana\] wants email"),
        ("[ana]\nname = 'Ana'\n", r"\[ana\] wants email"),
        ("[ana]\nemail = 'nobody'\n", r"\[ana\] wants email"),
        ("[ana]\nemail = 'a@b'\nname = 3\n", r"\[ana\] wants email"),
    ],
)
def test_a_broken_file_is_named(text: str, said: str) -> None:
    set_contact("wells", "ben", "ben@example.org")
    contacts_file("wells").write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        contacts("wells")
    assert str(contacts_file("wells")) in str(caught.value)


def test_pseudonyms_stay_and_are_nobody_elses() -> None:
    codes = ["ana", "ben", *(f"r{n}" for n in range(300))]
    told = pseudonyms("wells", codes)
    assert len(set(told.values())) == len(codes)
    assert pseudonyms("wells", ["ben", "new"])["ben"] == told["ben"]
    assert pseudonyms("other", ["ben"])["ben"] != told["ben"]
    secret = contacts_file("wells").with_suffix(".key")
    assert secret.stat().st_mode & 0o777 == 0o600
    secret.unlink()
    assert pseudonyms("wells", ["ben"])["ben"] != told["ben"]  # so nobody can tell any more whose it was


def test_machines_that_are_given_the_same_key_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = pseudonyms("wells", ["ana", "ben"])
    monkeypatch.setenv(PSEUDONYM_KEY, "the_key-of-the-campaign")
    given = pseudonyms("wells", ["ana", "ben"])
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "elsewhere"))
    assert pseudonyms("wells", ["ana", "ben"]) == given
    assert not set(given.values()) & set(own.values())
    assert pseudonyms("other", ["ben"])["ben"] != given["ben"], "nobody is followed from one campaign to another"
    assert keyed_by() == "environment"
    monkeypatch.setenv(PSEUDONYM_KEY, "")
    assert keyed_by() == "machine"


@pytest.mark.parametrize("key", ["short", "x" * 201, "with a space in it", "naïve-naïve-naïve"])
def test_a_key_that_can_be_guessed_is_refused_and_not_repeated(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PSEUDONYM_KEY, key)
    with pytest.raises(UsageError, match=f"{PSEUDONYM_KEY} must be 16 or more") as caught:
        pseudonyms("wells", ["ana"])
    assert key not in str(caught.value)


@pytest.mark.parametrize("broken", ["", "no secret", "abcd"])
def test_a_broken_secret_is_named(broken: str) -> None:
    pseudonyms("wells", ["ana"])
    contacts_file("wells").with_suffix(".key").write_text(broken)
    with pytest.raises(UsageError, match="pseudonyms: restore it"):
        pseudonyms("wells", ["ana"])
