"""Who does the work that languages are dealt out for: `--runner`, `--scheduler` and `--shared`, or [compute] in
campaign.toml.

What is chosen holds for everything that is dealt out in the block of `chosen`, and no engine is imported before
there is something to deal out.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import urlsplit

from data.errors import UsageError

if TYPE_CHECKING:
    from data.campaign.campaign import Campaign

RunnerName = Literal["processes", "local", "dask", "ray"]
"""Processes of this machine; this process alone; a Dask or a Ray cluster."""

RUNNERS: tuple[RunnerName, ...] = get_args(RunnerName)
ENGINES = ("dask", "ray")


@dataclass(frozen=True)
class RunnerChoice:
    """Who does the work.

    Attributes:
        runner: who.
        scheduler: the address of a cluster that runs; "" for one that lives as long as the work, on this machine.
        shared: a folder or an object store that this process and all workers reach, for what they are sent and
            what they send back; "" for a folder of this machine.
        standing: whether it is the choice of all runs of a campaign, most of which have little to do.
    """

    runner: RunnerName = "processes"
    scheduler: str = ""
    shared: str = ""
    standing: bool = False

    @property
    def asked_for_little(self) -> bool:
        """Whether an engine gets little work, too: it was named for one command, or need not be started."""
        return not self.standing or bool(self.scheduler)

    @classmethod
    def of(cls, campaign: Campaign) -> RunnerChoice:
        """Return what campaign.toml says in [compute]."""
        asked = campaign.compute
        return cls(asked.runner or "processes", asked.scheduler, asked.shared, standing=True)

    def check(self) -> None:
        """Refuse a choice that cannot work.

        Raises:
            UsageError: the parts contradict each other, a package is missing, or workers on other machines would
                not find what they are sent.
        """
        if self.runner not in ENGINES:
            if named := [f"--{name}" for name in ("scheduler", "shared") if getattr(self, name)]:
                raise UsageError(f"{named[0]} belongs to --runner dask or --runner ray")
            return
        if find_spec(f"prefect_{self.runner}") is None:
            raise UsageError(
                f"--runner {self.runner} needs Prefect's task runner for it: "
                f"pip install 'belebele-maker[{self.runner}]'"
            )
        if self.scheduler and not self.shared and not _here(self.scheduler):
            raise UsageError(
                f"workers of {self.scheduler} may be on other machines, and find nothing in a folder of this one: "
                "name a folder or an object store that all of them reach with --shared, as --shared s3://bucket/work"
            )


_CHOICE: ContextVar[RunnerChoice] = ContextVar("runner")


def runner_choice() -> RunnerChoice:
    """Return what is chosen here."""
    return _CHOICE.get(RunnerChoice())


@contextmanager
def chosen(choice: RunnerChoice) -> Iterator[None]:
    """Have a choice hold in the block.

    Raises:
        UsageError: see `RunnerChoice.check`.
    """
    choice.check()
    token = _CHOICE.set(choice)
    try:
        yield
    finally:
        _CHOICE.reset(token)


def _here(scheduler: str) -> bool:
    """Return whether a scheduler's address is one of this machine alone."""
    host = urlsplit(scheduler if "://" in scheduler else f"//{scheduler}").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
