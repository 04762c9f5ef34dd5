"""A figure as an object: its picture, which is part of the page and a file, and the values that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qc.reports.svg_figures import Drawing
from qc.reports.tables_and_figures.table import Value


@dataclass(frozen=True)
class Figure:
    """A figure.

    Attributes:
        name: its name in the report, unique there: that of its files, and of references.
        caption: a sentence or more; references are marks, as `numbering.ref` makes them.
        drawing: the picture.
        heads: the heads of its values in the CSV file, with units.
        rows: its values, unrounded.
        small: whether it is narrower than the page.
    """

    name: str
    caption: str
    drawing: Drawing
    heads: tuple[str, ...]
    rows: Sequence[Sequence[Value]]
    small: bool = False
