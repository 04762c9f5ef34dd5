"""The result of one layer in one language: the part that is kept when the layer itself is released.

A language's layers hold every n-gram of its options, and those of all languages would not fit into memory. So
each layer is read and released before the next, and the part that is kept is small: of a layer of thousands of
cues, those whose statistics could still be found once all languages are in, and the largest others. A result can
be serialised and read back exactly, so an interrupted audit can continue.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qc.set_statistics.certificates.sensitivity import Cell, Power, Sensitivity
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.layer_statistics import Cue, LayerReading
from qc.set_statistics.options import Floats, Ints

Cloud = tuple[tuple[int, float, float, int], ...]
"""See `qc.audit.audit_result.LanguageFacts`."""

_ARRAYS = tuple(f.name for f in fields(LayerReading) if f.name not in ("language", "cues"))


@dataclass(frozen=True, eq=False)
class LayerResult:
    """The result of one layer in one language.

    Attributes:
        reading: the reading of the cues that are kept.
        cues: the number of cues before the reduction.
        shown: the indices of the kept cues that a report shows; None for all.
        names: (h,): the names of the cues that apply to single items.
        earned: (n items, h): the credits of picking by them at the true keys.
        items: one line per item, in the order of `Options`: item_id and whatever scores the layer gives it.
        tokens: for a layer of tokens, (k, 3): options that contain each kept cue, keys among them, keys by chance.
        cloud: all of its tokens, for a figure.
        yardstick: the reading of cues that are measured and not tested, such as the full input.
        scored: (s,): names of the trained models whose scores of the options are kept.
        scores: (n options, s): held-out scores, at the true keys.
        paired: (k, 3): for each kept cue that compares key and other options, Cohen's d_z and its 95 % interval;
            NaN for the others; (0, 3) for a layer without such cues.
        trained_on: the number of outside items on which its models were trained; 0: across folds of this set.
    """

    reading: LayerReading
    cues: int
    shown: Ints | None = None
    names: tuple[str, ...] = ()
    earned: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    items: pd.DataFrame = field(default_factory=pd.DataFrame)
    tokens: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    cloud: Cloud = ()
    yardstick: LayerReading | None = None
    scored: tuple[str, ...] = ()
    scores: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    paired: Floats = field(default_factory=lambda: np.zeros((0, 3)))
    trained_on: int = 0


@dataclass(frozen=True, eq=False)
class CommonCues:
    """The results in one language that depend on the cues found in all languages.

    Attributes:
        names: for each item, the cues that give it away, as `qc.audit.cues.cue_names.names` returns them.
        columns: the found cues' values for the options, as `qc.audit.explained_cues.columns_of` returns them.
    """

    names: pd.DataFrame
    columns: Mapping[str, Floats]


def shape_of(*records: type) -> str:
    """Return a digest of the names and types of records' fields, so that a change of them is a new format.

    >>> shape_of(LayerResult) == shape_of(LayerResult) != shape_of(CommonCues)
    True
    """
    told = [[one.__name__, *([each.name, str(each.type)] for each in fields(one))] for one in records]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]


FORMAT = f"work/{shape_of(LayerResult, CommonCues, LayerReading, Cue, Sensitivity, Cell, Power)}"
"""Results stored in another format are computed again. Their values depend on the package's version."""


def trimmed(reading: LayerReading, alpha: float, shown: Ints) -> tuple[LayerReading, Ints]:
    """Return a reading without the cues that cannot be found, whatever other languages add.

    Args:
        reading: the reading of one language.
        alpha: the layer's share. The critical value over all languages is at least this language's own.
        shown: the indices of cues to keep in any case.

    Returns:
        The reduced reading and the indices of the cues that it keeps.
    """
    sizes = np.abs(reading.z)
    ordered = np.sort(reading.largest)
    rank = int(np.ceil((1 + len(ordered)) * (1 - alpha))) - 1
    own = ordered[min(rank, len(ordered) - 1)]
    kept = np.union1d(np.flatnonzero(sizes >= own - 1e-9), shown)
    cut = {
        name: getattr(reading, name)[kept]
        for name in _ARRAYS
        if name != "largest" and len(getattr(reading, name)) == len(sizes)
    }
    return replace(reading, cues=[reading.cues[place] for place in kept], **cut), kept


def joined(readings: list[LayerReading]) -> LayerReading:
    """Return several readings of one language as one layer: their cues in a row, the larger of their largest."""
    first = readings[0]
    if len(readings) == 1:
        return first
    parts = ("z", "p", "accuracy", "spread", "centre", "scale")
    stacked = {name: np.concatenate([getattr(one, name) for one in readings]) for name in parts}
    drawn = all(len(one.quantiles) == len(one.cues) for one in readings)  # otherwise single cues are not drawn
    return LayerReading(
        language=first.language,
        cues=[cue for one in readings for cue in one.cues],
        largest=np.max([one.largest for one in readings], axis=0),
        quantiles=np.concatenate([one.quantiles for one in readings]) if drawn else first.quantiles[:0],
        **stacked,
    )


def to_bytes(work: LayerResult) -> bytes:
    """Return the result as bytes from which `from_bytes` restores it exactly."""
    readings = {"reading": work.reading} | ({} if work.yardstick is None else {"yardstick": work.yardstick})
    plain = {
        "language": work.reading.language,
        "cues": {name: [asdict(cue) for cue in reading.cues] for name, reading in readings.items()},
        "count": work.cues,
        "names": work.names,
        "cloud": work.cloud,
        "picked": work.shown is not None,
        "scored": work.scored,
        "trained_on": work.trained_on,
    }
    arrays = {
        **{f"{name}_{part}": getattr(reading, part) for name, reading in readings.items() for part in _ARRAYS},
        "shown": np.zeros(0, np.int64) if work.shown is None else work.shown,
        "earned": work.earned,
        "tokens": work.tokens,
        "scores": work.scores,
        "paired": work.paired,
        "items": np.frombuffer(frame_bytes(work.items), np.uint8),
        "plain": np.frombuffer(json.dumps(plain, ensure_ascii=False).encode(), np.uint8),
    }
    return _packed(arrays)


def from_bytes(data: bytes) -> LayerResult:
    """Return the result that `to_bytes` serialised."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        plain = json.loads(arrays["plain"].tobytes())
        readings = {
            name: LayerReading(
                language=plain["language"],
                cues=[Cue(**cue | {"kind": CueKind(cue["kind"])}) for cue in cues],
                **{part: arrays[f"{name}_{part}"] for part in _ARRAYS},
            )
            for name, cues in plain["cues"].items()
        }
        return LayerResult(
            reading=readings["reading"],
            cues=plain["count"],
            shown=arrays["shown"] if plain["picked"] else None,
            names=tuple(plain["names"]),
            earned=arrays["earned"],
            items=frame_of(arrays["items"].tobytes()),
            tokens=arrays["tokens"],
            cloud=tuple((int(a), float(b), float(c), int(d)) for a, b, c, d in plain["cloud"]),
            yardstick=readings.get("yardstick"),
            scored=tuple(plain["scored"]),
            scores=arrays["scores"],
            paired=arrays["paired"],
            trained_on=plain["trained_on"],
        )


def told_bytes(told: CommonCues) -> bytes:
    """Return a language's common cues as bytes from which `told_of` restores them exactly."""
    columns = {f"column{place}": column for place, column in enumerate(told.columns.values())}
    plain = np.frombuffer(json.dumps(list(told.columns), ensure_ascii=False).encode(), np.uint8)
    return _packed({"plain": plain, "names": np.frombuffer(frame_bytes(told.names), np.uint8), **columns})


def told_of(data: bytes) -> CommonCues:
    """Return the common cues that `told_bytes` serialised."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        called = json.loads(arrays["plain"].tobytes())
        columns = {name: arrays[f"column{place}"] for place, name in enumerate(called)}
        return CommonCues(frame_of(arrays["names"].tobytes()), columns)


def _packed(arrays: Mapping[str, Any]) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def frame_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as bytes from which `frame_of` restores it."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), sink)
    return bytes(sink.getvalue())


def frame_of(data: bytes) -> pd.DataFrame:
    """Return the frame that `frame_bytes` serialised."""
    frame: pd.DataFrame = pq.read_table(pa.BufferReader(data)).to_pandas()
    return frame


def curve_bytes(curve: Sensitivity) -> bytes:
    """Return a measured curve as bytes from which `curve_of` restores it exactly."""
    plain = {name: value for name, value in asdict(curve).items() if name != "accuracy"}
    arrays: dict[str, Any] = {"plain": np.frombuffer(json.dumps(plain).encode(), np.uint8), **curve.accuracy}
    return _packed(arrays)


def curve_of(data: bytes) -> Sensitivity:
    """Return the curve that `curve_bytes` serialised."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        plain = json.loads(arrays["plain"].tobytes())
        cells = [
            Cell(
                **cell
                | {
                    "power": Power(**cell["power"]),
                    "layers": {name: Power(**power) for name, power in cell["layers"].items()},
                }
            )
            for cell in plain["cells"]
        ]
        return Sensitivity(
            language=plain["language"],
            cells=tuple(cells),
            accuracy={name: arrays[name] for name in arrays.files if name != "plain"},
            sentences=tuple(plain["sentences"]),
        )
