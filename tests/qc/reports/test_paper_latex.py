"""The files for a paper, set by LaTeX: every table and figure fits the page, in whatever script its words are."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from flows.reports.people_and_pay import people
from qc.reports.audit_report import document, page
from qc.reports.people_report import people_page
from tests.flows.crowd import crowd
from tests.qc.reports.test_audit_report import MANY, TEXTS, effect, example
from tests.typesetting import complaints, set_by_latex

pytestmark = pytest.mark.slow

PAPER = r"""\documentclass{article}
\usepackage{booktabs,longtable,graphicx}
\graphicspath{{%(folder)s/}}
%(preamble)s
\begin{document}
%(inputs)s
\end{document}
"""


def paper_of(made: dict[str, bytes], folder: Path) -> str:
    folder.mkdir()
    for name, content in made.items():
        (folder / name).write_bytes(content)
    names = sorted(path.stem for path in folder.glob("*.tex") if path.name != "texts.tex")
    inputs = "\n\\clearpage\n".join(f"\\input{{{folder}/{name}}}" for name in names)
    preamble = f"\\input{{{folder}/texts}}" if "texts.tex" in made else ""
    return PAPER % {"folder": folder, "preamble": preamble, "inputs": inputs}


@pytest.mark.parametrize("languages", [("eng_Latn",), MANY], ids=["one", "122"])
def test_the_audits_tables_fit_the_page(languages: tuple[str, ...], tmp_path: Path) -> None:
    made = page(document(example(languages, solvers=True))).files()
    log = set_by_latex(paper_of(made, tmp_path / "paper"), tmp_path)
    assert not [one for one in complaints(log) if "Rerun" not in one]
    if len(languages) > 1:
        assert b"\\begin{longtable}" in made["languages.tex"]


def test_the_tables_on_people_fit_the_page(tmp_path: Path) -> None:
    told = people.people_facts(crowd(tmp_path / "campaign"))
    made = people_page.page(told, people.pseudonymous(told)).files()
    assert {"agreement.tex", "reviewers.tex", "work.tex", "planted-faults.tex"} <= set(made)
    assert not complaints(set_by_latex(paper_of(made, tmp_path / "paper"), tmp_path))


def scripts() -> dict[str, bytes]:
    audit = example(tuple(TEXTS))
    told = {
        "layer": "tokens",
        "statistic": "competency",
        "quantiles": (),
        "count": 40,
        "expected": 10.0,
        "keys": 30,
    }
    words = {"arb_Arab": "أبداً/لا شيء", "tha_Thai": "ไม่มี", "eng_Latn": "Ɗan ƙasa & 5 % of $x_1"}
    more = [effect(f"token:{said}", code, None, 5.0, says="it is telling", **told) for code, said in words.items()]
    return page(document(replace(audit, effects=(*audit.effects, *more)))).files()


def test_words_in_other_scripts_are_set_by_lualatex(tmp_path: Path) -> None:
    made = scripts()
    arabic = made["tokens-arb-arab.tex"].decode()
    assert "\\textofArab{أبداً}" in arabic and "set it with LuaLaTeX" in arabic
    preamble = made["texts.tex"].decode()
    assert re.search(r"textofArab\}\[1\]\{\{\\fontofArab\\textdir TRT", preamble), "from right to left"
    assert "textdir" not in re.search(r".*textofThai.*", preamble)[0]  # type: ignore[index]
    log = set_by_latex(paper_of(made, tmp_path / "paper"), tmp_path, "lualatex")
    assert not complaints(log)


def test_pdflatex_says_what_such_words_need(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="set this paper with LuaLaTeX"):
        set_by_latex(paper_of(scripts(), tmp_path / "paper"), tmp_path)
