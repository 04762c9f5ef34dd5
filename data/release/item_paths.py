"""Where the items of each split and language lie in a release."""

from __future__ import annotations

FOLDERS = {"test": "data", "dev": "dev"}
"""The folder of each split's parquet files."""


def parquet_path(split: str, language: str) -> str:
    """Return the path of the file that holds a split's items in a language.

    >>> parquet_path("test", "fra_Latn"), parquet_path("dev", "fra_Latn")
    ('data/fra_Latn.parquet', 'dev/fra_Latn.parquet')
    """
    return f"{FOLDERS[split]}/{language}.parquet"
