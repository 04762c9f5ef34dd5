"""XLSX output: a table as a workbook of one sheet, made in memory.

The library that reads workbooks writes them through temporary files of its own, and reports a full disk as an XML
error. Little is needed: texts that stay texts, numbers, booleans and times. Text columns are formatted as text
throughout, so that a filled-in cell or an added row stays as it was typed. The same table gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import isfinite
from numbers import Integral, Real
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pandas as pd

from data.intake.xlsx_input import escaped

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

_PLAIN = 'fontId="0" fillId="0" borderId="0"'

_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><numFmts count="1">'
    '<numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    f'<cellStyleXfs count="1"><xf numFmtId="0" {_PLAIN}/></cellStyleXfs>'
    f'<cellXfs count="3"><xf numFmtId="0" {_PLAIN} xfId="0"/>'
    f'<xf numFmtId="49" {_PLAIN} xfId="0" applyNumberFormat="1"/>'
    f'<xf numFmtId="164" {_PLAIN} xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}
"""Every part but the sheet; styles: 0 general, 1 text, 2 a time."""

_TEXT, _TIME = 1, 2
_ZERO = datetime(1899, 12, 30)
_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP archive can hold


def workbook(frame: pd.DataFrame) -> bytes:
    """Return the bytes of a workbook.

    Args:
        frame: texts, numbers, booleans and times without a zone; a missing value becomes an empty cell.
    """
    texts = [pd.api.types.is_object_dtype(kind) or pd.api.types.is_string_dtype(kind) for kind in frame.dtypes]
    held = io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED) as archive:
        for name, part in _PARTS.items():
            archive.writestr(ZipInfo(name, _FIRST), _HEAD + part, ZIP_DEFLATED)
        with archive.open(ZipInfo("xl/worksheets/sheet1.xml", _FIRST), "w") as sheet:
            for piece in _sheet(frame, texts):
                sheet.write(piece.encode())
    return held.getvalue()


def _sheet(frame: pd.DataFrame, texts: Sequence[bool]) -> Iterator[str]:
    letters = [_letters(place) for place in range(len(texts))]
    yield f'{_HEAD}<worksheet xmlns="{_MAIN}">'
    if any(texts):
        columns = (
            f'<col min="{place}" max="{place}" width="16" style="{_TEXT}"/>'
            for place, is_text in enumerate(texts, start=1)
            if is_text
        )
        yield f"<cols>{''.join(columns)}</cols>"
    yield "<sheetData>"
    yield _row(1, letters, [str(name) for name in frame.columns], [True] * len(texts))
    for number, row in enumerate(frame.itertuples(index=False, name=None), start=2):
        yield _row(number, letters, row, texts)
    yield "</sheetData></worksheet>"


def _row(number: int, letters: Sequence[str], row: Sequence[Any], texts: Sequence[bool]) -> str:
    cells = zip(letters, row, texts, strict=True)
    return f'<row r="{number}">{"".join(_cell(f"{at}{number}", one, is_text) for at, one, is_text in cells)}</row>'


def _cell(place: str, value: Any, is_text: bool) -> str:
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return f'<c r="{place}" s="{_TEXT}"/>' if is_text else ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        days = (value - _ZERO).total_seconds() / 86_400
        return f'<c r="{place}" s="{_TIME}"><v>{days!r}</v></c>'
    if isinstance(value, Integral):
        return f'<c r="{place}"><v>{int(value)}</v></c>'
    if isinstance(value, Real) and isfinite(value):
        return f'<c r="{place}"><v>{float(value)!r}</v></c>'
    if value == "":
        return f'<c r="{place}" s="{_TEXT}"/>'
    said = escape(escaped(str(value)))
    return f'<c r="{place}" s="{_TEXT}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'


def _letters(place: int) -> str:
    """Return the name of a column, counted from 0.

    >>> _letters(0), _letters(25), _letters(26), _letters(701), _letters(702)
    ('A', 'Z', 'AA', 'ZZ', 'AAA')
    """
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name
