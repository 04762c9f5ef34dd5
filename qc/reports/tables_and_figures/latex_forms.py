"""Tables and figures as LaTeX for a paper: booktabs, longtable where there are many rows; captions and labels.

Every table fits the text width of LaTeX's own article class, and pdfLaTeX sets it unless it holds words of
items in other scripts; its head says what it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from qc.reports.tables_and_figures import latex_widths
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.latex_text import PREAMBLE, set_in_latex
from qc.reports.tables_and_figures.latex_widths import Fit, fit, longest_word, width
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table
from qc.reports.tables_and_figures.wide_intervals import NOTE, TOO_FEW

LONG = 36
"""The number of lines above which a table takes as many pages as it needs."""

_GAP = f"{latex_widths.GAP:g}pt"

_SMALL = 0.85
"""How wide the small type below a cell is, beside the cell's."""

Told = Callable[[str], str]
"""Turns a caption into LaTeX, its references included."""


def latex_of(exhibit: Table | Figure, number: str, label: str, told: Told) -> str:
    r"""Return a table or a figure as LaTeX.

    Args:
        exhibit: the table or figure.
        number: what the report calls it, such as `Table 3`.
        label: for `\ref`.
        told: sets a caption or a note.
    """
    if isinstance(exhibit, Figure):
        return _figure(exhibit, number, label, told)
    fitted = fit(*_column_widths(exhibit))
    long = sum(1 + bool(_beside(row)) for row in exhibit.rows) * len(fitted.parts) > LONG
    body = "\n".join(_long(exhibit, fitted, label, told) if long else _short(exhibit, fitted, label, told))
    needs = ["booktabs", *(["longtable"] if long else []), *(["graphicx"] if exhibit.look == "matrix" else [])]
    return "\n".join([*_head(number, needs, body, long=long), body, ""])


def _head(number: str, packages: Sequence[str], body: str, *, long: bool) -> list[str]:
    used = " ".join(f"\\usepackage{{{name}}}" for name in packages)
    lines = [f"% {number} of the report. Needs {used}."]
    if "\\textof" in body:
        lines.append(
            f"% It holds words in other scripts: set it with LuaLaTeX, \\input {PREAMBLE} in the preamble."
        )
    if long:
        lines.append("% It takes as many pages as it needs; in a paper of two columns, only after \\onecolumn.")
    return lines


def _figure(figure: Figure, number: str, label: str, told: Told) -> str:
    share = min(1.0, figure.drawing.inches / 6.3)
    size = "\\linewidth" if share > 0.9 else f"{share:.2f}\\linewidth"
    return "\n".join([
        f"% {number} of the report. Needs \\usepackage{{graphicx}} and \\graphicspath{{{{FOLDER/}}}}, this one.",
        "\\begin{figure}[htbp]",
        "\\centering",
        f"\\includegraphics[width={size}]{{{figure.name}}}",
        f"\\caption{{{told(figure.caption)}}}\\label{{{label}}}",
        "\\end{figure}",
        "",
    ])  # fmt: skip


def _short(table: Table, fitted: Fit, label: str, told: Told) -> Iterator[str]:
    yield from ("\\begin{table}[htbp]", "\\centering", f"{fitted.size}\\setlength{{\\tabcolsep}}{{{_GAP}}}")
    yield f"\\caption{{{told(table.caption)}}}\\label{{{label}}}\\smallskip"
    for place, part in enumerate(fitted.parts):
        if place:
            yield "\\par\\medskip"
        yield f"\\begin{{tabular}}{{{_columns(table, fitted, part)}}}"
        yield from ("\\toprule", *_heads(table, fitted, part), "\\midrule")
        yield from _rows(table, fitted, part)
        yield from ("\\bottomrule", "\\end{tabular}")
    yield from (f"\\par\\smallskip\\parbox{{\\linewidth}}{{\\scriptsize {told(note)}}}" for note in notes(table))
    yield "\\end{table}"


def _long(table: Table, fitted: Fit, label: str, told: Told) -> Iterator[str]:
    yield f"\\begingroup{fitted.size}\\setlength{{\\tabcolsep}}{{{_GAP}}}"
    for place, part in enumerate(fitted.parts):
        head = ("\\toprule", *_heads(table, fitted, part), "\\midrule")
        yield f"\\begin{{longtable}}{{{_columns(table, fitted, part)}}}"
        if not place:
            yield f"\\caption{{{told(table.caption)}}}\\label{{{label}}}\\\\[\\smallskipamount]"
            yield from (*head, "\\endfirsthead")
        yield from (*head, "\\endhead", "\\bottomrule", "\\endfoot")
        yield from _rows(table, fitted, part)
        yield "\\end{longtable}"
        if place:  # longtable counts every part
            yield "\\addtocounter{table}{-1}"
    yield from (f"\\noindent{{\\scriptsize {told(note)}\\par}}" for note in notes(table))
    yield "\\endgroup"


def notes(table: Table) -> tuple[str, ...]:
    """Return what stands below a table."""
    return (*table.notes, *([NOTE] if table.wide else []))


def _columns(table: Table, fitted: Fit, part: Sequence[int]) -> str:
    shown = table.shown
    told = [
        f"p{{{fitted.widths[index]:.1f}pt}}" if index in fitted.widths else "r" if shown[index].numeric else "l"
        for index in part
    ]
    return f"@{{}}{''.join(told)}@{{}}"


def _heads(table: Table, fitted: Fit, part: Sequence[int]) -> Iterator[str]:
    shown = [table.shown[index] for index in part]
    if table.groups:
        yield " & ".join(_grouped(shown)) + " \\\\"
    heads = []
    for index, column in zip(part, shown, strict=True):
        lines = [set_in_latex(line) for line in _head_lines(column)]
        stacked = "\\\\".join(lines)
        if table.look == "matrix" and column.head:
            heads.append(f"\\rotatebox{{90}}{{{set_in_latex(column.head)}}}")
        elif index in fitted.widths:
            heads.append(f"\\raggedright {set_in_latex(column.head)}")
        else:
            side = "r" if column.numeric else "l"
            heads.append(lines[0] if len(lines) == 1 else f"\\shortstack[{side}]{{{stacked}}}")
    yield " & ".join(heads) + _end(fitted)


def _end(fitted: Fit) -> str:
    r"""Return the end of a row; \raggedright has another use for the usual one."""
    return " \\tabularnewline" if fitted.widths else " \\\\"


def _grouped(shown: Sequence[Column]) -> Iterator[str]:
    at = 0
    while at < len(shown):
        end = at
        while end < len(shown) and shown[end].group == shown[at].group:
            end += 1
        yield (
            f"\\multicolumn{{{end - at}}}{{l}}{{{set_in_latex(shown[at].group)}}}"
            if shown[at].group
            else " & ".join([""] * (end - at))
        )
        at = end


def _head_lines(column: Column) -> list[str]:
    """Return a head: over numbers on as many lines as it has words, short ones together."""
    head = column.head.replace("\u00ad", "")
    if not column.numeric and len(column.data) == 1:
        return [head]
    lines: list[str] = []
    for word in head.split(" "):
        if lines and len(lines[-1]) + len(word) < 9:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _rows(table: Table, fitted: Fit, part: Sequence[int]) -> Iterator[str]:
    section = ""
    before: dict[Column, str] = {}
    end = _end(fitted)
    for row in table.rows:
        if row.section != section:
            yield f"\\multicolumn{{{len(part)}}}{{@{{}}l@{{}}}}{{\\itshape {set_in_latex(row.section)}}}{end}"
            section = row.section
        at, cells = 0, []
        for column, cell in table.cells(row):
            covered = [index for index in range(at, at + cell.span) if index in part]
            at += cell.span
            if not covered:
                continue
            repeated = column.once and before.get(column) == cell.text
            said = "" if repeated else _cell(cell, column, broken=covered[0] in fitted.widths, bold=_bold(row))
            before[column] = cell.text
            cells.append(said if len(covered) == 1 else f"\\multicolumn{{{len(covered)}}}{{l}}{{{said}}}")
        yield " & ".join(cells) + end


def _bold(row: Row) -> bool:
    return row.look in ("found", "sum")


def _cell(cell: Cell, column: Column, *, broken: bool, bold: bool) -> str:
    words = [set_in_latex(one) for one in (*cell.texts, cell.text) if one]
    said = (r"\,/ " if cell.texts else " ").join(words)
    if cell.code:
        said = f"\\texttt{{{said}}}"
    if bold or cell.strong:
        said = f"\\textbf{{{said}}}" if said else ""
    if small := _small(cell):
        lines = "\\\\".join([said, *(f"{{\\tiny {set_in_latex(one)}}}" for one in small)])
        side = "r" if column.numeric else "l"
        return f"\\begin{{tabular}}[t]{{@{{}}{side}@{{}}}}{lines}\\end{{tabular}}"
    return f"\\raggedright {said}" if broken and said else said


def _small(cell: Cell) -> list[str]:
    """Return the lines of small type below a cell."""
    return [one for one in (cell.beside, TOO_FEW if cell.wide else "") if one]


def _beside(row: Row) -> bool:
    return any(cell.beside or cell.wide for cell in row.cells)


def _column_widths(table: Table) -> tuple[list[float], list[float]]:
    """Return the widths of columns on one line, and of their longest words where they may be broken."""
    bold = any(_bold(row) for row in table.rows)
    heads = [_head_widths(column, turned=table.look == "matrix") for column in table.shown]
    natural, least = ([head[which] for head in heads] for which in (0, 1))
    firm = [column.numeric for column in table.shown]
    for row in table.rows:
        at = 0
        for _, cell in table.cells(row):
            if cell.span == 1:
                wide, short = _cell_widths(cell, bold=bold)
                natural[at], least[at] = max(natural[at], wide), max(least[at], short)
                firm[at] = firm[at] or bool(_small(cell)) or cell.code
            at += cell.span
    least = [
        wide if fixed else max(short, min(wide, _LEAST))
        for wide, short, fixed in zip(natural, least, firm, strict=True)
    ]
    at = 0
    for name, span in table.groups:
        for widths in (natural, least):
            widths[at + span - 1] += max(0.0, width(name) - sum(widths[at : at + span]))
        at += span
    return natural, least


_LEAST = 46.0
"""The least width of a column whose texts are broken, in points at 10 pt."""

_TURNED = 11.0
"""The width of a turned head, in points at 10 pt."""


def _head_widths(column: Column, *, turned: bool) -> tuple[float, float]:
    if turned:
        return (_TURNED, _TURNED) if column.head else (0.0, 0.0)
    wide = max(map(width, _head_lines(column)))
    return wide, wide if column.numeric else longest_word(column.head)


def _cell_widths(cell: Cell, *, bold: bool) -> tuple[float, float]:
    said = " / ".join([*cell.texts, cell.text] if cell.text else cell.texts)
    small = max((_SMALL * width(one) for one in _small(cell)), default=0.0)
    wider = (_BOLD if bold else 1) * (1.1 if cell.code else 1)
    return max(small, width(said) * wider), max(small, longest_word(said) * wider)


_BOLD = 1.16
"""How wide bold type is, beside the other."""
