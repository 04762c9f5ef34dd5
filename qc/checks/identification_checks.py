"""The check by a fastText model that somebody else trained: one more witness of the language, with its verdict.

It stands beside `language_identified`, and says nothing of what the campaign's own passages teach.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.languages import canonical
from qc.check import Suite, check, findings
from qc.checks.wording_checks import texts

if TYPE_CHECKING:
    from qc.translation_models.varieties.fasttext_identifier import CalibratedIdentifier


@check(scope="item")
def fasttext_identified(items: pd.DataFrame, *, identifier: CalibratedIdentifier | None) -> pd.DataFrame:
    """By a fastText model, question and options together are in the language they should be in.

    A text is flagged for which another label is likelier than the expected one, by more than nearly all correct
    passages of the language. Not judged: a language for which the model has no label or the passages too few
    texts, and a text whose likeliest label is none that is known here. The score is the expected variety's share
    against the likeliest other.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        identifier: the model with its lines; None where there is none.
    """
    flagged: list[bool | None] = []
    reasons, scores = [], []
    for code, (question, options) in zip(map(str, items["language"]), texts(items), strict=True):
        text, language = "\n".join([question, *options]), canonical(code)
        if identifier is None:
            flag, reason, score = None, "there is no fastText model to judge by", None
        else:
            flag, reading = identifier.flags(text, language)
            score = None if flag is None else float(1 / (1 + np.exp(-np.clip(reading.score, -30, 30))))
            if flag:
                reason = f"reads like {reading.label}, not {code}"
            elif flag is False:
                reason = ""
            elif language not in identifier.model.languages:
                reason = f"the model has no label for {code}"
            elif not reading.known:
                reason = f"the model says {reading.label}, which is no language that is known here"
            else:
                reason = f"too few correct texts of this length in {code} to tell"
        flagged.append(flag)
        reasons.append(reason if flag is not None else f"{reason}; a reader must judge it")
        scores.append(score)
    return findings(items, flagged, reasons, scores)


IDENTIFICATION_SUITE: Suite = (fasttext_identified,)
"""Checks that judge only where a model was plugged in."""
