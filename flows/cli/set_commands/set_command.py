"""The beginning and the end of a command that reads other people's sets, the same for `audit` and `lint`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, NoReturn, Protocol

import click

from data.errors import ItemSetError
from flows.cli.set_commands.column_options import print_description
from flows.terminal.messages import print_json


class Finished(Protocol):
    """The result of such a command.

    Attributes:
        facts: the report as plain data.
        lines: the report's lines for a terminal.
        code: the exit code.
    """

    @property
    def facts(self) -> dict[str, Any]: ...

    @property
    def lines(self) -> tuple[str, ...]: ...

    @property
    def code(self) -> int: ...


def begin(files: Sequence[str], out: str, given: dict[str, Any], *, beside: Sequence[str]) -> bool:
    """Return whether there is more to do than to describe the set.

    Args:
        files: files and folders of the set.
        out: the folder of the report.
        given: the values of the command's options.
        beside: the other files that it reads, "" for none.

    Raises:
        ItemSetError: a file does not exist.
        click.MissingParameter: no folder was named.
    """
    from data.campaign.missing_paths import absent

    if problems := absent([*files, *filter(None, beside)]):
        raise ItemSetError("the items cannot be read", problems)  # reported before any import that takes seconds
    if given["describe"]:
        print_description(files, given)
        return False
    if not out:
        raise click.MissingParameter(param_hint="'--out'", param_type="option")
    return True


def ask_for_name(files: Sequence[str], name: str) -> None:
    """Say that the set has no name, before the work, if nobody said one and its files' names do not tell it."""
    from flows.set_titles import set_title

    if request := set_title(files, name).request("--name NAME"):
        click.echo(f"belebele: {request}", err=True)


def end(done: Finished, *, as_json: bool) -> NoReturn:
    """Print the report and exit with its code."""
    if as_json:
        print_json(done.facts)
    else:
        for line in done.lines:
            click.echo(line)
    sys.exit(done.code)
