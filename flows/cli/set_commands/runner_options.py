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
            default="processes",
            show_default=True,
            help="Who works: processes of this machine, this one alone (local), or a cluster.",
        ),
    ):
        command = option(command)
    return command


def runner_of(given: dict[str, Any]) -> RunnerChoice:
    """Take the options out, and return what they choose.

    Raises:
        UsageError: they cannot work; see `RunnerChoice.check`.
    """
    choice = RunnerChoice(given.pop("runner"), given.pop("scheduler"), given.pop("shared"))
    choice.check()
    return choice
