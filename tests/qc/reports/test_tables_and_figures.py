"""A table or figure is one object: its HTML, LaTeX, CSV and SVG say the same, and nothing in it can spoil them."""

from __future__ import annotations

import csv
import io
import json
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.intake.formula_cells import ESCAPED, unescaped
from qc.reports.audit_report import document, page
from qc.reports.tables_and_figures.estimates import coefficient_cell, share_cell
from qc.reports.tables_and_figures.latex_text import set_in_latex
from qc.reports.tables_and_figures.numbering import Numbered, ref
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table, number, text
from qc.reports.tables_and_figures.wide_intervals import TOO_FEW
from tests.qc.reports.test_audit_report import TEXTS, example, reported

COLUMNS = (
    Column("", ("stage",), data_only=True),
    Column("question", ("question",)),
    Column("alike", ("alike (share)", "alike, 95 % low (share)", "alike, 95 % high (share)"), numeric=True),
    Column("items", ("items (number)",), numeric=True),
)


def table(low: float = 0.4, name: str = "agreement", said: str = "Blind answer", **more: Any) -> Table:
    estimate = {"value": 2 / 3, "low": low, "high": 0.8123456}
    rows = (
        Row(
            (Cell("", ("answering",)), text(said), share_cell(estimate), number("1,234", 1234)),
            section="Answering",
        ),
        Row((Cell("", ("judging",)), text("Wording"), Cell("too few to say (3)", span=2)), "found", "Judging"),
    )
    return Table(name, f"How far they agree; as {ref('other')}.", COLUMNS, rows, **more)


def files(*exhibits: Table) -> tuple[str, dict[str, bytes]]:
    numbered = Numbered("people")
    shown = "".join(numbered.show(one) for one in exhibits)
    return numbered.resolved(shown), numbered.files()


def lines(made: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made.decode(), newline="")))


def test_page_latex_and_csv_say_the_same() -> None:
    html, made = files(table(), table(name="other"))
    assert set(made) == {"agreement.tex", "agreement.csv", "other.tex", "other.csv"}
    assert (
        '<b class="label" id="n-agreement">Table 1.</b> How far they agree; as <a href="#n-other">Table 2</a>.'
        in html
    )
    assert '<a href="paper/agreement.tex">LaTeX</a>' in html and 'colspan="2"' in html
    latex = made["agreement.tex"].decode()
    assert "\\caption{How far they agree; as Table~\\ref{tab:people-other}.}\\label{tab:people-agreement}" in latex
    assert "1,234" in latex and "\\tiny 40 to 81~\\%" in latex and "\\textbf{Wording}" in latex
    first, second = lines(made["agreement.csv"])
    assert first == {
        "stage": "answering", "question": "Blind answer", "alike (share)": str(2 / 3),
        "alike, 95 % low (share)": "0.4", "alike, 95 % high (share)": "0.8123456", "items (number)": "1234",
    }  # fmt: skip
    assert (second["stage"], second["alike (share)"], second["items (number)"]) == ("judging", "", "")


@pytest.mark.parametrize(("low", "told"), [(0.18, True), (0.4, False)])
def test_an_interval_too_wide_to_tell_is_said_to_be_so(low: float, told: bool) -> None:
    html, made = files(table(low), table(name="other"))
    latex = made["agreement.tex"].decode()
    first = html.partition("Table 2.")[0]
    assert (TOO_FEW in first) == (TOO_FEW in latex) == told
    assert ("more than half of the way from 0 to 1" in first) == told
    assert ("more than half of the way from 0 to 1" in latex) == told


def test_what_has_no_value_is_never_too_wide() -> None:
    assert not coefficient_cell({"value": None, "low": 0.0, "high": 1.0}).wide


def test_two_of_one_name_and_references_to_nothing_are_refused() -> None:
    numbered = Numbered("people")
    shown = numbered.show(table())
    with pytest.raises(ValueError, match="called agreement"):
        numbered.show(table())
    with pytest.raises(KeyError, match="other"):
        numbered.resolved(str(shown))


def test_what_is_not_for_a_paper_has_no_file_and_no_link() -> None:
    numbered = Numbered("people", {"other": table(name="other", said="P-1")})
    html = numbered.resolved(numbered.show(table(said="ana")) + numbered.show(table(name="other", said="ana")))
    made = numbered.files()
    assert set(made) == {"other.tex", "other.csv"}
    assert re.findall(r'href="paper/([^"]+)"', html) == ["other.tex", "other.csv"]
    assert not any(b"ana" in content for content in made.values())
    assert "Table 2 of" in made["other.tex"].decode(), "it has the number that the page gives it"


NOT_XML = re.compile("[^\\t\\n\\r -\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@settings(deadline=None, max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_stays_a_text(words: str) -> None:
    html, made = files(table(said=words), table(name="other"))
    ET.fromstring("<div>" + NOT_XML.sub("", html) + "</div>")
    bare = re.sub(r"\\[&%$#_{}]", "", set_in_latex(words))
    assert not re.search(r"[&%#_^]", bare)
    assert bare.count("{") == bare.count("}") and bare.count("$") % 2 == 0
    read = list(csv.reader(io.StringIO(made["agreement.csv"].decode(), newline="")))
    row = dict(zip(read[0], read[1], strict=True))
    assert unescaped(row)["question"].splitlines() == words.splitlines()


def test_a_formula_gets_an_apostrophe_that_is_named() -> None:
    _, made = files(table(said="=1+1"), table(name="other"))
    first, second = lines(made["agreement.csv"])
    assert (first["question"], json.loads(first[ESCAPED])) == ("'=1+1", ["question"])
    assert second[ESCAPED] == ""


def test_every_number_has_a_unit_and_every_figure_its_files() -> None:
    made = reported(tuple(TEXTS), solvers=True).files()
    figures = {name.removesuffix(".svg") for name in made if name.endswith(".svg")}
    assert {"forest", "forest-arb-arab", "cloud", "models", "sensitivity", "pvi", "places"} <= figures
    for name, content in made.items():
        stem, _, end = name.rpartition(".")
        if end == "csv":
            for head, value in (pair for row in lines(content) for pair in row.items()):
                assert not re.fullmatch(r"-?\d+(?:\.\d+)?(?:e-?\d+)?", value) or re.search(r"\(.+\)$", head), (
                    name,
                    head,
                )
        if end == "svg":
            root = ET.fromstring(content)
            assert root.tag == "{http://www.w3.org/2000/svg}svg"
            assert root.attrib["width"].endswith("pt") and root.attrib["height"].endswith("pt")
        if stem in figures:
            assert made[f"{stem}.pdf"].startswith(b"%PDF") and f"{{{stem}}}".encode() in made[f"{stem}.tex"]
    accuracy = next(row for row in lines(made["forest.csv"]) if row["cue"] == "longest")
    told = next(
        one for one in document(example(tuple(TEXTS)))["effects"]
        if (one["name"], one["language"], one["statistic"]) == ("longest", "eng_Latn", "accuracy")
    )  # fmt: skip
    assert float(accuracy["accuracy (share)"]) == told["accuracy"]


def test_the_same_audit_gives_the_same_bytes() -> None:
    assert page(document(example())).files() == page(document(example())).files()


def test_a_wide_table_is_set_in_parts() -> None:
    columns = tuple(Column(f"column {n}", (f"column {n} (number)",), numeric=True) for n in range(30))
    wide = Table("wide", "Wide.", columns, (Row(tuple(number("123,456", 123456) for _ in columns)),))
    _, made = files(wide)
    assert made["wide.tex"].count(b"\\begin{tabular}{") > 1
    assert made["wide.tex"].count(b"\\caption") == 1
    assert replace(wide, name="x").groups == []
