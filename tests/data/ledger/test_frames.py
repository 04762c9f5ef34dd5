"""A table's texts as pandas gets them: in small frames and in large ones the same, kept in different ways."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from data.ledger.frames import LARGE, to_frame


def of(rows: int) -> pd.DataFrame:
    texts = pa.array([None if n % 3 == 0 else f"t{n % 5}" for n in range(rows)], pa.string())
    return to_frame(pa.table({"text": texts, "number": pa.array(range(rows), pa.int64())}))


def test_texts_are_kept_by_size_and_mean_the_same() -> None:
    small, large = of(30), of(LARGE)
    assert (small["text"].dtype.storage, large["text"].dtype.storage) == ("python", "pyarrow")
    assert small.columns.dtype.storage == "python"
    assert small["text"].isna().tolist() == large["text"].head(30).isna().tolist()
    assert small["text"].dropna().tolist() == large["text"].head(30).dropna().tolist()


def test_a_small_frame_meets_a_large_one() -> None:
    small, large = of(30), of(LARGE)
    both = pd.concat([small, large], ignore_index=True)
    assert len(both) == LARGE + 30 and both["text"].isna().sum() == 10 + len(range(0, LARGE, 3))
    met = small.merge(large, on=["text", "number"], how="left", indicator=True)
    assert (met["_merge"] == "both").all()
    assert (small["text"].dropna() == large["text"].head(30).dropna()).all()
