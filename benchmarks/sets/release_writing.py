"""A release of Belebele's size: writing it beside the `datasets` library, and reading one language of it.

    python benchmarks/sets/release_writing.py [--languages 122] [--items 900]

Writing: the same items by `data.release` (both formats of items, every description, checks of names and digests)
and by `datasets` (parquet alone). Reading: one language out of all from the release's folder, and from a zip of
JSON lines as Belebele is distributed. Memory is told at its peak, the items included.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import sys
import tempfile
import zipfile
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from data.languages import languages
from data.release.description.release_description import About
from data.release.release_files import write_release

WORDS = ("river", "boat", "house", "market", "winter", "letter", "garden", "machine", "school", "ocean", "bridge")


def made(codes: list[str], count: int) -> pd.DataFrame:
    """Items of about the length of Belebele's: two questions on a passage of 80 words."""
    dice = random.Random(1)

    def text(words: int) -> str:
        return " ".join(dice.choice(WORDS) for _ in range(words))

    lines = []
    for code in codes:
        texts = [f"{code} {text(80)}" for _ in range((count + 1) // 2)]
        for number in range(count):
            passage = f"p{number // 2:04d}"
            lines.append(
                {
                    "question_id": f"{passage}-q{number % 2 + 1}", "language": code, "passage_id": passage,
                    "question_number": number % 2 + 1, "revision": 1, "passage": texts[number // 2],
                    "question": f"{text(12)}?", "answers": [f"{place} {text(5)}" for place in range(4)],
                    "key": number % 4 + 1, "link": f"https://example.org/{passage}", "position": number // 2,
                    "order": [1, 2, 3, 4], "split": "test" if number >= 40 else "dev",
                }
            )  # fmt: skip
    return pd.DataFrame(lines)


def main() -> list[Line]:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--languages", type=int, default=122)
    asked.add_argument("--items", type=int, default=900)
    given = asked.parse_args()
    import datasets  # type: ignore[import-untyped]  # before the clock runs

    datasets.disable_progress_bars()
    codes = sorted(languages())[: given.languages]
    items = made(codes, given.items)
    about = About("1.0.0", date(2026, 1, 31), "A benchmark of this size", "CC-BY-SA-4.0", codes[0])
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        ours = timed(lambda: write_release(items, about, place / "release"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        tables = {code: pq.read_table(place / f"release/data/{code}.parquet") for code in codes}
        theirs = timed(lambda: by_datasets(tables, place / "datasets"))
        lines = {path.name: path.read_bytes() for path in (place / "release/jsonl/test").iterdir()}
        packed, one = zipped(lines), codes[len(codes) // 2]
        from_folder = min(
            timed(lambda: pq.read_table(place / f"release/data/{one}.parquet").to_pandas()) for _ in range(5)
        )
        from_zip = min(timed(lambda: of_zip(packed, f"{one}.jsonl")) for _ in range(5))
    size = f"{given.languages} languages x {given.items} items"
    print(f"{size}: at most {peak:.2f} GiB until the release was written")
    found = [
        Line(f"write a release, {size}", ours, theirs, "datasets, parquet alone"),
        Line("read one language of it", from_folder, from_zip, "a zip of JSON lines"),
    ]
    show(found)
    return found


def by_datasets(tables: dict[str, object], folder: Path) -> None:
    from datasets import Dataset

    folder.mkdir()
    for code, read in tables.items():
        Dataset(read).to_parquet(str(folder / f"{code}.parquet"))


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return held.getvalue()


def of_zip(packed: bytes, path: str) -> pd.DataFrame:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return pd.DataFrame([json.loads(line) for line in archive.read(path).decode().splitlines()])


if __name__ == "__main__":
    main()
