"""The audit's figures with their captions and the values that they show, each from the document."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from qc.reports.audit_report import audit_figure_drawing
from qc.reports.audit_report.audit_phrases import cue_name, is_probability, language_name, listed, percent
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.numbering import ref

Facts = Mapping[str, Any]

_ENDS = ("95 % interval, lower end (share)", "95 % interval, upper end (share)")
_BAND = ("permuted keys, 2.5 % quantile (share)", "permuted keys, 97.5 % quantile (share)")


def named(name: str, language: str = "") -> str:
    """Return a name for a language's own table or figure; "" is the page's main language.

    >>> named("forest", "fra_Latn"), named("forest")
    ('forest-fra-latn', 'forest')
    """
    return f"{name}-{re.sub(r'[^a-z0-9]+', '-', language.lower())}" if language else name


def forest(view: Any, margin: float, other: str = "") -> Figure:
    """Return what picking by each named cue gets right.

    Args:
        view: the language, as `audit_page.View`.
        margin: of the certificate.
        other: the language's code where it is not the main one.
    """
    chance = view.facts["chance"]
    caption = f"Picking by each cue, {language_name(other)}; as {ref('forest')}."
    if not other:
        paired = f" ({ref('paired')})" if view.tests else ""
        silent = f" Picking nothing in any item: {listed([cue_name(one) for one in view.silent])}."
        caption = (
            "Picking by each cue, no learning: point and 95\u00a0% interval; grey band: the middle 95\u00a0% with "
            "permuted keys, ties shared. Solid line: chance; dashed: chance + margin. Filled, and ● beside p: "
            "found at the layer’s share of α, two-sided; “paired” tests whether the key has more of it than the "
            f"other options{paired}.{silent if view.silent else ''}"
        )
    rows = []
    for one in view.cues:
        pair = view.paired.get(one["name"])
        told = (pair["adjusted"], pair["detected"]) if pair else (None, None)
        rows.append([*_accuracy(one), chance, chance + margin, *told])
    heads = (*_HEADS, "chance (share)", "chance + margin (share)", "adjusted p of the paired test (probability)")
    drawing = audit_figure_drawing.forest(view.cues, view.paired, chance, margin)
    return Figure(
        named("forest", other), caption, drawing, (*heads, "found by the paired test (true or false)"), rows
    )


_HEADS = ("cue", "accuracy (share)", *_ENDS, *_BAND, "adjusted p (probability)", "found (true or false)")


def _accuracy(effect: Facts) -> list[Any]:
    quantiles = effect["quantiles"]
    band = (quantiles[1], quantiles[5]) if quantiles else (None, None)
    numbers = (effect["accuracy"], effect["low"], effect["high"], *band)
    return [effect["name"], *numbers, effect["adjusted"], effect["detected"]]


def models(view: Any, labels: Sequence[str], margin: float, outside: int, other: str = "") -> Figure:
    """Return what models get right from parts of the items.

    Args:
        view: the language.
        labels: the models' names.
        margin: of the certificate.
        outside: the number of outside items that they were trained on; 0: cross-fitted.
        other: as of `forest`.
    """
    chance = view.facts["chance"]
    trained = (
        "Trained on outside items and on none of this set. Grey band: the middle 95\u00a0% with permuted keys."
        if outside
        else "Trained and tested on parts of the items, folds apart by passage and near-duplicates. Grey band: "
        "the middle 95\u00a0% when everything is trained anew on permuted keys. The full input is the yardstick: "
        "what the same model learns when it may read."
    )
    caption = f"Models, {language_name(other)}; as {ref('models')}." if other else (
        f"What models get right from parts of the items. {trained}"
    )  # fmt: skip
    rows = [
        [one["layer"], *_accuracy(one), one["upper"], one["tested"], chance, chance + margin]
        for one in view.models
    ]
    more = (
        "one-sided 95 % upper bound (share)",
        "tested (true or false)",
        "chance (share)",
        "chance + margin (share)",
    )
    drawing = audit_figure_drawing.learners(view.models, labels, chance, margin)
    return Figure(named("models", other), caption, drawing, ("layer", *_HEADS, *more), rows)


def positions(view: Any, expected: Sequence[float], other: str = "") -> Figure:
    """Return in which place the keys stand.

    Args:
        view: the language.
        expected: the expected number in each place by lot.
        other: as of `forest`.
    """
    keys = view.facts["positions"]
    if other:
        caption = f"Places of the keys, {language_name(other)}."
    elif view.balance:
        p = is_probability(view.balance["adjusted"])
        caption = f"Whether keys stand in some places more often than by lot: adjusted p\u00a0{p}."
    else:
        caption = "In which place the keys stand; line: by lot."
    heads = ("place (from 1)", "keys (number)", "keys by lot (expected number)")
    rows = [[place + 1, *counts] for place, counts in enumerate(zip(keys, expected, strict=True))]
    return Figure(
        named("places", other), caption, audit_figure_drawing.positions(keys, expected), heads, rows, small=True
    )


def cloud(view: Any, critical: float | None, alpha: float | None) -> Figure:
    """Return every token by how often it occurs and how often it is correct.

    Args:
        view: the language.
        critical: the value that |z| must exceed; None: not tested.
        alpha: the layer's share of the error rate.
    """
    caption = (
        "Every word and character n-gram of the options: how many options hold it, and how many of these are "
        "correct. In a set without any cue the chance that a single one lies beyond the dashed curve is at most "
        f"{percent(alpha, 2)}; diamonds lie beyond it. Solid line: chance."
    )
    heads = ("options (number)", "of these correct (share)", "correct by lot (share)", "tokens (number)")
    points = view.facts["cloud"]
    return Figure(
        "cloud", caption, audit_figure_drawing.cloud(points, critical, view.facts["chance"]), heads, points
    )


def pvi(bins: Facts, language: str = "", other: str = "") -> Figure:
    """Return the histogram of held-out pointwise V-information.

    Args:
        bins: counts and edges.
        language: what the caption says of the language; "" if there is only one.
        other: as of `forest`.
    """
    caption = f"Held-out pointwise V-information, {language_name(other)}." if other else (
        f"Held-out pointwise V-information of the options alone{language}: how many bits the learner gains on the "
        "key, against guessing. Right of 0 the key is given away by as much; an honest set is centred at or left "
        "of 0."
    )  # fmt: skip
    drawing = audit_figure_drawing.histogram(bins["counts"], bins["edges"], "held-out PVI, bits", "pvi")
    return Figure(named("pvi", other), caption, drawing, *_bins(bins, "bits"), small=True)


def difficulty(bins: Facts) -> Figure:
    """Return the histogram of the items' difficulties."""
    drawing = audit_figure_drawing.histogram(bins["counts"], bins["edges"], "difficulty, logits", "difficulty")
    caption = "Difficulties of the items; 0 is as hard as the average solver is able."
    return Figure("difficulty", caption, drawing, *_bins(bins, "logits"), small=True)


def _bins(bins: Facts, unit: str) -> tuple[tuple[str, ...], list[list[Any]]]:
    edges = bins["edges"]
    rows = [list(row) for row in zip(edges[:-1], edges[1:], bins["counts"], strict=True)]
    return (f"from ({unit})", f"to ({unit})", "items (number)"), rows


def sensitivity(points: Sequence[Facts], unmeasured: Sequence[str]) -> Figure:
    """Return how often each layer found a planted cue.

    Args:
        points: what was measured.
        unmeasured: the classes of models whose layer was not.
    """
    caption = (
        f"How often each layer found a planted cue, of {points[0]['runs']} runs a point; bands: 95\u00a0% "
        "intervals. A cue to the left of and below these curves would mostly have been missed."
    )
    if unmeasured:
        caption += f" Not measured: {listed(unmeasured)}."
    names = ("layer", "kind", "cue", "coverage", "strength", "accuracy", "found", "low", "high", "runs")
    heads = (
        "layer", "kind", "cue", "items that carry it (share)", "strength (share)", "accuracy of the cue (share)",
        "found (share of runs)", *_ENDS, "runs (number)",
    )  # fmt: skip
    rows = [[one[name] for name in names] for one in points]
    return Figure("sensitivity", caption, audit_figure_drawing.sensitivity(points), heads, rows)
