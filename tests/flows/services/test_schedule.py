"""What is told of a schedule, from the records that its processes leave: no server, no Prefect."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.campaign.settings import Schedule
from data.errors import ServerError
from flows.progress import Progress
from flows.services import schedule
from flows.services.schedule import GRACE, Plan, Run

NAIROBI = Schedule(cron="*/15 * * * *", timezone="Africa/Nairobi")
NOON = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def address(tmp_path: Path) -> str:
    return str(tmp_path / "mybench")


def says(address: str, now: datetime = NOON) -> str:
    return schedule.standing_in_words(schedule.standing(address, now), NAIROBI)


def fails() -> Progress:
    raise ServerError("Label Studio is not there")


def test_who_never_kept_one_is_told_how(address: str) -> None:
    told = schedule.standing(address)
    assert (told.kept, told.last, told.next, told.trouble) == (False, None, None, None)
    assert says(address) == "it has not run yet; nobody keeps it on this machine: belebele up"


def test_what_the_last_run_did_and_when_the_next_is_due(address: str) -> None:
    work = {"opened": 2, "pushed": 2, "decisions": {"keep": 1}, "problems": ["main does not answer"]}
    schedule.recorded(address, NOON - QUARTER, lambda: Progress(**work))
    with schedule.kept(address) as note:
        note(Plan(since=NOON, heard=NOON, next=NOON + QUARTER))
        told = schedule.standing(address, NOON)
        said = says(address)
    assert (told.kept, told.trouble, told.next) == (True, None, NOON + QUARTER)
    assert told.last is not None and (told.last.due, told.last.outcome) == (NOON - QUARTER, "advanced")
    assert said.startswith("last ran at ")
    did = "decided 1 keep; opened 2 tasks on the servers; not reached: main does not answer"
    assert said.endswith(f" Africa/Nairobi: {did}; next at 2026-11-29 15:15 Africa/Nairobi")
    assert schedule.typed(schedule.standing_facts(told, NAIROBI)) == (told, NAIROBI)


@pytest.mark.parametrize(
    ("progress", "outcome", "said"),
    [(Progress(), "idle", "nothing to do"), (Progress(busy="ana runs"), "busy", "another advance was at it")],
)
def test_runs_that_did_nothing(address: str, progress: Progress, outcome: str, said: str) -> None:
    schedule.recorded(address, NOON, lambda: progress)
    last = schedule.standing(address).last
    assert last is not None and last.outcome == outcome
    assert f": {said}; " in says(address)


def test_a_run_that_failed_is_told_with_its_error_and_fails(address: str) -> None:
    with schedule.kept(address) as note:
        note(Plan(since=NOON, heard=NOON, next=NOON + QUARTER))
        with pytest.raises(ServerError):
            schedule.recorded(address, NOON, fails)
        told = schedule.standing(address, NOON)
        assert told.trouble == "failed"
        assert " and failed: Label Studio is not there; next at " in says(address)
        schedule.recorded(address, NOON + QUARTER, Progress)
        assert schedule.standing(address, NOON).trouble is None, "the next one went well"


def test_a_run_at_work_is_told_and_one_that_was_killed_too(address: str) -> None:
    code = (
        "import sys, time; from datetime import datetime, UTC; from flows.services import schedule\n"
        "def work():\n    print('at work', flush=True)\n    time.sleep(60)\n"
        "schedule.recorded(sys.argv[1], datetime(2026, 11, 29, 12, tzinfo=UTC), work)"
    )
    with schedule.kept(address) as note:
        note(Plan(since=NOON, heard=NOON, next=NOON + QUARTER, late=NOON - 2 * GRACE))
        with subprocess.Popen([sys.executable, "-c", code, address], stdout=subprocess.PIPE) as run:
            assert run.stdout is not None and run.stdout.readline() == b"at work\n"
            told = schedule.standing(address, NOON)
            assert told.last is not None and told.last.outcome == "running"
            assert told.trouble is None, "who waits for a run that is at work is not missed"
            assert says(address).startswith("runs since ")
            run.kill()
        told = schedule.standing(address, NOON)
        assert told.last is not None and (told.last.outcome, told.last.ended) == ("cut short", None)
        note(Plan(since=NOON, heard=NOON, next=NOON + QUARTER))
        assert schedule.standing(address, NOON).trouble == "failed"
        assert " and was cut short; the next one goes on from there; next at " in says(address)


def test_a_run_that_died_before_it_could_say_anything_is_told_by_prefect(address: str) -> None:
    schedule.recorded(address, NOON - QUARTER, Progress)
    with schedule.kept(address) as note:
        note(Plan(NOON, NOON, NOON + QUARTER, lost=NOON, lost_at=NOON, lost_because="exited with status code 1"))
        told = schedule.standing(address, NOON)
        assert told.trouble == "failed"
        assert "and failed: exited with status code 1" in says(address)
        schedule.recorded(address, NOON + QUARTER, Progress)
        assert schedule.standing(address, NOON).trouble is None, "a later one went well"


@pytest.mark.parametrize(
    ("plan", "trouble", "since", "said"),
    [
        (Plan(NOON - QUARTER, NOON - QUARTER, NOON), "silent", NOON - QUARTER, "since 2026-11-29 14:45"),
        (Plan(NOON - QUARTER, NOON, NOON, paused=True), "paused", None, "somebody paused it in Prefect"),
        (Plan(NOON - QUARTER, NOON), "not planned", NOON - QUARTER, "plans no run"),
        (
            Plan(NOON - QUARTER, NOON, NOON, late=NOON - 2 * GRACE),
            "missed",
            NOON - 2 * GRACE,
            "it should have run at 2026-11-29 14:57 Africa/Nairobi, and did not",
        ),
        (Plan(NOON, NOON), None, None, ""),  # it has just begun
        (Plan(NOON - QUARTER, NOON, NOON + QUARTER, late=NOON - GRACE / 2), None, None, ""),  # it is about to run
    ],
)
def test_a_schedule_that_does_not_run(
    address: str, plan: Plan, trouble: str | None, since: datetime | None, said: str
) -> None:
    with schedule.kept(address) as note:
        note(plan)
        told = schedule.standing(address, NOON)
        assert (told.trouble, told.since) == (trouble, since)
        assert said in says(address)


def test_who_stopped_keeping_it_is_told_even_if_nothing_could_be_said_at_the_end(address: str) -> None:
    code = (
        "import os, sys; from datetime import datetime, UTC; from flows.services import schedule\n"
        "noon = datetime(2026, 11, 29, 12, tzinfo=UTC)\n"
        "with schedule.kept(sys.argv[1]) as note:\n    note(schedule.Plan(noon, noon, noon))\n    os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, address], env={**os.environ}).returncode == 9
    told = schedule.standing(address, NOON + QUARTER)
    assert (told.kept, told.trouble, told.since, told.next) == (False, "not kept", NOON, None)
    assert says(address).endswith(
        "nobody has kept the schedule since 2026-11-29 15:00 Africa/Nairobi: belebele up"
    )


def test_two_campaigns_of_one_name_have_a_record_each(tmp_path: Path) -> None:
    rooms = {schedule.room(str(tmp_path / folder / "bench")) for folder in ("a", "b")}
    assert len({*rooms, schedule.room("s3://bucket/bench")}) == 3
    assert schedule.room(f"{tmp_path}/a/bench/") in rooms


def test_what_another_version_of_the_program_wrote_is_read(address: str) -> None:
    schedule.recorded(address, NOON, lambda: Progress(opened=3, pushed=3))
    record = schedule.room(address) / "run.json"
    facts = json.loads(record.read_text())
    facts["progress"]["invented"] = 7
    del facts["progress"]["busy"]
    record.write_text(json.dumps(facts))
    assert "opened 3 tasks on the servers" in says(address)


def test_the_hour_that_comes_twice_is_told_apart_by_nobody_but_the_zone() -> None:
    zone = Schedule(cron="30 * * * *", timezone="Europe/Berlin")
    for utc, local in ((0, "02:30"), (1, "02:30"), (2, "03:30")):
        due = datetime(2026, 10, 25, utc, 30, tzinfo=UTC)
        told = schedule.ScheduleStanding(True, Run(due, due, due, "idle", {}), None, None, None)
        assert (
            schedule.standing_in_words(told, zone)
            == f"last ran at 2026-10-25 {local} Europe/Berlin: nothing to do"
        )
