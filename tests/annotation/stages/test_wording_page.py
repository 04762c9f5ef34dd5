"""The page on which the words around an item are written, in a real Label Studio and a real Chromium."""

import pytest
from playwright.sync_api import expect

from annotation.stages import wording_page
from data.prompt_words import (
    ENGLISH_PROMPT_WORDS,
    NO_BREAK_SPACE,
    PROMPT_WORD_NAMES,
    PromptWords,
    wording_problems,
)
from tests.annotation.stages.test_pages_in_browser import Desk, desk, signed_in  # noqa: F401 - fixtures
from tests.chromium_fixture import take_by_key

ARABIC = {
    "passage_word": "النص", "question_word": "السؤال", "answer_word": "الإجابة", "option_labels": "أ ب ج د",
    "colon": ":", "word_space": " ", "sentence_space": " ",
    "instruction": "اقرأ النص واختر الإجابة الصحيحة عن السؤال: {labels}.",
}  # fmt: skip
CHINESE = {
    "passage_word": "文章", "question_word": "问题", "answer_word": "答案", "option_labels": "A B C D",
    "colon": "：", "word_space": "", "sentence_space": "", "instruction": "选出正确答案：{labels}。",
}  # fmt: skip


@pytest.mark.parametrize("words", [ARABIC, CHINESE, {**ARABIC, "colon": f"{NO_BREAK_SPACE}:"}])
def test_what_is_written_is_what_is_read(words: dict[str, str]) -> None:
    reading = wording_page.read(wording_page.result(words=words), {})
    assert reading.problems == ()
    assert reading.fields == {"words": words}
    assert tuple(reading.fields["words"]) == PROMPT_WORD_NAMES


def test_our_english_words_are_right_and_make_a_prompt() -> None:
    assert wording_problems(dict(ENGLISH_PROMPT_WORDS.items())) == []
    assert wording_page.example(ENGLISH_PROMPT_WORDS)[-1] == "Answer:"
    assert wording_page.example(PromptWords(**CHINESE))[:2] == ["选出正确答案：A/B/C/D。", "文章：…"]


@pytest.mark.browser
@pytest.mark.real_server
def test_a_proofreader_reads_the_words_by_keyboard(desk: Desk) -> None:  # noqa: F811
    payload = wording_page.payload(language="arb_Arab", draft=ARABIC)
    desk.open("wording", wording_page.config("arb_Arab"), payload)
    page = desk.page
    expect(page.locator(".page .drafted .shown").nth(1)).to_have_text(f"{ARABIC['passage_word']}: …")
    expect(page.locator(".page .drafted .shown .lsf-richtext__container").first).to_have_css("direction", "rtl")
    desk.picture("wording-arabic")
    for key, name in (
        ("n", "no space before it"),
        ("w", "a space between words"),
        ("j", "no space between sentences, as in Chinese"),
    ):
        take_by_key(page, key, name)
    desk.picture("wording-arabic-end")
    read = desk.submit(wording_page.read, payload)
    assert read.fields == {"words": {**ARABIC, "sentence_space": ""}}
