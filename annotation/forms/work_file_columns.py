"""Work as lines of a file: which columns a person fills in, and what stands in their cells.

A spreadsheet knows no choices and no boxes: a cell holds words. What they choose is read here, and a word that
chooses nothing becomes a sentence for whoever wrote it, as on a page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

YES_OR_NO = {"yes": True, "no": False}
"""What a cell that asks whether something is so may hold."""


@dataclass
class Cells:
    """The filled-in cells of one line.

    Attributes:
        words: what stands in each column, without white space around it; "" for nothing.
        problems: what is wrong with them, each a sentence; it grows as they are read.
    """

    words: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def __getitem__(self, column: str) -> str:
        return self.words[column]

    def chosen(self, column: str, meaning: Mapping[str, Any]) -> Any:
        """What the word in a cell means, case aside; None for no word, or for one that means nothing.

        >>> cells = Cells({"sure": "Yes", "key": "5"})
        >>> cells.chosen("sure", YES_OR_NO), cells.chosen("key", {"1": 1, "2": 2})
        (True, None)
        >>> cells.problems
        ["key cannot be '5': write one of 1, 2"]
        """
        word = self.words[column].casefold().removesuffix(".0")  # as spreadsheets may write a whole number
        if word and word not in meaning:
            self.problems.append(f"{column} cannot be {self.words[column]!r}: write one of {', '.join(meaning)}")
        return meaning.get(word)

    def one_of(self, column: str, words: Sequence[str]) -> str:
        """The word in a cell, if it is one of these; "" otherwise."""
        return self.chosen(column, {word: word for word in words}) or ""

    def listed(self, column: str, known: Sequence[str], cure: str) -> list[str]:
        """The words of a cell that holds several, parted by commas, semicolons or line ends.

        Args:
            column: of the cell.
            known: the words that may stand there.
            cure: what to write where another one does.
        """
        cells = [cell.strip().casefold().removesuffix(".0") for cell in re.split(r"[,;\n]", self.words[column])]
        given = [cell for cell in cells if cell]
        self.problems.extend(f"{column} cannot be {cell!r}: {cure}" for cell in given if cell not in known)
        return [cell for cell in given if cell in known]

    def item(self) -> dict[str, Any]:
        """A question and its four answers."""
        return {"question": self.words["question"], "answers": [self.words[f"answer{n}"] for n in range(1, 5)]}


ITEM_COLUMNS = ("question", "answer1", "answer2", "answer3", "answer4")
"""The columns that `Cells.item` reads."""


@dataclass(frozen=True)
class Sheet:
    """How the work of a stage is done in a file.

    Attributes:
        columns: that a person fills in; `query` besides, in every stage.
        fields: the stage's fields, as its page reads them, from a line's cells and what its task shows.
        columns_by_task: the columns for what a task shows, where they are not the same for all.
    """

    columns: tuple[str, ...]
    fields: Callable[[Cells, Mapping[str, Any]], dict[str, Any]]
    columns_by_task: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None

    def columns_of(self, payload: Mapping[str, Any]) -> tuple[str, ...]:
        """The columns that a person fills in for a task, by what it shows."""
        return self.columns_by_task(payload) if self.columns_by_task else self.columns
