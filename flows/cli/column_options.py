"""The options by which a user says how the columns of a set of questions are called.

Columns are known by their usual names; these options are for the others. Every command that reads other people's
sets takes the same ones, with the same meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from data.itemsets import Columns

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--passage", default=None, metavar="COLUMN", help="Columns are known by their usual names; else: …"
    ),
    click.option("--question", default=None, metavar="COLUMN", help="… '-' for a set without."),
    click.option("--options", default="", metavar="COLUMN[,…]", help="A column of lists, or one for each option."),
    click.option("--answer", default=None, metavar="COLUMN", help="The correct option."),
    click.option(
        "--answer-from", type=click.Choice(["0", "1", "letter", "text"]), default=None, help="How it is told."
    ),
    click.option("--group", default=None, metavar="COLUMN", help="What belongs together; default: the passage."),
    click.option("--id", "id_", default=None, metavar="COLUMN", help="The item, the same in all languages."),
    click.option(
        "--language", default=None, metavar="COLUMN|CODE", help="The language, or one code for all items."
    ),
)


def column_options(command: Command) -> Command:
    """Give a command the options; what was given for them is read by `columns_of`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def columns_of(given: dict[str, Any]) -> Columns:
    """What the user says of the columns.

    Args:
        given: the values of a command's options, those of `column_options` among them.
    """
    from data.itemsets import Columns

    named = ("passage", "question", "answer", "answer_from", "group", "language")
    return Columns(
        options=tuple(name.strip() for name in given["options"].split(",") if name.strip()),
        id=given["id_"],
        **{name: given[name] for name in named},
    )
