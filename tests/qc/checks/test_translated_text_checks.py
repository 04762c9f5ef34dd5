"""The checks of translated texts find each fault at its place in many scripts, and leave right texts alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest

from data.ledger.tables import ITEMS, VERDICTS
from qc.check import Check
from qc.check_run import findings_rows, run
from qc.checks.completeness_checks import blank_text, cut_short, doubled_words, repeated_text
from qc.checks.foreign_letter_checks import mixed_script, source_words_left
from qc.checks.numeral_checks import digits_kept
from qc.checks.punctuation_checks import end_marks, unpaired_brackets, unpaired_quotes
from qc.checks.rendering_checks import one_rendering, reused_rendering, text_of_another_item
from qc.checks.structure_checks import distinct_options

SOURCE = ("What did they do?", ["They left.", "They slept", "They ate", "They sang"])


def line(code: str, question: str, options: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    source, answers = SOURCE
    made = {
        "question_id": "p1-q1", "language": code, "kind": "draft", "passage_id": "p1", "question_number": 1,
        "revision": 1, "passage": "", "question": question, "answers": list(options), "key": 1, "domain": "",
        "topic": "", "source_language": "eng_Latn", "source_question": source,
        "source_answers": answers[: len(options)], "draft_question": None, "draft_answers": None,
    }  # fmt: skip
    return {**made, **more}


def judged(check: Check, *lines: dict[str, Any]) -> list[tuple[bool | None, list[str | None], list[str | None]]]:
    """Per item: the flag, the flagged texts, and the mends."""
    frame = pd.DataFrame(lines, columns=list(ITEMS.names))
    found = check(frame)
    told = []
    for row, spans in enumerate(found["spans"]):
        parts = {"question": lines[row]["question"]}
        parts |= {f"option_{n}": text for n, text in enumerate(lines[row]["answers"], 1)}
        flag = found["flagged"].iloc[row]
        texts = [parts[one.part][one.start : one.end] for one in spans]
        told.append((None if flag is pd.NA else bool(flag), texts, [one.fix for one in spans]))
    return told


@pytest.mark.parametrize(
    ("code", "text", "word", "fix"),
    [
        ("rus_Cyrl", "Что cделал он?", "cделал", "сделал"),
        ("rus_Cyrl", "😀 Kорабль?", "Kорабль", "Корабль"),
        ("deu_Latn", "Was mаchte er?", "mаchte", "machte"),
        ("ell_Grek", "Τι έκανε oλος;", "oλος", "ολος"),
        ("deu_Latn", "Was mחchte er?", "mחchte", None),
        ("hin_Deva", "नाжम क्या?", "नाжम", None),
    ],
)
def test_letters_of_another_script_within_a_word(code: str, text: str, word: str, fix: str | None) -> None:
    assert judged(mixed_script, line(code, text)) == [(True, [word], [fix])]


def test_a_letter_that_is_a_word_of_the_source_is_no_symbol_if_it_looks_like_one_of_the_script() -> None:
    planted = line("rus_Cyrl", "Кто из Китaя?", source_question="Who is a trader from China?")
    assert judged(mixed_script, planted) == [(True, ["Китaя"], ["Китая"])]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("rus_Cyrl", "USB-кабель и iPhone?"),
        ("uzn_Cyrl", "NATOга"),
        ("kor_Hang", "NASA는 무엇을?"),
        ("jpn_Jpan", "NASAのコンピューターは？"),
        ("heb_Hebr", "מה הDNA?"),
        ("arb_Arab", "ما الـDNA؟"),
        ("deu_Latn", "5 μm und βCarotin?"),
        ("zho_Hans", "X光是什么？"),
        ("mya_Mymr", "ဘာလဲ DNA?"),
    ],
)
def test_whole_words_in_another_script_are_right(code: str, text: str) -> None:
    assert judged(mixed_script, line(code, text)) == [(False, [], [])]


def test_mixtures_that_the_passages_have_are_right() -> None:
    text = line("kab_Latn", "D acu i tεemmed?", passage="Tεedda tεemmart n tεessast.")
    assert judged(mixed_script, text) == [(False, [], [])]


@pytest.mark.parametrize(
    ("code", "text", "left"),
    [
        ("deu_Latn", "Warum the ship left the harbour so früh?", "the ship left the harbour so"),
        ("jpn_Jpan", "なぜ left the harbourのか？", "left the harbour"),
        ("arb_Arab", "لماذا left the harbour باكرا؟", "left the harbour"),
    ],
)
def test_words_of_the_source(code: str, text: str, left: str) -> None:
    source = "Why had the ship left the harbour so early?"
    assert judged(source_words_left, line(code, text, source_question=source)) == [(True, [left], [None])]
    named = line(code, text, source_question=source, passage=f"… {left} …")
    assert judged(source_words_left, named) == [(False, [], [])]


@pytest.mark.parametrize(
    ("code", "text", "source"),
    [
        (
            "deu_Latn",
            "Die University of New York und The Lord of the Rings",
            "The University of New York and so on",
        ),
        ("rus_Cyrl", "Вид Homo sapiens (wise man)", "The species Homo sapiens (wise man)"),
        ("jpn_Jpan", "spamとは？", "What is spam?"),
    ],
)
def test_names_and_loanwords_are_right(code: str, text: str, source: str) -> None:
    assert judged(source_words_left, line(code, text, source_question=source)) == [(False, [], [])]


def test_what_says_nothing() -> None:
    assert judged(blank_text, line("arb_Arab", "؟", ("\u200f.", "نعم")))[0][1] == ["؟", "\u200f."]
    assert judged(blank_text, line("arb_Arab", "٥", ("%", "№")))[0][0] is False


@pytest.mark.parametrize("text", ["Они ушли,", "غادروا،", "彼らは、", "Sie gingen –", "वे गए ("])
def test_what_ends_in_the_middle(text: str) -> None:
    assert judged(cut_short, line("rus_Cyrl", "Что?", (text,)))[0][0] is True
    assert judged(cut_short, line("rus_Cyrl", "Что?", (text,), source_answers=["They left,"]))[0][0] is False


def test_the_greek_question_mark_ends_a_question() -> None:
    assert judged(cut_short, line("ell_Grek", "Τι έκαναν;"))[0][0] is False


def test_a_word_twice_is_a_fault_only_where_passages_say_so() -> None:
    passage = " ".join(f"слово{n}" for n in range(6000))
    fault = line("rus_Cyrl", "Что они они делали?", passage=passage)
    assert judged(doubled_words, fault) == [(True, ["они они"], [None])]
    assert judged(doubled_words, {**fault, "passage": "мало"})[0][0] is None
    assert judged(doubled_words, {**fault, "passage": f"{passage} они они"})[0][0] is False
    grammar = line("ind_Latn", "Apa pelan pelan?", passage=f"{passage} kali kali, hari hari. kuat kuat")
    assert judged(doubled_words, grammar)[0][0] is None
    assert judged(doubled_words, line("ind_Latn", "Apa anak-anak itu?", passage=passage))[0][0] is False
    assert judged(doubled_words, line("tha_Thai", "ต่าง ต่าง", passage=passage))[0][0] is False


@pytest.mark.parametrize(
    ("code", "text", "again"),
    [
        ("rus_Cyrl", "Почему они ушли? Почему они ушли?", "Почему они ушли?"),
        ("jpn_Jpan", "彼らはなぜ去ったのか。彼らはなぜ去ったのか。", "彼らはなぜ去ったのか。"),
        ("hin_Deva", "वे क्यों चले गए थे। आज। वे क्यों चले गए थे।", "वे क्यों चले गए थे।"),
    ],
)
def test_what_is_said_twice(code: str, text: str, again: str) -> None:
    assert judged(repeated_text, line(code, text)) == [(True, [again], [None])]


@pytest.mark.parametrize(
    ("code", "text", "wanted"),
    [
        ("arb_Arab", "ماذا فعلوا.", True),
        ("arb_Arab", "ماذا فعلوا؟", False),
        ("ell_Grek", "Τι έκαναν;", False),
        ("hye_Armn", "Ի՞նչ արեցին։", False),
        ("jpn_Jpan", "彼らは何をしたか。", False),
        ("zho_Hans", "他们做了什么。", True),
        ("amh_Ethi", "ምን አደረጉ፧", False),
        ("khm_Khmr", "តើពួកគេធ្វើអ្វី។", False),
    ],
)
def test_a_question_ends_as_one(code: str, text: str, wanted: bool) -> None:
    assert judged(end_marks, line(code, text))[0][0] is wanted


def test_the_full_stop_is_that_of_the_language() -> None:
    passage = "वे चले गए। वे सो गए।"
    assert judged(end_marks, line("hin_Deva", "क्या?", ("वे चले गए.",), passage=passage)) == [(True, ["."], ["।"])]
    assert judged(end_marks, line("hin_Deva", "क्या?", ("वे चले गए।",), passage=passage))[0][0] is False
    assert judged(end_marks, line("hin_Deva", "क्या?", ("वे चले गए.",)))[0][0] is False


def test_a_mark_that_few_passages_have_is_none_of_the_language() -> None:
    stop = [line("jpn_Jpan", "何？", ("彼は眠った。",), passage=f"彼は{n}時に去った。") for n in range(30)]
    odd = line("jpn_Jpan", "何？", ("彼は眠った.",), passage="J. スミス氏は去った。")
    assert judged(end_marks, *stop, odd)[-1] == (True, ["."], ["。"])


@pytest.mark.parametrize(
    ("code", "was", "now", "wanted"),
    [
        ("deu_Latn", "1969", "1976", True),  # seven years off is a calendar in Ethiopia alone
        ("amh_Ethi", "1969", "1962", False),
        ("tha_Thai", "1969", "2512", False),
        ("deu_Latn", "1969", "2512", True),
        ("pes_Arab", "1969", "1348", False),
        ("arb_Arab", "1969", "1389", False),
        ("deu_Latn", "500", "457", False),  # yards in metres
        ("deu_Latn", "300", "476", True),
        ("deu_Latn", "120", "190", False),  # miles in kilometres, rounded
        ("deu_Latn", "1969", "1869", True),
        ("hin_Deva", "348", "368", True),
    ],
)
def test_what_may_be_converted_is_not_flagged(code: str, was: str, now: str, wanted: bool) -> None:
    found = judged(digits_kept, line(code, f"{now}?", source_question=f"{was}?"))
    assert (found[0][0] is True) is wanted


def test_brackets_and_quotation_marks_have_partners() -> None:
    assert judged(unpaired_brackets, line("arb_Arab", "ما (هذا؟"))[0][:2] == (True, ["("])
    assert judged(unpaired_brackets, line("jpn_Jpan", "「何（これ）」？"))[0][0] is False
    assert judged(unpaired_brackets, line("rus_Cyrl", "Что a) и б)?"))[0][0] is False
    assert judged(unpaired_brackets, line("rus_Cyrl", "Что (?", source_question="What (?"))[0][0] is False
    assert judged(unpaired_quotes, line("deu_Latn", "Was heißt „so?"))[0][:2] == (True, ["„"])
    assert judged(unpaired_quotes, line("deu_Latn", "Was heißt „so“ und »so«?"))[0][0] is False
    assert judged(unpaired_quotes, line("heb_Hebr", 'מה אומר צה"ל?'))[0][0] is False


@pytest.mark.parametrize(
    ("code", "text", "wanted", "shown"),
    [
        ("arb_Arab", "في عام ١٩٩٦؟", True, ["١٩٩٦"]),
        ("arb_Arab", "في عام ١٩٦٩؟", False, []),
        ("fuv_Adlm", "😀 𞥑𞥙𞥙𞥖?", True, ["𞥑𞥙𞥙𞥖"]),
        ("tha_Thai", "ในปี ๒๕๑๒", False, []),
        ("amh_Ethi", "በ1962?", None, []),
        ("jpn_Jpan", "一九六九年に？", None, []),
        ("deu_Latn", "In 3 Jahren?", None, []),
    ],
)
def test_digits(code: str, text: str, wanted: bool | None, shown: list[str]) -> None:
    assert judged(digits_kept, line(code, text, source_question="In 1969?"))[0][:2] == (wanted, shown)


def test_one_rendering_of_two_sources() -> None:
    same = "Они покинули гавань рано утром"
    one = line(
        "rus_Cyrl", "Что?", (same, "Они спали"), source_answers=["They left the harbour early", "They slept"]
    )
    other = line(
        "rus_Cyrl", "Где?", (same, "Дома"), question_id="p1-q2", source_answers=["They burned the harbour", "Home"]
    )
    assert [flag for flag, _, _ in judged(reused_rendering, one, other)] == [True, True]
    right = {**other, "source_answers": ["They left the harbour early.", "Home"]}
    assert [flag for flag, _, _ in judged(reused_rendering, one, right)] == [False, False]


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("rus_Cyrl", "Почему корабль ушёл так рано утром?", "Почему корабль ушёл так поздно утром?"),
        ("jpn_Jpan", "なぜ船は朝早く港を出たのですか？", "なぜ船は朝早く港を出たのですか？"),
    ],
)
def test_a_question_of_another_item(code: str, first: str, second: str) -> None:
    one = line(code, first, source_question="Why did the ship leave so early in the morning?")
    other = line(
        code, second, question_id="p2-q1", passage_id="p2", source_question="Who paid for the new bridge?"
    )
    assert [flag for flag, _, _ in judged(text_of_another_item, one, other)] == [True, True]
    same = {**other, "source_question": "Why did the ship leave so late in the morning?"}
    assert [flag for flag, _, _ in judged(text_of_another_item, one, same)] == [False, False]


@pytest.mark.parametrize(
    ("one", "other"),
    [("５　km", "5 km"), ("٣ كتب", "3 كتب"), ("Cafe\u0301", "CAFÉ"), ("१२ लोग", "12 लोग"), ("a\u00a0b", "A b")],
)
def test_options_equal_but_for_forms_are_the_same(one: str, other: str) -> None:
    assert judged(distinct_options, line("arb_Arab", "?", (one, other, "x", "y")))[0][0] is True


def test_a_source_item_has_nothing_to_compare() -> None:
    source = line("eng_Latn", "What what (?", source_question=None, source_answers=None)
    found = mixed_script(pd.DataFrame([source], columns=list(ITEMS.names)))
    assert not found["applicable"].iloc[0] and not found["flagged"].iloc[0]


def test_places_are_rows_of_their_verdicts() -> None:
    frame = pd.DataFrame([line("rus_Cyrl", "😀 Kорабль?", ("Да", "Нет"))], columns=list(ITEMS.names))
    made = run((mixed_script, blank_text), frame, now=datetime(2026, 1, 1, tzinfo=UTC))
    (row,) = findings_rows(made.places)
    (verdict,) = [one for one in made.verdicts if one["flagged"]]
    assert row["verdict"] == VERDICTS.event_id(verdict)
    assert (row["part"], row["start"], row["end"], row["text"], row["fix"]) == (
        "question", 2, 9, "Kорабль", "Корабль",
    )  # fmt: skip
    assert findings_rows(made.places, "s")[0]["verdict"] == VERDICTS.event_id({**verdict, "origin": "s"})


@pytest.mark.parametrize(
    ("code", "first", "second"),
    [
        ("arb_Arab", "الميناء القديم", "المرفأ القديم"),
        ("khm_Khmr", "កំពង់ផែចាស់", "ផែចាស់"),
        ("hin_Deva", "पुराना बंदरगाह", "पुराना पत्तन"),
    ],
)
def test_one_source_rendered_in_two_ways(code: str, first: str, second: str) -> None:
    def item(number: int, *options: str, of: tuple[str, ...] = ("the old harbour", "Home")) -> dict[str, Any]:
        return line(code, "?", options, question_id=f"p1-q{number}", source_answers=list(of))

    assert judged(one_rendering, item(1, first, "1"), item(2, second, "2")) == [
        (True, [first], [None]),
        (True, [second], [None]),
    ]
    usual = judged(one_rendering, item(1, first, "1"), item(2, second, "2"), item(3, f"{first}.", "3"))
    assert [flag for flag, _, _ in usual] == [False, True, False]
    within = judged(one_rendering, item(1, first, second, of=("the old harbour", "The old harbour.")))
    assert within[0][:2] == (True, [first, second])
    elsewhere = {**item(2, second, "2"), "passage_id": "p2"}
    assert [flag for flag, _, _ in judged(one_rendering, item(1, first, "1"), elsewhere)] == [False, False]
