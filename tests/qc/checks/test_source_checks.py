import re

import pandas as pd
import pytest

from data import sources
from data.ledger import to_frame
from qc.checks.source_checks import (
    SOURCE_SUITE,
    empty_sentences,
    length_ratio,
    misaligned_counts,
    near_copies,
    passage_characters,
    passage_quotes,
    passage_script,
    repeated_sentences,
    shifted_sentences,
)


def table(*passages):
    """Passages given as (passage_id, language, sentence, …)."""
    lines = [
        {
            "passage_id": name,
            "language": code,
            "revision": 1,
            "split": "dev",
            "sentences": list(sentences),
            "text": " ".join(sentences),
        }
        for name, code, *sentences in passages
    ]
    return pd.DataFrame(lines, index=range(10, 10 + len(lines)))


def about(findings):
    return list(zip(findings["subject"], findings["language"], strict=True))


def test_empty_sentences():
    found = empty_sentences(
        table(("a", "eng_Latn", "One.", "…", ""), ("b", "eng_Latn", "7"), ("c", "tha_Thai", "ก"))
    )
    assert about(found) == [("a", "eng_Latn")]
    assert found["score"].tolist() == [pytest.approx(1 / 3)]
    assert found["reason"].tolist() == ["sentence 2 is empty; sentence 3 is empty"]
    assert found["revision"].tolist() == [1]


def test_repeated_sentences_are_those_of_one_language():
    found = repeated_sentences(
        table(
            ("a", "eng_Latn", "One.", "Two."),
            ("b", "eng_Latn", "Three.", "One."),
            ("a", "fra_Latn", "One.", "Deux."),
            ("b", "fra_Latn", "Trois.", "Trois."),
        )
    )
    assert about(found) == [("a", "eng_Latn"), ("b", "eng_Latn"), ("b", "fra_Latn")]
    assert found["score"].tolist() == [0.5, 0.5, 0.0]
    assert found["reason"].tolist() == [
        "sentence 1, 'One.', stands also at b sentence 2 (dev)",
        "sentence 2, 'One.', stands also at a sentence 1 (dev)",
        "sentence 1, 'Trois.', stands also at b sentence 2 (dev); "
        "sentence 2, 'Trois.', stands also at b sentence 1 (dev)",
    ]


@pytest.mark.parametrize(
    ("code", "text", "told"),
    [
        ("eng_Latn", "plain, tidy text", None),
        (
            "eng_Latn",
            "a\u200bb\ufeffc\u200b",
            "U+200B ZERO WIDTH SPACE (2x), U+FEFF ZERO WIDTH NO-BREAK SPACE (1x)",
        ),
        ("eng_Latn", "tab\there", "U+0009 control or private character (1x)"),
        ("eng_Latn", "co\u00adoperate", "U+00AD SOFT HYPHEN (1x)"),
        ("eng_Latn", "a\u200cb", "U+200C ZERO WIDTH NON-JOINER (1x)"),
        ("pes_Arab", "می\u200cخواهم", None),
        ("pes_Arab", "می \u200cخواهم", "U+200C ZERO WIDTH NON-JOINER (1x)"),
        ("hin_Deva", "क्\u200dष", None),
        ("sin_Sinh", "ශ්\u200dරී", None),
        ("mal_Mlym", "അവന്\u200d", None),
        ("khm_Khmr", "ភាសា\u200bខ្មែរ", None),
        ("heb_Hebr", "שלום\u200f!", None),
        (
            "heb_Hebr",
            "\u202bשלום\u202c",
            "U+202B RIGHT-TO-LEFT EMBEDDING (1x), U+202C POP DIRECTIONAL FORMATTING (1x)",
        ),
        ("arb_Arab", "عـربي", None),
        ("qqq_Latn", "a\u200bb", "U+200B ZERO WIDTH SPACE (1x)"),
    ],
)
def test_invisible_characters(code, text, told):
    found = passage_characters(table(("a", code, text), ("b", "eng_Latn", "fine")))
    assert found["reason"].tolist() == ([] if told is None else [told])


def test_wrong_script():
    found = passage_script(
        table(
            ("a", "rus_Cyrl", "Москва"),
            ("b", "rus_Cyrl", "Moscow и"),
            ("c", "rus_Cyrl", "1999"),
            ("a", "qqq_Latn", "word"),
        )
    )
    assert about(found) == [("b", "rus_Cyrl"), ("c", "rus_Cyrl"), ("a", "qqq_Latn")]
    assert found["flagged"].tolist() == [True, pd.NA, pd.NA]
    assert found["reason"].tolist() == [
        "only 14% of the letters are Cyrl",
        "there are no letters in it",
        "qqq_Latn is not in the table of languages",
    ]
    assert passage_script(table(("b", "rus_Cyrl", "Moscow и")), least_share=0.1).empty


def test_length_ratio_knows_that_languages_differ_in_length():
    usual = {"one": 10, "two": 20, "three": 30}
    codes = ["deu_Latn", "ell_Grek", "eng_Latn", "fra_Latn"]
    passages = [(n, code, "x" * length * (i + 1)) for n, length in usual.items() for i, code in enumerate(codes)]
    passages = [(n, code, text if (n, code) != ("two", "eng_Latn") else "x" * 8) for n, code, text in passages]
    found = length_ratio(table(*passages), fewest=4)
    assert about(found) == [("two", "eng_Latn")]
    assert "times shorter" in found["reason"].iloc[0]
    assert length_ratio(table(*passages), fewest=5).empty


def test_near_copies_names_the_pair_and_the_share():
    copies = table(
        ("a", "ars_Arab", "x", "y"),
        ("b", "ars_Arab", "z"),
        ("a", "arb_Arab", "x", "y"),
        ("b", "arb_Arab", "q"),
        ("a", "eng_Latn", "y", "x"),
        ("b", "eng_Latn", "w"),
    )
    found = near_copies(copies)
    assert about(found) == [("arb_Arab+ars_Arab", "")]
    assert found["score"].tolist() == [pytest.approx(1 / 3)]
    assert found["reason"].tolist() == ["67% of the sentences are the same in arb_Arab and ars_Arab (2 of 3)"]
    assert near_copies(copies, least_share=0.7).empty


def test_misaligned_counts_says_of_every_language_whether_it_is():
    found = misaligned_counts(
        table(
            ("a", "deu_Latn", "1", "2"),
            ("b", "deu_Latn", "1"),
            ("a", "eng_Latn", "1", "2"),
            ("b", "eng_Latn", "1"),
            ("a", "fra_Latn", "1"),
            ("b", "fra_Latn", "1"),
            ("a", "ita_Latn", "1", "2"),
        )
    )
    assert about(found) == [(code, code) for code in ("deu_Latn", "eng_Latn", "fra_Latn", "ita_Latn")]
    assert found["flagged"].tolist() == [False, False, True, False]
    assert found["score"].tolist() == [1, 1, 0.5, 1]
    assert found["reason"].iloc[2] == "1 of 2 passages have another number of sentences: a (1, not 2)"


def test_one_language_alone_has_nothing_to_be_compared_with():
    alone = misaligned_counts(table(("a", "eng_Latn", "1")))
    assert alone["flagged"].tolist() == [pd.NA]
    assert near_copies(table(("a", "eng_Latn", "1"))).empty


@pytest.mark.parametrize("check", SOURCE_SUITE, ids=lambda check: check.name)
def test_no_passages_no_findings(check):
    empty = table(("a", "eng_Latn", "1")).iloc[:0]
    assert check(empty).empty


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('Er sprach vom ""Grünen Band"" dort.', 2),
        ('"""Panama Papers"" ist ein Begriff."', 2),
        ('He said "" and went, and then "yes".', 0),  # an empty pair by itself may be meant
        ('It is 5" wide, "he said".', 0),
    ],
)
def test_marks_that_csv_left_are_found_with_their_places(text, count):
    found = passage_quotes(table(("a", "deu_Latn", text)))
    assert len(found) == (1 if count else 0)
    if count:
        (spans,) = found["spans"]
        assert [text[span.start : span.end] for span in spans] == ['""'] * count


SENTENCES = (9, 4, 12, 7, 15, 5, 10, 6, 13, 8, 11, 4, 14, 6)
"""Words of sentences whose lengths tell them from their neighbours."""


def parallel(change=lambda lines: lines):
    """Fourteen sentences of seven passages in five languages, with a year in every second one."""
    made = []
    for code, word in (
        ("eng_Latn", "wo"),
        ("fra_Latn", "mot"),
        ("deu_Latn", "wort"),
        ("ita_Latn", "paro"),
        ("oci_Latn", "mots"),
    ):
        lines = [
            " ".join([f"{word}{place}{n}" for n in range(words)] + ([str(1900 + place)] if place % 2 else []))
            for place, words in enumerate(SENTENCES)
        ]
        lines = change(lines) if code == "oci_Latn" else lines
        made += [
            {"passage_id": f"p{at}", "language": code, "revision": 1, "split": "dev", "position": at,
             "sentences": lines[2 * at : 2 * at + 2], "sentence_ids": [2 * at, 2 * at + 1],
             "text": " ".join(lines[2 * at : 2 * at + 2])}
            for at in range(7)
        ]  # fmt: skip
    return pd.DataFrame(made)


def test_sentences_a_line_off_are_told_with_their_lines():
    assert shifted_sentences(parallel())["flagged"].tolist() == [False] * 5
    late = shifted_sentences(parallel(lambda lines: [*lines[:3], *lines[4:11], lines[3], *lines[11:]]))
    assert about(late[late["flagged"]]) == [("oci_Latn", "oci_Latn")]
    (said,) = late[late["flagged"]]["reason"]
    assert re.fullmatch(r"dev, from line 4 to line 1[01]: each matches the next sentence of the others", said)
    early = shifted_sentences(parallel(lambda lines: [*lines[:3], lines[10], *lines[3:10], *lines[11:]]))
    (said,) = early[early["flagged"]]["reason"]
    assert said.endswith("each matches the previous sentence of the others")


def test_one_sentence_in_another_place_is_no_line_off():
    swapped = parallel(lambda lines: [*lines[:3], lines[4], lines[3], *lines[5:]])
    assert shifted_sentences(swapped)["flagged"].tolist() == [False] * 5


def test_on_flores_the_known_faults_are_found(shared_data):
    codes = ["arb_Arab", "ars_Arab", "bod_Tibt", "eng_Latn", "hat_Latn", "pes_Arab"]
    passages = to_frame(sources.read("flores200", str(shared_data / "flores200_dataset.tar.gz"), codes))
    found = {check.name: check(passages) for check in SOURCE_SUITE}
    assert found["near_copies"]["subject"].tolist() == ["arb_Arab+ars_Arab"]
    assert found["near_copies"]["score"].iloc[0] == pytest.approx(1 / 3, abs=0.02)
    assert {"bod_Tibt", "hat_Latn"} <= set(found["repeated_sentences"]["language"])
    assert "eng_Latn" not in set(found["repeated_sentences"]["language"])
    assert "pes_Arab" in set(found["passage_characters"]["language"])
    assert found["empty_sentences"].empty
    assert not found["misaligned_counts"]["flagged"].any()
