"""report.json: everything that the page shows, as plain data under a versioned schema.

The page is made from this document and from nothing else, so that programs can read everything that a reader sees.
`schema.json` beside this file describes every field. Numbers are rounded to six significant digits, because the
last bits of a sum depend on the machine's libraries and nobody reads them; so the same audit gives the same bytes.
A language without a code is called `und`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd

from qc.audit.audit_result import Audit, Certificate, Effect, SolversFound
from qc.reports.audit_report.audit_findings import Finding, findings
from qc.reports.audit_report.audit_phrases import language_name
from qc.reports.audit_report.audit_verdict import judged

FORMAT = "belebele-audit/2"

DIGITS = 6
"""Significant digits of every number in the document."""

EXAMPLES = 3
"""The number of items that are quoted for a finding."""

GIVEN_AWAY = 12
SUSPECTS = 10
RANKED = 30
"""The number of items that the lists quote."""

_BINS = 40
_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0)
"""For histograms: the most bins, and the widths that they may have."""


def document(audit: Audit) -> dict[str, Any]:
    """Return the whole audit as plain data, as `schema()` describes it.

    Args:
        audit: a finished audit.

    Returns:
        Dictionaries, lists, texts, numbers, booleans and None only; keys sorted, no NaN.
    """
    facts = asdict(audit.facts)
    facts["languages"] = [
        {**_named(one), "name": language_name(_code(one["language"]))} for one in facts["languages"]
    ]
    whole = {
        "format": FORMAT,
        "facts": facts,
        "parameters": asdict(audit.parameters),
        "verdict": judged(audit),
        "layers": [asdict(layer) for layer in audit.layers],
        "findings": [_finding(finding, audit.items) for finding in findings(audit.detected, audit.explained)],
        "effects": [_effect(effect) for effect in audit.effects],
        "classes": [
            asdict(one) | {"languages": [_code(language) for language in one.languages]} for one in audit.classes
        ],
        "certificates": [_certificate(one) for one in audit.certificates],
        "sensitive": list(audit.sensitive),
        "sensitivity": [_named(asdict(point)) for point in audit.sensitivity],
        "across": [_named(asdict(one)) for one in audit.across],
        "solvers": None if audit.solvers is None else _solvers(audit.solvers, audit.items),
        "items": _items(audit.items),
        "notes": list(audit.notes),
    }
    plain: dict[str, Any] = _plain(whole)
    return plain


def written(whole: Mapping[str, Any]) -> bytes:
    """Return a document as the bytes of report.json."""
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document, with a description of every field."""
    text = files("qc.reports.audit_report").joinpath("schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def _plain(value: Any) -> Any:
    """Return the value in JSON's types, with numbers rounded and non-finite numbers as None."""
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return _rounded(float(value)) if math.isfinite(value) else None
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(one) for one in value]
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"{type(value).__name__} has no place in report.json")


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}") + 0.0  # not −0


def _code(language: str) -> str:
    return language or "und"


def _named(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record with the names of its languages."""
    return record | {key: _code(record[key]) for key in ("language", "source") if key in record}


def _effect(effect: Effect) -> dict[str, Any]:
    """Return an effect; its name says what kind of cue it is (`qc.set_statistics.cue_kinds.CueName.read`)."""
    record = _named(asdict(effect))
    del record["kind"]
    return record


def _certificate(one: Certificate) -> dict[str, Any]:
    """Return a certificate; class and cue are one text."""
    record = _named(asdict(one)) | {"model": one.model}
    del record["model_class"], record["cue"]
    return record


def _example(line: Mapping[Any, Any], says: str, score: float | None) -> dict[str, Any]:
    return {
        "item_id": line["item_id"],
        "language": _code(line["language"]),
        "question": line["question"],
        "options": list(line["options"]),
        "key": line["key"],
        "says": says,
        "score": score,
    }


def _finding(finding: Finding, items: pd.DataFrame) -> dict[str, Any]:
    """Return a finding with the items that its strongest effect names, quoted in its order."""
    best = finding.strongest
    named = next((e.examples for e in (best, *finding.effects) if e.examples and e.language == best.language), ())
    here = items[(items["language"] == best.language) & items["item_id"].isin(named)]
    lines = {line["item_id"]: line for line in _lines(here)}
    quoted = [_example(lines[item_id], best.says, None) for item_id in named[:EXAMPLES] if item_id in lines]
    return {
        "effect": _effect(best),
        "languages": [_code(language) for language in finding.languages],
        "statistics": sorted({effect.statistic for effect in finding.effects}),
        "adjusted": finding.adjusted,
        "group": finding.group,
        "leads": finding.leads,
        "given": finding.given,
        "examples": quoted,
    }


def _quoted(lines: pd.DataFrame, score: str, says: str, most: int) -> list[dict[str, Any]]:
    """Return the lines of the highest score."""
    chosen = lines.sort_values([score, "item_id", "language"], ascending=[False, True, True], kind="stable")
    return [_example(line, line[says], line[score]) for line in _lines(chosen.head(most))]


def _histogram(values: Sequence[float]) -> dict[str, Any] | None:
    """Return at most 40 bins of a round width over all but the outermost hundredth, with an edge at 0."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if not len(known):
        return None
    low, high = np.quantile(known, [0.005, 0.995])
    step = next((one for one in _STEPS if (high - low) / one <= _BINS - 2), _STEPS[-1])
    bins = np.arange(math.floor(low / step), math.floor(high / step) + 2)
    inside = np.clip(np.floor(known / step).astype(int), bins[0], bins[-2])
    return {"edges": bins * step, "counts": np.bincount(inside - bins[0], minlength=len(bins) - 1)}


def _items(items: pd.DataFrame) -> dict[str, Any]:
    languages = items.groupby("language", sort=True)
    scored = "pvi" in items.columns
    flagged = _whose(items, "flagged")
    histograms = (
        {_code(str(code)): _histogram(lines["pvi"].tolist()) for code, lines in languages} if scored else {}
    )
    worth = next((column for column in ("pvi", "bits") if column in items.columns), "")
    counts = flagged["language"].value_counts()
    return {
        "flagged": {_code(str(code)): int(counts.get(code, 0)) for code, _ in languages},
        "pvi": {code: histogram for code, histogram in histograms.items() if histogram},
        "given_away": _quoted(flagged, worth, "cue", GIVEN_AWAY) if worth else [],
    }


def _solvers(found: SolversFound, items: pd.DataFrame) -> dict[str, Any]:
    said = asdict(found)
    suspect = _whose(items, "suspect_key").assign(_says=lambda lines: [_agreed(line) for line in _lines(lines)])
    jumps = _whose(items, "suspect_translation").assign(_says="much harder here than in other languages")
    distinct = items.drop_duplicates("item_id")
    difficulty = distinct["difficulty"].tolist() if "difficulty" in items.columns else []
    return said | {
        "solvers": [_named(one) for one in said["solvers"]],
        "silent": [_code(language) for language in said["silent"]],
        "first": _first(items),
        "suspect": _quoted(suspect, "agree", "_says", SUSPECTS) if len(suspect) else [],
        "differential": _quoted(jumps, "harder", "_says", SUSPECTS) if len(jumps) else [],
        "difficulty": _histogram(difficulty),
    }


def _first(items: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the first of the keys to look at, with the evidence against each."""
    if "key_place" not in items.columns:
        return []
    listed = items[items["key_place"].notna()].sort_values("key_place").head(RANKED)
    return [
        _example(line, _agreed(line), line["key_ratio"])
        | {
            "place": int(line["key_place"]),
            "agree": int(line["agree"]),
            "strong": int(line["strong"]),
            "instead": int(line["instead"]),
            "expected_false": line["key_false"],
        }
        for line in _lines(listed)
    ]


def _whose(items: pd.DataFrame, flag: str) -> pd.DataFrame:
    return items[items[flag].fillna(False).astype(bool)] if flag in items.columns else items.head(0)


def _lines(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _agreed(line: Mapping[Any, Any]) -> str:
    """Return what strong solvers chose instead of the key, as a sentence."""
    return f"{int(line['agree'])} of {int(line['strong'])} strong solvers chose option {int(line['instead']) + 1}"
