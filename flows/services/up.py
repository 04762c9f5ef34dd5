"""`belebele up`: Label Studio, Prefect's server and the schedule, in one terminal, until Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.text import Text

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import FIRST_USER, LocalLabelStudio, admit, install
from data.campaign.campaign import Campaign, notes
from data.environment import ASSISTANT_URL, server_variables, state_dir
from data.errors import ServerError, UsageError
from data.server_ports import LOOPBACK
from data.storage import absolute
from flows.services import prefect_server, schedule
from flows.services.child_processes import child, wait_for
from flows.services.prefect_server import PrefectServer, answers, prefect_environment
from flows.services.process_supervisor import LOOK, Companion, console
from flows.services.running_servers import Running, servers_of
from flows.terminal.messages import addressed


@dataclass(frozen=True)
class StandingServers:
    """The running servers: where they are, and checks that they are still alive."""

    running: Running
    looks: list[Callable[[], None]]


@contextlib.contextmanager
def standing_servers(
    port: int | None = None,
    *,
    host: str = LOOPBACK,
    server: str = "main",
    environments: Path | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Iterator[StandingServers]:
    """Run Label Studio and Prefect's server for the duration of the block.

    A server that the environment names (`BELEBELE_LABEL_STUDIO_URL`, `PREFECT_API_URL`) is used as it is.

    Args:
        port: Label Studio's port; by default its previous one, or a free one.
        host: what Label Studio listens on.
        server: what campaign.toml calls the Label Studio server.
        environments: the folder of Label Studio's own environment; the state folder by default.
        tell: receives a sentence on each step that takes time.

    Raises:
        UsageError: servers already run on this machine, the port is taken, a variable is missing.
        ServerError: a server does not start, does not answer, or cannot be installed.
    """
    named = _named_label_studio(server)
    named_prefect = _named_prefect()
    # The pool is closed last: an interrupted start ends once its server is stopped.
    with ThreadPoolExecutor(1) as pool, Running.alone(), contextlib.ExitStack() as stack:
        begun: Future[None] | None = None
        if named is None:
            home = install(environments or state_dir(), tell)
            data = state_dir() / "label-studio"
            local = LocalLabelStudio(home.parent, port, host=host, data_dir=data, tell=tell)
            begun = pool.submit(local.start)
            stack.callback(local.stop)

        def look() -> None:
            if begun is not None and begun.done():
                begun.result()

        looks: list[Callable[[], None]] = []
        api_url = named_prefect
        if not api_url:
            prefect = stack.enter_context(contextlib.closing(PrefectServer(prefect_server.home(), look, tell)))
            looks, api_url = [prefect.look], prefect.api_url
        if begun is not None:
            begun.result()
            admit(local.data_dir, "environment", os.environ.get(ASSISTANT_URL, ""))
        running = Running(*(named or (local.url, local.token)), api_url)
        running.write()
        yield StandingServers(running, looks)


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


def stand(
    address: str, *, scheduled: bool, assisted: bool = True, port: int | None = None, host: str = LOOPBACK
) -> None:
    """Start everything, print where it is, and wait for Ctrl-C.

    Args:
        address: the campaign's folder or object-store address.
        scheduled: whether `advance` runs on the campaign's schedule.
        assisted: whether the assistant that campaign.toml wants is started, too.
        port: Label Studio's port; by default its previous one, or a free one.
        host: what Label Studio listens on; if Label Studio is not ours to start, what the assistant listens on.
    """
    campaign = Campaign.load(address)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    title = (campaign.about.title, "bold")
    console.print(Text.assemble("starting the servers of ", title, " (the first time takes a minute) …"))
    try:
        for note in notes(address):
            console.print(Text(f"campaign.toml, {note}"), soft_wrap=True)
        with standing_servers(port, host=host, server=campaign.servers.default, tell=console.print) as stands:
            servers_of(campaign)
            _show(stands.running, campaign)
            _run(address, campaign, stands, scheduled, host if assisted else None)
    except KeyboardInterrupt:
        console.print(
            addressed("stopped; nothing is lost, and belebele up goes on from here", address),
            soft_wrap=True,
        )


def _run(address: str, campaign: Campaign, stands: StandingServers, scheduled: bool, host: str | None) -> None:
    looks = list(stands.looks)
    with contextlib.ExitStack() as stack:
        if campaign.assistant.enabled and host is not None:
            # Label Studio on this machine reaches it here; one elsewhere must be able to.
            where = host if _is_named(campaign) else LOOPBACK
            assistant = stack.enter_context(contextlib.closing(Assistant(address, campaign, where)))
            console.print(f"Assistant     answers authors while they write; its log is {assistant.log}")
            looks.append(assistant.look)
        if scheduled:
            keeper = ScheduleKeeper(address, campaign, stands.running.prefect_api_url)
            stack.enter_context(contextlib.closing(keeper))
            console.print(f"Schedule      advance at {campaign.schedule.cron} ({campaign.schedule.timezone})")
            looks.append(keeper.look)
        meanwhile = ", ".join(addressed(f"belebele {name}", address) for name in ("check", "advance", "status"))
        console.print(f"Ctrl-C stops all of this. Meanwhile, in another terminal: {meanwhile}", soft_wrap=True)
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
    if not _is_named(campaign):
        secrets = state_dir() / "label-studio" / "secrets.json"
        console.print(f"              you are {FIRST_USER}; the password stands in {secrets}")
    console.print(f"Prefect       {running.prefect_api_url.removesuffix('/api')}")


def _is_named(campaign: Campaign) -> bool:
    """Whether the environment names the Label Studio server, so that it is not ours to start."""
    return bool(os.environ.get(server_variables(campaign.servers.default)[0]))


class Assistant(Companion):
    """The authors' assistant; restarted whenever it ends or hangs."""

    def __init__(self, address: str, campaign: Campaign, host: str = LOOPBACK) -> None:
        whole, log = absolute(address), state_dir() / "assistant.log"
        code = "import sys; from flows.services.assistant_process import serve; serve(*sys.argv[1:])"

        def answers() -> bool:
            from flows.services.assistant_process import (  # slow to import, and most campaigns have no assistant
                answers,
                noted,
            )

            return answers(noted(campaign, whole), LOOK)

        super().__init__(
            "the assistant",
            "pages work on without it",
            lambda: child(code, whole, host, log=log),
            answers,
            log,
        )


class ScheduleKeeper(Companion):
    """The process that keeps the campaign's schedule; restarted whenever it ends or is not heard from.

    Args:
        address: the campaign's.
        campaign: the campaign at that address.
        api_url: of Prefect's server.

    Raises:
        ServerError: it does not get ready.
    """

    def __init__(self, address: str, campaign: Campaign, api_url: str) -> None:
        self._address, self._campaign, self._api_url = absolute(address), campaign, api_url
        self._told = ""
        ready, log = state_dir().absolute() / "schedule.ready", state_dir() / "schedule.log"
        ready.unlink(missing_ok=True)
        code = "import sys; from flows.deployments import serve; serve(*sys.argv[1:])"
        home = prefect_server.home()
        environment = prefect_environment(home, api_url)
        super().__init__(
            "what keeps the schedule",
            "no run comes meanwhile",
            lambda: child(code, self._address, str(ready), environment=environment, folder=home, log=log),
            self._keeps,
            log,
        )
        try:
            wait_for(ready.exists, self.process, "The schedule", log)
        except BaseException:
            self.close()
            raise

    def look(self) -> None:
        super().look()
        told = schedule.standing(self._address)
        trouble = "" if told.trouble == "not kept" else schedule.trouble_in_words(told, self._campaign.schedule)
        if trouble and trouble != self._told:
            console.print(f"Schedule      {trouble}")
        self._told = trouble

    def _keeps(self) -> bool:
        """Whether it hears from Prefect's server, or there is no server to hear from."""
        silent = schedule.standing(self._address).trouble in ("silent", "not kept")
        return not silent or not answers(f"{self._api_url}/health")
