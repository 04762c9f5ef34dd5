"""The readers of copies: who gets to read a copy of a question, and who has read one.

A copy goes to people who have nothing to do with its question before and, where possible, after: anybody who knows
both can see what the copy is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from typing import NamedTuple

from data.campaign.settings import Role
from data.ledger.item_copy_ids import CopyKind, kind_of, original
from flows.assignment.due_work import Due, turned_away
from flows.campaign_state import State, among, ledger_view
from flows.ledger_views.posed_copies import tasks_on_copies


def people_involved(
    state: State, subjects: Collection[str], *, apart: CopyKind | None = None
) -> dict[str, set[str]]:
    """Return everybody involved with these questions, by question_id: authors and people given work or copies.

    Args:
        state: the campaign.
        subjects: the questions.
        apart: a kind of copies that do not involve anybody.
    """
    wanted = set(subjects)
    found: dict[str, set[str]] = defaultdict(set)
    tasks = state.tasks
    for subject, person in tasks_on_copies(state)[["question_id", "person"]].itertuples(index=False, name=None):
        if original(subject) in wanted and (apart is None or kind_of(subject) != apart):
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


class _Work(NamedTuple):
    """One task on a question or a copy."""

    person: str
    stage: str
    done: bool
    closed: bool


@ledger_view
def _work_on(state: State) -> dict[tuple[str, int], list[_Work]]:
    """Return the tasks by their subject, (question_id, revision), in the order they were handed out."""
    found: dict[tuple[str, int], list[_Work]] = defaultdict(list)
    columns = ("question_id", "revision", *_Work._fields)
    for subject, revision, *work in zip(*(state.tasks[name].tolist() for name in columns), strict=True):
        found[subject, revision].append(_Work(*work))
    return found


def copy_readings(state: State, piece: Due, role: Role) -> Iterator[Due]:
    """Yield the readings of a copy: a blind answer by `piece.count` people and a judgement by each who answered.

    Args:
        state: the campaign.
        piece: the answering that is due; `never` holds everybody who must not get it, except those who have it.
        role: the role that does the work.
    """
    mine = _work_on(state).get((piece.question_id, piece.revision), ())
    answered = dict.fromkeys(one.person for one in mine if one.done and one.stage == "answering")
    judges = {one.person for one in mine if one.stage == "judging" and (one.done or not one.closed)}
    able = {person.code for person in state.campaign.people_for(role, piece.language)}
    away, _ = turned_away(state)
    place = ("judging", piece.language, piece.passage_id)
    gone = {p for p in answered if p not in judges and (p not in able or (*place, p) in away)}
    yield Due(
        "answering", piece.language, piece.passage_id, piece.question_id, piece.revision,
        never=piece.never, last=piece.last, count=piece.count + len(gone), roles=(role,),
    )  # fmt: skip
    for person in answered:
        if person not in gone:
            yield Due(
                "judging", piece.language, piece.passage_id, piece.question_id, piece.revision, person=person
            )
