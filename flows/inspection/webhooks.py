"""Webhooks: addresses to which a server sends what people submit; this program never creates one.

Any account can add a webhook to any workbench, and then receives everybody's submissions. A lead may have
legitimate ones, so none is removed: each is reported when first seen, which is an event, and `belebele check`
names them all. (Label Studio itself adds webhooks to an assistant's workbench; they are removed where the
assistant is connected: `annotation.labelstudio.assistant_connections`.)
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
class CampaignWebhook:
    """A webhook on a workbench of the campaign, or on all workbenches of a server."""

    server: str
    title: str
    """The workbench's title; `ALL` for a webhook on all of them."""
    url: str

    def sentence(self) -> str:
        """Describe the webhook and what to do about it."""
        place = "in that workbench's settings, under Webhooks" if self.title != ALL else "on that server"
        return (
            f"{self.title} on server {self.server!r} sends what people submit to {self.url}: somebody with an "
            f"account there set that. If it is not yours, take it away {place}"
        )


def campaign_webhooks(
    name: str, server: AnnotationServer, standing: Mapping[str, Workbench]
) -> Iterator[CampaignWebhook]:
    """Yield the webhooks of a server that receive submissions to this campaign.

    Args:
        name: of the server in campaign.toml.
        server: asked once, for all of its webhooks.
        standing: title to workbench, the campaign's.

    Raises:
        ServerError: it does not list them.
    """
    titles = {bench.id: title for title, bench in standing.items()}
    for hook in server.webhooks() if standing else ():
        title = ALL if hook.workbench is None else titles.get(hook.workbench)
        if hook.sends and title is not None:
            yield CampaignWebhook(name, title, hook.url)


def record_new_webhooks(
    state: State, servers: Mapping[str, AnnotationServer], standing: Mapping[str, Mapping[str, Workbench]]
) -> list[str]:
    """Record the webhooks that were not seen before.

    Args:
        state: the campaign.
        servers: by name.
        standing: title to workbench, of each server that answered.

    Returns:
        Sentences on the new webhooks, and on what could not be looked at.
    """
    events = state.events(WebhookSeen)
    known = set(zip(events["subject"], events["detail"], strict=True))
    rows: list[Row] = []
    problems: list[str] = []
    for name, benches in standing.items():
        try:
            found = list(campaign_webhooks(name, servers[name], benches))
        except ServerError as error:
            problems.append(str(error))
            continue
        for one in found:
            event = WebhookSeen(one.server, one.url)
            if (one.title, event.detail()) not in known:
                rows.append(event.row(one.title))
                problems.append(one.sentence())
    state.ledger.append(tables.EVENTS, rows)
    return problems
