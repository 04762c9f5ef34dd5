"""How well varieties are told apart: fitted on FLORES-200's dev, measured on its devtest, other documents.

    python benchmarks/translation/variety_identification.py [--languages 204] [--each 1012]

Printed are, at whole sentences and cut at 170, 40 and 25 characters: strict macro F1 ('none of these' is wrong),
macro F1 where a variety of the same confusable set counts as right (sets are fixed on dev), the share of texts
answered with a variety that is in no set, and, against the expected variety, the share of correct texts that are
doubted (aimed at: `RATE`) and of texts of a variety outside the set that are. All of it is news and travel prose
by a few translators a language: web text is told apart less well. The archive is found as in the tests:
BELEBELE_SHARED_DATA, or ../shared/data beside the checkout.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data import sources
from qc.translation_models.varieties.variety_fit import NONE_OF_THESE, VarietyReading, VarietyText, fit

ROOT = Path(__file__).resolve().parents[2]
RATE = 0.01
Places = npt.NDArray[np.int64]


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", type=int, default=204)
    wanted.add_argument("--each", type=int, default=1012, help="devtest sentences of each")
    given = wanted.parse_args()
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    codes = sorted(sources.available("flores200", str(archive)))[: given.languages]
    passages = sources.read("flores200", str(archive), codes).to_pandas()
    learned, test = (
        [
            VarietyText(language, link, sentence)
            for language, link, some in zip(part["language"], part["link"], part["sentences"], strict=True)
            for sentence in some
        ]
        for part in (passages[passages["split"] == "dev"], passages[passages["split"] == "devtest"])
    )
    began = time.perf_counter()
    fitted = fit(learned, RATE, fitted_on="FLORES-200 dev")
    seconds = time.perf_counter() - began
    print(
        f"{len(learned)} sentences in {len(codes)} varieties fitted and calibrated in {seconds:.0f} s", flush=True
    )
    for some in sorted({tuple(sorted(one)) for one in fitted.confusable.values()}):
        print("  taken for each other:", " ".join(some))
    every = fitted.identifier.languages
    set_of = np.array([min(map(every.index, fitted.confusable.get(name, {name}))) for name in every])
    kept = [text for n, text in enumerate(test) if n % max(1, 1012 // given.each) == 0]
    truth = np.array([fitted.identifier.place[one.language] for one in kept])
    random = np.random.default_rng(0)
    for cut in (None, 170, 40, 25):
        texts = [one.text[:cut] for one in kept]
        began = time.perf_counter()
        read = fitted.read(texts, [one.language for one in kept])
        each = (time.perf_counter() - began) / len(texts)
        best = np.array([-1 if one.best == NONE_OF_THESE else fitted.identifier.place[one.best] for one in read])
        single = np.array([one.best != NONE_OF_THESE and one.best not in fitted.confusable for one in read])
        other = random.integers(0, len(every), len(kept))
        other = np.where(set_of[other] == set_of[truth], (truth + len(every) // 2) % len(every), other)
        wrong = fitted.read(texts, [every[place] for place in other])
        over_sets = f1(set_of[truth], in_sets(best, set_of))
        print(
            f"{cut or 'sentences':>9}  F1 {f1(truth, best):.4f}  over sets {over_sets:.4f}  answered singly "
            f"{single.mean():.3f}  correct doubted {doubted(read)}  wrong doubted {doubted(wrong)}  "
            f"{1000 * each:.2f} ms a text",
            flush=True,
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"peak memory {memory:.1f} GiB")
    return [Line(f"fit of {len(codes)} varieties", seconds)]


def doubted(read: list[VarietyReading]) -> str:
    known = [one.flagged for one in read if one.flagged is not None]
    return f"{np.mean(known):.4f} (null {1 - len(known) / len(read):.3f})" if known else "null"


def in_sets(best: Places, set_of: Places) -> Places:
    return np.where(best < 0, -1, set_of[best])


def f1(truth: Places, answer: Places) -> float:
    found = []
    for label in np.unique(truth):
        right = int(((truth == label) & (answer == label)).sum())
        found.append(2 * right / (int((truth == label).sum()) + int((answer == label).sum())))
    return float(np.mean(found))


if __name__ == "__main__":
    show(main())
