"""Negation is told by what a language marks it with, word or ending; where that tells too little, nothing is."""

import random

import pandas as pd
import pytest

from qc.checks.negation_checks import negation_kept, negation_scores
from qc.translation_models.meaning.meaning_model import MeaningModel, Rates
from qc.translation_models.meaning.parallel_cuts import ParallelText
from qc.translation_models.negation import NegationMarks, negated

MARKED = {  # how a language negates the verb that ends its sentence
    "arb_Arab": ("بتجدرسشعفقكلمنه", " ", "لا {verb}"),
    "heb_Hebr": ("אבגדהוזחטיכלמנס", " ", "לא {verb}"),
    "hin_Deva": ("कगचजटडतदपबमरलवस", " ", "नहीं {verb}"),
    "tha_Thai": ("กขคงจชซดตถทธนบป", "", "ไม่{verb}"),
    "khm_Khmr": ("កខគឃងចឆជឈញដថទធន", "", "មិន{verb}ទេ"),
    "jpn_Jpan": ("かきくけこさしすせそたちつてと", "", "{verb}ない"),
    "zho_Hans": ("山水火木金土日月人口手足目耳心", "", "不{verb}"),
    "tur_Latn": ("abcdefghklmnop", " ", "{verb}mez"),
    "mya_Mymr": ("ကခဂငစဆဇညတထဒနပဖဗ", "", "မ{verb}ဘူး"),
}


def sentence(code: str, number: int, *, source_denies: bool, denies: bool) -> tuple[str, str]:
    signs, space, mark = MARKED[code]
    draw = random.Random(f"{code} {number}")
    words = ["".join(draw.choice(signs) for _ in range(draw.randint(2, 4))) for _ in range(7)]
    verb = words.pop()
    target = space.join([*words, mark.format(verb=verb) if denies else verb])
    return f"The {number} tools {'do not' if source_denies else 'often'} work here", target


def texts(code: str, negations: int = 230, unmarked: int = 0, every: int = 4) -> list[ParallelText]:
    """Sentences, every so many negated, some of these without a mark of it in the target."""
    found = []
    for number in range(every * negations):
        denied = number % every == 0
        pair = sentence(code, number, source_denies=denied, denies=denied and number >= every * unmarked)
        found.append(ParallelText(*pair, f"d{number // 3}"))
    return found


def marks(code: str, some: list[ParallelText], source: str = "eng_Latn") -> NegationMarks:
    return NegationMarks(code, source, some, {f"d{n}": n % 5 for n in range(len(some))}, 0.02)


class Known:
    """As much of a MeaningModel as the check asks of."""

    def __init__(self, learned: NegationMarks) -> None:
        self.language = learned.language
        self.calibrations = {"negation_kept": learned.calibration}
        self.negation_score = lambda target, document="": learned.score(target)


def table(items, code: str, denies: bool, source: str = "eng_Latn", **more: object) -> pd.DataFrame:
    of, said = sentence(code, 5001, source_denies=True, denies=denies)
    other = [sentence(code, 6000 + n, source_denies=False, denies=False) for n in range(4)]
    answers, sources = [target for _, target in other], [own for own, _ in other]
    line = {"language": code, "source_language": source, "kind": "draft", "question": said, "answers": answers}
    return items({**line, "source_question": of, "source_answers": sources, **more})


def flag(found: pd.DataFrame) -> bool | None:
    (one,) = found["flagged"]
    return None if pd.isna(one) else bool(one)


@pytest.mark.parametrize("code", MARKED)
def test_a_lost_negation_is_flagged_and_a_kept_one_is_not(code, items):
    learned = marks(code, texts(code))
    assert learned.recall is not None and learned.recall > 0.9
    meanings = {code: Known(learned)}
    assert flag(negation_kept(table(items, code, denies=True), meanings=meanings)) is False
    lost = negation_kept(table(items, code, denies=False), meanings=meanings)
    assert flag(lost) is True
    ((span,),) = lost["spans"]
    assert span.part == "question" and "does not seem to negate what its source does" in span.reason


def test_where_marks_do_not_tell_nothing_is_judged(items):
    often_unmarked = marks("tur_Latn", texts("tur_Latn", unmarked=40))
    assert often_unmarked.recall is not None and often_unmarked.recall < 0.5
    (line,) = often_unmarked.calibration.thresholds
    assert (line.texts, line.threshold, line.flagged) == (230, None, None)
    few = marks("tur_Latn", texts("tur_Latn", negations=190))
    assert not few.calibration.thresholds and few.recall is None
    unknown_source = marks("tur_Latn", texts("tur_Latn"), source="swh_Latn")
    assert not unknown_source.calibration.thresholds
    for one in (often_unmarked, few, unknown_source):
        found = negation_kept(table(items, "tur_Latn", denies=False), meanings={"tur_Latn": Known(one)})
        assert flag(found) is None and found["reason"].str.contains("tur_Latn").all()
    assert flag(negation_kept(table(items, "tur_Latn", denies=False), meanings=None)) is None
    swahili = negation_kept(table(items, "tur_Latn", denies=False, source="swh_Latn"), meanings=None)
    assert flag(swahili) is None and swahili["reason"].tolist() == [
        "how swh_Latn negates is not known; a reader must judge it"
    ]


def test_what_is_not_negated_is_not_asked(items):
    plain = table(items, "tur_Latn", denies=False, source_question="The tools often work here")
    found = negation_kept(plain, meanings=None)
    assert flag(found) is False and not found["applicable"].any()


@pytest.mark.parametrize(
    ("language", "text", "denies"),
    [
        ("eng_Latn", "Which is NOT mentioned?", True), ("eng_Latn", "They didn't go", True),
        ("eng_Latn", "Not only there", False), ("eng_Latn", "A notable knot, nothing else", False),
        ("fra_Latn", "Il n’est pas là", True), ("fra_Latn", "Il ne boit que du thé", False),
        ("rus_Cyrl", "Он не пришёл", True), ("rus_Cyrl", "Не только он", False),
        ("deu_Latn", "Nicht nur er", False),
        ("ita_Latn", "Non è vero", True), ("khm_Khmr", "មិនមែន", None),
    ],
)  # fmt: skip
def test_plain_negations(language: str, text: str, denies: bool | None) -> None:
    assert negated(text, language) is denies


def test_a_meaning_model_learns_the_marks(items):
    some = texts("hin_Deva", negations=205, every=2)
    model = MeaningModel("hin_Deva", some, rates=Rates(negation_kept=0.02), folds=2, source_language="eng_Latn")
    assert model.calibrations["negation_kept"].threshold("hin_Deva", 0) is not None
    found = [
        negation_kept(table(items, "hin_Deva", denies=one), meanings={"hin_Deva": model}) for one in (True, False)
    ]
    assert list(map(flag, found)) == [False, True]
    scores = [
        one.score
        for kept in (True, False)
        for one in negation_scores(table(items, "hin_Deva", denies=kept), model)
    ]
    assert len(scores) == 2 and scores[0] > scores[1]
    nothing_left = NegationMarks("hin_Deva", "eng_Latn", some, {}, 0.0)  # by a fit from before there was the check
    assert not nothing_left.calibration.thresholds
