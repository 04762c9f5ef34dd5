"""Picking by a cue that correct options often have: how often that is right, and which items show it best."""

from __future__ import annotations

import numpy as np

from qc.set_statistics.options import Floats, Options


def right(options: Options, scores: Floats) -> float:
    """Return the share of items that picking the option of the highest score gets right, ties shared.

    Args:
        options: the set.
        scores: (n options,).
    """
    return float(options.credits(scores)[options.keys].mean())


def seen_best(options: Options, scores: Floats, lead: float) -> list[str]:
    """Return the ids of the items whose keys lead most by a rule, as many as the rule gets right too often.

    Args:
        options: the set.
        scores: (n options,): the rule's scores.
        lead: the least lead that a key must have, on the scale of `ahead`.
    """
    too_often = right(options, scores) - options.chance
    too_many = max(0, int(np.ceil(too_often * len(options) / (1 - options.chance))))
    found = ahead(options, scores)
    ids = [str(item) for item in options.items["item_id"]]
    far = sorted((-found[place], item) for place, item in enumerate(ids) if found[place] >= lead)
    return [item for _, item in far[:too_many]]


def ahead(options: Options, scores: Floats) -> Floats:
    """Return the lead of each item's key over its best other option, in shares of the item's range; (n items,)."""
    told = np.where(np.isnan(scores), -np.inf, scores)
    low = np.minimum.reduceat(np.where(np.isnan(scores), np.inf, scores), options.starts)
    others = told.copy()
    others[options.keys] = -np.inf
    best = np.maximum.reduceat(others, options.starts)
    key, best = told[options.keys], np.where(np.isneginf(best), low, best)
    above = np.isfinite(key) & (key > low)
    return np.asarray(np.where(above, (key - np.where(above, best, 0)) / np.where(above, key - low, 1), 0.0))
