"""A suite of checks run on a table; the result is ready to be written to the ledger.

Every finding becomes a verdict, also where the check passed: a release shows that each item was judged by each
check, and no verdict at all could not show it. The table of verdicts is built column by column, since a whole
campaign (900 items in 117 languages) makes millions of verdicts; a mapping per verdict is made only on request.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from data.errors import UsageError
from data.ledger.tables import FINDINGS, VERDICTS, Row, canonical_json
from qc.check import Check, Suite, option_number

Parameters = Mapping[str, Mapping[str, object]]
"""Parameters by check name, in place of its defaults, as in campaign.toml's [checks.<name>]."""

JUDGE = "check"
"""The judge named by automatic verdicts; people's verdicts name a person's code."""

NONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Judged:
    """The findings of a suite.

    Attributes:
        frame: one line per verdict, columns of `data.ledger.tables.VERDICTS` without the ledger's own.
        checks: rows for the `checks` table, one per signature.
        places: what is flagged where, a row per place: the columns that identify its verdict, and part, start,
            end, text, reason and fix as in the `findings` table (`findings_rows`).
    """

    frame: pd.DataFrame
    checks: list[dict[str, Any]]
    places: list[dict[str, Any]]

    @property
    def columns(self) -> pa.Table:
        """Columns of the `verdicts` table, as `verdicts` has them in rows: of many verdicts less work by far."""
        return pa.table({name: pa.array(self.frame[name], from_pandas=True) for name in self.frame.columns})

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
    fits: Mapping[str, str] = NONE,
) -> Judged:
    """Judge a table by every check of a suite.

    Args:
        suite: the checks, in the order of their verdicts.
        table: the judged table: items for the scopes item, language and set, passages for passage and pair.
        now: the time of the verdicts, with its time zone.
        parameters: by check name; those of checks outside this suite are left to the suites they belong to.
        resources: models and tables by name, for the checks that need them.
        fits: by name of a resource, the digest of the fit that it is: the origin of the verdicts that rest on it.

    Raises:
        UsageError: an unknown parameter, a missing resource, or a table without a column that verdicts need.
    """
    names = [check.name for check in suite]
    if len(set(names)) < len(names):
        raise ValueError(f"a suite holds each check once; this one holds {', '.join(names)}")
    judged, rows, origins = [], [], []
    table = read_often(table)
    for check in suite:
        overrides = check.bind(parameters.get(check.name, NONE))
        models = {name: resources[name] for name in check.resources if name in resources}
        judged.append((check, check(table, **overrides, **models)))
        rows.append(_description(check, overrides))
        origins.append("+".join(fits[name] for name in check.resources if fits.get(name)))
    signatures = [row["signature"] for row in rows]
    places = [
        place
        for (check, found), signature, origin in zip(judged, signatures, origins, strict=True)
        if "spans" in found
        for place in _places(check, signature, origin, found, table)
    ]
    return Judged(_verdicts(judged, signatures, origins, table, now), rows, places)


def read_often(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with texts as Python's: Arrow's are made anew each time that a check goes through them."""
    return table.astype({name: object for name, kind in table.dtypes.items() if kind == "str"})


def check_rows(suite: Suite, parameters: Parameters = NONE) -> list[dict[str, Any]]:
    """Return the rows of the `checks` table for a suite, as `run` records them."""
    return [_description(check, check.bind(parameters.get(check.name, NONE))) for check in suite]


def findings_rows(places: Sequence[Row], origin: str = "") -> list[dict[str, Any]]:
    """Return the rows of the `findings` table for places of verdicts.

    Args:
        places: as of `Judged.places`.
        origin: the `origin` that their verdicts were given afterwards; "" if they kept their own.
    """
    own = FINDINGS.schema.names
    return [
        {
            "verdict": VERDICTS.event_id({**place, "origin": origin or place["origin"]}),
            **{name: value for name, value in place.items() if name in own},
        }
        for place in places
    ]


def _places(
    check: Check, signature: str, origin: str, found: pd.DataFrame, table: pd.DataFrame
) -> Iterator[dict[str, Any]]:
    flagged = found["flagged"].eq(True).fillna(False).to_numpy()
    if not flagged.any():
        return
    items = check.scope == "item"
    subjects = _about(_subjects_of_items(table) if items else found)[flagged].to_dict("records")
    texts = table.loc[flagged, ["passage", "question", "answers"]].to_dict("records") if items else subjects
    for about, texts_there, spans in zip(subjects, texts, found["spans"][flagged], strict=True):
        identity = {
            "scope": check.scope, "subject": about["subject"], "language": about["language"],
            "revision": int(about["revision"]), "check": check.name, "signature": signature, "judge": JUDGE,
            "origin": origin,
        }  # fmt: skip
        for span in spans:
            text = text_of_part(texts_there, span.part) if items else ""
            where = {"part": span.part, "start": span.start, "end": span.end}
            yield {
                **identity,
                **where,
                "text": text[span.start : span.end],
                "reason": span.reason,
                "fix": span.fix,
            }


def text_of_part(item: Mapping[Any, Any] | pd.Series[Any], part: str) -> str:
    """Return the stored text of a part of an item (columns of `data.ledger.tables.ITEMS`); "" for `item`."""
    if part in ("passage", "question"):
        return str(item[part])
    number = option_number(part)
    return str(item["answers"][number - 1]) if number and number <= len(item["answers"]) else ""


_COLUMNS = {
    "scope": "str", "subject": "str", "language": "str", "revision": "int32", "check": "str", "version": "int32",
    "signature": "str", "score": "float64", "flagged": "boolean", "reason": "str", "judge": "str", "origin": "str",
    "judged_at": "datetime64[us, UTC]",
}  # fmt: skip


def _verdicts(
    judged: Sequence[tuple[Check, pd.DataFrame]],
    signatures: Sequence[str],
    origins: Sequence[str],
    table: pd.DataFrame,
    now: datetime,
) -> pd.DataFrame:
    """Return the verdicts of several checks; one table of all costs as much as one table of each."""
    if not judged:
        return pd.DataFrame(columns=list(_COLUMNS))
    checks = [check for check, _ in judged]
    items = _about(_subjects_of_items(table)) if any(check.scope == "item" for check in checks) else None
    abouts = [items if items is not None and check.scope == "item" else _about(found) for check, found in judged]
    findings = [found for _, found in judged]
    counts = [len(found) for found in findings]

    def joined(frames: Sequence[pd.DataFrame], column: str) -> list[object]:
        return [value for frame in frames for value in frame[column].tolist()]

    def of_its_check(values: Sequence[object]) -> npt.NDArray[np.object_]:
        return np.repeat(np.array(values, dtype=object), counts)

    columns = {
        **{name: joined(abouts, name) for name in ("subject", "language", "revision")},
        **{name: joined(findings, name) for name in ("flagged", "reason")},
        "score": np.concatenate([found["score"].to_numpy() for found in findings]),
        "scope": of_its_check([check.scope for check in checks]),
        "check": of_its_check([check.name for check in checks]),
        "version": of_its_check([check.version for check in checks]),
        "signature": of_its_check(signatures),
        "origin": of_its_check(origins),
    }
    n = sum(counts)
    columns |= {"judge": [JUDGE] * n, "judged_at": [pd.Timestamp(now).tz_convert("UTC")] * n}
    return pd.DataFrame({name: pd.array(columns[name], kind) for name, kind in _COLUMNS.items()})


def _about(subjects: pd.DataFrame) -> pd.DataFrame:
    given = subjects[["subject", "language"]]
    return given.assign(revision=subjects.get("revision", 0))


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
