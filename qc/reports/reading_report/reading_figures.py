"""The figures of a reading: accuracy under each condition by language and script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib

from qc.reports.svg_figures import BAND, FOUND, INK, PLAIN, QUIET, SHARES, STYLE, canvas, svg

MARKS = {
    "text": ("s", PLAIN, "none"),
    "picture": ("o", FOUND, FOUND),
    "other picture": ("^", QUIET, "none"),
    "blank picture": ("v", QUIET, QUIET),
}
"""By condition: its mark, its colour and what the mark is filled with."""


def accuracy_by(groups: Sequence[Mapping[str, Any]], labels: Sequence[str], chance: float, what: str) -> str:
    """Draw the accuracy under each condition, a row a group, with 95 % intervals and chance.

    Args:
        groups: lines of `qc.set_statistics.reading_gaps.grouped`; the first is drawn on top.
        labels: their names.
        chance: the accuracy of guessing.
        what: what the groups are, for those who cannot see the figure.
    """
    with matplotlib.rc_context(STYLE):
        figure, axes = canvas(0.9 + 0.34 * len(groups), left=2.0, right=0.3)
        axes.axvline(chance, color=INK, linewidth=0.8, linestyle=(0, (4, 3)))
        for row, group in enumerate(groups):
            axes.axhspan(row - 0.46, row + 0.46, color=BAND if row % 2 else "none", alpha=0.5, linewidth=0)
            for place, (condition, (mark, edge, fill)) in enumerate(MARKS.items()):
                one = group["accuracies"].get(condition)
                if one is None:
                    continue
                at = row + (place - 1.5) * 0.2
                axes.plot([one["low"], one["high"]], [at, at], color=edge, linewidth=1.1)
                axes.plot(
                    [one["right"]], [at], mark, color=edge, markerfacecolor=fill if fill != "none" else "white",
                    markersize=5, label=condition if row == 0 else None,
                )  # fmt: skip
        axes.set_yticks(range(len(groups)), labels)
        axes.set_ylim(len(groups) - 0.5, -0.5)
        axes.set_xlim(0, 1)
        axes.xaxis.set_major_formatter(SHARES)
        axes.set_xlabel("items answered right; dashed: by guessing")
        figure.legend(loc="upper right", ncols=len(MARKS), bbox_to_anchor=(0.99, 1.0), handletextpad=0.2)
        top = 0.4 / figure.get_figheight()
        box = axes.get_position()
        axes.set_position((box.x0, box.y0, box.width, box.height - top))
        return svg(figure, what, f"Accuracy under each condition by {what}")
