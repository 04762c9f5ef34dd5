"""Answers to the checks' findings as notes in XLIFF: out, back, and about another finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from data.errors import ImportRefused
from data.exchange import xliff
from data.ledger.events import FindingAnswered, details_of
from flows.offline.work_import import import_work
from flows.offline.xliff_export import export_xliff
from tests.flows.small_campaign import BOATS, FRENCH, TEXTS, Small, at

OPTIONS = list(TEXTS[BOATS, FRENCH]["answers"])
MIXED = "Sous le vieux p\N{CYRILLIC SMALL LETTER O}nt"
BRACKET = f"{OPTIONS[3]} (😀"
NS = {"x": xliff.NAMESPACE}


def written(small: Small, key: str, folder: Path, *notes: str) -> tuple[Path, list[str]]:
    """A person's work with every text of a task final, and notes of theirs; and the findings that stood there."""
    file = folder / "work.xlf"
    file.unlink(missing_ok=True)
    export_xliff(small.state, key.split("/")[4], str(file))
    tree = etree.parse(str(file))
    units = [unit for unit in tree.iterfind(".//x:trans-unit", NS) if unit.get("id").startswith(f"{key}#")]
    asked = [note.text for unit in units for note in unit.iterfind("x:note", NS)]
    texts = dict(zip(("question", *(f"answer{n}" for n in range(1, 5))), units, strict=True))
    for unit in texts.values():
        unit.find("x:target", NS).set("state", "final")
    for note in notes:
        added = etree.SubElement(texts["answer2"], f"{{{xliff.NAMESPACE}}}note")
        added.text = note
    tree.write(str(file), encoding="UTF-8", xml_declaration=True)
    return file, [note for note in asked if note and note.startswith("Finding")]


def answers(small: Small) -> list[tuple[str, str, str, str | None]]:
    given = details_of(small.state.events(FindingAnswered), FindingAnswered)
    return [(one.answer, one.check, one.why, one.words) for one in given]


def test_findings_are_contested_dismissed_and_mended_in_a_program_of_ones_own(tmp_path: Path):
    small = at("translating", tmp_path)
    draft = {"answer2": MIXED, "answer4": BRACKET}
    small.submit(*small.keys("translating", FRENCH, BOATS), **draft)
    small.advance()
    (back,) = small.keys("translating", FRENCH, BOATS)
    _, (asked,) = written(small, back, tmp_path)
    mark = re.findall(r"Finding (1-[0-9a-f]{4}): ", asked)[0]
    assert "mistaken | usual | source | other: why" in asked and "mend" not in asked
    file, _ = written(small, back, tmp_path, f"finding {mark}: other: The village writes; it 2 ways.")
    assert import_work(small.state, str(file)).pieces == 1
    small.advance()
    assert answers(small) == [("contested", "mixed_script", "other", "The village writes; it 2 ways.")]

    (key,) = small.keys("proofreading", FRENCH, BOATS)
    _, asked_again = written(small, key, tmp_path)
    marks = [re.findall(r"Finding (\d-[0-9a-f]{4}): ", one)[0] for one in asked_again]
    assert "disagrees: The village" in asked_again[0] and "mend |" in asked_again[0]
    assert [mark.partition("-")[0] for mark in marks] == ["1", "2"]
    notes = (f"Finding {marks[0].upper()} : Mend", f"finding {marks[1]}: mistaken")
    file, _ = written(small, key, tmp_path, *notes)
    assert import_work(small.state, str(file)).pieces == 1
    small.advance()
    assert sorted(answers(small)[1:]) == [
        ("dismissed", "unpaired_brackets", "mistaken", None), ("mended", "mixed_script", "", None),
    ]  # fmt: skip
    assert list(small.translation(BOATS, FRENCH)["answers"]) == [*OPTIONS[:3], BRACKET]


def test_an_answer_to_another_finding_and_a_word_that_is_none_are_refused_by_name(tmp_path: Path):
    small = at("translating", tmp_path)
    small.submit(*small.keys("translating", FRENCH, BOATS), answer2=MIXED)
    small.advance()
    (back,) = small.keys("translating", FRENCH, BOATS)
    for note, told in (
        ("finding 1-0000: usual", f"the note on finding 1-0000 of task {back} is about another finding"),
        ("finding 7: usual", f"the note on finding 7 of task {back} is about another finding"),
        ("finding 1: mend", "about_findings cannot be '1 mend'"),
        ("finding 1: nonsense", "about_findings cannot be '1 nonsense'"),
    ):
        file, _ = written(small, back, tmp_path, note)
        with pytest.raises(ImportRefused) as refused:
            import_work(small.state, str(file))
        assert told in str(refused.value.problems)
    assert answers(small) == []
