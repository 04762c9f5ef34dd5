"""Layer 2 of the audit: does the presence of a word or a few characters say whether an option is correct?

These are the competency statistics of Gardner et al. (2021). Every word, pair of words and run of 3 to 5
characters of the options is a cue of its own: are more (or fewer) of the options that contain it correct than by
chance? The options of an item are dependent, so a token in k of m options is expected in k/m of a key and varies
by (k/m)(1 − k/m), that is, not at all where all contain it. Runs of characters find parts of words and need no
spaces.

A token is tested only if it divides an item's options in at least ten items and one in a hundred: a rarer one
cannot make a shortcut that would show. Tokens of exactly the same options are one cue with several names.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from qc.audit.cues.option_properties import OptionProperty
from qc.set_statistics.cue_kinds import CueKind, CueName
from qc.set_statistics.layer_statistics import Cue, Measured
from qc.set_statistics.options import Floats, Ints, Options
from qc.text.text_folding import fold
from qc.text.words import words

LEAST_ITEMS = 10
LEAST_SHARE = 0.01
"""The number and share of items in which a token must divide the options."""

SIZES = (3, 4, 5)
"""The lengths of runs of characters."""

_PART = 2048
"""The number of tokens measured at once: a bound on memory (2,048 × 1,001 statistics are 8 MB)."""


class Token(NamedTuple):
    """A text whose presence in an option may be a cue.

    Attributes:
        is_run: whether it is a run of characters, with spaces (and the ends of the option) shown as `_`; if not,
            it is a word or a pair of words.
        text: the text, folded.
    """

    is_run: bool
    text: str


@dataclass(frozen=True, eq=False)
class Tokens:
    """The tokens of one language's options, ready to be measured.

    Attributes:
        options: the options that contain them.
        alike: (k,): the tokens that stand in the same options, the most telling first.
        presence: (n options, k): 1 where an option contains the token, else 0.
    """

    options: Options
    alike: Sequence[tuple[Token, ...]]
    presence: sp.csc_array
    studentised: bool = True

    @cached_property
    def cues(self) -> list[Cue]:
        """The cues, named `token:never` or `characters:ever`; of several tokens the first three."""
        return [_cue(alike) for alike in self.alike]

    def property(self, place: int) -> OptionProperty:
        """Return the property of an option with a token: `has the word “never”`."""
        return _property(_shown(self.alike[place]))

    @cached_property
    def count(self) -> Ints:
        """The number of options that contain each token, (k,)."""
        return np.asarray(np.diff(self.presence.indptr), dtype=np.int64)

    @cached_property
    def expected(self) -> Floats:
        """The number of these options that would be keys by chance, (k,)."""
        return np.asarray(self.presence.T @ (1 / self.options.sizes[self.options.item_of]))

    def keys(self, labelling: Ints) -> Ints:
        """Return the number of these options that are keys in a labelling (n items,), as (k,)."""
        chosen = np.zeros(self.presence.shape[0])
        chosen[labelling] = 1
        return np.asarray(self.presence.T @ chosen).round().astype(np.int64)

    def parts(self) -> Iterator[Tokens]:
        """Yield the same cues in their order, in parts small enough to be measured in memory."""
        for first in range(0, max(len(self.alike), 1), _PART):
            here = slice(first, first + _PART)
            yield Tokens(self.options, self.alike[here], self.presence[:, here])

    def measure(self, labellings: Ints) -> Measured:
        """Return studentised counts at the keys, and the accuracy of picking options with the token; (k, L) each.

        An item in which no option or every option has the token counts as a guess.
        """
        total = self.presence.shape[0]
        columns = np.tile(np.arange(labellings.shape[1]), len(labellings))
        chosen = np.zeros((total, labellings.shape[1]), np.float32)
        chosen[labellings.ravel(), columns] = 1
        statistic = np.empty((len(self.alike), labellings.shape[1]), np.float32)
        accuracy = np.empty_like(statistic)
        for first in range(0, len(self.alike), _PART):
            here = slice(first, first + _PART)
            statistic[here], accuracy[here] = self._measured(self.presence[:, here], chosen)
        return Measured(statistic, accuracy)

    def _measured(self, presence: sp.csc_array, chosen: Floats) -> tuple[Floats, Floats]:
        sizes = self.options.sizes
        within = self._within(presence)  # (n items, k)
        of_size = sp.diags_array(1 / sizes)
        mean = np.asarray((of_size @ within).sum(axis=0)).ravel()
        variance = mean - np.asarray((of_size @ within).power(2).sum(axis=0)).ravel()
        sd = np.sqrt(np.where(variance > 1e-9, variance, np.inf))
        at_keys = presence.T.tocsr().astype(np.float32) @ chosen
        statistic = (at_keys - mean[:, None].astype(np.float32)) / sd[:, None].astype(np.float32)
        # picking: 1/k where k of the m options contain it, a guess where none or all do
        many = within[self.options.item_of].multiply(presence).tocsc()
        many.sort_indices()
        size = sizes[self.options.item_of][many.indices]
        divided = many.data < size
        credit = sp.csc_array((np.where(divided, 1 / many.data, 0), many.indices, many.indptr), many.shape)
        divides = within.tocsc()
        apart = (divides.data < sizes[divides.indices]) / sizes[divides.indices]
        guessed = (1 / sizes).sum() - sp.csc_array((apart, divides.indices, divides.indptr), divides.shape).sum(
            axis=0
        )
        earned = credit.T.tocsr().astype(np.float32) @ chosen
        return statistic, (earned + np.asarray(guessed, np.float32).reshape(-1, 1)) / np.float32(len(sizes))

    def _within(self, presence: sp.csc_array) -> sp.csr_array:
        """Return the number of an item's options that contain the token, (n items, k)."""
        options = self.options
        ones = np.ones(presence.shape[0])
        rows = sp.csr_array((ones, (options.item_of, np.arange(len(ones)))), (len(options), len(ones)))
        return sp.csr_array(rows @ presence)

    def leading(self, z: Floats, limit: int = 20, alike: float = 0.5) -> list[int]:
        """Return the tokens of the largest |z|, without those that mostly share options with one before them.

        Args:
            z: (k,): the true labelling's statistics.
            limit: the largest number of tokens.
            alike: the Jaccard similarity of two tokens' options from which the second is left out.
        """
        # of a word and its parts, which are nearly as strong, the word means more to a reader
        whole = np.array([not alike[0].is_run for alike in self.alike], dtype=bool)
        shown: list[int] = []
        for token in np.argsort(-np.abs(z) * np.where(whole, 1.0, 0.8), kind="stable")[:2000]:
            if shown:
                both = np.asarray((self.presence[:, shown].T @ self.presence[:, [token]]).todense()).ravel()
                if (both / (self.count[shown] + self.count[token] - both) >= alike).any():
                    continue
            shown.append(int(token))
            if len(shown) == limit:
                break
        return shown


def prepare(options: Options, least_items: int = LEAST_ITEMS, least_share: float = LEAST_SHARE) -> Tokens:
    """Compute the tokens of a set's options that divide enough items."""
    known: dict[Token, int] = {}
    columns: list[int] = []
    ends = [0]
    for text in options.texts:
        columns.extend({known.setdefault(token, len(known)) for token in tokens_of(text)})
        ends.append(len(columns))
    shape = len(ends) - 1, len(known)
    indices = np.asarray(columns, np.int64)
    presence = sp.csr_array((np.ones(len(columns)), indices, np.asarray(ends, np.int64)), shape).tocsc()
    least = max(least_items, int(np.ceil(least_share * len(options))))
    frequent = np.flatnonzero(np.diff(presence.indptr) >= least)
    everyone = Tokens(options, [()] * len(frequent), presence[:, frequent])
    within = everyone._within(everyone.presence).tocsc()
    within.data = (within.data < options.sizes[within.indices]).astype(float)
    kept = frequent[np.asarray(within.sum(axis=0)).ravel() >= least]
    every = list(known)
    return _merged(options, [every[token] for token in kept], presence[:, kept])


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the words, pairs of words and runs of characters of a text.

    >>> sorted({token.text for token in tokens_of("A, no") if not token.is_run})
    ['a', 'a no', 'no']
    >>> sorted({token.text for token in tokens_of("A, no") if token.is_run})
    ['_a_', '_a_n', '_a_no', '_no', '_no_', 'a_n', 'a_no', 'a_no_', 'no_']
    """
    found = words(text)
    yield from (Token(False, word) for word in found)
    yield from (Token(False, f"{one} {other}") for one, other in pairwise(found))
    line = f"_{fold(text).replace(' ', '_')}_"
    for size in SIZES:
        yield from (Token(True, line[at : at + size]) for at in range(len(line) - size + 1))


def _merged(options: Options, every: list[Token], presence: sp.csc_array) -> Tokens:
    """Return tokens with one entry for those of the same options, in an order that depends on the texts alone."""
    presence.sort_indices()
    same: dict[bytes, list[int]] = {}
    for token in range(len(every)):
        stretch = presence.indices[presence.indptr[token] : presence.indptr[token + 1]]
        same.setdefault(stretch.tobytes(), []).append(token)

    def telling(token: Token) -> tuple[bool, int, str]:
        return token.is_run, -len(token.text), token.text

    groups = sorted(sorted((telling(every[one]), one) for one in found) for found in same.values())
    alike = [tuple(every[one] for _, one in group) for group in groups]
    return Tokens(options, alike, presence[:, [group[0][1] for group in groups]])


def _shown(alike: tuple[Token, ...]) -> CueName:
    """Return the name of a cue: the first three of its tokens that each add something to those before."""
    is_run = alike[0].is_run
    shown = [token.text for token in alike if token.is_run == is_run]
    parts = [text for place, text in enumerate(shown) if not any(text in longer for longer in shown[:place])][:3]
    return CueName(CueKind.CHARACTERS if is_run else CueKind.WORDS, tuple(parts))


def _property(name: CueName) -> OptionProperty:
    said = " and ".join(f"“{text}”" for text in name.parts)
    of_words = name.kind is CueKind.WORDS
    word = "word" if len(name.parts) == 1 and " " not in name.parts[0] else "words"
    what = f"the {word if of_words else 'letters'} {said}"
    return OptionProperty("has", f"{what} (“_” is a space)" if "_" in said else what, of_words=of_words)


def _cue(alike: tuple[Token, ...]) -> Cue:
    name = _shown(alike)
    has = _property(name)
    return Cue(
        str(name),
        "competency",
        f"an option that {has} is correct more often than others",
        f"an option that {has} is correct less often than others",
        name.kind,
    )
