"""People's own pages and the lead's, as our layer inside the server shows them (annotation/layer/pages)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

_PAGES = "/belebele/pages"
_LEAD = "/belebele/lead"

MOST = 100
"""The most pages in one request: each may be some twenty kilobytes."""


@dataclass(frozen=True)
class StandingPages:
    """A campaign's pages on a server.

    Attributes:
        seal: of the last delivery; "" before the first.
        digests: of each page, by the number of its account.
    """

    seal: str
    digests: Mapping[int, str]


class PersonPages:
    """The pages on one server.

    Args:
        wire: the connection to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def standing(self, campaign: str) -> StandingPages | None:
        """Return what is there of a campaign; None if the server has no layer, or an older one."""
        return self._wire.ask_layer(f"{_PAGES}?campaign={quote(campaign, safe='')}", "people's pages", _read)

    def put(
        self, campaign: str, seal: str, accounts: Collection[int], pages: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Set a campaign's pages.

        Args:
            campaign: its id.
            seal: what they were made from; it stands there once all of them do.
            accounts: everybody who has a page; those of others are erased.
            pages: the pages that differ from what is there.
        """
        numbers = sorted(pages)
        parts = [numbers[at : at + MOST] for at in range(0, len(numbers), MOST)] or [[]]
        for place, part in enumerate(parts, 1):
            body = {
                "campaign": campaign,
                "seal": seal if place == len(parts) else "",
                "accounts": sorted(accounts),
                "pages": {str(account): pages[account] for account in part},
            }
            self._wire.write(self._wire.layer_call("PUT", _PAGES, body), "people's pages")

    def put_lead(self, campaign: str, title: str, html: str) -> bool:
        """Set a campaign's page for the lead; return whether the server has a place for it."""
        body = {"campaign": campaign, "title": title, "html": html}
        return bool(self._wire.ask_layer(_LEAD, "the lead's page", lambda _: True, method="PUT", body=body))


def page_digest(page: Mapping[str, Any]) -> str:
    """Return a page's digest, as the layer makes it of the page that it holds."""
    text = json.dumps(page, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(answer: Mapping[str, Any]) -> StandingPages:
    digests = {int(account): str(one) for account, one in answer["digests"].items()}
    return StandingPages(str(answer["seal"]), digests)
