"""Terms of a glossary in every kind of script, inflected, replaced, and too short to tell."""

import pandas as pd
import pytest

from annotation.forms.glossary_matching import found
from qc.checks.term_checks import GlossaryTerms, stands, terms_kept


def glossary(code, **renderings):
    terms = {term: tuple(given) for term, given in renderings.items()}
    return {code: GlossaryTerms(terms, lambda text: found(text, terms))}


@pytest.mark.parametrize(
    ("code", "rendering", "inflected", "another"),
    [
        ("fin_Latn", "leipuri", "Kaksi leipurin uunia", "kaksi kokkia"),
        ("tur_Latn", "fırın", "FIRINLARIMIZDAN biri", "ocaktan"),
        ("deu_Latn", "Bäcker", "die Backerei der Bäckern", "der Koch"),
        ("swh_Latn", "mwokaji", "waokaji wawili", "wapishi wawili"),
        ("rus_Cyrl", "старая гавань", "в старой гавани", "в новом порту"),
        ("arb_Arab", "خباز", "اتفق الخبّازون", "اتفق الطهاة"),
        ("heb_Hebr", "מאפייה", "שתי המאפיות", "שתי הטבחיות"),
        ("hin_Deva", "बेकरी", "बेकरियों में", "दुकान में"),
        ("mya_Mymr", "မုန့်ဖုတ်သမား", "ထိုမုန့်ဖုတ်သမားများ", "ထမင်းချက်များ"),
        ("khm_Khmr", "អ្នកដុតនំ", "ពួកអ្នកដុតនំពីរនាក់", "ចុងភៅពីរ"),
        ("tha_Thai", "คนทำขนมปัง", "เหล่าคนทำขนมปังสองคน", "พ่อครัวสองคน"),
        ("jpn_Jpan", "パン屋", "二人のパン屋さんが", "二人の料理人が"),
        ("zho_Hans", "面包师", "两位面包师共用", "两位厨师共用"),
        ("kor_Hang", "제빵사", "두 제빵사가", "두 요리사가"),
    ],
)
def test_a_rendering_stands_inflected_and_another_does_not(code, rendering, inflected, another):
    assert stands(rendering, inflected, code) is True
    assert stands(rendering, another, code) is False


@pytest.mark.parametrize(("code", "rendering", "text"), [("zho_Hans", "港", "码头"), ("heb_Hebr", "ים", "אגם")])
def test_what_is_too_short_is_not_told_but_where_it_stands(code, rendering, text):
    assert stands(rendering, text, code) is None
    assert stands(rendering, f"{text}{rendering}", code) is True


def test_a_missing_rendering_is_noted_at_its_part_with_the_rendering_offered(items):
    known = glossary("fra_Latn", harbour=["port", "havre"], oven=["four"])
    table = items(
        {
            "language": "fra_Latn", "kind": "draft", "question": "Pourquoi le havre gela-t-il ?",
            "answers": ["Le quai gela", "Un fourneau", "c", "d"], "source_question": "Why did the harbour freeze?",
            "source_answers": ["The Harbour froze", "Two ovens", "c", "d"],
        }
    )  # fmt: skip
    got = terms_kept(table, glossary=known)
    assert got["flagged"].tolist() == [True]
    (span,) = got["spans"].iloc[0]
    assert (span.part, span.fix) == ("option_1", None)
    assert span.reason == "option 1 has no “port” or “havre”, by which the glossary renders “harbour”"


def test_without_a_glossary_or_a_term_there_is_nothing_to_judge(items):
    table = items(
        {"language": "fra_Latn", "kind": "draft", "source_question": "Why?", "source_answers": ["a"] * 4}
    )
    for known in (None, {}, glossary("fra_Latn", oven=["four"]), glossary("deu_Latn", why=["warum"])):
        got = terms_kept(table, glossary=known)
        assert got["flagged"].tolist() == [False] and got["applicable"].tolist() == [False]


def test_a_term_that_cannot_be_told_gives_null(items):
    table = items(
        {"language": "zho_Hans", "kind": "draft", "question": "码头？", "answers": ["甲", "乙", "丙", "丁"],
         "source_question": "The harbour?", "source_answers": ["a", "b", "c", "d"]}
    )  # fmt: skip
    got = terms_kept(table, glossary=glossary("zho_Hans", harbour=["港"]))
    assert pd.isna(got["flagged"].iloc[0]) and "港" in got["reason"].iloc[0]


def test_an_arabic_rendering_stands_without_its_article() -> None:
    assert stands("السائق", "يواجه سائق المركبة", "arb_Arab") is True
    assert stands("الأرض", "رادارا أرضيا", "arb_Arab") is True
    assert stands("السائق", "يواجه صاحب المركبة", "arb_Arab") is None  # two consonants do not tell
    assert stands("المحرك", "انفصل جناح", "arb_Arab") is False
