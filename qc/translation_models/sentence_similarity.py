"""How alike two texts in different languages are, by their likeness to the sentences of a parallel corpus.

A text is described by how it resembles each sentence in its own language; since the sentences are parallel, the
descriptions of a text and its translation can be compared (explicit semantic analysis across languages: Potthast
et al. 2008). Sentences that resemble each other say the same thing twice, which the inverse of their own likeness
takes out again (kernel ridge regression). Characters count beside words, so that names and inflections are seen.
"""

from __future__ import annotations

from collections.abc import Sequence
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
        counts: its sentences, sentences by units.

    Attributes:
        sentences: the sentences as weighted units.
        weights: the weights of the units.
    """

    def __init__(self, counts: sparse.csr_matrix) -> None:
        texts = np.bincount(counts.indices, minlength=counts.shape[1])
        self.weights: Matrix = np.where(texts > 0, np.log((1 + counts.shape[0]) / (1 + texts)), 0.0)
        self.sentences = _weighted(counts, self.weights)

    @cached_property
    def inverse(self) -> npt.NDArray[np.float32]:
        """The inverse of the sentences' likeness; n by n, so it is made when asked for and not saved."""
        likeness = (self.sentences @ self.sentences.T).toarray()
        likeness[np.diag_indices_from(likeness)] += RIDGE
        found: npt.NDArray[np.float32] = linalg.inv(likeness, check_finite=False).astype(np.float32)
        return found  # half the memory of the inverse as computed

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: all but the inverse."""
        return {name: value for name, value in vars(self).items() if name != "inverse"}

    def described(self, counts: sparse.csr_matrix) -> Matrix:
        """Return texts by sentences, each text's description of length 1, or 0 if no unit was ever met."""
        found = (_weighted(counts, self.weights) @ self.sentences.T).toarray() @ self.inverse
        size = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(found / np.maximum(size, 1e-9))


def _weighted(counts: sparse.csr_matrix, weights: Matrix) -> sparse.csr_matrix:
    made = counts.copy()
    made.data = (1 + np.log(made.data)) * weights[made.indices]
    size = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.where(size > 0, size, 1)) @ made).tocsr()


def similarities(sides: Sequence[Side], source: sparse.csr_matrix, target: sparse.csr_matrix) -> Matrix:
    """Return the cosines of n source texts with m target texts (counts, texts by units)."""
    return np.asarray(sides[0].described(source) @ sides[1].described(target).T)
