"""The checks of a lint that look at one language's items at a time, as they do in a campaign.

They are most of a lint's work, and languages know nothing of each other in them, so whoever calls may deal the
languages out to several processes. Every item of a language is in one part, since some checks compare them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from qc.check import Check, Suite
from qc.check_run import Parameters, read_often
from qc.checks.structure_checks import STRUCTURE_SUITE
from qc.checks.translation_checks import TRANSLATION_SUITE
from qc.lint.profiles import READ_QUESTION

_SUITE: Suite = (*STRUCTURE_SUITE, *TRANSLATION_SUITE)


class LanguageParts(Mapping[str, pd.DataFrame]):
    """The items of each language by its code, cut out when they are asked for, since all passages are in them.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
    """

    def __init__(self, items: pd.DataFrame) -> None:
        self._items = items
        self.rows: Mapping[str, Any] = {
            str(code): rows for code, rows in items.groupby("language", sort=True).indices.items()
        }

    def __getitem__(self, code: str) -> pd.DataFrame:
        own: pd.DataFrame = self._items.iloc[self.rows[code]]
        return own.reset_index(drop=True)

    def __iter__(self) -> Iterator[str]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def judged_by_language(check: Check, resources: Mapping[str, object]) -> bool:
    """Whether a check looks at one language at a time, and needs nothing that a process would have to be sent."""
    return check in _SUITE and all(resources.get(name) is None for name in check.resources)


def text_findings(
    names: frozenset[str], parameters: Parameters, labels: bool, items: pd.DataFrame
) -> Mapping[str, pd.DataFrame]:
    """Return what each check finds in items of one language, by the check's name.

    Args:
        names: the checks, of those that `judged_by_language` allows.
        parameters: as `qc.lint.profiles.parameters_of` gives them.
        labels: whether labels stand in place of questions.
        items: as `qc.lint.set_items.lint_items` makes them.
    """
    items = read_often(items)
    unlabelled = items.assign(question="") if labels else items
    return {
        check.name: check(
            unlabelled if check.name in READ_QUESTION else items,
            **check.bind(parameters.get(check.name, {})),
            **dict.fromkeys(check.resources),
        )
        for check in _SUITE
        if check.name in names
    }
