"""Answers that were given from a part of an item: a shortcut if they are right, and never a sign of ability.

Whoever picks the right option without having seen the passage follows something that the options give away. Which
options were picked is known before any key is looked at, so the picks of such a solver are one more rule beside
the named heuristics, tested with them and counted in the certificate of their class.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.solver_inputs import WHOLE_INPUT
from qc.audit.solvers.solver_answers import Answers, answers
from qc.set_statistics.options import PICKED, Options


def with_picks(
    options: Mapping[str, Options], responses: pd.DataFrame
) -> tuple[dict[str, Options], pd.DataFrame | None]:
    """Put what was picked from a part of the items beside them.

    Args:
        options: per language.
        responses: `data.itemsets.solver_responses.COLUMNS`.

    Returns:
        The options, with a column `PICKED` in the languages with such answers; the responses of those who saw
        whole items, None if there are none.

    Raises:
        UsageError: a response to an item, in a language or of an option that the set does not have.
    """
    whole = responses["inputs"] == WHOLE_INPUT
    beside = dict(options)
    partial = responses[~whole]
    named = partial.assign(solver=partial["solver"] + " (" + partial["inputs"] + ")")
    for language, told in answers(named, options).items():
        items = options[language].items.copy()
        items[PICKED] = pd.Series(_picks(told), index=items.index, dtype=object)
        beside[language] = Options(items)
    return beside, responses[whole].reset_index(drop=True) if whole.any() else None


def _picks(told: Answers) -> list[dict[str, int]]:
    return [
        {name: int(place) for name, place in zip(told.solvers, line, strict=True) if place >= 0}
        for line in told.chosen.T
    ]
