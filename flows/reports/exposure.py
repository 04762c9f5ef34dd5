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

import pyarrow.compute as pc

from annotation.stages import PAGES
from data.ledger import tables
from data.ledger.events import AccountLinked, TaskPublished, details_of
from data.ledger.item_copy_ids import original
from data.ledger.tables import STAGES, Row, Stage
from flows.campaign_state import State, among, by_key, in_order
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


def _counts(state: State, stage: str, subject: str, telling: tuple[Stage, ...]) -> dict[str, int]:
    counts = {"given": 0, "in_reach": 0, "by_authors": 0, "by_others": 0, "kept_apart": 0}
    given = _given(state, stage)
    if not given:
        return counts
    stood = _revealing_pages(state, subject, telling, {original(row[subject]) for row in given})
    reach, apart = _accounts(state), separations(state)
    for row in given:
        counts["given"] += 1
        standing = [
            (where == "authoring", kept_apart(apart.get(server, []), since, row["updated_at"]))
            for server in reach[row["person"]] | {row["server"]}
            for since, where, whose in stood.get((original(row[subject]), server), [])
            if since < row["updated_at"] and whose != row["person"]
        ]
        near = {authors for authors, shut in standing if not shut}
        counts["kept_apart"] += bool(standing) and not near
        counts["in_reach"] += bool(near)
        counts["by_authors"] += True in near
        counts["by_others"] += False in near
    return counts


def _given(state: State, stage: str) -> list[Row]:
    """Return the latest submissions of a stage on a server that count."""
    counted = state.annotations[among(state.annotations["event_id"], state.counted)]
    counted = counted[(counted["stage"] == stage) & (counted["server"] != "file")]
    last = in_order(counted).drop_duplicates("task_key", keep="last")
    columns = ["task_key", "person", "question_id", "passage_id"]
    lines = last[["task_key", "server", "updated_at"]].merge(state.tasks[columns], on="task_key")
    return list(by_key(lines, "task_key").values())


def _revealing_pages(state: State, subject: str, stages: tuple[Stage, ...], wanted: set[str]) -> Stood:
    """Return since when revealing pages were on which server; a copy's key is its question's."""
    tasks = state.tasks[state.tasks["stage"].isin(stages)]
    tasks = tasks[among(tasks[subject].map(original), wanted)]
    is_publication = pc.field("kind") == TaskPublished.KIND
    published = state.ledger.read(tables.EVENTS, ["subject", "recorded_at"], is_publication)
    published = published[among(published["subject"], tasks["task_key"])]
    first = dict(published.groupby("subject")["recorded_at"].min())
    found: dict[tuple[str, str], list[tuple[datetime, str, str]]] = defaultdict(list)
    written = _written(state)
    for key, task in by_key(tasks[["task_key", "stage", "person", subject]], "task_key").items():
        keyless = subject == "question_id" and task["stage"] == "authoring"  # until its author submits it
        since = (written if keyless else first).get(key)
        if since is not None:
            server = state.campaign.server_for(task["stage"], task["person"])
            found[original(task[subject]), server].append((since, task["stage"], task["person"]))
    return found


def _written(state: State) -> dict[str, datetime]:
    """Return when an author's page first held a key, by task_key."""
    made = state.annotations[(state.annotations["stage"] == "authoring") & (state.annotations["server"] != "file")]
    return dict(made.groupby("task_key")["updated_at"].min())


def _accounts(state: State) -> dict[str, set[str]]:
    """Return the servers on which each person has an account."""
    links = state.events(AccountLinked)
    found: dict[str, set[str]] = defaultdict(set)
    for person, link in zip(links["subject"], details_of(links, AccountLinked), strict=True):
        found[person].add(link.server)
    return found
