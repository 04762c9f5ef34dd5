"""The speed of reading FLORES-200's passages, compared in one run with a plain pandas script for the same.

    python benchmarks/sets/passages.py

Both build all passages of all languages from the extracted folder, in turns, and must agree on every text; the
best time of each counts. The archive is found as in the tests: BELEBELE_SHARED_DATA, or ../shared/data beside the
checkout.
"""

from __future__ import annotations

import os
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data import sources

ROOT = Path(__file__).resolve().parents[2]
TURNS = 5
T = TypeVar("T")


def plain(folder: Path) -> pd.DataFrame:
    """Read the passages as one would in a notebook."""
    parts = []
    for split in ("dev", "devtest"):
        links = pd.read_csv(folder / f"metadata_{split}.tsv", sep="\t")["URL"]
        for file in sorted((folder / split).iterdir()):
            sentences = pd.Series(file.read_text(encoding="utf-8").split("\n")[:-1]).str.strip()
            passages = sentences.groupby(links, sort=False).agg(" ".join)
            parts.append(
                pd.DataFrame({"language": file.stem, "link": passages.index, "text": passages.to_numpy()})
            )
    return pd.concat(parts).sort_values("language", kind="stable", ignore_index=True)


def timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def main() -> list[Line]:
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        folder = Path(scratch) / "flores200_dataset"
        ours, theirs = [], []
        for _ in range(TURNS):
            seconds, table = timed(lambda: sources.read("flores200", str(folder)))
            ours.append(seconds)
            seconds, frame = timed(lambda: plain(folder))
            theirs.append(seconds)
        seconds, packed_table = timed(lambda: sources.read("flores200", str(archive)))
    if not table.equals(packed_table) or table["text"].to_pylist() != frame["text"].tolist():
        sys.exit("the ways of reading do not agree; the times mean nothing")
    languages = len(frame["language"].unique())
    size = f"{table.num_rows // languages} passages x {languages} languages"
    return [
        Line(f"{size}, from the folder", min(ours), min(theirs), f"plain pandas; best of {TURNS} each"),
        Line(f"{size}, from the archive", seconds),
    ]


if __name__ == "__main__":
    show(main())
