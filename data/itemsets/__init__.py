"""Reads any multiple-choice set into one frame: the form in which an audit takes it.

Sets come as parquet, CSV, JSON lines, a JSON array, a folder of such files (as the Hugging Face Hub lays them
out), a RACE-style folder or a release of ours. Columns are known by their usual names
(`data.itemsets.set_columns`), and any other by saying which is which. What cannot be understood without guessing
is refused with file, line, value and cure: an audit of misread keys would report the opposite of the truth, and
look just as good.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data.errors import ItemSetError
from data.itemsets.canonical_items import canonical
from data.itemsets.set_columns import AnswerFrom, Columns
from data.itemsets.set_files import files_of, tables
from data.itemsets.set_problems import Problems

__all__ = ["AnswerFrom", "Columns", "ItemSetError", "files_of", "read"]


def read(paths: Sequence[str], columns: Columns | None = None) -> pd.DataFrame:
    """Reads a set of items in one or many languages.

    Args:
        paths: files and folders that make up the set together; their order changes nothing.
        columns: what the columns are called; by default those that are known are recognised.

    Returns:
        One line per item and language, sorted by language and item_id: item_id (the same in every language),
        language ("" where the set names none), group (the passage), passage (None where there is none), question
        ("" where there is none), options (a list of 2 to 10 texts), key (counted from 0), place (file and line);
        domain and topic where the set has them.

    Raises:
        ItemSetError: with up to 20 of the mistakes, each with file, line, value and cure.
    """
    problems = Problems()
    found = list(tables(paths, problems))
    problems.stop()
    items = canonical(found, columns or Columns(), problems)
    problems.stop()
    return items
