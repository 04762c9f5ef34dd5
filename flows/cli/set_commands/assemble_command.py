"""The command `belebele assemble`: its options and exit codes."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.set_commands.column_options import column_options, columns_of
from flows.cli.set_commands.set_command import begin, end


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET…")
@click.option(
    "--out", default="", help="The folder for train.parquet, train.jsonl, left_out.jsonl and the report."
)
@click.option("--release", default="", metavar="DIR", help="A release (or any set) that must not be in it.")
@click.option("--sources", multiple=True, metavar="FILE", help="Passages that must not be in it; may be repeated.")
@click.option("--ngram", type=click.IntRange(5), default=13, show_default=True, help="Words that make a copy.")
@click.option("--max-per-source", type=click.IntRange(1), default=None, help="The most items of one set, by lot.")
@click.option("--name", multiple=True, metavar="PATH=NAME", help="What a set is called; may be repeated.")
@click.option("--licence", multiple=True, metavar="SET=LICENCE", help="A set's licence; may be repeated.")
@click.option(
    "--several-keys",
    type=click.Choice(["drop", "draw"]),
    default="drop",
    show_default=True,
    help="Items with several correct options: left out, or one of them by lot.",
)
@click.option(
    "--fewer-options",
    type=click.Choice(["fill", "drop"]),
    default="fill",
    show_default=True,
    help="Items with fewer than four: filled from the passage's other questions, or left out.",
)
@click.option("--date", default="", help="YYYY-MM-DD of every item; default: the release's.")
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def assemble(sets: tuple[str, ...], out: str, as_json: bool, **given: Any) -> None:
    """Make a training set beside a release out of other people's sets.

    Each SET is a file or folder: RACE, SciQ, MultiRC, MCTest, MCScript, ReClor, DREAM, Cosmos QA or any other set
    of questions. Exits 0, 1 if no item is left, 2 if a set cannot be read, 70 on an error of ours.
    """
    if given["describe"]:
        for one in sets:
            begin([one], out, given, beside=[])
        return
    begin(sets, out, given, beside=[given["release"], *given["sources"]])
    from flows.terminal.progress_bar import show_progress
    from flows.training_set.assembly import AssemblyRequest
    from flows.training_set.assembly import assemble as make
    from flows.training_set.training_items import Rules

    asked = AssemblyRequest(
        rules=Rules(several=given["several_keys"], fewer=given["fewer_options"], most=given["max_per_source"]),
        release=given["release"],
        sources=given["sources"],
        ngram=given["ngram"],
        names=given["name"],
        licences=given["licence"],
        date=given["date"],
    )
    bar, tell = show_progress()
    with bar:
        done = make(sets, out, asked, columns=columns_of(given), tell=tell)
    end(done, as_json=as_json)
