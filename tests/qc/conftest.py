from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from hypothesis import settings

from data.ledger.tables import ITEMS

settings.register_profile("shared_machine", deadline=None)  # a busy machine is no failure
settings.load_profile("shared_machine")

ITEM: dict[str, Any] = {
    "question_id": "p1-q1",
    "language": "eng_Latn",
    "kind": "source",
    "passage_id": "p1",
    "question_number": 1,
    "revision": 1,
    "passage": "The boat left at seven. Nobody was on the pier.",
    "question": "When did the boat leave?",
    "answers": ["At six", "At seven", "At noon", "It never left"],
    "key": 2,
    "domain": "wikinews",
    "topic": "travel",
    "source_language": "eng_Latn",
    "source_question": None,
    "source_answers": None,
    "draft_question": None,
    "draft_answers": None,
}


@pytest.fixture(scope="session")
def items() -> Callable[..., pd.DataFrame]:
    """Items that are right but for what is given: one mapping of differences per item."""

    def made(*differences: dict[str, Any]) -> pd.DataFrame:
        lines = [{**ITEM, **one} for one in differences]
        return pd.DataFrame(lines, columns=list(ITEMS.names)).astype(
            {"key": "Int32", "revision": "int32", "question_number": "int32"}
        )

    return made


@pytest.fixture(scope="session")
def translated(items: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """As `items`, for drafts of the English item in German."""

    def made(*differences: dict[str, Any]) -> pd.DataFrame:
        draft = {
            "language": "deu_Latn",
            "kind": "draft",
            "question": "Wann legte das Boot ab?",
            "answers": ["Um sechs", "Um sieben", "Am Mittag", "Gar nicht"],
            "source_question": ITEM["question"],
            "source_answers": ITEM["answers"],
        }
        return items(*({**draft, **one} for one in differences))

    return made
