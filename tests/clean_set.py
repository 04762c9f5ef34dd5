"""The sample campaign's accepted items in all its languages, as anybody's set in files: it holds no fault.

What a campaign releases of the sample is played by slow tests; here the same texts are taken from its script.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.ledger.tables import question_id
from data.sample import load

Record = dict[str, Any]


def records() -> dict[str, list[Record]]:
    """The items by language, source first: id, passage, question, options, answer (from 1)."""
    sample = load()
    kept = {fate.question for fate in sample.fates if fate.outcome == "keep"}
    texts = {(one.passage_id, one.language): " ".join(one.sentences) for one in sample.passages}
    last = {slot.question: slot.drafts[-1] for slot in sample.slots if slot.question in kept}
    keys = {name: draft.key for name, draft in last.items()}
    made = {
        "eng_Latn": [
            _record(name, texts[slot.passage_id, "eng_Latn"], draft.question, draft.answers, keys[name])
            for slot in sample.slots
            if (name := slot.question) in kept
            for draft in [last[name]]
        ]
    }
    for code, renderings in sample.translations.items():
        made[code] = [
            _record(name, texts[one.passage_id, code], one.question, one.answers, keys[name])
            for one in renderings
            if (name := question_id(one.passage_id, one.question_number)) in kept
        ]
    return made


def _record(name: str, passage: str, question: str, options: Any, key: int) -> Record:
    return {"id": name, "passage": passage, "question": question, "options": list(options), "answer": key}


def write_set(folder: Path, change: Callable[[dict[str, list[Record]]], None] = lambda _: None) -> Path:
    """The set as a file of JSON lines for each language, changed where `change` changes it."""
    made = records()
    change(made)
    folder.mkdir(parents=True, exist_ok=True)
    for code, lines in made.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{code}.jsonl").write_text(text, encoding="utf-8")
    return folder
