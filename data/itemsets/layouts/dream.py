"""DREAM and C3: dialogues and documents as lists of their turns, each with its questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.intake import Unreadable, shown
from data.itemsets.layouts.layout import Layout, Record, having, listed_in, numbered, plain_id, records_in


def _passage(turns: Any) -> str:
    if not isinstance(turns, list) or not all(isinstance(turn, str) for turn in turns):
        raise Unreadable(f"the turns are {shown(turns, 40)}, wanted is a list of texts")
    return "\n".join(turns)


def _questions(passage: str, id_: object, asked: list[Record]) -> list[Record]:
    questions = [
        {
            "passage": passage,
            "question": one.get("question"),
            "options": one.get("choice"),
            "answer": one.get("answer"),
        }
        for one in asked
    ]
    return [*numbered(id_, questions)]


def _triple(record: object) -> bool:
    return (
        isinstance(record, list)
        and len(record) == 3
        and isinstance(record[0], list)
        and isinstance(record[1], list)
        and all(isinstance(one, Mapping) and "choice" in one for one in record[1][:1])
    )


def _unfold(record: Any) -> list[Record]:
    if not _triple(record):
        raise Unreadable(f"is {shown(record, 40)}, wanted are turns, questions and an id")
    return _questions(_passage(record[0]), record[2], records_in({"questions": record[1]}, "questions"))


def _unfold_documents(record: Any) -> list[Record]:
    passage = _passage(listed_in(record, "documents", "a list of texts"))
    return _questions(passage, record["document_id"], records_in(record, "questions"))


def _unfold_dialogue(record: Any) -> list[Record]:
    passage = _passage(listed_in(record, "dialogue", "a list of texts"))
    one = {"passage": passage, "question": record["question"], "options": record["choice"]}
    return [{"id": plain_id(record.get("dialogue_id")), "answer": record["answer"], **one}]


FILES = Layout(
    name="DREAM or C3",
    source="https://github.com/nlpdata/dream and https://github.com/nlpdata/c3",
    checked="DREAM's data/dev.json and C3's data/c3-m-dev.json in their own repositories",
    evidence="seen",
    fits=_triple,
    answer_from="text",
    unfold=_unfold,
    licence="non-commercial research only",
)
C3_HUB = Layout(
    name="C3 of the Hub",
    source="https://huggingface.co/datasets/dataset-org/c3",
    checked="the columns that the Hub's former loading script declares: questions as one object of lists",
    fits=having("documents", "document_id", "questions"),
    answer_from="text",
    unfold=_unfold_documents,
    licence="non-commercial research only",
    language="zho_Hans",
)
DREAM_HUB = Layout(
    name="DREAM of the Hub",
    source="https://huggingface.co/datasets/dataset-org/dream",
    checked="the columns that the Hub's former loading script declares",
    fits=having("dialogue", "question", "choice", "answer"),
    answer_from="text",
    unfold=_unfold_dialogue,
    licence="non-commercial research only",
    language="eng_Latn",
)
