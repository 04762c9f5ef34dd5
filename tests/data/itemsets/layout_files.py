"""The same 60 items in every layout that is read, as the sets themselves are laid out."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import pandas as pd
import pyarrow as pa

Item = Mapping[str, Any]
LETTERS = "ABCD"


def made(options: int = 4) -> list[dict[str, Any]]:
    """60 items on 20 passages: passage_id, number, passage, question, options, key."""
    draw = random.Random(60 + options)
    words = ["river", "cloud", "paper", "engine", "forest", "stone", "lamp", "bridge", "valley", "harbor"]
    passages = [f"The {' '.join(draw.sample(words, 5))} stood, number {n}; it rained." for n in range(20)]
    return [
        {
            "passage_id": f"p{n // 3:02}",
            "number": n % 3 + 1,
            "passage": passages[n // 3],
            "question": f"What stood in case {n}?",
            "options": [f"the {draw.choice(words)} {n}{letter}, “so”" for letter in LETTERS[:options]],
            "key": draw.randrange(options),
        }
        for n in range(60)
    ]


def jsonl(path: Path, lines: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def array(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")


def table(path: Path, lines: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(lines).to_parquet(path)


def as_csv(path: Path, rows: list[list[Any]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")


def by_passage(items: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [items[n : n + 3] for n in range(0, len(items), 3)]


def named(item: Item, names: str) -> dict[str, str]:
    return dict(zip(names.split(), item["options"], strict=True))


def right(item: Item) -> str:
    text: str = item["options"][item["key"]]
    return text


def race_folder(folder: Path, items: list[dict[str, Any]]) -> None:
    for part in by_passage(items):
        path = folder / "test/high" / f"{part[0]['passage_id']}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = {
            "answers": [LETTERS[one["key"]] for one in part],
            "options": [one["options"] for one in part],
            "questions": [one["question"] for one in part],
            "article": part[0]["passage"],
            "id": part[0]["passage_id"],
        }
        path.write_text(json.dumps(whole), encoding="utf-8")


def race_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    table(
        folder / "high/test-00000-of-00001.parquet",
        [
            {
                "example_id": one["passage_id"], "article": one["passage"], "answer": LETTERS[one["key"]],
                "question": one["question"], "options": one["options"],
            }
            for one in items
        ],
    )  # fmt: skip


def _asked(part: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"question": one["question"], "choice": one["options"], "answer": right(one)} for one in part]


def dream(folder: Path, items: list[dict[str, Any]]) -> None:
    array(
        folder / "dev.json",
        [[p[0]["passage"].split("; "), _asked(p), p[0]["passage_id"]] for p in by_passage(items)],
    )


def dream_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "id": n, "dialogue_id": one["passage_id"], "dialogue": one["passage"].split("; "),
            "question": one["question"], "choice": one["options"], "answer": right(one),
        }
        for n, one in enumerate(items)
    ]  # fmt: skip
    table(folder / "test-00000-of-00001.parquet", lines)


def c3_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = []
    for part in by_passage(items):
        asked = _asked(part)  # the Hub keeps a list of records as one record of lists
        questions = {name: [one[name] for one in asked] for name in ("question", "answer", "choice")}
        documents = part[0]["passage"].split("; ")
        lines.append({"documents": documents, "document_id": part[0]["passage_id"], "questions": questions})
    table(folder / "mixed/test-00000-of-00001.parquet", lines)


def reclor(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "context": one["passage"], "question": one["question"], "answers": one["options"], "label": one["key"],
            "id_string": f"{one['passage_id']}#{one['number']}",
        }
        for one in items
    ]  # fmt: skip
    array(folder / "val.json", lines)


def cosmosqa(folder: Path, items: list[dict[str, Any]]) -> None:
    head = ["id", "context", "question", "answer0", "answer1", "answer2", "answer3", "label"]
    rows = [
        [f"{x['passage_id']}#{x['number']}", x["passage"], x["question"], *x["options"], x["key"]] for x in items
    ]
    as_csv(folder / "valid.csv", [head, *rows])


def mctest(folder: Path, items: list[dict[str, Any]]) -> None:
    lines, answers = [], []
    for part in by_passage(items):
        four = [*part, part[0]]  # a story has four questions; the last is left out by the test
        story = part[0]["passage"].replace("; ", "\\newline")
        fields = [part[0]["passage_id"], "Author: A;Work Time(s): 9;Qual. score: 90", story]
        for n, one in enumerate(four):
            fields += [f"{('one', 'multiple')[n % 2]}: {one['question']}", *one["options"]]
        lines.append("\t".join(fields))
        answers.append("\t".join(LETTERS[one["key"]] for one in four))
    (folder / "mc500.dev.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "mc500.dev.ans").write_text("\n".join(answers) + "\n", encoding="utf-8")


def mcscript(folder: Path, items: list[dict[str, Any]]) -> None:
    parts = []
    for part in by_passage(items):
        asked = "".join(
            f'\n<question id="{one["number"]}" text={quoteattr(one["question"])} type="text">'
            + "".join(
                f'\n<answer correct="{n == one["key"]}" id="{n}" text={quoteattr(text)}/>'
                for n, text in enumerate(one["options"])
            )
            + "</question>"
            for one in part
        )
        parts.append(
            f'\n<instance id="{part[0]["passage_id"]}" scenario="a walk">'
            f"\n<text>{escape(part[0]['passage'])}</text>\n<questions>{asked}\n</questions>\n</instance>"
        )
    text = f'<?xml version="1.0" ?>\n<data>{"".join(parts)}\n</data>\n'
    (folder / "dev-data.xml").write_text(text, encoding="utf-8")


def _answers(one: Item, flag: str) -> list[dict[str, Any]]:
    return [{"text": text, flag: n == one["key"], "scores": {}} for n, text in enumerate(one["options"])]


def multirc(folder: Path, items: list[dict[str, Any]]) -> None:
    data = [
        {
            "id": part[0]["passage_id"],
            "paragraph": {
                "text": "".join(
                    f"<b>Sent {n}: </b>{sentence}<br>"
                    for n, sentence in enumerate(part[0]["passage"].split(" ", 3), start=1)
                ),
                "questions": [
                    {"question": one["question"], "sentences_used": [1, 3], "multisent": False,
                     "answers": _answers(one, "isAnswer"), "idx": str(n)}
                    for n, one in enumerate(part)
                ],
            },
        }
        for part in by_passage(items)
    ]  # fmt: skip
    array(folder / "dev_83-fixedIds.json", {"data": data})


def superglue(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "idx": number,
            "version": 1.1,
            "passage": {
                "text": part[0]["passage"],
                "questions": [
                    {
                        "question": one["question"],
                        "answers": [
                            {"text": text, "idx": 12 * number + 4 * place + n, "label": int(n == one["key"])}
                            for n, text in enumerate(one["options"])
                        ],
                        "idx": 3 * number + place,
                    }
                    for place, one in enumerate(part)
                ],
            },
        }
        for number, part in enumerate(by_passage(items))
    ]
    jsonl(folder / "val.jsonl", lines)


def superglue_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "paragraph": one["passage"], "question": one["question"], "answer": text,
            "idx": {"paragraph": n // 3, "question": n, "answer": 4 * n + place},
            "label": int(place == one["key"]),
        }
        for n, one in enumerate(items)
        for place, text in enumerate(one["options"])
    ]  # fmt: skip
    table(folder / "multirc/validation-00000-of-00001.parquet", lines)


def sciq(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = []
    for one in items:
        wrong = [text for n, text in enumerate(one["options"]) if n != one["key"]]
        named_wrong = dict(zip(("distractor3", "distractor1", "distractor2"), wrong, strict=True))
        lines.append(
            {"question": one["question"], **named_wrong,
             "correct_answer": right(one), "support": one["passage"]}
        )  # fmt: skip
    array(folder / "valid.json", lines)


def _labels(one: Item) -> str:
    """ARC's examinations from New York number their options; the others have letters."""
    return "1234" if one["number"] == 3 else LETTERS


def _labelled(one: Item) -> list[dict[str, str]]:
    return [{"text": text, "label": _labels(one)[n]} for n, text in enumerate(one["options"])]


def arc(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "id": f"{one['passage_id']}#{one['number']}",
            "question": {"stem": one["question"], "choices": _labelled(one)},
            "answerKey": _labels(one)[one["key"]],
        }
        for one in items
    ]
    jsonl(folder / "ARC-Challenge-Dev.jsonl", lines)


def _struct(one: Item, labels: str) -> dict[str, list[str]]:
    return {"text": one["options"], "label": [*labels[: len(one["options"])]]}


def arc_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"id": f"{one['passage_id']}#{one['number']}", "question": one["question"],
         "choices": _struct(one, _labels(one)), "answerKey": _labels(one)[one["key"]]}
        for one in items
    ]  # fmt: skip
    table(folder / "ARC-Easy/test-00000-of-00001.parquet", lines)


def openbookqa_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"id": f"{one['passage_id']}#{one['number']}", "question_stem": one["question"],
         "choices": _struct(one, LETTERS), "answerKey": LETTERS[one["key"]]}
        for one in items
    ]  # fmt: skip
    table(folder / "main/test-00000-of-00001.parquet", lines)


def logiqa(folder: Path, items: list[dict[str, Any]]) -> None:
    """As the authors mark options: `A.` mostly; `A，` and `a.` here and there in the Chinese files."""
    marks = {1: "A. B. C. D.", 2: "A， B， C， D，", 3: "a. b. c. d."}
    blocks = [
        "\n".join(
            ["", LETTERS[one["key"]].lower(), one["passage"], one["question"],
             *map("".join, zip(marks[one["number"]].split(), one["options"], strict=True))]
        )
        for one in items
    ]  # fmt: skip
    (folder / "Eval.txt").write_text("\n".join(blocks) + "\n", encoding="utf-8")


def logiqa2(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"id": f"{one['passage_id']}#{one['number']}", "answer": one["key"], "text": one["passage"], "type": {},
         "question": one["question"], "options": one["options"]}
        for one in items
    ]  # fmt: skip
    jsonl(folder / "test.txt", lines)


def logiqa2_chinese(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"example_id": f"{one['passage_id']}#{one['number']}", "answer": one["key"], "text": one["passage"],
         "question": one["question"], "options": one["options"]}
        for one in items
    ]  # fmt: skip
    jsonl(folder / "test_zh.txt", lines)


def logiqa_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "context": one["passage"],
            "query": one["question"],
            "options": one["options"],
            "correct_option": one["key"],
        }
        for one in items
    ]
    table(folder / "test-00000-of-00001.parquet", lines)


def mmlu(folder: Path, items: list[dict[str, Any]]) -> None:
    as_csv(folder / "world_religions_val.csv", [[x["question"], *x["options"], LETTERS[x["key"]]] for x in items])


def mmlu_hub(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"question": one["question"], "subject": "law", "choices": one["options"], "answer": one["key"]}
        for one in items
    ]
    table(folder / "all/test-00000-of-00001.parquet", lines)


def mmmlu(folder: Path, items: list[dict[str, Any]]) -> None:
    head = ["", "Question", "A", "B", "C", "D", "Answer", "Subject"]  # as pandas writes a table with its index
    rows = [[n, x["question"], *x["options"], LETTERS[x["key"]], "law"] for n, x in enumerate(items)]
    as_csv(folder / "mmlu_SW-KE.csv", [head, *rows])


def global_mmlu(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"sample_id": f"{one['passage_id']}#{one['number']}", "subject": "law", "subject_category": "x",
         "question": one["question"], **named(one, "option_a option_b option_c option_d"),
         "answer": LETTERS[one["key"]], "required_knowledge": "[]", "culture": "[]", "country": "[]"}
        for one in items
    ]  # fmt: skip
    table(folder / "sw/test-00000-of-00001.parquet", lines)


def include(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"language": "Albanian", "country": "Albania", "domain": "x", "subject": "y", "regional_feature": "z",
         "level": "w", "question": one["question"], **named(one, "option_a option_b option_c option_d"),
         "answer": one["key"]}
        for one in items
    ]  # fmt: skip
    table(folder / "Albanian/test-00000-of-00001.parquet", lines)


def xcopa(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"premise": one["passage"], **named(one, "choice1 choice2"), "question": one["question"],
         "label": one["key"], "idx": n, "changed": False}
        for n, one in enumerate(items)
    ]  # fmt: skip
    jsonl(folder / "et/test.et.jsonl", lines)


def _belebele(one: Item) -> dict[str, Any]:
    return {
        "link": f"https://example.org/{one['passage_id']}", "question_number": one["number"],
        "flores_passage": one["passage"], "question": one["question"],
        **named(one, "mc_answer1 mc_answer2 mc_answer3 mc_answer4"), "correct_answer_num": str(one["key"] + 1),
        "dialect": "eng_Latn", "ds": "2023-05-03",
    }  # fmt: skip


def belebele(folder: Path, items: list[dict[str, Any]]) -> None:
    jsonl(folder / "data/eng_Latn.jsonl", [_belebele(one) for one in items])


def belebele_training(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"dataset": "RACE", "split": "train", "passage_id": one["passage_id"], "question_id": one["number"],
         "passage": one["passage"], "question": one["question"], **named(one, "answer1 answer2 answer3 answer4"),
         "correct_answer": right(one), "correct_answer_num": one["key"] + 1}
        for one in items
    ]  # fmt: skip
    pd.DataFrame(lines).to_csv(folder / "belebele_training_set.tsv", sep="\t")


def seahelm(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"id": f"{one['passage_id']}#{one['number']}", "label": LETTERS[one["key"]],
         "prompts": [{"text": one["passage"], "question": one["question"],
                      **named(one, "choice1 choice2 choice3 choice4")}],
         "prompt_templates": ["{text} {question} A: {choice1}"], "metadata": {"language": "jv"}}
        for one in items
    ]  # fmt: skip
    jsonl(folder / "jv_belebele.jsonl", lines)


def seahelm_of_mmlu(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"metadata": {"language": "id", "sample_id": f"{one['passage_id']}#{one['number']}", "subject": "law"},
         "prompts": [{"question": one["question"], **named(one, "option_a option_b option_c option_d")}],
         "label": LETTERS[one["key"]], "id": n + 5}
        for n, one in enumerate(items)
    ]  # fmt: skip
    jsonl(folder / "global_mmlu_lite_law_id_test.jsonl", lines)


def seahelm_of_examinations(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {"id": n, "label": LETTERS[one["key"]],
         "prompts": [{"question": one["question"], **named(one, "a b c d")}],
         "metadata": {"subject": "n/a", "language": "th"}}
        for n, one in enumerate(items)
    ]  # fmt: skip
    jsonl(folder / "ic_test.jsonl", lines)


def euroeval(folder: Path, items: list[dict[str, Any]]) -> None:
    lines = [
        {
            "text": f"Tekst: {one['passage']}\nSpørgsmål: {one['question']}\nSvarmuligheder:\n"
            + "\n".join(f"{'abcd'[n]}. {text}" for n, text in enumerate(one["options"])),
            "label": "abcd"[one["key"]],
        }
        for one in items
    ]
    table(folder / "data/test-00000-of-00001.parquet", lines)


def plain(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"id": f"{one['passage_id']}#{one['number']}", "passage": one["passage"], "question": one["question"],
         "options": one["options"], "answer": one["key"]}
        for one in items
    ]  # fmt: skip


def saved_to_disk(folder: Path, items: list[dict[str, Any]]) -> None:
    """As `datasets.Dataset.save_to_disk` leaves it: a stream of batches beside two files of JSON."""
    folder = folder / "saved"
    folder.mkdir()
    held = pa.Table.from_pylist(plain(items))
    with (
        pa.OSFile(str(folder / "data-00000-of-00001.arrow"), "wb") as file,
        pa.ipc.new_stream(file, held.schema) as out,
    ):
        out.write_table(held, max_chunksize=17)
    (folder / "dataset_info.json").write_text("{}", encoding="utf-8")
    (folder / "state.json").write_text("{}", encoding="utf-8")


def carded(folder: Path, items: list[dict[str, Any]]) -> None:
    """A folder of the Hub whose card says which files are data; the rest is another program's."""
    table(folder / "parts/one.parquet", plain(items)[:25])
    table(folder / "parts/two.parquet", plain(items)[25:])
    jsonl(folder / "logs/run.jsonl", [{"loss": 1}])
    (folder / "README.md").write_text(
        "---\nlicense: cc-by-4.0\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n"
        "    path: parts/*.parquet\n---\n# A set\n",
        encoding="utf-8",
    )


@dataclass(frozen=True)
class Written:
    """A layout that the test can write, and what of the items it holds.

    Attributes:
        write: to a folder.
        ids: whether items keep their ids.
        passages: whether it holds passages.
        ordered: whether options keep their order.
        options: how many an item has.
        passage: what becomes of a passage.
    """

    write: Callable[[Path, list[dict[str, Any]]], None]
    ids: bool = True
    passages: bool = True
    ordered: bool = True
    options: int = 4
    passage: Callable[[str], str] = str


def _turns(text: str) -> str:
    return text.replace("; ", "\n")


WRITTEN = {
    "RACE": Written(race_folder),
    "RACE of the Hub": Written(race_hub),
    "DREAM or C3": Written(dream, passage=_turns),
    "DREAM of the Hub": Written(dream_hub, passage=_turns),
    "C3 of the Hub": Written(c3_hub, passage=_turns),
    "ReClor": Written(reclor),
    "Cosmos QA": Written(cosmosqa),
    "MCTest": Written(mctest, passage=_turns),
    "MCScript 2.0": Written(mcscript, options=2),
    "MultiRC": Written(multirc),
    "MultiRC of SuperGLUE": Written(superglue, ids=False),
    "MultiRC of the Hub": Written(superglue_hub, ids=False),
    "SciQ": Written(sciq, ids=False, ordered=False),
    "ARC or OpenBookQA": Written(arc, passages=False),
    "ARC of the Hub": Written(arc_hub, passages=False),
    "OpenBookQA of the Hub": Written(openbookqa_hub, passages=False),
    "LogiQA": Written(logiqa, ids=False),
    "LogiQA of the Hub": Written(logiqa_hub, ids=False),
    "LogiQA 2.0": Written(logiqa2),
    "LogiQA 2.0 in Chinese": Written(logiqa2_chinese),
    "MMLU": Written(mmlu, ids=False, passages=False),
    "MMLU of the Hub": Written(mmlu_hub, ids=False, passages=False),
    "MMMLU": Written(mmmlu, ids=False, passages=False),
    "Global-MMLU": Written(global_mmlu, passages=False),
    "INCLUDE": Written(include, ids=False, passages=False),
    "XCOPA": Written(xcopa, ids=False, options=2),
    "Belebele": Written(belebele, ids=False),
    "Belebele's training set": Written(belebele_training, ids=False),
    "SEA-HELM": Written(seahelm),
    "SEA-HELM, from Global-MMLU": Written(seahelm_of_mmlu, passages=False),
    "SEA-HELM, from examinations": Written(seahelm_of_examinations, ids=False, passages=False),
    "EuroEval": Written(euroeval, ids=False),
    "columns known by their names": Written(saved_to_disk),
    "columns known by their names, from a card": Written(carded),
}
"""By the name that the description of a set gives."""
