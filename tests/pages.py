"""The pages that people read, README first, and what stands on them that can be run or held against the code."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
GENERATED = ("changelog.md", "contributing.md", "decisions.md")
FILES = {
    str(file.relative_to(ROOT)): file
    for file in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").glob("*.md")),
        *sorted((ROOT / "docs" / "guides").glob("*.md")),
    )
    if file.name not in GENERATED or file.parent.name != "docs"
}
PAGES = {name: file.read_text("utf-8") for name, file in FILES.items()}
"""The text of every page that is written by hand, by its place."""


_FENCE = re.compile(r"^```(.*)\n((?:.*\n)*?)^```$", re.MULTILINE)


def blocks(page: str, language: str = "") -> list[str]:
    """The code blocks of a page in a language; in none: what is to be typed, and files of a server."""
    return [text for named, text in _FENCE.findall(PAGES[page]) if named == language]


def lines_of(page: str, first_word: str) -> list[str]:
    """The lines of the code blocks that begin with a word, without what is said about them."""
    lines = [line.split("#")[0].strip() for block in blocks(page) for line in block.splitlines()]
    return [line for line in lines if line.startswith(f"{first_word} ")]


def block_with(page: str, words: str) -> list[str]:
    """The lines of the one block that holds these words."""
    (found,) = [block for block in blocks(page) if words in block]
    return [line.split("#")[0].strip() for line in found.splitlines()]


def table_of_commands(page: str) -> list[str]:
    """The commands of ours that stand in the first column of a table."""
    return re.findall(r"^\| `(belebele .*?)` \|", PAGES[page], re.MULTILINE)


def named_commands(page: str) -> list[str]:
    """Every command of ours on a page: in blocks, in tables, in sentences."""
    in_sentences = re.findall(r"`(belebele [^`]+)`", " ".join(PAGES[page].split()))
    return [*lines_of(page, "belebele"), *table_of_commands(page), *in_sentences]
