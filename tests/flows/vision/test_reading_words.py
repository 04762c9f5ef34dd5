"""The tiny model goes through all its stages and reads words that it has never seen."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from flows.cli.commands import main

LETTERS = {"eng_Latn": "abdeghikmnorstu", "rus_Cyrl": "абвгдежзиклмнорстуя"}
PAGES, WORDS = 48, 60


def made_words(folder: Path) -> Path:
    """Pages of words of two or three letters that mean nothing, so that none can be guessed from the others."""
    dice = random.Random(1)
    folder.mkdir()
    for language, letters in LETTERS.items():
        lines = []
        for page in range(PAGES):
            words = ["".join(dice.choice(letters) for _ in range(dice.choice((2, 3)))) for _ in range(WORDS)]
            about = {"item_id": f"p{page:03}", "language": language, "passage": " ".join(words) + "."}
            lines.append({**about, "question": "?", "options": ["a", "b"], "answer": 1})
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{language}.jsonl").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.slow
def test_the_tiny_model_reads_words_that_it_has_never_seen(tmp_path: Path) -> None:
    """The error rate of each script is below what is guessed without looking, and the intervals do not touch."""
    pages, out = tmp_path / "pages", tmp_path / "model"
    words = [
        "render",
        str(made_words(tmp_path / "set")),
        "--out",
        str(pages),
        "--answer-from",
        "1",
        "--size",
        "22",
    ]
    drawn = CliRunner().invoke(main, words)
    assert drawn.exit_code == 0, drawn.output
    ran = CliRunner().invoke(main, ["vision", "--train", str(pages / "pages"), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    told = json.loads((out / "training.json").read_text("utf-8"))
    assert [lesson["stage"]["number"] for lesson in told["lessons"]] == [0, 1, 2, 3]
    for lesson in told["lessons"]:
        assert set(lesson["changed"]) == set(lesson["stage"]["trains"])
    reading = told["lessons"][-1]["reading"]
    for seeing, blank, other in zip(reading["seeing"], reading["blank"], reading["other"], strict=True):
        assert seeing["high"] < min(blank["low"], other["low"]), seeing["script"]
    *_, whole = reading["seeing"]
    assert whole["rate"] < 0.85
