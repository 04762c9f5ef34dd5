"""The reader of multiple-choice sets: any set becomes one frame, the form that an audit takes.

A set comes in a layout of its own (`data.itemsets.layouts`), or as parquet, Arrow, CSV, JSON lines, a JSON array,
a folder of such files (as the Hugging Face Hub lays them out) or a release of ours. Columns are recognised by
their usual names (`data.itemsets.set_columns`); the user names the others. Input that could only be guessed at is
refused with file, line, value and cure: an audit of misread keys would report the opposite of the truth, and look
just as good. `ItemSet.described` tells how everything else was understood.
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
    """Read a set of items in one or many languages.

    Args:
        paths: files and folders that together make up the set; their order does not matter.
        columns: the names of its columns; by default the usual names are recognised.

    Returns:
        One line per item and language, sorted by language and item_id: item_id (the same in every language),
        language ("" where the set names none), group (the passage), passage (None where there is none), question
        ("" where there is none), options (a list of 2 to 10 texts), key (counted from 0), place (file and line);
        domain and topic where the set has them.

    Raises:
        ItemSetError: the set has mistakes; up to 20 are named, each with file, line, value and cure.
    """
    return read_set(paths, columns).items.drop(columns="keys")


def read_set(paths: Sequence[str], columns: Columns | None = None, *, lenient: bool = False) -> ItemSet:
    """Read a set, and describe how it was understood.

    Args:
        paths: as for `read`.
        columns: as for `read`.
        lenient: keep items with faults, as far as they can be read, and name the faults; every item of the files
            is then either read or named as unreadable.

    Raises:
        ItemSetError: nothing can be read (no such file, unknown columns); without `lenient`, also for any fault.
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
