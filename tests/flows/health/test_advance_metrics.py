"""What advances leave for Prometheus: counts that add up over runs, whoever starts them, and no person."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from data.errors import CampaignError, ServerError
from flows.flow_runs import run_advance
from flows.health.advance_record import advance_record, counted, counted_if_run
from flows.health.metric_files import VARIABLE
from flows.progress import Progress
from tests.flows.small_campaign import FRENCH, SWAHILI, Small, at
from tests.metric_rules import broken_rules

Series = dict[tuple[str, frozenset[str]], float]


@pytest.fixture
def metrics(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "metrics"))
    return tmp_path / "metrics"


@pytest.fixture
def small(tmp_path: Path, metrics: Path) -> Small:
    return at("translating", tmp_path)


def series(folder: Path, part: str = "advance") -> Series:
    """The values in the one file of a part, by name and the values of labels other than the campaign."""
    (file,) = folder.glob(f"*-{part}.prom")
    text = file.read_text("utf-8")
    assert broken_rules(text) == []
    families = list(text_string_to_metric_families(text))
    assert {sample.labels["campaign"] for family in families for sample in family.samples} == {"small"}
    return {
        (sample.name.removeprefix("belebele_"), frozenset({*sample.labels.values()} - {"small"})): sample.value
        for family in families
        for sample in family.samples
    }


def fails() -> Progress:
    raise ServerError("Label Studio is not there")


def test_runs_add_up(small: Small, metrics: Path) -> None:
    counted(small.address, lambda: Progress(annotations=2, opened=3, problems=["main does not answer"]))
    first = series(metrics)
    assert first["advance_problems", frozenset()] == 1
    counted(small.address, Progress)
    counted(small.address, lambda: Progress(busy="another runs"))
    with pytest.raises(ServerError):
        counted(small.address, fails)
    last = series(metrics)
    outcomes = {"advanced": 1, "idle": 1, "busy": 1, "failed": 1}
    assert {name: last["advance_runs_total", frozenset({name})] for name in outcomes} == outcomes
    assert last["advance_duration_seconds_count", frozenset()] == 3, "who was turned away did not run"
    assert last["advance_submissions_total", frozenset()] == 2
    assert last["advance_opened_tasks_total", frozenset()] == 3
    assert last["advance_problems", frozenset()] == 1, "a failure is one"
    ended = last["advance_last_end_timestamp_seconds", frozenset()]
    assert ended > last["advance_last_success_timestamp_seconds", frozenset()]


def test_a_look_that_finds_work_is_no_run(small: Small) -> None:
    assert counted_if_run(small.address, lambda: None) is None
    assert advance_record(small.address).runs == {}


def test_open_tasks_are_counted_by_stage_and_language_and_name_nobody(small: Small, metrics: Path) -> None:
    counted(small.address, Progress)
    found = series(metrics)
    waiting = small.open()
    assert {"s1", "t1"} <= set(waiting["person"])
    assert {key: value for key, value in found.items() if key[0] == "open_tasks"} == {
        ("open_tasks", frozenset({"translating", FRENCH})): 2,
        ("open_tasks", frozenset({"translating", SWAHILI})): 2,
    }
    (file,) = metrics.glob("*.prom")
    people = {f'"{person.code}"' for person in small.state.campaign.people}
    assert not [code for code in people if code in file.read_text("utf-8")]


def test_runs_at_once_are_all_counted_and_a_reader_never_sees_half(small: Small, metrics: Path) -> None:
    counted(small.address, Progress)
    done = threading.Event()
    cut: list[str] = []

    def reads() -> None:
        while not done.is_set():
            (file,) = metrics.glob("*.prom")
            cut.extend(broken_rules(file.read_text("utf-8")))

    reader = threading.Thread(target=reads)
    reader.start()
    writers = [threading.Thread(target=counted, args=(small.address, Progress)) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    done.set()
    reader.join()
    assert series(metrics)["advance_runs_total", frozenset({"idle"})] == 9
    assert cut == []
    assert [file.suffix for file in metrics.iterdir()] == [".prom"]


def test_a_campaign_that_cannot_be_read_is_a_failed_run_of_the_known_name(small: Small, metrics: Path) -> None:
    counted(small.address, Progress)
    small.configure("[campaign]", "[campain]")

    def refuses() -> Progress:
        raise CampaignError("campaign.toml is wrong", [])

    with pytest.raises(CampaignError):
        counted(small.address, refuses)
    assert series(metrics)["advance_runs_total", frozenset({"failed"})] == 1


def test_a_folder_that_takes_no_metrics_stops_no_advance(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "below"))
    (problem,) = counted(small.address, lambda: Progress(opened=1)).problems
    assert VARIABLE in problem
    monkeypatch.setenv(VARIABLE, "metrics")
    (problem,) = counted(small.address, lambda: Progress(opened=1)).problems
    assert "whole path" in problem


def test_an_advance_by_hand_is_counted(small: Small, metrics: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No server is named, so it fails; a dry run is none."""
    for name in ("BELEBELE_LABEL_STUDIO_URL", "BELEBELE_LABEL_STUDIO_TOKEN", "PREFECT_API_URL"):
        monkeypatch.delenv(name, raising=False)
    for dry_run in (True, False):
        with pytest.raises(CampaignError, match="no Label Studio server"):
            run_advance(small.address, dry_run=dry_run)
    assert series(metrics)["advance_runs_total", frozenset({"failed"})] == 1
