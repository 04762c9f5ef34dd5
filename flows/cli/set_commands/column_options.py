"""The options by which a user names the columns of a set of questions.

Columns with usual names are recognised; these options are for the others. Every command that reads other people's
sets has the same options with the same meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    click.option(
        "--id", "id_", default=None, metavar="COLUMN", help="The item, the same in all languages; '-' for none."
    ),
    click.option(
        "--language",
        default=None,
        metavar="COLUMN|CODE|PATH",
        help="The language, one code for all items, or a part of the files' paths with {} for it.",
    ),
    click.option("--pair", type=click.Choice(["rows"]), default=None, help="Items in one row are the same item."),
    click.option("--independent", is_flag=True, help="Lists with the same keys are different items all the same."),
    click.option(
        "--layout", default="", metavar="FILE.toml", help="Where your records hold the parts of an item."
    ),
    click.option("--describe", is_flag=True, help="Say what is taken for what, with three items, and stop."),
)


def column_options(command: Command) -> Command:
    """Add the options to a command; `columns_of` reads their values."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def columns_of(given: dict[str, Any]) -> Columns:
    """Return the user's description of the columns.

    Args:
        given: the values of a command's options, including those of `column_options`.
    """
    from data.itemsets import Columns

    named = ("passage", "question", "answer", "answer_from", "group", "language")
    return Columns(
        options=tuple(name.strip() for name in given["options"].split(",") if name.strip()),
        id=given["id_"],
        pair_rows=given["pair"] == "rows",
        independent=given["independent"],
        layout=given["layout"],
        **{name: given[name] for name in named},
    )


def print_description(files: Sequence[str], given: dict[str, Any]) -> None:
    """Print how a set's files are understood, with three items, before anything is computed.

    Args:
        files: files and folders of the set.
        given: the values of a command's options.

    Raises:
        ItemSetError: the set cannot be read.
    """
    from data.itemsets import first_items, read_set

    found = read_set(files, columns_of(given), lenient=True)
    for line in (*found.described, *first_items(found)):
        click.echo(line)
