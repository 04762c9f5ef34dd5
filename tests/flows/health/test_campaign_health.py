"""`belebele health`: a line for each thing a campaign lives on, an exit code, and a document under a schema."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema
import pytest
from click.testing import CliRunner, Result

from annotation.labelstudio.fake import FakeLabelStudio
from data.ledger import Ledger
from flows.cli.commands import main
from flows.health import campaign_health
from flows.health.advance_record import counted
from flows.progress import Progress
from flows.services import schedule
from tests.flows.small_campaign import Small, at

QUARTER = timedelta(minutes=15)


@pytest.fixture(scope="module")
def studio() -> Iterator[FakeLabelStudio]:
    with FakeLabelStudio(layer=True) as fake:
        yield fake


@pytest.fixture
def small(tmp_path: Path, studio: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch) -> Small:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", studio.url)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", studio.token)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return at("accepted", tmp_path)


def asked(small: Small, *options: str) -> Result:
    result = CliRunner().invoke(main, ["health", small.address, *options])
    assert result.exit_code in (0, 1), result.output
    return result


def signs(small: Small) -> dict[str, dict[str, Any]]:
    """What each thing is like, by what it is about; document and exit code are held to the schema."""
    result = asked(small, "--json")
    document = json.loads(result.stdout)
    jsonschema.validate(document, campaign_health.schema(), format_checker=jsonschema.FormatChecker())
    assert document["sound"] == (result.exit_code == 0)
    assert document["format"] == campaign_health.FORMAT
    return {f"{sign['about']} {sign['name']}".strip(): sign for sign in document["signs"]}


def test_a_sound_service_has_a_line_for_each_thing_and_exit_code_0(small: Small) -> None:
    counted(small.address, Progress)
    schedule.recorded(small.address, datetime.now(UTC), Progress)
    with schedule.kept(small.address) as note:
        now = datetime.now(UTC)
        note(schedule.Plan(since=now, heard=now, next=now + QUARTER))
        found = signs(small)
        result = asked(small)
    assert {name: sign["standing"] for name, sign in found.items()} == {
        "ledger": "sound", "lease": "sound", "schedule": "sound", "problems": "sound", "prefect": "note",
        "server main": "sound", "layer main": "sound", "disk state": "sound", "disk ledger": "sound",
    }  # fmt: skip
    assert found["schedule"]["facts"]["next"]
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == len(found)
    assert all(line[0] in "✓·" for line in lines)


class Case(NamedTuple):
    """Something that goes wrong."""

    does: Callable[[Small, pytest.MonkeyPatch], object]
    about: str
    says: str


def _fails(small: Small, _: object) -> None:
    with pytest.raises(OSError):
        schedule.recorded(small.address, datetime.now(UTC), _raise)


def _raise() -> Progress:
    raise OSError("No space left on device")


def _left_problems(small: Small, _: object) -> None:
    counted(small.address, lambda: Progress(opened=1, problems=["agency does not answer", "main neither"]))


def _not_kept(small: Small, _: object) -> None:
    with schedule.kept(small.address) as note:
        now = datetime.now(UTC)
        note(schedule.Plan(since=now, heard=now))


def _full(_: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil._ntuple_diskusage(100, 99, 1)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)


CASES = {
    "a table is gone": Case(
        lambda small, _: shutil.rmtree(small.folder / "ledger" / "tasks" / "_delta_log"), "ledger", "tasks"),
    "a run failed": Case(_fails, "schedule", "No space left on device"),
    "nobody keeps the schedule": Case(_not_kept, "schedule", "nobody has kept the schedule since"),
    "the last advance left problems": Case(_left_problems, "problems", "2 problems"),
    "the server is gone": Case(
        lambda _, patch: patch.setenv("BELEBELE_LABEL_STUDIO_URL", "http://127.0.0.1:9"),
        "server main", "127.0.0.1:9"),
    "no server is named": Case(
        lambda _, patch: patch.delenv("BELEBELE_LABEL_STUDIO_URL"), "server", "BELEBELE_LABEL_STUDIO_URL"),
    "the assistant is not there": Case(
        lambda small, _: small.configure("[assistant]\nenabled = false", "[assistant]\nenabled = true"),
        "assistant", "belebele assistant"),
    "the disk is full": Case(_full, "disk ledger", "make room"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_is_in_trouble_is_named_and_the_exit_code_is_1(
    small: Small, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    case = CASES[name]
    case.does(small, monkeypatch)
    found = signs(small)
    assert found[case.about]["standing"] == "trouble"
    assert case.says in found[case.about]["says"]
    result = asked(small)
    assert result.exit_code == 1
    assert any(line.startswith("✗") and case.says in line for line in result.stdout.splitlines())


def test_a_lease_is_told(small: Small) -> None:
    with Ledger(small.address).lease():
        held = signs(small)["lease"]
    assert (held["standing"], held["facts"]["held"], held["facts"]["dead"]) == ("sound", True, False)
    free = signs(small)["lease"]
    assert (free["standing"], free["facts"]["held"]) == ("sound", False)


def test_bad_use_is_exit_code_2(tmp_path: Path, small: Small) -> None:
    for where in (tmp_path / "nowhere", tmp_path):
        assert CliRunner().invoke(main, ["health", str(where)]).exit_code == 2
    small.configure("[campaign]", "[campain]")
    assert CliRunner().invoke(main, ["health", small.address]).exit_code == 2
