"""Items: what a reader of one language sees. A view of passages, Questions and Translations, never a table.

Checks judge items and a release writes them, so both use this view.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from data.ledger import tables

Texts = Mapping[tuple[str, str], Mapping[str, Any]]
"""Passages with texts by (passage_id, language)."""


def source_items(questions: pd.DataFrame, passages: Texts) -> pd.DataFrame:
    """Return the items of the source language.

    Args:
        questions: rows of `data.ledger.tables.QUESTIONS`, one per question_id.
        passages: at least the passages of these questions in their language.

    Returns:
        Columns of `data.ledger.tables.ITEMS`, in the order of `questions`.
    """
    return _view(
        {
            "question_id": row["question_id"],
            "language": row["language"],
            "kind": "source",
            "question_number": row["question_number"],
            "revision": row["revision"],
            "question": row["question"],
            "answers": row["answers"],
            "key": row["key"],
            "source_language": row["language"],
            **_passage(passages[row["passage_id"], row["language"]]),
        }
        for row in questions.to_dict("records")
    )


def translated_items(
    translations: pd.DataFrame, questions: pd.DataFrame, drafts: pd.DataFrame, passages: Texts
) -> pd.DataFrame:
    """Return the items of other languages.

    Args:
        translations: rows of `data.ledger.tables.TRANSLATIONS`, one per question_id and language.
        questions: rows of `data.ledger.tables.QUESTIONS`: at least the revisions that were translated.
        drafts: rows of `data.ledger.tables.TRANSLATIONS`: at least the drafts that the proofread ones started
            from.
        passages: at least the passages of these translations in their language.
    """
    source = {(row["question_id"], row["revision"]): row for row in questions.to_dict("records")}
    started = {(row["question_id"], row["language"], row["revision"]): row for row in drafts.to_dict("records")}
    lines = []
    for row in translations.to_dict("records"):
        question = source[row["question_id"], row["question_revision"]]
        draft = started.get((row["question_id"], row["language"], row["draft_revision"]))
        lines.append(
            {
                "question_id": row["question_id"],
                "language": row["language"],
                "kind": row["kind"],
                "question_number": question["question_number"],
                "revision": row["revision"],
                "question": row["question"],
                "answers": row["answers"],
                "key": question["key"],
                "source_language": question["language"],
                "source_question": question["question"],
                "source_answers": question["answers"],
                "draft_question": None if draft is None else draft["question"],
                "draft_answers": None if draft is None else draft["answers"],
                **_passage(passages[row["passage_id"], row["language"]]),
            }
        )
    return _view(lines)


def _passage(passage: Mapping[str, Any]) -> dict[str, object]:
    return {
        "passage_id": passage["passage_id"],
        "passage": passage["text"],
        "domain": passage["domain"],
        "topic": passage["topic"],
    }


def _view(lines: Iterable[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(list(lines), columns=[str(name) for name in tables.ITEMS.names])
