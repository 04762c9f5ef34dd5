"""What advances did on this machine: a record of all, and metrics of it.

Whoever starts an advance, the schedule or a person, it is counted here. The record lies beside the schedule's own
in the state folder, and each run adds to it under a lock. How many tasks are open is counted anew after a run that
did something; one that found nothing to do changes nothing there, and costs next to nothing.
"""

from __future__ import annotations

import fcntl
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal

from prometheus_client.core import CounterMetricFamily, Metric, SummaryMetricFamily

from data.campaign.campaign import Campaign
from data.errors import BelebeleError
from data.ledger import Ledger
from data.storage import write_text
from flows.campaign_state import State
from flows.health.metric_files import gauge, moments, write_metrics
from flows.progress import Progress
from flows.services.schedule import room

Outcome = Literal["advanced", "idle", "busy", "failed"]

OUTCOMES: tuple[Outcome, ...] = ("advanced", "idle", "busy", "failed")

_COUNTED = {
    "submissions": ("belebele_advance_submissions_total", "Submissions that advances collected."),
    "verdicts": ("belebele_advance_verdicts_total", "Verdicts that advances recorded."),
    "opened": ("belebele_advance_opened_tasks_total", "Tasks that advances opened."),
    "flagged": ("belebele_advance_flags_total", "Flags that checks raised in advances."),
}
_NAME = "advances.json"


@dataclass(frozen=True)
class AdvanceRecord:
    """All advances of a campaign on this machine.

    Attributes:
        campaign: its id, as last read.
        runs: how many ended in which outcome.
        seconds: how long they took, all together.
        done: what they did: submissions, verdicts, opened, flagged.
        ended: when the last one ended that was not turned away by another.
        succeeded: when the last one ended that did not fail.
        problems: how many problems the last one had; a failure is one.
        open: open tasks by stage and language.
    """

    campaign: str = ""
    runs: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    done: dict[str, int] = field(default_factory=dict)
    ended: datetime | None = None
    succeeded: datetime | None = None
    problems: int = 0
    open: dict[str, dict[str, int]] | None = None

    def after(self, outcome: Outcome, seconds: float, progress: Progress, now: datetime) -> AdvanceRecord:
        """Return the record with one more run."""
        runs = {**self.runs, outcome: self.runs.get(outcome, 0) + 1}
        if outcome == "busy":
            return replace(self, runs=runs)
        did = {
            "submissions": progress.annotations,
            "verdicts": progress.verdicts,
            "opened": progress.opened,
            "flagged": progress.flagged,
        }
        failed = outcome == "failed"
        return replace(
            self,
            runs=runs,
            seconds=self.seconds + seconds,
            done={name: self.done.get(name, 0) + count for name, count in did.items()},
            ended=now,
            succeeded=self.succeeded if failed else now,
            problems=1 if failed else len(progress.problems),
        )


def counted(address: str, work: Callable[[], Progress]) -> Progress:
    """Do the work of an advance, and add it to the record and the metrics.

    Metrics that cannot be written stop nothing: the progress names it among its problems.

    Args:
        address: the campaign's folder or object-store address.
        work: the advance.
    """
    progress = counted_if_run(address, work)
    assert progress is not None
    return progress


def counted_if_run(address: str, work: Callable[[], Progress | None]) -> Progress | None:
    """Do as `counted` for work that may turn out to be no advance: then it returns None and is not counted."""
    begun = time.monotonic()
    try:
        progress = work()
    except Exception as error:
        if problem := _add(address, "failed", time.monotonic() - begun, Progress()):
            error.add_note(problem)
        raise
    if progress is not None:
        outcome: Outcome = "busy" if progress.busy else "idle" if progress.idle else "advanced"
        problem = _add(address, outcome, time.monotonic() - begun, progress)
        progress.add_problems([problem] if problem else [])
    return progress


def advance_record(address: str) -> AdvanceRecord:
    """Return the record; an empty one if nothing ran here."""
    try:
        facts: dict[str, Any] = json.loads((room(address) / _NAME).read_text("utf-8"))
    except FileNotFoundError:
        return AdvanceRecord()
    for name in ("ended", "succeeded"):
        facts[name] = datetime.fromisoformat(facts[name]) if facts[name] else None
    known = {one.name for one in fields(AdvanceRecord)}
    return AdvanceRecord(**{name: value for name, value in facts.items() if name in known})


def _add(address: str, outcome: Outcome, seconds: float, progress: Progress) -> str:
    """Add a run; return what went wrong with that, "" for nothing."""
    folder = room(address)
    try:
        with (folder / "advances.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            record = advance_record(address).after(outcome, seconds, progress, datetime.now(UTC))
            if outcome == "advanced" or (outcome == "idle" and record.open is None):
                record = replace(record, open=_open_tasks(address))
            record = replace(record, campaign=_id_of(address) or record.campaign)
            text = json.dumps(asdict(record), default=datetime.isoformat)
            write_text(str(folder), _NAME, text, mode=0o600)
            if record.campaign:
                write_metrics(address, "advance", advance_metrics(record))
    except (OSError, BelebeleError) as error:
        return f"the metrics of this run could not be written: {error}"
    return ""


def _id_of(address: str) -> str:
    try:
        return Campaign.load(address).id
    except BelebeleError:  # what failed may be just this; the run has reported it
        return ""


def _open_tasks(address: str) -> dict[str, dict[str, int]]:
    tasks = State(Campaign.load(address), Ledger(address)).tasks
    waiting = tasks[tasks["open"]]
    found: dict[str, dict[str, int]] = {}
    for (stage, language), count in Counter(zip(waiting["stage"], waiting["language"], strict=True)).items():
        found.setdefault(stage, {})[language] = count
    return found


def advance_metrics(record: AdvanceRecord) -> Iterator[Metric]:
    """Yield a record's metrics."""
    campaign = record.campaign
    runs = CounterMetricFamily("belebele_advance_runs", "Advances, by outcome.", labels=["campaign", "outcome"])
    for outcome in OUTCOMES:
        runs.add_metric([campaign, outcome], record.runs.get(outcome, 0))
    yield runs
    took = SummaryMetricFamily("belebele_advance_duration_seconds", "How long advances took.", labels=["campaign"])
    took.add_metric([campaign], sum(record.runs.values()) - record.runs.get("busy", 0), record.seconds)
    yield took
    for name, (metric, says) in _COUNTED.items():
        family = CounterMetricFamily(metric, says, labels=["campaign"])
        family.add_metric([campaign], record.done.get(name, 0))
        yield family
    yield from moments(campaign, {
        "belebele_advance_last_end_timestamp_seconds": ("When the last advance ended.", record.ended),
        "belebele_advance_last_success_timestamp_seconds": (
            "When the last advance ended that did not fail.", record.succeeded),
    })  # fmt: skip
    says = "Problems of the last advance: servers not reached, work that somebody changed; a failure is one."
    yield gauge("belebele_advance_problems", says, ["campaign"], [([campaign], record.problems)])
    if record.open is not None:
        labels = ["campaign", "stage", "language"]
        yield gauge("belebele_open_tasks", "Tasks that wait for people.", labels, _rows(campaign, record.open))


def _rows(campaign: str, found: Mapping[str, Mapping[str, int]]) -> Iterator[tuple[list[str], int]]:
    for stage, by_language in sorted(found.items()):
        for language, count in sorted(by_language.items()):
            yield [campaign, stage, language], count
