"""Certain mends of a set, as whole texts with the replacements that its findings give.

A mend is left out if it would do harm: if two options would become the same, or a text would become empty. Mended
texts are judged again like any other, and nothing more to mend is found in them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from qc.lint.finding import Finding
from qc.lint.lint_run import LintResult


@dataclass(frozen=True, slots=True)
class Mend:
    """One text of an item, before and after mending.

    Attributes:
        place: file and line.
        item_id: the item's id.
        language: as the set calls it.
        part: `passage`, `question` or `option_1` and so on.
        before: the stored text.
        after: the mended text.
        checks: the checks whose findings it mends.
    """

    place: str
    item_id: str
    language: str
    part: str
    before: str
    after: str
    checks: tuple[str, ...]


def certain_mends(result: LintResult) -> list[Mend]:
    """Return the mends of a set, in the order of its findings."""
    sure: dict[tuple[str, str, str], list[Finding]] = defaultdict(list)
    for one in result.flagged:
        if one.fix is not None and one.start is not None and one.item_id is not None and one.part is not None:
            sure[one.item_id, one.language, one.part].append(one)
    options = {
        (name, called): list(answers)
        for name, called, answers in zip(
            result.items["question_id"], result.items["called"], result.items["answers"], strict=True
        )
    }
    mends = []
    for (name, called, part), found in sure.items():
        before = found[0].text
        after = _replaced(before, found)
        others = [text for text in options[name, called] if text != before]
        clash = part.startswith("option_") and after in others
        if after.strip() and after != before and not clash:
            if part.startswith("option_"):
                own = options[name, called]
                own[int(part.removeprefix("option_")) - 1] = after
            checks = tuple(dict.fromkeys(one.check for one in found))
            mends.append(Mend(found[0].place, name, called, part, before, after, checks))
    return mends


def _replaced(text: str, found: Sequence[Finding]) -> str:
    """Return the text with every stretch replaced; if two overlap, the later one is left for the next run."""
    parts, at = [], 0
    for one in sorted(found, key=lambda one: (one.start or 0, one.end or 0)):
        start, end = one.start or 0, one.end or 0
        if start >= at:
            parts += [text[at:start], one.fix or ""]
            at = end
    return "".join([*parts, text[at:]])
