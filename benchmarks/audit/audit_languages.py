"""The growth of a whole audit with the number of languages: seconds, processor time, memory.

    python benchmarks/audit/audit_languages.py [--languages 2,4,8] [--items 900] [--permutations 1000]

The parallel sets are built from FLORES-200 in as many scripts as there are languages: real passages, two questions
on each, with the openings of sentences as options, the same ones in every language, and random keys. The findings
of an audit there mean nothing, but its cost is that of a real set of as many languages (`--languages 122` takes
about half an hour on two cores). The archive is found as in the tests: BELEBELE_SHARED_DATA, or ../shared/data
beside the checkout.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from data import sources

ROOT = Path(__file__).resolve().parents[2]
OPENING = 40
"""The characters of a sentence that make an option; options of such sets are about as long."""


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", default="2,4,8")
    wanted.add_argument("--items", type=int, default=900)
    wanted.add_argument("--permutations", type=int, default=1000)
    given = wanted.parse_args()
    counts = sorted(int(count) for count in given.languages.split(","))
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        for count in counts:
            file = Path(scratch) / f"{count}.parquet"
            built(archive, count, given.items).to_parquet(file, index=False)
            lines.append(audited(file, count, given.items, given.permutations))
    return lines


def built(archive: Path, languages: int, items: int) -> pd.DataFrame:
    """Return one parallel set, one line per item and language, with the columns that an audit knows by name."""
    codes = spread(sources.available("flores200", str(archive)), languages)
    passages = sources.read("flores200", str(archive), codes).to_pandas()
    texts = passages.pivot_table(index="passage_id", columns="language", values="text", aggfunc="first")
    random = np.random.default_rng(0)
    on = np.arange(items) // 2 % len(texts)
    drawn = np.array([random.choice(len(texts), 5, replace=False) for _ in range(items)])
    keys = random.integers(0, 4, items)
    parts = []
    for code in codes:
        text = texts[code].to_numpy()
        openings = np.array([one[:OPENING].strip() for one in text])
        lines = {
            "id": [f"{number:05}" for number in range(items)],
            "language": code,
            "passage": text[on],
            "question": [one[-OPENING:].strip() for one in text[drawn[:, 4]]],
            "options": [list(openings[four]) for four in drawn[:, :4]],
            "answer": keys,
        }
        parts.append(pd.DataFrame(lines))
    return pd.concat(parts, ignore_index=True)


def spread(codes: list[str], count: int) -> list[str]:
    """Return this number of the languages, evenly over the alphabet, English among them."""
    others = sorted(set(codes) - {"eng_Latn"})
    return ["eng_Latn", *(others[place] for place in np.linspace(0, len(others) - 1, count - 1).astype(int))]


def audited(file: Path, languages: int, items: int, permutations: int) -> Line:
    """Return the cost of `belebele audit` on the file, as a process of its own."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "flows.cli.commands", "audit", str(file), "--out", str(file.with_suffix(""))]
    command += ["--source-language", "eng_Latn", "--permutations", str(permutations), "--answer-from", "0"]

    def run() -> None:
        done = subprocess.run(command, check=False)
        if done.returncode not in (0, 1) or not (file.with_suffix("") / "report.html").exists():
            sys.exit(f"the audit of {languages} languages ended with {done.returncode}")

    seconds = timed(run)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{languages} languages x {items} items, B = {permutations}: {seconds:.1f} s, {busy:.1f} s of processor"
        f" time ({busy / languages:.2f} a language), {after.ru_maxrss / 1024:.0f} MB at most",
        flush=True,
    )
    return Line(f"audit, {languages} languages x {items} items", seconds)


if __name__ == "__main__":
    show(main())
