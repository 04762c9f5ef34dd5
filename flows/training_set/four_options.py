"""The rule by which an item of any set becomes one with four options, of which one is correct.

| an item has | becomes |
| --- | --- |
| four options, one correct | itself, in its own order |
| several correct options | left out; or, if asked for, one of them with three wrong ones, by lot |
| more than three wrong options | three of them, by lot |
| fewer than three wrong options | filled with options of other questions on the same passage; or left out |

So did the authors of Belebele for MultiRC and MCScript 2.0. Lots are drawn from the texts themselves, so that the
same item always gets the same options; an item whose options were drawn or filled also gets their order by lot. An
option that speaks of the others ('all of the above') has no meaning among different ones, so such an item is left
out where its options would change.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qc.text.text_folding import fold

SeveralKeys = Literal["drop", "draw"]
"""What becomes of an item with several correct options."""

FewerOptions = Literal["fill", "drop"]
"""What becomes of an item with fewer than three wrong options."""

NotFour = Literal["several_keys", "too_few_options", "equal_options", "refers_to_options"]
"""Why an item cannot have four options."""

_OTHERS = re.compile(
    r"\b(?:all|both|none|neither|any|either|two)\s+(?:of\s+)?(?:the\s+)?(?:above|these|those|following|others?)\b"
    r"|\babove\b|\b(?:both|neither)\s+[A-D]\b|\b[A-D]\s+(?:and|or|nor)\s+[A-D]\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FourOptions:
    """Four options.

    Attributes:
        options: their texts, in order.
        key: the number of the correct one, counted from 0.
        drawn: how many options of the item were left out.
        filled: how many of the four come from other questions.
    """

    options: tuple[str, ...]
    key: int
    drawn: int = 0
    filled: int = 0


def four_options(
    question: str,
    options: Sequence[str],
    keys: Sequence[int],
    elsewhere: Sequence[str],
    *,
    several: SeveralKeys,
    fewer: FewerOptions,
) -> FourOptions | NotFour:
    """Return an item's four options, or why it cannot have them.

    Args:
        question: the item's question, which the lots depend on.
        options: the item's options.
        keys: the correct ones, counted from 0; at least one.
        elsewhere: options of the other questions on its passage.
        several: what becomes of an item with several correct options.
        fewer: what becomes of an item with fewer than three wrong ones.
    """
    plain = [fold(option) for option in options]
    if len({*plain}) < len(plain):
        return "equal_options"
    if len(options) == 4 and len(keys) == 1:
        return FourOptions(tuple(options), keys[0])
    if len(keys) > 1 and several == "drop":
        return "several_keys"
    right = _lot(question, [options[key] for key in keys])[0]
    wrong = _lot(question, [option for place, option in enumerate(options) if place not in keys])[:3]
    others = [one for one in dict.fromkeys(elsewhere) if fold(one) not in plain] if fewer == "fill" else []
    apart: dict[str, str] = {}
    for one in _lot(question, others):
        apart.setdefault(fold(one), one)
    filled = list(apart.values())[: 3 - len(wrong)]
    if len(wrong) + len(filled) < 3:
        return "too_few_options"
    if any(_OTHERS.search(one) for one in (right, *wrong, *filled)):
        return "refers_to_options"
    made = _lot(question, [right, *wrong, *filled], "order")
    return FourOptions(tuple(made), made.index(right), len(options) - 1 - len(wrong), len(filled))


def _lot(question: str, texts: Sequence[str], what: str = "choice") -> list[str]:
    """Return texts in an order that is as good as random and always the same."""
    return sorted(texts, key=lambda text: (hashlib.sha256(f"{what}\n{question}\n{text}".encode()).digest(), text))
