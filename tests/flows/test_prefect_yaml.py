"""prefect.yaml fits the pools of the installed Prefect, and so do the settings that docs name for a server."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from flows.services.prefect_server import PrefectServer, home

ROOT = Path(__file__).resolve().parents[2]
POOLS = {"belebele": "process", "belebele-docker": "docker", "belebele-kubernetes": "kubernetes"}
NAMED = {"BELEBELE_CAMPAIGN": "s3://bucket/mybench", "BELEBELE_IMAGE": "registry.example.org/belebele:0.1.0"}


def templates() -> dict[str, Any]:
    """The base job template of each type of pool that Prefect ships the description of."""
    import prefect

    views = Path(prefect.__file__).parent / "server/api/collections_data/views/aggregate-worker-metadata.json"
    described = json.loads(views.read_text("utf-8")).values()
    return {kind: one["default_base_job_configuration"] for of in described for kind, one in of.items()}


def deployments() -> dict[str, dict[str, Any]]:
    """The deployments of prefect.yaml by their pool, with the variables of whoever deploys."""
    from prefect.utilities.templating import apply_values

    found = yaml.safe_load((ROOT / "prefect.yaml").read_text("utf-8"))["deployments"]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in NAMED.items():
            patch.setenv(name, value)
        return {one["work_pool"]["name"]: apply_values(one, {}) for one in found}


def rendered(template: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """The job that a worker of the pool would start."""
    from prefect.utilities.templating import apply_values

    given = template["variables"]["properties"]
    defaults = {name: one["default"] for name, one in given.items() if "default" in one}
    made: dict[str, Any] = apply_values(template["job_configuration"], {**defaults, **variables})
    return made


@pytest.mark.parametrize("pool", POOLS)
def test_a_deployments_variables_are_those_of_its_pools_template(pool: str) -> None:
    from prefect.utilities.schema_tools.validation import validate

    template = templates()[POOLS[pool]]
    variables = deployments()[pool]["work_pool"].get("job_variables", {})
    validate(variables, template["variables"], raise_on_error=True, preprocess=False)
    assert set(variables) <= set(template["variables"]["properties"])
    broken = {**variables, "env": ["no table"]}
    assert validate(broken, template["variables"], preprocess=False), "the template would take anything"


def test_every_pool_starts_the_same_advance_of_the_campaign() -> None:
    found = deployments()
    assert set(found) == set(POOLS)
    for one in found.values():
        assert one["entrypoint"] == "flows.deployments.advance_campaign"
        assert one["parameters"] == {"address": NAMED["BELEBELE_CAMPAIGN"]}
        assert (one["schedules"], one["concurrency_limit"]) == ([{"cron": "*/15 * * * *", "timezone": "UTC"}], 1)


def test_containers_are_made_from_the_image_that_was_named() -> None:
    known, found = templates(), deployments()
    docker = rendered(known["docker"], found["belebele-docker"]["work_pool"]["job_variables"])
    assert docker["image"] == NAMED["BELEBELE_IMAGE"]
    assert (docker["env"]["BELEBELE_STATE_DIR"], docker["mem_limit"]) == ("/tmp/belebele", "4g")
    job = rendered(known["kubernetes"], found["belebele-kubernetes"]["work_pool"]["job_variables"])
    manifest = job["job_manifest"]
    (container,) = manifest["spec"]["template"]["spec"]["containers"]
    assert container["image"] == NAMED["BELEBELE_IMAGE"]
    assert container["resources"] == {"limits": {"memory": "4Gi"}, "requests": {"cpu": "1", "memory": "2Gi"}}
    assert (manifest["kind"], manifest["spec"]["ttlSecondsAfterFinished"]) == ("Job", 3600)
    assert "{{" not in json.dumps([docker, job])


def documented() -> dict[str, str]:
    """The variables that the guide gives a server for months."""
    text = (ROOT / "docs/guides/clusters.md").read_text("utf-8").partition("## A Prefect server for months")[2]
    return dict(re.findall(r"^(PREFECT_\w+)=(\S+)", text, re.MULTILINE))


def test_the_settings_for_a_server_that_lives_for_months_are_those_of_the_installed_prefect(
    tmp_path: Path,
) -> None:
    given = documented()
    ours = {name: value for name, value in given.items() if not name.startswith("PREFECT_REDIS_")}
    read = (
        "from prefect.settings import get_current_settings as now\n"
        "server = now().server\n"
        "print(server.database.connection_url.get_secret_value(), server.database.migrate_on_start)\n"
        "print(server.events.messaging_broker, server.events.messaging_cache, server.events.causal_ordering)\n"
        "print(server.concurrency.lease_storage, server.docket.url)\n"
        "print(sorted(server.services.db_vacuum.enabled), server.services.db_vacuum.retention_period.days)\n"
        "print(server.events.retention_period.days)"
    )
    environment = {"HOME": str(tmp_path), "PREFECT_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **ours}
    done = subprocess.run(
        [sys.executable, "-P", "-c", read], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{given['PREFECT_SERVER_DATABASE_CONNECTION_URL']} False",
        "prefect_redis.messaging prefect_redis.messaging prefect_redis.ordering",
        f"prefect_redis.lease_storage {given['PREFECT_SERVER_DOCKET_URL']}",
        "['events', 'flow_runs'] 30",
        "30",
    ]
    assert len(ours) == 10, "a setting that is read by no line above"


@pytest.mark.slow
def test_each_deployment_is_taken_by_a_real_server_whose_pools_have_prefects_templates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    server, known = PrefectServer(home()), templates()
    try:
        for pool, kind in POOLS.items():
            asked = {"name": pool, "type": kind, "base_job_template": known[kind]}
            assert httpx.post(f"{server.api_url}/work_pools/", json=asked).status_code == 201
        environment = {**os.environ, **NAMED, "PREFECT_API_URL": server.api_url, "PREFECT_HOME": str(tmp_path)}
        for name in ("advance", "advance-docker", "advance-kubernetes"):
            command = [sys.executable, "-P", "-m", "prefect", "--no-prompt", "deploy", "--name", name]
            ran = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
            assert ran.returncode == 0, ran.stdout + ran.stderr
        taken = httpx.post(f"{server.api_url}/deployments/filter", json={}).json()
    finally:
        server.close()
    assert {one["work_pool_name"]: one["entrypoint"] for one in taken} == dict.fromkeys(
        POOLS, "flows.deployments.advance_campaign"
    )
    wanted = {pool: one["work_pool"].get("job_variables", {}) for pool, one in deployments().items()}
    assert {one["work_pool_name"]: one["job_variables"] for one in taken} == wanted
    assert {str(one["parameters"]["address"]) for one in taken} == {NAMED["BELEBELE_CAMPAIGN"]}
