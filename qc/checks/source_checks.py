"""Checks for faults in the passages themselves, before anyone writes a question about them.

Translators find faults in the source every week, and one found late undoes a hundred translations. So the text is
judged once when it comes in, in every language. The scopes are a passage, a pair of languages, and a language.
Checks of passages and pairs return only the passages and pairs that they flag, since nearly all of 66,000 passages
are fine and a verdict for each would cost more than it tells; checks of languages return one finding per language.

`score` is the share of the text that is free of the fault. No two texts are compared with each other character by
character: equal sentences are found by sorting or hashing, in a time that follows the text's length.
"""

from __future__ import annotations

import re
import unicodedata
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.languages import languages, script_shares
from qc.check import Span, Suite, check
from qc.text.sentence_shift import Shift, common_numbers, shift_of
from qc.text.text_folding import ascii_digits

JOINED = frozenset(
    [
        "Arab",
        "Beng",
        "Deva",
        "Gujr",
        "Guru",
        "Khmr",
        "Knda",
        "Mlym",
        "Mong",
        "Mymr",
        "Nkoo",
        "Orya",
        "Sinh",
        "Taml",
        "Telu",
    ]
)
"""Scripts that shape letters by the zero-width joiner and non-joiner."""

UNSPACED = frozenset(["Hans", "Hant", "Jpan", "Khmr", "Laoo", "Mymr", "Thai", "Tibt"])
"""Scripts without spaces between words, where a zero-width space marks a possible line break."""

_INVISIBLE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ue000-\uf8ff\U000e0000-\U000e007f]"
)
"""Control characters, characters without a width, and private-use characters, which nobody else can read."""

_SHOWN = 50
_NAMED = 3

Finding = tuple[str, str, float, bool | None, str]
"""Subject, language, score, flagged, reason."""


@check(scope="passage")
def empty_sentences(passages: pd.DataFrame) -> pd.DataFrame:
    """The passage has a sentence without a letter or digit."""
    sentences = _sentences(passages)
    empty = np.array([not any(map(str.isalnum, text)) for text in sentences["sentence"]], dtype=bool)
    told = "sentence " + sentences["number"].astype(str) + " is empty"
    return _per_passage(passages, sentences.assign(told=told)[empty])


@check(scope="passage")
def repeated_sentences(passages: pd.DataFrame) -> pd.DataFrame:
    """A sentence of the passage also occurs elsewhere in the same language."""
    sentences = _sentences(passages)
    sentences = sentences[sentences["sentence"] != ""]
    again = sentences[sentences.duplicated(["language", "sentence"], keep=False)]
    lines = list(
        zip(*(again[name] for name in ("language", "sentence", "passage_id", "number", "split")), strict=True)
    )
    wheres = [
        f"{name} sentence {number}" + (f" ({split})" if split else "") for _, _, name, number, split in lines
    ]
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (code, sentence, *_), where in zip(lines, wheres, strict=True):
        places[code, sentence].append(where)
    told = []
    for (code, sentence, _, number, _), where in zip(lines, wheres, strict=True):
        others = [other for other in places[code, sentence] if other != where][:_NAMED]
        told.append(f"sentence {number}, {_short(sentence)}, stands also at {' and '.join(others)}")
    return _per_passage(passages, again.assign(told=told))


@check(scope="passage")
def passage_characters(passages: pd.DataFrame) -> pd.DataFrame:
    """The passage has characters that a reader cannot see.

    Joiners and non-joiners after a letter are allowed in scripts that are shaped by them, zero-width spaces in
    scripts that put no spaces between words, and direction marks where the text runs from right to left.
    """
    found: list[tuple[int, float, str]] = []
    spans = []
    for line, (code, text) in enumerate(zip(passages["language"], passages["text"], strict=True)):
        if not _INVISIBLE.search(text):
            continue
        places = list(_INVISIBLE.finditer(_allowed(code).sub("x", text)))  # all of one character
        unseen = Counter(one[0] for one in places)
        if unseen:
            told = ", ".join(f"{_named(one)} ({times}x)" for one, times in sorted(unseen.items()))
            found.append((line, 1 - unseen.total() / len(text), told))
            spans.append(tuple(Span("passage", f"holds {_named(one[0])}", *one.span()) for one in places))
    return _flagged(passages, found).assign(spans=pd.Series(spans, dtype=object))


@check(scope="passage")
def passage_script(passages: pd.DataFrame, *, least_share: float = 0.5) -> pd.DataFrame:
    """Too few of the passage's letters belong to the script of its language.

    A passage without letters, and a language that the table of languages does not know, cannot be judged.

    Args:
        passages: columns of `data.ledger.tables.PASSAGES`.
        least_share: of the letters. Names and units in Latin letters are common everywhere, so it is low.
    """
    wrong: list[tuple[int, float, str]] = []
    unjudged: list[tuple[int, float, str]] = []
    shares = np.full(len(passages), np.nan)
    all_texts = passages["text"].to_numpy(dtype=object)
    for code, lines in passages.groupby("language").indices.items():
        if script := _script(str(code)):
            shares[lines] = script_shares(list(all_texts[lines]), script)
    for line, (code, share) in enumerate(zip(passages["language"], shares, strict=True)):
        script = _script(code)
        if share != share:  # NaN
            told = "there are no letters in it" if script else f"{code} is not in the table of languages"
            unjudged.append((line, share, told))
        elif share < least_share:
            wrong.append((line, share, f"only {share:.0%} of the letters are {script}"))
    return pd.concat([_flagged(passages, wrong), _flagged(passages, unjudged, flagged=None)], ignore_index=True)


_DOUBLED = re.compile(r'""""|(?<=[^\W_])""|""(?=[^\W_])|(?<=[.,;:!?])""')


@check(scope="passage")
def passage_quotes(passages: pd.DataFrame) -> pd.DataFrame:
    """The passage has doubled quotation marks, such as remain when CSV is written or read twice."""
    found: list[tuple[int, float, str]] = []
    spans = []
    for line, text in enumerate(passages["text"]):
        places = list(_DOUBLED.finditer(text)) if '""' in text else []
        if places:
            told = f"quotation marks are doubled ({len(places)}x): {_short(_around(text, places[0].start()))}"
            found.append((line, 1 - min(1.0, sum(len(one[0]) for one in places) / len(text)), told))
            spans.append(tuple(Span("passage", "quotation marks are doubled", *one.span()) for one in places))
    return _flagged(passages, found).assign(spans=pd.Series(spans, dtype=object))


def _around(text: str, place: int) -> str:
    return text[max(0, place - 20) : place + 25]


@check(scope="passage")
def length_ratio(passages: pd.DataFrame, *, times: float = 3.0, fewest: int = 8) -> pd.DataFrame:
    """A sentence is far longer or shorter than the same sentence in the other languages.

    What is expected is the median of the logarithms of its lengths in all languages, plus what is usual for its
    own language. A sentence of another text that was pasted over the right one shows so, without reading either.
    With fewer languages than `fewest` nothing can be expected, and nothing is found.

    Args:
        passages: columns of `data.ledger.tables.PASSAGES`.
        times: how many times longer or shorter it must be.
        fewest: languages that are needed.
    """
    sentences = _sentences(passages)
    sentences = sentences[sentences["sentence"] != ""]
    if sentences["language"].nunique() < fewest:
        return _flagged(passages, [])
    sentences = sentences.assign(length=np.log(sentences["sentence"].str.len().astype("float64")))
    for by in (["passage_id", "number"], ["language"]):
        sentences["length"] -= sentences.groupby(by)["length"].transform("median")
    far = sentences[sentences["length"].abs() > np.log(times)]
    told = [
        f"sentence {number} is {np.exp(abs(length)):.1f} times {'longer' if length > 0 else 'shorter'} "
        "than in the other languages"
        for number, length in zip(far["number"], far["length"], strict=True)
    ]
    return _per_passage(passages, far.assign(told=told))


@check(scope="pair")
def near_copies(passages: pd.DataFrame, *, least_share: float = 0.05) -> pd.DataFrame:
    """Two languages have the same text in many of their sentences.

    Args:
        passages: columns of `data.ledger.tables.PASSAGES`.
        least_share: of the sentences that both have, at which a pair is flagged. In FLORES-200 all but six of its
            20,706 pairs of languages share less than 2 %.
    """
    sentences = _sentences(passages)
    sentences = sentences[sentences["sentence"] != ""]
    per_language = sentences.groupby("language").size()
    place = ["passage_id", "number", "sentence"]
    shared = sentences[sentences.duplicated(place, keep=False)]
    pairs = shared.merge(shared, on=place, suffixes=("", "_other"))
    pairs = pairs[pairs["language"] < pairs["language_other"]]
    found: list[Finding] = []
    for (one, other), same in Counter(zip(pairs["language"], pairs["language_other"], strict=True)).items():
        both = int(min(per_language[one], per_language[other]))
        if same / both >= least_share:
            told = f"{same / both:.0%} of the sentences are the same in {one} and {other} ({same} of {both})"
            found.append((f"{one}+{other}", "", 1 - same / both, True, told))
    return _table(sorted(found))


@check(scope="language")
def misaligned_counts(passages: pd.DataFrame) -> pd.DataFrame:
    """Passages of the language do not have as many sentences as in most languages.

    One language alone cannot be judged; a passage that the language does not have is not counted.
    """
    counts = passages.assign(count=passages["sentences"].map(len)).pivot(
        index="passage_id", columns="language", values="count"
    )
    if counts.shape[1] < 2:
        told = "there is no language to compare with"
        return _table([(str(code), str(code), np.nan, None, told) for code in counts.columns])
    usual = counts.mode(axis="columns")[0]
    found: list[Finding] = []
    for code in map(str, counts.columns):
        own = counts[code].dropna()
        other = own[own != usual.reindex(own.index)]
        shown = [f"{name} ({n:.0f}, not {usual.at[name]:.0f})" for name, n in other.head(_NAMED).items()]
        told = f"{len(other)} of {len(own)} passages have another number of sentences: {', '.join(shown)}"
        found.append((code, code, 1 - len(other) / len(own), len(other) > 0, told if shown else ""))
    return _table(found)


@check(scope="language")
def shifted_sentences(passages: pd.DataFrame, *, evidence: float = 8.0, fewest: int = 3) -> pd.DataFrame:
    """Over a stretch, sentences of the language are one line off against the other languages.

    Only for sources that are aligned sentence by sentence: passages whose number of sentences differs between
    languages are left out. How it is seen says `qc.text.sentence_shift`. Of FLORES-200's 204 languages it flags
    one at the default, Awadhi, dev 881 to 883, and rightly: what stands in 883 renders 884.

    Args:
        passages: columns of `data.ledger.tables.PASSAGES`.
        evidence: that a stretch must have, a logarithm of likelihoods.
        fewest: sentences that it must have.
    """
    found: list[Finding] = []
    codes = sorted(map(str, passages["language"].unique()))
    if len(codes) < 2:
        return _table([(code, code, np.nan, None, "there is no language to compare with") for code in codes])
    told: dict[str, list[str]] = {code: [] for code in codes}
    for split, part in passages.groupby(passages["split"].astype(str), sort=True):
        for code, shift, places in _shifts(part, evidence, fewest):
            where = f"from {places[shift.first]} to {places[shift.last]}"
            beside = "next" if shift.by > 0 else "previous"
            name = str(split) or "passages"
            told[code].append(f"{name}, {where}: each matches the {beside} sentence of the others")
    for code in codes:
        found.append((code, code, 0.0 if told[code] else 1.0, bool(told[code]), "; ".join(told[code])))
    return _table(found)


def _shifts(passages: pd.DataFrame, evidence: float, fewest: int) -> Iterator[tuple[str, Shift, list[str]]]:
    """Yield, per language, a stretch that is shifted and the names of the sentences of the split."""
    counts = passages.assign(count=passages["sentences"].map(len)).groupby("passage_id")["count"]
    languages_of = passages.groupby("passage_id")["language"].transform("nunique")
    same = (counts.transform("min") == counts.transform("max")) & (languages_of == passages["language"].nunique())
    aligned = passages[same]
    if "position" in aligned:
        aligned = aligned.sort_values("position", kind="stable")
    sentences: dict[str, list[str]] = {}
    places: list[str] = []
    for code, part in aligned.groupby("language", sort=True):
        sentences[str(code)] = [text for some in part["sentences"] for text in some]
        places = places or _places(part)
    if len(places) < fewest or len(sentences) < 2:
        return
    codes = list(sentences)
    lengths = np.log(np.array([[len(text) or np.nan for text in sentences[code]] for code in codes], dtype=float))
    lengths -= np.nanmedian(lengths, axis=1, keepdims=True)
    numbers = {code: [_numbers(text) for text in sentences[code]] for code in codes}
    few = len(codes) <= _FEW
    common = common_numbers([numbers[code] for code in codes])
    middle = _median(lengths)
    for row, code in enumerate(codes):
        others = common_numbers([numbers[one] for one in codes if one != code]) if few else common
        expected = _median(np.delete(lengths, row, axis=0)) if few else middle
        shift = shift_of(lengths[row], expected, numbers[code], others, least=evidence, fewest=fewest)
        if shift is not None:
            yield code, shift, places


_FEW = 24  # with so many languages each is left out of its own expected value


def _median(lengths: NDArray[np.float64]) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a sentence that is empty in all of them is NaN
        middle: NDArray[np.float64] = np.nanmedian(lengths, axis=0)
    return middle


_NUMBERS = re.compile(r"\d+(?:[.,:]?\d+)*")


def _numbers(text: str) -> frozenset[str]:
    """Return the numbers of two digits and more, as digits alone."""
    plain = ascii_digits(text)
    found = (re.sub(r"\D", "", one) for one in _NUMBERS.findall(plain))
    return frozenset(one for one in found if len(one) > 1)


def _places(part: pd.DataFrame) -> list[str]:
    """Return each sentence's name: a line, where the source numbers them throughout, else passage and sentence."""
    numbers = [list(some) for some in part["sentence_ids"]] if "sentence_ids" in part else []
    through = [one for some in numbers for one in some]
    if through and len(set(through)) == len(through):
        return [f"line {int(one) + 1}" for one in through]
    return [
        f"{name} sentence {number}"
        for name, some in zip(part["passage_id"], part["sentences"], strict=True)
        for number in range(1, len(some) + 1)
    ]


SOURCE_SUITE: Suite = (
    empty_sentences,
    repeated_sentences,
    passage_characters,
    passage_script,
    passage_quotes,
    length_ratio,
    near_copies,
    misaligned_counts,
    shifted_sentences,
)
"""All checks of passages; each takes the passages of all languages at once."""


def _sentences(passages: pd.DataFrame) -> pd.DataFrame:
    """Return one line per sentence; `line` is the passage's index in the table, `number` counts from 1."""
    counts = np.array([len(some) for some in passages["sentences"]], dtype=np.int64)
    line = np.repeat(np.arange(len(passages)), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    return pd.DataFrame(
        {
            **{name: passages[name].to_numpy()[line] for name in ("passage_id", "language", "split")},
            "line": line,
            "number": np.arange(len(line)) - first + 1,
            "sentence": pd.Series([one for some in passages["sentences"] for one in some], dtype="str"),
        }
    )


def _per_passage(passages: pd.DataFrame, faulty: pd.DataFrame) -> pd.DataFrame:
    """Return findings from faulty sentences: lines of `_sentences` with the text on each fault, in `told`."""
    told: dict[int, list[str]] = defaultdict(list)
    for line, problem in zip(faulty["line"], faulty["told"], strict=True):
        told[line].append(problem)
    counts = passages["sentences"].map(len).tolist()
    return _flagged(
        passages, [(line, 1 - len(all_of) / counts[line], "; ".join(all_of)) for line, all_of in told.items()]
    )


def _flagged(
    passages: pd.DataFrame, found: Sequence[tuple[int, float, str]], *, flagged: bool | None = True
) -> pd.DataFrame:
    """Return findings about passages: line in the table, score, reason; and the revision, if the table has it."""
    about = passages.iloc[[line for line, _, _ in found]]
    subjects = zip(about["passage_id"], about["language"], found, strict=True)
    table = _table([(name, code, score, flagged, told) for name, code, (_, score, told) in subjects])
    return table.assign(revision=about["revision"].to_numpy()) if "revision" in about else table


def _table(found: Sequence[Finding]) -> pd.DataFrame:
    subject, code, score, flagged, reason = zip(*found, strict=True) if found else ((),) * 5
    return pd.DataFrame(
        {
            "subject": pd.Series(subject, dtype="str"),
            "language": pd.Series(code, dtype="str"),
            "score": pd.Series(score, dtype="float64"),
            "flagged": pd.Series(flagged, dtype="boolean"),
            "reason": pd.Series(reason, dtype="str"),
        }
    )


def _script(code: str) -> str | None:
    known = languages().get(code)
    return known.script if known else None


@cache
def _allowed(code: str) -> re.Pattern[str]:
    """Return a pattern for invisible characters that a language needs, where it needs them."""
    known = languages().get(code)
    kinds = ["(?!)"]
    if known and known.script in JOINED:
        kinds.append(r"(?<=[^\W\d_])[\u200c\u200d]|(?<=[\u0300-\u036f\u064b-\u065f\u0900-\u1fff])[\u200c\u200d]")
    if known and known.script in UNSPACED:
        kinds.append("\u200b")
    if known and known.direction == "rtl":
        kinds.append("[\u200e\u200f\u061c]")
    return re.compile("|".join(kinds))


def _named(character: str) -> str:
    name = unicodedata.name(character, "control or private character")
    return f"U+{ord(character):04X} {name}"


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
