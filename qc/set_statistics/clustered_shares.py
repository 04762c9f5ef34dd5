"""Shares of texts that hang together, such as those of one document or passage, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_Z = 1.959963984540054  # of a two-sided 95 % interval


def clustered_interval(flags: Sequence[bool], documents: Sequence[str]) -> tuple[float, float, float]:
    """Return the share of texts that are flagged, and its interval (.95, Wilson's, documents being clusters).

    Args:
        flags: whether each text is flagged; at least one.
        documents: the document of each.
    """
    below = np.array(flags, dtype=np.bool_)
    share = float(below.mean())
    return share, *score_interval(
        share, independent(below, np.unique(np.array(documents), return_inverse=True)[1])
    )


def independent(flags: npt.NDArray[np.bool_], of_document: npt.NDArray[np.intp]) -> float:
    """Return the number of independent texts that tell the share of flags as well as these do."""
    below = flags.astype(np.float64)
    documents = int(of_document.max()) + 1
    share = float(below.mean())
    alone = share * (1 - share) / len(below)
    if documents < 2 or alone == 0:
        return float(documents if alone == 0 else len(below))
    residues = np.bincount(of_document, weights=below - share)
    together = float((residues**2).sum()) / len(below) ** 2 * documents / (documents - 1)
    return len(below) / max(1.0, together / alone)


def score_interval(share: float, tries: float) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927); `tries` need not be whole."""
    middle = (share + _Z * _Z / (2 * tries)) / (1 + _Z * _Z / tries)
    half = _Z / (1 + _Z * _Z / tries) * math.sqrt(share * (1 - share) / tries + (_Z / (2 * tries)) ** 2)
    return max(0.0, middle - half), min(1.0, middle + half)
