"""The evidence file of a release: what is known of each translated item's key, beside the items.

The items' files keep Belebele's own columns. Whoever wants only items whose key somebody confirmed in their
language joins this file on `item_id` and `dialect`. It holds counts and nobody's code.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from data.release.item_columns import described

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


def evidence_table(evidence: Sequence[ItemEvidence]) -> pa.Table:
    """Return the file's content, sorted by item and language.

    Args:
        evidence: of the items, in any order.
    """
    rows = [
        (one.item_id, one.language, one.level, one.blind_readers, one.blind_right, one.order_margin, one.terms)
        for one in sorted(evidence, key=lambda one: (one.item_id, one.language))
    ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in KEY_COLUMNS)
    schema = pa.schema([described(*column) for column in KEY_COLUMNS])
    arrays = [pa.array(list(values), kind) for values, (_, kind, _) in zip(columns, KEY_COLUMNS, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
