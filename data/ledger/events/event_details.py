"""What the events of a frame say, line by line."""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ledger.events.event import Event

K = TypeVar("K", bound=Event)


def details_of(frame: pd.DataFrame, kind: type[K], *, but: str = "") -> list[K]:
    """What every event of a frame says, line by line. Equal details are read once, since most of a kind agree.

    Args:
        frame: with `detail`, all of one kind.
        kind: its class.
        but: an optional text fact that is not wanted, and without which many details are equal.
    """
    texts = frame["detail"]
    if but:
        alike = pc.replace_substring_regex(pa.array(texts, pa.string()), f', "{but}": "[^"]*"', "")
        texts = pd.Series(alike.to_numpy(zero_copy_only=False), dtype=object)
    details = texts.astype("category")
    read = [kind.parse(text) for text in details.cat.categories]
    return [read[code] for code in details.cat.codes]


def fact(frame: pd.DataFrame, kind: type[Event], name: str) -> pd.Series[Any]:
    """One fact of every event, on the frame's index; None where it was not said."""
    details = frame["detail"].astype("category")
    read = np.empty(len(details.cat.categories), dtype=object)
    read[:] = [getattr(kind.parse(text), name) for text in details.cat.categories]
    return pd.Series(read[details.cat.codes], index=frame.index, dtype=object)


def by_subject(frame: pd.DataFrame, kind: type[K], *, keep: Literal["first", "last"] = "last") -> dict[str, K]:
    """What the last event about each subject says, or the first."""
    last = frame.drop_duplicates("subject", keep=keep)
    return dict(zip(last["subject"], details_of(last, kind), strict=True))
