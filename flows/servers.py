"""The servers that a campaign stands on, when they run on this machine: started, found again, stopped cleanly.

`belebele up` leaves a note of what it started in the state folder (mode 0600), so that a command in another
terminal finds the same servers without any variable to set. Variables, where they are set, come first.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from annotation.client import LabelStudio
from data.campaign import Campaign, server_variables, state_dir
from data.errors import CampaignError, ServerError, ServerUnreachable

PREFECT_SECONDS = 120.0
"""How long Prefect's server may take to answer; a first start makes its database."""


@dataclass(frozen=True)
class Running:
    """What stands on this machine: addresses, and Label Studio's token."""

    label_studio_url: str
    label_studio_token: str
    prefect_api_url: str

    @staticmethod
    def note() -> Path:
        """Where it is written down."""
        return state_dir() / "running.json"

    def write(self) -> None:
        """Leave the note for other commands; readable by this user only."""
        part = self.note().with_suffix(".part")
        part.touch(mode=0o600)
        part.write_text(json.dumps(asdict(self)), "utf-8")
        part.replace(self.note())

    @classmethod
    def read(cls) -> Running | None:
        """What another command started and that still answers; None when nothing does."""
        try:
            found = cls(**json.loads(cls.note().read_text("utf-8")))
        except FileNotFoundError:
            return None
        return found if _answers(f"{found.prefect_api_url}/health") else None

    @classmethod
    def forget(cls) -> None:
        """Remove the note."""
        cls.note().unlink(missing_ok=True)


def servers_of(campaign: Campaign) -> dict[str, LabelStudio]:
    """The Label Studio servers that campaign.toml names, at the addresses that the environment gives.

    Where the environment says nothing, a server that `belebele up` started on this machine is used.

    Raises:
        CampaignError: an address or a token is missing; every one is named.
    """
    servers, problems = {}, []
    local = (
        Running.read() if any(server_variables(n)[0] not in os.environ for n in campaign.server_names()) else None
    )
    for name in campaign.server_names():
        url, token = server_variables(name)
        if os.environ.get(url) and os.environ.get(token):
            servers[name] = LabelStudio(os.environ[url], os.environ[token], name=name)
        elif local is not None and not os.environ.get(url):
            servers[name] = LabelStudio(local.label_studio_url, local.label_studio_token, name=name)
        else:
            problems.append(f"server {name!r}: set {url} and {token}, or start a local server with: belebele up")
    if problems:
        raise CampaignError("this campaign has no Label Studio server to work with", problems)
    return servers


def prefect_api() -> str | None:
    """The address of the Prefect API to report to: the environment's, or one that `belebele up` started."""
    if os.environ.get("PREFECT_API_URL"):
        return os.environ["PREFECT_API_URL"]
    local = Running.read()
    return local.prefect_api_url if local else None


def prefect_environment(home: Path, api_url: str) -> dict[str, str]:
    """The environment in which Prefect keeps to itself: no telemetry, its data in `home`, batched recording."""
    batches = {
        f"PREFECT_SERVER_SERVICES_{service}_{name}": value
        for service, values in {
            "TASK_RUN_RECORDER": {"BATCH_SIZE": "200", "READ_BATCH_SIZE": "200", "FLUSH_INTERVAL": "1"},
            "EVENT_PERSISTER": {"BATCH_SIZE": "500", "READ_BATCH_SIZE": "200", "FLUSH_INTERVAL": "1"},
        }.items()
        for name, value in values.items()
    }
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_UI_API_URL": api_url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **batches,
    }


@contextlib.contextmanager
def local_prefect(home: Path) -> Iterator[str]:
    """Run Prefect's server on a free port of this machine while the block lasts; gives the address of its API."""
    home.mkdir(parents=True, exist_ok=True)
    port = free_port()
    api_url = f"http://127.0.0.1:{port}/api"
    log = home / "server.log"
    command = [
        sys.executable,
        "-P",
        "-m",
        "prefect",
        "server",
        "start",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    environment = {**os.environ, **prefect_environment(home, api_url)}
    with log.open("ab") as out, subprocess.Popen(
        command, env=environment, stdout=out, stderr=out, start_new_session=True
    ) as process:  # fmt: skip
        try:
            _wait(process, f"{api_url}/health", log)
            yield api_url
        finally:
            stop(process)


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + PREFECT_SECONDS
    while not _answers(url):
        if process.poll() is not None or time.monotonic() > end:
            last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-8:])
            state = f"ended with {process.returncode}" if process.poll() is not None else "does not answer"
            raise ServerError(f"Prefect's server {state}; the end of {log}:\n{last}")
        time.sleep(0.2)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def stop(process: subprocess.Popen[bytes], seconds: float = 15) -> None:
    """End a process that leads a session of its own, and all that it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return


def free_port() -> int:
    """A port of this machine that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def reachable(servers: Mapping[str, LabelStudio]) -> dict[str, str]:
    """Each server's version, or what it said instead."""
    told = {}
    for name, server in servers.items():
        try:
            told[name] = server.check()
        except ServerUnreachable as error:
            told[name] = str(error)
    return told
