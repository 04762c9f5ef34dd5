"""Who is left to be asked about a Question: reviewers for one more opinion, and somebody to decide.

A further opinion is worth something from those only who have not seen the key, in this revision or an earlier one,
nor a copy of the Question. Where nobody but reviewers can adjudicate, one of them is kept for that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import pandas as pd

from flows.assignment.due_work import turned_away
from flows.assignment.review_subject import readers_of_copies
from flows.state import State, among

REVIEW = ("guessing", "answering", "judging")


def with_reach(state: State, items: pd.DataFrame) -> pd.DataFrame:
    """Undecided source items with `reach` and `adjudicators`, as of `qc.decisions.case.Case`.

    Args:
        state: the campaign.
        items: at least question_id, revision, passage_id.
    """
    language, subjects = state.source_language, set(items["question_id"])
    reviewers = {person.code for person in state.campaign.people_for("reviewing", language)}
    adjudicators = {person.code for person in state.campaign.people_for("adjudicating", language)}
    authors, copied, away = written_by(state, subjects), readers_of_copies(state), turned_away(state)[0]
    touched, saw_key = given(state, subjects, REVIEW), given(state, subjects, ("judging", "adjudicating"))
    live = _reviewing(state, subjects)

    def away_from(passage: str, *stages: str) -> set[str]:
        return {p for p in reviewers | adjudicators if any((s, language, passage, p) in away for s in stages)}

    reach, free = [], []
    columns = (items[name] for name in ("question_id", "revision", "passage_id"))
    for subject, revision, passage in zip(*columns, strict=True):
        busy = live[subject, int(revision)]
        fresh = reviewers - authors[subject] - saw_key[subject] - copied.get(subject, set()) - busy
        fresh -= away_from(passage, "answering", "judging")
        judges = adjudicators - authors[subject] - touched[subject] - copied.get(subject, set())
        judges -= away_from(passage, "adjudicating")
        kept = min(1, len(fresh & judges)) if judges <= fresh else 0
        reach.append(len(busy) + len(fresh) - kept)
        free.append(len(judges))
    return items.assign(reach=reach, adjudicators=free)


def written_by(state: State, subjects: Collection[str]) -> Mapping[str, set[str]]:
    """Who wrote each Question, in any revision."""
    written = state.questions[among(state.questions["question_id"], subjects)]
    return _grouped(written)


def given(state: State, subjects: Collection[str], stages: Collection[str]) -> Mapping[str, set[str]]:
    """Who was ever given each Question in one of these stages."""
    tasks = state.tasks[among(state.tasks["question_id"], subjects)]
    return _grouped(tasks[tasks["stage"].isin(stages)])


def _grouped(lines: pd.DataFrame) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for subject, person in zip(lines["question_id"], lines["person"], strict=True):
        found[subject].add(person)
    return found


def _reviewing(state: State, subjects: Collection[str]) -> Mapping[tuple[str, int], set[str]]:
    """Who answers, or answered, each revision blind, but for those who will not judge it any more."""
    tasks = state.tasks[among(state.tasks["question_id"], subjects)]
    live = tasks[tasks["done"] | ~tasks["closed"]]
    away, _ = turned_away(state)
    found: dict[tuple[str, int], set[str]] = defaultdict(set)
    judged: dict[tuple[str, int], set[str]] = defaultdict(set)
    columns = ["stage", "passage_id", "question_id", "revision", "person"]
    for stage, passage, subject, revision, person in live[columns].itertuples(index=False, name=None):
        if stage == "judging":
            judged[subject, int(revision)].add(person)
        elif stage == "answering" and ("judging", state.source_language, passage, person) not in away:
            found[subject, int(revision)].add(person)
    return defaultdict(set, {item: found[item] | judged[item] for item in found.keys() | judged.keys()})
