"""The remainder of a cue when others are known: a score test in a conditional logit.

Without any control this is the audit's own studentised statistic, with every option of an item equally likely to
be the key. With controls the chances are those that McFadden's (1974) conditional logit over them gives the
options, and the score is made efficient (Rao 1948): the part that the controls' estimated weights could absorb is
subtracted.
"""

from __future__ import annotations

import numpy as np

from qc.audit.layers.conditional_logit import fitted, padded
from qc.set_statistics.options import Floats, Options

RIDGE = 0.01
"""Keeps weights finite where a leader is always right; the efficient score compensates for the bias."""

LEFT = 1e-3
"""A cue can tell nothing more if the leaders leave less than this share of its variance."""


def given(options: Options, tested: Floats, controls: Floats) -> Floats:
    """Return the remainder of cues when the leaders are known: efficient scores on the scale of a standard normal.

    Args:
        options: the options of one language.
        tested: (n options, k): the cues' values for the options.
        controls: (n options, c): the leaders' values. c may be 0: then the result is the audit's statistics.

    Returns:
        (k,); 0 where the leaders leave nothing of a cue.
    """
    equal = 1 / options.sizes[options.item_of].astype(float)
    chance = equal if not controls.shape[1] else _chances(options, controls)
    cues, known = _off(options, tested, chance), _off(options, controls, chance)
    both = cues.T @ (known * chance[:, None])
    through = both @ np.linalg.pinv(known.T @ (known * chance[:, None]), rcond=1e-9, hermitian=True)
    score = cues[options.keys].sum(axis=0) - through @ known[options.keys].sum(axis=0)
    variance = (cues**2 * chance[:, None]).sum(axis=0) - (through * both).sum(axis=1)
    whole = (_off(options, tested, equal) ** 2 * equal[:, None]).sum(axis=0)
    enough = variance > np.maximum(LEFT * whole, 1e-9)
    return np.asarray(np.where(enough, score / np.sqrt(np.where(enough, variance, 1.0)), 0.0))


def _off(options: Options, columns: Floats, chance: Floats) -> Floats:
    """Return columns less their expected value in each item."""
    values = columns.astype(float)
    return np.asarray(values - options.per_item(values * chance[:, None])[options.item_of])


def _chances(options: Options, controls: Floats) -> Floats:
    """Return each option's chance of being the key by a conditional logit over the leaders, (n options,)."""
    centred = options.centred(controls.astype(float))
    size = np.sqrt((centred**2).mean(axis=0))
    scaled = (centred / np.where(size > 1e-9, size, np.inf)).astype(np.float32)
    keys = (options.keys - options.starts)[:, None]
    worth = scaled.astype(float) @ fitted(padded(options, scaled), keys, RIDGE)[:, 0].astype(float)
    grown = np.exp(worth - np.maximum.reduceat(worth, options.starts)[options.item_of])
    return np.asarray(grown / options.per_item(grown)[options.item_of])
