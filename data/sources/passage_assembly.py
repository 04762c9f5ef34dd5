"""The passages of a source: their columns, their ids, and their assembly from sentences.

A source's passages differ between languages only in their text, so their common part (ids, links, positions) is
computed once, as a `Layout`, and only the text is added for each language. This is done on Arrow's buffers: 204
languages have 400,000 sentences, and creating Python objects for them costs five times as much as all the rest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from data.errors import SourceError
from data.ledger.tables import LEDGERS_OWN, PASSAGES

SCHEMA = pa.schema(field for field in PASSAGES.schema if field.name not in {*LEDGERS_OWN, "revision"})
"""The columns that a source gives; the ledger adds the event's id, its time and the revision."""

SourceFault = tuple[type[SourceError], str]
"""A fault of a source: the kind of error, and a line that names place and cure."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that a sentence is from, according to its source."""

    link: str
    domain: str
    topic: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The passages of one split in their order, without their text; every column has one value per passage.

    Attributes:
        source: the kind of source.
        split: the split's name in the source.
        position: the position of the split's first passage in the source.
        starts: the 0-based first sentence of each passage, and at the end the number of sentences.
        origins: the `Origin` of each passage's first sentence.
    """

    source: str
    split: str
    position: int
    starts: tuple[int, ...]
    origins: tuple[Origin, ...]

    @classmethod
    def of(cls, source: str, split: str, position: int, origins: Sequence[Origin]) -> Layout:
        """Group sentences into passages: each contiguous run of one link is a passage."""
        firsts = [next(run) for _, run in groupby(range(len(origins)), key=lambda i: origins[i].link)]
        starts = (*firsts, len(origins))
        return cls(source, split, position, starts, tuple(origins[first] for first in firsts))

    def __len__(self) -> int:
        return len(self.origins)

    @property
    def sentences(self) -> int:
        """The number of sentences in the split."""
        return self.starts[-1]

    def columns(self) -> dict[str, pa.Array]:
        """Return all columns that do not depend on the language."""
        count = len(self)
        return {
            "passage_id": pa.array([passage_id(self.source, origin.link) for origin in self.origins], pa.string()),
            "source": pa.repeat(self.source, count),
            "link": pa.array([origin.link for origin in self.origins], pa.string()),
            "split": pa.repeat(self.split, count),
            "sentence_ids": pa.ListArray.from_arrays(
                pa.array(self.starts, pa.int32()), pa.array(range(self.sentences), pa.int32())
            ),
            "domain": pa.array([origin.domain for origin in self.origins], pa.string()),
            "topic": pa.array([origin.topic for origin in self.origins], pa.string()),
            "position": pa.array(range(self.position, self.position + count), pa.int32()),
        }

    def batch(self, columns: dict[str, pa.Array], language: str, sentences: pa.Array) -> pa.RecordBatch:
        """Return the split's passages in one language.

        Args:
            columns: the result of `columns()`, computed once for all languages.
            language: the language's code.
            sentences: the stripped sentences, `self.sentences` of them.
        """
        grouped = pa.ListArray.from_arrays(pa.array(self.starts, pa.int32()), sentences)
        given = {
            **columns,
            "language": pa.repeat(language, len(self)),
            "sentences": grouped,
            "text": pc.binary_join(grouped, " "),
        }
        return pa.RecordBatch.from_arrays([given[name] for name in SCHEMA.names], schema=SCHEMA)


def passage_id(source: str, link: str) -> str:
    """Return the id of a passage, which depends only on the kind of source and the link.

    >>> passage_id("flores200", "https://en.wikinews.org/wiki/Somewhere")
    'flores200-f37891db81c3'
    """
    return f"{source}-{hashlib.sha256(link.encode()).hexdigest()[:12]}"


def apart(layouts: Sequence[Layout]) -> list[SourceFault]:
    """Return a fault for each link that makes more than one passage, since these would have the same id."""
    times = Counter(origin.link for layout in layouts for origin in layout.origins)
    return [
        (SourceError, f"{link}: stands in {count} places; all sentences of one document must stand together")
        for link, count in times.items()
        if count > 1
    ]


def refuse(path: object, faults: Sequence[SourceFault]) -> None:
    """Raise all faults together, if there are any: as their kind of error if it is the same for all."""
    if not faults:
        return
    kinds = {kind for kind, _ in faults}
    kind = kinds.pop() if len(kinds) == 1 else SourceError
    raise kind(f"cannot read passages from {path}", [line for _, line in faults])
