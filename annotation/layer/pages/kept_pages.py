"""What the program delivers for people to see: a page for each person, and the lead's page, in two files.

An account's page says nothing of anybody else, so it is looked up by the account alone. What a delivery does not
name is erased with it, and nothing of it stands in Label Studio's database or in the audit log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..kept_file import KeptFile

Page = Mapping[str, Any]
"""One person's page, as `flows.person_pages.page_facts` makes it."""


class KeptPages:
    """The pages of a server's people, by campaign and account.

    Args:
        folder: where the files are.
    """

    def __init__(self, folder: Path) -> None:
        self._pages = KeptFile(folder / "pages.json")
        self._leads = KeptFile(folder / "lead_pages.json")

    def standing(self, campaign: str) -> dict[str, Any]:
        """Return the seal of a campaign's last delivery, and the digest of each account's page."""
        held = self._pages.read().get(campaign, {})
        pages = held.get("pages", {})
        return {
            "seal": held.get("seal", ""),
            "digests": {account: digest(page) for account, page in pages.items()},
        }

    def put(self, campaign: str, seal: str, accounts: Sequence[int], changed: Mapping[int, Page]) -> None:
        """Set a campaign's pages.

        Args:
            campaign: its id.
            seal: what the delivery was made from.
            accounts: everybody who has a page; those of others are erased.
            changed: the pages that differ from those here.
        """
        wanted = {str(one) for one in accounts}
        new = {str(account): page for account, page in changed.items()}

        def changed_file(held: dict[str, Any]) -> dict[str, Any]:
            pages = {**held.get(campaign, {}).get("pages", {}), **new}
            kept = {account: page for account, page in sorted(pages.items()) if account in wanted}
            rest = {name: one for name, one in held.items() if name != campaign}
            return {**rest, campaign: {"seal": seal, "pages": kept}} if kept or seal else rest

        self._pages.change(changed_file)

    def of(self, account: int) -> list[Page]:
        """Return an account's pages, one for each campaign."""
        held = self._pages.read().values()
        return [one["pages"][str(account)] for one in held if str(account) in one["pages"]]

    def put_lead(self, campaign: str, title: str, html: str) -> None:
        """Set the lead's page of a campaign."""
        self._leads.change(lambda held: {**held, campaign: {"title": title, "html": html}})

    def leads(self) -> Mapping[str, Mapping[str, str]]:
        """Return title and HTML of every lead's page, by campaign."""
        return self._leads.read()


def digest(page: Page) -> str:
    """Return the SHA-256 of a page's JSON, written in one way."""
    text = json.dumps(page, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
