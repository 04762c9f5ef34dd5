"""People's own pages and the lead's, as our layer (annotation/layer/pages/kept_pages.py) keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from annotation.labelstudio.person_pages import page_digest


class OwnPages:
    """The pages that a fake server has."""

    def __init__(self) -> None:
        self.of_people: dict[str, dict[str, Any]] = {}
        self.of_lead: dict[str, dict[str, str]] = {}

    def standing(self, campaign: str) -> dict[str, Any]:
        """Return the seal and the digests of a campaign's pages."""
        held = self.of_people.get(campaign, {"seal": "", "pages": {}})
        digests = {account: page_digest(page) for account, page in held["pages"].items()}
        return {"seal": held["seal"], "digests": digests}

    def put(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Set a campaign's pages."""
        pages = {**self.of_people.get(asked["campaign"], {"pages": {}})["pages"], **asked["pages"]}
        kept = {account: page for account, page in pages.items() if int(account) in asked["accounts"]}
        self.of_people[asked["campaign"]] = {"seal": asked["seal"], "pages": kept}
        return {"pages": len(asked["pages"])}

    def put_lead(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Set a campaign's page for the lead."""
        self.of_lead[asked["campaign"]] = {"title": asked["title"], "html": asked["html"]}
        return {"campaign": asked["campaign"]}
