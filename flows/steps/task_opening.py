"""Task opening: who gets the work that is due (`flows.steps.task_payloads` fills in what each task shows).

Each stage derives its due work from the state alone (`flows/stages/authoring_tasks.py` and its siblings). Here a
due piece of work becomes a task once: not while a task for the same work is open or done, and not on a passage
that a query holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

from annotation.stages import page_of
from data.campaign.settings import Person, Role
from data.ledger import tables
from data.ledger.events import Closed, TaskClosed
from data.ledger.item_copy_ids import kind_of, original, trial_of
from data.ledger.tables import STAGES, Row, Stage
from flows.assignment.due_work import Due, WorkKey, turned_away
from flows.assignment.guesser_draw import UnreadPassages
from flows.assignment.rota import Rota
from flows.campaign_state import State, among
from flows.ledger_views.lead_queries import held_passages
from flows.ledger_views.people.qualified_people import qualified_people
from flows.ledger_views.question_slots import places_in_source
from flows.steps.task_payloads import fill, task_key_of


@dataclass
class Opened:
    """The result of `open_tasks`."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    closed: list[Row] = field(default_factory=list)
    unassigned: list[Due] = field(default_factory=list)


def open_tasks(state: State, due: Sequence[Due]) -> Opened:
    """Record every task that is due and not handed out, and close those no longer needed."""
    opened = plan(state, due)
    fill(state, opened.tasks)
    state.ledger.append(tables.EVENTS, opened.closed)
    state.ledger.append(tables.TASKS, opened.tasks)
    return opened


def plan(state: State, due: Sequence[Due]) -> Opened:
    """Return who would get what is due, without writing anything; the tasks have no payloads yet."""
    made = _Plan(state, due)
    wanted = [piece for piece in made.wanted if (piece.passage_id, piece.language) not in held_passages(state)]
    blind = STAGES.index("answering")
    for piece in wanted:
        if STAGES.index(piece.stage) <= blind:
            made.hand_out(piece)
    made.let_read()
    for piece in wanted:
        if STAGES.index(piece.stage) > blind:
            made.hand_out(piece)
    return made.opened


class _Plan:
    """The tasks to hand out, made one piece of work at a time so that each takes the earlier ones into account.

    Attributes:
        opened: the plan so far.
        wanted: what is due and lacks people, in the order of the stages and the source.
    """

    def __init__(self, state: State, due: Sequence[Due]) -> None:
        self.opened = Opened(closed=_obsolete(state, {piece.work for piece in due}))
        gone = {row["subject"] for row in self.opened.closed}
        near = state.tasks[among(state.tasks["question_id"], {piece.question_id for piece in due})]
        columns = ["stage", "language", "question_id", "revision", "person"]
        self._attempts = Counter(near[columns].itertuples(index=False, name=None))
        self._standing: dict[WorkKey, list[str]] = defaultdict(list)
        self._blind: dict[tuple[str, str, int], set[str]] = defaultdict(set)
        self._fresh: dict[str, set[str]] = defaultdict(set)  # by question, who has its baseline to answer
        live = near[(~near["closed"] | near["done"]) & ~near["task_key"].isin(gone)]
        for stage, language, subject, revision, person, done in live[[*columns, "done"]].itertuples(
            index=False, name=None
        ):
            self._standing[stage, language, subject, int(revision)].append(person)
            if page_of(stage).blind and not done:
                self._must_not_see_key((language, subject, int(revision)), person)
        self.wanted = _in_order(state, [piece for piece in due if piece.lacks(self._standing[piece.work])])
        self._rota = _rota(state, {(piece.stage, piece.language) for piece in self.wanted})
        self._unread = UnreadPassages(state, {piece.passage_id for piece in self.wanted})
        self._met: dict[str, list[tuple[str, str, str]]] = defaultdict(list)  # by question, who gets what of it
        self._promised: list[tuple[Due, str]] = []
        self._judging_waits, self._server_for = state.campaign.review.judging_waits, state.campaign.server_for

    def hand_out(self, piece: Due) -> None:
        """Give a piece of work to as many people as it lacks."""
        if piece.person:
            if not self._must_wait(piece):
                self._give(piece, piece.person)
            return
        reviewed = piece.stage == "answering" and not piece.roles  # copies are never guessed
        near = self._met[original(piece.question_id)]
        taken = {person for subject, language, person in near if _tells(piece, subject, language)} | piece.never
        have = list(self._standing[piece.work])
        guessed = self._who_guessed(piece, {*taken, *have}) if reviewed else []
        guessing = self._unread.guessing(piece.passage_id) if not reviewed else frozenset()
        if piece.stage == "answering":
            taken |= guessing
        missing = piece.count - len(have) - len(guessed)
        people = self._rota.pick(
            piece.stage, piece.language, piece.passage_id, max(0, missing), {*taken, *have, *guessed},
            piece.last | guessing, piece.roles,
        )  # fmt: skip
        if len(people) < missing:
            self.opened.unassigned.append(piece)
        for person in people:
            if reviewed and self._unread.guesses_first(piece.passage_id, person):
                self._give(replace(piece, stage="guessing"), person)
            elif not (reviewed and self._unread.is_guessing(piece.passage_id, person)):
                self._give(piece, person)

    def let_read(self) -> None:
        """Give the passage to those whose guesses on it are all in, including guesses that were handed out now."""
        for piece, person in self._promised:
            if not self._unread.is_guessing(piece.passage_id, person):
                self._give(piece, person)

    def _who_guessed(self, piece: Due, taken: Set[str]) -> list[str]:
        """Return who guessed this, or is about to, and answers it next."""
        people = [
            person
            for person in self._unread.guessed(piece.question_id, piece.revision)
            if person not in taken and self._rota.may(piece.stage, piece.language, piece.passage_id, person)
        ]
        self._promised += [(piece, person) for person in people]
        self._blind[piece.work[1:]].update(people)
        return people

    def _must_wait(self, piece: Due) -> bool:
        """Whether the task's page would reveal to somebody on the server what they must not know yet."""
        if piece.stage == "judging":
            return self._judging_waits and bool(
                self._blind[piece.work[1:]] - {piece.person} or self._read_beside(piece)
            )
        return piece.stage == "answering" and self._unread.is_guessing(piece.passage_id, piece.person)

    def _read_beside(self, piece: Due) -> set[str]:
        """Return who still has the baseline of a rechecked question on the server that would show its key."""
        if kind_of(piece.question_id) != "recheck":
            return set()
        where, here = self._server_for, self._server_for("judging", piece.person)
        return {one for one in self._fresh[original(piece.question_id)] if where("answering", one) == here}

    def _give(self, piece: Due, person: str) -> None:
        attempt = self._attempts[*piece.work, person] + 1
        self._standing[piece.work].append(person)
        self._met[original(piece.question_id)].append((piece.question_id, piece.language, person))
        self._unread.hand_out(piece.stage, piece.passage_id, person)
        if page_of(piece.stage).blind:
            self._must_not_see_key(piece.work[1:], person)
        self.opened.tasks.append(_task(piece, person, attempt))

    def _must_not_see_key(self, item: tuple[str, str, int], person: str) -> None:
        self._blind[item].add(person)
        if kind_of(item[1]) == "baseline":
            self._fresh[original(item[1])].add(person)


def _tells(piece: Due, subject: str, language: str) -> bool:
    """Whether work on the same question spoils this work for whoever gets it now: another copy, or a key check of
    another language, whose answer is the same.
    """
    elsewhere = language != piece.language and kind_of(subject) == "key_check"
    return subject != piece.question_id or elsewhere


def _in_order(state: State, due: Sequence[Due]) -> list[Due]:
    """Sort in the source's order, not by arrival: the assignment must not depend on where a run broke off."""
    place = places_in_source(state) if due else {}
    last = len(place)
    return sorted(
        due,
        key=lambda d: (
            STAGES.index(d.stage), d.language, place.get(d.question_id, place.get(d.passage_id, last)),
            d.question_id,
        ),
    )  # fmt: skip


def _task(piece: Due, person: str, attempt: int) -> dict[str, Any]:
    return {
        "task_key": task_key_of(piece.work, person, attempt),
        "stage": piece.stage,
        "language": piece.language,
        "person": person,
        "passage_id": piece.passage_id,
        "question_id": piece.question_id,
        "revision": piece.revision,
        "attempt": attempt,
        "reason": piece.reason,
    }


def _rota(state: State, wanted: Set[tuple[Stage, str]]) -> Rota:
    """Return the rota of people who may get more work in these stages and languages."""
    away, wishes = turned_away(state)
    tasks = state.tasks[among(state.tasks["language"], {language for _, language in wanted})]
    tasks = tasks.assign(stage=tasks["stage"].replace("guessing", "answering"))  # guessers answer next
    trial = (tasks["stage"] == "authoring") & tasks["question_id"].map(trial_of).notna()
    tasks = tasks[~trial.astype(bool)]  # writing a trial on a passage does not reserve it
    places = tasks[["stage", "language", "passage_id", "person"]].itertuples(index=False, name=None)
    handed_out = [place for place in places if place[:2] in wanted and place not in away]
    domains = state.passages.drop_duplicates("passage_id")
    domain_of = dict(zip(domains["passage_id"], domains["domain"], strict=True))
    return Rota(_admitted(state), handed_out, away, wishes, domain_of)


def _admitted(state: State) -> Callable[[Role, str], list[Person]]:
    """Return who has a role in a language; authors only if they qualified, where they must."""
    if not state.campaign.qualification.required:
        return state.campaign.people_for

    def people_for(role: Role, language: str) -> list[Person]:
        able = state.campaign.people_for(role, language)
        return able if role != "authoring" else [one for one in able if one.code in qualified_people(state)]

    return people_for


def _obsolete(state: State, due: Set[tuple[str, str, str, int]]) -> list[Row]:
    """Close open tasks on work that is not due any more: revised, decided, or its source changed.

    Tasks held by a query stay until the lead has answered.
    """
    work = state.tasks[state.tasks["open"]]
    columns = (work[name] for name in ("task_key", "stage", "language", "question_id", "revision", "passage_id"))
    return [
        TaskClosed(Closed.MOVED_ON).row(key, language)
        for key, stage, language, subject, revision, passage in zip(*columns, strict=True)
        if (stage, language, subject, int(revision)) not in due and (passage, language) not in held_passages(state)
    ]
