"""The pages on people, made from the document alone: each is one file that opens offline and prints.

people.html is for a paper's appendix, with the files of its tables and figures beside it. What to invoice and what
is worth a look are the lead's business, so they are pages of their own, and there are none for outside. All share
the audit report's style sheet, so that they fit in one appendix.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from qc.reports.audit_report import audit_phrases as common
from qc.reports.people_report import people_phrases, people_tables, work_tables
from qc.reports.people_report.invoice_tables import invoice_tables
from qc.reports.people_report.people_figures import figures
from qc.reports.people_report.people_tables import reliable
from qc.reports.report_page import ReportPage
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.numbering import Numbered, ref
from qc.reports.tables_and_figures.table import Table
from qc.reports.tables_and_figures.wide_intervals import too_few

Facts = Mapping[str, Any]

INVOICES, LOOK = "invoices.html", "worth-a-look.html"
"""The pages of their own."""

INVOICE_FOLDER = "invoices"
"""The folder of the invoices' tables."""


def page(document: Facts, for_paper: Facts) -> ReportPage:
    """Return the page on people, and the files of its tables and figures.

    Args:
        document: as `qc.reports.people_report.schema()` describes it.
        for_paper: the same for outside, from which the files are made: nobody's code is in them, and what it
            leaves out has no file.
    """
    numbered = Numbered("people", _exhibits(for_paper))
    shown = _exhibits(document)
    read = [line for line in document["agreement"] if line["units"]]
    made = _template("template.html").render(
        d=document,
        style=_style(),
        shown=shown,
        show=numbered.show,
        ref=ref,
        sentence=people_phrases.sentence(document),
        look=not document["outside"] and bool(list(people_phrases.look(document))),
        invoices=bool(list(invoice_tables(document))),
        read=read,
        alone=[line for line in document["agreement"] if not line["units"]],
        reliable=reliable(document),
        hours=sum(line["hours"] for one in document["people"] for line in one["work"]),
        done=sum(line["done"] for one in document["people"] for line in one["work"]),
        pages={"invoices": INVOICES, "look": LOOK},
    )
    return ReportPage(numbered.resolved(made), numbered.files)


def invoice_page(document: Facts) -> ReportPage:
    """Return the page for invoices, and its tables as CSV; arguments as of `page`."""
    numbered = Numbered("invoices", formats=("csv",), folder=INVOICE_FOLDER)
    made = _template("invoices.html").render(
        d=document, style=_style(), tables=list(invoice_tables(document)), show=numbered.show
    )
    return ReportPage(numbered.resolved(made), numbered.files)


def look_page(document: Facts) -> str:
    """Return the page of what is worth a look; arguments as of `page`."""
    look = list(people_phrases.look(document))
    return _template("worth-a-look.html").render(d=document, style=_style(), look=look)


def _exhibits(document: Facts) -> dict[str, Table | Figure]:
    """Return every table and figure of a document by its name."""
    tables = (one(document) for one in _TABLES)
    exhibits: list[Table | Figure] = [*(one for one in tables if one.rows), *figures(document)]
    return {one.name: one for one in exhibits}


_TABLES = (
    people_tables.agreement,
    people_tables.accuracy,
    people_tables.reviewers,
    people_tables.plants,
    people_tables.plants_by_reviewer,
    work_tables.translations,
    work_tables.findings,
    work_tables.work,
    work_tables.background,
    work_tables.guidelines,
)


def _style() -> Markup:
    return Markup(files("qc.reports.audit_report").joinpath("style.css").read_text(encoding="utf-8"))


def _template(name: str) -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "percent": common.percent,
        "number": common.number,
        "plural": common.plural,
        "language": common.language_name,
        "share_between": people_phrases.share_between,
        "question": people_phrases.question_name,
        "keys": people_phrases.keys,
        "keyed": lambda by: people_phrases.KEYED[by],
        "too_few": lambda one, noun: too_few(noun, one["low"], one["high"]),
    }
    text = files("qc.reports.people_report").joinpath(name).read_text(encoding="utf-8")
    return environment.from_string(text)
