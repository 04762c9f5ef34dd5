"""Work as rows of a file: the columns that a person fills in, and how their cells are read.

A spreadsheet has no choices or boxes: a cell holds words. They are matched to the choices here, and a word that
matches none becomes a sentence for the person who wrote it, as on a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

YES_OR_NO = {"yes": True, "no": False}
"""Words for a cell that asks a yes-or-no question."""


@dataclass
class Cells:
    """The filled-in cells of one row.

    Attributes:
        words: text of each column without outer white space; "" for an empty cell.
        problems: what is wrong with the cells, one sentence each; grows as they are read.
    """

    words: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.words[column]

    def chosen(self, column: str, meaning: Mapping[str, Any]) -> Any:
        """Return the meaning of the word in a cell, ignoring case; None if the cell is empty or the word unknown.

        >>> cells = Cells({"sure": "Yes", "key": "5"})
        >>> cells.chosen("sure", YES_OR_NO), cells.chosen("key", {"1": 1, "2": 2})
        (True, None)
        >>> cells.problems
        ["key cannot be '5': write one of 1, 2"]
        """
        word = self.words[column].casefold().removesuffix(".0")  # spreadsheets may write a whole number so
        if word and word not in meaning:
            self.problems.append(f"{column} cannot be {self.words[column]!r}: write one of {', '.join(meaning)}")
        return meaning.get(word)

    def one_of(self, column: str, words: Sequence[str]) -> str:
        """Return the word in a cell if it is one of these, else ""."""
        return self.chosen(column, {word: word for word in words}) or ""

    def listed(self, column: str, known: Sequence[str], cure: str) -> list[str]:
        """Return the words of a cell that holds several, separated by commas, semicolons or line ends.

        Args:
            column: of the cell.
            known: the words that are allowed.
            cure: what to write in place of an unknown word.
        """
        cells = [cell.strip().casefold().removesuffix(".0") for cell in re.split(r"[,;\n]", self.words[column])]
        given = [cell for cell in cells if cell]
        self.problems.extend(f"{column} cannot be {cell!r}: {cure}" for cell in given if cell not in known)
        return [cell for cell in given if cell in known]

    def item(self) -> dict[str, Any]:
        """Return the question and its four answers."""
        return {"question": self.words["question"], "answers": [self.words[f"answer{n}"] for n in range(1, 5)]}


ITEM_COLUMNS = ("question", "answer1", "answer2", "answer3", "answer4")
"""The columns that `Cells.item` reads."""


@dataclass(frozen=True)
class Sheet:
    """How a stage's work is done in a file.

    Attributes:
        columns: the columns that a person fills in; every stage has `query` as well.
        fields: makes the stage's fields, as its page reads them, from a row's cells and what its task shows.
        columns_by_task: returns the columns for what a task shows, where they differ between tasks.
    """

    columns: tuple[str, ...]
    fields: Callable[[Cells, Mapping[str, Any]], dict[str, Any]]
    columns_by_task: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None

    def columns_of(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the columns that a person fills in for a task with this payload."""
        return self.columns_by_task(payload) if self.columns_by_task else self.columns
