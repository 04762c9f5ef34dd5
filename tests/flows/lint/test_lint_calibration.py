"""`belebele lint --calibration`: learned checks judge by passages that are given beside the set."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from data.environment import fits_dir
from flows.calibrations import learned_meanings
from flows.cli.commands import main
from flows.lint.lint_calibration import LearnedHere
from flows.runners import worker_processes
from qc.checks.meaning_checks import MEANING_SUITE
from qc.reports.lint_report import schema
from tests.tiny_models import encoder_folder, estimator_folder, lid_file

SYLLABLES = {
    "eng_Latn": ["th", "ea", "ou", "ing", "st", "er", "wh", "igh", "ow", "ee", "ry", "ble", "ck", "dge", "ness"],
    "swh_Latn": ["wa", "ki", "mu", "za", "nye", "li", "ku", "ha", "vi", "ji", "pa", "tu", "shi", "ngo", "mba"],
    "fra_Latn": ["eau", "é", "ch", "oi", "que", "ai", "gn", "elle", "eu", "ou", "ss", "ê", "aux", "ien", "té"],
}


def vocabulary(code: str, size: int = 150) -> list[str]:
    """Made-up words, so that the place in the list is the meaning."""
    draw = np.random.default_rng(len(code))
    made: dict[str, None] = {}
    while len(made) < size:
        made["".join(draw.choice(SYLLABLES[code], draw.integers(2, 5)))] = None
    return list(made)


WORDS = {code: vocabulary(code) for code in SYLLABLES}


def said(code: str, meaning: list[int]) -> str:
    return " ".join(WORDS[code][place] for place in meaning)


@pytest.fixture(scope="module")
def passages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Parallel passages in three languages."""
    draw = np.random.default_rng(3)
    file = tmp_path_factory.mktemp("passages") / "passages.jsonl"
    lines = []
    for number in range(105):
        meanings = [list(map(int, draw.integers(0, 150, 14))) for _ in range(3)]
        for code in SYLLABLES:
            sentences = [f"{said(code, one[:7])}, {said(code, one[7:])}." for one in meanings]
            lines.append({"passage_id": f"p{number}", "language": code, "sentences": sentences})
    file.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")
    return file


def write_set(folder: Path) -> None:
    """Twelve items; in Swahili one has swapped options and one is French."""
    draw = np.random.default_rng(4)
    folder.mkdir()
    items: dict[str, list[dict[str, Any]]] = {"eng_Latn": [], "swh_Latn": []}
    for number in range(12):
        question, *options = [list(map(int, draw.integers(0, 150, 7 + 4 * (n == 0)))) for n in range(5)]
        for code, lines in items.items():
            order = [1, 0, 2, 3] if (code, number) == ("swh_Latn", 4) else [0, 1, 2, 3]
            of = "fra_Latn" if (code, number) == ("swh_Latn", 7) else code
            lines.append({"id": f"i{number}", "passage": said(code, question[::-1]),
                          "question": said(of, question) + "?",
                          "options": [said(of, options[place]) for place in order], "answer": 3})  # fmt: skip
    for code, lines in items.items():
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        (folder / f"{code}.jsonl").write_text(text, "utf-8")


def linted(folder: Path, *more: str) -> dict[str, Any]:
    given = ["lint", str(folder / "set"), "--out", str(folder / "out"), "--source-language", "eng_Latn"]
    done = CliRunner().invoke(main, [*given, "--answer-from", "1", "--json", *more])
    assert done.exit_code in (0, 1), done.output
    document: dict[str, Any] = json.loads((folder / "out" / "report.json").read_text("utf-8"))
    Draft202012Validator(schema()).validate(document)
    return document


def told(document: dict[str, Any], check: str) -> dict[str, Any]:
    (found,) = [one["languages"]["swh_Latn"] for one in document["checks"] if one["check"] == check]
    return found


@pytest.mark.slow
def test_learned_checks_judge_by_given_passages(
    tmp_path: Path, passages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    write_set(tmp_path / "set")
    without = linted(tmp_path)
    assert not {check.name for check in MEANING_SUITE} & {one["check"] for one in without["checks"]}
    assert told(without, "language_identified")["expected"] is None

    document = linted(tmp_path, "--calibration", str(passages))
    found = {(one["check"], one["item_id"]) for one in document["findings"] if one["language"] == "swh_Latn"}
    assert ("language_identified", "i7") in found and ("options_swapped", "i4") in found
    assert {one["level"] for one in document["findings"] if one["check"] == "options_swapped"} == {"note"}
    read = told(document, "language_identified")
    assert (read["judged"], read["flagged"], read["rate_from"]) == (12, 1, "passages")
    assert read["expected"] == pytest.approx(12 * 0.05 / 6)  # six learned checks share 5 %
    assert told(document, "options_swapped")["judged"] == 12
    assert told(document, "blank_text")["rate_from"] == "translations by people"
    assert told(document, "numbers_kept")["expected"] is None
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert "expected by chance" in page

    with monkeypatch.context() as patch:
        patch.setattr(worker_processes, "WORTH", 1)
        patch.setenv(worker_processes.PROCESSES, "2")
        assert linted(tmp_path, "--calibration", str(passages)) == document

    saved = {file.name: file.stat().st_mtime_ns for file in fits_dir().iterdir()}
    learned_meanings._learned.clear()  # as in another process
    assert linted(tmp_path, "--calibration", str(passages)) == document
    assert {file.name: file.stat().st_mtime_ns for file in fits_dir().iterdir()} == saved  # nothing learned anew


def test_passages_that_are_none_are_refused_at_once(tmp_path: Path, passages: Path) -> None:
    write_set(tmp_path / "set")
    given = ["lint", str(tmp_path / "set"), "--out", str(tmp_path / "out"), "--answer-from", "1", "--calibration"]
    assert "does not look like a source" in CliRunner().invoke(main, [*given, str(tmp_path)]).output
    lines = passages.read_text("utf-8").splitlines()
    other = tmp_path / "other.jsonl"
    other.write_text("\n".join(line for line in lines if "fra_Latn" in line), "utf-8")
    refused = CliRunner().invoke(main, [*given, str(other)])
    assert "has no text in a language of the set (eng_Latn, swh_Latn)" in refused.output
    assert refused.exit_code == 2


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Options that name an encoder that knows every word, an estimator and a fastText model."""
    folder = tmp_path_factory.mktemp("models")
    draw = np.random.default_rng(5)
    vectors = draw.normal(size=(150, 32)).tolist()
    meanings = {word: vectors[place] for code in SYLLABLES for place, word in enumerate(WORDS[code])}
    words = sorted(meanings)
    labelled = {
        code: [said(code, list(map(int, draw.integers(0, 150, 20)))) for _ in range(60)]
        for code in ("fra_Latn", "swh_Latn")
    }
    return [
        "--encoder", str(encoder_folder(folder / "encoder", meanings, words)),
        "--qe", str(estimator_folder(folder / "qe", words)),
        "--lid-model", str(lid_file(folder / "lid.bin", labelled)),
    ]  # fmt: skip


def test_models_from_elsewhere_judge_beside_what_is_learned(
    tmp_path: Path, passages: Path, models: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    write_set(tmp_path / "set")
    monkeypatch.setattr(worker_processes, "WORTH", 1)
    monkeypatch.setenv(worker_processes.PROCESSES, "2")
    asked = list[object]()

    def apart(work: Callable[[Any], Any], parts: Mapping[str, Any], processes: int) -> Iterator[tuple[str, Any]]:
        asked.append(work)
        return ((code, work(part)) for code, part in parts.items())

    monkeypatch.setattr(worker_processes, "_apart", apart)
    without = models.index("--qe")  # which reads each pair: the tests of the model itself cover it
    document = linted(tmp_path, "--calibration", str(passages), *models[:without], *models[without + 2 :])
    given = [one for work in asked if isinstance(work, partial) for one in work.args]
    assert asked and not any(isinstance(one, LearnedHere) for one in given)  # models are opened here alone
    found = {(one["check"], one["item_id"]) for one in document["findings"] if one["language"] == "swh_Latn"}
    assert ("options_swapped", "i4") in found and ("fasttext_identified", "i7") in found
    read = told(document, "fasttext_identified")
    assert (read["judged"], read["flagged"], read["unjudged"]) == (12, 1, 0)
    assert read["expected"] == pytest.approx(12 * 0.05 / 7)  # seven learned checks share 5 %
    assert told(document, "language_identified")["expected"] == pytest.approx(12 * 0.05 / 7)
    (source,) = [
        one["languages"]["eng_Latn"] for one in document["checks"] if one["check"] == "fasttext_identified"
    ]
    assert source["judged"] == 0  # the model has no label for it


def test_models_that_are_none_are_refused_at_once(tmp_path: Path, passages: Path, models: list[str]) -> None:
    write_set(tmp_path / "set")
    given = ["lint", str(tmp_path / "set"), "--out", str(tmp_path / "out"), "--answer-from", "1"]
    alone = CliRunner().invoke(main, [*given, *models])
    assert (alone.exit_code, "--encoder judges by what correct texts give" in alone.output) == (2, True)
    for option in models[::2]:
        refused = CliRunner().invoke(main, [*given, "--calibration", str(passages), option, str(tmp_path / "no")])
        assert (refused.exit_code, f"{option} {tmp_path / 'no'}: " in refused.output) == (2, True), refused.output
    assert not (tmp_path / "out").exists()
