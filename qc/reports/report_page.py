"""A report's page and, beside it, the files of its tables and figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

FOLDER = "paper"
"""The folder of the files of tables and figures, beside the page."""


@dataclass(frozen=True)
class ReportPage:
    """A page.

    Attributes:
        html: the page.
        files: returns the files of its tables and figures, by their names; drawing them for
            print takes a moment, so they are made when they are asked for.
    """

    html: str
    files: Callable[[], dict[str, bytes]]
