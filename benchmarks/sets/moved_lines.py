"""False alarms of the checks of meaning on everyday prose, before and after accepted items moved their lines.

    python benchmarks/sets/moved_lines.py [--languages est_Latn,swh_Latn,... ] [--accepted 400]

The lines are drawn from FLORES-200's passages, Italian and another language, as a campaign draws them; the items
are XCOPA's, the two options of each with those of the next, written by people and translated by people. So many
count as accepted and move the lines as `belebele calibrate` does, the others are judged by both lines. A row is a
check: what share of correct items or options it flags of those others, and how many of the swapped items and
pasted options it finds.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from benchmarks.translation.seeded_faults import XCOPA, xcopa
from data import sources
from flows.calibrations.calibrations_in_force import meaning_rates, rate_of, share_of_each
from flows.calibrations.learned_meanings import parallel_pairs
from qc.translation_models.calibration import Calibration, HeldOutText, moved
from qc.translation_models.meaning.meaning_model import Asked, MeaningModel, Rates, order_margin
from qc.translation_models.meaning.parallel_cuts import ParallelText

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ("options_swapped", "option_meaning")

Scores = dict[str, list[HeldOutText]]


def scored(model: MeaningModel, texts: Sequence[ParallelText]) -> Scores:
    """Return the scores of correct items and options, and of faulty ones under `swapped` and `pasted`."""
    around = [*texts, *texts[:2]]
    items = [around[at : at + 4] for at in range(0, len(texts), 2)]
    sources_of = [tuple(one.source for one in item) for item in items]
    targets = [tuple(one.target for one in item) for item in items]
    right = model.scores_of([Asked(of, own, "") for of, own in zip(sources_of, targets, strict=True)])
    shuffled = targets[5:] + targets[:5]
    wrong = model.scores_of([Asked(of, own, "") for of, own in zip(sources_of, shuffled, strict=True)])
    found: Scores = {name: [] for name in (*CHECKS, "swapped", "pasted")}
    for item, scores, pasted in zip(items, right, wrong, strict=True):
        about = model.language, sum(len(one.source) for one in item), item[0].document
        found["options_swapped"].append(HeldOutText(-order_margin(scores)[0], *about))
        found["swapped"].append(HeldOutText(-order_margin(scores[:, [1, 0, 2, 3]])[0], *about))
        for at, one in enumerate(item[:2]):  # the others are the next item's own
            of = model.language, len(one.source), one.document
            found["option_meaning"].append(HeldOutText(float(scores[at, at]), *of))
            found["pasted"].append(HeldOutText(float(pasted[at, at]), *of))
    return found


def share(lines: Calibration, texts: Sequence[HeldOutText], *, order: bool) -> float:
    """Return the share of texts that lines flag, of those that they judge."""
    flags = [lines.flags(one.score, one.language, one.characters) for one in texts]
    told = [
        flag and (one.score < 0 or not order) for flag, one in zip(flags, texts, strict=True) if flag is not None
    ]
    return sum(told) / max(1, len(told))


def measured(
    models: Mapping[str, MeaningModel], texts: Mapping[str, Sequence[ParallelText]], accepted: int
) -> list[tuple[str, ...]]:
    """Return the table's rows."""
    used: dict[str, Scores] = {}
    others: dict[str, Scores] = {}
    for code, some in texts.items():
        names = sorted({one.document for one in some}, key=int)
        random.Random(code).shuffle(names)
        first = set(names[:accepted])
        used[code] = scored(models[code], [one for one in some if one.document in first])
        others[code] = scored(models[code], [one for one in some if one.document not in first])
    rows = []
    for check, fault in zip(CHECKS, ("swapped", "pasted"), strict=True):
        drawn = {code: model.calibrations[check] for code, model in models.items()}
        every = [one for scores in used.values() for one in scores[check]]
        now = moved(drawn, every, fitted_on=dict.fromkeys(drawn, f"{accepted} accepted items"))
        if not now:
            print(f"{check}: fewer accepted texts than a line needs")
        for code in [*sorted(now), "all"] if now else []:
            codes = sorted(now) if code == "all" else [code]
            cells = [
                float(np.mean([share(lines[one], others[one][kind], order=check == CHECKS[0]) for one in codes]))
                for kind in (check, fault)
                for lines in (drawn, now)
            ]
            rows.append((check, code, *(f"{cell:.4f}" for cell in cells)))
    return rows


def main() -> list[Line]:
    """Print the table."""
    asked = argparse.ArgumentParser(description="Lines moved by accepted items")
    asked.add_argument("--languages", default=",".join(sorted(XCOPA.values())))
    asked.add_argument("--accepted", type=int, default=400)
    given = asked.parse_args()
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive, folder = shared / "flores200_dataset.tar.gz", shared / "xcopa"
    if not archive.exists() or not folder.is_dir():
        print(
            f"left out: there is no {archive} or {folder}; set BELEBELE_SHARED_DATA to the folder that holds them"
        )
        return []
    began = time.perf_counter()
    short = {code: name for name, code in XCOPA.items()}
    codes = given.languages.split(",")
    passages = sources.read("flores200", str(archive), ["ita_Latn", *codes]).to_pandas()
    share = share_of_each()
    rates = Rates(**meaning_rates(share))
    models: dict[str, MeaningModel] = {}
    for code in codes:
        side = next((one.source for one in models.values()), None)
        models[code] = MeaningModel(code, parallel_pairs(passages, "ita_Latn", code), rates=rates, source=side)
        models[code].held_out = []
    texts = {code: xcopa(folder, short[code]) for code in codes}
    print(f"{'':16} {'':9}  flagged of correct    found of faulty")
    print(f"{'check':16} {'language':9} {'drawn':>9} {'moved':>9} {'drawn':>9} {'moved':>9}")
    for check, code, *cells in measured(models, texts, given.accepted):
        print(f"{check:16} {code:9} " + " ".join(f"{cell:>9}" for cell in cells))
    print(f"allowed: {', '.join(f'{check} {rate_of(check, share):.4f}' for check in CHECKS)}")
    return [Line(f"lines moved in {len(codes)} languages", time.perf_counter() - began)]


if __name__ == "__main__":
    show(main())
