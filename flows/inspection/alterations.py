"""Whether workbenches and tasks show what they should, and what was answered while they did not.

Every account on a bare Label Studio can change a workbench's form and the passage or question of a task, and the
person who works there cannot know. So what a server shows is held against what was brought there: the pages of
every workbench at every look, a task whenever it is read, which it is with each answer on it. What differs becomes
an event with the answers that came while it did: they are kept and count when the lead says so. The next step
puts the page right again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from annotation.labelstudio.client import Touched, Workbench
from annotation.labelstudio.content_seals import differing, of_task
from annotation.stages import page_of
from data.ledger import tables
from data.ledger.events import (
    Altered,
    AlteredAccepted,
    Became,
    Read,
    Rejected,
    TaskPublished,
    by_subject,
    details_of,
    fact,
)
from data.ledger.tables import Row
from flows.campaign_state import State, among, by_key
from flows.inspection.agenda_point import AgendaPoint
from flows.workbenches.workbench_pages import Faces, shown

_NAMED = 3  # tasks that a line names


@dataclass(frozen=True)
class Alteration:
    """A workbench or a task that somebody changed on a server.

    Attributes:
        subject: the workbench's title, or the task's key.
        workbench: its title.
        what: the parts that differ: of `annotation.labelstudio.content_seals.PARTS`, or "task".
        number: which time it is, from 1.
    """

    subject: str
    workbench: str
    what: tuple[str, ...]
    number: int

    def event(self, server: str, rows: Sequence[Row]) -> Row:
        """The event, with those of the new annotations that were made on it."""
        mine = [
            tables.ANNOTATIONS.event_id(row)
            for row in rows
            if row["workbench"] == self.workbench
            and self.subject in (row["workbench"], row["task_key"])
            and row["kind"] != "deleted"
        ]
        return Altered(server, self.workbench, list(self.what), self.number, sorted(mine)).row(self.subject)


def altered_pages(state: State, standing: Mapping[str, Workbench]) -> Iterator[Alteration]:
    """The workbenches on a server whose pages somebody changed since they were brought there."""
    faces = Faces(state)
    before = state.events(Altered)["subject"]
    for title, bench in standing.items():
        if title in faces.noted and faces.is_altered(title, bench.seal):
            what = differing(faces.noted[title].served, bench.seal)
            yield Alteration(title, title, tuple(what), 1 + int((before == title).sum()))


def altered_tasks(state: State, touched: Sequence[Touched]) -> Iterator[Alteration]:
    """Those of these tasks whose data somebody changed since they were brought to the server."""
    tasks = state.tasks[among(state.tasks["task_key"], {task.task_key for task in touched})]
    tasks = tasks[tasks["open"] | tasks["done"]]
    notes = published(state, tasks)
    suspects = {
        task.task_key: task
        for task in touched
        if task.task_key in notes and notes[task.task_key].seal != of_task(task.data)
    }
    if not suspects:
        return
    tasks = tasks[among(tasks["task_key"], suspects)]
    payloads, now = state.payloads_of(set(suspects)), shown(state, tasks)
    for key, task in by_key(tasks, "task_key").items():
        told, note = suspects[key], notes[key]
        if of_task(now[key]) == of_task(told.data):
            continue  # it was brought up to date by a run that died before it said so
        mine = page_of(task["stage"]).on_server(payloads[key])
        if note.seal is None and all(told.data.get(name) == value for name, value in mine.items()):
            continue  # brought there before seals were noted
        yield Alteration(key, told.workbench, ("task",), 1 + int(note.restored or 0))


def published(state: State, tasks: pd.DataFrame) -> dict[str, TaskPublished]:
    """What was noted of each of these tasks when it was last brought to its server, by task_key."""
    events = state.events(TaskPublished)
    return by_subject(events[among(events["subject"], tasks["task_key"])], TaskPublished)


def alterations(state: State) -> dict[str, int]:
    """How many times each task was changed by somebody, by task_key; it is put right as many times."""
    found = state.events(Altered)
    counts: dict[str, int] = {}
    for subject, one in zip(found["subject"], details_of(found, Altered), strict=True):
        counts[subject] = max(counts.get(subject, 0), one.number)
    return counts


def doubtful(state: State) -> set[str]:
    """The annotation events that were made on pages which somebody had changed."""
    return {event for one in details_of(state.events(Altered), Altered) for event in one.annotations}


def doubted(state: State) -> pd.DataFrame:
    """The annotations that were made on an altered page and wait for the lead's word, as they stand now."""
    known, read = state.annotations, state.events(Read)
    waiting = read["subject"][fact(read, Read, "outcome") == Became.DOUBTED]
    for said in (AlteredAccepted, Rejected):
        waiting = waiting[~among(waiting, state.events(said)["subject"])]
    if waiting.empty:
        return known.head(0)
    last = known.drop_duplicates(["server", "workbench", "annotation_id", "created_at"], keep="last")
    done = among(last["task_key"], state.tasks["task_key"][state.tasks["done"]])
    return last[among(last["event_id"], waiting) & ~done]


def unseen(state: State) -> pd.DataFrame:
    """The alterations that the lead has not seen: event_id, subject, and what stands in their detail."""
    found = state.events(Altered)
    found = found[~among(found["event_id"], state.events(Rejected)["subject"])]
    said = [(one.server, one.workbench, one.what) for one in details_of(found, Altered)]
    facts = pd.DataFrame(said, columns=["server", "workbench", "what"])
    return pd.concat([found[["event_id", "subject"]].reset_index(drop=True), facts], axis=1)


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """What somebody changed on a server, a line a workbench, with the command for what was answered meanwhile."""
    waiting = doubted(state)
    counts = waiting.groupby("workbench").size()
    found = unseen(state)
    for workbench, mine in found.groupby("workbench", sort=True):
        parts = list(dict.fromkeys(part for what in mine["what"] for part in what if part != "task"))
        tasks = sorted(mine["subject"][mine["subject"] != workbench].unique())
        if tasks:
            more = ", …" if len(tasks) > _NAMED else ""
            parts.append(f"what {len(tasks)} of its tasks show ({', '.join(tasks[:_NAMED])}{more})")
        what, count = ", ".join(parts), int(counts.get(workbench, 0))
        changed = f"{workbench}: somebody changed its {what} on {mine['server'].iloc[0]}; it was put right"
        if count:
            ids = ", ".join(event[:8] for event in waiting["event_id"][waiting["workbench"] == workbench])
            yield AgendaPoint(
                f"{changed}. What was submitted meanwhile waits for your word: {count} ({ids})",
                f"belebele accept {workbench}, or have it done again: belebele reject {workbench}",
            )
        else:
            yield AgendaPoint(f"{changed}, and nothing was submitted meanwhile", f"belebele reject {workbench}")
