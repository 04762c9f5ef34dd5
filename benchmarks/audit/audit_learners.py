"""The speed of the audit's learners, compared in one run with the code that one would write without them.

    python benchmarks/audit/audit_learners.py

The ranker's test (options alone, 10 folds, the true labelling and 1,000 permuted ones, refitted each time) is
compared with scikit-learn's LogisticRegression on the same n-grams, of which a few fits are timed and scaled to as
many. The network's models, all trained at once, are compared with the same models trained one after another; both
ways must agree. Where torch finds a GPU, the same is done there, with more seeds to fill it, and its arithmetic is
compared with the GPU's speed in one large product; where it finds none, a line says so. The items are CosmosQA's
first 900, found as in the tests: BELEBELE_SHARED_DATA, or ../shared/data beside the checkout.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from qc.models import batches, network
from qc.models.features import Features
from qc.models.network import Network
from qc.models.ranker import TESTED, prepare
from qc.set_statistics.cross_validation_folds import folds, grouping
from qc.set_statistics.item_scores import item_scores
from qc.set_statistics.layer_statistics import read
from qc.set_statistics.options import COLUMNS, Floats, Ints, Options

ROOT = Path(__file__).resolve().parents[2]
ITEMS, PERMUTATIONS, FITS = 900, 1000, 10
GPU_SEEDS = 30
T = TypeVar("T")


def timed(work: Callable[[], T], turns: int = 1) -> tuple[float, T]:
    """Return the best time of some turns, and the result."""
    best = float("inf")
    for _ in range(turns):
        start = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - start)
    return best, result


def items(file: Path) -> pd.DataFrame:
    table = pd.read_csv(file).iloc[:ITEMS]
    texts = table[["answer0", "answer1", "answer2", "answer3"]].astype(str).to_numpy().tolist()
    made = {
        "item_id": table["id"],
        "language": "eng",
        "group": table["context"],
        "passage": table["context"],
        "question": table["question"],
        "options": texts,
        "key": table["label"],
    }
    return pd.DataFrame(made)[list(COLUMNS)]


def plain_fits(options: Options, parted: Ints, labellings: Ints) -> float:
    """Return the seconds that one fit of one fold takes on the ranker's n-grams of the options."""
    blocks = Features(options).blocks("options")[:2]  # without style, which would only slow it down
    features = sp.csr_matrix(sp.hstack(blocks))

    def fit(number: int) -> object:
        held = np.isin(options.item_of, np.flatnonzero(parted == number % 10))
        is_key = np.zeros(len(held), bool)
        is_key[labellings[:, 1 + number]] = True
        fitted = LogisticRegression().fit(features[~held], is_key[~held])
        return fitted.decision_function(features[held])

    with threadpool_limits(1):  # more threads only make such a fit slower
        return float(np.median([timed(partial(fit, number))[0] for number in range(FITS)]))


def ranking(options: Options, clusters: dict[str, str]) -> list[Line]:
    parted = folds(options, clusters=clusters)
    labellings = options.labellings(PERMUTATIONS, 0)
    alone, _ = timed(lambda: read(prepare(options, parted, inputs=("options",)), options, labellings), 3)
    every, _ = timed(lambda: read(prepare(options, parted), options, labellings))
    ranker = prepare(options, parted, inputs=TESTED[:3])
    ranker.measure(labellings[:, :1])
    scored, _ = timed(lambda: item_scores(options, ranker, clusters, labellings))
    fit = plain_fits(options, parted, labellings)
    fits = 10 * (1 + PERMUTATIONS)
    return [
        Line(
            f"ranker, options, {fits} fits, {ITEMS} x 4",
            alone,
            fit * fits,
            f"LogisticRegression, {fit:.3f} s a fit, median of {FITS}, scaled",
        ),
        Line(f"ranker, all {len(TESTED)} inputs, {len(TESTED) * fits} fits", every),
        Line("items' scores, 3 inputs", scored),
    ]


def side_by_side(options: Options, parted: Ints, device: str, seeds: int, alone: int) -> Line:
    """Compare all models at once with one after another, of which `alone` are trained and scaled."""
    trained = Network(options, parted, device, seeds=seeds)
    keys = options.keys[:, None]
    models = trained.models(1)
    few = models.at(np.linspace(0, len(models) - 1, alone).astype(np.int64))

    def settled(work: Callable[[], T]) -> T:
        made = work()
        if device != "cpu":
            torch.cuda.synchronize()
        return made

    def one_by_one() -> Floats:
        return np.concatenate([trained._held_out(few.at(np.array([one])), keys) for one in range(alone)])

    if device != "cpu":  # compile both
        trained.scores(keys)
        trained._held_out(few.at(np.array([0])), keys)
    loop, single = timed(lambda: settled(one_by_one))
    together, _ = timed(lambda: settled(lambda: trained.scores(keys)), 3)
    both = trained._held_out(few, keys)
    if np.abs(both - single).max() > (1e-2 if device == "cpu" else 0.5):
        sys.exit("models trained alone and side by side do not agree; the times mean nothing")
    if device != "cpu":
        _say_roofline(trained, len(models), together)
    what = f"network, {len(models)} models (folds x seeds x inputs), {device}"
    return Line(what, together, loop * len(models) / alone, f"one after another, {alone} timed")


def _say_roofline(trained: Network, models: int, seconds: float) -> None:
    """Print the arithmetic of the bags' products a second beside that of one large product in bfloat16."""
    rows = sum(batch.bags[0].shape[0] for batch in trained.batches)
    product = 2 * rows * batches.BUCKETS * models * network.WIDTH
    work = product * (2 * network.EPOCHS + 1)  # forward and for the embedding's gradient, then once to score
    large = torch.randn(8192, 8192, device=trained.device, dtype=torch.bfloat16)
    for _ in range(3):
        large @ large
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(20):
        large @ large
    torch.cuda.synchronize()
    peak = 20 * 2 * 8192**3 / (time.perf_counter() - start)
    name = torch.cuda.get_device_name()
    print(f"{name}: {models} models in {seconds:.2f} s; {work / seconds / 1e12:.1f} TFLOP/s of", end=" ")
    print(f"{peak / 1e12:.0f} in one large product: {work / seconds / peak:.1%} of the roofline")


def main() -> list[Line]:
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    file = shared / "cosmosqa" / "valid.csv"
    if not file.exists():
        print(f"left out: there is no {file}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    frame = items(file)
    seconds, found = timed(lambda: grouping(frame))
    lines = [Line(f"near-duplicates of {ITEMS} items, {len(found.pairs)} pairs", seconds)]
    options, clusters = Options.of(frame), dict(found.clusters)
    lines += ranking(options, clusters)
    parted = folds(options, clusters=clusters)
    lines.append(side_by_side(options, parted, "cpu", network.SEEDS, 30))
    if torch.cuda.is_available():
        lines.append(side_by_side(options, parted, "cuda", GPU_SEEDS, 30))
        labellings = options.labellings(PERMUTATIONS, 0)
        prepare(options, parted, "cuda").measure(labellings)
        seconds, _ = timed(lambda: read(prepare(options, parted, "cuda"), options, labellings))
        lines.append(Line(f"ranker, all {len(TESTED)} inputs, cuda", seconds))
    else:
        print(
            "left out: torch finds no GPU here; where there is one, this file measures the network on it as well"
        )
    return lines


if __name__ == "__main__":
    show(main())
