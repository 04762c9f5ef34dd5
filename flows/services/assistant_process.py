"""The assistant's process, and the workbenches that ask it.

Which assistant a workbench asks is an event, and every advance checks that it still does: anybody with an account
on the server can redirect what its author types to an address of their own. A redirected workbench is put right,
with the next generation of its password, and reported. The assistant's address and secret come from the
environment, or from the note that it left when it started on this machine. An assistant that does not answer stops
nothing: pages that ask it get nothing back, and no workbench is connected to it before it answers.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress

import httpx

from annotation.assistant.assistant_app import Asked
from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.assistant_passwords import Keyring
from annotation.labelstudio.client import Workbench
from annotation.labelstudio.local_server import admit
from data import storage
from data.campaign.campaign import Campaign
from data.environment import ASSISTANT_URL, secret_variable, state_dir
from data.errors import ServerError, UsageError
from data.ledger import tables
from data.ledger.events import Assisted
from flows.campaign_state import State
from flows.inspection import ml_backends
from flows.inspection.ml_backends import Counted, WantedBackends, WrongBackend
from flows.services import assistant_advice
from flows.workbenches.placed_workbenches import placed_workbenches
from flows.workbenches.workbench_pages import WorkbenchPages

SECRET, URL = "BELEBELE_ASSISTANT_SECRET", ASSISTANT_URL
NOTE, GENERATIONS = "assistant.json", "generations.json"
PASSWORD = "metrics_password"
"""The file of the program's own password, from which Prometheus takes it."""

LOOK = 2.0
"""Seconds between two checks for a new model."""


def secret() -> str:
    """Return the secret from which the passwords for the assistant are made: the environment's, or this machine's
    own.

    Raises:
        UsageError: the environment's can be guessed, or has characters that not every password may have.
    """
    if given := secret_variable(SECRET):
        return given
    file = state_dir() / "assistant" / "secret"
    file.parent.mkdir(mode=0o700, exist_ok=True)
    if not file.exists():
        part = file.with_name(f"secret.{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(32), "utf-8")
        with suppress(FileExistsError):  # if two make one at once, the first counts
            os.link(part, file)
        part.unlink()
    return file.read_text("utf-8")


def address_of(campaign: Campaign, address: str) -> str:
    """Return the assistant's address; "" if none is known."""
    if named := os.environ.get(URL, ""):
        return named.rstrip("/")
    return noted(campaign, address)


def noted(campaign: Campaign, address: str) -> str:
    """Return the address of the assistant last started on this machine; "" if there was none."""
    note = assistant_advice.home(campaign, address) / NOTE
    return str(json.loads(note.read_text("utf-8"))["url"]) if note.exists() else ""


def attend(state: State, servers: Mapping[str, AnnotationServer], counted: Counted) -> list[str]:
    """Bring the assistant's knowledge up to date, and connect every authoring workbench to it, or to none.

    Args:
        state: the campaign.
        servers: by name.
        counted: the workbenches on each server that answered, by title.

    Returns:
        Sentences on what failed, and on what somebody had changed.
    """
    assistant_advice.refresh(state)
    problems: list[str] = []
    wanted = _wanted(state)
    amiss = unattended(state, wanted, servers, _now(state, servers, counted, problems), problems)
    if amiss and state.campaign.assistant.enabled and not answers(wanted.place):
        place = wanted.place
        return [*problems, f"the assistant at {place} does not answer: start it with belebele assistant"]
    for one in amiss:
        generation = wanted.generation(one.bench.title)
        if one.changed:
            generation += 1
            ml_backends.note(state, one, "", generation)
            problems.append(one.sentence())
        credentials = wanted.credentials(one.bench.title, generation)
        try:
            opened, pages = WorkbenchPages(state).open(servers, one.server, one.bench.title, one.bench)
            state.ledger.append(tables.EVENTS, pages)
            servers[one.server].assist(opened, wanted.place, credentials if wanted.place else None)
        except ServerError as error:
            problems.append(str(error))
            continue
        ml_backends.note(state, one, wanted.mark(credentials), generation)
    return problems


def _wanted(state: State) -> WantedBackends:
    campaign, address = state.campaign, state.ledger.address
    place = address_of(campaign, address) if campaign.assistant.enabled else ""
    return WantedBackends(state, place, keyring(campaign, address))


def keyring(campaign: Campaign, address: str) -> Keyring:
    """Return the passwords of a campaign's assistant on this machine."""
    return Keyring(secret(), assistant_advice.home(campaign, address) / GENERATIONS)


def _now(
    state: State, servers: Mapping[str, AnnotationServer], counted: Counted, problems: list[str]
) -> dict[str, Mapping[str, Workbench]]:
    """Return the workbenches on the servers, asking again where some were made since they were counted."""
    work = state.tasks[state.tasks["open"] & (state.tasks["stage"] == "authoring")]
    campaign, found = state.campaign, dict(counted)
    for name in counted:
        mine = [
            campaign.workbench_title("authoring", language, person)
            for language, person in set(zip(work["language"], work["person"], strict=True))
            if campaign.server_for("authoring", person) == name
        ]
        if not set(mine) <= set(counted[name]):
            try:
                placed = placed_workbenches(state, name)
                found[name] = servers[name].workbenches(f"{campaign.id}/", placed=placed)
            except ServerError as error:
                problems.append(str(error))
    return found


def is_attended(state: State, servers: Mapping[str, AnnotationServer], counted: Counted) -> bool:
    """Whether `attend` would find nothing to do, or no server to do it on."""
    problems: list[str] = []
    fresh = not state.campaign.assistant.enabled or assistant_advice.is_fresh(state)
    return fresh and not unattended(state, _wanted(state), servers, counted, problems) and not problems


def unattended(
    state: State,
    wanted: WantedBackends,
    servers: Mapping[str, AnnotationServer],
    counted: Counted,
    problems: list[str],
) -> list[WrongBackend]:
    """Return the authoring workbenches that ask a wrong assistant; arguments as of `ml_backends.look`."""
    enabled = state.campaign.assistant.enabled
    if (enabled and not wanted.place) or (not enabled and state.events(Assisted).empty):
        return []
    return ml_backends.look(wanted, servers, counted, problems)


def answers(place: str, patience: float = 5.0) -> bool:
    """Whether the assistant at this address answers with knowledge of the secret, within `patience` seconds."""
    try:
        health = httpx.get(f"{place}/health", auth=Keyring(secret()).own, timeout=patience) if place else None
        return health is not None and health.status_code == 200
    except (httpx.HTTPError, httpx.InvalidURL):
        return False


def serve(address: str, host: str = "127.0.0.1", port: str | int = 0) -> None:
    """Answer the pages of a campaign until stopped.

    Args:
        address: the campaign's folder or object-store address.
        host: to listen on; Label Studio must reach it.
        port: to listen on; 0 for its previous one, if that is free.

    Raises:
        UsageError: the campaign wants no assistant, or the port is taken.
    """
    import uvicorn

    from annotation.assistant.assistant_app import app
    from annotation.assistant.connection_limits import Gate

    campaign = Campaign.load(address)
    if not campaign.assistant.enabled:
        raise UsageError(
            f"{campaign.id} wants no assistant: set enabled = true below [assistant] in campaign.toml"
        )
    folder = assistant_advice.home(campaign, address)
    listener = _listen(host, int(port), _former(noted(campaign, address)))
    place = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
    judge = assistant_advice.Judge(campaign, folder)
    # Create lazily made objects now, so that no author waits for them.
    judge(Asked("", ("It is here.",), {"question": "Where?"}))
    threading.Thread(target=_keep_fresh, args=(judge,), daemon=True).start()
    keys = keyring(campaign, address)
    storage.write_text(str(folder), NOTE, json.dumps({"url": place}), mode=0o600)
    storage.write_text(str(folder), PASSWORD, keys.own.password, mode=0o600)
    admit(state_dir() / "label-studio", folder.name, place)
    config = uvicorn.Config(
        app(keys, judge, judge.version),
        http=Gate, ws="none", lifespan="off", interface="asgi3",
        log_level="error",  # requests from strangers must not fill the disk
        access_log=False, server_header=False, proxy_headers=False, timeout_graceful_shutdown=2,
    )  # fmt: skip
    print(f"Assistant     {place} (its secret is not shown); Ctrl-C stops it", flush=True)
    uvicorn.Server(config).run(sockets=[listener])


def _former(place: str) -> int:
    return int(place.rpartition(":")[2] or 0)


def _listen(host: str, port: int, former: int) -> socket.socket:
    """Return a socket on the port, else on the former one, else on any free one."""
    for candidate in (port,) if port else (former, 0):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except OSError as error:
            listener.close()
            if candidate == port:
                raise UsageError(f"cannot listen on {host}:{candidate} ({error.strerror}): name another") from None
            continue
        return listener
    raise UsageError(f"cannot listen on {host}: name another")


def _keep_fresh(judge: assistant_advice.Judge) -> None:
    while True:
        threading.Event().wait(LOOK)
        try:
            judge.refresh()
        except (OSError, ValueError):  # the files cannot be read: keep the old knowledge
            logging.getLogger("belebele.assistant").exception("what is known could not be read anew")
