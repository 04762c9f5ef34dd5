"""The baseline of a set: findings that a team has looked at and accepts.

The file has one JSON object a line, sorted, so that version control shows which findings came and went. A finding
is recognised by its check, item, language, part and a hash of the part's text: if the text changes, it is new
again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from data.errors import UsageError
from data.intake import Unreadable, json_lines
from qc.lint.finding import Finding

COLUMNS = ("check", "item", "language", "part", "text")
"""The fields of a line; `text` is the hash."""

Baseline = frozenset[tuple[str, ...]]


def read_baseline(file: Path) -> Baseline:
    """Return the findings that a baseline file accepts.

    Raises:
        UsageError: there is no such file, or it has lines that are not a baseline's; every such line is named.
    """
    if not file.is_file():
        raise UsageError(f"{file}: there is no such file; lint writes one to its --out: baseline.jsonl")
    problems: list[Unreadable] = []
    known = set()
    for number, line in json_lines.objects(file, problems):
        if set(line) == set(COLUMNS) and all(isinstance(value, str) for value in line.values()):
            known.add(tuple(line[name] for name in COLUMNS))
        else:
            problems.append(
                Unreadable(f"no finding of a baseline; wanted are the texts {', '.join(COLUMNS)}", number)
            )
    if problems:
        raise UsageError("\n".join(problem.at(str(file)) for problem in problems[:20]))
    return frozenset(known)


def written(found: Iterable[Finding]) -> bytes:
    """Return the baseline file that accepts these findings, leaving out those that could not be judged."""
    lines = sorted({one.known_as for one in found if one.flagged})
    made = [json.dumps(dict(zip(COLUMNS, line, strict=True)), ensure_ascii=False) for line in lines]
    return "".join(f"{line}\n" for line in made).encode("utf-8", "surrogatepass")
