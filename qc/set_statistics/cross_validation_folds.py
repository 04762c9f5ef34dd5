"""Grouped cross-validation folds, which never split a passage, near-duplicates, or the languages of an item.

A learner that has seen a passage's other question, a copy of an item or its translation knows more than the
options show, so related items are held out together. Two items are near-duplicates if the sets of their character
5-grams (folded texts, no n-gram across two texts) have a Jaccard similarity of at least .8, in any language:
either the sets of their passages, or those of question and options together. The passage is compared alone because
it is so much longer than the rest that it would hide a copied question. A question with options that more than 20
items of a language share word for word ('True', 'False', 'Not given') is a form that was filled in, no copy; such
items are compared with their passage included.

Pairs are found without comparing all items: two sets that are similar enough must share an n-gram among their
rarest fifths (prefix filtering, Chaudhuri, Ganti & Kaushik 2006; Bayardo, Ma & Srikant 2007). This misses nothing
and uses no random draws. Folds depend on `item_id` and `group` only, so that every language is split alike.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse as sp

from data.errors import UsageError
from qc.set_statistics.options import Ints, Options
from qc.text.text_folding import fold

Codes = npt.NDArray[np.uint64]

LENGTH = 5
SIMILAR = 0.8
FORM = 20
"""The number of items above which the same question and options count as a form that was filled in."""


@dataclass(frozen=True, order=True)
class Pair:
    """Two near-duplicates. Where many items contain a text, each further item is paired with the first.

    Attributes:
        language: the language in which they are so similar.
        item, other: their `item_id`.
        texts: `passage`, `question and options` or, for a form that was filled in,
            `passage, question and options`.
        similarity: the Jaccard similarity of character 5-grams.
    """

    language: str
    item: str
    other: str
    texts: str
    similarity: float


@dataclass(frozen=True, eq=False)
class Grouping:
    """The items that must be held out together.

    Attributes:
        clusters: for each `item_id`, the smallest `item_id` of its cluster.
        pairs: the near-duplicates, sorted; passages that are shared within a group are not among them.
    """

    clusters: Mapping[str, str]
    pairs: Sequence[Pair]


def grouping(items: pd.DataFrame) -> Grouping:
    """Return clusters of related items, over all languages at once.

    Args:
        items: columns `qc.set_statistics.options.COLUMNS`, any order, all languages of the set.
    """
    pairs = sorted(pair for _, part in items.groupby("language", sort=True) for pair in _pairs(part))
    roots: dict[str, str] = {}
    group_of: dict[str, str] = {}
    for item, group in zip(items["item_id"], items["group"], strict=True):
        _unite(roots, item, group_of.setdefault(group, item))
    for pair in pairs:
        _unite(roots, pair.item, pair.other)
    return Grouping({item: _root(roots, item) for item in sorted(set(items["item_id"]))}, pairs)


def folds_of(clusters: Mapping[str, str], count: int = 10, seed: int = 0) -> dict[str, int]:
    """Return a fold for every `item_id`: whole clusters, folds as equal in size as these allow.

    Args:
        clusters: `Grouping.clusters`.
        count: the number of folds; fewer where there are fewer clusters.
        seed: the seed of the partition.

    Raises:
        UsageError: there are no items to split.
    """
    members = Counter(clusters.values())
    if len(members) < 2:
        raise UsageError(
            f"all {len(clusters)} items hang together (one passage, or copies of each other), so no learner can be"
            " tested on items that it has not seen: audit more passages, or leave out the learners with --layers"
        )
    salt = seed.to_bytes(8, "big", signed=True)

    def drawn(name: str) -> bytes:
        return hashlib.blake2b(name.encode(), digest_size=16, salt=salt).digest()

    filled = [0] * min(count, len(members))
    fold_of: dict[str, int] = {}
    for name in sorted(members, key=lambda one: (-members[one], drawn(one))):
        smallest = filled.index(min(filled))
        fold_of[name] = smallest
        filled[smallest] += members[name]
    return {item: fold_of[name] for item, name in clusters.items()}


def folds(options: Options, count: int = 10, seed: int = 0, clusters: Mapping[str, str] | None = None) -> Ints:
    """Return the fold of each item of one language, (n items,).

    Args:
        options: one language.
        count: the number of folds.
        seed: the seed of the partition.
        clusters: the clusters of all languages, so that they agree; by default found in this language alone.
    """
    fold_of = folds_of(grouping(options.items).clusters if clusters is None else clusters, count, seed)
    return np.fromiter((fold_of[item] for item in options.items["item_id"]), np.int64, len(options))


def _root(roots: dict[str, str], item: str) -> str:
    while (above := roots.setdefault(item, item)) != item:
        roots[item] = roots[above]
        item = above
    return item


def _unite(roots: dict[str, str], one: str, other: str) -> None:
    first, second = sorted((_root(roots, one), _root(roots, other)))
    roots[second] = first


def _pairs(items: pd.DataFrame) -> Iterator[Pair]:
    """Yield the near-duplicates of one language."""
    lines = items.sort_values("item_id", kind="stable")
    language, ids = str(lines["language"].iloc[0]), lines["item_id"].tolist()
    passages = [fold(text) if isinstance(text, str) else "" for text in lines["passage"]]
    own = [
        (fold(question or ""), *sorted(map(fold, options)))
        for question, options in zip(lines["question"], lines["options"], strict=True)
    ]
    shared = Counter(own)
    form = [shared[texts] > FORM for texts in own]
    kinds: dict[str, list[tuple[str, ...]]] = {
        "passage": [(text,) if text else () for text in passages],
        "question and options": [() if filled else texts for texts, filled in zip(own, form, strict=True)],
        "passage, question and options": [
            (passage, *texts) if filled else () for passage, texts, filled in zip(passages, own, form, strict=True)
        ],
    }
    groups = lines["group"].tolist()
    for kind, texts in kinds.items():
        for first, second, similarity in _similar(texts):
            if kind != "passage" or groups[first] != groups[second]:
                yield Pair(language, ids[first], ids[second], kind, similarity)


def _similar(texts: Sequence[tuple[str, ...]]) -> Iterator[tuple[int, int, float]]:
    """Yield pairs of positions whose texts are near-duplicates; an empty tuple resembles nothing."""
    first_of: dict[tuple[str, ...], int] = {}
    for position, own in enumerate(texts):
        if own and (first := first_of.setdefault(own, position)) != position:
            yield first, position, 1.0
    distinct = np.array(list(first_of.values()), dtype=np.int64)
    if len(distinct) > 1:
        for one, other, similarity in _similar_sets(_sets([texts[position] for position in distinct])):
            yield int(distinct[one]), int(distinct[other]), similarity


def characters(text: str) -> Codes:
    """Return the characters of a text as numbers."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)


def grams_of(codes: Codes, lengths: Ints, size: int) -> tuple[Ints, Codes]:
    """Return all n-grams of concatenated texts, none across two texts.

    Args:
        codes: (total length,): the texts' characters or words as numbers.
        lengths: (n texts,).
        size: the length of an n-gram.

    Returns:
        The text that contains each n-gram, in order, and the n-gram as a 64-bit hash (among ten million different
        n-grams, two share a hash in one set out of 400,000).
    """
    starts = np.arange(max(len(codes) - size + 1, 0))
    text = np.repeat(np.arange(len(lengths)), lengths)[starts]
    within = starts + size <= np.cumsum(lengths)[text]
    text, starts = text[within], starts[within]
    grams = np.full(len(starts), size, np.uint64)
    for step in range(size):
        mixed = (grams ^ codes[starts + step]) * np.uint64(0x9E3779B97F4A7C15)
        grams = mixed ^ (mixed >> np.uint64(29))
    return text, grams


def _sets(texts: Sequence[tuple[str, ...]]) -> sp.csr_array:
    """Return each text's set of character n-grams: (texts, n-grams), columns from rarest to most frequent."""
    pieces = [(line, text) for line, own in enumerate(texts) for text in own]
    lengths = np.array([max(len(text), LENGTH) for _, text in pieces])
    padded = "".join(text.ljust(LENGTH, "\0") for _, text in pieces)  # a text of "no" is an n-gram as well
    piece, grams = grams_of(characters(padded), lengths, LENGTH)
    line = np.array([line for line, _ in pieces])[piece]
    _, gram = np.unique(grams, return_inverse=True)
    table = sp.csr_array((np.ones(len(line), np.int32), (line, gram)), shape=(len(texts), gram.max() + 1))
    table.sum_duplicates()
    table.data[:] = 1
    rank = np.argsort(np.argsort(np.bincount(table.indices, minlength=table.shape[1]), kind="stable"))
    ranked = sp.csr_array((table.data, rank[table.indices], table.indptr), shape=table.shape)
    ranked.sort_indices()
    return ranked


def _similar_sets(sets: sp.csr_array) -> Iterator[tuple[int, int, float]]:
    sizes = np.diff(sets.indptr)
    place = np.arange(sets.nnz) - np.repeat(sets.indptr[:-1], sizes)
    rare = place <= np.repeat(sizes - np.ceil(SIMILAR * sizes - 1e-9), sizes)
    line = np.repeat(np.arange(len(sizes)), sizes)
    prefix = sp.csr_array((np.ones(int(rare.sum()), np.int32), (line[rare], sets.indices[rare])), shape=sets.shape)
    candidates = sp.triu(prefix @ prefix.T, k=1, format="coo")
    one, other = candidates.row, candidates.col
    alike = np.minimum(sizes[one], sizes[other]) >= SIMILAR * np.maximum(sizes[one], sizes[other]) - 1e-9
    one, other = one[alike], other[alike]
    for begin in range(0, len(one), 4096):
        left, right = one[begin : begin + 4096], other[begin : begin + 4096]
        common = np.asarray(sets[left].multiply(sets[right]).sum(axis=1)).ravel()
        similarity = common / (sizes[left] + sizes[right] - common)
        for index in np.flatnonzero(similarity >= SIMILAR - 1e-9):
            yield int(left[index]), int(right[index]), float(similarity[index])
