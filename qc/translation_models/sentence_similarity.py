"""How alike two texts in different languages are, by their likeness to the sentences of a parallel corpus.

A text is described by how it resembles each sentence in its own language; since the sentences are parallel, the
descriptions of a text and its translation can be compared (explicit semantic analysis across languages: Potthast
et al. 2008). Sentences that resemble each other say the same thing twice, which the inverse of their own likeness
takes out again (kernel ridge regression). Characters count beside words, so that names and inflections are seen.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import linalg, sparse

from qc.translation_models.word_alignment import Matrix

RIDGE = 0.3
"""How much a sentence's likeness to itself is raised: the higher, the less single sentences count."""


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
        return self._sentences.T.tocsr()

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: of the inverse one half, since the other is the same."""
        half = self.inverse[np.tril_indices(len(self.inverse))]
        return {"_counts": self._counts, "_rows": self._rows, "weights": self.weights, "half": half}

    def __setstate__(self, saved: dict[str, object]) -> None:
        half = np.asarray(saved.pop("half"))
        vars(self).update(saved)
        size = len(self._rows)
        self.inverse = np.empty((size, size), np.float32)
        at = np.tri(size, dtype=bool)
        self.inverse[at] = half
        self.inverse.T[at] = half

    def described(self, counts: sparse.csr_matrix) -> Matrix:
        """Return texts by sentences, each text's description of length 1, or 0 if no unit was ever met."""
        found = (_weighted(counts, self.weights) @ self._by_unit).toarray() @ self._wide
        size = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(size, 1e-9))

    @property
    def _wide(self) -> Matrix:
        return self.inverse.astype(np.float64)


def _inverse(likeness: Matrix) -> npt.NDArray[np.float32]:
    """Return the inverse of a matrix of likenesses with the ridge; it is symmetric, which halves the work."""
    likeness[np.diag_indices_from(likeness)] += RIDGE
    factor, failed = linalg.lapack.dpotrf(likeness, lower=1, overwrite_a=1)
    found, failed_again = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    if failed or failed_again:
        raise linalg.LinAlgError("the likeness of these sentences has no inverse")
    made: npt.NDArray[np.float32] = np.tril(found).astype(np.float32)  # half the memory of the inverse as computed
    made += np.tril(made, -1).T
    return made


def _weighted(counts: sparse.csr_matrix, weights: Matrix) -> sparse.csr_matrix:
    made = counts.copy()
    made.data = (1 + np.log(made.data)) * weights[made.indices]
    size = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.where(size > 0, size, 1)) @ made).tocsr()
