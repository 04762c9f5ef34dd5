"""Why a task came (back), as findings and as the text that the ledger holds of them, a line each."""

from __future__ import annotations

from collections.abc import Iterable


def reason_of(findings: Iterable[str]) -> str:
    r"""The text of findings, of which each may be several lines.

    >>> reason_of(["The question is missing.", "", "Please revise:\n• Two are right."]).splitlines()
    ['The question is missing.', 'Please revise:', '• Two are right.']
    """
    return "\n".join(filter(None, findings))


def findings_in(reason: str) -> list[str]:
    """The lines of a task's reason, one a finding; the reverse of `reason_of` for findings of one line.

    >>> findings_in(reason_of(["One.", "Two."])), findings_in("")
    (['One.', 'Two.'], [])
    """
    return [line for line in reason.split("\n") if line]
