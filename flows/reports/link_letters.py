"""`belebele links --letters`: what to send each person, in the language of their pages, to be pasted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from annotation.words.catalogues import Words
from annotation.words.marking import gettext
from data.campaign.contacts import contacts
from flows.campaign_state import State
from flows.ledger_views.words_in_force import words_for
from flows.reports.workbench_links import Link
from flows.workbenches.stage_titles import stage_title


@dataclass(frozen=True)
class Letter:
    """What to send one person.

    Attributes:
        person: their code.
        email: their address; "" if it is not known on this machine.
        language: code of the language that it is in.
        subject: a line.
        text: paragraphs, with each address on a line of its own.
    """

    person: str
    email: str
    language: str
    subject: str
    text: str


def letters(state: State, found: Sequence[Link]) -> Iterator[Letter]:
    """Yield a letter for each person who has to sign up or has work that waits.

    Args:
        state: the campaign.
        found: everybody's addresses, as of `flows.reports.workbench_links.links`.
    """
    known, title = contacts(state.campaign.id), state.campaign.about.title
    for person in dict.fromkeys(link.person for link in found):
        mine = [link for link in found if link.person == person and (link.open or link.kind == "sign up")]
        if not mine:
            continue
        words = words_for(state, person)
        name = known[person].name if person in known else ""
        hello = words(gettext("Hello {name},")).format(name=name) if name else words(gettext("Hello,"))
        parts = [
            hello,
            words(gettext("There is work for you in “{title}”. Please keep this message.")).format(title=title),
            *(_address(link, words) for link in sorted(mine, key=lambda link: link.kind != "sign up")),
            words(gettext("If anything is unclear, reply to this message. Thank you!")),
        ]
        subject = words(gettext("{title}: work for you")).format(title=title)
        yield Letter(person, mine[0].email, words.code, subject, "\n\n".join(parts))


def addresses(found: Sequence[Link], words: Words) -> list[tuple[str, str]]:
    """Return what stands at each address where one person signs up or has work, and the address.

    Args:
        found: of that person, as of `flows.reports.workbench_links.links`.
        words: theirs.
    """
    mine = [link for link in found if link.open or not link.stage]
    parts = (_address(link, words).rpartition("\n") for link in sorted(mine, key=lambda link: bool(link.stage)))
    return [(says, url) for says, _, url in parts]


def _address(link: Link, words: Words) -> str:
    """Return an address below what is there."""
    if link.kind == "sign up":
        says = words(gettext("First sign up here. This address is yours alone, so please do not pass it on:"))
    elif link.kind == "page":
        says = words(gettext("All your work is here, whatever it is; this address stays the same:"))
    else:
        what = stage_title(link.stage, link.language, words)
        says = words(gettext("{what}: {count} open")).format(what=what, count=link.open)
    return f"{says}\n{link.url}"


def letter_lines(written: Sequence[Letter]) -> Iterator[str]:
    """Yield the letters for a terminal, one below the other."""
    for letter in written:
        to = f"{letter.person} <{letter.email}>" if letter.email else f"{letter.person} (no address is known)"
        yield from (f"--- {to}", letter.subject, "", *letter.text.split("\n"), "")
