"""A task's reason: the findings for which it was handed out (again), as the text in the ledger, one line each."""

from __future__ import annotations

from collections.abc import Iterable


def reason_of(findings: Iterable[str]) -> str:
    r"""Return the text of findings, each of which may have several lines.

    >>> reason_of(["The question is missing.", "", "Please revise:\n• Two are right."]).splitlines()
    ['The question is missing.', 'Please revise:', '• Two are right.']
    """
    return "\n".join(filter(None, findings))


def findings_in(reason: str) -> list[str]:
    """Return the lines of a task's reason, one per finding; the inverse of `reason_of` for one-line findings.

    >>> findings_in(reason_of(["One.", "Two."])), findings_in("")
    (['One.', 'Two.'], [])
    """
    return [line for line in reason.split("\n") if line]
