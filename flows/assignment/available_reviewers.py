"""The people who can still be asked about a Question: reviewers for another opinion, and an adjudicator.

Another opinion is worth something only from somebody who has seen neither the key, in this or an earlier revision,
nor a copy of the Question. Where only reviewers can adjudicate, one of them is kept in reserve.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import pandas as pd

from flows.assignment.copy_readers import readers_of_copies
from flows.assignment.due_work import turned_away
from flows.campaign_state import State, among
from flows.ledger_views.translations.answered_findings import dismissed_by_their_reader
from qc.decisions.standing_verdicts import Answered

REVIEW = ("guessing", "answering", "judging")


def with_reach(state: State, items: pd.DataFrame) -> pd.DataFrame:
    """Return the undecided source items with the columns `reach` and `adjudicators` of
    `qc.decisions.standing_verdicts.Case`.

    Args:
        state: the campaign.
        items: at least question_id, revision, passage_id.
    """
    language, subjects = state.source_language, set(items["question_id"])
    reviewers = {person.code for person in state.campaign.people_for("reviewing", language)}
    adjudicators = {person.code for person in state.campaign.people_for("adjudicating", language)}
    authors, copied, away = written_by(state, subjects), readers_of_copies(state), turned_away(state)[0]
    touched, saw_key = (
        people_given(state, subjects, REVIEW),
        people_given(state, subjects, ("judging", "adjudicating")),
    )
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


def with_rereads(state: State, items: pd.DataFrame, verdicts: pd.DataFrame, said: Answered) -> pd.DataFrame:
    """Return the undecided translations with the column `reread` of `qc.decisions.standing_verdicts.Case`: drawn,
    and there is somebody who neither translated nor proofread it.

    Args:
        state: the campaign.
        items: at least question_id, language, revision, passage_id.
        verdicts: the checks' verdicts on them.
        said: what people said of their flags.
    """
    share = state.campaign.recheck.recheck_share
    drawn = dismissed_by_their_reader(state, verdicts, said, share)
    if not drawn:
        return items.assign(reread=False)
    subjects = {subject for subject, _, _ in drawn}
    worked = state.translations[among(state.translations["question_id"], subjects)]
    drafted: dict[tuple[str, str], set[str]] = {}
    columns = (worked[name] for name in ("question_id", "language", "kind", "person"))
    for subject, language, kind, person in zip(*columns, strict=True):
        if kind == "draft":
            drafted.setdefault((subject, language), set()).add(person)
    away, _ = turned_away(state)
    found = []
    columns = (items[name] for name in ("question_id", "language", "revision", "passage_id"))
    for subject, language, revision, passage in zip(*columns, strict=True):
        reader = drawn.get((subject, language, int(revision)))
        others = {person.code for person in state.campaign.people_for("proofreading", language)}
        others -= {reader, *drafted.get((subject, language), set())}
        others = {one for one in others if ("proofreading", language, passage, one) not in away}
        found.append(reader is not None and bool(others))
    return items.assign(reread=pd.Series(found, items.index, dtype=bool))


def written_by(state: State, subjects: Collection[str]) -> Mapping[str, set[str]]:
    """Return the authors of each Question, over all its revisions."""
    written = state.questions[among(state.questions["question_id"], subjects)]
    return _grouped(written)


def people_given(state: State, subjects: Collection[str], stages: Collection[str]) -> Mapping[str, set[str]]:
    """Return the people who were ever given each Question in one of these stages."""
    tasks = state.tasks[among(state.tasks["question_id"], subjects)]
    return _grouped(tasks[tasks["stage"].isin(stages)])


def _grouped(lines: pd.DataFrame) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for subject, person in zip(lines["question_id"], lines["person"], strict=True):
        found[subject].add(person)
    return found


def _reviewing(state: State, subjects: Collection[str]) -> Mapping[tuple[str, int], set[str]]:
    """Return the people who answer or answered each revision blind, without those who will not judge it."""
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
