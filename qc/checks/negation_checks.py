"""The check of negation: whether what the source denies is denied in the translation.

A *not* that is lost turns an option into its opposite, and nothing else about the text looks odd. It is told by
the marks that a language's negated sentences have (`qc.translation_models.negation`), in those languages alone
where marks tell; elsewhere it is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pandas as pd

from data.languages import canonical
from qc.check import Span, check, findings
from qc.checks.source_comparison import SOURCE_ITEM, Rendering, renderings
from qc.checks.wording_checks import quoted

if TYPE_CHECKING:
    from qc.translation_models.calibration import HeldOutText
    from qc.translation_models.meaning.meaning_model import MeaningModel


@check(scope="item")
def negation_kept(items: pd.DataFrame, *, meanings: Mapping[str, MeaningModel] | None) -> pd.DataFrame:
    """What the source plainly negates is negated in the translation.

    A question or option is flagged whose source has *not*, *never* or their like in its language, while the
    translation has none of the marks that nearly all renderings of negated texts have. Not judged: items in
    languages without marks that tell, and sources in languages whose negations are not known.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        meanings: what was learned, by language; None where there is no fit.
    """
    flagged: list[bool | None] = []
    reasons, spans, applicable = [], [], []
    for parts, passage in zip(renderings(items), items["passage_id"], strict=True):
        met, known = _negated(parts or [])
        flag: bool | None = False if known else None
        reason, places = (SOURCE_ITEM if parts is None else ""), list[Span]()
        if not known:
            reason = f"how {(parts or met)[0].source_code} negates is not known; a reader must judge it"
        elif met:
            flag, reason, places = _judged(met, str(passage), (meanings or {}).get(canonical(met[0].code)))
        flagged.append(flag)
        reasons.append(reason)
        spans.append(places)
        applicable.append(bool(met) or not known)
    return findings(items, flagged, reasons, spans=spans, applicable=applicable)


def negation_scores(items: pd.DataFrame, model: MeaningModel) -> Iterator[HeldOutText]:
    """Yield the scores of what the check holds against its threshold.

    Args:
        items: columns of `data.ledger.tables.ITEMS`, all in the model's language.
        model: what was learned about it.
    """
    from qc.translation_models.calibration import HeldOutText

    for parts, passage in zip(renderings(items), items["passage_id"], strict=True):
        for one in _negated(parts or [])[0]:
            yield HeldOutText(model.negation_score(one.text, str(passage)), model.language, 0, str(passage))


def _negated(parts: list[Rendering]) -> tuple[list[Rendering], bool]:
    """Return the parts whose source is negated, and whether that can be told."""
    from qc.translation_models.negation import negated  # here, since few commands judge meaning

    told = [(one, negated(one.source, canonical(one.source_code))) for one in parts]
    return [one for one, flag in told if flag], all(flag is not None for _, flag in told)


def _judged(met: list[Rendering], passage: str, model: MeaningModel | None) -> tuple[bool | None, str, list[Span]]:
    line = model.calibrations.get(negation_kept.name) if model is not None else None
    if model is None or line is None or line.threshold(model.language, 0) is None:
        return None, f"what negates is not told well enough in {met[0].code}; a reader must judge it", []
    places = [
        Span(one.part, f"{one.subject} does not seem to negate what its source does: {quoted(one.source)}")
        for one in met
        if line.flags(model.negation_score(one.text, passage), model.language, 0)
    ]
    return bool(places), "; ".join(place.reason for place in places), places
