"""Faults of meaning planted among correct options, and how many of them are found at a known rate of false alarms.

    python benchmarks/translation/seeded_faults.py [--out FOLDER] [--languages arb_Arab,tha_Thai | --all]
        [--minutes 20] [--encoder FOLDER] [--qe FOLDER]

The items are made of FLORES-200's sentences and of cuts at punctuation that a sentence and its translation share,
four of one size together, from one document where it has enough. Four fifths of all documents (some 1,600
sentences) are learned from, and thresholds are drawn on them as in a campaign; the faults are planted in the last
fifth. XCOPA's options, written by people and translated by people, have another subject and two options an item;
they are judged from Italian, since XCOPA here has no English, by thresholds from one half of its items on the
other half. A row of the table is a language, a size in words and a kind of fault; a heat map lies beside it. The
kinds are `swapped` (two options change places), `pasted` (an option of another item, up to a hundred of them for
each, so that what is drawn adds no chance to that of the line), `truncated` (half is gone),
`source left`, and `doubled` (another option of the item a second time). `misspelt name` is planted in sentences,
with the rest of the document for the passage: a letter of a name that both have is changed, lost or moved.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import sys
import tarfile
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data import sources
from qc.models.outside_meaning import FolderEncoder, FolderEstimator
from qc.translation_models import name_spelling
from qc.translation_models.calibration import Calibration, HeldOutText, calibrate
from qc.translation_models.meaning.meaning_model import SIZES, MeaningModel, order_margin, pseudo_items, size_of
from qc.translation_models.meaning.parallel_cuts import ParallelText, parallel_cuts
from qc.translation_models.name_spelling import NameSpelling
from qc.translation_models.outside_models import OutsideModels

ROOT = Path(__file__).resolve().parents[2]
SPREAD = (
    "swh_Latn", "tur_Latn", "jpn_Jpan", "arb_Arab", "khm_Khmr", "tha_Thai", "hin_Deva", "fin_Latn", "zho_Hans",
    "mya_Mymr", "ind_Latn", "vie_Latn", "kor_Hang", "heb_Hebr", "yor_Latn", "rus_Cyrl", "deu_Latn", "est_Latn",
    "hat_Latn", "quy_Latn",
)  # fmt: skip
KINDS = ("swapped", "pasted", "truncated", "source left", "doubled")
XCOPA = {
    "et": "est_Latn", "ht": "hat_Latn", "id": "ind_Latn", "qu": "quy_Latn", "sw": "swh_Latn", "ta": "tam_Taml",
    "th": "tha_Thai", "tr": "tur_Latn", "vi": "vie_Latn", "zh": "zho_Hans",
}  # fmt: skip
PASTED = 100
"""Most texts that are pasted in for one."""

LEAST = 30
"""Fewest planted faults for a recall."""

Row = dict[str, str | int | float | None]


def measured(
    language: str, sentences: Sequence[ParallelText], rates: Sequence[float], models: OutsideModels
) -> Iterator[Row]:
    """Yield the recall of each kind and size."""
    documents = sorted({one.document for one in sentences})
    random.Random(1).shuffle(documents)
    test = set(documents[: len(documents) // 5])
    model = MeaningModel(language, [one for one in sentences if one.document not in test], models=models)
    texts = [one for one in [*parallel_cuts(sentences), *sentences] if one.document in test]
    yield from recalls("FLORES", model, texts, model.correct, rates)
    for rate in rates:
        yield misspelt_names(language, sentences, test, rate)


def misspelt_names(language: str, sentences: Sequence[ParallelText], test: set[str], rate: float) -> Row:
    """Return the recall of misspelt names and the false alarms, on sentences of documents not learned from."""
    known = name_spelling.learned(language, [one for one in sentences if one.document not in test], rate)
    of_document: dict[str, list[ParallelText]] = defaultdict(list)
    for one in sentences:
        if one.document in test:
            of_document[one.document].append(one)
    draw = random.Random(0)
    alarms: list[bool] = []
    found: list[bool] = []
    for some in of_document.values():
        alphabet = sorted({letter for one in some for letter in one.target if letter.isalpha()})
        for one in some:
            rest = [other for other in some if other is not one]
            shared = " ".join(other.source for other in rest)
            passage = " ".join(other.target for other in rest)
            told = NameSpelling(
                language, {one.document: name_spelling.source_names(shared)}, known.common, known.calibration
            )
            clean = told.otherwise(one.source, one.target, passage, one.document)
            alarm = known.calibration.flags(name_spelling.score(clean), language, len(one.source))
            if alarm is None:
                continue
            alarms.append(alarm)
            place = _name_place(told, one, passage)
            if place is None:
                continue
            name = one.target[slice(*place)]
            at, kind = draw.randrange(1, len(name) - 1), draw.randrange(3)
            middle = (draw.choice(alphabet), "", name[at + 1] + name[at])[kind]
            wrong = name[:at] + middle + name[at + (2 if kind == 2 else 1) :]
            if wrong != name:
                target = one.target[: place[0]] + wrong + one.target[place[1] :]
                seen = told.otherwise(one.source, target, passage, one.document)
                found.append(known.calibration.flags(name_spelling.score(seen), language, len(one.source)) is True)
    return {
        "corpus": "FLORES", "language": language, "words": "8+", "kind": "misspelt name", "rate": rate,
        "recall": round(float(np.mean(found)), 4) if len(found) >= LEAST else None,
        "false_alarms": round(float(np.mean(alarms)), 4) if alarms else None,
        "clean": len(alarms), "planted": len(found),
    }  # fmt: skip


def _name_place(told: NameSpelling, one: ParallelText, passage: str) -> tuple[int, int] | None:
    """Return where a translation has a name of its source as its passage has it; None if nowhere for sure."""
    for name in sorted(name_spelling.source_names(one.source) & told.names[one.document]):
        for word, start, end in name_spelling.words_with_places(one.target):
            alike = name_spelling.likeness_to_name(word, name)
            if len(word) >= 4 and alike >= 0.8 and any(
                name_spelling.same_name(word, other) for other, _, _ in name_spelling.words_with_places(passage)
            ):  # fmt: skip
                return start, end
    return None


def recalls(
    corpus: str, model: MeaningModel, texts: Sequence[ParallelText], correct: Mapping[str, list[HeldOutText]],
    rates: Sequence[float], options: int = 4,
) -> Iterator[Row]:  # fmt: skip
    """Yield the recall of each kind and size, on texts of documents that were not learned from."""
    lines = {
        (name, rate): calibrate(name, correct[name], rate, fitted_on=corpus)
        for name in ("options_swapped", "option_meaning")
        for rate in rates
    }
    for size, name in enumerate(SIZES):
        planted = faults(model, [one for one in texts if size_of(one.source) == size], options)
        for kind in KINDS:
            check = "options_swapped" if kind == "swapped" else "option_meaning"
            for rate in rates:
                line = lines[check, rate]
                found, alarms = (
                    [
                        share
                        for share in (_flag(line, model.language, check, *one) for one in some)
                        if share is not None
                    ]
                    for some in (planted[kind], planted[check])
                )
                told = len(found) >= max(LEAST, len(planted[kind]) // 2)
                yield {
                    "corpus": corpus, "language": model.language, "words": name, "kind": kind, "rate": rate,
                    "recall": round(float(np.mean(found)), 4) if told else None,
                    "false_alarms": round(float(np.mean(alarms)), 4) if told else None,
                    "clean": len(alarms), "planted": len(found),
                }  # fmt: skip


def _flag(line: Calibration, language: str, check: str, score: float, characters: int) -> bool | None:
    flag = line.flags(score, language, characters)
    return flag if check != "options_swapped" or flag is None else flag and score < 0


Scored = tuple[float, int]
"""A score, and the characters of the source."""


def faults(model: MeaningModel, texts: Sequence[ParallelText], options: int) -> dict[str, list[Scored]]:
    """Return the scores of planted faults by kind, and those of correct texts by check."""
    found: dict[str, list[Scored]] = defaultdict(list)
    if len(texts) < 2 * options:
        return found
    draw = random.Random(0)
    targets = [one.target for one in texts]
    origin = [one.source for one in texts]
    sizes = [len(text) for text in origin]
    scores = model.scores(origin, targets)
    halved = [text[: max(1, len(text) // 2)] for text in targets]
    found["option_meaning"] = list(zip(map(float, np.diagonal(scores)), sizes, strict=True))
    for kind, changed in (("truncated", halved), ("source left", origin)):
        own = map(float, np.diagonal(model.scores(origin, changed)))
        found[kind] = list(zip(own, sizes, strict=True))
    for place, source in enumerate(origin):
        others = [at for at, text in enumerate(origin) if text != source]
        draw.shuffle(others)
        found["pasted"] += [(float(scores[place, at]), sizes[place]) for at in others[:PASTED]]
    for item in pseudo_items(texts, options):
        block = scores[np.ix_(item, item)]
        characters = sum(sizes[place] for place in item)
        a, b = draw.sample(range(options), 2)
        order = list(range(options))
        order[a], order[b] = b, a
        found["options_swapped"].append((-order_margin(block)[0], characters))
        found["swapped"].append((-order_margin(block[:, order])[0], characters))
        found["doubled"].append((float(block[a, b]), sizes[item[a]]))
    return found


def correct_texts(
    model: MeaningModel, texts: Sequence[ParallelText], options: int
) -> dict[str, list[HeldOutText]]:
    """Return the scores of correct texts by check, as thresholds are drawn from them."""
    found: dict[str, list[HeldOutText]] = defaultdict(list)
    for size in range(len(SIZES)):
        of_size = [one for one in texts if size_of(one.source) == size]
        for check, scored in faults(model, of_size, options).items():
            documents = [one.document for one in of_size]
            found[check] += [
                HeldOutText(score, model.language, characters, documents[at % len(documents)])
                for at, (score, characters) in enumerate(scored)
            ]
    return found


def xcopa(folder: Path, language: str) -> list[ParallelText]:
    """Return XCOPA's options in Italian and another language; each item is a document."""
    read = {}
    for code in ("it", language):
        lines = [
            json.loads(line)
            for part in ("val", "test")
            for line in (folder / code / f"{part}.{code}.jsonl").read_text(encoding="utf-8").splitlines()
        ]
        read[code] = [(line["choice1"], line["choice2"]) for line in lines]
    pairs = zip(read["it"], read[language], strict=True)
    return [
        ParallelText(source, target, f"{number}")
        for number, sides in enumerate(pairs)
        for source, target in zip(*sides, strict=True)
    ]


def _cell(row: Row) -> str:
    return f"{row['kind']}, {row['words']}" if row["words"] else str(row["kind"])


def written(rows: Sequence[Row], out: Path, name: str = "seeded_faults", title: str = "") -> None:
    """Write the table and the heat map of recall at the least rate."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    out.mkdir(parents=True, exist_ok=True)
    with (out / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    strictest = min(float(str(row["rate"])) for row in rows)
    shown = [row for row in rows if row["rate"] == strictest]
    names = list(dict.fromkeys(f"{row['language']} {row['corpus']}" for row in shown))
    cells = list(dict.fromkeys(_cell(row) for row in shown))
    grid = np.full((len(names), len(cells)), np.nan)
    for row in shown:
        if row["recall"] is not None:
            at = names.index(f"{row['language']} {row['corpus']}"), cells.index(_cell(row))
            grid[at] = float(str(row["recall"]))
    figure, axes = pyplot.subplots(figsize=(2 + 0.55 * len(cells), 1.6 + 0.3 * len(names)), layout="constrained")
    colours = pyplot.get_cmap("viridis").copy()
    colours.set_bad("#dddddd")
    drawn = axes.imshow(grid, vmin=0, vmax=1, cmap=colours, aspect="auto")
    axes.set_xticks(range(len(cells)), cells, rotation=60, ha="right")
    axes.set_yticks(range(len(names)), names)
    for (row_at, column), value in np.ndenumerate(grid):
        if not np.isnan(value):
            dark = "white" if value < 0.6 else "black"
            axes.text(column, row_at, f"{value:.2f}", ha="center", va="center", fontsize=7, color=dark)
    axes.set_title(title or f"recall of planted faults at {strictest:.2%} false alarms; grey: too few texts")
    figure.colorbar(drawn, label="recall")
    figure.savefig(out / f"{name}.png", dpi=130)
    pyplot.close(figure)


def main() -> list[Line]:
    """Print and write the recall of planted faults."""
    asked = argparse.ArgumentParser(description="Recall of planted faults of meaning")
    asked.add_argument("--out", default=str(ROOT / "build" / "seeded_faults"))
    asked.add_argument("--languages", default=",".join(SPREAD))
    asked.add_argument("--all", action="store_true", help="every language of FLORES-200, which takes hours")
    asked.add_argument("--minutes", type=float, default=60.0, help="begin no language after so many minutes")
    asked.add_argument("--encoder", default="", help="a sentence encoder that judges beside what is learned")
    asked.add_argument("--qe", default="", help="a quality-estimation model that does")
    given = asked.parse_args()
    models = OutsideModels(
        FolderEncoder(given.encoder) if given.encoder else None, FolderEstimator(given.qe) if given.qe else None
    )
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(archive) as packed:
            packed.extractall(scratch, filter="data")
        folder = Path(scratch) / "flores200_dataset"
        wanted = None if given.all else ["eng_Latn", "ita_Latn", *given.languages.split(",")]
        table = sources.read("flores200", str(folder), wanted)
    by_language: dict[str, list[tuple[str, list[str]]]] = defaultdict(list)
    names = ("language", "passage_id", "sentences")
    for code, passage, sentences in zip(*(table[name].to_pylist() for name in names), strict=True):
        by_language[code].append((passage, sentences))
    rows: list[Row] = []
    done = 0
    for code in sorted(by_language) if given.all else given.languages.split(","):
        if code == "eng_Latn" or time.perf_counter() - began > 60 * given.minutes:
            continue
        new = list(measured(code, _parallel(by_language, "eng_Latn", code), (0.01, 0.0025), models))
        folder = shared / "xcopa"
        short = next((short for short, of in XCOPA.items() if of == code), "")
        if short and folder.is_dir():
            model = MeaningModel(code, _parallel(by_language, "ita_Latn", code), models=models)
            texts = xcopa(folder, short)
            halves = [[one for one in texts if int(one.document) % 2 == half] for half in (0, 1)]
            correct = correct_texts(model, halves[0], 2)
            new += recalls("XCOPA", model, halves[1], correct, (0.01, 0.0025), 2)
        rows += new
        done += 1
        for row in new:
            if row["rate"] == 0.01 and row["kind"] in ("swapped", "pasted"):
                print(*row.values(), flush=True)
        written(rows, Path(given.out))
    print(f"table and heat map: {given.out}")
    return [Line(f"faults planted in {done} languages", time.perf_counter() - began)]


def _parallel(by_language: dict[str, list[tuple[str, list[str]]]], source: str, target: str) -> list[ParallelText]:
    found = []
    for (passage, own), (_, other) in zip(by_language[source], by_language[target], strict=True):
        found += [ParallelText(*pair, passage) for pair in zip(own, other, strict=True)]
    return found


if __name__ == "__main__":
    show(main())
