"""report.json: everything that the page shows, as plain data under a versioned schema.

The page is made from this document and from nothing else. Items that could not be judged are counted by the
reason; each of them is in findings.parquet. The same set, options and versions give the same bytes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from data.languages import languages
from qc.lint.finding import LEVELS, Finding, Level, at_least
from qc.lint.lint_run import LintResult
from qc.lint.set_items import code_of
from qc.reports.phrases import language_name, plural
from qc.set_statistics.expected_flags import FlagCount, unusual

FORMAT = "belebele-lint/1"

SHOWN = 600
"""The number of items that are quoted with their findings."""

EACH = 12
"""The number of items quoted for one check in one language before those of the next."""


def document(
    result: LintResult, *, name: str, named: bool, described: Sequence[str], severity: Level,
    require_judged: bool, accepted: Set[tuple[str, ...]] = frozenset(), mends: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return a whole lint as plain data, as `schema()` describes it.

    Args:
        result: the result of `qc.lint.lint_run.lint`.
        name: the set's name in the report.
        named: whether that says which set it is.
        described: how the files were read, a line each.
        severity: the level from which the lint fails.
        require_judged: whether it fails where something could not be judged.
        accepted: findings that a baseline knows.
        mends: the changes by `--fix`.
    """
    new = [one for one in result.flagged if one.known_as not in accepted]
    counts = Counter(one.level for one in new)
    failing = sum(at_least(one.level, severity) for one in new)
    failed = bool(failing or (require_judged and result.gaps))
    return {
        "format": FORMAT,
        "facts": _facts(result, name, described) | {"named": named},
        "asked": {"severity": severity, "require_judged": require_judged, "profile": result.profile},
        "verdict": {
            "failed": failed,
            "levels": {level: counts[level] for level in LEVELS},
            "accepted": len(result.flagged) - len(new),
            "gaps": result.gaps,
            "sentence": _sentence(counts, failing, severity, result.gaps if require_judged else 0),
        },
        "checks": _checks(result),
        "findings": [_finding(one) for one in new],
        "unjudged": _unjudged(result),
        "positions": _positions(result),
        "items": _quoted(result, new),
        "mends": list(mends),
    }


def written(whole: Mapping[str, Any]) -> bytes:
    """Return a document as the bytes of report.json."""
    text = json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    return f"{text}\n".encode("utf-8", "surrogatepass")


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document, with a description of every field."""
    text = files("qc.reports.lint_report").joinpath("schema.json").read_text(encoding="utf-8")
    read: dict[str, Any] = json.loads(text)
    return read


def _facts(result: LintResult, name: str, described: Sequence[str]) -> dict[str, Any]:
    items = result.items
    counts = Counter(items["called"])
    sizes = Counter(len(answers) for answers in items["answers"])
    return {
        "name": name,
        "described": list(described),
        "items": len(items),
        "distinct": int(items["question_id"].nunique()),
        "languages": [
            {
                "language": called,
                "code": code_of(called),
                "name": _name(called),
                "direction": _direction(called),
                "items": counts[called],
            }
            for called in sorted(counts)
        ],
        "options": {str(size): sizes[size] for size in sorted(sizes)},
        "wanted_options": 4 if result.profile == "campaign" else result.usual or None,
        "labels": result.labels,
        "source_language": result.source_language or None,
    }


def _name(called: str) -> str:
    return language_name(code_of(called) or called or "und")


def _direction(called: str) -> str:
    known = languages().get(code_of(called))
    return known.direction if known else "auto"


def _sentence(counts: Mapping[Level, int], failing: int, severity: Level, gaps: int) -> str:
    told = [plural(counts[level], level) for level in LEVELS if counts.get(level)]
    found = f"{', '.join(told)}." if told else "Nothing was found."
    if failing:
        return f"{found} {plural(failing, 'finding')} at the level {severity} or above."
    if gaps:
        return f"{found} Not everything could be judged ({gaps:,}), as was asked for."
    return f"{found} None of them is as grave as {severity}." if told else found


def _checks(result: LintResult) -> list[dict[str, Any]]:
    known = {check.name: check for check in result.suite}
    cells = [
        FlagCount(name, called, one.judged, one.flagged, result.false_alarms.get((name, called)))
        for name in known
        for called, one in result.covered.get(name, {}).items()
    ]
    beside = {
        (one.check, one.language): {
            "expected": None if one.expected is None else float(f"{one.expected:.6g}"),
            "rate_from": str(one.by_chance.source) if one.by_chance and one.judged else None,
            "unusual": odd,
        }
        for one, odd in zip(cells, unusual(cells), strict=True)
    }
    read = sorted({one.check for one in result.findings if one.check not in known})
    told = [
        {
            "check": name,
            "version": 0,
            "level": "error",
            "judges": "file",
            "description": f"The files can be read: {name.replace('_', ' ')}.",
            "languages": _of_reading(result, name),
        }
        for name in read
    ]
    return told + [
        {
            "check": name,
            "version": check.version,
            "level": result.levels[name],
            "judges": check.scope,
            "description": check.description,
            "languages": {
                called: asdict(one) | beside[name, called]
                for called, one in sorted(result.covered.get(name, {}).items())
            },
        }
        for name, check in known.items()
    ]


def _of_reading(result: LintResult, name: str) -> dict[str, Any]:
    counts = Counter(one.language for one in result.findings if one.check == name)
    there = Counter(result.items["called"])
    return {
        called: {
            "judged": max(there[called], times), "flagged": times, "unjudged": 0, "not_applicable": 0,
            "expected": None, "rate_from": None, "unusual": None,
        }
        for called, times in sorted(counts.items())
    }  # fmt: skip


def _finding(one: Finding) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in Finding.__slots__ if name not in ("text", "flagged")}
    return told | {"score": None if one.score is None else float(f"{one.score:.6g}"), "text_hash": one.text_hash}


def _unjudged(result: LintResult) -> list[dict[str, Any]]:
    counts = Counter((one.check, one.language, one.reason) for one in result.findings if one.flagged is None)
    return [
        {"check": check, "language": called, "reason": reason, "items": times}
        for (check, called, reason), times in sorted(counts.items())
    ]


def _positions(result: LintResult) -> list[dict[str, Any]]:
    """Return the keys' places per language, and the expected numbers by chance; equal ones are listed once."""
    told: list[dict[str, Any]] = []
    for called, items in result.items.groupby("called", sort=True):
        known = [
            (int(keys[0]), len(answers))
            for keys, answers in zip(items["keys"], items["answers"], strict=True)
            if len(keys) == 1
        ]
        places = max((size for _, size in known), default=0)
        counts = [sum(key == place for key, _ in known) for place in range(1, places + 1)]
        lot = [sum(1 / size for _, size in known if size >= place) for place in range(1, places + 1)]
        same = next((one for one in told if one["keys"] == counts), None)
        if same:
            same["languages"].append(str(called))
        elif known:
            told.append(
                {"languages": [str(called)], "keys": counts, "by_lot": [float(f"{one:.6g}") for one in lot]}
            )
    return told


def _quoted(result: LintResult, new: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the items with findings, the gravest first, some of every check and language."""
    lines = {(line["question_id"], line["called"]): line for line in result.items.to_dict("records")}
    source = result.source_language
    quoted = []
    for name, called in _chosen(new):
        line = lines.get((name, called))
        if line is not None:
            beside = lines.get((name, source)) if source and called != source else None
            quoted.append({**_item(line), "source": _item(beside) if beside else None})
    return quoted


def _chosen(found: Iterable[Finding]) -> list[tuple[str, str]]:
    """Return items by level; of one check in one language the first few, then the rest, up to `SHOWN`."""
    ordered = sorted((one for one in found if one.item_id), key=lambda one: LEVELS.index(one.level))
    seen: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], None] = {}
    rest: dict[tuple[str, str], None] = {}
    for one in ordered:
        item = str(one.item_id), one.language
        if item in first:
            continue
        seen[one.check, one.language] += 1
        (first if seen[one.check, one.language] <= EACH else rest)[item] = None
    return list(dict.fromkeys([*first, *rest]))[:SHOWN]


def _item(line: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "item_id": line["question_id"],
        "language": line["called"],
        "passage": line["passage"],
        "question": line["question"],
        "options": list(line["answers"]),
        "keys": [int(key) for key in line["keys"]],
        "place": line["place"],
    }
