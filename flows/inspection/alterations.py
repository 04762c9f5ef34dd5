"""Alterations: workbenches and tasks that somebody changed on a server, and what was answered on them.

Every account on a bare Label Studio can change a workbench's form and the passage or question of a task, and the
person who works there cannot know. So what a server shows is compared with what was published there: the pages of
every workbench at every look, a task whenever it is read, which happens with each answer on it. A difference
becomes an event, with the answers given meanwhile: they are kept and count if the lead says so. The next step
restores the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pandas as pd

from annotation.labelstudio.client import Collected, Submission, Touched, Workbench
from annotation.labelstudio.server_records import moment
from annotation.labelstudio.workbenches.content_seals import differing, of_task
from annotation.stages import page_of
from data.ledger import tables
from data.ledger.events import (
    Altered,
    AlteredAccepted,
    Became,
    Page,
    Read,
    Rejected,
    TaskPublished,
    TasksPlaced,
    by_subject,
    details_of,
    fact,
)
from data.ledger.tables import Row
from flows.campaign_state import State, among, by_key
from flows.inspection.agenda_point import AgendaPoint
from flows.workbenches.workbench_pages import WorkbenchPages, task_data

_NAMED = 3  # tasks named in a line

NAME = "name"
"""The part of a workbench that differs where somebody gave it another title. What is answered there counts."""

UNDONE = "task, undone"
"""The part that differed where a task shows again what it should, but was changed since it was answered."""

GRACE = timedelta(minutes=1)
"""How long after an answer the server may still note changes of its task that belong to the answer: five seconds,
with six people writing at once on a busy machine."""


@dataclass(frozen=True)
class Alteration:
    """A workbench or a task that somebody changed on a server.

    Attributes:
        subject: the workbench's title, or the task's key.
        workbench: its title.
        what: the parts that differ: of `content_seals.PARTS`, `NAME`, "task", or `UNDONE`.
        number: how many alterations of the subject there are, this one included.
        called: the title that a workbench bears instead of its own.
        lasts: whether a workbench still shows it.
        before: until when what was made there was made on the altered page, by the server's clock; None for all.
    """

    subject: str
    workbench: str
    what: tuple[str, ...]
    number: int
    called: str = ""
    lasts: bool = False
    before: datetime | None = None

    def made_on(self, row: Row) -> bool:
        """Whether a new annotation was made on the altered page."""
        if row["workbench"] != self.workbench or row["kind"] == "deleted" or self.what == (NAME,):
            return False
        made = row["updated_at"] if row["kind"] == "edited" else row["created_at"]
        here = self.subject in (row["workbench"], row["task_key"])
        return here and (self.before is None or made <= self.before)

    def event(self, server: str, rows: Sequence[Row]) -> Row:
        """Return the event, with those of the new annotations that were made on the altered page."""
        mine = sorted(tables.ANNOTATIONS.event_id(row) for row in rows if self.made_on(row))
        lasts, called = self.lasts or None, self.called or None
        what = list(self.what)
        return Altered(server, self.workbench, what, self.number, mine, called, lasts).row(self.subject)


def altered_pages(state: State, standing: Mapping[str, Workbench]) -> Iterator[Alteration]:
    """Yield the workbenches on a server whose pages somebody changed since they were published."""
    faces = WorkbenchPages(state)
    before = state.events(Altered)["subject"]
    for title, bench in standing.items():
        altered = faces.is_altered(title, bench.seal)
        what = differing(faces.noted[title].served, bench.seal) if altered else []
        if what or bench.called:
            parts = (*what, NAME) if bench.called else tuple(what)
            yield Alteration(title, title, parts, 1 + int((before == title).sum()), bench.called, lasts=altered)


@dataclass(frozen=True)
class Righted:
    """A workbench that shows again what it should.

    Attributes:
        alteration: that some of the new annotations were made before it did; None if none was.
        page: the event that it was put right, if that is not known yet.
    """

    alteration: Alteration | None
    page: Row | None


def answered_before_righted(
    state: State, rows: Sequence[Row], standing: Mapping[str, Workbench]
) -> Iterator[Righted]:
    """Yield the workbenches on which something new was submitted between the look that found them altered and the
    moment when they were put right.

    What stood there once a workbench was right again was submitted until then. Where this program died before it
    could note that, or somebody else put the workbench right, everything new counts as submitted until then.

    Args:
        state: the campaign.
        rows: the new annotation events.
        standing: the workbenches on a server, by title.
    """
    found = state.events(Altered)
    last: dict[str, Altered] = {}
    times: dict[str, int] = {}
    for title, one in zip(found["subject"], details_of(found, Altered), strict=True):
        times[title] = times.get(title, 0) + 1
        if one.lasts and title in standing:
            last[title] = one
    if not last:
        return
    faces, pages = WorkbenchPages(state), state.events(Page)
    pages = pages[among(pages["subject"], set(last))]
    righted = {
        title: one
        for title, one in zip(pages["subject"], details_of(pages, Page), strict=True)
        if one.altered is not None
    }
    for title, altered in last.items():
        bench, known = standing[title], righted.get(title)
        closed = known is not None and (known.altered or 0) >= altered.number
        if faces.is_altered(title, bench.seal) or (closed and not (known and known.righted)):
            continue
        until = moment(known.righted) if closed and known and known.righted else None
        what = tuple(part for part in altered.what if part != NAME)
        late = Alteration(title, title, what, times[title] + 1, before=until)
        page = None
        if not closed:
            note = faces.noted[title]
            page = replace(note, number=note.number + 1, righted="", altered=times[title]).row(title)
        yield Righted(late if any(map(late.made_on, rows)) else None, page)


def altered_tasks(state: State, touched: Sequence[Touched]) -> Iterator[Alteration]:
    """Yield those of these tasks whose data somebody changed since they were published."""
    tasks = state.tasks[among(state.tasks["task_key"], {task.task_key for task in touched})]
    tasks = tasks[tasks["open"] | tasks["done"]]
    notes, ours = publication_records(state, tasks), _placed_numbers(state)
    suspects = {
        task.task_key: task
        for task in touched
        if task.task_key in notes
        and (task.disguised or task.hidden or notes[task.task_key].seal != of_task(task.data))
        and not _is_outdated_copy(state, task, ours)
    }
    if not suspects:
        return
    tasks = tasks[among(tasks["task_key"], suspects)]
    payloads, now = state.payloads_of(set(suspects)), task_data(state, tasks)
    for key, task in by_key(tasks, "task_key").items():
        seen, note = suspects[key], notes[key]
        plain = not (seen.disguised or seen.hidden)
        if of_task(now[key]) == of_task(seen.data) and plain:
            continue  # updated by a run that died before recording it
        mine = page_of(task["stage"]).on_server(payloads[key])
        same = all(seen.data.get(name) == value for name, value in mine.items())
        if note.seal is None and same and plain:
            continue  # published before seals were recorded
        yield Alteration(key, seen.workbench, ("task",), 1 + int(note.restored or 0))


def _placed_numbers(state: State) -> set[tuple[str, int]]:
    """Return workbench and number of every task that was put on a server."""
    placed = state.events(TasksPlaced)
    details = zip(placed["subject"], details_of(placed, TasksPlaced), strict=True)
    return {(title, number) for title, one in details for number in one.numbers.values()}


def _is_outdated_copy(state: State, task: Touched, ours: set[tuple[str, int]]) -> bool:
    """Whether a task in a doubled workbench shows what its original showed before: only originals are renewed."""
    if (task.workbench, task.task_id) in ours or task.disguised or task.hidden:
        return False
    events = state.events(TaskPublished)
    earlier = events[events["subject"] == task.task_key]
    return of_task(task.data) in {one.seal for one in details_of(earlier, TaskPublished)}


def changed_since_answered(
    state: State, found: Collected, rows: Sequence[Row], standing: Mapping[str, Workbench]
) -> Iterator[Alteration]:
    """Yield the tasks that show what they should, but were changed by somebody after a new answer was given.

    Whoever changes a task before the answer, and back after it, leaves this trace alone: the server notes a change
    of a task, as of any annotation on it, and only this program has reason to make one. An answer that was given
    before this program put its task right, and came in after, was given to something else too.

    Args:
        state: the campaign.
        found: what the look at the server brought.
        rows: the new annotation events.
        standing: the workbenches on the server, by title.
    """
    answered = {(row["workbench"], row["task_key"]) for row in rows if row["kind"] != "deleted"}
    last: dict[tuple[str, int], datetime] = {}
    for one in found.submissions:
        at = (one.workbench, one.task_id)
        last[at] = max(one.updated_at, last.get(at, one.updated_at))
    before, known, ours = alterations(state), set(state.tasks["task_key"]), _OwnChanges(state, standing)
    for task in found.touched:
        place = (task.workbench, task.task_key)
        given = last.get((task.workbench, task.task_id))
        if place not in answered or given is None or task.changed_at is None or task.task_key not in known:
            continue
        righted = ours.righted.get(place)
        late = task.changed_at - given > GRACE and (*place, task.changed_at) not in ours.changed
        if late or (righted is not None and given < righted):
            yield Alteration(task.task_key, task.workbench, (UNDONE,), 1 + before.get(task.task_key, 0))


class _OwnChanges:
    """When this program changed tasks, by the server's clock, workbench and key.

    Attributes:
        changed: each change, but for those that put right what somebody had changed.
        righted: the last of those.
    """

    def __init__(self, state: State, standing: Mapping[str, Workbench]) -> None:
        self.changed: set[tuple[str, str, datetime]] = set()
        self.righted: dict[tuple[str, str], datetime] = {}
        placed = state.events(TasksPlaced)
        for title, one in zip(placed["subject"], details_of(placed, TasksPlaced), strict=True):
            if title in standing and standing[title].made.isoformat() == one.made:
                self.changed |= {(title, key, moment(time)) for key, time in one.changed.items()}
                self.righted |= {(title, key): moment(time) for key, time in one.righted.items()}


def keys_by_number(state: State, bench: Workbench) -> dict[int, str]:
    """Return the key of each task that was put on a workbench, by the server's number of the task."""
    placed = state.events(TasksPlaced)
    placed = placed[placed["subject"] == bench.title]
    known: dict[int, str] = {}
    for one in details_of(placed, TasksPlaced):
        if one.made == bench.made.isoformat():
            known |= {number: key for key, number in one.numbers.items()}  # a number may be given out again
    return known


def under_their_keys(state: State, found: Collected, standing: Mapping[str, Workbench]) -> Collected:
    """Return what was read, each task under the key that was put there, whatever key it shows now.

    Otherwise an answer would count for whatever task somebody makes its task look like. A task's number says which
    it is. A key that was put there under no number is believed: a run may have died before it could note it.
    """
    placed = {
        title: keys_by_number(state, standing[title]) for title in {task.workbench for task in found.touched}
    }
    known = set(state.tasks["task_key"])
    true: dict[tuple[str, int], str] = {}
    for task in found.touched:
        keys = placed[task.workbench]
        key = keys.get(task.task_id)
        if key and key != task.task_key and (task.task_key in keys.values() or task.task_key not in known):
            true[task.workbench, task.task_id] = key
    if not true:
        return found

    def key_of(one: Touched | Submission) -> str:
        return true.get((one.workbench, one.task_id), one.task_key)

    return replace(
        found,
        touched=tuple(replace(t, task_key=true.get((t.workbench, t.task_id), t.task_key)) for t in found.touched),
        submissions=tuple(
            replace(one, task_key=true.get((one.workbench, one.task_id), one.task_key))
            for one in found.submissions
        ),
    )


def publication_records(state: State, tasks: pd.DataFrame) -> dict[str, TaskPublished]:
    """Return the latest publication record of each of these tasks, by task_key."""
    events = state.events(TaskPublished)
    return by_subject(events[among(events["subject"], tasks["task_key"])], TaskPublished)


def alterations(state: State) -> dict[str, int]:
    """Return how many times each task was altered, by task_key; it is restored as many times."""
    found = state.events(Altered)
    counts: dict[str, int] = {}
    for subject, one in zip(found["subject"], details_of(found, Altered), strict=True):
        counts[subject] = max(counts.get(subject, 0), one.number)
    return counts


def events_on_altered_pages(state: State) -> set[str]:
    """Return the annotation events that were made on altered pages."""
    return {event for one in details_of(state.events(Altered), Altered) for event in one.annotations}


def doubted_annotations(state: State) -> pd.DataFrame:
    """Return the annotations made on an altered page that wait for the lead, as they stand now."""
    known, read = state.annotations, state.events(Read)
    waiting = read["subject"][fact(read, Read, "outcome") == Became.DOUBTED]
    for said in (AlteredAccepted, Rejected):
        waiting = waiting[~among(waiting, state.events(said)["subject"])]
    if waiting.empty:
        return known.head(0)
    last = known.drop_duplicates(["server", "workbench", "annotation_id", "created_at"], keep="last")
    done = among(last["task_key"], state.tasks["task_key"][state.tasks["done"]])
    return last[among(last["event_id"], waiting) & ~done]


def unseen_alterations(state: State) -> pd.DataFrame:
    """Return the alterations that the lead has not seen: event_id, subject, and the fields of their detail."""
    found = state.events(Altered)
    found = found[~among(found["event_id"], state.events(Rejected)["subject"])]
    said = [(one.server, one.workbench, one.what, one.called) for one in details_of(found, Altered)]
    facts = pd.DataFrame(said, columns=["server", "workbench", "what", "called"])
    return pd.concat([found[["event_id", "subject"]].reset_index(drop=True), facts], axis=1)


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield a line per altered workbench, with the command for the answers given meanwhile."""
    waiting = doubted_annotations(state)
    counts = waiting.groupby("workbench").size()
    found = unseen_alterations(state)
    for workbench, mine in found.groupby("workbench", sort=True):
        parts = list(dict.fromkeys(p for what in mine["what"] for p in what if p not in ("task", NAME, UNDONE)))
        if called := [one for one in mine["called"] if one]:
            parts.append(f"name (to “{called[-1]}”)")
        undone = mine["what"].map(lambda what: UNDONE in what)
        for which, words in ((~undone, "tasks show"), (undone, "tasks showed when they were answered")):
            tasks = sorted(mine["subject"][which & (mine["subject"] != workbench)].unique())
            if tasks:
                more = ", …" if len(tasks) > _NAMED else ""
                parts.append(f"what {len(tasks)} of its {words} ({', '.join(tasks[:_NAMED])}{more})")
        what, count = ", ".join(parts), int(counts.get(workbench, 0))
        was = "may have changed" if undone.all() else "changed"
        right = "it shows now what it should" if undone.all() else "it was put right"
        changed = f"{workbench}: somebody {was} its {what} on {mine['server'].iloc[0]}; {right}"
        if count:
            ids = ", ".join(event[:8] for event in waiting["event_id"][waiting["workbench"] == workbench])
            yield AgendaPoint(
                f"{changed}. What was submitted meanwhile waits for your word: {count} ({ids})",
                f"belebele accept {workbench}, or have it done again: belebele reject {workbench}",
            )
        elif mine["what"].map(lambda what: what == [NAME]).all():
            yield AgendaPoint(
                f"{changed}, and what was submitted meanwhile counts", f"belebele reject {workbench}"
            )
        else:
            yield AgendaPoint(f"{changed}, and nothing was submitted meanwhile", f"belebele reject {workbench}")
