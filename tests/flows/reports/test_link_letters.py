"""A letter has what one person needs, in the language of their pages, and goes to nobody without work."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.campaign.contacts import set_contact
from flows.reports.link_letters import letter_lines, letters
from flows.reports.workbench_links import Link
from tests.flows.small_campaign import FRENCH, Small, at


@pytest.fixture
def small(tmp_path: Path, own_state: Path) -> Small:
    return at("translating", tmp_path)


def link(person: str, what: str, stage: str = "", language: str = "", waiting: int = 0) -> Link:
    kind = "work" if stage else "page" if what == "me" else "sign up"
    return Link(person, "", "main", what, f"https://example.org/{what}", waiting, 3, stage, language, kind)


def test_a_letter_has_the_invitation_first_and_the_work_that_waits(small: Small) -> None:
    set_contact("small", "t1", "zoe@example.org", "Zoé")
    found = [
        link("t1", "work", "translating", FRENCH, 2),
        link("t1", "done", "proofreading", FRENCH),
        link("t1", "sign up"),
        link("ana", "done", "authoring", "eng_Latn"),
    ]
    (letter,) = letters(small.state, found)
    assert letter.person == "t1"
    assert letter.subject == "Small: work for you"
    assert letter.text == (
        "Hello Zoé,\n\n"
        "There is work for you in “Small”. Please keep this message.\n\n"
        "First sign up here. This address is yours alone, so please do not pass it on:\n"
        "https://example.org/sign up\n\n"
        "Translate into French: 2 open\nhttps://example.org/work\n\n"
        "If anything is unclear, reply to this message. Thank you!"
    )
    assert next(letter_lines([letter])) == "--- t1 (no address is known)"


def test_a_page_of_ones_own_is_the_only_address_beside_the_invitation(small: Small) -> None:
    (letter,) = letters(small.state, [link("t1", "sign up"), link("t1", "me", waiting=2), link("ana", "me")])
    assert [part.splitlines()[-1] for part in letter.text.split("\n\n")[2:4]] == [
        "https://example.org/sign up",
        "https://example.org/me",
    ]
    assert "All your work is here, whatever it is; this address stays the same:" in letter.text


def test_it_is_in_the_language_of_their_pages(small: Small) -> None:
    small.configure('code = "t1"', 'code = "t1"\npage_language = "fra_Latn"')
    (letter,) = letters(small.state, [link("t1", "work", "translating", FRENCH, 2)])
    assert (letter.language, letter.subject) == ("fra_Latn", "Small : du travail pour vous")
    assert "Traduire vers : français : 2 en attente" in letter.text
    assert letter.text.startswith("Bonjour")
