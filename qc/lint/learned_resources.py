"""What the learned checks of a lint judge by, and how many correct items they flag.

A set has no passages of its own to learn from that are known to be right; so parallel passages are given beside
it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from qc.check import Suite
from qc.checks.identification_checks import IDENTIFICATION_SUITE
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import NAME_SUITE
from qc.set_statistics.expected_flags import FalseAlarms
from qc.text.text_folding import fold

LEARNED_SUITE: Suite = (*MEANING_SUITE, *NAME_SUITE)
"""Checks that judge by nothing but what was learned, language by language."""


@dataclass(frozen=True)
class Learned:
    """What was learned from parallel passages.

    Attributes:
        resources: by the name of a check's argument.
        rates: the false alarms of checks, by check and code of the language; nothing where a check cannot judge.
        documents: the names of the passages that were learned from, by folded text.
    """

    resources: Mapping[str, object]
    rates: Mapping[tuple[str, str], FalseAlarms]
    documents: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def suite(self) -> Suite:
        """The checks that have something to judge by."""
        plugged = IDENTIFICATION_SUITE if self.resources.get("identifier") is not None else ()
        return (*LEARNED_SUITE, *plugged)

    def false_alarms(self, check: str, language: str) -> FalseAlarms | None:
        """Return what a check flags of a language's correct items; None if that is not known."""
        return self.rates.get((check, language))

    def findings(self, items: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Return what each check of `LEARNED_SUITE` finds in items of one language, by the check's name."""
        placed = self.placed(items)
        return {
            check.name: check(placed, **{name: self.resources.get(name) for name in check.resources})
            for check in LEARNED_SUITE
        }

    def placed(self, items: pd.DataFrame) -> pd.DataFrame:
        """Return items with the names of those of their passages that were learned from as `passage_id`.

        So an item is judged by what has not seen its passage.
        """
        names = [
            self.documents.get(fold(text), name)
            for text, name in zip(items["passage"], items["passage_id"], strict=True)
        ]
        return items.assign(passage_id=names)
