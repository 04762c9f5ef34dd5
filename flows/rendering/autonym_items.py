"""Every language's name in itself, as items to be drawn: words for a model to learn to read, in every script."""

from __future__ import annotations

import pandas as pd

from data.itemsets.set_name import SetName
from data.languages import languages

NAME = SetName("Names of languages")


def autonym_items() -> pd.DataFrame:
    """Return a line for each language that has an autonym in the table of languages.

    Returns:
        Columns item_id (`autonym-` and the language's code), language, passage (the autonym), question (""),
        options and keys (none).
    """
    named = {code: one.autonym for code, one in languages().items() if one.autonym}
    return pd.DataFrame(
        {
            "item_id": [f"autonym-{code}" for code in named],
            "language": [*named],
            "passage": [*named.values()],
            "question": "",
            "options": [[] for _ in named],
            "keys": [[] for _ in named],
        }
    )
