"""A release so small that a test can see all of it: two passages, three items, two languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from data.release.description.release_description import About

ABOUT = About(
    version="1.0.0",
    date=date(2026, 1, 31),
    title='Wells: "deep" and #shallow',
    licence="CC0-1.0",
    source_language="eng_Latn",
    checks=("four_options|v:1|count:4", "distinct_options|v:2"),
    pending=(("tha_Thai", 7), ("ben_Beng", 2)),
    code_version="0.1.0",
    people={"authors": 2, "reviewers": 3},
    names={"eng_Latn": "English", "arb_Arab": "Modern Standard Arabic"},
)

# Two passages; the first has two questions. Shown orders put the key of the three items at 2, 4 and 1.
QUESTIONS = (
    # question_id, passage_id, number, position, key, order
    ("wells-b-q1", "wells-b", 1, 0, 3, [1, 3, 2, 4]),
    ("wells-b-q2", "wells-b", 2, 0, 1, [2, 3, 4, 1]),
    ("wells-a-q1", "wells-a", 1, 1, 2, [2, 1, 3, 4]),
)


def made(languages: tuple[str, ...] = ("eng_Latn", "arb_Arab")) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "question_id": question_id,
                "language": language,
                "passage_id": passage_id,
                "question_number": number,
                "revision": 1,
                "passage": f"{language} {passage_id} is deep.",
                "question": f"{language} {question_id}: how deep?",
                "answers": [f"{language} {question_id} answer {identity}" for identity in (1, 2, 3, 4)],
                "key": key,
                "link": f"https://wells.invalid/{passage_id}",
                "position": position,
                "order": order,
            }
            for language in languages
            for question_id, passage_id, number, position, key, order in QUESTIONS
        ]
    )


def halved(languages: tuple[str, ...] = ("eng_Latn", "arb_Arab")) -> pd.DataFrame:
    """The items with those of the second passage in dev."""
    items = made(languages)
    return items.assign(split=["dev" if passage == "wells-a" else "test" for passage in items["passage_id"]])


def written(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
