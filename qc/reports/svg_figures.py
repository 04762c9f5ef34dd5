"""The style of a report's figures, and their conversion to SVG that is part of a page.

Text stays text, in the page's own font, so that it can be searched and read aloud. Only our own names appear in
figures, since the words of items may need fonts and directions that only the page can give them. The bytes depend
on the numbers and matplotlib's version alone: identities have a fixed salt, and there are no dates. Blue and
vermilion are told apart by every kind of colour vision.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

FOUND, PLAIN, QUIET, BAND, INK = "#c2410c", "#0b63a5", "#8a929c", "#e3e7ec", "#22282f"
STYLE: Any = {
    "svg.fonttype": "none",
    "text.parse_math": False,
    "font.size": 9,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "lines.linewidth": 1.4,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}
WIDTH = 8.4
"""The width in inches of a figure as wide as the page."""

SHARES = FuncFormatter(lambda value, _: f"{100 * value:.0f} %")


def canvas(height: float, *, left: float, right: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """Return a figure with margins in inches, so that rows have the same height in every figure."""
    drawn = Figure(figsize=(width, height))
    low = 0.45 / height
    axes = drawn.add_axes((left / width, low, 1 - (left + right) / width, 1 - low - 0.06 / height))
    return drawn, axes


@dataclass(frozen=True)
class Drawing:
    """A picture that may be part of a page, or a file.

    Attributes:
        figure: as matplotlib has it.
        salt: the salt of its identities: no two figures of a page share one.
        label: a description of the figure, for those who cannot see it.
    """

    figure: Figure
    salt: str
    label: str

    @property
    def inches(self) -> float:
        """The picture's width."""
        return float(self.figure.get_figwidth())

    @cached_property
    def svg(self) -> str:
        """The figure as an SVG element, drawn under `STYLE`."""
        with matplotlib.rc_context(STYLE):
            return svg(self.figure, self.salt, self.label)

    def svg_file(self) -> bytes:
        """Return the figure as an SVG file; it has its size."""
        wide, high = (72 * inches for inches in self.figure.get_size_inches())
        size = f'<svg width="{wide:g}pt" height="{high:g}pt" '
        return ('<?xml version="1.0" encoding="UTF-8"?>\n' + self.svg.replace("<svg ", size, 1)).encode()

    def pdf_file(self) -> bytes:
        """Return the figure as a PDF file, for LaTeX; it has no dates, so the same figure has the same bytes."""
        written = io.BytesIO()
        with matplotlib.rc_context({**STYLE, "pdf.fonttype": 42}):
            self.figure.savefig(
                written, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None}
            )
        return written.getvalue()


def svg(figure: Figure, salt: str, label: str) -> str:
    """Return the figure as an SVG element; the figure is drawn under `STYLE`.

    Args:
        figure: the figure.
        salt: the salt of its identities: no two figures of a page share one.
        label: a description of the figure, for those who cannot see it.
    """
    written = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": salt}):
        figure.savefig(
            written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    drawn = written.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", drawn, flags=re.DOTALL)
    drawn = re.sub(
        r' id="(?:figure|axes|patch|text|line2d|matplotlib|xtick|ytick|legend|[A-Za-z]*Collection)[^"]*"',
        "",
        drawn,
    )
    drawn = re.sub(r"\n\s*", "\n", drawn)
    wide = float(re.search(r'width="([\d.]+)pt"', drawn)[1])  # type: ignore[index]
    drawn = re.sub(r'(<svg[^>]*?) width="[\d.]+pt"', r"\1", drawn, count=1)
    drawn = re.sub(r'(<svg[^>]*?) height="[\d.]+pt"', r"\1", drawn, count=1)
    return drawn.replace("<svg ", f'<svg role="img" aria-label="{label}" style="width:{wide * 96 / 72:.0f}px" ', 1)
