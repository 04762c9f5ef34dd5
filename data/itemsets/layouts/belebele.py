"""Belebele: its files and releases of ours, the training set that its authors assemble, and derived forms.

SEA-HELM keeps the parts of an item as a prompt's, its options called `choice1`, `option_a` (from Global-MMLU) or
`a` (Thai examinations); EuroEval keeps one text, in which the options are lines that begin with a letter, below a
line that says so in the set's language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from data.intake import Unreadable, shown
from data.itemsets.layouts.layout import Layout, Record, columns, having, records_in

_OPTIONS = ("mc_answer1", "mc_answer2", "mc_answer3", "mc_answer4")
_TRAINING = ("answer1", "answer2", "answer3", "answer4")
_CHOICE = re.compile(r"choice\d{1,2}|option_[a-j]|[a-j]")
_LETTERED = re.compile(r"^([a-j])\. (.*)$")
_LABEL = re.compile(r"^[^\s:：]{1,20}(?: [^\s:：]{1,20})?\s?[:：]\s*")


def _prompts(record: Any) -> list[Record]:
    prompts = records_in(record, "prompts")
    if len(prompts) != 1:
        raise Unreadable(f"holds {len(prompts)} prompts, wanted is one")
    prompt = prompts[0]
    names = sorted(filter(_CHOICE.fullmatch, prompt), key=lambda name: (len(name), name))
    told = record.get("metadata")
    metadata = told if isinstance(told, Mapping) else {}
    return [
        {
            "id": metadata.get("sample_id") or record.get("id"),  # the first is the same in all languages
            "passage": prompt.get("text", prompt.get("premise")),
            "question": prompt.get("question"),
            "options": [prompt[name] for name in names],
            "answer": record["label"],
            "language": metadata.get("language"),
        }
    ]


def _prompted(record: object) -> bool:
    return (
        isinstance(record, Mapping)
        and {"label", "prompts"} <= record.keys()
        and isinstance(record["prompts"], list)
        and all(
            isinstance(one, Mapping) and {"choice1", "option_a", "a"} & {*one} for one in record["prompts"][:1]
        )
    )


def _one_text(record: object) -> bool:
    return (
        isinstance(record, Mapping)
        and {"text", "label"} <= record.keys()
        and "question" not in record
        and isinstance(text := record["text"], str)
        and [line[:3] for line in text.split("\n")[-2:]] in [["a. ", "b. "], ["b. ", "c. "], ["c. ", "d. "]]
    )


def _parts(record: Any) -> list[Record]:
    text = record["text"]
    if not isinstance(text, str):
        raise Unreadable(f"text is {shown(text, 40)}, no text")
    lines = text.split("\n")
    first = max((place for place, line in enumerate(lines) if line.startswith("a. ")), default=0)
    options = [found[2] for line in lines[first:] if (found := _LETTERED.match(line))]
    letters = [found[1] for line in lines[first:] if (found := _LETTERED.match(line))]
    if len(options) != len(lines) - first or letters != list("abcdefghij")[: len(letters)] or first < 2:
        raise Unreadable(f"text {shown(text, 40)} does not end in options a., b., … below a line of their own")
    asked = lines[: first - 1]
    passage = _LABEL.sub("", "\n".join(asked[:-1]), count=1) if len(asked) > 1 else None
    question = _LABEL.sub("", asked[-1], count=1) if len(asked) > 1 else asked[-1]
    return [{"passage": passage, "question": question, "options": options, "answer": record["label"]}]


BELEBELE = Layout(
    name="Belebele",
    source="https://github.com/facebookresearch/belebele",
    checked="the authors' read-me, columns that copies of it on the Hub declare, and lines of the Bengali file",
    fits=having(*_OPTIONS, "correct_answer_num", "flores_passage", "question"),
    roles=columns(
        passage="flores_passage",
        question="question",
        options=_OPTIONS,
        answer="correct_answer_num",
    ),
    answer_from="1",
    licence="CC-BY-SA-4.0",
)
TRAINING = Layout(
    name="Belebele's training set",
    source="https://github.com/facebookresearch/belebele",
    checked="assemble_training_set.py, which writes it",
    fits=having("dataset", "split", "passage_id", "question_id", "passage", *_TRAINING, "correct_answer_num"),
    roles=columns(
        passage="passage",
        question="question",
        options=_TRAINING,
        answer="correct_answer_num",
        id=("dataset", "split", "passage_id", "question_id"),  # ReClor's and MCTest's begin anew in each split
        group=(),  # passage_id is that of one of the six sets; what holds in all of them is the passage
    ),
    answer_from="1",
)
SEAHELM = Layout(
    name="SEA-HELM",
    source="https://github.com/aisingapore/SEA-HELM",
    checked="jv_belebele.jsonl, zh_c3_m_examples.jsonl, files of global_mmlu_lite and thai_exam in its repository",
    evidence="seen",
    fits=_prompted,
    answer_from="letter",
    unfold=_prompts,
)
EUROEVAL = Layout(
    name="EuroEval",
    source="https://github.com/EuroEval/EuroEval",
    checked="its scripts that write the sets (create_belebele.py and others), and records that its pages quote",
    fits=_one_text,
    answer_from="letter",
    unfold=_parts,
    note="passage, question and options are taken from one text; where a passage ends is guessed from its lines",
)
