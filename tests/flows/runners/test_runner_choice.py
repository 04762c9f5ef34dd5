"""A choice of who works holds in its block, and one that cannot work is refused with the cure."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from data.campaign.campaign import Campaign
from data.campaign.new_campaign import template
from data.errors import UsageError
from flows.cli.commands import main
from flows.cli.set_commands.runner_options import runner_of
from flows.runners import runner_choice as choices
from flows.runners.runner_choice import RunnerChoice, chosen, runner_choice
from flows.simulation.rehearsal.campaign_copy import copied
from tests.flows.small_campaign import begin


def test_a_choice_holds_in_its_block() -> None:
    with chosen(RunnerChoice("local")):
        assert runner_choice().runner == "local"
    assert runner_choice().runner == "processes"


def test_a_campaign_chooses_in_its_file() -> None:
    text = template(id="x", title="X", source="parallel", path="x.jsonl", languages=["fra_Latn"])
    plain = Campaign.parse(text)
    assert RunnerChoice.of(plain) == RunnerChoice(standing=True)
    clustered = '[compute]\nrunner = "dask"\nscheduler = "tcp://10.0.0.5:8786"\nshared = "s3://bucket/work"\n'
    asked = Campaign.parse(text.replace("[compute]\n", clustered))
    assert RunnerChoice.of(asked) == RunnerChoice("dask", "tcp://10.0.0.5:8786", "s3://bucket/work", standing=True)
    assert Campaign.parse(text.replace("[compute]\n", "")).hash == plain.hash != asked.hash


def test_an_option_comes_before_what_the_campaign_says(tmp_path: Path) -> None:
    small = begin(tmp_path)
    small.configure("[compute]\n", '[compute]\nrunner = "local"\n')
    nothing = {"runner": None, "scheduler": "", "shared": ""}
    assert runner_of(dict(nothing), small.address) == RunnerChoice("local", standing=True)
    assert runner_of(dict(nothing)) == RunnerChoice("processes")
    assert runner_of({**nothing, "runner": "processes"}, small.address) == RunnerChoice("processes")


def test_a_rehearsal_is_played_by_whoever_was_asked(tmp_path: Path) -> None:
    small = begin(tmp_path)
    dask = RunnerChoice("dask", "tcp://127.0.0.1:8786")
    for choice, wanted in ((dask, dask), (None, RunnerChoice())):
        text = copied(small.address, passages=2, languages=[], choice=choice)
        assert RunnerChoice.of(Campaign.parse(text)) == replace(wanted, standing=True)


@pytest.mark.parametrize("command", ["calibrate", "release --version 1.0.0 --out out", "rehearse --out out"])
def test_commands_on_a_campaign_refuse_a_choice_that_cannot_work(command: str, tmp_path: Path) -> None:
    first, *options = command.split()
    words = [first, begin(tmp_path).address, *options, "--runner", "local", "--scheduler", "tcp://127.0.0.1:8786"]
    ran = CliRunner().invoke(main, words)
    assert (ran.exit_code, "--scheduler belongs to --runner dask" in ran.output) == (2, True)


@pytest.mark.parametrize(
    ("choice", "told"),
    [
        (RunnerChoice("local", scheduler="tcp://10.0.0.1:8786"), "--scheduler belongs to --runner dask"),
        (RunnerChoice("processes", shared="s3://bucket/work"), "--shared belongs to --runner dask"),
        (RunnerChoice("dask", scheduler="tcp://10.0.0.1:8786"), "name a folder or an object store"),
        (RunnerChoice("ray", scheduler="ray://head.example:10001"), "--shared s3://bucket/work"),
    ],
)
def test_what_cannot_work_is_refused(choice: RunnerChoice, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        choice.check()


@pytest.mark.parametrize("scheduler", ["tcp://127.0.0.1:8786", "localhost:8786", "tcp://[::1]:8786"])
def test_a_cluster_of_this_machine_needs_no_shared_place(scheduler: str) -> None:
    RunnerChoice("dask", scheduler=scheduler).check()


@pytest.mark.parametrize("runner", ["dask", "ray"])
def test_without_its_package_an_engine_says_what_to_install(runner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choices, "find_spec", lambda name: None)
    ran = CliRunner().invoke(main, ["audit", "items.jsonl", "--out", "out", "--runner", runner])
    assert ran.exit_code == 2
    assert f"pip install 'belebele-maker[{runner}]'" in ran.output


def test_no_engine_is_imported_unless_asked_for() -> None:
    code = (
        "import sys, flows.audit, flows.lint.linted_sets, flows.rendering.rendered_sets, flows.release\n"
        "import flows.cli.commands\n"
        "print(sorted({'dask', 'distributed', 'ray', 'prefect_dask', 'prefect_ray', 'prefect'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
