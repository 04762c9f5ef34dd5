"""`belebele up`: Label Studio, Prefect's server and the schedule, in one terminal, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx
from rich.console import Console

from annotation.client import LabelStudio
from annotation.server import FIRST_USER, LocalLabelStudio, install
from data.campaign import Campaign, server_variables, state_dir
from data.errors import ServerError, UsageError
from data.storage import absolute
from flows.child import child, tail
from flows.servers import Running, local_prefect, prefect_environment, servers_of, wait_for

LOOK = 2.0
"""Seconds between two looks at whether the schedule and the assistant are still alive."""

_STARTS = 5  # of the assistant: people can work without it

console = Console(highlight=False)


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
            local = LocalLabelStudio(home.parent, port, data_dir=state_dir() / "label-studio")
            begun = pool.submit(local.start)
            stack.callback(local.stop)

        def look() -> None:
            if begun is not None and begun.done():
                begun.result()

        api_url = named_prefect or stack.enter_context(local_prefect(state_dir() / "prefect", look))
        if begun is not None:
            begun.result()
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
    console.print(f"starting the servers of [bold]{campaign.about.title}[/bold] (the first time takes a minute) …")
    try:
        with standing(port, server=campaign.servers.default, tell=console.print) as running:
            servers_of(campaign)
            _show(running, campaign)
            _run(address, campaign, running, schedule)
    except KeyboardInterrupt:
        console.print("stopped; nothing is lost, and belebele up goes on from here")


def _run(address: str, campaign: Campaign, running: Running, schedule: bool) -> None:
    with contextlib.ExitStack() as stack:
        looks = [stack.enter_context(_assisted(address))] if campaign.assistant.enabled else []
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


@contextlib.contextmanager
def _assisted(address: str) -> Iterator[Callable[[], None]]:
    """Have the assistant answer; gives a look at whether it does, which starts it anew if not."""
    log = state_dir() / "assistant.log"
    code = "import sys; from flows.attending import serve; serve(*sys.argv[1:])"
    with contextlib.ExitStack() as stack:
        begun = [stack.enter_context(child(code, absolute(address), environment={}, log=log))]
        console.print(f"Assistant     answers authors while they write; its log is {log}")

        def look() -> None:
            if begun[-1].poll() is not None and len(begun) < _STARTS:
                begun.append(stack.enter_context(child(code, absolute(address), environment={}, log=log)))
                if len(begun) == _STARTS:
                    console.print(f"the assistant ended {_STARTS - 1} times; the end of {log}:\n{tail(log)}")

        yield look


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
