"""An independent witness reads what was drawn: Debian's tesseract, in a script of each kind."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import unicodedata
from pathlib import Path

import pytest

from data.images.installed_fonts import script_of
from data.images.page_drawing import drawn_page
from data.images.page_settings import PageSettings
from data.images.page_table import PageImage
from tests.clean_set import records

pytestmark = pytest.mark.slow

MODELS = {"eng_Latn": "eng", "rus_Cyrl": "rus", "arb_Arab": "ara", "hin_Deva": "hin"}
"""The sample's languages that the CI's tesseract reads."""

OWN_WORDS = {
    "tha_Thai": ("tha", "ตลาดเปิดตอนเช้า ชาวบ้านขายปลาและข้าว เด็กเดินไปโรงเรียน แม่ทำขนมปังที่บ้าน"),
    "khm_Khmr": ("khm", "ផ្សារបើកនៅពេលព្រឹក អ្នកភូមិលក់ត្រីនិងអង្ករ ក្មេងដើរទៅសាលារៀន"),
    "jpn_Jpan": ("jpn", "市場は朝に開く。村の人は魚と米を売る。子供は学校へ歩いて行く。"),
}


def tesseract(page: PageImage, model: str, folder: Path) -> str:
    """What tesseract reads on a page, taken as one block of text."""
    if shutil.which("tesseract") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no tesseract here: apt-get install tesseract-ocr tesseract-ocr-{model}")
        pytest.skip("no tesseract here")
    picture = folder / page.path.replace("/", "-")
    picture.write_bytes(page.image)
    command = ["tesseract", str(picture), "-", "-l", model, "--psm", "6", "--dpi", "150"]
    alone = {**os.environ, "OMP_THREAD_LIMIT": "1"}  # its threads wait for each other longer than they read
    return subprocess.run(command, capture_output=True, text=True, check=True, env=alone).stdout


def plain(text: str) -> str:
    kept = (one for one in unicodedata.normalize("NFKC", text) if unicodedata.category(one)[0] in "LNM")
    return "".join(kept).casefold()


def alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, plain(one), plain(other), autojunk=False).ratio()


def page_of(language: str, text: str, **asked: object) -> PageImage:
    settings = PageSettings("a4@150", sizes=("40",), **asked)  # type: ignore[arg-type]
    return drawn_page("q1", language, script_of(language), text, settings).page


@pytest.mark.parametrize("language", MODELS)
def test_the_sample_is_read_back(language: str, tmp_path: Path) -> None:
    text = records()[language][0]["passage"][:300]
    assert alike(tesseract(page_of(language, text), MODELS[language], tmp_path), text) > 0.93


@pytest.mark.parametrize("language", OWN_WORDS)
def test_scripts_without_spaces_are_read_back(language: str, tmp_path: Path) -> None:
    model, text = OWN_WORDS[language]
    assert alike(tesseract(page_of(language, text), model, tmp_path), text) > 0.85


def test_a_degraded_page_is_harder_to_read(tmp_path: Path) -> None:
    text = records()["eng_Latn"][0]["passage"][:300]
    clean = alike(tesseract(page_of("eng_Latn", text), "eng", tmp_path), text)
    spoiled = page_of("eng_Latn", text, degradation="blur=12,contrast=0.2")
    assert alike(tesseract(spoiled, "eng", tmp_path), text) < clean - 0.2


def test_tesseract_finds_words_where_the_boxes_are(tmp_path: Path) -> None:
    page = page_of("eng_Latn", records()["eng_Latn"][0]["passage"][:300])
    picture = tmp_path / "page.png"
    picture.write_bytes(page.image)
    command = ["tesseract", str(picture), "-", "-l", "eng", "--psm", "6", "--dpi", "150", "tsv"]
    lines = [
        line.split("\t") for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    ]
    seen = {line[11]: [int(number) for number in line[6:10]] for line in lines[1:] if line[11].isalpha()}
    ours = {one.text: one for one in page.words}
    both = [name for name in seen if name in ours and sum(one.text == name for one in page.words) == 1]
    assert len(both) >= 10
    for name in both:
        left, _, width, _ = seen[name]
        assert abs(left - ours[name].x) < 8 and abs(left + width - ours[name].x - ours[name].width) < 8, name
