"""The next work for people: what is due, who gets it, and what each task shows.

Each stage says what is due from the state alone (`flows/authoring.py` and its siblings). Here a due piece of work
becomes a task once: not while one for the same work is open or done, and not on a passage that a query holds.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from annotation.assignment import Rota
from data import nouns
from data.ledger import detail
from data.nouns import Row, Stage
from flows.state import State


@dataclass(frozen=True)
class Due:
    """A piece of work that somebody must do now."""

    stage: Stage
    language: str
    passage_id: str
    question_id: str
    revision: int  # that is worked on; 0 when there is none yet
    reason: str = ""
    never: frozenset[str] = frozenset()  # people who must not get it
    person: str = ""  # set when only one person can do it (who answered blind, judges)
    count: int = 1  # how many people

    @property
    def work(self) -> tuple[str, str, str, int]:
        """What identifies the work, whoever does it."""
        return (self.stage, self.language, self.question_id, self.revision)


@dataclass
class Opened:
    """What `open_tasks` did."""

    tasks: list[Row] = field(default_factory=list)
    closed: list[Row] = field(default_factory=list)
    unassigned: list[Due] = field(default_factory=list)


Payloads = Callable[[State, Sequence[Row]], Mapping[str, dict[str, Any]]]
"""Given new task lines, what each of them shows, by task_key."""


def open_tasks(state: State, due: Sequence[Due], payloads: Mapping[Stage, Payloads]) -> Opened:
    """Write the intent of every task that is due and not handed out, and close what nobody needs any more."""
    opened = Opened(closed=_obsolete(state))
    gone = {row["subject"] for row in opened.closed}
    tasks = state.tasks[~state.tasks["task_key"].isin(gone)]
    rota = _rota(state, tasks)
    standing: dict[tuple[str, str, str, int], list[str]] = defaultdict(list)
    live = tasks[~tasks["closed"]]
    for stage, language, subject, revision, person in zip(
        live["stage"], live["language"], live["question_id"], live["revision"], live["person"], strict=True
    ):
        standing[stage, language, subject, int(revision)].append(person)
    attempts = state.tasks.groupby(["stage", "language", "question_id", "revision", "person"]).size().to_dict()

    for piece in due:
        if (piece.passage_id, piece.language) in state.held:
            continue
        have = standing[piece.work]
        if piece.person:
            people = [] if piece.person in have else [piece.person]
        else:
            missing = piece.count - len(have)
            people = (
                rota.pick(piece.stage, piece.language, piece.passage_id, missing, {*piece.never, *have})
                if missing > 0
                else []
            )
            if len(people) < missing:
                opened.unassigned.append(piece)
        for person in people:
            attempt = int(attempts.get((*piece.work, person), 0)) + 1
            have.append(person)
            opened.tasks.append(_task(piece, person, attempt))
    _fill(state, opened.tasks, payloads)
    state.ledger.append(nouns.EVENTS, opened.closed)
    state.ledger.append(nouns.TASKS, opened.tasks)
    return opened


def _task(piece: Due, person: str, attempt: int) -> dict[str, Any]:
    key = f"{piece.stage}/{piece.language}/{piece.question_id}/{piece.revision}/{person}"
    return {
        "task_key": key if attempt == 1 else f"{key}/{attempt}",
        "stage": piece.stage,
        "language": piece.language,
        "person": person,
        "passage_id": piece.passage_id,
        "question_id": piece.question_id,
        "revision": piece.revision,
        "attempt": attempt,
        "reason": piece.reason,
    }


def _fill(state: State, tasks: list[Row], payloads: Mapping[Stage, Payloads]) -> None:
    by_stage: dict[Stage, list[Any]] = defaultdict(list)
    for task in tasks:
        by_stage[task["stage"]].append(task)
    for stage, mine in by_stage.items():
        shown = payloads[stage](state, mine)
        for task in mine:
            task["payload"] = json.dumps(shown[task["task_key"]], ensure_ascii=False, sort_keys=True)


def _rota(state: State, tasks: pd.DataFrame) -> Rota:
    live = tasks[~tasks["closed"]]
    columns = ["stage", "language", "passage_id", "person"]
    handed_out = list(live[columns].itertuples(index=False, name=None))
    by_key = state.tasks.set_index("task_key")[columns]
    closed = state.events("task_closed")
    barred = set()
    preferred: dict[tuple[str, str, str], str] = {}
    for key, text in zip(closed["subject"], closed["detail"], strict=True):
        facts = json.loads(text)
        if facts["why"] in ("skipped", "reassigned"):
            stage, language, passage_id, person = by_key.loc[key]
            barred.add((stage, language, passage_id, person))
            if facts.get("to"):
                preferred[stage, language, passage_id] = facts["to"]
    return Rota(state.campaign.people_for, handed_out, barred, preferred)


def _obsolete(state: State) -> list[Row]:
    """Open tasks on work that has moved on: a newer revision, a decided Question, a dropped source."""
    work = state.tasks[state.tasks["open"]]
    rows: list[Row] = []
    if work.empty:
        return rows
    questions = state.current_questions.set_index("question_id")
    translations = state.current_translations.set_index(["question_id", "language"])
    for key, stage, language, subject, revision in zip(
        work["task_key"], work["stage"], work["language"], work["question_id"], work["revision"], strict=True
    ):
        why = _why_obsolete(stage, (subject, language), int(revision), questions, translations)
        if why:
            rows.append(
                {"kind": "task_closed", "subject": key, "language": language, "detail": detail({"why": why})}
            )
    return rows


def _why_obsolete(
    stage: str, item: tuple[str, str], revision: int, questions: pd.DataFrame, translations: pd.DataFrame
) -> str:
    subject, _ = item
    question = questions.loc[subject] if subject in questions.index else None
    if stage == "authoring":
        if question is not None and question["revision"] > revision:
            return "a newer revision stands"
        return "dropped" if question is not None and question["outcome"] == "drop" else ""
    if question is None:
        return ""
    if stage in ("answering", "judging"):
        if question["revision"] > revision:
            return "a newer revision stands"
        return "" if pd.isna(question["outcome"]) else "decided"
    if pd.isna(question["outcome"]) or question["outcome"] != "keep" or question["stale"]:
        return "its question is no longer kept"
    translation = translations.loc[item] if item in translations.index else None
    if translation is not None and translation["revision"] > revision:
        return "a newer revision stands"
    if stage == "proofreading" and translation is not None and translation["stale"]:
        return "its source changed"
    return ""
