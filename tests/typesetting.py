"""LaTeX on this machine: sets a paper and says what it complained of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import pytest

Engine = Literal["pdflatex", "lualatex"]

_PACKAGES: dict[Engine, str] = {"pdflatex": "texlive-latex-recommended", "lualatex": "texlive-luatex"}
_NEEDED: dict[Engine, str] = {"pdflatex": "booktabs.sty", "lualatex": "luaotfload.sty"}


def set_by_latex(paper: str, folder: Path, engine: Engine = "pdflatex") -> str:
    """Set a paper, twice as longtable wants it for the widths of its columns, and return the second run's log.

    Where LaTeX is missing the test is skipped; in CI it fails.
    """
    program, finder = shutil.which(engine), shutil.which("kpsewhich")
    found = finder and subprocess.run([finder, _NEEDED[engine]], capture_output=True, check=False).stdout
    if program is None or not found:
        told = f"no {engine} with {_NEEDED[engine]}: install Debian's {_PACKAGES[engine]} to set the tables"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    (folder / "paper.tex").write_text(paper)
    command = [program, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, errors="replace")
        assert done.returncode == 0, done.stdout[-3000:]
    return (folder / "paper.log").read_text(errors="replace")


def complaints(log: str) -> list[str]:
    """Return what LaTeX complained of: lines off the page, letters it lacks, warnings."""
    wanted = r"^(?:Overfull|Missing character|LaTeX (?:Font )?Warning|Package \w+ Warning).*"
    return re.findall(wanted, log, re.MULTILINE)
