"""How alike two texts in different languages are, by their likeness to the sentences of a parallel corpus.

A text is described by how it resembles each sentence in its own language; since the sentences are parallel, the
descriptions of a text and its translation can be compared (explicit semantic analysis across languages: Potthast
et al. 2008). Sentences that resemble each other say the same thing twice, which the inverse of their own likeness
takes out again (kernel ridge regression). Characters count beside words, so that names and inflections are seen.
The inverse is rounded to what is saved, so that a model judges alike before and after it was saved.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from qc.translation_models.meaning.word_alignment import Matrix

RIDGE = 0.3
"""How much a sentence's likeness to itself is raised: the higher, the less single sentences count."""

Single = npt.NDArray[np.float32]

_STEP = 1 / 8192  # of an inverse's numbers, none of which is beyond 1 / RIDGE: 16 bits hold them


class Side:
    """One language of the corpus.

    Args:
        counts: sentences by units; several may share it.
        rows: the sentences that are learned from.

    Attributes:
        weights: the weights of the units.
        inverse: the inverse of the sentences' likeness, n by n.
    """

    def __init__(self, counts: sparse.csr_matrix, rows: npt.NDArray[np.int64]) -> None:
        self._counts, self._rows = counts, rows
        some = counts[rows]
        texts = np.bincount(some.indices, minlength=counts.shape[1])
        self.weights: Matrix = np.where(texts > 0, np.log((1 + len(rows)) / (1 + texts)), 0.0)
        self.inverse = _inverse((self._sentences @ self._sentences.T).toarray())

    @cached_property
    def _sentences(self) -> sparse.csr_matrix:
        """The sentences as weighted units."""
        return _weighted(self._counts[self._rows], self.weights)

    @cached_property
    def _by_unit(self) -> sparse.csr_matrix:
        return self._sentences.T.tocsr().astype(np.float32)

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: of the inverse one half in steps, high and low bytes apart, which packs well."""
        half = self.inverse[np.tril_indices(len(self.inverse))]
        steps = np.rint(half / _STEP).astype("<i2").view(np.uint8).reshape(-1, 2).T.copy()
        return {"_counts": self._counts, "_rows": self._rows, "weights": self.weights, "steps": steps}

    def __setstate__(self, saved: dict[str, object]) -> None:
        steps = np.asarray(saved.pop("steps"))
        vars(self).update(saved)
        half = ((steps[1].view(np.int8).astype(np.int16) << 8) | steps[0]) * np.float32(_STEP)
        size = len(self._rows)
        lower = np.zeros((size, size), np.float32)
        for row in range(size):
            start = row * (row + 1) // 2
            lower[row, : row + 1] = half[start : start + row + 1]
        self.inverse = lower + lower.T
        np.fill_diagonal(self.inverse, np.diagonal(lower))

    def described(self, counts: sparse.csr_matrix) -> Single:
        """Return texts by sentences, each text's description of length 1, or 0 if no unit was ever met."""
        likeness = (_weighted(counts, self.weights).astype(np.float32) @ self._by_unit).toarray()
        found = likeness @ self.inverse
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), np.float32(1e-9))
        made: Single = found
        return made


def _inverse(likeness: Matrix) -> npt.NDArray[np.float32]:
    """Return the inverse of a matrix of likenesses with the ridge, in steps; symmetry halves the work."""
    likeness[np.diag_indices_from(likeness)] += RIDGE
    factor, failed = linalg.lapack.dpotrf(likeness, lower=1, overwrite_a=1)
    found, failed_again = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or failed_again:
        raise linalg.LinAlgError("the likeness of these sentences has no inverse")
    steps = np.ascontiguousarray(np.rint(np.tril(found) / _STEP))  # in the order in which a saved one is read
    made: npt.NDArray[np.float32] = (steps * _STEP).astype(np.float32)
    made += np.tril(made, -1).T
    return made


def _weighted(counts: sparse.csr_matrix, weights: Matrix) -> sparse.csr_matrix:
    made = counts.copy()
    made.data = (1 + np.log(made.data)) * weights[made.indices]
    size = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.where(size > 0, size, 1)) @ made).tocsr()
