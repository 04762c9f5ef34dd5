"""Messages that may not have arrived: a run ended while one was being sent, or the mail server refused it."""

from __future__ import annotations

from collections.abc import Iterator

from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint
from flows.ledger_views.sent_messages import unsettled_messages


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield a line for each person whose last message may not have arrived."""
    for one in unsettled_messages(state):
        by, day = one.intended.channel, one.intended.day
        if one.outcome == "refused":
            yield AgendaPoint(
                f"the mail server refused the message of {day} to {one.person} ({one.code})",
                f"belebele contact {one.person} --email ADDRESS, then belebele notify --again {one.person}",
            )
        else:
            yield AgendaPoint(
                f"{one.person} may not have had the {by} of {day}: it broke off while it was being sent",
                f"ask them, then belebele notify --again {one.person}, or belebele notify --seen {one.person}",
            )
