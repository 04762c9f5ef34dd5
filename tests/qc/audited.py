"""Made sets for tests of the audit: items of drawn words, without any cue or with one that is planted."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pandas as pd

WORDS = """
    river stone bread cloud lamp garden window paper horse bridge market winter song letter island forest copper
    ladder basket harbour candle meadow thunder village saddle button orchard kettle feather tunnel
""".split()  # noqa: SIM905


def made(
    count: int = 120,
    *,
    seed: int = 0,
    languages: Sequence[str] = ("",),
    longest: float = 0.0,
    never: float = 0.0,
    options: int = 4,
    passages: int | None = None,
) -> pd.DataFrame:
    """Items whose options are drawn from one pool and whose keys are drawn by lot.

    Args:
        count: items in each language.
        seed: another one draws another set.
        languages: parallel by item_id; each has texts and keys of its own.
        longest: in this share of the items the key is made the longest option.
        never: in this share of the items one wrong option gets the word "never".
        options: of each item.
        passages: by default one for every two items.
    """
    lines: list[dict[str, Any]] = []
    for language in languages:
        drawn = random.Random(f"{seed}/{language}")
        for number in range(count):
            group = number % (passages or max(1, count // 2))
            texts = [" ".join(drawn.choices(WORDS, k=drawn.randint(3, 7))) for _ in range(options)]
            key = drawn.randrange(options)
            if drawn.random() < longest:
                texts[key] += " and also " + " ".join(drawn.choices(WORDS, k=6))
            if drawn.random() < never:
                texts[(key + 1 + drawn.randrange(options - 1)) % options] += " never"
            lines.append(
                {
                    "item_id": f"i{number:04}",
                    "language": language,
                    "group": f"p{group:04}",
                    "passage": _passage(f"{seed}/{language}/{group}"),
                    "question": f"What of {drawn.choice(WORDS)} and {drawn.choice(WORDS)}, number {number}?",
                    "options": texts,
                    "key": key,
                }
            )
    return pd.DataFrame(lines)


def _passage(seed: str) -> str:
    return f"{seed}: " + " ".join(random.Random(seed).choices(WORDS, k=40))


def keys_drawn(items: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The same items with keys that were drawn by lot."""
    drawn = random.Random(seed)
    return items.assign(key=[drawn.randrange(len(texts)) for texts in items["options"]])
