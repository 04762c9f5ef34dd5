"""A page shows its text: in every script, each word where it is said to be, never a box for a missing sign."""

from __future__ import annotations

import io
import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from data.errors import UsageError
from data.images import font_chain as chains
from data.images.degradations import KINDS, degradation, written
from data.images.font_chain import font_chain
from data.images.installed_fonts import check_wanted, families_of, installed, script_of
from data.images.page_drawing import drawn_page
from data.images.page_layout import laid_out
from data.images.page_problem import PageImpossible
from data.images.page_settings import PageSettings, resolution, size_of
from data.images.page_table import PageImage
from data.languages import languages

AUTONYMS = {code: one.autonym for code, one in languages().items() if one.autonym}


def page_of(text: str, language: str, **asked: object) -> PageImage:
    return drawn_page("q1", language, script_of(language), text, PageSettings(**asked)).page  # type: ignore[arg-type]


def ink_of(page: PageImage) -> np.ndarray:
    return 255 - np.asarray(Image.open(io.BytesIO(page.image)).convert("L")).astype(int)


def inside(page: PageImage) -> bool:
    return all(
        one.x >= 0 and one.y >= 0 and one.width > 0 and one.height > 0
        and one.x + one.width <= page.width and one.y + one.height <= page.height
        for one in page.words
    )  # fmt: skip


def test_every_language_of_the_table_is_drawn_in_a_font_of_its_script() -> None:
    for code, autonym in AUTONYMS.items():
        done = drawn_page("q1", code, script_of(code), autonym, PageSettings("224"))
        assert done.page.words, code
        assert inside(done.page), code
        assert done.dotted_circles == 0, code
        named = {one.name for one in families_of(code, languages()[code].script, "sans")}
        assert named.issuperset(done.fonts), (code, done.fonts)
        ink = ink_of(done.page)
        for word in done.page.words:
            assert ink[word.y : word.y + word.height, word.x : word.x + word.width].max() > 100, (code, word)


def test_nearly_all_ink_is_in_the_boxes_of_words() -> None:
    for code in ("eng_Latn", "urd_Arab", "khm_Khmr", "bod_Tibt", "jpn_Jpan", "sat_Olck"):
        page = page_of(" ".join([AUTONYMS[code]] * 12), code)
        ink = ink_of(page)
        outside = ink.copy()
        for word in page.words:
            outside[word.y : word.y + word.height, word.x : word.x + word.width] = 0
        assert outside.sum() < 0.05 * ink.sum(), code


def test_a_sign_that_no_font_has_is_named_and_nothing_is_drawn() -> None:
    with pytest.raises(PageImpossible, match=r"U\+E123 \(a character without a name\)") as told:
        page_of("A sign \ue123 of nobody", "eng_Latn")
    assert told.value.kind == "no_glyph"
    with pytest.raises(PageImpossible, match=r"U\+0007"):
        page_of("A bell \x07 rings", "eng_Latn")


def test_a_language_without_a_font_is_told_the_package_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    few = {name: font for name, font in installed().items() if "Khmer" not in name and "CJK" not in name}
    monkeypatch.setattr(chains, "installed", lambda: few)
    chains._font_with.cache_clear()
    with pytest.raises(
        PageImpossible, match=r"Noto Sans Khmer or Noto Serif Khmer.*apt-get install fonts-noto-core"
    ):
        page_of(AUTONYMS["khm_Khmr"], "khm_Khmr")
    with pytest.raises(PageImpossible, match=r"U\+6C49.*apt-get install fonts-noto-cjk"):
        page_of("A 汉 in English", "eng_Latn")
    chains._font_with.cache_clear()


def test_every_run_is_asked_for_missing_glyphs_whatever_the_fonts_claim() -> None:
    fonts = [installed()["Noto Sans"]]
    with pytest.raises(PageImpossible, match="no installed font has every sign"):
        laid_out("ไทย", fonts, resolution("448"), [20.0], "th", rtl=False)


def test_signs_of_other_scripts_come_from_their_own_fonts() -> None:
    done = drawn_page("q1", "tha_Thai", "Thai", "ไทย Ελλάδα עברית 汉字 ☎", PageSettings())
    assert done.page.font == "Noto Sans Thai"
    assert {"Noto Sans Thai", "Noto Sans", "Noto Sans Hebrew"} < set(done.fonts)


def test_a_sign_that_stands_on_no_letter_is_counted() -> None:
    assert drawn_page("q1", "khm_Khmr", "Khmr", "ខ្មែរ \u17b6", PageSettings()).dotted_circles == 1


def test_right_to_left_text_begins_at_the_right_even_with_a_latin_word() -> None:
    page = page_of("ABC שלום עולם", "heb_Hebr", sizes=("20",))
    first, second, third = page.words
    assert [one.text for one in page.words] == ["ABC", "שלום", "עולם"]
    assert first.x > second.x > third.x
    assert first.x + first.width > page.width - 20
    same = page_of("ABC שלום", "eng_Latn", sizes=("20",)).words
    assert same[0].x < same[1].x


def test_words_are_whole_where_no_spaces_are_written() -> None:
    text = "ฉันไปโรงเรียนทุกวัน" * 8
    page = page_of(text, "tha_Thai")
    assert {one.text for one in page.words} == {"ฉัน", "ไป", "โรงเรียน", "ทุก", "วัน"}
    assert len({one.y for one in page.words}) > 1  # several lines
    khmer = page_of("ខ្ញុំទៅសាលារៀនរាល់ថ្ងៃ" * 8, "khm_Khmr")
    assert len({one.y for one in khmer.words}) > 2
    assert "".join(one.text for one in khmer.words) == "ខ្ញុំទៅសាលារៀនរាល់ថ្ងៃ" * 8


def test_a_word_wider_than_the_page_is_broken_and_has_a_box_on_each_line() -> None:
    page = page_of("so " + "long" * 40, "eng_Latn", resolution="224", sizes=("14",))
    assert len(page.words) > 3
    assert "".join(one.text for one in page.words[1:]) == "long" * 40
    assert inside(page)


def test_a_page_too_small_says_so() -> None:
    with pytest.raises(PageImpossible, match="larger --resolution") as told:
        page_of("word " * 400, "eng_Latn", resolution="224")
    assert told.value.kind == "page_too_small"
    with pytest.raises(PageImpossible, match="no text"):
        page_of(" \n ", "eng_Latn")


def test_the_largest_letters_that_fit_are_taken() -> None:
    text = "The market opens at eight. " * 9
    fitted = page_of(text, "eng_Latn").size
    page_of(text, "eng_Latn", sizes=(f"{fitted:g}",))
    with pytest.raises(PageImpossible):
        page_of(text, "eng_Latn", sizes=(f"{fitted + 1:g}",))


def test_the_same_text_gives_the_same_bytes_and_another_seed_others() -> None:
    pages = [page_of("Same text", "eng_Latn", degradation="noise=9", seed=seed) for seed in (1, 1, 2)]
    assert pages[0] == pages[1]
    assert pages[0].image != pages[2].image
    assert pages[0].words == pages[2].words


@pytest.mark.parametrize("asked", ["skew=8", "skew=-8,blur=1,contrast=0.5,noise=8,jpeg=30"])
def test_boxes_go_with_a_degraded_page(asked: str) -> None:
    page = page_of("One two three\nfour five six", "eng_Latn", degradation=asked)
    clean = page_of("One two three\nfour five six", "eng_Latn")
    assert page.degradation == asked
    assert page.path.endswith("jpg" if "jpeg" in asked else "png")
    assert inside(page)
    assert [one.text for one in page.words] == [one.text for one in clean.words]
    ink = ink_of(page)
    for word in page.words:
        assert ink[word.y : word.y + word.height, word.x : word.x + word.width].max() > 60, word
    ink[ink < 60] = 0
    total = ink.sum()
    for word in page.words:
        ink[word.y : word.y + word.height, word.x : word.x + word.width] = 0
    assert ink.sum() < 0.02 * total


def test_mixed_degradations_take_each_kind_and_none() -> None:
    found = {
        page_of(f"text {at}", "eng_Latn", resolution="224", degradation="mixed").degradation for at in range(40)
    }
    assert {one.partition("=")[0] for one in found} == {"", *KINDS}
    assert all(written(degradation(one)) == one for one in found)


@pytest.mark.parametrize("asked", ["fog=1", "blur", "blur=-1", "contrast=0", "jpeg=nan"])
def test_degradations_that_make_no_sense_are_refused(asked: str) -> None:
    with pytest.raises(UsageError, match="--degrade"):
        degradation(asked)


@pytest.mark.parametrize("name", ["225", "a4", "a4@9", "a4@9000", ""])
def test_pages_that_nobody_knows_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="--resolution takes"):
        resolution(name)


def test_sizes_and_fonts_are_checked() -> None:
    assert size_of("12.5") == "12.5"
    for wrong in ("3", "401", "big", "1e2"):
        with pytest.raises(UsageError, match="--size"):
            size_of(wrong)
    check_wanted(["sans", "Noto Serif"])
    with pytest.raises(UsageError, match="did you mean Noto Serif"):
        check_wanted(["Noto Seriff"])


def test_a_family_that_is_asked_for_is_drawn_with() -> None:
    done = drawn_page("q1", "eng_Latn", "Latn", "Serif", PageSettings(fonts=("Noto Serif",)))
    assert done.fonts == (done.page.font,) == ("Noto Serif",)
    assert page_of("متن", "pes_Arab", fonts=("nastaliq",)).font == "Noto Nastaliq Urdu"
    assert page_of("متن", "urd_Arab").font == "Noto Nastaliq Urdu"
    assert page_of("གཏམ", "bod_Tibt").font == "Noto Serif Tibetan"


SCRIPTS = "Aéßжλאبݐكकজਅઅଅஅఅಅഅඅกກཀကაሀកᱚⵀꯀߊ汉かカ한0٣१.,!?“”()%–\n \u200d\u200c\u0301\u064b\u093f\u1039\u17d2"


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(SCRIPTS), min_size=1, max_size=60), st.sampled_from(sorted(AUTONYMS)))
def test_any_text_is_drawn_or_refused_by_name(text: str, code: str) -> None:
    try:
        page = page_of(text, code)
    except PageImpossible:
        return
    assert inside(page)
    at = 0
    for word in page.words:  # in the order of the text
        at = page.text.index(word.text, at) + len(word.text)
    letters = [one for one in page.text if unicodedata.category(one)[0] in "LN"]
    assert [one for word in page.words for one in word.text if unicodedata.category(one)[0] in "LN"] == letters


def test_fonts_of_a_text_follow_from_the_text_alone() -> None:
    names = [font.family for font in font_chain("abc ไทย", families_of("eng_Latn", "Latn", "sans"))]
    assert names == ["Noto Sans", "Noto Sans Thai"]
