"""The servers of a campaign when they run on this machine: found again by other commands, and kept to one owner.

`belebele up` leaves a note of what it started in the state folder (mode 0600), so that a command in another
terminal finds the same servers without any variable being set. Variables, where set, take precedence.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import LabelStudio
from data.campaign.campaign import Campaign
from data.environment import server_variables, state_dir
from data.errors import CampaignError, UsageError
from flows.services.prefect_server import answers


@dataclass(frozen=True)
class Running:
    """The servers that `belebele up` runs on this machine: addresses, and Label Studio's token."""

    label_studio_url: str
    label_studio_token: str
    prefect_api_url: str

    @staticmethod
    def note() -> Path:
        """Return the path of the note."""
        return state_dir() / "running.json"

    def write(self) -> None:
        """Leave the note for other commands; readable by this user only."""
        part = self.note().with_suffix(".part")
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(json.dumps(asdict(self)), "utf-8")
        part.replace(self.note())

    @classmethod
    def read(cls) -> Running | None:
        """Return what another process is running; None if nothing runs, even if a killed process left a note."""
        try:
            text = cls.note().read_text("utf-8")
        except FileNotFoundError:
            return None
        with contextlib.suppress(BlockingIOError), _lock():
            return None
        return cls(**json.loads(text))

    @classmethod
    @contextlib.contextmanager
    def alone(cls) -> Iterator[None]:
        """Be the only process that runs servers for this machine's state folder; removes the note at the end.

        Raises:
            UsageError: there is another one; names where its servers are.
        """
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(_lock())
            except BlockingIOError:
                raise UsageError(_beside(cls.read())) from None
            cls.note().unlink(missing_ok=True)
            stack.callback(cls.note().unlink, missing_ok=True)
            yield


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    with (state_dir() / "up.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the system releases it when its owner dies
        yield


def _beside(running: Running | None) -> str:
    where = (
        f"Label Studio at {running.label_studio_url}, Prefect at {running.prefect_api_url.removesuffix('/api')}"
        if running
        else "it is just starting"
    )
    return (
        f"the servers of this machine are up already ({where}): use them with belebele advance, stop them with "
        "Ctrl-C where they were started, or give this campaign a folder of its own: BELEBELE_STATE_DIR=…"
    )


def servers_of(campaign: Campaign) -> dict[str, AnnotationServer]:
    """Return the Label Studio servers that campaign.toml names, at the addresses given by the environment.

    Where the environment does not name the default server, the one that `belebele up` started on this machine is
    used. It never replaces another: naming two servers means keeping work apart.

    Raises:
        CampaignError: an address or a token is missing, or two names share an address; every one is named.
    """
    servers: dict[str, AnnotationServer] = {}
    problems = []
    for name in campaign.server_names():
        url, token = server_variables(name)
        local = Running.read() if name == campaign.servers.default and not os.environ.get(url) else None
        if os.environ.get(url) and os.environ.get(token):
            servers[name] = LabelStudio(os.environ[url], os.environ[token], name=name)
        elif local is not None:
            servers[name] = LabelStudio(local.label_studio_url, local.label_studio_token, name=name)
        else:
            cure = ", or start a local server with: belebele up" if name == campaign.servers.default else ""
            problems.append(f"server {name!r}: set {url} and {token}{cure}")
    if problems:
        raise CampaignError("this campaign has no Label Studio server to work with", problems)
    if doubled := list(_doubled(servers)):
        raise CampaignError("servers that are to be apart are one", doubled)
    return servers


def _doubled(servers: Mapping[str, AnnotationServer]) -> Iterator[str]:
    """Yield names that share an address, whose separate work would be mixed and read twice."""
    known: dict[str, str] = {}
    for name, server in servers.items():
        first = known.setdefault(server.url, name)
        if first != name:
            url = server_variables(name)[0]
            yield f"{first!r} and {name!r} are both at {server.url}: correct {url}, or use one name for both"


def prefect_api() -> str | None:
    """Return the address of the Prefect API to report to: the environment's, or one that `belebele up` started.

    None where there is none or it does not answer: the work goes on without a record.
    """
    named = os.environ.get("PREFECT_API_URL", "")
    local = None if named else Running.read()
    url = local.prefect_api_url if local else named
    return url if url and answers(f"{url}/health") else None
