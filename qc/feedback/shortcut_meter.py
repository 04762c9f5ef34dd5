"""The shortcut meter: the probability of picking the correct option without the passage, and the cues behind it.

Authors see it while they write, so it must name the words that it relies on and answer within milliseconds. It is
a multinomial choice model (McFadden 1974): every option has a score, a weighted sum of its features, and the
softmax over an item's options gives the probabilities. The features are the text's words, pairs of words and,
within words, character n-grams, all hashed to a fixed width (Weinberger et al. 2009), and some comparisons with
the other options, such as how much longer it is. A character n-gram belongs to the word that contains it, so the
score is exactly a sum over words and named features.

What authors write against must not certify the set (Goodhart's law): the audit's learners are in `qc.models` and
`qc.audit`, and neither side uses anything from the other.

A question that is being revised was part of the training data, and a model that has seen it knows its key. So
there are five sets of weights, each trained without a fifth of the groups (passages), and an item is read by the
one that has seen nothing of its group: authors learn what a stranger to their passage would pick, and how often
strangers are right.

The penalty is on squared weights. The probabilities are calibrated on held-out items: a single factor, fitted
there, stretches or shrinks all scores (temperature scaling, Guo et al. 2017).
"""

from __future__ import annotations

import io
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp
from scipy.optimize import minimize, minimize_scalar

from qc.text.text_folding import fold

Floats = npt.NDArray[np.float64]

WIDTH = 1 << 15
"""The number of buckets that words and n-grams are hashed to."""

PENALTY = 0.5
"""Half of it times the squared weights is added to the loss (summed nats). On CosmosQA's 2,985 items 0.2, 0.5, 1
and 2 got 46.4, 46.6, 45.6 and 44.8 % of held-out keys."""

FOLDS = 5
FORMAT = 2
"""The file's format; a file with another one is not read."""

NAMED = (
    "length", "being longest", "being shortest", "words shared with the question",
    "likeness to the other answers", "numbers", "negation", "capitals",
)  # fmt: skip

_NEGATION = frozenset(["no", "not", "never", "none", "nothing", "nobody", "neither", "nor", "without", "cannot"])
_EDGE = "\x02"


@dataclass(frozen=True)
class Item:
    """An item that the meter learns from or reads, without its passage.

    Attributes:
        question: may be empty.
        options: two or more.
        key: which one is correct, from 0.
        group: items of one group (a passage) are held out together.
    """

    question: str
    options: tuple[str, ...]
    key: int
    group: str = ""


@dataclass(frozen=True)
class Leaning:
    """The contribution of a word or feature to the key's score, relative to the mean of the options, in nats."""

    what: str
    named: bool  # a feature such as length, not a word
    weight: float


@dataclass(frozen=True)
class MeterReading:
    """The meter's reading of one item.

    Attributes:
        probability: of the key.
        score: of the key less the mean of all options' scores, in nats.
        leanings: they sum to the score; the largest first.
    """

    probability: float
    score: float
    leanings: tuple[Leaning, ...]


@dataclass(frozen=True, eq=False)
class Meter:
    """A trained meter; made by `train` or `parse`.

    Attributes:
        weights: (FOLDS, WIDTH), of hashed words and n-grams; each row trained without the groups of its fold.
        named: (FOLDS, len(NAMED)), of the features that compare options.
        items: how many it was trained on.
        accuracy: how often it picks the key of held-out items.
        version: a digest of its training data, as its maker gave it.
    """

    weights: Floats
    named: Floats
    items: int
    accuracy: float
    version: str

    def scores(self, question: str, options: Sequence[str], group: str = "") -> Floats:
        """Return the score of each option, in nats."""
        return np.array([sum(parts.values()) for parts in self._parts(question, options, group)])

    def read(self, question: str, options: Sequence[str], key: int, group: str = "") -> MeterReading:
        """Return how surely the key is picked without the passage, and by which cues.

        Args:
            question: may be empty.
            options: two or more texts.
            key: which one is correct, from 0.
            group: its group; the weights used here were trained without it.
        """
        parts = self._parts(question, options, group)
        totals = np.array([sum(one.values()) for one in parts])
        shares: dict[tuple[str, bool], float] = defaultdict(float)
        for option, one in enumerate(parts):
            factor = (1.0 if option == key else 0.0) - 1.0 / len(options)
            for what, weight in one.items():
                shares[what] += factor * weight
        leanings = [Leaning(what, named, weight) for (what, named), weight in shares.items() if weight]
        leanings.sort(key=lambda one: (-one.weight, one.what))
        return MeterReading(float(_softmax(totals)[key]), float(totals[key] - totals.mean()), tuple(leanings))

    def _parts(self, question: str, options: Sequence[str], group: str) -> list[dict[tuple[str, bool], float]]:
        weights, named = self.weights[_fold(group)], self.named[_fold(group)]
        beside = _beside(question, options)
        found = []
        for option, text in enumerate(options):
            parts: dict[tuple[str, bool], float] = defaultdict(float)
            for place, value, word in _grams(text):
                parts[word, False] += weights[place] * value
            for name, weight, value in zip(NAMED, named, beside[option], strict=True):
                parts[name, True] += float(weight * value)
            found.append(parts)
        return found

    def packed(self) -> bytes:
        """Return the meter as the bytes of a file."""
        out = io.BytesIO()
        facts = np.array([FORMAT, self.items, self.accuracy])
        np.savez_compressed(
            out, weights=self.weights.astype(np.float32), named=self.named, facts=facts, version=[self.version]
        )
        return out.getvalue()


def parse(packed: bytes) -> Meter | None:
    """Read a meter from the bytes of `Meter.packed`; None if they are of another format."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as held:
        form, items, accuracy = held["facts"]
        if form != FORMAT:
            return None
        weights = held["weights"].astype(np.float64)
        return Meter(weights, held["named"], int(items), float(accuracy), str(held["version"][0]))


def train(items: Sequence[Item], version: str = "", *, penalty: float = PENALTY) -> Meter:
    """Train a meter on items.

    Args:
        items: at least two groups of them, each with two options or more.
        version: shown with every reading of the meter.
        penalty: on squared weights.
    """
    features, starts, keys = _matrix(items)
    folds = np.array([_fold(item.group or str(n)) for n, item in enumerate(items)])
    held, weights = np.zeros(features.shape[0]), np.zeros((FOLDS, features.shape[1]))
    option_folds = np.repeat(folds, np.diff([*starts, features.shape[0]]))
    for n in range(FOLDS):
        mine = folds != n
        if mine.any():
            weights[n] = _fit(*_part(features, starts, keys, mine), penalty)
            held[option_folds == n] = features[option_folds == n] @ weights[n]
    accuracy, factor = _held_out(held, starts, keys)
    return Meter(weights[:, :WIDTH] * factor, weights[:, WIDTH:] * factor, len(items), accuracy, version)


def _fold(group: str) -> int:
    return zlib.crc32(group.encode("utf-8", "surrogatepass")) % FOLDS


def _held_out(scores: Floats, starts: npt.NDArray[np.int64], keys: npt.NDArray[np.int64]) -> tuple[float, float]:
    """Return accuracy, ties shared, and the factor that calibrates probabilities (0 where none helps)."""
    top = np.maximum.reduceat(scores, starts)
    sizes = np.diff([*starts, len(scores)])
    tied = scores >= np.repeat(top, sizes) - 1e-12
    accuracy = float((tied[starts + keys] / np.add.reduceat(tied.astype(float), starts)).mean())
    best = minimize_scalar(lambda by: _loss(scores * by, starts, keys)[0], bounds=(0.0, 3.0), method="bounded")
    return accuracy, float(best.x)


def _fit(features: sp.csr_array, starts: Any, keys: Any, penalty: float) -> Floats:
    """Return the weights; those of features that no option has are 0 because of the penalty."""
    occurring = np.unique(features.indices)
    weights = np.zeros(features.shape[1])
    weights[occurring] = _fit_occurring(features[:, occurring], starts, keys, penalty)
    return weights


def _fit_occurring(features: sp.csr_array, starts: Any, keys: Any, penalty: float) -> Floats:
    transposed = features.T.tocsr()

    def objective(weights: Floats) -> tuple[float, Floats]:
        loss, slope = _loss(features @ weights, starts, keys)
        return loss + 0.5 * penalty * float(weights @ weights), transposed @ slope + penalty * weights

    options = {"maxiter": 60, "maxcor": 8}
    found = minimize(objective, np.zeros(features.shape[1]), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(found.x, dtype=np.float64)


def _loss(scores: Floats, starts: Any, keys: Any) -> tuple[float, Floats]:
    """Return the keys' loss in nats, and its gradient with respect to the scores."""
    sizes = np.diff([*starts, len(scores)])
    shifted = scores - np.repeat(np.maximum.reduceat(scores, starts), sizes)
    powers = np.exp(shifted)
    sums = np.add.reduceat(powers, starts)
    slope = powers / np.repeat(sums, sizes)
    slope[starts + keys] -= 1.0
    return float((np.log(sums) - shifted[starts + keys]).sum()), slope


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum())


def _part(features: sp.csr_array, starts: Any, keys: Any, mine: Any) -> tuple[sp.csr_array, Any, Any]:
    sizes = np.diff([*starts, features.shape[0]])
    kept = np.repeat(mine, sizes)
    return features[kept], np.concatenate([[0], np.cumsum(sizes[mine])[:-1]]).astype(np.int64), keys[mine]


def _matrix(items: Sequence[Item]) -> tuple[sp.csr_array, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return all options' features (n options, WIDTH + named), each item's first option, and its key."""
    rows, columns, values, starts = [], [], [], []
    line = 0
    for item in items:
        starts.append(line)
        for text, beside in zip(item.options, _beside(item.question, item.options), strict=True):
            grams = _grams(text)
            columns += [place for place, _, _ in grams] + list(range(WIDTH, WIDTH + len(NAMED)))
            values += [value for _, value, _ in grams] + list(beside)
            rows += [line] * (len(grams) + len(NAMED))
            line += 1
    made = sp.coo_array((values, (rows, columns)), shape=(line, WIDTH + len(NAMED)))
    return made.tocsr(), np.array(starts, dtype=np.int64), np.array([item.key for item in items], dtype=np.int64)


@lru_cache(maxsize=4096)
def _grams(text: str) -> tuple[tuple[int, float, str], ...]:
    """Return the features of a text as (bucket, value, word that it belongs to); the squared values sum to 1."""
    words = fold(text).split()[:200]
    held: list[tuple[str, str]] = [(f"w {word}", word) for word in words]
    held += [(f"p {a} {b}", f"{a} {b}") for a, b in pairwise(words)]
    for word in words:
        whole = f"{_EDGE}{word[:40]}{_EDGE}"
        held += [
            (f"c {whole[at : at + size]}", word) for size in (3, 4) for at in range(max(0, len(whole) - size + 1))
        ]
    counted = Counter(held)
    norm = max(1.0, float(np.sqrt(sum(count * count for count in counted.values()))))
    return tuple(
        (code & (WIDTH - 1), (1.0 if code & WIDTH else -1.0) * count / norm, word)
        for (gram, word), count in counted.items()
        for code in (zlib.crc32(gram.encode()),)
    )


def _beside(question: str, options: Sequence[str]) -> list[list[float]]:
    """Return the named features of each option, most of them relative to the others; each about 1 in size."""
    words = [fold(text).split() for text in options]
    asked = set(fold(question).split())
    lengths = [max(1, len(text.strip())) for text in options]
    mean = float(np.mean(np.log(lengths)))
    found = []
    for n, (text, mine) in enumerate(zip(options, words, strict=True)):
        own = set(mine) or {""}
        rivals = [set(other) for m, other in enumerate(words) if m != n]
        alike = [len(own & rival) / len(own | rival) for rival in rivals]
        found.append(
            [
                2.0 * (float(np.log(lengths[n])) - mean),
                float(lengths[n] == max(lengths)) / lengths.count(max(lengths)),
                float(lengths[n] == min(lengths)) / lengths.count(min(lengths)),
                len(own & asked) / len(own),
                float(np.mean(alike)) if alike else 0.0,
                float(bool(re.search(r"\d", text))),
                float(bool(own & _NEGATION or any(word.endswith("n't") for word in text.casefold().split()))),
                min(1.0, 0.5 * sum(word[:1].isupper() for word in text.split()[1:])),
            ]
        )
    return found


def items_of(frame: pd.DataFrame) -> list[Item]:
    """Convert a frame with question, options, key (from 0) and group, as `data.itemsets.read` gives it."""
    columns = (frame[name] for name in ("question", "options", "key", "group"))
    return [
        Item(str(question or ""), tuple(options), int(key), str(group))
        for question, options, key, group in zip(*columns, strict=True)
    ]
