"""The current items: the latest revision of every Question and Translation, and which of them go on.

An item is current until it is revised, kept once a decision says so, and stale when its passage, or the Question
that a Translation renders, was changed since.
"""

from __future__ import annotations

import pandas as pd

from data.ledger.events import SetSelected
from flows.campaign_state import State, latest, ledger_view


@ledger_view
def current_questions(state: State) -> pd.DataFrame:
    """Return the latest revision of every Question, its `outcome` (null when undecided), and `stale`."""
    now = latest(state.questions, ["question_id"])
    now = _decided(state, now.assign(language=state.source_language))
    return _stale_passage(state, now)


@ledger_view
def kept_questions(state: State) -> pd.DataFrame:
    """Return the Questions whose latest revision is kept and uses the current passage."""
    now = current_questions(state)
    return now[(now["outcome"] == "keep") & ~now["stale"]]


@ledger_view
def current_translations(state: State) -> pd.DataFrame:
    """Return the latest revision of every Translation with its decision and whether it is `stale`."""
    now = _decided(state, latest(state.translations, ["question_id", "language"]))
    now = _stale_passage(state, now)
    kept = wanted_questions(state).set_index("question_id")["revision"]
    wanted = now["question_id"].map(kept)
    now["kept_question"] = wanted.notna()
    now["stale"] = now["stale"] | (wanted.notna() & (wanted != now["question_revision"]))
    return now


@ledger_view
def latest_selection(state: State) -> SetSelected | None:
    """Return the latest selection; None before there is one."""
    runs = state.events(SetSelected)
    return None if runs.empty else SetSelected.parse(runs["detail"].iloc[-1])


@ledger_view
def selection_mark(state: State) -> str:
    """Return the mark of the latest selection, "" before there is one."""
    runs = state.events(SetSelected)
    return "" if runs.empty else str(runs["subject"].iloc[-1])


@ledger_view
def option_orders(state: State) -> dict[str, list[int]]:
    """Return the order of each selected Question's options, as identities, by question_id."""
    run = latest_selection(state)
    return {subject: order for subject, _, order in (run.chosen if run else ())}


@ledger_view
def selected_questions(state: State) -> pd.DataFrame:
    """Return the kept Questions that the latest selection chose unchanged; none without a selection."""
    run = latest_selection(state)
    chosen = {(subject, revision) for subject, revision, _ in (run.chosen if run else ())}
    kept = kept_questions(state)
    items = zip(kept["question_id"], kept["revision"].astype(int), strict=True)
    return kept[pd.Series([item in chosen for item in items], index=kept.index, dtype=bool)]


@ledger_view
def wanted_questions(state: State) -> pd.DataFrame:
    """Return the Questions to translate: all kept ones, or only selected ones if translation waits for that."""
    return selected_questions(state) if state.campaign.selection.policy == "command" else kept_questions(state)


@ledger_view
def revision_rounds(state: State) -> dict[tuple[str, str], int]:
    """Return how many times each (question_id, language) was sent back."""
    back = state.decisions[state.decisions["outcome"] == "revise"]
    sizes = back.groupby(["subject", "language"], as_index=False).size()
    return dict(zip(zip(sizes["subject"], sizes["language"], strict=True), map(int, sizes["size"]), strict=True))


def _decided(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    decisions = state.decisions.rename(columns={"subject": "question_id"})
    wanted = ["question_id", "language", "revision", "outcome", "rule", "reason"]
    return frame.merge(decisions[wanted], on=["question_id", "language", "revision"], how="left")


def _stale_passage(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    passages = state.passages[["passage_id", "language", "revision"]]
    now = frame.merge(
        passages.rename(columns={"revision": "passage_now"}), on=["passage_id", "language"], how="left"
    )
    now["stale"] = (now["passage_revision"] < now["passage_now"]).fillna(False).astype(bool)
    return now.drop(columns="passage_now")
