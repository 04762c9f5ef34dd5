"""What a campaign's [compute] says holds in a run that a real Prefect server records."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pandas as pd
import pytest

from data.ledger import tables
from flows.services.prefect_server import PrefectServer, home
from flows.steps.checks_and_decisions import check
from tests.flows.runners.test_spread_languages import cluster
from tests.flows.steps.test_languages_judged_apart import rows, translated
from tests.labelstudio_fixture import AnyLabelStudio

pytestmark = pytest.mark.slow


def test_an_advance_that_prefect_records_deals_out_to_the_cluster_that_the_campaign_names(
    label_studio: AnyLabelStudio, own_state: Path, tmp_path: Path
) -> None:
    alone, small = translated(tmp_path / "alone"), translated(tmp_path / "dealt")
    check(alone.state)
    server = PrefectServer(home())
    with closing(server), cluster(tmp_path) as scheduler:
        small.configure("[compute]\n", f'[compute]\nrunner = "dask"\nscheduler = "{scheduler}"\n')
        surroundings = {
            **os.environ, "PREFECT_API_URL": server.api_url, "BELEBELE_PROCESSES": "2",
            "BELEBELE_LABEL_STUDIO_URL": label_studio.url, "BELEBELE_LABEL_STUDIO_TOKEN": label_studio.token,
        }  # fmt: skip
        command = [sys.executable, "-m", "flows.cli.commands", "advance", small.address]
        ran = subprocess.run(command, env=surroundings, capture_output=True, text=True)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        runs = httpx.post(f"{server.api_url}/flow_runs/filter", json={}).json()
    names = {one["name"] for one in runs}
    assert f"advance {small.address}" in names
    inner = [one for one in runs if one["parent_task_run_id"]]
    assert inner, names
    assert {one["state"]["type"] for one in runs} == {"COMPLETED"}
    for table in (tables.VERDICTS, tables.FINDINGS):
        pd.testing.assert_frame_equal(rows(alone, table), rows(small, table))
