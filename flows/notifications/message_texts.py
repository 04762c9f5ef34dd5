"""The words of messages: to a person in the language of their pages, to the lead in English."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from annotation.words.catalogues import Words
from annotation.words.marking import gettext
from data.campaign.contacts import contacts
from flows.campaign_state import State
from flows.channels.message import Message, Part
from flows.inspection.agenda_point import AgendaPoint
from flows.ledger_views.words_in_force import words_for
from flows.notifications.news import News, StageNews
from flows.reports.link_letters import addresses
from flows.reports.workbench_links import Link
from flows.terminal.messages import addressed
from flows.workbenches.stage_titles import stage_title

_MOST_POINTS = 30  # of the lead's agenda in one message


def to_person(state: State, news: News, links: Sequence[Link]) -> Message:
    """Return what a person is told.

    Args:
        state: the campaign.
        news: of the person.
        links: where they work.
    """
    words, title = words_for(state, news.person), state.campaign.about.title
    known = contacts(state.campaign.id).get(news.person)
    name = known.name if known else ""
    greeting = words(gettext("Hello {name},")).format(name=name) if name else words(gettext("Hello,"))
    parts = [
        Part(greeting),
        *_said(news, words, title),
        *(Part(says, url=url) for says, url in addresses(links, words)),
        Part(words(gettext("If anything is unclear, reply to this message. Thank you!"))),
        Part(
            words(
                gettext(
                    "You get at most one such message a day. If you would rather have none, reply to this one and "
                    "say so."
                )
            ),
            aside=True,
        ),
    ]
    return Message(_subject(news, words, title), parts, words.tag, words.direction, facts(state, news, links))


def _subject(news: News, words: Words, title: str) -> str:
    if any(one.returned for one in news.stages):
        return words(gettext("{title}: some of your work came back")).format(title=title)
    if any(one.new for one in news.stages):
        return words(gettext("{title}: new work for you")).format(title=title)
    due = min(one.due for one in news.stages if one.due)
    return words(gettext("{title}: please finish by {date}")).format(title=title, date=_date(due, words))


def _said(news: News, words: Words, title: str) -> list[Part]:
    """Return what is new, what came back and what is due, each with its list."""
    parts = []
    if new := [one for one in news.stages if one.new]:
        says = words(gettext("New work has come for you in “{title}”:")).format(title=title)
        line = words(gettext("{what}: {count} new, {open} open in all"))
        parts.append(
            Part(says, [line.format(what=_what(one, words), count=one.new, open=one.open) for one in new])
        )
    if returned := [one for one in news.stages if one.returned]:
        says = words(gettext("Some of your work in “{title}” came back. Its page says what was found:"))
        line = words(gettext("{what}: {count}"))
        lines = [line.format(what=_what(one, words), count=one.returned) for one in returned]
        parts.append(Part(says.format(title=title), lines))
    if due := [one for one in news.stages if one.due]:
        says = words(gettext("Please finish in time what is still open in “{title}”:")).format(title=title)
        line = words(gettext("{what}: {count} open, due {date}"))
        parts.append(
            Part(
                says,
                [
                    line.format(what=_what(one, words), count=one.open, date=_date(one.due, words))
                    for one in due
                    if one.due
                ],
            )
        )
    return parts


def _what(one: StageNews, words: Words) -> str:
    return stage_title(one.stage, one.language, words)


def _date(day: date, words: Words) -> str:
    """Return a date as it is written in a language; year, month and day where that is not known."""
    from babel import Locale, UnknownLocaleError
    from babel.dates import format_date

    try:
        return format_date(day, "long", Locale.parse(words.tag, sep="-"))
    except (UnknownLocaleError, ValueError):
        return day.isoformat()


def facts(state: State, news: News, links: Sequence[Link]) -> dict[str, Any]:
    """Return what a person is told, for programs: codes, numbers and addresses of pages."""
    return {
        "type": "work.waiting",
        "campaign": state.campaign.id,
        "person": news.person,
        "day": news.day.isoformat(),
        "work": [
            {
                "stage": one.stage,
                "language": one.language,
                "new": one.new,
                "returned": one.returned,
                "open": one.open,
                "due": one.due.isoformat() if one.due else None,
            }
            for one in news.stages
        ],
        "pages": [link.url for link in links if link.what != "sign up"],
    }


def to_lead(state: State, points: Sequence[AgendaPoint], new: int, campaign: str, page: str = "") -> Message:
    """Return what the lead is told of what waits for them.

    Args:
        state: the campaign.
        points: the whole agenda, what is new in it first.
        new: how many of them are new.
        campaign: its name in commands.
        page: the address of the lead's page; "" if no server shows it.
    """
    title, count = state.campaign.about.title, len(points)
    one = "1 point waits" if count == 1 else f"{count} points wait"
    lines = [addressed(str(point), campaign) for point in points[:_MOST_POINTS]]
    more = [f"and {count - _MOST_POINTS} more"] if count > _MOST_POINTS else []
    parts = [
        Part(f"{one} for your word in “{title}”{f', {new} of them new' if new < count else ''}:", [*lines, *more]),
        Part("All of it, and how far the work is:", url=page)
        if page
        else Part(addressed("All of it, and how far the work is: belebele status", campaign)),
        Part("You get at most one such message a day, and none if nothing is new.", aside=True),
    ]
    told = {"type": "lead.agenda", "campaign": state.campaign.id, "points": count, "new": new, "page": page}
    return Message(f"{title}: {one} for your word", parts, facts=told)


def trouble(title: str, campaign_id: str, what: str, *, over: bool) -> Message:
    """Return what the lead is told when something goes wrong, or is well again.

    Args:
        title: of the campaign.
        campaign_id: its id.
        what: the trouble, a sentence.
        over: whether it is over.
    """
    subject = f"{title}: well again" if over else f"{title}: something is wrong"
    says = f"This is over: {what}" if over else f"{what[:1].upper()}{what[1:]}"
    rest = "" if over else "You are told once, and again when it is over."
    told = {"type": "trouble.over" if over else "trouble.begun", "campaign": campaign_id, "trouble": what}
    return Message(subject, [Part(says), *([Part(rest, aside=True)] if rest else [])], facts=told)


def trial(title: str, campaign_id: str) -> Message:
    """Return what a channel is tried with."""
    says = f"This is a trial message of “{title}”: messages arrive here."
    return Message(f"{title}: a trial message", [Part(says)], facts={"type": "trial", "campaign": campaign_id})
