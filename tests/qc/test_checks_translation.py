import math
import tarfile

import pandas as pd
import pytest

from data.languages import languages
from qc.checks.translation import (
    KNOWN,
    TRANSLATION_SUITE,
    answers_match_count,
    edit_rates,
    language_identified,
    numbers_kept,
    untranslated,
)

GERMAN = {
    "question": "Um wie viel Uhr verließ das kleine Boot den alten Hafen der Stadt?",
    "answers": ["Kurz nach sechs Uhr", "Genau um sieben Uhr", "Erst am späten Mittag", "Es fuhr überhaupt nicht"],
}


def judged(check, table, **parameters):
    """(flagged, reason) of the only item; None for 'could not judge'."""
    found = check(table, **parameters)
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
    assert language_identified(table)["score"].nunique() == 1


def test_a_language_of_another_script_is_not_believed(translated):
    traditional = "小船什麼時候離開了這座城市的舊港口？請根據文章選出正確的答案"
    table = translated(
        {"language": "zho_Hant", "question": traditional, "answers": ["六點", "七點", "中午", "沒有"]}
    )
    assert judged(language_identified, table) == (False, "")


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
    assert numbers(translated, source, ["1.500", "In 1996", "3,5 %", "2"]) == (
        True,
        "option 2 lacks 1969 of the source: “In 1996”",
    )
    assert numbers(translated, source, ["1500", "3,5", "1969", "Keine"]) == (
        True,
        "options 2 and 3 look swapped: so do their numbers",
    )
    assert numbers(translated, ["between 2 and 30", "a", "b", "c"], ["2 bis 30", "a", "b", "c"]) == (False, "")


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
                translated(*({"language": code, "question": q, "answers": []} for q in pairs))
            )
            flagged += int(found["flagged"].fillna(False).sum())
            judged_texts += int(found["flagged"].notna().sum())
    assert (flagged, judged_texts > 3200) == (0, True)
