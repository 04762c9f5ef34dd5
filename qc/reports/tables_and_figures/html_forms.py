"""Tables and figures as HTML, with number, caption and the links to their files; what others wrote is escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup, escape

from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.latex_forms import notes
from qc.reports.tables_and_figures.table import Cell, Column, Table
from qc.reports.tables_and_figures.wide_intervals import TOO_FEW

Links = Sequence[tuple[str, str]]
"""What the files of a table or figure are called, and where they are."""


def table_html(table: Table, number: str, links: Links) -> Markup:
    """Return a table.

    Args:
        table: the table.
        number: its number, such as `Table 3`.
        links: its files.
    """
    look = Markup(' class="{}"').format(_LOOKS[table.look]) if table.look else Markup()
    return Markup("\n").join([
        Markup('<div class="scroll"><table{}>').format(look),
        Markup("<caption>{}</caption>").format(_caption(table.name, table.caption, number, links)),
        Markup("<thead>{}</thead>").format(Markup("").join(_heads(table))),
        Markup("<tbody>"),
        *_rows(table),
        Markup("</tbody>\n</table></div>"),
        *(Markup('<p class="quiet">{}</p>').format(note) for note in notes(table)),
    ])  # fmt: skip


def figure_html(figure: Figure, number: str, links: Links) -> Markup:
    """Return a figure; arguments as of `table_html`."""
    return Markup('<figure><div class="plot{}">{}</div>\n<figcaption>{}</figcaption></figure>').format(
        " small" if figure.small else "",
        Markup(figure.drawing.svg),
        _caption(figure.name, figure.caption, number, links),
    )


_LOOKS = {"full": "full", "guises": "guises", "matrix": "matrix", "wide": "full wide"}


def _caption(name: str, caption: str, number: str, links: Links) -> Markup:
    said = Markup('<b class="label" id="n-{}">{}.</b> {}').format(name, number, caption)
    if not links:
        return said
    each = Markup(" · ").join(Markup('<a href="{}">{}</a>').format(where, called) for called, where in links)
    return said + Markup(' <span class="files">{}</span>').format(each)


def _heads(table: Table) -> Iterator[Markup]:
    if table.groups:
        first = Markup("").join(
            Markup('<th class="of{}"{}>{}</th>').format(
                " group" if place and name else "", Markup(' colspan="{}"').format(span) if span > 1 else "", name
            )
            for place, (name, span) in enumerate(table.groups)
        )
        yield Markup("<tr>{}</tr>").format(first)
    turned = table.look == "matrix"
    yield Markup("<tr>{}</tr>").format(
        Markup("").join(
            Markup("<th{}>{}</th>").format(
                _side(column, table) if not turned else "",
                Markup("<span>{}</span>").format(column.head) if turned and column.head else column.head,
            )
            for column in table.shown
        )
    )


def _side(column: Column, table: Table) -> Markup:
    """Return the classes of a column's cells."""
    names = [*(["n"] if column.numeric else []), *(["group"] if _begins_group(column, table) else [])]
    return Markup(' class="{}"').format(" ".join(names)) if names else Markup()


def _begins_group(column: Column, table: Table) -> bool:
    shown = table.shown
    at = shown.index(column)
    return bool(column.group) and at > 1 and shown[at - 1].group != column.group


def _rows(table: Table) -> Iterator[Markup]:
    section = ""
    before: dict[Column, str] = {}
    for row in table.rows:
        if row.section != section:
            yield Markup('<tr class="stage"><th colspan="{}">{}</th></tr>').format(len(table.shown), row.section)
            section = row.section
        cells = []
        for place, (column, cell) in enumerate(table.cells(row)):
            repeated = column.once and before.get(column) == cell.text
            before[column] = cell.text
            cells.append(_cell(Cell() if repeated else cell, column, table, head=place == 0))
        look = Markup(' class="{}"').format(row.look) if row.look else Markup()
        yield Markup("<tr{}>{}</tr>").format(look, Markup("").join(cells))


def _cell(cell: Cell, column: Column, table: Table, *, head: bool) -> Markup:
    kind = "th" if head else "td"
    span = Markup(' colspan="{}"').format(cell.span) if cell.span > 1 else Markup()
    if cell.span > 1:
        side = Markup(' class="quiet"') if cell.quiet else Markup()
    elif cell.shade:
        side = Markup(' class="{}"').format(cell.shade)
    else:
        side = Markup() if head and table.look == "matrix" else _side(column, table)
    return Markup("<{0}{1}{2}>{3}</{0}>").format(Markup(kind), span, side, _said(cell))


def _said(cell: Cell) -> Markup:
    parts = [
        Markup('<bdi class="token" dir="auto" lang="{}">{}</bdi>').format(tag(cell.language), one)
        for one in cell.texts
    ]
    if cell.text:
        parts.append(_text(cell))
    for small in (cell.beside, TOO_FEW if cell.wide else ""):
        if small:
            parts.append(Markup('<span class="beside">{}</span>').format(small))
    return Markup(" ").join(parts)


def _text(cell: Cell) -> Markup:
    if cell.mark:
        return Markup('<span class="mark {}">{}</span>').format(cell.mark, cell.text)
    said = escape(cell.text)
    if cell.given:
        said = Markup("<bdi>{}</bdi>").format(said)
    if cell.code:
        said = Markup("<code>{}</code>").format(said)
    if cell.strong:
        said = Markup("<b>{}</b>").format(said)
    return Markup('<span class="quiet">{}</span>').format(said) if cell.quiet and cell.span == 1 else said


def tag(code: str) -> str:
    """Return a language's code in HTML's form (BCP 47).

    >>> tag("zho_Hans"), tag("und")
    ('zho-Hans', '')
    """
    return "" if code == "und" else code.replace("_", "-")
