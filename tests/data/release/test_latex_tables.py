"""A release's tables, set by LaTeX: with every language that we know they fit the page and lack no letter."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from data.languages import languages
from data.release.description.release_description import Agreement, DraftQuality
from data.release.evidence_file import LEVELS, ItemEvidence
from data.release.release_files import write_release
from tests.data.release.small_release import ABOUT, halved
from tests.typesetting import complaints, set_by_latex

pytestmark = pytest.mark.slow

EVERY = tuple(languages())
TABLES = {"agreement", "drafts", "key_evidence", "languages", "lengths", "people", "splits"}

PAPER = r"""\documentclass[%s]{article}
\usepackage{booktabs}
\usepackage{longtable}
\begin{document}
%s
\end{document}
"""


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tables of a release in every language, with the longest figures that a set of 900 items has."""
    about = replace(
        ABOUT,
        title="Wells 100 % & $x_1^2~ {y} \\ ~ #: आज, 今日, اليوم",
        pending=(),
        names={one.code: one.name for one in languages().values()},
        people={"adjudicating": 12, "translating": 1_234},
        agreement=(
            Agreement("proofreading", "Krippendorff's alpha", 0.814, -0.7, 0.91),
            Agreement("judging", "Krippendorff's alpha on what is to become of the question", 0.5),
        ),
        quality=tuple(DraftQuality(code, 1_900, 100.0, 112.5, (112.5, 100.5, 132.5), 0.55) for code in EVERY),
        evidence=tuple(
            ItemEvidence("wells-b-q1", code, 1, 1, None, None, LEVELS[place % len(LEVELS)])
            for place, code in enumerate(EVERY)
        ),
    )
    folder = tmp_path_factory.mktemp("tables") / "release"
    write_release(halved(EVERY), about, folder)
    return folder / "tables"


@pytest.mark.parametrize("columns", ["onecolumn", "twocolumn"])
def test_latex_sets_every_table_within_the_page(columns: str, tables: Path, tmp_path: Path) -> None:
    assert {path.stem for path in tables.glob("*.tex")} == TABLES
    one_column = "\\onecolumn\n" if columns == "twocolumn" else ""
    inputs = "\n\n".join(f"\\input{{{tables}/{name}}}" for name in sorted(TABLES))
    log = set_by_latex(PAPER % (columns, one_column + inputs), tmp_path)
    pages = int(re.findall(r"Output written on paper\.pdf \((\d+) pages", log)[0])
    assert pages >= 10, "that many languages take several pages a table"
    assert not complaints(log)


def test_a_table_over_pages_says_what_a_paper_of_two_columns_needs(tables: Path, tmp_path: Path) -> None:
    text = (tables / "languages.tex").read_text()
    assert "only after \\onecolumn" in text
    with pytest.raises(AssertionError, match="longtable not in 1-column mode"):
        set_by_latex(PAPER % ("twocolumn", f"\\input{{{tables}/languages}}"), tmp_path)
