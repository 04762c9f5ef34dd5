"""The campaign's glossary as checks take it: its terms and their renderings by language, and a digest of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from annotation.forms.glossary_matching import found
from data.campaign import glossary
from data.ledger import tables
from flows.campaign_state import State, ledger_view
from qc.checks.term_checks import GlossaryTerms


@dataclass(frozen=True)
class CampaignTerms:
    """The glossary in force.

    Attributes:
        by_language: its terms.
        digest: of them all, the origin of the verdicts that rest on them; "" where there is no glossary.
    """

    by_language: Mapping[str, GlossaryTerms]
    digest: str


NO_TERMS = CampaignTerms({}, "")


@ledger_view
def campaign_terms(state: State) -> CampaignTerms:
    """Return the terms of the campaign's glossary in its target languages.

    Raises:
        CampaignError: the glossary is wrong.
    """
    file = state.campaign.translation.glossary
    if not file:
        return NO_TERMS
    given = glossary.load(state.ledger.address, file)
    known = {}
    for language in state.campaign.languages.targets:
        if renderings := given.variants(language):
            known[language] = GlossaryTerms(renderings, partial(found, terms=tuple(renderings)))
    return CampaignTerms(
        known, tables.digest("glossary", {one: dict(words) for one, words in given.terms.items()})
    )
