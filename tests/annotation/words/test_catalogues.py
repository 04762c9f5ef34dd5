"""Our catalogues have all that pages say, and nothing that a translator writes breaks a page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.stages import PAGES
from annotation.words import extraction
from annotation.words.catalogues import Words, ours, parse, template, unchecked, words_in
from annotation.words.form_words import spoken

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n'


def test_the_template_has_all_that_pages_say_and_nothing_else() -> None:
    assert (extraction.LOCALE / "messages.pot").read_text("utf-8") == extraction.written(), "run: make words"
    assert len(template()) > 300


@pytest.mark.parametrize("code", ["arb_Arab", "fra_Latn"])
def test_a_catalogue_of_ours_is_whole_and_none_of_it_is_doubtful(code: str) -> None:
    text = (extraction.LOCALE / f"{code}.po").read_text("utf-8")
    assert extraction.renewed(text) == text, "run: make words"
    held = ours()[code]
    assert (held.problems, held.unknown) == ((), ())
    assert set(held.texts) == set(template()), "a message has no translation"
    assert not held.checked and code in unchecked(), "as its head says, until a native speaker has read it"


def test_renewing_keeps_what_is_translated_drops_what_is_gone_and_guesses_nothing() -> None:
    before = HEAD + '\nmsgid "Yes"\nmsgstr "Ja"\n\nmsgid "Yes, of old"\nmsgstr "Ja, damals"\n'
    held = parse(extraction.renewed(before), template())
    assert (dict(held.texts), held.problems, held.unknown) == ({"Yes": "Ja"}, (), ())


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ('#, fuzzy\nmsgid "Yes"\nmsgstr "Oui"', "line 5: msgid “Yes”: it is marked fuzzy; check the translation"),
        ('msgid "Still missing: {count}"\nmsgstr "Manque : {cont}"', "it has {cont} where English has {count}"),
        (
            'msgid "Yes"\nmsgstr "{0}"',
            "line 4: msgid “Yes”: it has {0} where English has no place",
        ),
        ('msgid "Yes"\nmsgstr "a\\u0007b"'.replace("\\u0007", "\x07"), "the character U+0007"),
    ],
)
def test_a_message_that_cannot_be_shown_is_told_and_costs_nothing_else(message: str, said: str) -> None:
    found = parse(f'{HEAD}\n{message}\n\nmsgid "No"\nmsgstr "Non"\n', template())
    assert dict(found.texts) == {"No": "Non"}
    (problem,) = found.problems
    assert said in problem and problem.startswith("line ") and "English is shown" in problem


@pytest.mark.parametrize("text", ["{ not PO", 'msgid "a\nmsgstr', "\0", '"loose"'])
def test_a_file_that_is_no_catalogue_is_told_with_its_line(text: str) -> None:
    found = parse(text, template())
    assert not found.texts
    assert all(re.match(r"line \d+: ", problem) for problem in found.problems)


@given(st.text(max_size=200))
def test_whatever_a_file_holds_reading_it_never_fails(text: str) -> None:
    found = parse(HEAD + text, template())
    assert set(found.texts) <= set(template())


def test_a_person_reads_the_first_language_that_there_are_words_in() -> None:
    assert words_in(["swh_Latn", "fra_Latn"]).tag == "fr"
    assert words_in(["eng_Latn", "fra_Latn"]).texts == {}
    assert words_in([])("Yes") == "Yes"
    own = words_in(["swh_Latn"], {"swh_Latn": {"Yes": "Ndiyo"}})
    assert (own("Yes"), own("No"), own.direction) == ("Ndiyo", "No", "ltr")
    corrected = words_in(["fra_Latn"], {"fra_Latn": {"Yes": "Ouais"}})
    assert (corrected("Yes"), corrected("No")) == ("Ouais", "Non")
    assert corrected.version != words_in(["fra_Latn"]).version


@pytest.mark.parametrize("code", ["arb_Arab", "fra_Latn", "odd"])
def test_in_any_words_a_form_submits_what_it_submits_in_english(code: str) -> None:
    """Also in words that are full of what XML and CSS take for their own."""
    odd = Words("fra_Latn", {text: f"<&\"'>\\ {text}" for text in template()})
    words = odd if code == "odd" else words_in([code])
    for page in PAGES:
        english = page.config("swh_Latn", "eng_Latn", feedback=True)
        said = spoken(english, words)
        assert _frame(said) == _frame(english)
        shown = [one.get("value", "") for one in ET.fromstring(said).iter("Header")]
        assert any(text not in english for text in shown)
        for choices in ET.fromstring(said).iter("Choices"):
            labels = Counter(one.get("value") for one in choices.iter("Choice"))
            assert not labels or max(labels.values()) == 1, f"{page.stage}: two choices are called the same"
        assert f"--words: {words.tag}" in said


_MESSAGES = ("requiredMessage", "placeholder")


def _frame(form: str) -> list[tuple[str, dict[str, str]]]:
    """What a form asks for and submits, without what it says."""
    found = []
    for one in ET.fromstring(form).iter():
        kept = {
            name: value for name, value in one.attrib.items() if name not in ("requiredMessage", "placeholder")
        }
        if one.tag in ("Header", "Label") or (one.tag == "Choice" and "alias" in kept):
            kept.pop("value")
        if one.tag == "Style" and "--words" in (one.text or ""):
            continue
        if kept.get("className", "").startswith("page"):
            kept["className"] = kept["className"].replace(" rtl-words", "")
        found.append((one.tag, kept))
    return found


def test_english_words_leave_a_form_as_it_is() -> None:
    form = PAGES[0].config("eng_Latn", "eng_Latn")
    assert spoken(form, Words()) == form


def test_the_guideline_s_card_is_the_lead_s_and_stays() -> None:
    card = '<View className="guide">\n    <Header value="Yes" size="5"/>\n  </View>'
    form = f'<View className="page">\n{card}</View>'
    assert card in spoken(form, words_in(["fra_Latn"]))
