"""Names are made up here: the same few stand in the passages of many documents, in several scripts."""

import pandas as pd
import pytest

from qc.checks.name_checks import names_kept
from qc.translation_models.meaning.parallel_cuts import ParallelText
from qc.translation_models.name_spelling import consonants, learned, same_name

NAMES = {
    "deu_Latn": ("Bordelan", "Bordelan", "Bordolan"),
    "arb_Arab": ("Bordelan", "بورديلان", "بورداليان"),
    "heb_Hebr": ("Bordelan", "בורדלאן", "בורדאלן"),
    "hin_Deva": ("Bordelan", "बोर्देलान", "बोर्दोलान"),
    "jpn_Jpan": ("Bordelan", "ボルデラン", "ボルダラン"),
    "tha_Thai": ("Charlott", "ชาร์ล็อตต์", "ชาร์ลอตต์"),
}
FILLER = {
    "deu_Latn": "das alte Boot kam spät zurück", "arb_Arab": "عاد القارب القديم متأخرا",
    "heb_Hebr": "הסירה הישנה חזרה מאוחר", "hin_Deva": "पुरानी नाव देर से लौटी",
    "jpn_Jpan": "古い船が遅く戻った", "tha_Thai": "เรือเก่ากลับมาช้า",
}  # fmt: skip
SPACE = {"jpn_Jpan": "「", "tha_Thai": " "}


def _sentences(code):
    name = NAMES[code][1]
    line = f"{name}{SPACE.get(code, ' ')}{FILLER[code]}"
    own = f"The old boat of {NAMES[code][0]} came back very late, and nobody had seen it on the river."
    plain = "The old boat came back very late on that day, and nobody had seen it on the river."
    made = [ParallelText(plain, FILLER[code], f"d{number // 3}") for number in range(420)]
    return [*made, *(ParallelText(own, line, "new") for _ in range(2))]


@pytest.fixture(scope="module")
def names():
    return {code: learned(code, _sentences(code), 0.01) for code in NAMES}


def _item(items, code, word, **more):
    name = NAMES[code][0]
    question = f"Why did the old boat that people knew so well belong to {name} at long last, after all?"
    passage = f"{NAMES[code][1]}{SPACE.get(code, ' ')}{FILLER[code]}"
    told = f"{FILLER[code]}{SPACE.get(code, ' ')}{word}"
    return items(
        {
            "language": code, "kind": "draft", "passage_id": "new", "passage": passage, "question": told,
            "answers": ["a", "b", "c", "d"], "source_question": question, "source_answers": ["a", "b", "c", "d"],
            **more,
        }
    )  # fmt: skip


def _only(found):
    flag = found["flagged"].iloc[0]
    return None if pd.isna(flag) else bool(flag)


@pytest.mark.parametrize("code", NAMES)
def test_a_name_that_the_passage_spells_otherwise_is_placed(code, names, items):
    _, right, wrong = NAMES[code]
    assert _only(names_kept(_item(items, code, right), names=names)) is False
    table = _item(items, code, wrong)
    found = names_kept(table, names=names)
    assert _only(found) is True
    (span,) = found["spans"].iloc[0]
    assert span.part == "question"
    assert table["question"].iloc[0][span.start : span.end] == wrong
    assert span.fix == (right if code == "deu_Latn" else None)  # across scripts the spelling is not certain
    assert found["reason"].iloc[0] == f"“{NAMES[code][0]}” is “{right}” in the passage, and “{wrong}” here"


def test_offsets_are_code_points_beyond_the_basic_plane(names, items):
    table = _item(items, "deu_Latn", "Bordolan")
    table["question"] = "𐍈😀 " + table["question"]
    (span,) = names_kept(table, names=names)["spans"].iloc[0]
    assert table["question"].iloc[0][span.start : span.end] == "Bordolan"


def test_forms_of_a_name_and_other_words_pass(names, items):
    for word in ("Bordelans", "Bordelan's", "der Mann", "BORDELAN"):
        assert _only(names_kept(_item(items, "deu_Latn", word), names=names)) is False


def test_what_cannot_be_told_is_not_judged(names, items):
    table = _item(items, "deu_Latn", "Bordolan")
    for learned_names in (None, {}):
        assert _only(names_kept(table, names=learned_names)) is None
    assert _only(names_kept(table.assign(passage_id="never seen"), names=names)) is None
    assert _only(names_kept(table.assign(source_language="tha_Thai"), names=names)) is None
    short = table.assign(source_question="Bordelan?", source_answers=[["a"]], answers=[["a"]])
    assert _only(names_kept(short, names=names)) is None  # no correct text is that short
    found = names_kept(items({}), names=names)
    assert _only(found) is False and not found["applicable"].iloc[0]


def test_consonants_in_other_scripts():
    for word in ("كينيدي", "קנדי", "केनेडी", "ケネディ", "เคนเนดี", "케네디", "Кеннеди", "Κένεντι", "კენედი"):
        assert consonants(word)[:2] == consonants("Kennedy")[:2], word
    assert consonants("肯尼迪") == ()
    assert same_name("Ankara", "Ankara’da") and not same_name("Venus", "Vonas")
