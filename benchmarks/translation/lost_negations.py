"""In which languages a lost negation is told, how many are found, and how many kept ones are flagged.

    python benchmarks/translation/lost_negations.py [--languages vie_Latn,hin_Deva,… | --all]
        [--source eng_Latn] [--out FILE]

Marks of negation are learned from FLORES-200's sentences and their cuts as in a campaign, by folds of documents.
Every rendering is scored by marks from other documents and held against a line drawn from other documents: of
negated texts as they are (false alarms), of texts that are not negated and stand under a source that is
(`unmarked`), and of negated texts from which the words that negate in the language were taken out (`taken_out`; in
languages whose negation is a word that can be). `in_force` says whether a campaign with all these sentences would
judge the language, which takes 200 negated texts and a line under which half of the unmarked texts fall.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import re
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from benchmarks.translation.translation_checks import DATA, flores
from flows.calibrations.calibrations_in_force import rate_of, share_of_each
from qc.translation_models.meaning.meaning_model import FOLDS
from qc.translation_models.meaning.parallel_cuts import ParallelText, parallel_cuts
from qc.translation_models.negation import CHECK, NegationMarks, negated

LANGUAGES = (
    "vie_Latn", "tha_Thai", "hin_Deva", "heb_Hebr", "ind_Latn", "deu_Latn", "swh_Latn", "zho_Hans", "fra_Latn",
    "jpn_Jpan", "arb_Arab", "fin_Latn", "tur_Latn", "khm_Khmr", "mya_Mymr", "kor_Hang", "rus_Cyrl", "est_Latn",
    "yor_Latn", "spa_Latn",
)  # fmt: skip
WORDS = {
    "vie_Latn": r"\b(?:không thể|không|chưa|chẳng|đừng)\b", "hin_Deva": r"(?<!\S)(?:नहीं|न|मत|ना)(?!\S)",
    "ind_Latn": r"\b(?:tidak|bukan|belum|tak|jangan|tanpa)\b",
    "heb_Hebr": r"(?<!\S)(?:לא|אין|אינו|אינה|אינם|אינן|אל)(?!\S)",
    "deu_Latn": r"\b(?:nicht|kein\w*|nie|niemals)\b", "tha_Thai": r"ไม่|มิได้|ไม่ได้",
    "spa_Latn": r"\b(?:no|nunca|ni)\b",
    "zho_Hans": r"不|没有|没|未|无", "rus_Cyrl": r"\b(?:не|нет|никогда)\b",
}  # fmt: skip
"""Words of negation that can be taken out, to plant a fault; nothing is judged by them."""

Row = dict[str, str | int | float | None]


def measured(language: str, source: str, sentences: Sequence[ParallelText], rate: float) -> Row:
    """Return what is found in one language."""
    texts = [*parallel_cuts(sentences), *sentences]
    names = sorted({one.document for one in sentences})
    random.Random(0).shuffle(names)
    fold_of = {name: place % FOLDS for place, name in enumerate(names)}
    marks = NegationMarks(language, source, texts, fold_of, rate)
    (line, *_) = [*marks.calibration.thresholds, None]
    denied = [one for one in texts if negated(one.source, source)]
    plain = [one for one in sentences if negated(one.source, source) is False]
    scores = [(one.score, fold_of[one.document]) for one in marks.correct]
    lines = dict(_lines(scores, rate))

    def below(some: Sequence[tuple[str, str]]) -> float | None:
        flags = [marks.score(text, fold_of[document]) < lines[fold_of[document]] for text, document in some]
        return round(sum(flags) / len(flags), 3) if flags and lines else None

    taken = re.compile(WORDS[language]) if language in WORDS else None
    without = [
        (taken.sub("", one.target), one.document)
        for one in denied
        if taken is not None and taken.search(one.target)
    ]
    return {
        "language": language, "negated": len(denied), "in_force": bool(line and line.threshold is not None),
        "false_alarms": below([(one.target, one.document) for one in denied]),
        "unmarked": below([(one.target, one.document) for one in plain]),
        "taken_out": below(without), "planted": len(without),
    }  # fmt: skip


def _lines(scores: Sequence[tuple[float, int]], rate: float) -> Iterator[tuple[int, float]]:
    """Yield the line by which each fold is judged, from the scores of the others."""
    for fold in sorted({of for _, of in scores}):
        rest = sorted(score for score, of in scores if of != fold)
        yield fold, rest[max(0, math.floor(rate * (len(rest) + 1)) - 1)]


def _parallel(
    texts: Mapping[str, Sequence[str]], addresses: Sequence[str], source: str, code: str
) -> list[ParallelText]:
    lines = zip(texts[source], texts[code], addresses, strict=True)
    return [ParallelText(own, other, document) for own, other, document in lines]


def main() -> list[Line]:
    """Print and write what is found, by language."""
    asked = argparse.ArgumentParser(description="Lost negations by language")
    asked.add_argument("--languages", default=",".join(LANGUAGES))
    asked.add_argument("--all", action="store_true", help="every language of FLORES-200")
    asked.add_argument("--source", default="eng_Latn")
    asked.add_argument("--out", default="", help="a CSV file for the rows")
    given = asked.parse_args()
    if not (DATA / "flores200_dataset.tar.gz").exists():
        print(f"left out: there is no {DATA / 'flores200_dataset.tar.gz'}")
        return []
    began = time.perf_counter()
    rate = rate_of(CHECK, share_of_each())
    named = given.languages.split(",")
    texts, addresses = flores(frozenset() if given.all else frozenset([given.source, *named]))
    rows = []
    for code in sorted({*texts} - {given.source}) if given.all else named:
        rows.append(measured(code, given.source, _parallel(texts, addresses, given.source, code), rate))
        print(*rows[-1].values(), flush=True)
    able = sum(bool(row["in_force"]) for row in rows)
    print(f"in force in {able} of {len(rows)} languages, at {rate:.2%} of correct renderings")
    if given.out:
        with Path(given.out).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    return [Line(f"lost negations in {len(rows)} languages", time.perf_counter() - began)]


if __name__ == "__main__":
    show(main())
