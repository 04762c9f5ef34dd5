"""What one layer made of one language: all that is kept of it, so that a language's layer can be let go.

A language's layers hold every n-gram of its options; those of all languages would not fit into memory. So
each is read and let go before the next, and what is kept is small: of a layer of thousands of cues, those whose
statistics could still be found once all languages are in, and the largest others. Work can be written down and
read back exactly, which is how an audit that was stopped goes on.
"""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, field, fields, replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qc.audit.layer import Cue, Reading
from qc.audit.options import Floats, Ints

MANY = 200
"""A layer of more cues than this keeps only those that could matter."""

_SHOWN = 30
_ARRAYS = tuple(f.name for f in fields(Reading) if f.name not in ("language", "cues"))


@dataclass(frozen=True, eq=False)
class Work:
    """What one layer made of one language.

    Attributes:
        reading: of the cues that are kept.
        cues: how many there were.
        kept: which of them are kept, by their place.
        names: (h,) of the cues that say something of single items.
        earned: (n items, h): what picking by them earns at the true keys.
        items: one line per item, in the order of `Options`: whatever scores the layer gives it.
        tokens: of a layer of tokens, (k, 3): options that each kept cue stands in, keys among them, keys by lot.
        cloud: see `qc.audit.audit.LanguageFacts`.
    """

    reading: Reading
    cues: int
    kept: Ints
    names: tuple[str, ...] = ()
    earned: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    tokens: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    cloud: tuple[tuple[int, float, float, int], ...] = ()

    def whole(self, count: int) -> Reading:
        """The reading for a layer that was prepared anew, of all its cues: how their statistics compare.

        Only studentised layers are ever trimmed, whose centre is 0 and whose scale is 1.
        """
        if count == len(self.reading.cues):
            return self.reading
        centre, scale = np.zeros(count), np.ones(count)
        centre[self.kept], scale[self.kept] = self.reading.centre, self.reading.scale
        return replace(self.reading, centre=centre, scale=scale)


def trimmed(reading: Reading, alpha: float) -> tuple[Reading, Ints]:
    """Leaves out the cues that cannot be found, whatever other languages add, but for the largest of them.

    Args:
        reading: of one language.
        alpha: the layer's share. The critical value over all languages is at least this language's own.

    Returns:
        The reading and which cues it still holds.
    """
    sizes = np.abs(reading.z)
    if len(sizes) <= MANY:
        return reading, np.arange(len(sizes))
    ordered = np.sort(reading.largest)
    rank = int(np.ceil((1 + len(ordered)) * (1 - alpha))) - 1
    own = ordered[min(rank, len(ordered) - 1)]
    largest = np.argsort(-sizes, kind="stable")[:_SHOWN]
    kept = np.union1d(np.flatnonzero(sizes >= own - 1e-9), largest)
    cut = {
        name: getattr(reading, name)[kept]
        for name in _ARRAYS
        if name != "largest" and len(getattr(reading, name)) == len(sizes)
    }
    return replace(reading, cues=[reading.cues[place] for place in kept], **cut), kept


def joined(readings: list[Reading]) -> Reading:
    """Several readings of one language as one layer: their cues in a row, the larger of their largest."""
    first = readings[0]
    if len(readings) == 1:
        return first
    stacked = {
        name: np.concatenate([getattr(one, name) for one in readings]) for name in _ARRAYS if name != "largest"
    }
    largest = np.max([one.largest for one in readings], axis=0)
    return Reading(first.language, [cue for one in readings for cue in one.cues], largest=largest, **stacked)


def to_bytes(work: Work) -> bytes:
    """The work as bytes that `from_bytes` gives back exactly."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(work.items, preserve_index=False), sink)
    plain = {
        "language": work.reading.language,
        "cues": [asdict(cue) for cue in work.reading.cues],
        "count": work.cues,
        "names": work.names,
        "cloud": work.cloud,
    }
    arrays = {
        **{f"reading_{name}": getattr(work.reading, name) for name in _ARRAYS},
        "kept": work.kept,
        "earned": work.earned,
        "tokens": work.tokens,
        "items": np.frombuffer(sink.getvalue(), np.uint8),
        "plain": np.frombuffer(json.dumps(plain, ensure_ascii=False).encode(), np.uint8),
    }
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def from_bytes(data: bytes) -> Work:
    """What `to_bytes` wrote down."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        plain = json.loads(arrays["plain"].tobytes())
        reading = Reading(
            language=plain["language"],
            cues=[Cue(**cue) for cue in plain["cues"]],
            **{name: arrays[f"reading_{name}"] for name in _ARRAYS},
        )
        return Work(
            reading=reading,
            cues=plain["count"],
            kept=arrays["kept"],
            names=tuple(plain["names"]),
            earned=arrays["earned"],
            items=pq.read_table(pa.BufferReader(arrays["items"].tobytes())).to_pandas(),
            tokens=arrays["tokens"],
            cloud=tuple((int(a), float(b), float(c), int(d)) for a, b, c, d in plain["cloud"]),
        )
