"""Whether a translation of a negated text is negated, as far as parallel sentences can tell.

Which words negate is known of a few source languages and of no target language. Whatever a language negates with,
words, endings, or signs within a word, stands far more often in renderings of negated sentences than in others; so
its marks are runs of up to six characters, each weighed by how much likelier it makes a negation (the lower end of
the log ratio's interval), and a text counts by the weightiest that it has. What renders *without* or *no longer*
varies too much, so plain negations alone are judged. A lost negation is looked for and not an added one: so much
that is not negated in one language is in another (*unlike*, *fail*, *only*), and most negated texts mark it.

Where the marks do not part negated texts from others there is no threshold, and nothing is judged.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType

from qc.translation_models.calibration import Calibration, HeldOutText, Threshold, calibrate
from qc.translation_models.held_out_scores import LEAST_TEXTS
from qc.translation_models.meaning.parallel_cuts import ParallelText

CHECK = "negation_kept"
"""The check that judges by it."""

LEAST_RECALL = 0.5
"""The share of renderings without a negation that must score below the threshold, or there is none."""

_LONGEST = 6  # characters of a mark
_LEAST = 4  # renderings of negated texts that have it
_OTHERS = 1000  # renderings of texts that are not negated, of which marks are learned
_LIGHTEST = 0.7  # the least weight of a mark, some twice as likely

_I = re.IGNORECASE
NEGATIONS: Mapping[str, tuple[re.Pattern[str], re.Pattern[str] | None]] = MappingProxyType(
    {
        code: (re.compile(plain, _I), re.compile(none, _I) if none else None)
        for code, plain, none in (
            ("eng_Latn", r"\b(?:not|cannot|never)\b|n['’]t\b", r"\bnot (?:only|just|merely|until|necessarily)\b"),
            ("deu_Latn", r"\b(?:nicht|nie|niemals)\b", r"\bnicht (?:nur|bloß|zuletzt)\b"),
            ("nld_Latn", r"\b(?:niet|nooit)\b", r"\bniet (?:alleen|slechts)\b"),
            ("fra_Latn", r"(?:\bne |\bn['’])\S+(?: \S+)? (?:pas|jamais)\b", ""),
            ("spa_Latn", r"\b(?:no|nunca|jamás)\b", r"\bno (?:solo|sólo|obstante)\b"),
            ("por_Latn", r"\b(?:não|nunca|jamais)\b", r"\bnão (?:só|apenas|obstante)\b"),
            ("ita_Latn", r"\b(?:non|mai)\b", r"\bnon (?:solo|soltanto|appena)\b"),
            ("rus_Cyrl", r"\b(?:не|никогда)\b", r"\bне только\b"),
            ("ind_Latn", r"\b(?:tidak|bukan|belum)\b", r"\b(?:tidak|bukan) hanya\b"),
        )
    }
)
"""By source language, its plain negations, and what begins like one and is none."""


def negated(text: str, language: str) -> bool | None:
    """Return whether a source text is plainly negated; None in a language whose negations are not known here.

    >>> [negated(text, "eng_Latn") for text in ("It isn’t his.", "Not only his.", "Without him.")]
    [True, False, False]
    >>> negated("Hii si yake.", "swh_Latn") is None
    True
    """
    if language not in NEGATIONS:
        return None
    plain, none = NEGATIONS[language]
    return plain.search(none.sub("", text) if none else text) is not None


class NegationMarks:
    """The marks of negation in one language, by folds that have not seen a part of the documents.

    Args:
        language: the target language.
        source_language: the language of the sources.
        texts: parallel texts.
        fold_of: by document, the fold that has not seen it.
        rate: the share of correct renderings of negated texts that may be flagged; 0 for no threshold.

    Attributes:
        correct: the scores of these renderings by marks that were learned from other documents.
        calibration: the threshold, the same for all lengths.
        recall: the share of renderings of texts that are not negated which score below it, whether or not that was
            enough for a threshold; None where none could be drawn.
    """

    def __init__(
        self,
        language: str,
        source_language: str,
        texts: Sequence[ParallelText],
        fold_of: Mapping[str, int],
        rate: float,
    ) -> None:
        self.language = language
        self._weights: list[dict[str, float]] = []
        self.correct: list[HeldOutText] = []
        self.calibration = Calibration(CHECK, rate, f"{len(texts)} texts, too few of them negated", ())
        self.recall: float | None = None
        kinds = [negated(one.source, source_language) for one in texts]
        denied = [one for one, kind in zip(texts, kinds, strict=True) if kind]
        others = [one for one, kind in zip(texts, kinds, strict=True) if kind is False]
        if not rate or len(denied) < LEAST_TEXTS:
            return
        both = denied, others[:: max(1, len(others) // _OTHERS)]
        runs = [[_runs(one.target) for one in some] for some in both]
        folds = [[fold_of[one.document] for one in some] for some in both]
        for fold in range(max(folds[0]) + 1):
            self._weights.append(_weights(*([
                one for one, of in zip(some, of_some, strict=True) if of != fold
            ] for some, of_some in zip(runs, folds, strict=True))))  # fmt: skip
        scores = [
            [_score(self._weights[fold], one) for one, fold in zip(some, of_some, strict=True)]
            for some, of_some in zip(runs, folds, strict=True)
        ]
        self.correct = [
            HeldOutText(score, language, 0, one.document) for score, one in zip(scores[0], denied, strict=True)
        ]
        said = f"the renderings of {len(denied)} negated texts among {len(texts)}"
        drawn = calibrate(CHECK, self.correct, rate, fitted_on=said)
        line = drawn.threshold(language, 0)
        if line is not None and scores[1]:
            self.recall = sum(score < line for score in scores[1]) / len(scores[1])
        if self.recall is None or self.recall < LEAST_RECALL:
            (cell,) = drawn.thresholds
            none = Threshold(language, cell.length_class, cell.texts, cell.documents)
            drawn = replace(drawn, thresholds=(none,))
        self.calibration = drawn

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: all but the texts that it was tested with, which only its threshold needs."""
        return {name: value for name, value in vars(self).items() if name != "correct"}

    def score(self, target: str, fold: int = 0) -> float:
        """Return how sure it is that a text is negated, by the marks of a fold; 0 where it has none."""
        return _score(self._weights[fold], _runs(target)) if self._weights else 0.0


def _weights(negative: Sequence[frozenset[str]], others: Sequence[frozenset[str]]) -> dict[str, float]:
    """Return the marks with their weights, of the runs of renderings of negated texts and of others."""
    with_it = Counter(run for one in negative for run in one)
    able = {run for run, count in with_it.items() if count >= _LEAST}
    without: Counter[str] = Counter()
    for one in others:
        without.update(one & able)
    found = {}
    for run in able:
        of, beside = with_it[run] + 0.5, without[run] + 0.5
        ratio = math.log(of / (len(negative) + 1)) - math.log(beside / (len(others) + 1))
        weight = ratio - math.sqrt(1 / of + 1 / beside)
        if weight > _LIGHTEST:
            found[run] = weight
    return found


def _score(weights: Mapping[str, float], runs: Iterable[str]) -> float:
    return max((weights[run] for run in runs if run in weights), default=0.0)


def _runs(text: str) -> frozenset[str]:
    """Return the runs of characters of a text, its words parted by one space.

    >>> sorted(run for run in _runs("No, no") if len(run) > 4)
    [' no n', ' no no', 'no no', 'no no ', 'o no ']
    """
    parted = _parted(text)
    return frozenset(
        parted[first : first + size] for size in range(1, _LONGEST + 1) for first in range(len(parted) - size + 1)
    )


def _parted(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    kept = "".join(one if _part_of_word(one) else " " for one in folded)
    return f" {' '.join(kept.split())} "


@lru_cache(maxsize=1 << 14)
def _part_of_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "PZSC" or sign in "'’\u200c\u200d"
