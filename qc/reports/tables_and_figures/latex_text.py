r"""Text as LaTeX sets it: signs escaped, words in other scripts in a font and a direction of their own.

pdfLaTeX sets what is in `_PLAIN` and `_SIGNS`. A word with any other letter is given to a command of its script,
such as `\textofArab`, which `texts.tex` beside the tables defines for LuaLaTeX: a font of Noto's, shaped by
HarfBuzz, from right to left where the script runs so.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

import regex

from data.languages import languages
from data.release.description.latex_tables import ESCAPED

SIGNS = "Zyyy"
"""The code for signs that belong to no script (ISO 15924)."""

PREAMBLE = "texts.tex"
"""The file that defines the commands of scripts."""

_SIGNS = {
    **ESCAPED,
    "\u00a0": "~",
    "\u00ad": r"\-",
    "–": "--",
    "—": "---",
    "−": "$-$",
    "“": "``",
    "”": "''",
    "‘": "`",
    "’": "'",
    "„": r"\quotedblbase{}",
    "…": r"\dots{}",
    "·": r"$\cdot$",
    "×": r"$\times$",
    "●": r"$\bullet$",
    "○": r"$\circ$",
    "≥": r"$\geq$",
    "≤": r"$\leq$",
    "<": "$<$",
    ">": "$>$",
    "|": r"\textbar{}",
    '"': "''",
    "α": r"$\alpha$",
    "δ": r"$\delta$",
    "κ": r"$\kappa$",
}

_PLAIN = regex.compile(r"[\x20-\x7eÀ-ÖØ-öø-ÿ]")
_LETTER = regex.compile(r"\p{L}")


def set_in_latex(text: str) -> str:
    r"""Return a text that LaTeX sets as it stands.

    >>> set_in_latex("50 % of “a_b” − α"), set_in_latex("«قطة»")
    ("50 \\% of ``a\\_b'' $-$ $\\alpha$", '\\textofArab{«قطة»}')
    >>> set_in_latex("the cat: قطة صغيرة, 5")
    'the cat: \\textofArab{قطة صغيرة,} 5'
    """
    made: list[str] = []
    run: list[str] = []
    script = ""

    def end() -> None:
        nonlocal script
        if run:
            made.append(f"\\textof{script}{{{' '.join(run)}}}")
            run.clear()
        script = ""

    for word in regex.split(r"[ \t\r\n]", text):
        mine = script_of(word)
        if mine:
            if script not in ("", mine):
                end()
            script = mine
            run.append("".join(ESCAPED.get(sign, sign) for sign in word))
        else:
            end()
            made.append("".join(_SIGNS.get(sign, sign) for sign in word))
    end()
    return " ".join(made)


def script_of(word: str) -> str:
    """Return the script of a word that pdfLaTeX cannot set ; "" if it can.

    >>> script_of("naïve"), script_of("ŋ"), script_of("เธอ"), script_of("→")
    ('', 'Latn', 'Thai', 'Zyyy')
    """
    strange = [sign for sign in word if sign not in _SIGNS and not _PLAIN.match(sign)]
    if not strange:
        return ""
    letters = [sign for sign in word if _LETTER.match(sign) and not _PLAIN.match(sign)] or strange
    return _script(letters[0])


def preamble(scripts: set[str]) -> str:
    """Return the file that defines the commands of these scripts for LuaLaTeX."""
    lines = [
        "% Words of items in scripts that pdfLaTeX cannot set. Read this in the preamble, once: \\input{texts}",
        "% Fonts may be exchanged here; these are Noto's, in Debian's fonts-noto-core and fonts-noto-cjk.",
        "\\ifdefined\\directlua\\else",
        "\\PackageError{texts.tex}{The tables hold words in other scripts: set this paper with LuaLaTeX}{}",
        "\\fi",
        "\\usepackage{fontspec}",
    ]
    for script in sorted(scripts):
        turned = "\\textdir TRT " if script in _from_right() else ""
        shaped = f"Renderer=HarfBuzz, RawFeature={{script={script.lower()}}}"
        styles = "BoldFont=*, ItalicFont=*, BoldItalicFont=*"
        lines.append(f"\\newfontfamily{{\\fontof{script}}}{{{_font(script)}}}[{shaped}, {styles}]")
        lines.append(f"\\newcommand{{\\textof{script}}}[1]{{{{\\fontof{script}{turned}#1}}}}")
    return "\n".join(lines) + "\n"


@cache
def _script(letter: str) -> str:
    return next((script for script in _fonts() if regex.match(rf"\p{{Script={script}}}", letter)), SIGNS)


@cache
def _fonts() -> dict[str, str]:
    """Return a font for each script, by the script's code in Unicode."""
    table = files("data.images").joinpath("fonts.csv").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in csv.DictReader(table.splitlines()):
        for script in _UNICODE.get(line["script"], (line["script"],)):
            if script not in found or line["style"] == "serif":
                found[script] = line["family"]
    return found


_UNICODE = {"Hans": ("Hani",), "Hant": ("Hani",), "Jpan": ("Hira", "Kana"), "Kore": ("Hang",)}
"""Unicode's scripts of ISO 15924 codes that stand for several."""


def _font(script: str) -> str:
    return _fonts().get(script, _fonts()["Latn"])


@cache
def _from_right() -> frozenset[str]:
    return frozenset(one.script for one in languages().values() if one.direction == "rtl")
