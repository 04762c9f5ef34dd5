"""Read the details of many events at once, row by row of a frame."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ledger.events.event import Event

K = TypeVar("K", bound=Event)


def details_of(frame: pd.DataFrame, kind: type[K], *, but: str = "") -> list[K]:
    """Return the parsed detail of every row. Equal details are parsed once, since most of one kind are equal.

    Args:
        frame: with `detail`, all of one kind.
        kind: its class.
        but: an optional text fact to leave out, without which many details are equal.
    """
    texts = frame["detail"]
    if but:
        alike = pc.replace_substring_regex(pa.array(texts, pa.string()), f', "{but}": "[^"]*"', "")
        texts = pd.Series(alike.to_numpy(zero_copy_only=False), dtype=object)
    details = texts.astype("category")
    read = [kind.parse(text) for text in details.cat.categories]
    return [read[code] for code in details.cat.codes]


def fact(frame: pd.DataFrame, kind: type[Event], name: str) -> pd.Series[Any]:
    """Return one fact of every event, on the frame's index; None where it is missing."""
    texts = frame["detail"].tolist()
    known = {text: getattr(kind.parse(text), name) for text in dict.fromkeys(texts)}
    read = np.empty(len(texts), dtype=object)
    read[:] = [known[text] for text in texts]
    return pd.Series(read, index=frame.index, dtype=object)


def by_subject(frame: pd.DataFrame, kind: type[K], *, keep: Literal["first", "last"] = "last") -> dict[str, K]:
    """Return the detail of the last (or first) event about each subject."""
    last = frame.drop_duplicates("subject", keep=keep)
    return dict(zip(last["subject"], details_of(last, kind), strict=True))
