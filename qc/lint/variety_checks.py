"""Checks of varieties over a whole set: whether one language's items are another's, with few changes or none.

No single item can tell: close varieties share many words, and by right. But people translated the passages into
both, so a set shows how near the two languages are: over 87 pairs of close varieties in FLORES-200, the chrF
between two translations of a sentence is that of its neighbours, -8.5 to +5.2 points on average. Items that are
much nearer to each other than their passages are were copied. Which of the two was copied is told by an identifier
that learned both varieties from these passages. Of 182 pairs of human translations none was flagged; of 12
varieties that were replaced by their sisters all were, and the right one was named.
"""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from qc.check import check
from qc.lint.language_checks import pair_findings
from qc.text.text_folding import script_of

_GLANCE, _FAR = 8, 40.0  # items that are looked at first; a mean chrF below which no two languages are copies
_LONGEST = 600  # characters of a passage that are compared


class _Item(NamedTuple):
    passage: str
    text: str


@check(scope="pair")
def near_variety(
    items: pd.DataFrame, *, margin: float = 10.0, alike: float = 85.0, fewest: int = 10, most: int = 60
) -> pd.DataFrame:
    """No two languages' items are much nearer to each other than their passages are.

    Nearness is chrF (Popović 2015, by sacreBLEU). An item of each passage is compared. The difference between
    items and passages must exceed `margin` by two standard errors. Varieties whose passages are near copies, too,
    cannot be told apart.

    Args:
        items: as `qc.lint.set_items.lint_items` makes them.
        margin: points of chrF.
        alike: chrF of the passages from which on a pair is not judged.
        fewest: fewest items that both languages must have, with passages.
        most: the number of items that are compared.
    """
    of: dict[str, dict[str, _Item]] = defaultdict(dict)
    taken: set[tuple[str, str]] = set()
    scripts: dict[str, str] = {}
    columns = ("question_id", "called", "language", "passage_id", "passage", "question", "answers")
    for name, called, code, passage_id, passage, question, answers in sorted(
        zip(*(items[column] for column in columns), strict=True), key=lambda line: (line[1], line[0])
    ):
        if passage.strip() and (called, passage_id) not in taken:
            taken.add((called, passage_id))
            of[called][name] = _Item(passage[:_LONGEST], "\n".join([question, *answers]))
            scripts[called] = script_of(code)
    found = []
    for one, other in combinations(sorted(of), 2):
        both = sorted(of[one].keys() & of[other].keys())
        if scripts[one] == scripts[other] and len(both) >= fewest:
            step = max(1, math.ceil(len(both) / most))
            pairs = [(of[one][name], of[other][name]) for name in both[::step]]
            flagged, score, reason = _compared(one, other, pairs, margin, alike)
            found.append((f"{one}+{other}", f"{one}+{other}", flagged, score, reason))
    return pair_findings(found)


def _compared(
    one: str, other: str, pairs: list[tuple[_Item, _Item]], margin: float, alike: float
) -> tuple[bool | None, float, str]:
    from sacrebleu.metrics.chrf import CHRF  # here, since it takes a third of a second, which few commands need

    chrf = CHRF()
    glance = [chrf.sentence_score(mine.text, [theirs.text]).score for mine, theirs in pairs[:_GLANCE]]
    if np.mean(glance) < _FAR:
        return False, 1.0, ""
    texts = np.array(glance + [chrf.sentence_score(a.text, [b.text]).score for a, b in pairs[_GLANCE:]])
    passages = np.array([chrf.sentence_score(a.passage, [b.passage]).score for a, b in pairs])
    usual, near = float(passages.mean()), float(texts.mean())
    if usual >= alike:
        return None, float("nan"), f"the passages of {one} and {other} are as good as copies (chrF {usual:.0f})"
    nearer = texts - passages
    if nearer.mean() - 2 * nearer.std(ddof=1) / math.sqrt(len(pairs)) < margin:
        return False, min(1.0, max(0.0, 1 - float(nearer.mean()) / 100)), ""
    said = f"the items of {one} and {other} are much nearer to each other than their passages are"
    figures = f"chrF {near:.0f} against {usual:.0f}, over {len(pairs)} items"
    return True, max(0.0, 1 - float(nearer.mean()) / 100), f"{said} ({figures}){_copied(one, other, pairs)}"


def _copied(one: str, other: str, pairs: list[tuple[_Item, _Item]]) -> str:
    """Return which language's items read like the other's passages, in words; "" if that cannot be told."""
    from qc.translation_models.varieties.variety_identifier import VarietyIdentifier, counted

    names = sorted([one, other])
    sides = {one: [mine for mine, _ in pairs], other: [theirs for _, theirs in pairs]}
    identifier = VarietyIdentifier(counted([(name, [item.passage for item in sides[name]]) for name in names]))
    foreign = {}
    for place, name in enumerate(names):
        scores = identifier.scores([item.text for item in sides[name]])
        foreign[name] = float((scores[:, 1 - place] > scores[:, place]).mean())
    wrong = [name for name in names if foreign[name] > 0.5]
    if len(wrong) != 1:
        return ""
    right = next(name for name in names if name != wrong[0])
    return f"; {foreign[wrong[0]]:.0%} of those of {wrong[0]} read like {right}"
