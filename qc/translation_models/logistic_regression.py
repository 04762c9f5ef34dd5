"""Logistic regression, by Newton's method: weights for a few features from some hundred to thousand cases."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qc.translation_models.meaning.word_alignment import Matrix

RIDGE = 1.0


def fitted(features: Matrix, right: npt.NDArray[np.bool_], rounds: int = 25) -> Matrix:
    """Return the weight of each feature and at the end the constant.

    Args:
        features: cases by features; their scale is taken out and put back.
        right: whether each case is of the kind that a high score is to mean.
        rounds: of Newton's method.
    """
    middle, scale = features.mean(axis=0), features.std(axis=0) + 1e-9
    cases = np.column_stack([(features - middle) / scale, np.ones(len(features))])
    penalty = np.diag([RIDGE] * features.shape[1] + [1e-6])
    weights = np.zeros(cases.shape[1])
    for _ in range(rounds):
        chance = 1 / (1 + np.exp(-np.clip(cases @ weights, -30, 30)))
        slope = cases.T @ (chance - right) + penalty @ weights
        curve = (cases * (chance * (1 - chance))[:, None]).T @ cases + penalty
        step = np.linalg.solve(curve, slope)
        weights -= step
        if np.abs(step).max() < 1e-6:
            break
    plain = weights[:-1] / scale
    return np.append(plain, weights[-1] - middle @ plain)
