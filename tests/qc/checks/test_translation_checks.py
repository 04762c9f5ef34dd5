import math
import tarfile

import numpy as np
import pandas as pd
import pytest

from data.languages import languages
from qc.checks.translation_checks import (
    KNOWN,
    TRANSLATION_SUITE,
    answers_match_count,
    edit_rates,
    language_identified,
    numbers_kept,
    untranslated,
)
from qc.text.numerals import LOCALES, difference, spelt
from qc.translation_models.varieties.variety_fit import VarietyFit, VarietyText, fit

GERMAN = {
    "question": "Um wie viel Uhr verließ das kleine Boot den alten Hafen der Stadt?",
    "answers": ["Kurz nach sechs Uhr", "Genau um sieben Uhr", "Erst am späten Mittag", "Es fuhr überhaupt nicht"],
}


def judged(check, table, **parameters):
    """(flagged, reason) of the only item; None for 'could not judge'."""
    found = check(table, **{**dict.fromkeys(check.resources), **parameters})
    flag = found["flagged"].iloc[0]
    return (None if pd.isna(flag) else bool(flag)), found["reason"].iloc[0]


def test_a_sound_translation_passes_every_check(translated):
    assert [check.name for check in TRANSLATION_SUITE if judged(check, translated(GERMAN))[0] is not False] == []


def test_a_source_item_has_nothing_to_compare(items):
    said = {check.name: judged(check, items({})) for check in TRANSLATION_SUITE}
    nothing = (False, "a source item: nothing to compare")
    assert said["untranslated"] == said["numbers_kept"] == said["answers_match_count"] == nothing
    assert said["edit_rates"] == (False, "no draft to compare")


def test_langdetects_languages_are_ours():
    assert set(KNOWN) <= set(languages())
    assert len(set(KNOWN.values())) == 55


def test_another_language_is_identified(translated):
    assert judged(language_identified, translated({**GERMAN, "language": "fra_Latn"})) == (
        True,
        "reads like deu_Latn, not fra_Latn",
    )
    assert judged(language_identified, translated({**GERMAN, "language": "yor_Latn"})) == (
        None,
        "langdetect does not know yor_Latn; a reader must judge it",
    )
    short = {"question": "Wann?", "answers": ["1", "2", "3", "4"]}
    assert judged(language_identified, translated(short)) == (
        None,
        "too little text to tell a language; a reader must judge it",
    )


def test_identification_is_the_same_every_time(translated):
    table = translated(*[GERMAN] * 5)
    assert language_identified(table, varieties=None)["score"].nunique() == 1


def test_a_language_of_another_script_is_not_believed(translated):
    traditional = "小船什麼時候離開了這座城市的舊港口？請根據文章選出正確的答案"
    table = translated(
        {"language": "zho_Hant", "question": traditional, "answers": ["六點", "七點", "中午", "沒有"]}
    )
    assert judged(language_identified, table) == (False, "")


GERMAN_WORDS = "der die das und nicht ein Boot Hafen Stadt Uhr verließ klein alt"
DUTCH_WORDS = "de het een en niet boot haven stad uur verliet klein oud toen"


@pytest.fixture(scope="module")
def fitted() -> VarietyFit:
    random = np.random.default_rng(0)
    made = [
        VarietyText(code, f"d{number // 3}", " ".join(random.choice(words.split(), 22)))
        for code, words in (("deu_Latn", GERMAN_WORDS), ("nld_Latn", DUTCH_WORDS))
        for number in range(300)
    ]
    return fit(made, 0.02, fitted_on="made up")


def test_what_the_campaigns_passages_taught_comes_before_langdetect_which_is_a_witness(translated, fitted):
    dutch = {
        "question": "toen verliet het oud boot de haven en niet een stad uur klein verliet",
        "answers": ["een oud uur", "het klein boot", "de stad en de haven", "niet een uur toen"],
    }
    flag, reason = judged(language_identified, translated({**dutch, "language": "deu_Latn"}), varieties=fitted)
    assert flag is True
    assert reason == "reads like nld_Latn, not deu_Latn (langdetect: nld_Latn)"
    assert judged(language_identified, translated({**dutch, "language": "nld_Latn"}), varieties=fitted)[0] is False
    # the fit does not have French: langdetect alone
    assert judged(language_identified, translated({**GERMAN, "language": "fra_Latn"}), varieties=fitted) == (
        True,
        "reads like deu_Latn, not fra_Latn",
    )


@pytest.mark.parametrize("text", ["1 2 3 4 5 6", "", "ⴰⵣⵓⵍ"])
def test_a_text_without_known_letters_is_not_judged(translated, text):
    assert judged(language_identified, translated({"question": text * 30, "answers": []}), letters=0)[0] is False
    assert judged(language_identified, translated({"question": text, "answers": []}))[0] is None


@pytest.mark.parametrize(
    ("draft", "reason"),
    [
        (
            {"question": "When did the boat leave"},
            "the question is still the source's text: “When did the boat leave”",
        ),
        (
            {"answers": ["Um sechs", "It left late", "Am Mittag", "Gar nicht"]},
            "option 2 is still the source's text: “It left late”",
        ),
        (
            {"language": "rus_Cyrl", "question": "Когда?", "answers": ["Tower", "late", "нет", "да"]},
            "option 1 is still the source's text: “Tower”; option 2 is still the source's text: “late”",
        ),
    ],
)
def test_untranslated(translated, draft, reason):
    source = {
        "source_answers": ["Tower", "It left late", "At noon", "No"]
        if "rus_Cyrl" not in draft.values()
        else ["Tower", "late", "No", "Yes"]
    }
    assert judged(untranslated, translated({**source, **draft})) == (True, reason)


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("deu_Latn", ["1969", "New York", "Hamburg", "5 km"]),
        ("rus_Cyrl", ["1969", "COVID-19", "NASA", "5 km"]),
        ("eng_Latn", ["It left late", "At noon", "At six", "At seven"]),  # the source's own language
    ],
)
def test_what_may_stay_as_it_is(translated, code, options):
    table = translated({"language": code, "question": "Q?", "answers": options, "source_answers": options})
    assert judged(untranslated, table)[0] is False


def test_answers_match_count(translated):
    assert judged(answers_match_count, translated({"answers": ["a", "b", "c"]})) == (
        True,
        "there are 3 options, the source has 4",
    )


def numbers(translated, source, draft):
    return judged(numbers_kept, translated({"source_answers": source, "answers": draft}))


def test_numbers_kept(translated):
    source = ["1,500 ships", "In 1969", "3.5 %", "None"]
    assert numbers(translated, source, ["1 500 Schiffe", "१९६९", "3,5 %", "Keine"]) == (False, "")
    assert numbers(translated, source, ["1.500", "Im Jahr", "3,5 %", "Keine"]) == (
        True,
        "option 2 lacks 1969 of the source: “Im Jahr”",
    )
    assert numbers(translated, source, ["1500", "3,5", "1969", "Keine"]) == (
        True,
        "options 2 and 3 look swapped: so do their numbers",
    )
    assert numbers(translated, ["between 2 and 30", "a", "b", "c"], ["2 bis 30", "a", "b", "c"]) == (False, "")


def test_numbers_that_the_source_does_not_have(translated):
    source = ["1,500 ships", "In 1969", "Half of them", "None"]
    assert numbers(translated, source, ["1500", "1969", "49 %", "3"]) == (
        True,
        "option 3 has 49, which the source does not have: “49 %”; "
        "option 4 has 3, which the source does not have: “3”",
    )
    assert numbers(translated, source, ["1500", "In 1996", "Die Hälfte", "Keine"]) == (
        True,
        "option 2 has 1996 where the source has 1969: “In 1996”",
    )
    assert numbers(translated, ["5 o'clock", "b", "c", "d"], ["a", "5 Uhr", "c", "d"]) == (
        True,
        "options 1 and 2 look swapped: so do their numbers",
    )


def test_numbers_of_the_question(translated):
    table = translated({**GERMAN, "question": "Wann, im Jahr 1969, fuhr das Boot?"})
    reason = "the question has 1969, which the source does not have: “Wann, im Jahr 1969, fuhr das Boot?”"
    assert judged(numbers_kept, table) == (True, reason)


@pytest.mark.parametrize(
    ("code", "source", "text"),
    [
        ("deu_Latn", "three men", "3 Männer"),
        ("deu_Latn", "3 men", "drei Männer"),
        ("deu_Latn", "at 9:30 p.m.", "um 21:30 Uhr"),
        ("deu_Latn", "at 1200 GMT", "um 12:00 Uhr"),
        ("deu_Latn", "the eighty-first of them", "der 81."),
        ("fin_Latn", "on 18 March 1965", "18.3.1965"),
        ("nob_Latn", "the 17th century", "1600-tallet"),
        ("fra_Latn", "the 17th century", "le XVII siècle"),
        ("jpn_Jpan", "4 million and 30,000", "400万と3万"),
        ("jpn_Jpan", "1.5 million in July", "7月に150万"),
        ("kor_Hang", "half an hour", "30분"),
        ("tha_Thai", "in 1995", "พ.ศ. 2538"),
        ("pes_Arab", "3.50 metres", "۳٫۵ متر"),
        ("zsm_Latn", "King Louis XVI", "Raja Louis ke-16"),
        ("arb_Latn", "the police", "al-shor6a 3an al-muraja7a"),
    ],
)
def test_what_is_the_same_number(translated, code, source, text):
    rest = ["b", "c", "d"]
    table = translated({"language": code, "source_answers": [source, *rest], "answers": [text, *rest]})
    assert judged(numbers_kept, table) == (False, "")
    other = text.replace("3", "7") if "3" in text else f"{text} 47"
    changed = translated({"language": code, "source_answers": [source, *rest], "answers": [other, *rest]})
    assert judged(numbers_kept, changed)[0] or code == "arb_Latn"


def test_numbers_in_real_sentences(shared_data):
    """What the docstring of `numbers_kept` claims, in a few languages: few false alarms, additions are seen."""
    with tarfile.open(shared_data / "flores200_dataset.tar.gz") as archive:

        def lines(code):
            member = archive.extractfile(f"flores200_dataset/devtest/{code}.devtest")
            return member.read().decode().splitlines()

        english = lines("eng_Latn")
        for code, most in {"fra_Latn": 0.025, "hin_Deva": 0.005, "jpn_Jpan": 0.03, "swh_Latn": 0.015}.items():
            pairs = list(zip(english, lines(code), strict=True))
            wrong = sum(bool(difference(source, text, "eng_Latn", code)) for source, text in pairs)
            seen = sum("49" in difference(source, f"{text} 49", "eng_Latn", code).added for source, text in pairs)
            assert wrong / len(pairs) < most, code
            assert seen / len(pairs) > 0.98, code


def test_a_language_that_icu_does_not_spell_falls_back_to_no_other():
    """ICU falls back to the machine's own language, in which numbers must not be looked for."""
    english = spelt("23", "eng_Latn")
    assert "twenty three" in english
    assert [
        code for code in LOCALES if code != "eng_Latn" and set(spelt("23", code)) & {"twenty three", "23"}
    ] == []
    assert set(LOCALES) <= set(languages())


def proofread(translated, question, **more):
    draft = {"draft_question": "Wann legte das Boot ab?", "draft_answers": ["Um sechs", "Um 7", "Mittags", "Nie"]}
    return translated(
        {"kind": "proofread", "question": question, "answers": draft["draft_answers"], **draft, **more}
    )


def test_edit_rates(translated):
    kept = edit_rates(proofread(translated, "Wann legte das Boot ab?")).iloc[0]
    assert kept["score"] == 1.0
    assert kept["reason"].startswith(
        "chrF 100.0, TER 0.0 (chrF nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:"
    )
    assert "; TER nrefs:1|case:mixed|tok:tercom|norm:yes|punct:yes|asian:yes|version:" in kept["reason"]
    mended = edit_rates(proofread(translated, "Wann fuhr das Boot ab?")).iloc[0]
    assert 0.5 < mended["score"] < 1
    assert not mended["flagged"]
    assert mended["reason"].startswith(f"chrF {100 * mended['score']:.1f}, TER 8.3 (")  # 1 of 12 tokens replaced
    anew = proofread(translated, "Xyz xxx?", answers=["qqqq", "wwww", "vvvv", "kkkk"])
    assert judged(edit_rates, anew)[0] is True


def test_drafts_have_no_edit_rate(translated):
    found = edit_rates(translated({}))
    assert judged(edit_rates, translated({})) == (False, "no draft to compare")
    assert math.isnan(found["score"].iloc[0])


@pytest.mark.slow
def test_identification_on_real_sentences(translated, shared_data):
    """What the docstring of `language_identified` claims."""
    flagged = judged_texts = 0
    with tarfile.open(shared_data / "flores200_dataset.tar.gz") as archive:
        for code in sorted(KNOWN):
            member = archive.extractfile(f"flores200_dataset/dev/{code}.dev")
            assert member is not None
            lines = [next(member).decode().strip() for _ in range(100)]
            pairs = [f"{a} {b}"[:250] for a, b in zip(lines[::2], lines[1::2], strict=True)]
            found = language_identified(
                translated(*({"language": code, "question": q, "answers": []} for q in pairs)), varieties=None
            )
            flagged += int(found["flagged"].fillna(False).sum())
            judged_texts += int(found["flagged"].notna().sum())
    assert (flagged, judged_texts > 3200) == (0, True)
