"""The best strict macro F1 that any identifier of varieties can reach on FLORES-200's devtest.

    python benchmarks/translation/variety_bound.py

Some sentences stand word for word in several varieties, and whatever reads only the sentence must answer one of
them each time. The bound is what an oracle reaches that knows all varieties of every sentence and answers, for
those with several, the one that is best for macro F1 (found by changing one answer at a time until nothing gains).
It is printed for sentences as they are and for their letters and digits alone, with the varieties that it costs
most; and how many sentences of the varieties in the confusable sets differ from a sister's by a word at most.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data import sources
from qc.text.words import words

ROOT = Path(__file__).resolve().parents[2]
Floats = npt.NDArray[np.float64]

SISTERS = (
    ("acm_Arab", "acq_Arab", "aeb_Arab", "ajp_Arab", "apc_Arab", "arb_Arab", "ars_Arab", "arz_Arab"),
    ("aka_Latn", "twi_Latn"), ("bam_Latn", "kik_Latn"), ("bos_Latn", "hrv_Latn"), ("ind_Latn", "zsm_Latn"),
    ("pes_Arab", "prs_Arab"), ("yue_Hant", "zho_Hant"),
)  # fmt: skip
"""The confusable sets that a fit on dev finds."""


def letters(text: str) -> str:
    """Return a text's letters and digits alone, in lower case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def best_f1(texts: Sequence[Sequence[str]], read: Callable[[str], str]) -> Floats:
    """Return the oracle's F1 of each variety.

    Args:
        texts: the sentences of each variety.
        read: what an identifier sees of a sentence.
    """
    having: dict[str, Counter[int]] = defaultdict(Counter)
    for place, some in enumerate(texts):
        for text in some:
            having[read(text)][place] += 1
    sizes = np.array([len(some) for some in texts], dtype=np.float64)
    right, answered = np.zeros(len(texts)), np.zeros(len(texts))
    answers: list[tuple[Counter[int], list[int]]] = []

    def answer(of: Counter[int], place: int, sign: int = 1) -> None:
        right[place] += sign * of[place]
        answered[place] += sign * of.total()

    def f1(*places: int) -> float:
        return float(sum(2 * right[place] / (answered[place] + sizes[place]) for place in places))

    for number, of in enumerate(having.values()):
        place = sorted(of)[number % len(of)]
        answer(of, place)
        if len(of) > 1:
            answers.append((of, [place]))
    changed = True
    while changed:
        changed = False
        for of, given in answers:
            gains = {}
            for other in set(of) - {given[0]}:
                before = f1(given[0], other)
                answer(of, given[0], -1)
                answer(of, other)
                gains[other] = f1(given[0], other) - before
                answer(of, other, -1)
                answer(of, given[0])
            best = max(sorted(gains), key=gains.__getitem__)
            if gains[best] > 1e-12:
                answer(of, given[0], -1)
                answer(of, best)
                given[0], changed = best, True
    return np.array([f1(place) for place in range(len(texts))])


def near(one: str, other: str) -> bool:
    """Return whether two sentences differ by a word at most."""
    mine, theirs = Counter(words(one)), Counter(words(other))
    return max((mine - theirs).total(), (theirs - mine).total()) <= 1


def nearly_shared(by_language: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Return, by variety in a confusable set, the share of sentences that a sister has but for a word."""
    found = {}
    for some in SISTERS:
        for code in some:
            sisters = zip(*(by_language[other] for other in some if other != code), strict=True)
            pairs = zip(by_language[code], sisters, strict=True)
            found[code] = float(np.mean([any(near(text, other) for other in others) for text, others in pairs]))
    return found


def main() -> list[Line]:
    """Print the bounds."""
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists():
        print(f"left out: there is no {archive}; set BELEBELE_SHARED_DATA to the folder that holds it")
        return []
    began = perf_counter()
    passages = sources.read("flores200", str(archive)).to_pandas()
    passages = passages[passages["split"] == "devtest"].sort_values(["language", "passage_id"])
    by_language = {
        str(code): [str(text).strip() for sentences in some["sentences"] for text in sentences]
        for code, some in passages.groupby("language")
    }
    codes = list(by_language)
    for name, read in (("as they are", str), ("letters and digits", letters)):
        reached = best_f1(list(by_language.values()), read)
        least = ", ".join(f"{codes[place]} {reached[place]:.3f}" for place in np.argsort(reached)[:6])
        print(f"sentences {name}: macro F1 at most {reached.mean():.4f}; least: {least}")
    told = sorted(nearly_shared(by_language).items(), key=lambda one: -one[1])
    print(f"differ from a sister's by a word at most: {', '.join(f'{code} {share:.2f}' for code, share in told)}")
    return [Line(f"bounds of {len(codes)} varieties", perf_counter() - began)]


if __name__ == "__main__":
    show(main())
