"""The output of lint in a terminal: a line for every fault, as compilers write them, then the coverage."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from qc.lint.finding import LEVELS, Coverage, Covered, Finding, Level, at_least
from qc.reports.phrases import plural, rough

MOST = 500
"""The most lines of faults; the files have the rest."""

MOST_UNUSUAL = 20
"""The most lines of cells with more flags than chance explains."""

_PLACE = re.compile(r"(?P<file>.*), (?:line|row|item) (?P<number>\d+)(?:, question (?P<question>\d+))?")


def located(place: str) -> str:
    """Format a place as compilers write it.

    >>> located("a.jsonl, line 3"), located("")
    ('a.jsonl:3', '-')
    """
    found = _PLACE.fullmatch(place)
    if found is None:
        return place or "-"
    question = f"#{found['question']}" if found["question"] else ""
    return f"{found['file']}:{found['number']}{question}"


def finding_lines(findings: Sequence[Finding], least: Level) -> Iterator[str]:
    """Yield `file:line: level check item reason`, a line for every part of an item that a check flagged.

    Args:
        findings: findings in files, in their order.
        least: the level below which findings appear in the files only.
    """
    grave = [one for one in findings if one.flagged and at_least(one.level, least)]
    parts = [
        list(same)
        for _, same in groupby(grave, key=lambda one: (one.place, one.item_id, one.language, one.check, one.part))
    ]
    for first, *more in parts[:MOST]:
        item = first.item_id or first.language or ("-" if first.place else "the set")
        of = f" [{first.language}]" if first.language and first.item_id else ""
        reason = "; ".join(dict.fromkeys(one.reason for one in (first, *more)))
        yield f"{located(first.place)}: {first.level} {first.check} {item}{of} {reason}"
    if len(parts) > MOST:
        yield f"… and {len(parts) - MOST:,} more, in findings.parquet"


def summary_lines(findings: Sequence[Finding], covered: Covered) -> Iterator[str]:
    """Yield the number of findings, and how many items each check judged, could not judge or did not concern."""
    flagged = [one for one in findings if one.flagged]
    counts = Counter(one.level for one in flagged)
    items = len({(one.item_id, one.language) for one in flagged if one.item_id})
    where = f" in {plural(items, 'item')}" if items else ""
    yield ", ".join(plural(counts[level], level) for level in LEVELS) + where
    yield "judged:"
    width = max((len(name) for name in covered), default=0)
    for name, languages in covered.items():
        yield f"  {name:{width}}  {'; '.join(_told(languages))}"


def chance_lines(checks: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield where more is flagged than chance explains, the most first.

    Args:
        checks: as report.json lists them.
    """
    odd = [
        (one["flagged"] - one["expected"], check["check"], called, one)
        for check in checks
        for called, one in check["languages"].items()
        if one["unusual"]
    ]
    if odd:
        yield "more than chance explains:"
    for _, check, called, one in sorted(odd, key=lambda line: (-line[0], *line[1:3]))[:MOST_UNUSUAL]:
        of = f" [{called}]" if called else ""
        yield f"  {check}{of}  {one['flagged']:,} of {one['judged']:,}, {rough(one['expected'])} expected"
    if len(odd) > MOST_UNUSUAL:
        yield f"  … and {len(odd) - MOST_UNUSUAL:,} more, in report.json"


def _told(languages: Mapping[str, Coverage]) -> Iterator[str]:
    judged = sum(one.judged for one in languages.values())
    flagged = sum(one.flagged for one in languages.values())
    yield f"{judged:,} judged, {flagged:,} flagged" if judged else "none judged"
    for words, count in (
        ("could not be judged", {code: one.unjudged for code, one in languages.items()}),
        ("not applicable", {code: one.not_applicable for code, one in languages.items()}),
    ):
        some = {code: number for code, number in count.items() if number}
        if some:
            where = [f"{code} {number:,}" if code else f"{number:,}" for code, number in some.items()]
            yield f"{words}: {_few(where) if len(languages) > 1 else f'{sum(some.values()):,}'}"


def _few(words: Sequence[str], most: int = 4) -> str:
    return (
        ", ".join(words)
        if len(words) <= most
        else f"{', '.join(words[: most - 1])} and {len(words) - most + 1} more"
    )
