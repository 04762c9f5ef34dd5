"""Checks of names: whether question and options spell them as the passage does that they are about.

A reader who searches the passage for a name must find it. What is told apart is the spelling alone: a name that is
left out, or rendered by another word, is no fault that a program could tell from good style.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from data.languages import canonical
from qc.check import Span, Suite, check, findings, option_part
from qc.checks.source_comparison import SOURCE_ITEM
from qc.checks.wording_checks import quoted, texts
from qc.text.text_folding import script_of

if TYPE_CHECKING:
    from qc.translation_models.calibration import HeldOutText
    from qc.translation_models.name_spelling import NameSpelling, OtherSpelling

Names = Mapping[str, "NameSpelling"]
"""What was learned, by language."""


@check(scope="item")
def names_kept(items: pd.DataFrame, *, names: Names | None) -> pd.DataFrame:
    """Question and options spell the names of the passage as it does.

    A name that stands in the source's passage and in a text of the source item is looked for in the target
    passage, by its letters or, across scripts, by its consonants. It is flagged where the translated text has, in
    place of that word, one that is almost alike. Not judged: sources in scripts without
    capitals, which show no names.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        names: what was learned, by language; None where there is no fit.
    """
    flagged: list[bool | None] = []
    reasons, spans, applicable = [], [], []
    columns = ("language", "source_language", "passage_id", "passage", "source_question", "source_answers")
    lines = zip(*(items[column] for column in columns), strict=True)
    for line, (own, options) in zip(lines, texts(items), strict=True):
        code, source_code, passage_id, passage, question, answers = line
        flag: bool | None = False
        reason, places = SOURCE_ITEM, list[Span]()
        translated = isinstance(question, str)
        if translated:
            reason = ""
            pairs = _pairs(question, list(answers), own, options)
            flag, reason, places = _judged(code, source_code, passage_id, passage, pairs, names)
        flagged.append(flag)
        reasons.append(reason)
        spans.append(places)
        applicable.append(translated)
    return findings(items, flagged, reasons, spans=spans, applicable=applicable)


def _judged(
    code: str, source_code: str, passage_id: str, passage: str, pairs: list[tuple[str, str, str]],
    names: Names | None,
) -> tuple[bool | None, str, list[Span]]:  # fmt: skip
    from qc.translation_models.name_spelling import CASED, score

    model = (names or {}).get(canonical(code))
    if model is None or passage_id not in model.names:
        return None, f"nothing was learned about names in {code}; a reader must judge it", []
    if script_of(source_code) not in CASED:
        return None, f"{source_code} is written without capitals, so its names cannot be told", []
    length, found = _spelled(model, passage_id, passage, pairs)
    flag = model.calibration.flags(score([one for some in found.values() for one in some]), model.language, length)
    if flag is None:
        return None, "too few correct texts of this length to tell; a reader must judge it", []
    spans = [
        Span(
            part,
            f"{quoted(one.name)} is {quoted(one.passage)} in the passage, and {quoted(one.here)} here",
            one.start,
            one.end,
            one.passage if one.passage == one.name and abs(len(one.here) - len(one.name)) < 2 else None,
        )
        for part, some in found.items()
        for one in some
        if model.calibration.flags(score([one]), model.language, length)
    ]
    return bool(spans), "; ".join(dict.fromkeys(span.reason for span in spans)), spans


def _spelled(
    model: NameSpelling, passage_id: str, passage: str, pairs: list[tuple[str, str, str]]
) -> tuple[int, dict[str, list[OtherSpelling]]]:
    """Return the length of an item's source, and by part the names that the passage spells otherwise."""
    found = {part: model.otherwise(source, target, passage, passage_id) for part, source, target in pairs}
    return sum(len(source) for _, source, _ in pairs), found


def name_scores(items: pd.DataFrame, model: NameSpelling) -> list[HeldOutText]:
    """Return the scores of a language's items that `names_kept` holds against its lines.

    Args:
        items: columns of `data.ledger.tables.ITEMS`, all in the model's language.
        model: what was learned about it.

    Returns:
        Scores as thresholds are drawn from them, each item with its passage as its document.
    """
    from qc.translation_models.calibration import HeldOutText
    from qc.translation_models.name_spelling import CASED, score

    columns = ("source_language", "passage_id", "passage", "source_question", "source_answers")
    found = []
    for line, (own, options) in zip(
        zip(*(items[name] for name in columns), strict=True), texts(items), strict=True
    ):
        source_code, passage_id, passage, question, answers = line
        if isinstance(question, str) and passage_id in model.names and script_of(source_code) in CASED:
            pairs = _pairs(question, list(answers), own, options)
            length, spelled = _spelled(model, passage_id, passage, pairs)
            names = [one for some in spelled.values() for one in some]
            found.append(HeldOutText(score(names), model.language, length, passage_id))
    return found


def _pairs(question: str, answers: list[str], own: str, options: list[str]) -> list[tuple[str, str, str]]:
    """Return the parts of an item, each with its source and itself."""
    numbered = enumerate(zip(answers, options, strict=False), 1)
    return [("question", question, own), *((option_part(number), of, text) for number, (of, text) in numbered)]


NAME_SUITE: Suite = (names_kept,)
