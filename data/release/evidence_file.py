"""The evidence file of a release: what is known of each translated item's key, beside the items.

The items' files keep Belebele's own columns. Whoever wants only items whose key somebody confirmed in their
language joins this file on `item_id` and `dialect`. It holds counts and nobody's code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

FILE = "key_evidence.parquet"

LEVELS = ("unread", "one", "two", "disputed")
"""The levels of evidence, as the file has them."""

KEY_COLUMNS: tuple[tuple[str, pa.DataType, str], ...] = (
    ("item_id", pa.string(), "the item's identity, as in the files of items"),
    ("dialect", pa.string(), "the language's code"),
    (
        "level",
        pa.string(),
        "`unread`; `one` or `two`: so many people answered it blind, and no dispute is open; `disputed`: somebody "
        "chose another answer, and nobody has settled it",
    ),
    ("blind_readers", pa.int64(), "how many people without a part in the item answered it blind; null for nobody"),
    ("blind_right", pa.int64(), "how many of them chose the key; null where nobody answered"),
    (
        "order_margin",
        pa.float64(),
        "how clearly the options stand in their source's order by what parallel text teaches, 1 to -1 (another "
        "order fits); null where that cannot be told",
    ),
    (
        "terms",
        pa.float64(),
        "of the glossary's terms and the names that the source's passage and right answer share and that the "
        "passage in this language shows, the share that the right answer in this language has, too; null where "
        "there is none",
    ),
)
"""The columns of the file, each with its type and its meaning."""


@dataclass(frozen=True)
class ItemEvidence:
    """What is known of one translated item's key.

    Attributes:
        item_id: the question's id.
        language: the item's code.
        blind_readers: how many answered it blind; None for nobody.
        blind_right: how many of them chose the key.
        order_margin: in [-1, 1]; None where it cannot be told.
        terms: the share of its terms and names that the right answer has as the passage; None where none is known.
        level: one of `LEVELS`.
    """

    item_id: str
    language: str
    blind_readers: int | None
    blind_right: int | None
    order_margin: float | None
    terms: float | None
    level: str


def evidence_table(evidence: Sequence[ItemEvidence], places: Mapping[str, int]) -> pa.Table:
    """Return the file's content.

    Args:
        evidence: of the items, in any order.
        places: each item's place in the files of items, by its id.
    """
    lines = sorted(evidence, key=lambda one: (one.language, places[one.item_id]))
    rows = [
        (one.item_id, one.language, one.level, one.blind_readers, one.blind_right, one.order_margin, one.terms)
        for one in lines
    ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in KEY_COLUMNS)
    schema = pa.schema([(name, kind) for name, kind, _ in KEY_COLUMNS])
    arrays = [pa.array(list(values), kind) for values, (_, kind, _) in zip(columns, KEY_COLUMNS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def evidence_section(evidence: Sequence[ItemEvidence], names: Mapping[str, str]) -> str:
    """Return the section of a release's card.

    Args:
        evidence: of the items.
        names: of languages, by code.
    """
    lines = [
        "## Key evidence",
        "",
        "A sample of the translated items was answered blind, in their language, by people who had neither",
        f"translated nor proofread them. What they found stands in `{FILE}`, a line for each item and",
        "language. It is about the keys: how often people are right on these items cannot be read from it.",
        "",
        f"| code | language | {' | '.join(LEVELS)} |",
        f"| --- | --- | {' | '.join('---:' for _ in LEVELS)} |",
    ]
    for code in sorted({one.language for one in evidence}):
        counts = Counter(one.level for one in evidence if one.language == code)
        numbers = " | ".join(f"{counts[level]:,}" for level in LEVELS)
        lines.append(f"| `{code}` | {names.get(code, code)} | {numbers} |")
    lines += ["", "| column | holds |", "| --- | --- |"]
    lines += [f"| `{name}` | {holds} |" for name, _, holds in KEY_COLUMNS]
    return "\n".join([*lines, ""])
