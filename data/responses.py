"""The answers of solvers, people or models, to the items of a set: one line per solver, item and language.

Read from the tables that evaluations leave behind. `chosen` is a number from 1 or a letter from A, as options
are shown to readers; empty means that no answer was given.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from data.errors import UsageError

COLUMNS = ("solver", "item_id", "language", "chosen")
"""What is read; `chosen` counts from 0 then, -1 where there is no answer."""

_MOST = 10  # as many options as an item may have


def read_responses(path: Path) -> pd.DataFrame:
    """Reads a file of responses: .csv, .tsv, .jsonl or .parquet.

    Args:
        path: the file; columns solver, item_id, chosen and, in a set of several languages, language.

    Returns:
        `COLUMNS`, sorted by language, solver, item; `language` is "" where there is none.

    Raises:
        UsageError: the file or a column is missing, an answer cannot be read, or somebody answered an item twice.
    """
    table = _table(path)
    if missing := [name for name in ("solver", "item_id", "chosen") if name not in table.columns]:
        raise UsageError(
            f"{path}: there is no column {', '.join(missing)}; it has {', '.join(map(str, table.columns))};"
            " rename the columns to solver, item_id, language (if several) and chosen"
        )
    language = table["language"].fillna("").astype(str) if "language" in table.columns else ""
    read = pd.DataFrame(
        {
            "solver": table["solver"].fillna("").astype(str),
            "item_id": table["item_id"].fillna("").astype(str),
            "language": language,
            "chosen": [_chosen(value, path, line) for line, value in enumerate(table["chosen"], 1)],
        }
    )
    for name in ("solver", "item_id"):
        if (empty := read[name].eq("")).any():
            raise UsageError(f"{path}: response {int(empty.argmax()) + 1} has an empty {name}; name it")
    doubled = read.duplicated(["solver", "item_id", "language"])
    if doubled.any():
        line = int(doubled.argmax())
        first = read.iloc[line]
        raise UsageError(
            f"{path}: response {line + 1} is a second one of solver {first['solver']!r} to item"
            f" {first['item_id']!r} (language {first['language']!r}); keep one"
        )
    return read.sort_values(["language", "solver", "item_id"], ignore_index=True)[list(COLUMNS)]


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; name a table of responses")
    try:
        match path.suffix:
            case ".csv":
                return pd.read_csv(path, dtype=str, keep_default_na=False)
            case ".tsv":
                return pd.read_csv(path, dtype=str, keep_default_na=False, sep="\t")
            case ".jsonl":
                return pd.read_json(path, lines=True, dtype=False)
            case ".parquet":
                return pd.read_parquet(path)
    except (ValueError, OSError) as reason:  # pandas' parser errors and pyarrow's are ValueErrors
        raise UsageError(f"{path}: cannot be read as {path.suffix[1:]}: {reason}") from reason
    raise UsageError(f"{path}: {path.suffix or 'no ending'} is not known; write .csv, .tsv, .jsonl or .parquet")


def _chosen(value: object, path: Path, line: int) -> int:
    if value is None or (isinstance(value, float) and value != value):
        return -1
    text = str(value).strip().upper()
    if not text:
        return -1
    if len(text) == 1 and "A" <= text <= "J":
        return ord(text) - ord("A")
    digits = text.removesuffix(".0")
    if digits.isascii() and digits.isdigit() and 1 <= int(digits) <= _MOST:
        return int(digits) - 1
    raise UsageError(
        f"{path}: response {line} chose {value!r}; write a number from 1, a letter from A, or nothing (no answer)"
    )
