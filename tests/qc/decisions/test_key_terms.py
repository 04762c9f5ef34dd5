"""The key's terms and names: as in the passage, otherwise, and where nothing is known."""

import pytest

from annotation.forms.glossary_matching import found
from qc.checks.term_checks import GlossaryTerms
from qc.decisions.key_terms import KeyTerms, KeyText, key_terms

SOURCE = KeyText("eng_Latn", "The harbour froze. Because Bordelan knew it, Ostergard went.", "Bordelan did")
TERMS = {"harbour": ("port",)}
GLOSSARY = GlossaryTerms(TERMS, lambda text: found(text, TERMS))


@pytest.mark.parametrize(
    ("code", "passage", "answer", "known"),
    [
        ("fra_Latn", "Le port gela. Bordelan le savait.", "Bordelan", KeyTerms(1, 1)),
        ("fra_Latn", "Le port gela. Bordelan le savait.", "Bordolan", KeyTerms(1, 0)),
        ("fra_Latn", "Le port gela. Elle le savait.", "Bordelan", KeyTerms(0, 0)),
        ("arb_Arab", "كان بورديلان يعرف ذلك", "بورديلان", KeyTerms(1, 1)),
        ("heb_Hebr", "בורדלאן ידע זאת", "אוסטרגרד", KeyTerms(1, 0)),
        ("hin_Deva", "बोर्देलान यह जानता था", "बोर्देलान ने", KeyTerms(1, 1)),
        ("jpn_Jpan", "ボルデラン「知っていた", "ボルデラン", KeyTerms(1, 1)),
        ("zho_Hans", "博德兰知道", "博德兰", KeyTerms(0, 0)),
    ],
)
def test_a_name_is_known_by_its_letters_or_consonants(code, passage, answer, known):
    assert key_terms(SOURCE, KeyText(code, passage, answer)) == known


def test_terms_of_the_glossary_count_beside_names_and_null_is_nothing_known():
    source = KeyText("eng_Latn", SOURCE.passage, "the harbour, because Bordelan went")
    got = key_terms(source, KeyText("fra_Latn", "Le port gela. Bordelan.", "les ports, car Bordolan"), GLOSSARY)
    assert (got, got.share) == (KeyTerms(2, 1), 0.5)
    assert key_terms(source, KeyText("fra_Latn", "Elle le savait.", "le port"), GLOSSARY).share is None


def test_a_word_that_only_begins_a_sentence_is_no_name_and_other_scripts_show_none():
    begins = KeyText("eng_Latn", "Bordelan came. Then it froze.", "Bordelan")
    assert key_terms(begins, KeyText("fra_Latn", "Bordelan vint", "Bordelan")).share is None
    thai = KeyText("tha_Thai", "บอร์เดอลาน", "บอร์เดอลาน")
    assert key_terms(thai, KeyText("fra_Latn", "Bordelan vint", "Bordelan")).share is None
