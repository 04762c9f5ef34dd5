"""Reads any multiple-choice set into one frame: the form in which an audit takes it.

Sets come in their own layouts (`data.itemsets.layouts`), or as parquet, Arrow, CSV, JSON lines, a JSON array, a
folder of such files (as the Hugging Face Hub lays them out) or a release of ours. Columns are known by their usual
names (`data.itemsets.set_columns`), and any other by saying which is which. What cannot be understood without
guessing is refused with file, line, value and cure: an audit of misread keys would report the opposite of the
truth, and look just as good. What was understood is told (`ItemSet.described`).
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from data.errors import ItemSetError
from data.itemsets.canonical_items import canonical
from data.itemsets.item_set import NO_KEY, FaultKind, ItemSet, SetFault
from data.itemsets.layouts.layout import AnswerFrom
from data.itemsets.own_layout import own_layout
from data.itemsets.set_columns import Columns
from data.itemsets.set_description import first_items
from data.itemsets.set_files import files_of, tables
from data.itemsets.set_problems import Problems

__all__ = [
    "NO_KEY", "AnswerFrom", "Columns", "FaultKind", "ItemSet", "ItemSetError", "SetFault", "files_of",
    "first_items", "read", "read_set",
]  # fmt: skip


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
    return read_set(paths, columns).items.drop(columns="keys")


def read_set(paths: Sequence[str], columns: Columns | None = None, *, lenient: bool = False) -> ItemSet:
    """Reads a set, and says what was taken for what.

    Args:
        paths: as of `read`.
        columns: as of `read`.
        lenient: keep items with faults, as far as they can be read, and name the faults; items that were read and
            items that are named as unreadable are all that the files hold.

    Raises:
        ItemSetError: nothing can be read (no such file, columns that are not known); without `lenient`, any fault.
    """
    problems = Problems(lenient=lenient)
    columns = columns or Columns()
    own = own_layout(columns.layout) if columns.layout else None
    pattern = columns.language if columns.language and "{}" in columns.language else ""
    found = list(tables(paths, problems, own, pattern))
    problems.stop()
    made = canonical(found, columns, problems)
    problems.stop()
    return made
