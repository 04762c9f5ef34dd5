"""Prefect's server on this machine, isolated from the user's own Prefect.

Prefect reads settings from variables, from `.env`, `prefect.toml` and `pyproject.toml` in the current folder, and
from profiles in the user's home. Any of these may name another database or server, so all our uses of Prefect run
in a folder of their own, without any `PREFECT_…` variable but ours. Only a server named by PREFECT_API_URL is the
user's: its address is used, and the variables that give access to it.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import httpx

from data.environment import state_dir
from data.server_ports import LOOPBACK, kept_port, note_port
from flows.services.child_processes import child, wait_for
from flows.services.process_supervisor import Companion

HOST = LOOPBACK
"""The address it listens on, whatever Label Studio's is: it asks nobody for a password."""

KEPT_DAYS = 30
"""Days after which a server of ours deletes runs, their logs, artifacts and events."""

_ENTRANCE = (
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PREFECT_API_SSL_CERT_FILE",
    "PREFECT_API_TLS_INSECURE_SKIP_VERIFY",
    "PREFECT_CLIENT_CUSTOM_HEADERS",
)  # what a user's server may require
_DAY = 24 * 60 * 60
_ASK, _SILENT = 20.0, 30  # seconds between two checks that it answers; failed checks until it counts as hanging


def home() -> Path:
    """Return the folder of Prefect's database, log and settings, in which Prefect runs; create it if missing."""
    folder = state_dir().absolute() / "prefect"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def prefect_environment(home: Path, api_url: str) -> dict[str, str]:
    """Return the whole environment for an isolated Prefect: no telemetry, data in `home`, batched records."""
    named = os.environ.get("PREFECT_API_URL", "") == api_url
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith("PREFECT_") or (named and name in _ENTRANCE)
    }
    services = {
        "TASK_RUN_RECORDER": {"BATCH_SIZE": "200", "READ_BATCH_SIZE": "200", "FLUSH_INTERVAL": "1"},
        "EVENT_PERSISTER": {"BATCH_SIZE": "500", "READ_BATCH_SIZE": "200", "FLUSH_INTERVAL": "1"},
        "DB_VACUUM": {"ENABLED": "events,flow_runs", "RETENTION_PERIOD": str(KEPT_DAYS * _DAY)},
    }
    return {
        **ours,
        "BELEBELE_STATE_DIR": str(state_dir().absolute()),
        "PREFECT_HOME": str(home),
        "PREFECT_PROFILES_PATH": str(home / "profiles.toml"),
        "PREFECT_API_URL": api_url,
        "PREFECT_SERVER_UI_API_URL": api_url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EVENTS_RETENTION_PERIOD": f"P{KEPT_DAYS}D",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **{
            f"PREFECT_SERVER_SERVICES_{service}_{name}": value
            for service, values in services.items()
            for name, value in values.items()
        },
    }


@contextlib.contextmanager
def kept_apart(api_url: str) -> Iterator[None]:
    """Use Prefect in this process as `prefect_environment` sets it up, in Prefect's folder, for the duration of
    the block.

    Prefect must be imported in the block, not before. Paths must be absolute in it.

    Args:
        api_url: of the server to report to.
    """
    before = dict(os.environ)
    environment = prefect_environment(home(), api_url)
    with interrupts_kept(), contextlib.chdir(home()):
        try:
            os.environ.clear()
            os.environ.update(environment)
            # The caller reports errors at the end; Prefect would report them again, with a traceback.
            os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextlib.contextmanager
def interrupts_kept() -> Iterator[None]:
    """Raise a Ctrl-C that was swallowed in the block at its end.

    Prefect takes one that comes while it winds up a run, which may be seconds, for a crash after the work, and
    returns the work's result.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed in the block, and the block ended all the same.
    """
    usual = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(usual):
        yield
        return
    pressed = False

    def note(number: int, frame: FrameType | None) -> None:
        nonlocal pressed
        pressed = True
        usual(number, frame)

    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
    if pressed:
        raise KeyboardInterrupt


class PrefectServer(Companion):
    """Prefect's server on this machine; restarted at the same address whenever it ends or hangs.

    Args:
        home: the folder of its database and log.
        meanwhile: called now and then while it starts; may raise to stop the wait.
        tell: receives a sentence if its address has changed.

    Raises:
        ServerError: it does not get ready.
    """

    def __init__(
        self,
        home: Path,
        meanwhile: Callable[[], object] = lambda: None,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        port, taken = kept_port(home / "port", HOST)
        if taken:
            tell(f"Port {taken}, where Prefect stood, is taken: it stands at {port} now")
        self.api_url = f"http://{HOST}:{port}/api"
        self._asked, self._said = 0.0, True
        code = "import sys, runpy; sys.argv[0] = 'prefect'; runpy.run_module('prefect', run_name='__main__')"
        words = ["server", "start", "--host", HOST, "--port", str(port)]
        environment, log = prefect_environment(home, self.api_url), home / "server.log"
        super().__init__(
            "Prefect's server",
            "what keeps the schedule waits for it",
            lambda: child(code, *words, environment=environment, folder=home, log=log),
            self._lives,
            log,
            silent=_SILENT,
        )

        def ready() -> bool:
            meanwhile()
            return answers(f"{self.api_url}/health")

        try:
            wait_for(ready, self.process, "Prefect's server", log)
        except BaseException:
            self.close()
            raise
        note_port(home / "port", port)

    def _lives(self) -> bool:
        """Whether it answered the last check; checks are spaced because each costs it something."""
        if time.monotonic() - self._asked > _ASK:
            self._asked, self._said = time.monotonic(), answers(f"{self.api_url}/health")
        return self._said


def answers(url: str) -> bool:
    """Whether a server answers at this address."""
    try:
        return httpx.get(url, timeout=15).status_code < 500
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
