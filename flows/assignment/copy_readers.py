"""The readers of copies: who gets to read a copy of a question, and who has read one.

A copy goes to people who have nothing to do with its question before and, where possible, after: anybody who knows
both can see what the copy is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from data.campaign.settings import Role
from data.ledger.item_copy_ids import original
from flows.assignment.due_work import Due, turned_away
from flows.campaign_state import State, among
from flows.ledger_views.posed_copies import tasks_on_copies


def people_involved(state: State, subjects: Collection[str]) -> dict[str, set[str]]:
    """Return everybody involved with these questions, by question_id: authors and people given work or copies."""
    wanted = set(subjects)
    found: dict[str, set[str]] = defaultdict(set)
    tasks = state.tasks
    for subject, person in tasks_on_copies(state)[["question_id", "person"]].itertuples(index=False, name=None):
        if original(subject) in wanted:
            found[original(subject)].add(person)
    for frame in (tasks, state.questions):
        near = frame.loc[among(frame["question_id"], wanted), ["question_id", "person"]]
        for subject, person in near.itertuples(index=False, name=None):
            found[subject].add(person)
    return found


def given_copies(state: State, copies: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """Return who was ever given these copies, by (copy, language); invalid work goes back to the same people."""
    mine = state.tasks[among(state.tasks["question_id"], copies)]
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for copy, language, person in zip(mine["question_id"], mine["language"], mine["person"], strict=True):
        found[copy, language].add(person)
    return found


def readers_of_copies(state: State) -> dict[str, set[str]]:
    """Return who has read or holds a copy of a question, by question_id; they never get the question itself."""
    found: dict[str, set[str]] = defaultdict(set)
    copies = tasks_on_copies(state)[["question_id", "person"]]
    for subject, person in copies.itertuples(index=False, name=None):
        found[original(subject)].add(person)
    return found


def copy_readings(state: State, piece: Due, role: Role) -> Iterator[Due]:
    """Yield the readings of a copy: a blind answer by `piece.count` people and a judgement by each who answered.

    Args:
        state: the campaign.
        piece: the answering that is due; `never` holds everybody who must not get it, except those who have it.
        role: the role that does the work.
    """
    tasks = state.tasks
    mine = tasks[(tasks["question_id"] == piece.question_id) & (tasks["revision"] == piece.revision)]
    answered = dict.fromkeys(mine["person"][mine["done"] & (mine["stage"] == "answering")])
    judging = mine[mine["stage"] == "judging"]
    judges = set(judging["person"][~judging["closed"] | judging["done"]])
    able = {person.code for person in state.campaign.people_for(role, piece.language)}
    away, _ = turned_away(state)
    place = ("judging", piece.language, piece.passage_id)
    gone = {p for p in answered if p not in judges and (p not in able or (*place, p) in away)}
    yield Due(
        "answering", piece.language, piece.passage_id, piece.question_id, piece.revision,
        never=piece.never, last=piece.last, count=piece.count + len(gone), role=role,
    )  # fmt: skip
    for person in answered:
        if person not in gone:
            yield Due(
                "judging", piece.language, piece.passage_id, piece.question_id, piece.revision, person=person
            )
