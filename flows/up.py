"""`belebele up`: Label Studio, Prefect's server and the schedule, in one terminal, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console

from annotation.server import LocalLabelStudio, install
from data.campaign import Campaign, server_variables, state_dir
from flows.servers import Running, local_prefect, prefect_environment, stop

console = Console(highlight=False)


@contextlib.contextmanager
def standing(port: int | None = None, environments: Path | None = None) -> Iterator[Running]:
    """Have Label Studio and Prefect's server stand while the block lasts.

    A server that the environment names (`BELEBELE_LABEL_STUDIO_URL`, `PREFECT_API_URL`) is used as it is.

    Args:
        port: Label Studio's port; a free one by default.
        environments: where Label Studio's own environment lies; the state folder by default.
    """
    url, token = (os.environ.get(name, "") for name in server_variables("main"))
    api_url = os.environ.get("PREFECT_API_URL", "")
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(2) as pool:
        if not url:
            home = install(environments or state_dir(), console.print)
            local = LocalLabelStudio(home.parent, port, data_dir=state_dir() / "label-studio")
            begun = pool.submit(local.start)
            stack.callback(local.stop)
        if not api_url:
            api_url = stack.enter_context(local_prefect(state_dir() / "prefect"))
        if not url:
            begun.result()
            url, token = local.url, local.token
        running = Running(url, token, api_url)
        running.write()
        stack.callback(Running.forget)
        yield running


def stand(address: str, *, schedule: bool, port: int | None = None) -> None:
    """Start everything, say where it is, and wait for Ctrl-C.

    Args:
        address: the campaign's folder or object-store address.
        schedule: whether `advance` runs on the campaign's schedule.
        port: Label Studio's port; a free one by default.
    """
    campaign = Campaign.load(address)
    stopped = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda *_: stopped.set())
    console.print(f"starting the servers of [bold]{campaign.about.title}[/bold] (the first time takes a minute) …")
    with standing(port) as running, _scheduled(address, running, schedule):
        console.print(f"Label Studio  {running.label_studio_url}")
        console.print(f"Prefect       {running.prefect_api_url.removesuffix('/api')}")
        if schedule:
            console.print(f"Schedule      advance at {campaign.schedule.cron} ({campaign.schedule.timezone})")
        console.print(
            "Ctrl-C stops them all. In another terminal: belebele advance, belebele status, belebele check"
        )
        stopped.wait()
        console.print("stopping …")
    console.print("stopped; nothing is lost, and `belebele up` goes on from here")


@contextlib.contextmanager
def _scheduled(address: str, running: Running, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    environment = {**os.environ, **prefect_environment(state_dir() / "prefect", running.prefect_api_url)}
    code = f"from flows.deployments import serve; serve({address!r})"
    log = (state_dir() / "schedule.log").open("ab")
    with log, subprocess.Popen(
        [sys.executable, "-P", "-c", code], env=environment, stdout=log, stderr=log, start_new_session=True
    ) as process:  # fmt: skip
        try:
            yield
        finally:
            stop(process)
