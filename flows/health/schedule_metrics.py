"""The metrics of a campaign's schedule, written by what keeps it each time that Prefect's server answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import get_args

from prometheus_client.core import Metric

from flows.health.metric_files import gauge, moments, write_metrics
from flows.services.schedule import Plan, ScheduleStanding, Trouble, standing

TROUBLES: tuple[Trouble, ...] = get_args(Trouble)


def write_schedule_metrics(address: str, campaign: str, plan: Plan) -> None:
    """Replace the file of the schedule's metrics.

    Args:
        address: the campaign's folder or object-store address.
        campaign: its id.
        plan: what Prefect's server has planned.

    Raises:
        OSError: the disk refuses.
        UsageError: the folder of metrics cannot be made.
    """
    write_metrics(address, "schedule", schedule_metrics(campaign, standing(address), plan.heard))


def schedule_metrics(campaign: str, told: ScheduleStanding, heard: datetime) -> Iterator[Metric]:
    """Yield the metrics of a schedule's state.

    Args:
        campaign: the campaign's id.
        told: the state.
        heard: when Prefect's server last answered what keeps the schedule.
    """
    yield from moments(campaign, {
        "belebele_schedule_heard_timestamp_seconds": (
            "When Prefect's server last answered what keeps the schedule; old if nobody keeps it.", heard),
        "belebele_schedule_next_run_timestamp_seconds": ("When the next run is due.", told.next),
        "belebele_schedule_last_run_timestamp_seconds": (
            "When the last run of the schedule began.", told.last.begun if told.last else None),
    })  # fmt: skip
    rows = [([campaign, trouble], float(trouble == told.trouble)) for trouble in TROUBLES]
    says = "Whether this is wrong with the schedule: 1 for the trouble that there is."
    yield gauge("belebele_schedule_trouble", says, ["campaign", "trouble"], rows)
