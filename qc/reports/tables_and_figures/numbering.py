"""The numbers of a page's tables and figures, in their order on the page, references to them, and their files.

What is shown is what is numbered and what is written beside the report, so nobody keeps a list of it. A reference
may precede its target, so it is a mark until the page is complete.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Literal

from markupsafe import Markup

from qc.reports.report_page import FOLDER
from qc.reports.tables_and_figures.csv_values import csv_of
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.html_forms import Links, figure_html, table_html
from qc.reports.tables_and_figures.latex_forms import latex_of
from qc.reports.tables_and_figures.latex_text import PREAMBLE, preamble, set_in_latex
from qc.reports.tables_and_figures.table import Table

Kind = Literal["Table", "Figure"]

_MARK = re.compile("\ue000([a-z0-9_-]+)\ue001")  # private-use characters of Unicode
_SCRIPTS = re.compile(r"\\textof([A-Z][a-z]{3})\{")


def ref(name: str) -> str:
    """Return a reference to a table or figure, for captions and text."""
    return f"\ue000{name}\ue001"


class Numbered:
    """The tables and figures of a page in the making.

    Args:
        report: the report's name, for labels in LaTeX.
        exported: by name, what stands in the files in place of what the page shows; what is missing here has no
            files. None: what the page shows.
        formats: the formats of the files; a figure has svg and pdf besides.
        folder: the folder of the files, beside the page.
    """

    def __init__(
        self,
        report: str,
        exported: Mapping[str, Table | Figure] | None = None,
        formats: tuple[str, ...] = ("tex", "csv"),
        folder: str = FOLDER,
    ) -> None:
        self._report, self._exported, self._formats, self._folder = report, exported, formats, folder
        self._count: Counter[str] = Counter()
        self._numbers: dict[str, str] = {}
        self._shown: dict[str, Table | Figure] = {}

    def show(self, exhibit: Table | Figure) -> Markup:
        """Number a table or figure and return its HTML.

        Raises:
            ValueError: one of that name stands on the page already.
        """
        if exhibit.name in self._shown:
            raise ValueError(f"two tables or figures of this page are called {exhibit.name}")
        kind: Kind = "Figure" if isinstance(exhibit, Figure) else "Table"
        self._count[kind] += 1
        self._numbers[exhibit.name] = number = f"{kind} {self._count[kind]}"
        self._shown[exhibit.name] = exhibit
        links: Links = [(_CALLED[end], f"{self._folder}/{exhibit.name}.{end}") for end in self._ends(exhibit)]
        if isinstance(exhibit, Figure):
            return figure_html(exhibit, number, links)
        return table_html(exhibit, number, links)

    def resolved(self, page: str) -> str:
        """Return the page with its references as links.

        Raises:
            KeyError: a reference is to nothing on the page.
        """
        return _MARK.sub(lambda found: f'<a href="#n-{found[1]}">{self._numbers[found[1]]}</a>', page)

    def files(self) -> dict[str, bytes]:
        """Return the files of everything that was shown, by name, and what their LaTeX needs."""
        made: dict[str, bytes] = {}
        scripts: set[str] = set()
        for name, shown in self._shown.items():
            exhibit = shown if self._exported is None else self._exported.get(name)
            if exhibit is None:
                continue
            for end in self._ends(shown):
                made[f"{name}.{end}"] = self._file(exhibit, end)
            scripts |= set(_SCRIPTS.findall(made.get(f"{name}.tex", b"").decode()))
        if scripts:
            made[PREAMBLE] = preamble(scripts).encode()
        return made

    def _ends(self, shown: Table | Figure) -> tuple[str, ...]:
        if self._exported is not None and shown.name not in self._exported:
            return ()
        return (*self._formats, "svg", "pdf") if isinstance(shown, Figure) else self._formats

    def _file(self, exhibit: Table | Figure, end: str) -> bytes:
        if end == "tex":
            label = self._label(exhibit.name)
            return latex_of(exhibit, self._numbers[exhibit.name], label, self._told).encode()
        if end == "csv":
            return csv_of(exhibit)
        assert isinstance(exhibit, Figure)
        return exhibit.drawing.svg_file() if end == "svg" else exhibit.drawing.pdf_file()

    def _label(self, name: str) -> str:
        kind = "fig" if self._numbers[name].startswith("Figure") else "tab"
        return f"{kind}:{self._report}-{name}"

    def _told(self, caption: str) -> str:
        """Return a caption as LaTeX, with its references."""
        made, at = [], 0
        for found in _MARK.finditer(caption):
            kind = self._numbers[found[1]].split()[0]
            made += [set_in_latex(caption[at : found.start()]), f"{kind}~\\ref{{{self._label(found[1])}}}"]
            at = found.end()
        return "".join([*made, set_in_latex(caption[at:])])


_CALLED = {"tex": "LaTeX", "csv": "CSV", "svg": "SVG", "pdf": "PDF"}
