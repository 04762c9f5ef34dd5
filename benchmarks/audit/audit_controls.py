"""Controls of the shortcut audit: its rate of false alarms, its power, and the coverage of its bounds.

    python benchmarks/audit/audit_controls.py [--null-sets 20]

Real sets with permuted keys test the code: an audit with the default layers at B = 199 must find something in a
share alpha of the copies and no more. Sets that were built without any cue (options drawn from one pool of real
sentences, random keys, two questions a passage), in one language and in eight at once with the same keys in all,
test the assumptions; `--null-sets` counts this many of these and does nothing else. Planted natural cues test its
power, and the coverage of one-sided bounds is counted over planted truths. The data are found as in the tests:
BELEBELE_SHARED_DATA, or ../shared/data beside the checkout.
"""

from __future__ import annotations

import argparse
import os
import sys
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from qc.audit.layers.available_layers import Laid, Setting, laid
from qc.models import ranker
from qc.set_statistics.certificates.accuracy_bounds import effective_items, reach_of, upper_bound
from qc.set_statistics.certificates.planted_cues import planted
from qc.set_statistics.certificates.sensitivity import measure
from qc.set_statistics.cross_validation_folds import folds, grouping
from qc.set_statistics.language_results import joined
from qc.set_statistics.layer_statistics import SHARES, Detection, LayerName, LayerReading, Prepared, detect, read
from qc.set_statistics.options import Ints, Options
from qc.set_statistics.permutation_tests import studentised

ROOT = Path(__file__).resolve().parents[2]
ALPHA = 0.05
PERMUTATIONS = 199
COPIES = 200
NULL_SETS = 60
EIGHT = ("amh_Ethi", "arb_Arab", "ben_Beng", "eng_Latn", "hin_Deva", "rus_Cyrl", "swh_Latn", "zho_Hans")
Layers = Mapping[LayerName, Laid]


def default_layers(options: Options, clusters: Mapping[str, str] | None = None) -> Layers:
    """Return the layers that an audit runs by default, ready for any labelling of these options."""
    clusters = clusters or grouping(options.items).clusters
    setting = Setting(
        labellings=options.labellings(0, 0),
        clusters=clusters,
        folds=folds(options, clusters=clusters),
        alphas={name: ALPHA * share for name, share in SHARES.items()},
    )
    return {name: laid(name, options, setting) for name in SHARES}


def readings(layers: Layers, options: Options, labellings: Ints) -> dict[LayerName, LayerReading]:
    return {name: joined([read(part, options, labellings) for part in one.parts]) for name, one in layers.items()}


def detections(found: Mapping[LayerName, LayerReading]) -> dict[LayerName, Detection]:
    return {name: detect([reading], ALPHA * SHARES[name]) for name, reading in found.items()}


def alarms(layers: Layers, options: Options, labellings: Ints) -> set[LayerName]:
    """Return the layers that find something in the labelling in column 0."""
    found = detections(readings(layers, options, labellings))
    return {name for name, one in found.items() if any((p <= one.alpha).any() for p in one.adjusted)}


def told(what: str, found: Sequence[set[LayerName]]) -> None:
    """Print a rate beside the interval in which 95 % of such counts lie."""
    count, hits = len(found), sum(map(bool, found))
    low, high = binom.interval(0.95, count, ALPHA)
    verdict = "inside" if low <= hits <= high else "OUTSIDE" if hits > high else "below"
    by_layer = ", ".join(f"{name} {sum(name in one for one in found)}" for name in SHARES)
    rate = f"{hits} of {count} ({hits / count:.1%}), {verdict} {low:.0f} to {high:.0f} at alpha {ALPHA}"
    print(f"{what}: {rate}; {by_layer}", flush=True)


def permuted(options: Options, copies: int = COPIES) -> list[set[LayerName]]:
    """Return alarms on a real set with its keys permuted within items, and permuted anew for every copy's test."""
    layers = default_layers(options)  # texts stay, so one preparation serves all copies
    return [
        alarms(layers, options, options.labellings(1 + PERMUTATIONS, seed)[:, 1:]) for seed in range(1, copies + 1)
    ]


def built(sentences: Sequence[str], sets: int = NULL_SETS, count: int = 200) -> list[set[LayerName]]:
    """Return alarms on sets without a cue: two questions a passage, options from one pool, random keys."""
    found = []
    for seed in range(sets):
        options = Options.of(drawn({"eng_Latn": sentences}, count, seed))
        found.append(alarms(default_layers(options), options, options.labellings(PERMUTATIONS, seed)))
    return found


def parallel(
    sentences: Mapping[str, Sequence[str]], sets: int = NULL_SETS, count: int = 100
) -> list[set[LayerName]]:
    """Return alarms in several languages at once: the same items with the same keys, each text in its language.

    Args:
        sentences: by language, line for line the same.
        sets: the number of sets.
        count: items in each language.
    """
    found = []
    for seed in range(sets):
        items = drawn(sentences, count, seed)
        clusters = grouping(items).clusters
        read_in: list[dict[LayerName, LayerReading]] = []
        for _, part in items.groupby("language", sort=True):
            options = Options.of(part)
            layers = default_layers(options, clusters)
            read_in.append(readings(layers, options, options.labellings(PERMUTATIONS, seed)))
        found.append(
            {
                name
                for name, share in SHARES.items()
                if any(
                    (p <= ALPHA * share).any()
                    for p in detect([one[name] for one in read_in], ALPHA * share).adjusted
                )
            }
        )
    return found


def drawn(sentences: Mapping[str, Sequence[str]], count: int, seed: int) -> pd.DataFrame:
    """Return one set without a cue, in every language."""
    random = np.random.default_rng(seed)
    every = random.permutation(len(next(iter(sentences.values()))))
    pool = every[3 * (count // 2) :]
    questions = random.choice(pool, count)
    options = [random.choice(pool, 4, replace=False) for _ in range(count)]
    keys = random.integers(0, 4, count)
    parts = []
    for language, said in sentences.items():
        passages = [" ".join(said[place] for place in every[3 * one : 3 * one + 3]) for one in range(count // 2)]
        parts.append(
            pd.DataFrame(
                {
                    "item_id": [f"i{line:04}" for line in range(count)],
                    "language": language,
                    "group": [f"g{line // 2:04}" for line in range(count)],
                    "passage": [passages[line // 2] for line in range(count)],
                    "question": [said[place] for place in questions],
                    "options": [[said[place] for place in four] for four in options],
                    "key": keys,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def seen(options: Options, replicates: int = 20) -> None:
    """Print how often planted natural cues of known coverage and strength are found."""
    layers = default_layers(options)
    read_in = readings(layers, options, options.labellings(PERMUTATIONS, 0))
    critical = detections(read_in)
    whole: dict[str, tuple[Prepared, LayerReading, Detection]] = {
        name: (one, read_in[name], critical[name]) for name, one in layers.items()
    }
    print(f"{len(options)} items, {replicates} runs a cell: found by the whole (heuristics, tokens, learners)")
    for shares, strengths in (((0.05, 0.1, 0.2, 0.4), (0.5, 0.75, 1.0)), ((1.0,), (0.3,))):
        curve = measure(options, whole, shares=shares, strengths=strengths, replicates=replicates)
        for cell in curve.cells:
            layered = ", ".join(f"{power.found:.2f}" for power in cell.layers.values())
            print(
                f"  {cell.kind:9} c = {cell.share:<4g} q = {cell.strength:<4g} knowing it earns {cell.oracle:.3f}:"
                f" {cell.power.found:.2f} ({cell.power.low:.2f} to {cell.power.high:.2f}; {layered})"
            )
        if len(shares) > 1:
            print(*curve.sentences, sep="\n", flush=True)


def published(options: Options, runs: int = 200) -> None:
    """Compare a direct test and a learner on the published pair: a weak cue in all items, a strong one in a tenth.

    The strong cue is a word. Each is one two-sided test at .05, no family: the planted rule, and the ranker on
    options alone.
    """
    learner = ranker.prepare(options, folds(options), inputs=("options",))
    null = read(learner, options, options.labellings(PERMUTATIONS, 0))
    hits = [cue.statistic == "accuracy" for cue in learner.cues].index(True)
    lengths = options.credits(np.array([len(text) for text in options.texts], float))
    random = np.random.default_rng(0)
    share = (0.30 - 0.25) / (1 - 0.25)  # the share of items that follow the rule; any option in the others
    weak = options.labellings(runs, 1)[:, 1:]
    follow = random.random(weak.shape) < share
    longest = options.starts + np.maximum.reduceat(np.where(lengths > 0, options.place, -1), options.starts)
    weak = np.where(follow, longest[:, None], weak)
    strong = planted(options, "lexical", 0.1, 1.0, count=runs, seed=1)[0]
    for what, labellings in (("every item, oracle .30", weak), ("one word, a tenth of the items", strong)):
        z = (learner.measure(labellings).statistic[hits] - null.centre[hits]) / null.scale[hits]
        direct = studentised(options, lengths[:, None], labellings)[0]
        found = [float(np.mean(np.abs(one) > 1.96)) for one in (direct, z)]
        print(f"  {what}: the longest option {found[0]:.2f}, the ranker on options {found[1]:.2f}", flush=True)


def covered(options: Options, runs: int = 400) -> None:
    """Print how often a cross-fitted learner's one-sided 95 % bound holds the truth, before and after calibration.

    It is calibrated on 50 replicates a cell, as an audit does, and counted on others. The truth is the mean over a
    cell.
    """
    learner = ranker.prepare(options, folds(options), inputs=("options",))
    cell = [(kind, share, 1.0) for kind in ("lexical", "stylistic", "match") for share in (0.0, 0.05, 0.1, 0.2)]
    null = learner.measure(options.labellings(400, 0)[:, 1:]).accuracy[0]
    spread = float(null.std())
    drawn = [learner.measure(planted(options, *one, count=50, seed=1)[0]).accuracy[0] for one in cell]
    reach = reach_of(np.array(drawn), spread, options.chance, options.chance + 0.12)
    plain, wide = (effective_items(options, spread=spread, reach=factor) for factor in (1.0, reach))
    fixed = (options.chance * (1 - options.chance) / len(options)) ** 0.5
    print(
        f"{len(options)} items, the ranker on options: spread {spread:.4f} over permuted labellings (binomial"
        f" {fixed:.4f}), bounds reach {reach:.2f} times as far"
    )
    for one in cell:
        accuracy = learner.measure(planted(options, *one, count=runs, seed=2)[0]).accuracy[0]
        truth = float(accuracy.mean())
        shares = [np.mean([upper_bound(float(a), size) >= truth for a in accuracy]) for size in (plain, wide)]
        binomial = np.mean([upper_bound(float(a), len(options)) >= truth for a in accuracy])
        print(
            f"  {one[0]:9} c = {one[1]:<4g} truth {truth:.3f}: binomial {binomial:.3f}, scaled {shares[0]:.3f},"
            f" calibrated {shares[1]:.3f}",
            flush=True,
        )


def cosmos(shared: Path, count: int) -> Options:
    """Return the first items of Cosmos QA, with all questions of each passage."""
    frame = pd.read_csv(shared / "cosmosqa" / "valid.csv", keep_default_na=False).iloc[:count]
    lines = {
        "item_id": frame["id"],
        "language": "eng_Latn",
        "group": frame["context"],
        "passage": frame["context"],
        "question": frame["question"],
        "options": frame[[f"answer{place}" for place in range(4)]].to_numpy().tolist(),
        "key": frame["label"].astype(int),
    }
    return Options.of(pd.DataFrame(lines).drop_duplicates("item_id"))


def sentences_of(archive: Path, language: str = "eng_Latn") -> list[str]:
    """Return the sentences of FLORES-200 in a language."""
    with tarfile.open(archive) as packed:
        files = [
            packed.extractfile(f"flores200_dataset/{split}/{language}.{split}") for split in ("dev", "devtest")
        ]
        return [line for file in files if file for line in file.read().decode().splitlines()]


def eight_of(archive: Path) -> dict[str, list[str]]:
    """Return the sentences in eight languages of seven scripts, aligned line by line."""
    return {language: sentences_of(archive, language) for language in EIGHT}


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--null-sets", type=int, default=0, help="Only so many sets without a cue, of each kind.")
    small = wanted.parse_args().null_sets
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not (shared / "cosmosqa" / "valid.csv").exists() or not archive.exists():
        print(f"left out: {shared} lacks cosmosqa or FLORES-200; set BELEBELE_SHARED_DATA to the folder with both")
        return []
    nulls = [
        Line(
            f"{small or NULL_SETS} sets of 200 items without a cue, built and audited",
            timed(lambda: told("sets without a cue", built(sentences_of(archive), small or NULL_SETS))),
        ),
        Line(
            f"{small or NULL_SETS} sets of 100 items without a cue in {len(EIGHT)} languages",
            timed(lambda: told("eight languages", parallel(eight_of(archive), small or NULL_SETS))),
        ),
    ]
    if small:
        return nulls
    real, large = cosmos(shared, 300), cosmos(shared, 900)
    return [
        *nulls,
        Line(
            f"{COPIES} audits of 300 items with permuted keys, B = {PERMUTATIONS}",
            timed(lambda: told("permuted keys", permuted(real))),
        ),
        Line("what planted cues are found, 900 items", timed(lambda: seen(large))),
        Line("the published pair of cues, 900 items", timed(lambda: published(large))),
        Line("how often bounds cover, 300 items", timed(lambda: covered(real))),
    ]


if __name__ == "__main__":
    show(main())
