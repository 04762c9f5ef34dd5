"""How many planted leaks `belebele contamination` finds, by the words that leaked, and how often it cries wolf.

python benchmarks/sets/contamination.py [FLORES]

The passages of one half of FLORES-200 (development and test, English and six other languages) are protected; the
other half is the unrelated text: same kind of prose, other articles. Into it stretches of 5 to 50 words of the
protected passages, and whole passages, are planted: as they stand, and with every fourteenth or eighth word
replaced by another word of the language. Last, the speed, in text of the other half.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from icu4py.breakers import WordBreaker

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from data import sources
from qc.text.shared_runs import words_of
from qc.text.text_overlap import ProtectedText, TextOverlap

LANGUAGES = ("eng_Latn", "fra_Latn", "arb_Arab", "hin_Deva", "swh_Latn", "zho_Hans", "tha_Thai")
LENGTHS = (5, 8, 10, 12, 13, 15, 20, 30, 50, 0)
"""Words that are planted; 0 for the whole passage."""
PLANTED = 150


FLORES = Path(__file__).resolve().parents[2] / "shared" / "data" / "flores200_dataset.tar.gz"


def main(path: str = str(FLORES)) -> list[Line]:
    """Print the tables; return the time that a megabyte of English takes."""
    if not Path(path).exists():
        print(f"not measured: there is no {path}; name FLORES-200's archive")
        return []
    found = sources.read("flores200", path, LANGUAGES).select(["passage_id", "language", "text"]).to_pylist()
    lines: list[list[object]] = []
    alarms: list[list[object]] = []
    seconds: dict[str, float] = {}
    for language in LANGUAGES:
        texts = [one["text"] for one in found if one["language"] == language]
        protected, other = texts[::2], texts[1::2]
        index = TextOverlap([ProtectedText(str(n), language, "passage", text) for n, text in enumerate(protected)])
        began = time.process_time()
        wrong = [[one.kind for one in index.find(text)] for text in other]
        size = sum(len(text.encode()) for text in other) / 1e6
        seconds[language] = (time.process_time() - began) / size
        kinds = ("exact", "ngram", "near")
        alarms.append([language, len(other), *(sum(kind in one for one in wrong) for kind in kinds)])
        for every in (0, 14, 8):
            rates = [_rate(index, protected, other, length, every) for length in LENGTHS]
            lines.append([language, every or "none", *rates])
    print("Share of planted leaks that are found, by their words; every so many words one was replaced:")
    _print(["language", "replaced", *(length or "all" for length in LENGTHS)], lines)
    print("\nUnrelated passages in which something was found:")
    _print(["language", "passages", "exact", "ngram", "near"], alarms)
    print("\nSeconds of one core for a megabyte of text:")
    _print(["language", "seconds"], [[language, f"{taken:.2f}"] for language, taken in seconds.items()])
    return [Line("contamination: a megabyte of English searched", seconds["eng_Latn"])]


def _print(head: Sequence[object], lines: Sequence[Sequence[object]]) -> None:
    for line in (head, *lines):
        print("".join(f"{one!s:>10}" for one in line))


def _rate(index: TextOverlap, protected: Sequence[str], other: Sequence[str], length: int, every: int) -> str:
    draw = random.Random(f"{length} {every}")
    vocabulary = [piece for text in other[:50] for piece in _pieces(text) if piece.isalpha()]
    found = tried = 0
    while tried < PLANTED:
        number = draw.randrange(len(protected))
        pieces = _pieces(protected[number])
        places = [place for place, piece in enumerate(pieces) if words_of(piece)]
        size = length or len(places)
        if len(places) < size:
            continue
        start = draw.randrange(len(places) - size + 1)
        for place in places[start + every // 2 : start + size : every] if every else ():
            pieces[place] = draw.choice(vocabulary)
        stretch = "".join(pieces[places[start] : places[start + size - 1] + 1])
        around = draw.choice(other)
        middle = len(around) // 2
        tried += 1
        document = f"{around[:middle]} {stretch} {around[middle:]}"
        found += any(one.text == number for one in index.find(document))
    return f"{found / tried:.2f}"


def _pieces(text: str) -> list[str]:
    """Return words and what stands between them, so that scripts without spaces are cut where a word ends."""
    return [str(piece) for piece in WordBreaker(text, "und")]


if __name__ == "__main__":
    show(main(*sys.argv[1:]))
