"""Texts of the ledger as outsiders may see them: without names, addresses, links, tokens and codes of people.

Names that are known are looked for as in a release (`data.release.anonymity`). What has the form of an address, a
link or a token is taken out whether it is known or not, since contacts may have been erased and a pasted link may
let anybody in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from data.campaign.contacts import names_and_addresses
from data.release.anonymity import People

TAKEN_OUT = "…"
"""What stands in place of what was taken out."""

_FORMS = re.compile(
    r"[^\s@<>()\"']+@[^\s@<>()\"']+\.\w+"  # an e-mail address
    r"|\b(?:https?|ftp|s3|file|postgresql)://[^\s<>\"']+"  # a link
    r"|\beyJ[\w-]+\.[\w-]+(?:\.[\w-]+)?"  # a signed token
    r"|\b(?=\w*\d)[0-9a-fA-F]{32,}\b"  # a token, or a digest that a code may have gone into
)


class AnonymousTexts:
    """A campaign's people, and how texts are shown without them.

    Args:
        campaign_id: whose contacts to leave out.
        pseudonyms: by code; a code that stands alone in what people wrote is replaced by its pseudonym.
    """

    def __init__(self, campaign_id: str, pseudonyms: Mapping[str, str]) -> None:
        self._people = People(names_and_addresses(campaign_id))
        self._pseudonyms = pseudonyms

    def words(self, text: object) -> str:
        """Return what somebody wrote about an item, without anybody in it; "" for nothing."""
        if not isinstance(text, str) or not text:
            return ""
        plain = _FORMS.sub(TAKEN_OUT, text)
        for code in sorted(self._pseudonyms, key=len, reverse=True):
            plain = re.sub(rf"(?<![\w-]){re.escape(code)}(?![\w-])", self._pseudonyms[code], plain)
        return self._people.taken_out(plain)

    def item(self, text: object) -> str:
        """Return a text of an item: whole, but for addresses and names of several words, as in a release."""
        plain = text if isinstance(text, str) else ""
        named = self._people.named(plain, None)
        return self._people.taken_out(plain) if named else plain
