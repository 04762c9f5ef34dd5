"""Reopened items: what was accepted and is judged again, since an error is reported in it or it was withdrawn.

A report is about one revision. It is answered by the next decision about that revision: the rules send it back, or
the lead says that it is right. What people make of it then is a new revision, which goes the ordinary way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pandas as pd

from data.ledger.events import ErratumReleased
from flows.campaign_state import State, ledger_view
from flows.ledger_views.current_items import current_questions, current_translations, revision_rounds
from flows.ledger_views.patches.error_reports import ErrorReport, error_reports, withdrawals
from qc.decisions.standing_verdicts import Report

Item = tuple[str, str]
"""question_id and language."""

_COLUMNS = ["question_id", "language", "revision", "kind", "passage_id"]


@ledger_view
def unanswered_reports(state: State) -> Mapping[Item, tuple[ErrorReport, ...]]:
    """Return the reports on current revisions that no decision has answered; none on what is made anew."""
    if not (reports := error_reports(state)):
        return {}
    live = _live(state)
    now = {
        (subject, language): int(revision)
        for subject, language, revision in live[_COLUMNS[:3]].itertuples(index=False, name=None)
    }
    answered = _decided(state)
    found: dict[Item, list[ErrorReport]] = defaultdict(list)
    open_items = set()
    for one in reports:
        item = (one.question_id, one.language)
        outcome, at = answered.get((*item, one.revision), ("", -1))
        if now.get(item) != one.revision or (outcome == "keep" and at > one.sequence):
            continue
        found[item].append(one)
        if at <= one.sequence:
            open_items.add(item)
    return {item: tuple(said) for item, said in found.items() if item in open_items}


@ledger_view
def in_correction(state: State) -> Mapping[str, frozenset[str]]:
    """Return the languages in which a question is reported to be wrong, and no release tells of its correction.

    What is wrong in the source language concerns all of them.
    """
    told = set(state.events(ErratumReleased)["subject"])
    found: dict[str, set[str]] = defaultdict(set)
    for one in error_reports(state):
        if one.patch not in told and dismissal(state, one) is None:
            source = one.language == state.source_language
            found[one.question_id] |= set(state.campaign.text_languages) if source else {one.language}
    return {subject: frozenset(languages) for subject, languages in found.items()}


def dismissal(state: State, report: ErrorReport) -> str | None:
    """Return why the lead keeps what was reported, or None if it was not kept so."""
    said = state.decisions
    mine = said[
        (said["subject"] == report.question_id)
        & (said["language"] == report.language)
        & (said["revision"] == report.revision)
        & (said["outcome"] == "keep")
        & (said["sequence"].fillna(0) > report.sequence)
    ]
    return None if mine.empty else str(mine["reason"].iloc[-1])


def with_reopened(state: State, items: pd.DataFrame) -> tuple[pd.DataFrame, Mapping[Item, Sequence[Report]]]:
    """Return undecided items and those to be judged again, and what is said against them.

    Args:
        state: the campaign.
        items: question_id, language, revision, kind, passage_id and round of what is undecided.
    """
    said: dict[Item, tuple[Report, ...]] = {
        item: tuple(Report(one.event_id, one.error, one.part) for one in reports)
        for item, reports in unanswered_reports(state).items()
    }
    gone = withdrawals(state)
    said |= {
        (subject, state.source_language): (Report(one.event_id, one.reason, withdraws=True),)
        for subject, one in gone.items()
    }
    if not said:
        return items, said
    now = _current(state)
    places = list(zip(now["question_id"], now["language"], strict=True))
    known = set(zip(items["question_id"], items["language"], strict=True))
    withdrawn = now["question_id"].isin(list(gone)) & (now["kind"] == "source") & (now["outcome"] != "drop")
    asked = pd.Series([place in said and place not in known for place in places], now.index, dtype=bool)
    again = now[asked & (now.index.isin(_live(state).index) | withdrawn)]
    rounds = [revision_rounds(state).get((s, code), 0) + 1 for s, code in again[_COLUMNS[:2]].to_numpy().tolist()]
    if again.empty:
        return items, said
    return pd.concat([items, again[_COLUMNS].assign(round=rounds)], ignore_index=True), said


def _live(state: State) -> pd.DataFrame:
    """Return the current revisions that nothing else sends back or takes out."""
    now = _current(state)
    gone = now["question_id"].isin(list(withdrawals(state))) | (now["outcome"] == "drop")
    return now[~now["stale"] & now["goes_on"] & ~gone]


def _current(state: State) -> pd.DataFrame:
    """Return the current revisions, with outcome and kind, and whether their question goes on."""
    questions = current_questions(state).assign(kind="source", goes_on=True)
    translations = current_translations(state)
    translations = translations.assign(goes_on=translations["kept_question"])
    columns = [*_COLUMNS, "outcome", "stale", "goes_on"]
    return pd.concat([questions[columns], translations[columns]], ignore_index=True)


def _decided(state: State) -> dict[tuple[str, str, int], tuple[str, int]]:
    """Return the last decision on each revision and its sequence."""
    said = state.decisions
    columns = [
        *(said[name] for name in ("subject", "language", "revision", "outcome")),
        said["sequence"].fillna(0),
    ]
    return {
        (subject, language, int(revision)): (outcome, int(at))
        for subject, language, revision, outcome, at in zip(*columns, strict=True)
    }
