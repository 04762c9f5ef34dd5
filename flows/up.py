"""`belebele up`: Label Studio, Prefect's server and the schedule, in one terminal, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
from rich.text import Text

from annotation.client import LabelStudio
from annotation.server import FIRST_USER, LocalLabelStudio, admit, install
from data.campaign import Campaign
from data.environment import ASSISTANT_URL, server_variables, state_dir
from data.errors import ServerError, UsageError
from data.storage import absolute
from flows.child import child, tail
from flows.servers import Running, local_prefect, prefect_environment, servers_of, wait_for
from flows.terminal import Terminal

LOOK = 2.0
"""Seconds between two looks at whether the schedule and the assistant are still alive."""

_SILENT = 3  # looks in a row at which an assistant does not answer, until it counts as hanging
_LASTING = 60.0  # seconds that it starts in, and lives if nothing is wrong; else it is started anew ever later

console = Terminal()


@contextlib.contextmanager
def standing(
    port: int | None = None,
    *,
    server: str = "main",
    environments: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[Running]:
    """Have Label Studio and Prefect's server stand while the block lasts.

    A server that the environment names (`BELEBELE_LABEL_STUDIO_URL`, `PREFECT_API_URL`) is used as it is.

    Args:
        port: Label Studio's port; a free one by default.
        server: what campaign.toml calls the Label Studio server.
        environments: where Label Studio's own environment lies; the state folder by default.
        tell: is told, in a sentence, what takes time.

    Raises:
        UsageError: servers stand on this machine already, the port is taken, a variable is missing.
        ServerError: a server does not start, does not answer, or cannot be installed.
    """
    named = _named_label_studio(server)
    named_prefect = _named_prefect()
    # The pool is left last: a start that is interrupted ends when its server is stopped.
    with ThreadPoolExecutor(1) as pool, Running.alone(), contextlib.ExitStack() as stack:
        begun: Future[None] | None = None
        if named is None:
            home = install(environments or state_dir(), tell)
            local = LocalLabelStudio(home.parent, port, data_dir=state_dir() / "label-studio", tell=tell)
            begun = pool.submit(local.start)
            stack.callback(local.stop)

        def look() -> None:
            if begun is not None and begun.done():
                begun.result()

        api_url = named_prefect or stack.enter_context(local_prefect(state_dir() / "prefect", look))
        if begun is not None:
            begun.result()
            admit(local.data_dir, "environment", os.environ.get(ASSISTANT_URL, ""))
        running = Running(*(named or (local.url, local.token)), api_url)
        running.write()
        yield running


def _named_label_studio(server: str) -> tuple[str, str] | None:
    names = server_variables(server)
    url, token = (os.environ.get(name, "") for name in names)
    if not url:
        return None
    if not token:
        raise UsageError(f"{names[0]} is set and {names[1]} is not: set both, or neither to have a server here")
    with LabelStudio(url, token, name=server) as named:
        named.check()
    return url, token


def _named_prefect() -> str:
    url = os.environ.get("PREFECT_API_URL", "")
    try:
        if url:
            httpx.get(f"{url}/health", timeout=10)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServerError(
            f"Prefect does not answer at {url} ({error}): start it, or unset PREFECT_API_URL to have one here"
        ) from None
    return url


def stand(address: str, *, schedule: bool, port: int | None = None) -> None:
    """Start everything, say where it is, and wait for Ctrl-C.

    Args:
        address: the campaign's folder or object-store address.
        schedule: whether `advance` runs on the campaign's schedule.
        port: Label Studio's port; a free one by default.
    """
    campaign = Campaign.load(address)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    title = (campaign.about.title, "bold")
    console.print(Text.assemble("starting the servers of ", title, " (the first time takes a minute) …"))
    try:
        with standing(port, server=campaign.servers.default, tell=console.print) as running:
            servers_of(campaign)
            _show(running, campaign)
            _run(address, campaign, running, schedule)
    except KeyboardInterrupt:
        console.print("stopped; nothing is lost, and belebele up goes on from here")


def _run(address: str, campaign: Campaign, running: Running, schedule: bool) -> None:
    with contextlib.ExitStack() as stack:
        looks: list[Callable[[], None]] = []
        if campaign.assistant.enabled:
            assistant = stack.enter_context(contextlib.closing(Assistant(address, campaign)))
            console.print(f"Assistant     answers authors while they write; its log is {assistant.log}")
            looks.append(assistant.look)
        looks += [stack.enter_context(_scheduled(address, campaign, running))] if schedule else []
        console.print("Ctrl-C stops all of this. Meanwhile, in another terminal: belebele check, advance, status")
        try:
            while True:
                time.sleep(LOOK)
                for look in looks:
                    look()
        except KeyboardInterrupt:
            console.print("stopping …")
            raise


def _show(running: Running, campaign: Campaign) -> None:
    console.print(f"Label Studio  {running.label_studio_url}")
    if server_variables(campaign.servers.default)[0] not in os.environ:
        secrets = state_dir() / "label-studio" / "secrets.json"
        console.print(f"              you are {FIRST_USER}; the password stands in {secrets}")
    console.print(f"Prefect       {running.prefect_api_url.removesuffix('/api')}")


class Assistant:
    """The assistant as a process that is started anew whenever it ends or hangs: people can work without it."""

    def __init__(self, address: str, campaign: Campaign) -> None:
        self._address, self._campaign = absolute(address), campaign
        self.log = state_dir() / "assistant.log"
        self._held = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._due = self._pause = self._begun = 0.0
        self._silent, self._answered = 0, False
        self._start()

    def look(self) -> None:
        """See whether it answers, and start it anew if not."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self._start()
        elif (code := self._process.poll()) is not None:
            self._end(f"ended with {code}")
        elif self._hangs():
            self._end("does not answer any more")

    def close(self) -> None:
        """End it."""
        self._held.close()

    def _start(self) -> None:
        code = "import sys; from flows.attending import serve; serve(*sys.argv[1:])"
        self._process = self._held.enter_context(child(code, self._address, environment={}, log=self.log))
        self._begun, self._silent, self._answered = time.monotonic(), 0, False

    def _hangs(self) -> bool:
        from flows.attending import answers, noted  # takes a moment, and most campaigns have no assistant

        if answers(noted(self._campaign, self._address), LOOK):
            self._silent, self._answered = 0, True
        else:
            self._silent += 1
        started = self._answered or time.monotonic() - self._begun > _LASTING
        return started and self._silent >= _SILENT

    def _end(self, how: str) -> None:
        assert self._process is not None
        self._process.kill()  # what hangs hears nothing else
        self._held.close()
        self._process = None
        lasted = time.monotonic() - self._begun >= _LASTING
        self._pause = 0.0 if lasted else min(60.0, max(LOOK, 2 * self._pause))
        self._due = time.monotonic() + self._pause
        why = "" if self._answered else f"; the end of {self.log}:\n{tail(self.log)}"
        console.print(f"the assistant {how}; pages work on without it, and it is started anew{why}")


@contextlib.contextmanager
def _scheduled(address: str, campaign: Campaign, running: Running) -> Iterator[Callable[[], None]]:
    """Have the schedule run; gives a look at whether it does, which raises a ServerError if not."""
    log, ready = state_dir() / "schedule.log", state_dir() / "schedule.ready"
    ready.unlink(missing_ok=True)
    code = "import sys; from flows.deployments import serve; serve(*sys.argv[1:])"
    environment = prefect_environment(state_dir() / "prefect", running.prefect_api_url)
    with child(code, absolute(address), str(ready), environment=environment, log=log) as process:
        wait_for(ready.exists, process, "The schedule", log)
        console.print(f"Schedule      advance at {campaign.schedule.cron} ({campaign.schedule.timezone})")

        def look() -> None:
            if process.poll() is not None:
                raise ServerError(f"the schedule ended with {process.returncode}; the end of {log}:\n{tail(log)}")

        yield look
