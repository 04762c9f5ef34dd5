"""The schedule's metrics say what its standing says: when, and which trouble there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.health.metric_files import VARIABLE
from flows.health.schedule_metrics import TROUBLES, write_schedule_metrics
from flows.progress import Progress
from flows.services import schedule
from flows.services.schedule import Plan
from tests.flows.health.test_advance_metrics import series


def test_the_plan_and_the_trouble_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "metrics"))
    address, now = str(tmp_path / "small"), datetime.now(UTC)
    due = now + timedelta(minutes=15)
    schedule.recorded(address, now, Progress)
    with schedule.kept(address) as note:
        for paused in (False, True):
            plan = Plan(since=now, heard=now, next=due, paused=paused)
            note(plan)
            write_schedule_metrics(address, "small", plan)
            found = series(tmp_path / "metrics", "schedule")
            assert found["schedule_heard_timestamp_seconds", frozenset()] == pytest.approx(now.timestamp())
            assert found["schedule_next_run_timestamp_seconds", frozenset()] == pytest.approx(due.timestamp())
            told = {one: found["schedule_trouble", frozenset({one})] for one in TROUBLES}
            assert told == {one: float(paused and one == "paused") for one in TROUBLES}
            assert found["schedule_last_run_timestamp_seconds", frozenset()] >= now.timestamp()
