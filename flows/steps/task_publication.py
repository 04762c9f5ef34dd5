"""Task publication: open work is brought to the servers, and work no longer needed is removed.

Label Studio is a cache of open work: its content follows from the ledger. A workbench is looked up by its title
before one is made, task keys are listed before tasks are pushed, and the `published` mark is written last, so a
crash or a lost answer costs a look, never a duplicate. A workbench that vanished or holds fewer tasks than were
published is filled again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import pandas as pd

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench
from annotation.labelstudio.workbenches.content_seals import of_task
from annotation.stages import page_of
from data.errors import ServerError, ServerUnreachable
from data.ledger import tables
from data.ledger.events import TaskPublished, TasksPlaced, TaskWithdrawn
from data.ledger.events import details_of as said
from data.ledger.tables import Row
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State, among
from flows.inspection import alterations
from flows.ledger_views.lead_queries import reply_counts
from flows.ledger_views.question_slots import places_in_source
from flows.ledger_views.sibling_questions import sibling_revisions
from flows.ledger_views.words_in_force import words_for
from flows.run_mode import Mode
from flows.workbenches import guideline_versions, outcome_cards
from flows.workbenches.placed_workbenches import placed_workbenches
from flows.workbenches.workbench_pages import WorkbenchPages
from flows.workbenches.workbench_pages import task_data as shown_now

Workbenches = Mapping[str, Workbench]
"""The workbenches on a server, by title."""


@dataclass
class Published:
    """The result of `publish`: counts of changes, and the servers that did not answer."""

    pushed: int = 0
    removed: int = 0
    workbenches: int = 0
    unfinished: int = 0
    """The number of workbenches that were out of order."""
    problems: list[str] = field(default_factory=list)
    opened: dict[str, dict[str, Workbench]] = field(default_factory=dict)
    """The workbenches that were out of order and are open now, by server and title."""


def publish(
    state: State,
    servers: Mapping[str, AnnotationServer],
    *,
    full: bool = False,
    counted: Mapping[str, Workbenches] = MappingProxyType({}),
    unreadable: Collection[str] = (),
    mode: Mode = Mode.LIVE,
) -> Published:
    """Make every server hold the open work of its stages, and no closed work that nobody began.

    A server that does not answer is named in `problems` and does not affect the others.

    Args:
        state: the campaign.
        servers: the Label Studio servers by their name in campaign.toml.
        full: list the tasks of every workbench, not only where their number is wrong.
        counted: the workbenches of each server, by its name, where they were counted a moment ago.
        unreadable: titles of workbenches whose tasks cannot be listed: what they show is renewed once they can be.
        mode: if not live, only report what would be done, from `counted` alone.
    """
    if mode is not Mode.LIVE:
        return _foreseen(state, counted)
    published = Published()
    plan = _plan(state)
    for name, server in servers.items():
        mine = plan[plan["server"] == name]
        try:
            placed = placed_workbenches(state, name)
            standing = (
                counted[name] if name in counted else server.workbenches(f"{state.campaign.id}/", placed=placed)
            )
            for title, tasks, found in _unfinished(state, mine, standing, full):
                published.unfinished += 1
                if title in unreadable:
                    tasks = tasks.assign(outdated=False)
                try:
                    _publish_workbench(state, servers, title, tasks, found, published, full)
                except ServerUnreachable:
                    raise
                except ServerError as error:  # only this workbench fails; the others go on
                    published.problems.append(f"{title}: {error}")
        except ServerError as error:
            published.problems.append(str(error))
    return published


def _foreseen(state: State, counted: Mapping[str, Workbenches]) -> Published:
    """Return what `publish` would add and remove on the servers that answered, as far as counts show."""
    published = Published()
    plan = _plan(state)
    for name, standing in counted.items():
        for _title, tasks, found in _unfinished(state, plan[plan["server"] == name], standing, full=False):
            published.unfinished += 1
            published.pushed += int((tasks["open"] & (~tasks["published"] | (found is None))).sum())
            published.removed += int((tasks["unwanted"] & tasks["published"]).sum()) if found else 0
    return published


def _plan(state: State) -> pd.DataFrame:
    """Return every task with its server and its place there."""
    tasks, events = state.tasks, state.events(TaskPublished)
    published = among(tasks["task_key"], events["subject"])
    times = alterations.alterations(state)
    altered = pd.Series([times.get(key, 0) for key in tasks["task_key"]], index=tasks.index, dtype=int)
    withdrawn = among(tasks["task_key"], state.events(TaskWithdrawn)["subject"])
    worked_in = among(tasks["task_key"], state.annotations["task_key"])  # such a task is never removed
    ending = outcome_cards.marks(state)
    fate = [
        ending.get(key, "") if done else "" for key, done in zip(tasks["task_key"], tasks["done"], strict=True)
    ]
    ended = pd.Series(fate, index=tasks.index, dtype=str)
    changing = tasks[published & ~withdrawn & (tasks["open"] | (ended != "") | (altered > 0))]
    shown = events[among(events["subject"], changing["task_key"])]
    told = dict(zip(shown["subject"], said(shown, TaskPublished, but="seal"), strict=True))  # the last of several
    replies = reply_counts(state)
    words = {person: words_for(state, person).version for person in set(changing["person"])}
    outdated = [
        (told[key].restored or 0) < times.get(key, 0)
        or ((is_open or fate) and _is_outdated(told[key], stage, replies.get(passage, 0) * is_open, fate))
        or (is_open and (told[key].words or "") != words[person])
        or (is_open and (told[key].siblings or 0) < _siblings(state, stage, passage, subject))
        for key, stage, passage, subject, person, is_open, fate in zip(
            *(changing[name] for name in ("task_key", "stage", "passage_id", "question_id", "person", "open")),
            ended[changing.index],
            strict=True,
        )
    ]
    return tasks.assign(
        server=_servers(state, tasks),
        published=published,
        withdrawn=withdrawn,
        expected=published & ~withdrawn,
        outdated=among(tasks["task_key"], changing["task_key"][np.array(outdated, dtype=bool)]),
        fate=ended,
        altered=altered,
        unwanted=tasks["closed"] & ~worked_in & ~withdrawn,
    )


def _is_outdated(record: TaskPublished, stage: str, replies: int, fate: str) -> bool:
    """Whether a task shows outdated replies or outcome, or is in the form of an old page."""
    if fate:
        return record.fate != fate
    return record.notices < replies or (record.page or 1) < (page_of(stage).version or 1)


def _siblings(state: State, stage: str, passage: str, subject: str) -> int:
    return sibling_revisions(state, passage, subject) if page_of(stage).shows_siblings else 0


def _servers(state: State, tasks: pd.DataFrame) -> list[str]:
    """Return the server that holds each task."""
    places = list(zip(tasks["stage"], tasks["person"], strict=True))
    named = {place: state.campaign.server_for(*place) for place in set(places)}
    return [named[place] for place in places]


def _unfinished(
    state: State, plan: pd.DataFrame, standing: Workbenches, full: bool
) -> Iterator[tuple[str, pd.DataFrame, Workbench | None]]:
    """Yield the workbenches of a server that are out of order: title, tasks, and the existing workbench."""
    place = ["stage", "language", "person"]
    due = plan["outdated"] | (plan["open"] & ~plan["published"]) | (plan["unwanted"] & plan["published"])
    late = guideline_versions.outdated(state, plan)
    faces = WorkbenchPages(state)
    counts = plan.assign(due=due).groupby(place, sort=True)[["open", "expected", "due"]].sum().reset_index()
    for stage, language, person, is_open, expected, is_due in zip(*(counts[c] for c in counts), strict=True):
        title = state.campaign.workbench_title(stage, language, person)
        found = standing.get(title)
        told_else = (stage, language, person) in late or (
            found is not None and (found.called != "" or not faces.is_kept(title, found.seal))
        )
        if is_open if found is None else full or is_due or told_else or found.tasks != expected:
            here = (plan["stage"] == stage) & (plan["language"] == language) & (plan["person"] == person)
            yield title, plan[here], found


def _publish_workbench(
    state: State,
    servers: Mapping[str, AnnotationServer],
    title: str,
    tasks: pd.DataFrame,
    found: Workbench | None,
    published: Published,
    full: bool,
) -> None:
    missing = tasks["open"] & ~tasks["published"]
    disturbed = full or found is None or found.tasks != tasks["expected"].sum()
    leftover = tasks["unwanted"] & tasks["published"]
    if disturbed:  # a push may have arrived without its mark, or twice, leaving an empty copy of done work
        leftover |= ~tasks["open"]
    stage = WorkbenchTitle.parse(title).stage
    name = str(tasks["server"].iloc[0])
    server = servers[name]
    workbench, events = WorkbenchPages(state).open(servers, name, title, found)
    published.workbenches += found is None
    published.opened.setdefault(name, {})[title] = workbench
    events += guideline_versions.guided(state, title)
    wanted = _in_order(state, tasks[tasks["open"] & (missing | disturbed | tasks["outdated"])])
    events += _put(state, server, workbench, wanted, tasks[tasks["outdated"]], published)
    if found is None and len(wanted):
        server.arrange(workbench, page_of(stage).listed, next(iter(shown_now(state, wanted[:1]).values())))
    if leftover.any():
        keys = list(tasks["task_key"][leftover])
        published.removed += len(server.remove(workbench, keys))
    standing = {task.key for task in server.tasks(workbench)} if leftover.any() or disturbed else None
    if standing is not None:
        once = tasks[tasks["published"] & ~tasks["withdrawn"] & ~tasks["open"]]
        gone = zip(once["task_key"], once["language"], strict=True)
        events += [TaskWithdrawn().row(key, language) for key, language in gone if key not in standing]
    state.ledger.append(tables.EVENTS, events)


def _put(
    state: State,
    server: AnnotationServer,
    workbench: Workbench,
    wanted: pd.DataFrame,
    outdated: pd.DataFrame,
    published: Published,
) -> list[Row]:
    """Put tasks on their workbench, and change those that show something outdated; return the events of it."""
    if not len(wanted) and not len(outdated):
        return []
    ended = outdated[~outdated["open"]]
    add, change = (shown_now(state, some) if len(some) else {} for some in (wanted, ended))
    # Tasks there that we never recorded may be somebody else's, or older.
    news = wanted[~wanted["published"] | wanted["outdated"]]
    change = {**change, **{key: add[key] for key in news["task_key"]}}
    altered = set(outdated["task_key"][outdated["altered"] > 0])
    places = alterations.keys_by_number(state, workbench) if altered else {}
    numbers = {number: key for number, key in places.items() if key in altered}
    standing = server.put(workbench, add, change, numbers)
    pushed = standing.pushed
    published.pushed += len(pushed.added)
    brought = {key: pushed.numbers[key] for key in pushed.added if key in pushed.numbers}
    righted, changed = (
        {key: time for key, time in standing.changed.items() if (key in altered) is of_altered}
        for of_altered in (True, False)
    )
    rows = pd.concat([ended, news]) if len(ended) else news
    events = [_published(state, row, change[row["task_key"]]) for _, row in rows.iterrows()]
    if brought or changed or righted:
        events.append(TasksPlaced(workbench.made.isoformat(), brought, changed, righted).row(workbench.title))
    return events


def _in_order(state: State, tasks: pd.DataFrame) -> pd.DataFrame:
    """Sort tasks by passage, so that each is read once: Label Studio serves tasks in the order of creation."""
    place = places_in_source(state)
    at = tasks["question_id"].map(place).fillna(tasks["passage_id"].map(place)).fillna(len(place))
    return tasks.loc[at.sort_values(kind="stable").index]


def _published(state: State, task: pd.Series, data: Mapping[str, object]) -> Row:
    """Return the mark that a task is on its server in its current form: `_plan` compares it with later changes."""
    return TaskPublished(
        reply_counts(state).get(task["passage_id"], 0),
        of_task(data),
        restored=task["altered"] or None,
        page=page_of(task["stage"]).version,
        fate=task["fate"] or None,
        siblings=_siblings(state, task["stage"], task["passage_id"], task["question_id"]) or None,
        words=words_for(state, task["person"]).version or None,
    ).row(task["task_key"], task["language"])
