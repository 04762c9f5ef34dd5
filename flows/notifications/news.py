"""What there is to tell people: work that has come, work that came back, deadlines that are near.

Everything follows from the ledger, the clock and the contacts of this machine. A task is news once it stands on a
server and was not covered by an earlier message; how far messages reached is a sequence of the ledger, so that
nothing is told twice and nothing that came between two messages is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow.compute as pc

from data.campaign.campaign import Campaign
from data.campaign.contacts import Contact, contacts
from data.ledger import tables
from data.ledger.events import TaskPublished
from data.ledger.tables import Stage
from flows.campaign_state import State, among, ledger_view
from flows.ledger_views.sent_messages import Told, published_upto, switches, told

REMIND_DAYS = 3
"""How many days before a deadline people are reminded, unless campaign.toml says otherwise."""

MOST_ATTEMPTS = 5
"""How often a day a message is tried that a server does not take for now."""

PEOPLES_CHANNELS = ("mail", "webhook")
"""The channels by which people are told, one by one; a chat is the lead's."""


@dataclass(frozen=True)
class StageNews:
    """What is new in one stage and language for one person.

    Attributes:
        stage: of the work.
        language: of the work.
        new: tasks that have come.
        returned: tasks that came back to them.
        open: all tasks that wait there.
        due: the deadline, if they are to be reminded of it now.
    """

    stage: Stage
    language: str
    new: int
    returned: int
    open: int
    due: date | None = None


@dataclass(frozen=True)
class News:
    """What one person is to be told by one channel.

    Attributes:
        person: their code.
        channel: its name.
        day: today, in the schedule's time zone.
        stages: what is new, by stage and language.
        upto: the ledger's sequence up to which it tells.
        attempt: from 1.
        email: their address; "" where the channel needs none.
    """

    person: str
    channel: str
    day: date
    stages: tuple[StageNews, ...]
    upto: int
    attempt: int
    email: str = ""

    @property
    def about(self) -> list[str]:
        """What it is about, as the ledger notes it."""
        kinds = ["new"] * any(one.new for one in self.stages) + ["returned"] * any(
            one.returned for one in self.stages
        )
        return [*kinds, *dict.fromkeys(reminder(one.stage, one.due) for one in self.stages if one.due)]


def reminder(stage: str, due: date) -> str:
    """Return how the ledger notes that somebody was reminded of a deadline."""
    return f"{stage} {due.isoformat()}"


def today(campaign: Campaign, now: datetime) -> tuple[date, int]:
    """Return the day and the hour in the time zone of the schedule."""
    here = now.astimezone(ZoneInfo(campaign.schedule.timezone))
    return here.date(), here.hour


def news(state: State, channel: str, now: datetime, since: int | None = None) -> list[News]:
    """Return what there is to tell by a channel now, one for each person, in campaign.toml's order.

    Args:
        state: the campaign.
        channel: one of `PEOPLES_CHANNELS`.
        now: the time.
        since: the sequence up to which work counts as known; by default, as the ledger says.

    Returns:
        Nothing for who was told today, wants no mail or has no address; nothing before `from_hour`, and nothing
        while the channel was not begun.
    """
    campaign, (day, hour) = state.campaign, today(state.campaign, now)
    switch = switches(state).get(channel)
    if since is None:
        if switch is None or not switch.on:
            return []
        since = switch.upto
    if hour < campaign.notify.from_hour:
        return []
    work = _open_work(state)
    if work.empty:
        return []
    before, known, last = (
        told(state, channel, since, day.isoformat()),
        contacts(campaign.id),
        published_upto(state),
    )
    found = []
    for person in campaign.people:
        was = before.get(person.code, Told(since))
        email = _address(known, person.code) if channel == "mail" else ""
        if was.today or was.attempts >= MOST_ATTEMPTS or (channel == "mail" and not email):
            continue
        stages = tuple(_of_person(state, work[work["person"] == person.code], was, day))
        if stages:
            found.append(News(person.code, channel, day, stages, last, was.begun + 1, email))
    return found


def _address(known: Mapping[str, Contact], person: str) -> str:
    """Return where to send mail; "" if nowhere."""
    contact = known.get(person)
    return contact.email if contact and contact.mail else ""


def _of_person(state: State, work: pd.DataFrame, was: Told, day: date) -> Iterator[StageNews]:
    """Yield what is new in each stage and language of one person's open work."""
    deadlines, days = state.campaign.deadlines, state.campaign.notify.remind_days or REMIND_DAYS
    for (stage, language), mine in work.groupby(["stage", "language"], sort=False):
        new = mine[mine["since"] > was.upto]
        returned = int(new["returned"].sum())
        due = deadlines.of(cast("Stage", stage))
        reminded = due is not None and reminder(str(stage), due) in was.about
        if due is not None and (reminded or not 0 <= (due - day).days <= days):
            due = None
        if len(new) or due:
            yield StageNews(cast("Stage", stage), str(language), len(new) - returned, returned, len(mine), due)


@ledger_view
def _open_work(state: State) -> pd.DataFrame:
    """Return the open tasks that stand on a server: stage, language, person, since when (a sequence), returned."""
    tasks = state.tasks
    work = tasks[tasks["open"]]
    published = state.events(TaskPublished)
    published = published[among(published["subject"], work["task_key"])]
    first = published.groupby("subject", sort=False)["sequence"].min()
    work = work[among(work["task_key"], first.index.tolist())]
    since = first.reindex(work["task_key"]).to_numpy()
    kept = ["task_key", "stage", "language", "person"]
    return work[kept].assign(since=since, returned=_returned(state, work)).reset_index(drop=True)


def _returned(state: State, work: pd.DataFrame) -> list[bool]:
    """Return whether each task came back to who has it: they had this work before, and it has a reason."""
    place = ["stage", "language", "question_id", "person"]
    had = state.tasks[~state.tasks["open"] & state.tasks["done"]][place]
    before = set(had.itertuples(index=False, name=None))
    again = [one in before for one in work[place].itertuples(index=False, name=None)]
    keys = work["task_key"][again].tolist()
    read = (
        state.ledger.read(tables.TASKS, ["task_key", "reason"], pc.field("task_key").isin(keys)) if keys else None
    )
    reasons = dict(zip(read["task_key"], read["reason"], strict=True)) if read is not None else {}
    return [bool(reasons.get(key)) for key in work["task_key"]]
