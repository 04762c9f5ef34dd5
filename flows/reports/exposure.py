"""Exposure: blind answers and guesses given while a page with the key or the passage was within reach.

In Label Studio's community edition every account on a server can open every workbench there. So a blind answer is
truly blind only if, when it was submitted, no page with the question's key was on a server where its reviewer has
an account; the same holds for a guess and pages with its passage. Both follow from the ledger: a task's
`published` mark says since when it was where, `account_linked` who has an account where, `accounts_kept_apart`
which server, with our layer, let each account reach its own pages only. Rechecks, the baseline,
key checks and plants are copies, and a page that reveals the key of their question reveals theirs. None of this
says that anybody looked. It says what can be ruled out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import pandas as pd
import pyarrow.compute as pc

from annotation.stages import PAGES
from data.ledger import tables
from data.ledger.events import AccountLinked, TaskPublished, details_of
from data.ledger.item_copy_ids import original
from data.ledger.tables import STAGES, Stage
from flows.campaign_state import State, among, in_order, ledger_view
from flows.inspection.account_separation import kept_apart, separations

Stood = Mapping[tuple[str, str], list[tuple[datetime, str, str]]]
"""(subject, server) to (since when, stage, whose workbench)."""


def exposure(state: State) -> dict[str, dict[str, int]]:
    """Return how many blind answers and guesses were given on a page, and how many with a revealing page within
    reach.

    Returns:
        `blind_answers` and `guesses`, each with `given`; `by_authors` (an author's page stood within reach);
        `by_others` (another person's judging, adjudicating, … page did); `in_reach` (either); `kept_apart` (such
        pages stood on servers where they have an account, which let each account reach its own pages only).
    """
    with_key = tuple(page.stage for page in PAGES if page.shows_key)
    return {
        "blind_answers": _counts(state, "answering", "question_id", with_key),
        "guesses": _counts(state, "guessing", "passage_id", tuple(s for s in STAGES if s != "guessing")),
    }


class _Task(NamedTuple):
    """One task, as far as it tells who was shown what."""

    task_key: str
    person: str
    question_id: str
    passage_id: str


class _Given(NamedTuple):
    """The latest submission of a task that counts."""

    task: _Task
    server: str
    at: datetime


def _counts(state: State, stage: Stage, subject: str, telling: tuple[Stage, ...]) -> dict[str, int]:
    counts = {"given": 0, "in_reach": 0, "by_authors": 0, "by_others": 0, "kept_apart": 0}
    given = [(getattr(one.task, subject), one) for one in _given(state, stage)]
    if not given:
        return counts
    shown = {subject_id: original(subject_id) for subject_id, _ in given}
    stood = _revealing_pages(state, subject, telling, set(shown.values()))
    reach, apart = _accounts(state), separations(state)
    for subject_id, (task, server, at) in given:
        counts["given"] += 1
        standing = [
            (where == "authoring", kept_apart(apart.get(within, []), since, at))
            for within in reach[task.person] | {server}
            for since, where, whose in stood.get((shown[subject_id], within), [])
            if since < at and whose != task.person
        ]
        near = {authors for authors, shut in standing if not shut}
        counts["kept_apart"] += bool(standing) and not near
        counts["in_reach"] += bool(near)
        counts["by_authors"] += True in near
        counts["by_others"] += False in near
    return counts


@ledger_view
def _tasks(state: State) -> dict[str, list[_Task]]:
    """Return every task by its stage."""
    found: dict[str, list[_Task]] = defaultdict(list)
    columns = ("stage", *_Task._fields)
    for stage, *facts in zip(*(state.tasks[name].tolist() for name in columns), strict=True):
        found[stage].append(_Task(*facts))
    return found


def _given(state: State, stage: Stage) -> list[_Given]:
    """Return the latest submissions of a stage on a server that count."""
    made = state.annotations
    made = made[((made["stage"] == stage) & (made["server"] != "file")).to_numpy(dtype=bool)]
    made = in_order(made[among(made["event_id"], state.counted)])
    keys, servers, times = (made[name].tolist() for name in ("task_key", "server", "updated_at"))
    last = dict(zip(keys, zip(servers, times, strict=True), strict=True))
    return [_Given(task, *last[task.task_key]) for task in _tasks(state)[stage] if task.task_key in last]


def _revealing_pages(state: State, subject: str, stages: tuple[Stage, ...], wanted: set[str]) -> Stood:
    """Return since when revealing pages were on which server; a copy's key is its question's."""
    first, written = _published(state), _written(state)
    found: dict[tuple[str, str], list[tuple[datetime, str, str]]] = defaultdict(list)
    for stage in stages:
        keyless = subject == "question_id" and stage == "authoring"  # until its author submits it
        for task in _tasks(state)[stage]:
            shown = original(getattr(task, subject))
            since = (written if keyless else first).get(task.task_key)
            if shown in wanted and since is not None:
                server = state.campaign.server_for(stage, task.person)
                found[shown, server].append((since, stage, task.person))
    return found


@ledger_view
def _published(state: State) -> dict[str, datetime]:
    """Return when each task was first put on a server, by task_key."""
    is_publication = pc.field("kind") == TaskPublished.KIND
    return _earliest(state.ledger.read(tables.EVENTS, ["subject", "recorded_at"], is_publication))


@ledger_view
def _written(state: State) -> dict[str, datetime]:
    """Return when an author's page first held a key, by task_key."""
    made = state.annotations[(state.annotations["stage"] == "authoring") & (state.annotations["server"] != "file")]
    return _earliest(made[["task_key", "updated_at"]])


def _earliest(frame: pd.DataFrame) -> dict[str, datetime]:
    """Return the earliest time of each key, of a frame with keys and times."""
    found: dict[str, datetime] = {}
    for key, at in zip(*(frame[name].tolist() for name in frame.columns), strict=True):
        if key not in found or at < found[key]:
            found[key] = at
    return found


def _accounts(state: State) -> dict[str, set[str]]:
    """Return the servers on which each person has an account."""
    links = state.events(AccountLinked)
    found: dict[str, set[str]] = defaultdict(set)
    for person, link in zip(links["subject"], details_of(links, AccountLinked), strict=True):
        found[person].add(link.server)
    return found
