"""The features of an option for linear learners: n-grams, style, and overlap with question and passage.

Features come in blocks of one kind each, every block a sparse table with one row per option. Words are Unicode's
(`qc.text.words`), folded; characters are kept as they are, so that case and punctuation can be cues. N-grams are
64-bit hashes, counted sublinearly (1 + log tf), and kept if at least two items have them: an n-gram of one item
cannot help with another. A context (question, passage) is shared by all options of an item and by itself cannot
rank them; it enters through interactions: which n-grams of the option the context repeats, pairs of its words with
the option's, and how much of the option it covers. Every block is divided by its own size (trace), so that a few
dense features of style weigh as much as ten thousand n-grams: cues that are weak in every item and cues that are
strong in a few then both have a chance.

Shuffled inputs have the words of every text in an order drawn from the text's own hash, without case and
punctuation: a cue found there needs words only, no syntax.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np
import scipy.sparse as sp

from qc.set_statistics.cross_validation_folds import Codes, characters, grams_of
from qc.set_statistics.options import Floats, Ints, Options
from qc.text.words import words

InputName = Literal[
    "options",
    "question+options",
    "passage+options",
    "options, shuffled",
    "question+options, shuffled",
    "passage+options, shuffled",
    "full",
    "full, shuffled",
]
Part = Literal["options", "question", "passage", "both"]

PARTS: dict[str, tuple[Part, ...]] = {
    "options": ("options",),
    "question+options": ("options", "question"),
    "passage+options": ("options", "passage"),
    "full": ("options", "question", "passage", "both"),
}
"""The blocks of each input, ordered or shuffled."""

WORDS = 40
"""The most words of a question that are paired with the option's; later ones are left out."""


def shuffled(text: str) -> str:
    """Return the words of a text in an order that depends on the text alone."""
    own = words(text)
    drawn = int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
    return " ".join(own[place] for place in np.random.default_rng(drawn).permutation(len(own)))


@lru_cache(maxsize=1 << 17)
def _hashed(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


class Texts:
    """Distinct texts and their n-grams; items that share a text share the work.

    Args:
        texts: in any order, with repetitions.
        shuffle: whether their words are shuffled.

    Attributes:
        line: index of each text among the distinct ones.
        texts: the distinct ones, shuffled if requested.
    """

    def __init__(self, texts: Sequence[str], *, shuffle: bool) -> None:
        distinct = {text: number for number, text in enumerate(dict.fromkeys(texts))}
        self.line = np.array([distinct[text] for text in texts], dtype=np.int64)
        self.texts = [shuffled(text) if shuffle else text for text in distinct]

    @cached_property
    def words(self) -> list[tuple[str, ...]]:
        return [words(text) for text in self.texts]

    def grams(self, kind: Literal["words", "characters"], size: int) -> tuple[Ints, Codes]:
        """Return (text, n-gram) as of `grams_of`; for characters, the text's ends count as spaces."""
        if kind == "words":
            lengths = np.fromiter(map(len, self.words), np.int64, len(self.words))
            codes = np.array([_hashed(word) for own in self.words for word in own], dtype=np.uint64)
            return grams_of(codes, lengths, size)
        padded = [f" {text} " for text in self.texts]
        return grams_of(characters("".join(padded)), np.fromiter(map(len, padded), np.int64, len(padded)), size)


class Features:
    """The blocks of one language's options, in the order of `Options.texts`.

    Args:
        options: one language; for training on another set, both together.
        shuffle: whether the words of every text are shuffled.
    """

    def __init__(self, options: Options, *, shuffle: bool = False) -> None:
        self.options = options
        self.option = Texts(options.texts, shuffle=shuffle)
        self.question = Texts([text or "" for text in options.items["question"]], shuffle=shuffle)
        passages = [text if isinstance(text, str) else "" for text in options.items["passage"]]
        self.passage = Texts(passages, shuffle=shuffle)

    def has(self, part: Part) -> bool:
        """Whether the set has the texts of a part."""
        question, passage = any(map(str.strip, self.question.texts)), any(map(str.strip, self.passage.texts))
        return {"options": True, "question": question, "passage": passage, "both": question and passage}[part]

    def blocks(self, part: Part) -> list[sp.csr_array]:
        """Return a part's blocks, (n options, d) each, not centred or scaled; none without its texts."""
        if not self.has(part):
            return []
        if part == "options":
            grams = [_normed(self._counts("words", (1, 2))), _normed(self._counts("characters", (2, 3, 4)))]
            return [*grams, sp.csr_array(self.style())]
        if part == "both":
            return [sp.csr_array(self._focus())]
        context = self.question if part == "question" else self.passage
        blocks = [self._repeated(context), sp.csr_array(self.overlap(context))]
        return [*blocks, self._pairs()] if part == "question" else blocks

    def _counts(self, kind: Literal["words", "characters"], sizes: tuple[int, ...]) -> sp.csr_array:
        found = [self.option.grams(kind, size) for size in sizes]
        return self._kept(np.concatenate([text for text, _ in found]), np.concatenate([code for _, code in found]))

    def _kept(self, text: Ints, code: Codes) -> sp.csr_array:
        """Return sublinear counts of n-grams per option, for n-grams that at least two items have."""
        _, gram = np.unique(code, return_inverse=True)
        by_text = _counted(text, gram, (len(self.option.texts), int(gram.max(initial=-1)) + 1))
        by_text.data = 1 + np.log(by_text.data)
        return self._shared(by_text[self.option.line])

    def _shared(self, table: sp.csr_array) -> sp.csr_array:
        """Return the columns that at least two items have."""
        pairs = sp.coo_array(table)
        once = np.unique(self.options.item_of[pairs.row] * table.shape[1] + pairs.col) % max(table.shape[1], 1)
        return sp.csr_array(table[:, np.bincount(once, minlength=table.shape[1]) > 1])

    def style(self) -> Floats:
        """Return (n options, 11): length, digits, capitals, marks, and comparisons with the other options."""
        texts, parted = self.option.texts, self.option.words
        size = np.array([max(len(text), 1) for text in texts], dtype=float)
        count = np.array([len(own) for own in parted], dtype=float)
        digits, capitals, letters = (
            np.array([sum(map(kind, text)) for text in texts], dtype=float)
            for kind in (str.isdigit, str.isupper, str.isalnum)
        )
        spaces = np.array([sum(map(str.isspace, text)) for text in texts], dtype=float)
        marks = size - letters - spaces
        own = [np.log(size), np.log1p(count), size / (1 + count), digits > 0, digits / size, capitals / size]
        columns = np.stack([*own, np.log1p(marks), self._rarity()], axis=1)[self.option.line]
        length = size[self.option.line]
        extremes = [self.options.credits(length), self.options.credits(-length), self._convergence()]
        return self._scaled(np.column_stack([columns, *extremes]))

    def _rarity(self) -> Floats:
        """Return the mean rarity (idf) of each distinct option's words."""
        text, code = self.option.grams("words", 1)
        _, gram = np.unique(code, return_inverse=True)
        table = _counted(text, gram, (len(self.option.texts), int(gram.max(initial=-1)) + 1))
        weight = np.log(len(self.option.texts) / np.maximum(np.bincount(table.indices), 1))
        table.data[:] = 1
        return np.asarray((table @ weight) / np.maximum(table.sum(axis=1), 1))

    def _convergence(self) -> Floats:
        """Return the share of an option's words that the item's other options contain too."""
        text, code = self.option.grams("words", 1)
        _, gram = np.unique(code, return_inverse=True)
        table = _counted(text, gram, (len(self.option.texts), int(gram.max(initial=-1)) + 1))
        table.data[:] = 1
        table = table[self.option.line]
        lines = np.arange(len(self.options.item_of))
        item = sp.csr_array((np.ones(len(lines)), (self.options.item_of, lines)))
        among = (item @ table)[self.options.item_of]
        others = table.multiply(among).sum(axis=1) - table.sum(axis=1)
        return np.asarray(
            others / np.maximum(table.sum(axis=1), 1) / (self.options.sizes[self.options.item_of] - 1)
        )

    def _met(self, context: Texts, kind: Literal["words", "characters"], size: int) -> tuple[sp.csr_array, ...]:
        """Return (n options, n-grams) twice: the option's distinct n-grams, and those that the context has."""
        text, code = self.option.grams(kind, size)
        distinct, gram = np.unique(code, return_inverse=True)
        shape = (len(self.option.texts), len(distinct))
        own = _counted(text, gram, shape)
        own.data[:] = 1
        there, met = context.grams(kind, size)
        place = np.minimum(np.searchsorted(distinct, met), max(len(distinct) - 1, 0))
        known = distinct[place] == met if len(distinct) else np.zeros(len(met), bool)
        held = _counted(there[known], place[known], (len(context.texts), len(distinct)))
        held.data[:] = 1
        own = sp.csr_array(own[self.option.line])
        return own, sp.csr_array(own.multiply(held[context.line[self.options.item_of]]))

    def _repeated(self, context: Texts) -> sp.csr_array:
        """Return each word n-gram of the option, marked by whether the context has it."""
        tables = []
        for size in (1, 2):
            own, met = self._met(context, "words", size)
            tables += [met, own - met]
        both = sp.csr_array(sp.hstack(tables, format="csr"))
        both.eliminate_zeros()
        return _normed(self._shared(both))

    def overlap(self, context: Texts) -> Floats:
        """Return (n options, 15), a context's cover of the option: shares by rarity, counts, the leading
        option.
        """
        columns = []
        for kind, size in (("words", 1), ("words", 2), ("characters", 4)):
            own, met = self._met(context, kind, size)  # type: ignore[arg-type]
            rarity = np.log(own.shape[0] / np.maximum(np.asarray(own.sum(axis=0)).ravel(), 1))
            whole, part = own @ rarity, met @ rarity
            share = part / np.maximum(whole, 1e-9)
            columns += [share, np.log1p(met.sum(axis=1)), np.log1p(own.sum(axis=1) - met.sum(axis=1))]
            columns += [self.options.credits(share), self.options.credits(-share)]
        return self._scaled(np.column_stack(columns))

    def _pairs(self) -> sp.csr_array:
        """Return each word of the question paired with each word of the option."""
        text, code = self.option.grams("words", 1)
        own = sp.csr_array(
            (np.ones(len(text)), (text, np.arange(len(text)))), shape=(len(self.option.texts), len(text))
        )
        there, asked = self.question.grams("words", 1)
        place = np.arange(len(there)) - np.searchsorted(there, there)
        there, asked = there[place < WORDS], asked[place < WORDS]
        first, count = (
            np.searchsorted(there, np.arange(len(self.question.texts))),
            np.bincount(there, minlength=len(self.question.texts)),
        )
        used = sp.coo_array(own[self.option.line])  # every word of every option in the set
        item = self.question.line[self.options.item_of[used.row]]
        times = count[item]
        line, word = np.repeat(used.row, times), np.repeat(code[used.col], times)
        begin = np.repeat(first[item] - np.cumsum(times) + times, times)
        question = asked[begin + np.arange(len(line))]
        mixed = (question * np.uint64(0x9E3779B97F4A7C15)) ^ word
        _, gram = np.unique(mixed * np.uint64(0xBF58476D1CE4E5B9), return_inverse=True)
        table = _counted(line, gram, (len(self.option.line), int(gram.max(initial=-1)) + 1))
        table.data[:] = 1
        return _normed(self._shared(table))

    def _focus(self) -> Floats:
        """Return how much of the option is in the passage's sentence that is most similar to the question."""
        questions = [self.question.texts[line] for line in self.question.line]
        passages = [self.passage.texts[line] for line in self.passage.line]
        best = Texts([_nearest(q, p) for q, p in zip(questions, passages, strict=True)], shuffle=False)
        return self.overlap(best)

    def _scaled(self, columns: Floats) -> Floats:
        """Centre within items and scale each column to variance 1; a constant column becomes 0."""
        centred = self.options.centred(np.asarray(columns, dtype=float))
        deviation = np.sqrt((centred**2).mean(axis=0))
        return np.asarray(centred / np.where(deviation > 1e-9, deviation, np.inf))


def _nearest(question: str, passage: str, width: int = 25) -> str:
    """Return the first stretch of `width` words that shares most words with the question."""
    asked, own = frozenset(words(question)), words(passage)
    hits = np.concatenate([[0], np.cumsum([word in asked for word in own])])
    if len(own) <= width:
        return " ".join(own)
    start = int(np.argmax(hits[width:] - hits[:-width]))
    return " ".join(own[start : start + width])


def _counted(row: Ints, column: Ints, shape: tuple[int, int]) -> sp.csr_array:
    table = sp.csr_array((np.ones(len(row), np.float32), (row, column)), shape=shape)
    table.sum_duplicates()
    return table


def _normed(table: sp.csr_array) -> sp.csr_array:
    """Scale every row to length 1, so that a long option weighs no more than a short one."""
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return sp.csr_array(
        sp.dia_array((1 / np.maximum(length, 1e-9)[None, :], [0]), shape=(len(length),) * 2) @ table
    )
