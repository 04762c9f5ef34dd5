import pandas as pd
import pytest

from qc.checks.wording_checks import (
    invisible_characters,
    length_bounds,
    quote_debris,
    reads_like_question,
    stray_whitespace,
    wrong_script,
)


def judged(check, table, **parameters):
    """(flagged, reason) of the only item; None for 'could not judge'."""
    found = check(table, **parameters)
    flag = found["flagged"].iloc[0]
    return (None if pd.isna(flag) else bool(flag)), found["reason"].iloc[0]


def options(*texts):
    return {"answers": [*texts, *["x", "y", "z", "w"][len(texts) :]]}


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        (" seven", "begins with a space"),
        ("seven\n", "ends in a space and holds a tab or a line break"),
        ("at  seven", "has two spaces in a row"),
        ("at\tseven", "holds a tab or a line break"),
        ("at\u00a0seven", "holds a no-break or other special space"),
        ("at \u3000seven", "has two spaces in a row and holds a no-break or other special space"),
    ],
)
def test_stray_whitespace(items, text, clause):
    assert judged(stray_whitespace, items(options("six", text))) == (True, f"option 2 {clause}: “{text}”")


def test_spaces_that_belong(items):
    assert judged(stray_whitespace, items(options("10\u202f000", "5\u00a0%", "at seven"))) == (False, "")
    french = {"language": "fra_Latn", "question": "Quand\u00a0? «\u00a0Hier\u202f»"}
    assert judged(stray_whitespace, items(french)) == (False, "")
    assert judged(stray_whitespace, items({**french, "language": "deu_Latn"}))[0] is True


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("se\u200bven", "eng_Latn", "ZERO WIDTH SPACE (U+200B)"),
        ("se\u00adven", "eng_Latn", "SOFT HYPHEN (U+00AD)"),
        ("\ufeffseven", "eng_Latn", "ZERO WIDTH NO-BREAK SPACE (U+FEFF)"),
        ("se\x07ven", "eng_Latn", "a control or private character (U+0007)"),
        ("se\ufffdven", "eng_Latn", "REPLACEMENT CHARACTER (U+FFFD)"),
        ("se\u200cven", "eng_Latn", "ZERO WIDTH NON-JOINER (U+200C)"),
        ("سبعة\u202e", "arb_Arab", "RIGHT-TO-LEFT OVERRIDE (U+202E)"),
    ],
)
def test_invisible_characters(items, text, code, name):
    found = judged(invisible_characters, items({"language": code, **options(text)}))
    assert found == (True, f"option 1 holds {name}, which cannot be seen: “{text}”")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("می\u200cخواهم", "pes_Arab"),
        ("क्\u200dष", "hin_Deva"),
        ("ක්\u200dෂ", "sin_Sinh"),
        ("ភាសា\u200bខ្មែរ", "khm_Khmr"),
        ("(C)\u200f", "heb_Hebr"),
        ("٣\u061c", "arb_Arab"),
    ],
)
def test_invisible_characters_that_belong(items, text, code):
    assert judged(invisible_characters, items({"language": code, **options(text)})) == (False, "")


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ('the ""old"" pier', "holds doubled quotation marks"),
        ('"the old pier', "holds a quotation mark without a partner"),
        ('the old pier"', "holds a quotation mark without a partner"),
        ('"the "old" pier"', "stands in quotation marks of its own, with more inside"),
        ('the \\"old\\" pier', 'holds the escape \\"'),
        ("fish &amp; chips", "holds the escape &amp;"),
    ],
)
def test_quote_debris(items, text, clause):
    assert judged(quote_debris, items(options(text))) == (True, f"option 1 {clause}: “{text}”")


@pytest.mark.parametrize(
    "text", ['"old"', '"A" and "B"', 'a 5" nail', 'צה"ל', "“old”", "the pilot's", "он сказал «да»", 'x ("y") z']
)
def test_quotes_that_belong(items, text):
    assert judged(quote_debris, items(options(text))) == (False, "")


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"question": "Why?"}, "the question has 1 word, at least 3 are wanted: “Why?”"),
        (options("w " * 41), f"option 1 has 41 words, at most 40 are wanted: “{'w ' * 19}w…”"),
        (
            {"language": "jpn_Jpan", "question": "何？", **options("一", "二", "三", "四")},
            "the question has 1 character, at least 5 are wanted: “何？”",
        ),
    ],
)
def test_length_bounds(items, item, reason):
    assert judged(length_bounds, items(item)) == (True, reason)


def test_lengths_are_parameters(items):
    assert judged(length_bounds, items({"question": "Why?"}), question_words=[1, 9]) == (False, "")


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("When did it leave?", "eng_Latn"),
        ("Who said “wait?”", "eng_Latn"),
        ("The boat left at:", "eng_Latn"),
        ("The boat left at ___ in the morning.", "eng_Latn"),
        ("متى غادر القارب؟", "arb_Arab"),
        ("船什么时候离开？", "zho_Hans"),
        ("船はいつ出ましたか。", "jpn_Jpan"),
        ("Πότε έφυγε το πλοίο;", "ell_Grek"),
        ("Πότε έφυγε το πλοίο\u037e", "ell_Grek"),
        ("ጀልባው መቼ ሄደ፧", "amh_Ethi"),
        ("Ե՞րբ մեկնեց նավը։", "hye_Armn"),
        ("เรือออกเมื่อไหร่?", "tha_Thai"),
    ],
)
def test_reads_like_question(items, question, code):
    assert judged(reads_like_question, items({"question": question, "language": code})) == (False, "")


@pytest.mark.parametrize(
    ("question", "code", "mark"),
    [
        ("The boat left at seven.", "eng_Latn", "?"),
        ("متى غادر القارب", "arb_Arab", "؟"),
        ("Πότε έφυγε το πλοίο", "ell_Grek", ";"),
        ("Նավը մեկնեց։", "hye_Armn", "՞"),
    ],
)
def test_reads_like_no_question(items, question, code, mark):
    found = judged(reads_like_question, items({"question": question, "language": code}))
    assert found == (True, f"the question does not end in {mark} and leaves no blank: “{question}”")


def test_questions_without_a_mark_are_for_readers(items):
    said = "this script often asks without a question mark; a reader must judge it"
    table = items({"question": "เรือออกเมื่อไหร่", "language": "tha_Thai"})
    assert judged(reads_like_question, table) == (None, said)
    assert reads_like_question(table)["score"].isna().all()


def test_completions_may_be_ruled_out(items):
    assert judged(reads_like_question, items({"question": "It left at:"}), completions=False)[0] is True


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (
            {
                "language": "rus_Cyrl",
                "question": "Когда ушла лодка?",
                **options("В шесть", "at seven o'clock sharp"),
            },
            "option 2 has hardly a letter in the script of rus_Cyrl (0%): “at seven o'clock sharp”",
        ),
        (
            options("At six", "В семь часов"),
            "option 2 has hardly a letter in the script of eng_Latn (0%): “В семь часов”",
        ),
        (
            {"language": "hin_Deva", "question": "When did the boat leave?", **options("छह", "सात", "आठ", "नौ")},
            "the question has hardly a letter in the script of hin_Deva (0%): “When did the boat leave?”",
        ),
        (
            {"language": "arb_Arab", "question": "متى؟", **options("в семь", "ست", "سبع", "ثمان")},
            "option 1 has hardly a letter in the script of arb_Arab (0%): “в семь”",
        ),
    ],
)
def test_wrong_script(items, item, reason):
    flag, said = judged(wrong_script, items(item))
    assert flag is True
    assert reason in said


@pytest.mark.parametrize("text", ["1969", "COVID-19", "New York Times", "5 km", "NASA", "20 °C", "Windows 95"])
def test_names_numbers_and_units_stay_latin(items, text):
    cyrillic = {"language": "rus_Cyrl", "question": "Когда ушла лодка?", **options("да", "нет", "кот", text)}
    assert judged(wrong_script, items(cyrillic)) == (False, "")


def test_a_text_in_latin_letters_is_no_name_for_its_commas(items):
    typed = items(
        {**options("kare ha、asa hayaku、minato wo deta", "出た", "e-mail", "mp3"), "language": "jpn_Jpan"}
    )
    flag, said = judged(wrong_script, typed)
    assert flag and "option 1" in said and "option 3" not in said


def test_a_single_greek_sign_is_no_wrong_script(items):
    assert judged(wrong_script, items(options("α", "β", "γ", "Ω"))) == (False, "")


def test_scripts_of_several_kinds_of_letters(items):
    table = {
        "language": "jpn_Jpan",
        "question": "船はいつ出ましたか？",
        **options("六時", "ななじ", "ハチジ", "九"),
    }
    assert judged(wrong_script, items(table)) == (False, "")
