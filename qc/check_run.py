"""Let a suite of checks judge a table; what comes back is ready to be written to the ledger.

Every finding becomes a verdict, the ones that passed too: a release shows that each item was judged by each check,
which silence could not. The table of findings is built column by column, since a whole campaign (900 items in 117
languages) makes millions of verdicts; one mapping per verdict is made only when somebody asks for it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from data.errors import UsageError
from data.ledger.tables import canonical_json
from qc.check import Check, Suite

Parameters = Mapping[str, Mapping[str, object]]
"""Per check's name: parameters in place of its defaults, as in campaign.toml's [checks.<name>]."""

JUDGE = "check"
"""The judge that automatic verdicts name; people's verdicts name a person's code."""

NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Judged:
    """What a suite found.

    Attributes:
        frame: one line per verdict, columns of `data.ledger.tables.VERDICTS` without the ledger's own.
        checks: rows for the `checks` table, one per signature.
    """

    frame: pd.DataFrame
    checks: list[dict[str, Any]]

    @property
    def verdicts(self) -> list[dict[str, Any]]:
        """Rows for the `verdicts` table; None where there is no score or no answer."""
        columns = {name: self.frame[name].tolist() for name in self.frame.columns}
        columns["score"] = [None if math.isnan(score) else score for score in columns["score"]]
        columns["flagged"] = [None if flag is pd.NA else flag for flag in columns["flagged"]]
        return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def run(
    suite: Suite,
    table: pd.DataFrame,
    *,
    now: datetime,
    parameters: Parameters = NONE,
    resources: Mapping[str, object] = NONE,
) -> Judged:
    """Judges a table by every check of a suite.

    Args:
        suite: the checks, in the order in which their verdicts come out.
        table: what they judge: items for the scopes item, language and set, passages for passage and pair.
        now: the time that the verdicts bear, with its time zone.
        parameters: per check's name; those of checks outside this suite are left to the suites they belong to.
        resources: models and tables by name, for the checks that ask for them.

    Raises:
        UsageError: an unknown parameter, a missing resource, or a table without a column that verdicts need.
    """
    names = [check.name for check in suite]
    if len(set(names)) < len(names):
        raise ValueError(f"a suite holds each check once; this one holds {', '.join(names)}")
    frames, rows = [], []
    for check in suite:
        overrides = check.bind(parameters.get(check.name, NONE))
        models = {name: resources[name] for name in check.resources if name in resources}
        found = check(table, **overrides, **models)
        frames.append(_verdicts(check, check.signature(overrides), found, table, now))
        rows.append(_description(check, overrides))
    return Judged(pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(_COLUMNS)), rows)


_COLUMNS = {
    "scope": "str", "subject": "str", "language": "str", "revision": "int32", "check": "str", "version": "int32",
    "signature": "str", "score": "float64", "flagged": "boolean", "reason": "str", "judge": "str", "origin": "str",
    "judged_at": "datetime64[us, UTC]",
}  # fmt: skip


def _verdicts(
    check: Check, signature: str, found: pd.DataFrame, table: pd.DataFrame, now: datetime
) -> pd.DataFrame:
    about = _subjects_of_items(table) if check.scope == "item" else found
    verdicts = pd.DataFrame(
        {
            "scope": check.scope,
            "subject": about["subject"],
            "language": about["language"],
            "revision": about.get("revision", 0),
            "check": check.name,
            "version": check.version,
            "signature": signature,
            "score": found["score"],
            "flagged": found["flagged"],
            "reason": found["reason"],
            "judge": JUDGE,
            "origin": "",
            "judged_at": pd.Timestamp(now),
        },
        index=found.index,
    )
    return verdicts.astype(_COLUMNS)


def _subjects_of_items(items: pd.DataFrame) -> pd.DataFrame:
    absent = [column for column in ("question_id", "language", "revision") if column not in items.columns]
    if absent:
        raise UsageError(f"items to be judged need the columns {', '.join(absent)}; see data.ledger.tables.ITEMS")
    return items[["question_id", "language", "revision"]].rename(columns={"question_id": "subject"})


def _description(check: Check, overrides: Mapping[str, object]) -> dict[str, Any]:
    return {
        "signature": check.signature(overrides),
        "check": check.name,
        "version": check.version,
        "scope": check.scope,
        "parameters": canonical_json(check.bind(overrides)),
        "description": check.description,
    }
