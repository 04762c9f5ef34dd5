"""The options that say who does the work: `--runner`, `--scheduler`, `--shared`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from flows.runners.runner_choice import RUNNERS, RunnerChoice

F = TypeVar("F", bound=Callable[..., Any])


def runner_options(command: F) -> F:
    """Add the options; `runner_of` takes them out of what the command is given."""
    for option in (
        click.option(
            "--shared",
            default="",
            metavar="ADDRESS",
            help="A folder or object store that all workers reach; needed where some are on other machines.",
        ),
        click.option(
            "--scheduler",
            default="",
            metavar="ADDRESS",
            help="A Dask or Ray cluster that runs; default: one on this machine, for as long as the work takes.",
        ),
        click.option(
            "--runner",
            type=click.Choice(RUNNERS),
            help="Who works: processes of this machine, this one alone (local), or a cluster; default: what "
            "[compute] in campaign.toml says, else processes.",
        ),
    ):
        command = option(command)
    return command


def runner_of(given: dict[str, Any], campaign: str = "") -> RunnerChoice:
    """Take the options out, and return what they choose.

    Args:
        given: what the command was given.
        campaign: the address of the campaign whose [compute] holds where no option is given; "" for none.

    Raises:
        UsageError: they cannot work; see `RunnerChoice.check`.
        CampaignError: campaign.toml is wrong.
    """
    runner, scheduler, shared = (given.pop(name) for name in ("runner", "scheduler", "shared"))
    choice = RunnerChoice(runner or "processes", scheduler, shared)
    if campaign and not (runner or scheduler or shared):
        from data.campaign.campaign import Campaign

        choice = RunnerChoice.of(Campaign.load(campaign))
    choice.check()
    return choice
