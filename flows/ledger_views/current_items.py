"""The current items: the latest revision of every Question and Translation, and which of them go on.

An item is current until it is revised, kept once a decision says so, and stale when its passage, or the Question
that a Translation renders, was changed since; so is a Translation that was made beside another one (its pivot)
whose accepted text is another now. While a pivot is being worked on, what was made beside its former text stands.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.ledger.events import SetSelected
from flows.campaign_state import State, by_key, joined, latest, ledger_view
from flows.ledger_views.patches.error_reports import error_reports, withdrawals
from flows.ledger_views.split_sides import split_sides


@ledger_view
def current_questions(state: State) -> pd.DataFrame:
    """Return the latest revision of every Question, its `outcome` (null when undecided), and `stale`."""
    now = latest(state.questions, ["question_id"])
    now = _decided(state, now.assign(language=state.source_language))
    return _stale_passage(state, now)


@ledger_view
def kept_questions(state: State) -> pd.DataFrame:
    """Return the Questions whose latest revision is kept and uses the current passage.

    What the lead withdrew is gone at once, not from the next `advance` on, which writes the decision.
    """
    now = current_questions(state)
    withdrawn = now["question_id"].isin(list(withdrawals(state)))
    return now[(now["outcome"] == "keep") & ~now["stale"] & ~withdrawn]


@ledger_view
def current_translations(state: State) -> pd.DataFrame:
    """Return the latest revision of every Translation with its decision and whether it is `stale`."""
    now = _decided(state, latest(state.translations, ["question_id", "language"]))
    now = _stale_passage(state, now)
    kept = wanted_questions(state).set_index("question_id")["revision"]
    wanted = now["question_id"].map(kept)
    now["kept_question"] = wanted.notna()
    now["stale"] = now["stale"] | (wanted.notna() & (wanted != now["question_revision"]))
    pivots = state.campaign.translation.pivots
    for language in sorted(pivots, key=lambda code: _depth(code, pivots)):  # a pivot may have one of its own
        beside = now["language"].eq(language) & now["pivot_language"].eq(pivots[language]) & ~now["stale"]
        accepted = _accepted(now[now["language"] == pivots[language]]).set_index("question_id")["revision"]
        revised = now.loc[beside, "question_id"].map(accepted)
        revised = revised[revised.notna() & (revised != now.loc[beside, "pivot_revision"])]
        if len(revised):
            now.loc[_reworded(state, now.loc[revised.index], revised), "stale"] = True
    return now


def _depth(code: str, pivots: Mapping[str, str]) -> int:
    """Return how many pivots lie between a language and the source; there are no circles."""
    return 1 + _depth(pivots[code], pivots) if code in pivots else 0


def _accepted(translations: pd.DataFrame) -> pd.DataFrame:
    return translations[
        (translations["outcome"] == "keep") & ~translations["stale"] & translations["kept_question"]
    ]


def _reworded(state: State, rows: pd.DataFrame, revisions: pd.Series[int]) -> list[object]:
    """Return the places of those translations whose pivot reads otherwise in the given revision than it did."""
    texts = by_key(state.translation_texts(set(rows["question_id"])), "question_id", "language", "revision")
    found = []
    for place, row in zip(rows.index, rows.to_dict("records"), strict=True):
        own = texts[row["question_id"], row["language"], row["revision"]]
        pivot = texts[row["question_id"], row["pivot_language"], int(revisions[place])]
        if (own["pivot_question"], list(own["pivot_answers"])) != (pivot["question"], list(pivot["answers"])):
            found.append(place)
    return found


@ledger_view
def accepted_translations(state: State) -> pd.DataFrame:
    """Return the Translations whose latest revision is accepted and renders what is current."""
    return _accepted(current_translations(state))


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
    """Return the kept Questions that the latest selection chose, unchanged but for corrections of what was
    reported after a release; none without a selection.
    """
    run = latest_selection(state)
    chosen = {subject: int(revision) for subject, revision, _ in (run.chosen if run else ())}
    reported = {report.question_id for report in error_reports(state)}
    kept = kept_questions(state)
    items = zip(kept["question_id"], kept["revision"].astype(int), strict=True)
    stands = [
        subject in chosen and (revision == chosen[subject] or subject in reported) for subject, revision in items
    ]
    return kept[pd.Series(stands, index=kept.index, dtype=bool)]


@ledger_view
def dev_questions(state: State) -> pd.DataFrame:
    """Return the kept Questions that are in the release's dev split."""
    kept = kept_questions(state)
    dev = [subject for subject, side in split_sides(state).items() if side.split == "dev"]
    return kept[kept["question_id"].isin(dev)]


@ledger_view
def wanted_questions(state: State) -> pd.DataFrame:
    """Return the Questions to translate: all kept ones, or only selected ones and dev if translation waits."""
    if state.campaign.selection.policy != "command":
        return kept_questions(state)
    selected, dev = selected_questions(state), dev_questions(state)
    return pd.concat([selected, dev[~dev["question_id"].isin(selected["question_id"])]]) if len(dev) else selected


@ledger_view
def revision_rounds(state: State) -> dict[tuple[str, str], int]:
    """Return how often each (question_id, language) was sent back since users last reported an error in it."""
    back = state.decisions[state.decisions["outcome"] == "revise"]
    if (reported := back["rule"] == "reported").any():
        last = back[reported].groupby(["subject", "language"])["sequence"].max().to_dict()
        items = zip(back["subject"], back["language"], back["sequence"].fillna(0), strict=True)
        back = back[[at > last.get((subject, language), -1) for subject, language, at in items]]
    sizes = back.groupby(["subject", "language"], as_index=False).size()
    return dict(zip(zip(sizes["subject"], sizes["language"], strict=True), map(int, sizes["size"]), strict=True))


def _decided(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    decisions = state.decisions.rename(columns={"subject": "question_id"})
    wanted = ["question_id", "language", "revision", "outcome", "rule", "reason"]
    return joined(frame, decisions[wanted], ["question_id", "language", "revision"])


def _stale_passage(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    passages = state.passages[["passage_id", "language", "revision"]].rename(columns={"revision": "passage_now"})
    now = joined(frame, passages, ["passage_id", "language"])
    now["stale"] = (now["passage_revision"] < now["passage_now"]).fillna(False).astype(bool)
    return now.drop(columns="passage_now")
