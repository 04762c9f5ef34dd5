"""A check: one judgement as a plain function, with a name, a version and its parameters written down.

A check takes a table and returns its findings. The function's name is the check's name, the first line of its
docstring is what reports and annotators read, keyword arguments with a default are parameters (recorded with every
verdict, overridable from campaign.toml) and keyword-only arguments without one are resources: models or tables
that the caller passes by name. Nothing registers itself: a suite is an explicit tuple of checks, so it is easy to
read which checks judge what. `flagged` has three values, because 'could not judge' must never look like 'passed'.
The consequences of a flag are not a check's concern; see `qc.decisions.rule_table`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

import numpy as np
import pandas as pd

from data.errors import UsageError
from data.ledger.tables import Scope

FINDINGS = ("score", "flagged", "reason")
"""The fields of a finding: score in [0, 1] (1: faultless, NaN: none), flagged (<NA>: could not judge), reason."""

Suite = tuple["Check", ...]


@dataclass(frozen=True, slots=True)
class Span:
    """The place of a fault in an item, for those who mark or mend it; the verdict does not depend on it.

    Attributes:
        part: `passage`, `question`, `option_1` and so on, or `item` for the whole item.
        reason: the fault there.
        start: the beginning of the stretch, in code points of the stored text; None for the whole part.
        end: the first code point after the stretch.
        fix: the text that belongs in its place, where that is certain; None where it is not.
    """

    part: str
    reason: str
    start: int | None = None
    end: int | None = None
    fix: str | None = None


def option_part(number: int) -> str:
    """Return the name of the part that is an option, counted from 1."""
    return f"option_{number}"


def option_number(part: str) -> int:
    """Return the number of the option that a part is; 0 if it is none.

    >>> option_number(option_part(3)), option_number("question")
    (3, 0)
    """
    number = part.removeprefix("option_")
    return int(number) if number != part and number.isdecimal() else 0


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A judgement that is called like the function from which it was made; made by `check`.

    Attributes:
        name: the function's name.
        version: a number that rises whenever the same input may get another verdict.
        scope: the subject of one finding.
        description: the first line of the function's docstring.
        parameters: keyword arguments with their defaults.
        resources: names of the resources that the caller must pass.
    """

    name: str
    version: int
    scope: Scope
    description: str
    parameters: Mapping[str, object]
    resources: tuple[str, ...]
    function: Callable[..., pd.DataFrame]

    def bind(self, overrides: Mapping[str, object] | None = None) -> dict[str, object]:
        """Return the parameters with which it judges: its defaults, and `overrides` in their place.

        Raises:
            UsageError: a parameter that the check does not have, or a value of another type than its default.
        """
        values = dict(self.parameters)
        for name, value in (overrides or {}).items():
            if name not in values:
                known = ", ".join(sorted(values)) or "none"
                raise UsageError(f"check {self.name} has no parameter {name!r}; it knows: {known}")
            values[name] = self._like_default(name, value)
        return values

    def signature(self, overrides: Mapping[str, object] | None = None) -> str:
        """Return a readable and stable text of everything on which a verdict depends besides the judged text.

        Example: ``four_options|v:1|count:4``
        """
        bound = self.bind(overrides)
        return "|".join([self.name, f"v:{self.version}", *(f"{k}:{_plain(bound[k])}" for k in sorted(bound))])

    def __call__(self, table: pd.DataFrame, /, **keywords: object) -> pd.DataFrame:
        """Judge a table.

        Args:
            table: items (columns of `data.ledger.tables.ITEMS`) for scopes item, set and language; passages for
                scopes passage and pair.
            **keywords: the resources of the check, and parameters in place of defaults.

        Returns:
            scope item: columns score, flagged, reason on the table's index. Other scopes: subject and language
            (and revision, where a finding is about one) besides these.

        Raises:
            UsageError: an unknown parameter or a missing resource.
            TypeError: the check returned an object other than findings, which is a bug of the check.
        """
        missing = [name for name in self.resources if name not in keywords]
        if missing:
            raise UsageError(f"check {self.name} needs {', '.join(missing)}; hand it in as a resource")
        resources = {name: keywords.pop(name) for name in self.resources}
        return self._validated(self.function(table, **self.bind(keywords), **resources), table)

    def _like_default(self, name: str, value: object) -> object:
        default = self.parameters[name]
        if isinstance(default, tuple) and isinstance(value, list):
            return tuple(value)
        if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if type(value) is not type(default):
            kind, got = type(default).__name__, type(value).__name__
            raise UsageError(f"check {self.name}: {name} must be {kind} like {default!r}, not {got} {value!r}")
        return value

    def _validated(self, found: object, table: pd.DataFrame) -> pd.DataFrame:
        if not isinstance(found, pd.DataFrame):
            raise TypeError(f"check {self.name} must return a DataFrame, not {type(found).__name__}")
        named = FINDINGS if self.scope == "item" else ("subject", "language", *FINDINGS)
        absent = [column for column in named if column not in found.columns]
        if absent:
            raise TypeError(
                f"check {self.name} must return the columns {', '.join(named)}; {', '.join(absent)} missing"
            )
        if self.scope == "item" and not found.index.equals(table.index):
            raise TypeError(f"check {self.name} must return one finding per item, on the index that it was given")
        if found["flagged"].dtype != "boolean":
            raise TypeError(f"check {self.name}: flagged must be of dtype 'boolean', not {found['flagged'].dtype}")
        scores = found["score"].to_numpy()
        if scores.dtype != "float64" or not (np.isnan(scores) | ((scores >= 0) & (scores <= 1))).all():
            raise TypeError(f"check {self.name}: score must be float64 between 0 and 1, or NaN")
        if not all(isinstance(reason, str) for reason in found["reason"].tolist()):
            raise TypeError(f"check {self.name}: reason must be text, empty where there is nothing to say")
        return found


def check(*, scope: Scope, version: int = 1) -> Callable[[Callable[..., pd.DataFrame]], Check]:
    """Turn a function into a `Check`.

    Args:
        scope: the subject of one finding: an item, a passage, a pair of languages, a language or a set.
        version: a number to raise with every change that may change a verdict.
    """
    if scope not in get_args(Scope):
        raise ValueError(f"scope must be one of {', '.join(get_args(Scope))}, not {scope!r}")

    def decorate(function: Callable[..., pd.DataFrame]) -> Check:
        description = (inspect.getdoc(function) or "").partition("\n")[0]
        if not description:
            raise ValueError(f"check {function.__name__} needs a docstring: its first line is shown to people")
        _, *keywords = inspect.signature(function).parameters.values()
        return Check(
            name=function.__name__,
            version=version,
            scope=scope,
            description=description,
            parameters=MappingProxyType({k.name: k.default for k in keywords if k.default is not k.empty}),
            resources=tuple(k.name for k in keywords if k.default is k.empty),
            function=function,
        )

    return decorate


def findings(
    items: pd.DataFrame,
    flagged: Sequence[bool | None] | pd.Series[Any],
    reason: Sequence[str] | pd.Series[Any] | str = "",
    score: Sequence[float | None] | pd.Series[Any] | None = None,
    *,
    spans: Sequence[Iterable[Span]] | None = None,
    applicable: Sequence[bool] | None = None,
) -> pd.DataFrame:
    """Return the findings of a check of scope item, one per item, in the items' order.

    Args:
        items: the judged items; the findings take over their index.
        flagged: True, False or None (could not judge) per item.
        reason: a sentence per item on which its author can act; "" where there is none.
        score: in [0, 1], 1 = faultless; by default 1 for passed, 0 for flagged, NaN for not judged.
        spans: the places of the faults per item; by default unknown.
        applicable: whether there was anything to judge, per item; by default there was.
    """
    flags = pd.array(list(flagged), dtype="boolean")
    if score is None:
        scores = (~flags).to_numpy(dtype="float64", na_value=np.nan)
    else:
        scores = pd.array(list(score), dtype="Float64").to_numpy(dtype="float64", na_value=np.nan)
    reasons = [reason] * len(items) if isinstance(reason, str) else list(reason)
    columns = {"score": scores, "flagged": flags, "reason": pd.array(reasons, dtype="str")}
    found = pd.DataFrame(columns, index=items.index)
    if spans is not None:
        found["spans"] = pd.Series([tuple(some) for some in spans], dtype=object, index=items.index)
    if applicable is not None:
        found["applicable"] = pd.Series(list(applicable), dtype=bool, index=items.index)
    return found


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and not set(value) & set('|:,"') and value:
        return value
    if isinstance(value, tuple):
        return ",".join(_plain(part) for part in value)
    return json.dumps(value, ensure_ascii=False)
