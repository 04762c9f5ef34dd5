"""The question slots of a campaign: how many Questions each passage needs, and their order."""

from __future__ import annotations

import pandas as pd

from data.ledger.tables import question_id
from flows.campaign_state import State, ledger_view


@ledger_view
def question_slots(state: State) -> pd.DataFrame:
    """Return every question slot of the campaign: passage_id, question_number, question_id, position."""
    passages = state.passages[state.passages["language"] == state.source_language]
    passages = passages.head(state.campaign.questions.passages or len(passages))
    numbers = pd.DataFrame({"question_number": range(1, state.campaign.questions.questions_per_passage + 1)})
    slots = passages[["passage_id", "position"]].merge(numbers, how="cross")
    slots["question_id"] = [
        question_id(p, n) for p, n in zip(slots["passage_id"], slots["question_number"], strict=True)
    ]
    return slots


@ledger_view
def places_in_source(state: State) -> dict[str, int]:
    """Return every slot's position in the source, by question_id; for a passage, that of its last slot."""
    slots = zip(question_slots(state)["passage_id"], question_slots(state)["question_id"], strict=True)
    return {name: at for at, names in enumerate(slots) for name in names}
