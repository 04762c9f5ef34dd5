"""Checks that compare a translated item with its origin: the source item, and the draft if proofread.

They catch faults that a proofreader may overlook, and judge no style. A check without anything to compare (a
source item, a draft without a predecessor) passes with the reason: an answer of 'could not judge' would ask a
person to look at something that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING

import pandas as pd

from data.languages import canonical, script_share
from qc.check import Span, Suite, check, findings, option_part
from qc.checks.completeness_checks import blank_text, cut_short, doubled_words, repeated_text
from qc.checks.foreign_letter_checks import mixed_script, source_words_left
from qc.checks.numeral_checks import digits_kept
from qc.checks.punctuation_checks import end_marks, unpaired_brackets, unpaired_quotes
from qc.checks.rendering_checks import one_rendering, reused_rendering, text_of_another_item
from qc.checks.source_comparison import against_source, source_pairs
from qc.checks.wording_checks import quoted, texts
from qc.text.edit_rates import EditRates
from qc.text.numerals import Difference, difference
from qc.text.text_folding import fold, script_of

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory

    from qc.translation_models.varieties.variety_fit import VarietyFit

_LANGDETECT = {
    "af": "afr_Latn", "ar": "arb_Arab acm_Arab acq_Arab aeb_Arab ajp_Arab apc_Arab ars_Arab ary_Arab arz_Arab",
    "bg": "bul_Cyrl", "bn": "ben_Beng", "ca": "cat_Latn", "cs": "ces_Latn", "cy": "cym_Latn", "da": "dan_Latn",
    "de": "deu_Latn", "el": "ell_Grek", "en": "eng_Latn", "es": "spa_Latn", "et": "est_Latn",
    "fa": "pes_Arab prs_Arab", "fi": "fin_Latn", "fr": "fra_Latn", "gu": "guj_Gujr", "he": "heb_Hebr",
    "hi": "hin_Deva", "hr": "hrv_Latn", "hu": "hun_Latn", "id": "ind_Latn", "it": "ita_Latn", "ja": "jpn_Jpan",
    "kn": "kan_Knda", "ko": "kor_Hang", "lt": "lit_Latn", "lv": "lvs_Latn", "mk": "mkd_Cyrl", "ml": "mal_Mlym",
    "mr": "mar_Deva", "ne": "npi_Deva", "nl": "nld_Latn", "no": "nob_Latn nno_Latn", "pa": "pan_Guru",
    "pl": "pol_Latn", "pt": "por_Latn", "ro": "ron_Latn", "ru": "rus_Cyrl", "sk": "slk_Latn", "sl": "slv_Latn",
    "so": "som_Latn", "sq": "als_Latn", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "te": "tel_Telu",
    "th": "tha_Thai", "tl": "tgl_Latn", "tr": "tur_Latn", "uk": "ukr_Cyrl", "ur": "urd_Arab", "vi": "vie_Latn",
    "zh-cn": "zho_Hans", "zh-tw": "zho_Hant",
}  # fmt: skip
"""langdetect's languages, and the codes of the variants that it reports under each."""

KNOWN = MappingProxyType({code: name for name, codes in _LANGDETECT.items() for code in codes.split()})

_DENSE = frozenset({"Hans", "Hant", "Jpan", "Hang"})  # scripts in which a character equals several letters


@check(scope="item", version=2)
def language_identified(
    items: pd.DataFrame,
    *,
    varieties: VarietyFit | None,
    certainty: float = 0.99,
    letters: int = 60,
    dense_letters: int = 20,
) -> pd.DataFrame:
    """Question and options together are in the language they should be in.

    By what the campaign's own passages look like in each of its varieties (`qc.translation_models.varieties`):
    a text is flagged that another variety explains better than the expected one, or that is not like it at all.
    Varieties that cannot be told apart in correct passages are not held against each other. Where there are too
    few of these, langdetect (character n-grams, 55 languages) judges alone, with a fixed seed: on FLORES-200's dev
    sentences, two joined and cut at 250 characters, none of 3,250 texts in 65 languages was mistaken at its
    defaults. Where both judge, langdetect is a witness whose word stands in the reason. Not judged: languages that
    neither knows, and texts too short. Single options are left to `untranslated` and `wrong_script`.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        varieties: the campaign's fit; None if it has none.
        certainty: least probability of another language for langdetect's flag.
        letters: fewest letters for langdetect.
        dense_letters: the same in Chinese, Japanese and Korean.
    """
    whole = ["\n".join([question, *options]) for question, options in texts(items)]
    codes = [str(code) for code in items["language"]]
    read = varieties.read(whole, [canonical(code) for code in codes]) if varieties else [None] * len(whole)
    flagged: list[bool | None] = []
    reasons, scores = [], []
    for text, code, ours in zip(whole, codes, read, strict=True):
        if (
            ours is not None and ours.flagged is False
        ):  # langdetect costs more than all that was read, so only doubts are put to it
            flagged.append(False)
            reasons.append("")
            scores.append(ours.score)
            continue
        witness = _langdetect(text, code, certainty, dense_letters if script_of(code) in _DENSE else letters)
        if ours is None or ours.flagged is None:
            flagged.append(witness.flagged)
            reasons.append(witness.reason)
            scores.append(witness.score)
            continue
        said = f"reads like {ours.best}, not {code}" if ours.best else f"is not like other texts in {code}"
        seconded = f"langdetect: {witness.best or 'cannot tell'}"
        flagged.append(True)
        reasons.append(f"{said} ({seconded})")
        scores.append(ours.score)
    return findings(items, flagged, reasons, scores)


@dataclass(frozen=True, slots=True)
class _Witness:
    flagged: bool | None
    best: str
    """The language that it takes the text for; "" if it cannot tell."""
    reason: str
    score: float


def _langdetect(text: str, code: str, certainty: float, least: int) -> _Witness:
    expected = KNOWN.get(canonical(code))
    if expected is None or sum(map(str.isalpha, text)) < least:
        why = f"langdetect does not know {code}" if expected is None else "too little text to tell a language"
        return _Witness(None, "", f"{why}; a reader must judge it", float("nan"))
    shares = _probabilities(text)
    other = max(shares, key=lambda name: shares[name], default=expected)
    sure = other != expected and shares[other] >= certainty and _in_script_of(text, other)
    reason = f"reads like {_LANGDETECT[other].split()[0]}, not {code}" if sure else ""
    score = min(1.0, shares.get(expected, 0.0)) if sure or other == expected else float("nan")
    return _Witness(sure, _LANGDETECT[other].split()[0] if other != expected else code, reason, score)


@cache
def _detectors() -> DetectorFactory:
    from langdetect.detector_factory import DetectorFactory  # many know these checks, few put a text to it

    factory = DetectorFactory()
    profiles = sorted(files("langdetect").joinpath("profiles").iterdir(), key=lambda profile: profile.name)
    factory.load_json_profile([profile.read_text(encoding="utf-8") for profile in profiles])
    factory.seed = 0  # it samples n-grams: without a seed the same text gets other answers
    return factory


def _probabilities(text: str) -> dict[str, float]:
    from langdetect.lang_detect_exception import LangDetectException

    detector = _detectors().create()
    detector.append(text)
    try:
        return {found.lang: found.prob for found in detector.get_probabilities()}
    except LangDetectException:  # its error for a text in which it knows no n-gram at all
        return {}


def _in_script_of(text: str, name: str) -> bool:
    return script_share(text, script_of(_LANGDETECT[name].split()[0])) >= 0.5


@check(scope="item")
def untranslated(items: pd.DataFrame, *, letters: int = 4) -> pd.DataFrame:
    """Neither the question nor an option is still the source's text.

    Numbers and names stay as they are in many languages. In the source's script only an option of two or more
    words counts, and not one whose words are all capitalised; in another script any does but abbreviations.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        letters: fewest letters of a text that must be translated: units and signs have fewer.
    """

    def fault(text: str, original: str, code: str, source: str, is_option: bool) -> bool:
        if fold(text) != fold(original) or sum(map(str.isalpha, text)) < letters:
            return False
        if not is_option:
            return True
        tokens = [token for token in text.split() if any(map(str.isalpha, token))]
        if script_of(code) != script_of(source):
            return not all(token.isupper() for token in tokens)
        return len(tokens) > 1 and not all(token[0].isupper() for token in tokens)

    spans: list[list[Span] | None] = []
    for (code, source), (question, options), (source_question, source_options) in source_pairs(items):
        if source_question is None or code == source:
            spans.append(None)
            continue
        pairs = [("question", "the question", question, source_question)]
        pairs += [
            (option_part(n), f"option {n}", text, original)
            for n, (text, original) in enumerate(zip(options, source_options, strict=False), 1)
        ]
        spans.append(
            [
                Span(part, f"{name} is still the source's text: {quoted(text)}")
                for part, name, text, of in pairs
                if fault(text, of, code, source, part != "question")
            ]
        )
    return against_source(items, spans)


@check(scope="item")
def answers_match_count(items: pd.DataFrame) -> pd.DataFrame:
    """There are as many options as in the source."""
    spans: list[list[Span] | None] = []
    for _, (_, options), (source_question, source) in source_pairs(items):
        if source_question is None:
            spans.append(None)
        else:
            said = f"there are {len(options)} options, the source has {len(source)}"
            spans.append([] if len(options) == len(source) else [Span("item", said)])
    return against_source(items, spans)


@check(scope="item", version=2)
def numbers_kept(items: pd.DataFrame) -> pd.DataFrame:
    """Question and options have the numbers of the source, no more and no fewer, and options were not swapped.

    Digits of any script count, separators within a number do not; what is said in words is looked for there
    (`qc.text.numerals`). A number may rightly be converted, so this is for the proofreader's eye. Of FLORES-200's
    2,009 sentences it flags 1.3 % of the translations on average over 203 languages (median .7 %; 10 % in Yoruba,
    which ICU does not spell).
    """
    spans: list[list[Span] | None] = []
    for (code, source_code), (question, options), (source_question, source) in source_pairs(items):
        if source_question is None:
            spans.append(None)
            continue
        pairs = [("the question", source_question, question)]
        numbered = enumerate(zip(source, options, strict=False), 1)
        pairs += [(f"option {place}", original, text) for place, (original, text) in numbered]
        found = {name: (difference(original, text, source_code, code), text) for name, original, text in pairs}
        found = {name: (differs, text) for name, (differs, text) in found.items() if differs}
        swapped = _swapped({name: differs for name, (differs, _) in found.items() if name != "the question"})
        said = [Span("item", f"options {a} and {b} look swapped: so do their numbers") for a, b in swapped]
        done = {f"option {place}" for pair in swapped for place in pair}
        said += [
            Span(name.removeprefix("the ").replace(" ", "_"), f"{name} {_differs(*told)}")
            for name, told in found.items()
            if name not in done
        ]
        spans.append(said)
    return against_source(items, spans)


def _swapped(found: Mapping[str, Difference]) -> list[tuple[str, str]]:
    """Return pairs of options of which each has what the other lacks."""
    names = list(found)
    return [
        (a.removeprefix("option "), b.removeprefix("option "))
        for place, a in enumerate(names)
        for b in names[place + 1 :]
        if sorted(found[a].lost) == sorted(found[b].added) and sorted(found[b].lost) == sorted(found[a].added)
    ]


def _differs(found: Difference, text: str) -> str:
    lost, added = ", ".join(found.lost), ", ".join(found.added)
    if lost and added:
        return f"has {added} where the source has {lost}: {quoted(text)}"
    return (
        f"lacks {lost} of the source: {quoted(text)}"
        if lost
        else (f"has {added}, which the source does not have: {quoted(text)}")
    )


NO_DRAFT = "no draft to compare"


@check(scope="item")
def edit_rates(items: pd.DataFrame, *, rewritten_below: float = 0.2) -> pd.DataFrame:
    """How much the proofreader changed, by chrF and TER of the draft against the proofread text.

    chrF (Popović 2015) and TER (Snover et al. 2006) by sacreBLEU, whose signatures stand in the reason, over
    question and options together. The score is chrF / 100: 1 for a draft that was left as it was.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        rewritten_below: a lower score means that nearly everything was written anew, and is flagged.
    """
    from sacrebleu.metrics.chrf import CHRF  # here, since it takes a third of a second, which few commands need
    from sacrebleu.metrics.ter import TER

    chrf, ter = CHRF(), TER(normalized=True, asian_support=True, case_sensitive=True)
    chrf.sentence_score("", [""])
    ter.sentence_score("", [""])  # a signature is complete only after a first score
    signatures = f"(chrF {chrf.get_signature()}; TER {ter.get_signature()})"
    reasons, scores = [], []
    drafts = zip(items["draft_question"], items["draft_answers"], strict=True)
    for (question, options), (draft_question, draft_answers) in zip(texts(items), drafts, strict=True):
        if not isinstance(draft_question, str):
            reasons.append(NO_DRAFT)
            scores.append(float("nan"))
            continue
        proofread, draft = "\n".join([question, *options]), "\n".join([draft_question, *draft_answers])
        rates = EditRates(100.0, 0.0)
        if draft != proofread:
            rates = EditRates(
                chrf.sentence_score(draft, [proofread]).score, ter.sentence_score(draft, [proofread]).score
            )
        scores.append(min(1.0, rates.chrf / 100))
        reasons.append(rates.reason(signatures))
    return findings(
        items,
        [score < rewritten_below for score in scores],
        reasons,
        scores,
        applicable=[reason != NO_DRAFT for reason in reasons],
    )


TRANSLATED_TEXT_SUITE: Suite = (
    blank_text,
    mixed_script,
    source_words_left,
    cut_short,
    doubled_words,
    repeated_text,
    end_marks,
    unpaired_brackets,
    unpaired_quotes,
    digits_kept,
    reused_rendering,
    one_rendering,
    text_of_another_item,
)
"""The checks of translated texts that need no model: each tells the place of a fault, and the mend if certain."""

TRANSLATION_SUITE: Suite = (
    answers_match_count,
    language_identified,
    untranslated,
    numbers_kept,
    *TRANSLATED_TEXT_SUITE,
    edit_rates,
)
