"""Webhooks: where a server sends what people submit, which this program has never asked one to.

Any account can add one to any workbench, and then has every submission, whoever's, at an address of their own. A
lead may have good ones too, so none is taken away: each is told of when it is first seen, which is an event, and
`belebele check` names all that there are. (Those that Label Studio adds by itself to an assistant are taken away
where the assistant is set: `annotation.labelstudio.assistant_connections`.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench
from data.errors import ServerError
from data.ledger import tables
from data.ledger.events import WebhookSeen
from data.ledger.tables import Row
from flows.campaign_state import State

ALL = "every workbench"


@dataclass(frozen=True)
class Outlet:
    """A webhook on a workbench of the campaign, or on all workbenches of a server."""

    server: str
    title: str
    """Of the workbench; `ALL` for one on all of them."""
    url: str

    def told(self) -> str:
        """What it does and what to do, a sentence."""
        place = "in that workbench's settings, under Webhooks" if self.title != ALL else "on that server"
        return (
            f"{self.title} on server {self.server!r} sends what people submit to {self.url}: somebody with an "
            f"account there set that. If it is not yours, take it away {place}"
        )


def outlets(name: str, server: AnnotationServer, standing: Mapping[str, Workbench]) -> Iterator[Outlet]:
    """The webhooks of a server that get what is submitted to this campaign.

    Args:
        name: of the server in campaign.toml.
        server: is asked once, for all of its webhooks.
        standing: title to workbench, the campaign's.

    Raises:
        ServerError: it does not tell.
    """
    titles = {bench.id: title for title, bench in standing.items()}
    for hook in server.webhooks() if standing else ():
        title = ALL if hook.workbench is None else titles.get(hook.workbench)
        if hook.sends and title is not None:
            yield Outlet(name, title, hook.url)


def notice(
    state: State, servers: Mapping[str, AnnotationServer], standing: Mapping[str, Mapping[str, Workbench]]
) -> list[str]:
    """Write down the webhooks that were not seen before.

    Args:
        state: the campaign.
        servers: by name.
        standing: title to workbench, of each server that answered.

    Returns:
        Those, and what could not be looked at, in sentences.
    """
    events = state.events(WebhookSeen)
    known = set(zip(events["subject"], events["detail"], strict=True))
    rows: list[Row] = []
    problems: list[str] = []
    for name, benches in standing.items():
        try:
            found = list(outlets(name, servers[name], benches))
        except ServerError as error:
            problems.append(str(error))
            continue
        for one in found:
            event = WebhookSeen(one.server, one.url)
            if (one.title, event.detail()) not in known:
                rows.append(event.row(one.title))
                problems.append(one.told())
    state.ledger.append(tables.EVENTS, rows)
    return problems
