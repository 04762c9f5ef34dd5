"""The audit's figures; `qc.reports.svg_figures` styles them and writes them as SVG and PDF.

Findings are filled and all others are hollow, so that a grey copy shows the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from qc.reports.audit_report.audit_phrases import cue_name, percent, probability
from qc.reports.svg_figures import BAND, FOUND, INK, PLAIN, QUIET, SHARES, STYLE, WIDTH, Drawing, canvas

_STRENGTHS = ("#9ecae1", "#4a98c9", "#0b63a5", "#08306b", "#041a3d")
_MARKS = ("o", "s", "^", "D", "v")


def forest(
    effects: Sequence[Mapping[str, Any]], paired: Mapping[str, Mapping[str, Any]], chance: float, margin: float
) -> Drawing:
    """Draw the accuracy of picking by each cue: 95 % interval, middle 95 % under permuted keys, chance and margin.

    Args:
        effects: effects with an accuracy, as the schema's `effect`; the first is drawn on top.
        paired: by name, the paired test of the same cue, whose p is printed beside.
        chance: the accuracy of guessing.
        margin: the margin of the certificate.
    """
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(0.8 + 0.205 * len(effects), left=1.8, right=2.0)
        for row, effect in enumerate(effects):
            _row(axes, row, effect, 0.62)
        _guides(axes, chance, margin, [cue_name(effect["name"]) for effect in effects])
        _beside(axes, -1.0, ["accuracy", "adj. p", "paired p"], quiet=True)
        for row, effect in enumerate(effects):
            pair = paired.get(effect["name"])
            beside = [percent(effect["accuracy"]), _marked(effect), _marked(pair) if pair else ""]
            _beside(axes, row, beside)
        axes.set_xlabel("items that picking by the cue gets right")
        return _drawn(figure, "forest", "Accuracy of picking by each named cue")


def learners(effects: Sequence[Mapping[str, Any]], labels: Sequence[str], chance: float, margin: float) -> Drawing:
    """Draw as `forest` does, for trained models: accuracies under permuted keys and under the true ones."""
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(0.8 + 0.3 * len(effects), left=2.1, right=2.2)
        for row, effect in enumerate(effects):
            _row(axes, row, effect, 0.5)
        _guides(axes, chance, margin, labels)
        _beside(axes, -0.85, ["accuracy", "adj. p", "95 % bound"], quiet=True)
        for row, effect in enumerate(effects):
            p = _marked(effect) if effect["tested"] else "not tested"
            _beside(
                axes,
                row,
                [
                    percent(effect["accuracy"]),
                    p,
                    "no bound" if effect["upper"] is None else percent(effect["upper"]),
                ],
            )
        axes.set_xlabel("items that the model gets right")
        return _drawn(figure, "learners", "Accuracy of models trained on partial inputs")


def positions(keys: Sequence[int], expected: Sequence[float]) -> Drawing:
    """Draw how often the key is in each place, against the expected number by chance."""
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(1.75, left=0.5, right=0.1, width=min(WIDTH, 1.2 + 0.75 * len(keys)))
        places = range(1, len(keys) + 1)
        axes.bar(places, keys, width=0.62, color=PLAIN, alpha=0.85)
        for place, count, lot in zip(places, keys, expected, strict=True):
            axes.plot([place - 0.4, place + 0.4], [lot, lot], color=INK, linewidth=1.2)
            axes.text(place, 1.02 * max(count, lot), f"{count:,}", ha="center", va="bottom", fontsize=8)
        axes.set_xticks(list(places), [str(place) for place in places])
        axes.set_ylim(0, 1.18 * max(1, *keys, *expected))
        axes.set_xlabel("place of the key (line: by lot)")
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        return _drawn(figure, "positions", "How often the key stands in each place")


def cloud(points: Sequence[Sequence[float]], critical: float | None, chance: float) -> Drawing:
    """Draw every token by how many options contain it and how many of these are correct (Gardner et al. 2021).

    Args:
        points: (n, 4): options, share correct, share by chance, how many tokens.
        critical: the value that |z| must exceed; None: no curve.
        chance: the accuracy of guessing.
    """
    told = np.asarray(points, float).reshape(-1, 4)
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(3.2, left=0.75, right=0.15)
        count, share, lot, tokens = told.T
        z = np.abs(share - lot) / np.sqrt(np.maximum(lot * (1 - lot), 1e-9) / count)
        outside = z > (np.inf if critical is None else critical)
        size = 7 + 5 * np.log2(np.maximum(tokens, 1))
        kept = ~outside
        axes.scatter(count[kept], share[kept], s=size[kept], color=PLAIN, alpha=0.3, linewidths=0)
        axes.scatter(count[outside], share[outside], s=26, color=FOUND, marker="D", linewidths=0)
        reach = np.geomspace(1, max(2.0, count.max(initial=2.0)) * 1.15, 120)
        axes.axhline(chance, color=QUIET, linewidth=0.9)
        if critical is not None:
            half = critical * np.sqrt(chance * (1 - chance) / reach)
            for curve in (chance + half, chance - half):
                inside = (curve >= 0) & (curve <= 1)
                axes.plot(reach[inside], curve[inside], color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.set_xlim(0.85 * min(count, default=1.0), reach[-1])
        axes.set_ylim(-0.03, 1.03)
        axes.yaxis.set_major_formatter(SHARES)
        axes.set_xlabel("options that hold the token")
        axes.set_ylabel("of these correct")
        return _drawn(figure, "tokens", "Tokens by frequency and share of correct options")


def sensitivity(points: Sequence[Mapping[str, Any]]) -> Drawing:
    """Draw how often a planted cue was found: a panel for each layer and kind, a line for each strength."""
    panels = sorted({(point["layer"], point["kind"]) for point in points})
    strengths = sorted({point["strength"] for point in points})
    columns = min(3, len({kind for _, kind in panels}))
    rows = -(-len(panels) // columns)
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, 0.55 + 1.85 * rows))
        for index, (layer, kind) in enumerate(panels):
            axes = figure.add_subplot(rows, columns, index + 1)
            here = [point for point in points if (point["layer"], point["kind"]) == (layer, kind)]
            _power(axes, here, strengths)
            axes.set_title(f"{layer}: {kind}", loc="left")
            if index % columns == 0:
                axes.set_ylabel("found")
            if index >= len(panels) - columns:
                axes.set_xlabel("items that carry the cue")
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.subplots_adjust(
            0.09, 0.44 / figure.get_figheight(), 0.99, 1 - 0.52 / figure.get_figheight(), 0.22, 0.62
        )
        figure.legend(handles, labels, loc="upper left", ncols=len(labels), bbox_to_anchor=(0.075, 1.0))
        return _drawn(figure, "sensitivity", "Power of the audit by coverage and strength of a cue")


def histogram(counts: Sequence[int], edges: Sequence[float], label: str, name: str) -> Drawing:
    """Draw counts in bins, with a line at 0."""
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(1.9, left=0.6, right=0.15, width=5.2)
        left, width = np.asarray(edges[:-1]), edges[1] - edges[0]
        axes.bar(left, counts, width=0.92 * width, align="edge", color=PLAIN, alpha=0.85)
        axes.axvline(0, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))
        axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.set_xlabel(label)
        axes.set_ylabel("items")
        return _drawn(figure, name, label)


def _row(axes: Axes, row: int, effect: Mapping[str, Any], height: float) -> None:
    """Draw one cue: the band under permuted keys, an interval, a point."""
    colour = FOUND if effect["detected"] else PLAIN
    quantiles = effect["quantiles"]
    if quantiles and None not in quantiles:
        axes.barh(row, quantiles[5] - quantiles[1], left=quantiles[1], height=height, color=BAND, zorder=0.3)
    if effect["low"] is not None:
        axes.plot([effect["low"], effect["high"]], [row, row], color=colour, linewidth=1.5)
    face = colour if effect["detected"] else "white"
    axes.plot([effect["accuracy"]], [row], marker="o", markersize=5, color=colour, markerfacecolor=face)


def _guides(axes: Axes, chance: float, margin: float, labels: Sequence[str]) -> None:
    """Draw the rows' names, the line of guessing and that of the certificate's margin."""
    axes.axvline(chance, color=INK, linewidth=0.9, zorder=0.5)
    axes.axvline(chance + margin, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=0.5)
    axes.xaxis.set_major_formatter(SHARES)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -1.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _beside(axes: Axes, row: float, texts: Sequence[str], *, quiet: bool = False) -> None:
    """Print figures to the right of a row, in three columns."""
    inch = 1 / (axes.get_position().width * WIDTH)
    style: dict[str, Any] = {"fontsize": 8, "color": QUIET} if quiet else {"fontsize": 8.5}
    for column, text in enumerate(texts):
        x = 1 + inch * (0.1 + (0, 0.62, 1.3)[column])
        axes.text(x, row, text, transform=axes.get_yaxis_transform(), va="center", **style)


def _marked(effect: Mapping[str, Any]) -> str:
    """Return an adjusted p, with a mark where the cue was found."""
    return probability(effect["adjusted"]) + (" ●" if effect["detected"] else "")


def _power(axes: Axes, points: Sequence[Mapping[str, Any]], strengths: Sequence[float]) -> None:
    for rank, strength in enumerate(strengths):
        line = sorted((p for p in points if p["strength"] == strength), key=lambda p: float(p["coverage"]))
        x, y, low, high = ([p[key] for p in line] for key in ("coverage", "found", "low", "high"))
        colour = _STRENGTHS[rank % len(_STRENGTHS)]
        axes.fill_between(x, low, high, color=colour, alpha=0.13, linewidth=0)
        axes.plot(
            x, y, color=colour, marker=_MARKS[rank % 5], markersize=4, label=f"strength {100 * strength:.0f} %"
        )
    axes.axhline(0.8, color=QUIET, linewidth=0.6, linestyle=(0, (1, 2)))
    axes.set_ylim(-0.04, 1.04)
    axes.set_yticks([0, 0.5, 0.8, 1])
    axes.yaxis.set_major_formatter(SHARES)
    axes.xaxis.set_major_formatter(SHARES)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))


def _drawn(figure: Figure, name: str, label: str) -> Drawing:
    return Drawing(figure, f"belebele-audit {name}", label)
