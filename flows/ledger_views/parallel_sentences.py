"""The sentences of a campaign's passages beside their translations: what learned checks learn a language from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.compute as pc

from data.ledger import tables
from flows.campaign_state import State, latest

if TYPE_CHECKING:
    from qc.translation_models.parallel_cuts import ParallelText


def parallel_sentences(state: State, until: int, language: str) -> list[ParallelText]:
    """Return the sentences of the passages that have as many in the source language as in this one.

    Args:
        state: the campaign.
        until: the highest sequence of a passage that counts.
        language: the target language.
    """
    from qc.translation_models.parallel_cuts import ParallelText

    asked = (pc.field("sequence") <= until) & pc.field("language").isin([state.source_language, language])
    columns = ["passage_id", "language", "revision", "sentences", "sequence"]
    found = latest(state.ledger.read(tables.PASSAGES, columns, asked), ["passage_id", "language"])
    lines = zip(found["passage_id"], found["language"], found["sentences"], strict=True)
    texts = {(str(passage), str(code)): list(sentences) for passage, code, sentences in lines}
    return [
        ParallelText(*pair, passage)
        for (passage, code), own in sorted(texts.items())
        if code == state.source_language and len(own) == len(texts.get((passage, language), ()))
        for pair in zip(own, texts[passage, language], strict=True)
    ]
