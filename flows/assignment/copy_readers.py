"""Who gets to read a copy of a question, and who has read one.

A copy is read by people who have nothing to do with its question, neither before nor, where we can help it, after:
who knows both sees what the copy is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from data.campaign.settings import Role
from data.ledger.item_copy_ids import original
from flows.assignment.due_work import Due, turned_away
from flows.campaign_state import State, among
from flows.ledger_views.posed_copies import tasks_on_copies


def met(state: State, subjects: Collection[str]) -> dict[str, set[str]]:
    """Everybody who has to do with these questions, by question_id: authors, and who had work on it or copies."""
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


def given(state: State, copies: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """Who was ever given these copies, by (copy, language): what was not valid goes back to them."""
    mine = state.tasks[among(state.tasks["question_id"], copies)]
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for copy, language, person in zip(mine["question_id"], mine["language"], mine["person"], strict=True):
        found[copy, language].add(person)
    return found


def readers_of_copies(state: State) -> dict[str, set[str]]:
    """Who read, or has before them, a copy of a question, by question_id: they never get the question itself."""
    found: dict[str, set[str]] = defaultdict(set)
    copies = tasks_on_copies(state)[["question_id", "person"]]
    for subject, person in copies.itertuples(index=False, name=None):
        found[original(subject)].add(person)
    return found


def reading(state: State, piece: Due, role: Role) -> Iterator[Due]:
    """The readings of a copy: a blind answer by so many people, and a judgement by each who answered.

    Args:
        state: the campaign.
        piece: the answering that is due; `never` holds everybody who must not get it, those who have it aside.
        role: whose work it is.
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
