"""The check suites: which checks judge an item of each kind, and the rule table's policy for it."""

from __future__ import annotations

from collections.abc import Mapping

from data.ledger.events import ModelsChosen
from flows.campaign_state import State
from qc.check import Suite
from qc.checks.identification_checks import IDENTIFICATION_SUITE
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import NAME_SUITE
from qc.checks.shortcut_checks import SHORTCUT_SUITE, given_away, narrowed_down, shortcuts
from qc.checks.source_checks import SOURCE_SUITE
from qc.checks.structure_checks import STRUCTURE_SUITE
from qc.checks.term_checks import TERM_SUITE
from qc.checks.translation_checks import TRANSLATION_SUITE
from qc.decisions.rule_table import Policy
from qc.decisions.standing_verdicts import ItemKind

QUESTION_SUITE: Suite = (*STRUCTURE_SUITE, *SHORTCUT_SUITE)
TRANSLATED_SUITE: Suite = (*STRUCTURE_SUITE, *TRANSLATION_SUITE, *MEANING_SUITE, *NAME_SUITE, *TERM_SUITE)

EVERY_TRANSLATED: Suite = (*TRANSLATED_SUITE, *IDENTIFICATION_SUITE)
"""All checks that may have judged a translation."""

REQUIRED: Mapping[ItemKind, frozenset[str]] = {
    "source": frozenset(check.name for check in QUESTION_SUITE),
    "draft": frozenset(check.name for check in TRANSLATED_SUITE),
    "proofread": frozenset(check.name for check in TRANSLATED_SUITE),
}
"""The checks that must have judged an item of each kind before anything is decided about it."""

EVERY: Suite = tuple(dict.fromkeys((*QUESTION_SUITE, *EVERY_TRANSLATED, *SOURCE_SUITE, shortcuts, narrowed_down)))
"""All checks whose verdicts a ledger holds."""

BY_SET = frozenset({given_away.name, narrowed_down.name})
"""The checks that judge an item by what the set showed."""


def translated_suite(models: ModelsChosen) -> Suite:
    """Return the checks of translations: all, and those whose model is among these."""
    return EVERY_TRANSLATED if models.lid_model else TRANSLATED_SUITE


def policy(state: State, rounds: int) -> Policy:
    """Return the campaign's policy for the rule table, for items that may be sent back `rounds` times."""
    review = state.campaign.review
    return Policy(
        overlap=review.reviewers, rounds=rounds, required=REQUIRED, most=review.max_reviewers or review.reviewers
    )
