"""Checks of a translation's meaning, by what parallel sentences of its language taught.

They see what no comparison of signs can: options out of order, an option that does not say what its source says, a
text far too long or short. They are never sure, so each is a note for a person; their thresholds come from correct
texts that the judging model has not seen (`qc.translation_models.meaning`). Without such a model for the language,
or with too few texts of this length, they do not judge.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from qc.check import Check, Span, Suite, check, findings, option_part
from qc.checks.negation_checks import negation_kept, negation_scores
from qc.checks.source_comparison import SOURCE_ITEM
from qc.checks.wording_checks import quoted, texts
from qc.text.text_folding import fold

if TYPE_CHECKING:
    from qc.translation_models.calibration import HeldOutText
    from qc.translation_models.meaning.meaning_model import MeaningModel
    from qc.translation_models.meaning.word_alignment import Matrix

Meanings = Mapping[str, "MeaningModel"]
"""What was learned, by language."""


class _Judged(NamedTuple):
    """What is said of one item: None where it cannot be told; without a score, 1 for passed and 0 for flagged."""

    flagged: bool | None
    reason: str = ""
    spans: tuple[Span, ...] = ()
    applicable: bool = True
    score: float | None = None

    @property
    def rated(self) -> float | None:
        """The score in the findings."""
        return float(not self.flagged) if self.score is None and self.flagged is not None else self.score


class _Item(NamedTuple):
    language: str
    document: str
    key: int | None
    question: str
    options: list[str]
    source_question: str
    source_options: list[str]


_NOTHING = _Judged(False, SOURCE_ITEM, (), False)


def _items(items: pd.DataFrame) -> list[_Item | None]:
    """Return the translated items with their sources, None for a source item."""
    columns = (items[name] for name in ("language", "passage_id", "key", "source_question", "source_answers"))
    found: list[_Item | None] = []
    for (language, passage, key, question, answers), (own, options) in zip(
        zip(*columns, strict=True), texts(items), strict=True
    ):
        if not isinstance(question, str):
            found.append(None)
            continue
        number = None if pd.isna(key) else int(key)
        found.append(_Item(language, passage, number, own, options, question, list(answers)))
    return found


def _findings(
    items: pd.DataFrame,
    meanings: Meanings | None,
    judge: Callable[[MeaningModel, list[_Item]], Iterable[_Judged]],
) -> pd.DataFrame:
    """Return the findings of a check that judges a language's items together, one language after the other."""
    read = _items(items)
    judged = [_NOTHING] * len(read)
    by_language: dict[str, list[tuple[int, _Item]]] = defaultdict(list)
    for place, item in enumerate(read):
        if item is not None:
            by_language[item.language].append((place, item))
    for language, some in by_language.items():
        model = (meanings or {}).get(language)
        its = [item for _, item in some]
        told = [_unknown(item) for item in its] if model is None else judge(model, its)
        for (place, _), one in zip(some, told, strict=True):
            judged[place] = one
    return findings(
        items,
        [one.flagged for one in judged],
        [one.reason for one in judged],
        [one.rated for one in judged],
        spans=[one.spans for one in judged],
        applicable=[one.applicable for one in judged],
    )


def _unknown(item: _Item) -> _Judged:
    return _Judged(None, f"nothing was learned about {item.language}; a reader must judge it")


def _scored(model: MeaningModel, items: Sequence[_Item]) -> Iterator[tuple[_Item, Matrix | None]]:
    """Yield each item with the scores of its options, in one pass; None where they cannot be paired."""
    from qc.translation_models.meaning.meaning_model import Asked  # here, since few commands judge meaning

    paired = [item for item in items if 0 < len(item.options) == len(item.source_options)]
    asked = [Asked(tuple(item.source_options), tuple(item.options), item.document) for item in paired]
    scores = iter(model.scores_of(asked))
    for item in items:
        yield item, next(scores) if 0 < len(item.options) == len(item.source_options) else None


_UNTOLD = _Judged(None, "too few correct texts of this length to tell; a reader must judge it")


@check(scope="item", version=2)
def options_swapped(items: pd.DataFrame, *, meanings: Meanings | None) -> pd.DataFrame:
    """The options stand in the order of the source's.

    Of all orders of the options, another fits the source's clearly better than theirs. Equal texts can stand
    either way, and are no fault here. The score is the share of their own order against the best other one: .5
    where both fit equally well.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        meanings: what was learned, by language; None where there is no fit.
    """
    return _findings(items, meanings, lambda model, some: (_order(model, *one) for one in _scored(model, some)))


def _order(model: MeaningModel, item: _Item, scores: Matrix | None) -> _Judged:
    if scores is None or len(scores) < 2:
        return _Judged(None, "options and source options differ in number")
    line = model.calibrations["options_swapped"].threshold(item.language, sum(map(len, item.source_options)))
    if line is None:
        return _UNTOLD
    from qc.translation_models.meaning.meaning_model import order_margin

    margin, order = order_margin(scores)
    folded = [fold(text) for text in item.options], [fold(text) for text in item.source_options]
    moved = [
        place for place, other in enumerate(order)
        if folded[0][place] != folded[0][other] and folded[1][place] != folded[1][other]
    ]  # fmt: skip
    share = float(1 / (1 + np.exp(np.clip(margin, -_FAR, _FAR))))
    if margin <= 0 or -margin >= line or not moved:
        return _Judged(False, score=share)
    key = "; the key is among them" if item.key is not None and item.key - 1 in moved else ""
    spans = tuple(
        Span(option_part(place + 1), f"fits the source's option {order.index(place) + 1}") for place in moved
    )
    listed = ", ".join(str(place + 1) for place in moved)
    return _Judged(True, f"options {listed} look out of order{key}", spans, score=share)


def meaning_scores(items: pd.DataFrame, model: MeaningModel) -> Mapping[str, list[HeldOutText]]:
    """Return, by check, the scores of texts of a language that these checks hold against their lines.

    Args:
        items: columns of `data.ledger.tables.ITEMS`, all in the model's language.
        model: what was learned about it.

    Returns:
        Scores as thresholds are drawn from them, each text with its passage as its document. Texts that are
        never flagged have none: options that are still the source's, single options.
    """
    from qc.translation_models.calibration import HeldOutText
    from qc.translation_models.meaning.meaning_model import order_margin

    found: dict[str, list[HeldOutText]] = {one.name: [] for one in MEANING_SUITE}
    found[negation_kept.name] += negation_scores(items, model)
    for item, scores in _scored(model, [one for one in _items(items) if one is not None]):

        def told(check: Check, score: float, characters: int, document: str = item.document) -> None:
            found[check.name].append(HeldOutText(score, model.language, characters, document))

        for _, of, text in _parts(item):
            told(usual_length, model.lengths.score(of, text), len(of))
        if scores is None:
            continue
        if len(scores) > 1:
            told(options_swapped, -order_margin(scores)[0], sum(map(len, item.source_options)))
        for score, of, text in zip(np.diagonal(scores), item.source_options, item.options, strict=True):
            if fold(text) != fold(of):
                told(option_meaning, float(score), len(of))
    return found


_FAR = 30.0
"""A margin of log odds beyond which a share says no more."""


@check(scope="item")
def option_meaning(items: pd.DataFrame, *, meanings: Meanings | None) -> pd.DataFrame:
    """Every option says what its source says.

    An option is flagged whose words have less to do with its source than nearly all correct translations of its
    length have. Short and free ones among these are told from faults by nobody but a reader.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        meanings: what was learned, by language; None where there is no fit.
    """
    return _findings(items, meanings, lambda model, some: (_meaning(model, *one) for one in _scored(model, some)))


def _meaning(model: MeaningModel, item: _Item, scores: Matrix | None) -> _Judged:
    if scores is None:
        return _Judged(None, "options and source options differ in number")
    own = np.diagonal(scores)
    calibration = model.calibrations["option_meaning"]
    flags = [
        calibration.flags(float(one), item.language, len(of))
        for one, of in zip(own, item.source_options, strict=True)
    ]
    same = [fold(text) == fold(of) for text, of in zip(item.options, item.source_options, strict=True)]
    spans = tuple(
        Span(option_part(number), f"option {number} does not seem to say {quoted(of)}: {quoted(text)}")
        for number, (flag, copied, text, of) in enumerate(
            zip(flags, same, item.options, item.source_options, strict=True), 1
        )
        if flag and not copied
    )
    if spans:
        return _Judged(True, "; ".join(span.reason for span in spans), spans)
    return _UNTOLD if any(flag is None for flag in flags) else _Judged(False)


@check(scope="item")
def usual_length(items: pd.DataFrame, *, meanings: Meanings | None) -> pd.DataFrame:
    """Question and options are about as long as their source makes one expect.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        meanings: what was learned, by language; None where there is no fit.
    """
    return _findings(items, meanings, lambda model, some: (_lengths(model, item) for item in some))


def _parts(item: _Item) -> list[tuple[str, str, str]]:
    """Return the parts of an item, each with its source and itself."""
    pairs = zip(item.source_options, item.options, strict=False)
    options = [(option_part(number), of, text) for number, (of, text) in enumerate(pairs, 1)]
    return [("question", item.source_question, item.question), *options]


def _lengths(model: MeaningModel, item: _Item) -> _Judged:
    calibration = model.calibrations["usual_length"]
    spans, untold = [], False
    for part, of, text in _parts(item):
        flag = calibration.flags(model.lengths.score(of, text), item.language, len(of))
        untold |= flag is None
        if flag:
            kind = "long" if len(text) > len(of) * model.lengths.expected(of) else "short"
            spans.append(
                Span(part, f"{part.replace('_', ' ')} is unusually {kind} for its source: {quoted(text)}")
            )
    if spans:
        return _Judged(True, "; ".join(span.reason for span in spans), tuple(spans))
    return _UNTOLD if untold else _Judged(False)


MEANING_SUITE: Suite = (options_swapped, option_meaning, usual_length, negation_kept)
