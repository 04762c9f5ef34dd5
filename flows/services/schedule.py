"""The schedule on this machine: whether a process keeps it, what its last run did, when the next is due.

Each campaign has two small records in the state folder: one by the process that keeps the schedule (what Prefect
has planned), one by the run itself (what it did). They are not in the ledger: a schedule belongs to a machine and
not to a campaign, an idle run must cost the ledger nothing, and even a run that cannot read campaign.toml must be
reported. All times are Prefect's own, so that no second reading of the cron line can differ from the first. A lock
shows whether a writer is alive; the system releases it however its owner dies.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from data.campaign.settings import Schedule
from data.environment import state_dir
from data.errors import BelebeleError
from data.ledger.tables import digest
from data.storage import absolute, write_text
from flows.progress import Progress, lines

GRACE = timedelta(seconds=90)
"""The time for which a late run, a missing plan or a silent schedule process is tolerated."""

RunOutcome = Literal["running", "advanced", "idle", "busy", "failed", "cut short"]

Trouble = Literal["not kept", "silent", "paused", "not planned", "missed", "failed"]
"""The trouble with a schedule; the first that applies, in this order."""


@dataclass(frozen=True)
class Run:
    """One run started by the schedule.

    Attributes:
        due: when it should have begun.
        begun: when it did.
        ended: when it ended; None while it runs, or if it died.
        outcome: how it ended; `running` in the record until then.
        progress: the fields of `flows.progress.Progress`; empty if it did not get so far.
        error: what went wrong.
    """

    due: datetime
    begun: datetime
    ended: datetime | None
    outcome: RunOutcome
    progress: Mapping[str, Any]
    error: str = ""


@dataclass(frozen=True)
class Plan:
    """The latest news from Prefect's server, as heard by the process that keeps a schedule.

    Attributes:
        since: when that process began.
        heard: when the server last answered it.
        next: the next run that the server has planned.
        late: the earliest planned run whose time has passed.
        paused: whether somebody paused the schedule there.
        lost: when the latest run that the server counts as failed or crashed was due.
        lost_at: when that run ended.
        lost_because: what the server says of it.
    """

    since: datetime
    heard: datetime
    next: datetime | None = None
    late: datetime | None = None
    paused: bool = False
    lost: datetime | None = None
    lost_at: datetime | None = None
    lost_because: str = ""


@dataclass(frozen=True)
class ScheduleStanding:
    """The state of a campaign's schedule on this machine.

    Attributes:
        kept: whether a process keeps it here now.
        last: the last run; None if none is known.
        next: when the next run is due; None if none is planned, or nobody keeps the schedule.
        trouble: what is wrong; None if nothing is, or if it was never kept here.
        since: since when, where known; of a missed run, when it was due.
    """

    kept: bool
    last: Run | None
    next: datetime | None
    trouble: Trouble | None
    since: datetime | None


def room(address: str) -> Path:
    """Return the folder of a campaign's schedule records; create it if missing."""
    place = absolute(address).rstrip("/")
    name = re.sub(r"[^A-Za-z0-9-]", "", place.rpartition("/")[2])
    folder = state_dir() / "schedule" / f"{name}-{digest(place)[:8]}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def recorded(address: str, due: datetime, work: Callable[[], Progress]) -> Progress:
    """Do the work of a scheduled run, and record it whatever its outcome.

    Args:
        address: the campaign's folder or object-store address.
        due: when the schedule wanted it.
        work: the work.
    """
    folder, begun = room(address), datetime.now(UTC)

    def note(outcome: RunOutcome, progress: Mapping[str, Any], error: str = "") -> None:
        ended = None if outcome == "running" else datetime.now(UTC)
        _write(folder, "run", Run(due, begun, ended, outcome, progress, error))

    with _held(folder / "run.lock"):
        note("running", {})
        try:
            result = work()
        except Exception as error:
            note("failed", {}, str(error) if isinstance(error, BelebeleError) else repr(error))
            raise
        note("busy" if result.busy else "idle" if result.idle else "advanced", asdict(result))
    return result


@contextlib.contextmanager
def kept(address: str) -> Iterator[Callable[[Plan], None]]:
    """Keep a campaign's schedule for the duration of the block; yields the function that records the plan."""
    folder = room(address)
    with _held(folder / "plan.lock"):
        yield lambda plan: _write(folder, "plan", plan)


def standing(address: str, now: datetime | None = None) -> ScheduleStanding:
    """Return the state of a campaign's schedule, from the records alone.

    Args:
        address: the campaign's folder or object-store address.
        now: the time, by default the clock's.
    """
    now, folder = now or datetime.now(UTC), room(address)
    keeps = _is_held(folder / "plan.lock")
    facts = _read(folder, "plan")
    plan = Plan(**facts) if facts else None
    last = _last(folder, plan)
    trouble, since = _trouble(plan, last, keeps, now) if plan else (None, None)
    planned = plan.next if plan and keeps else None
    if planned and last and planned <= last.due:
        planned = None  # it has begun since the plan was recorded
    return ScheduleStanding(keeps, last, planned, trouble, since)


def _last(folder: Path, plan: Plan | None) -> Run | None:
    facts = _read(folder, "run")
    last = Run(**facts) if facts else None
    if last and last.outcome == "running" and not _is_held(folder / "run.lock"):
        last = Run(**{**facts, "outcome": "cut short"})
    if plan and plan.lost and (last is None or last.due < plan.lost):  # it died before it could record anything
        return Run(plan.lost, plan.lost, plan.lost_at, "failed", {}, plan.lost_because)
    return last


def _trouble(plan: Plan, last: Run | None, keeps: bool, now: datetime) -> tuple[Trouble | None, datetime | None]:
    if not keeps:
        return "not kept", plan.heard
    if now - plan.heard > GRACE:
        return "silent", plan.heard
    if plan.paused:
        return "paused", None
    if plan.next is None and now - plan.since > GRACE:
        return "not planned", plan.since
    works = last is not None and last.outcome == "running"
    if plan.late and now - plan.late > GRACE and not works:
        return "missed", plan.late
    if last is not None and last.outcome in ("failed", "cut short"):
        return "failed", last.ended
    return None, None


def standing_in_words(standing: ScheduleStanding, schedule: Schedule) -> str:
    """Describe the schedule's state in one line; times are in the schedule's own time zone."""
    zone = ZoneInfo(schedule.timezone)
    parts = [_last_in_words(standing.last, zone)]
    if standing.next:
        parts.append(f"next at {_at(standing.next, zone)}")
    if standing.trouble != "failed" and (trouble := trouble_in_words(standing, schedule)):
        parts.append(trouble)
    elif not standing.kept:
        parts.append("nobody keeps it on this machine: belebele up")
    return "; ".join(parts)


def trouble_in_words(standing: ScheduleStanding, schedule: Schedule) -> str:
    """Describe what is wrong, with the cure; "" if nothing is."""
    zone = ZoneInfo(schedule.timezone)
    since = _at(standing.since, zone) if standing.since else ""
    match standing.trouble:
        case None:
            return ""
        case "not kept":
            return f"nobody has kept the schedule since {since}: belebele up"
        case "silent":
            return (
                f"it does not run: what keeps the schedule has not heard from Prefect's server since {since}; "
                "see where belebele up runs"
            )
        case "paused":
            return "it does not run: somebody paused it in Prefect; resume it there, or start belebele up again"
        case "not planned":
            return (
                "it does not run: Prefect's server plans no run; its log says why: "
                f"{state_dir() / 'prefect' / 'server.log'}"
            )
        case "missed":
            log = state_dir() / "schedule.log"
            return f"it should have run at {since}, and did not; the log of what keeps the schedule is {log}"
        case "failed":
            return _last_in_words(standing.last, zone)


def standing_facts(standing: ScheduleStanding, schedule: Schedule) -> dict[str, Any]:
    """Return the state as plain data, with the cron line and its time zone."""
    return {"cron": schedule.cron, "timezone": schedule.timezone, **asdict(standing)}


def typed(facts: Mapping[str, Any]) -> tuple[ScheduleStanding, Schedule]:
    """Return the arguments from which `standing_facts` made these facts."""
    known = {name: facts[name] for name in ("kept", "next", "trouble", "since")}
    standing = ScheduleStanding(**known, last=Run(**facts["last"]) if facts["last"] else None)
    return standing, Schedule(cron=facts["cron"], timezone=facts["timezone"])


def _last_in_words(last: Run | None, zone: ZoneInfo) -> str:
    if last is None:
        return "it has not run yet"
    ran = f"last ran at {_at(last.begun, zone)}"
    match last.outcome:
        case "running":
            return f"runs since {_at(last.begun, zone)}"
        case "idle":
            did = "nothing to do"
        case "busy":
            did = "another advance was at it"
        case "failed":
            return f"{ran} and failed: {' '.join(last.error.split())}"
        case "cut short":
            return f"{ran} and was cut short; the next one goes on from there"
        case "advanced":
            did = "; ".join(lines(_progress(last)))
    problems = _progress(last).problems
    return f"{ran}: {did}" + (f"; not reached: {'; '.join(problems)}" if problems else "")


def _progress(last: Run) -> Progress:
    """Return what the run did; the record may come from another version of the program."""
    known = {one.name for one in fields(Progress)}
    return Progress(**{name: value for name, value in last.progress.items() if name in known})


def _at(when: datetime, zone: ZoneInfo) -> str:
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _write(folder: Path, name: str, record: Run | Plan) -> None:
    write_text(str(folder), f"{name}.json", json.dumps(asdict(record), default=datetime.isoformat), mode=0o600)


def _read(folder: Path, name: str) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads((folder / f"{name}.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}
    times = ("due", "begun", "ended", "since", "heard", "next", "late", "lost", "lost_at")
    return {key: datetime.fromisoformat(v) if v and key in times else v for key, v in facts.items()}


@contextlib.contextmanager
def _held(lock: Path) -> Iterator[None]:
    with lock.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_held(lock: Path) -> bool:
    if not lock.exists():
        return False
    with lock.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
