"""The command `belebele audit`: its options and exit codes."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.set_commands.column_options import column_options, columns_of
from flows.cli.set_commands.runner_options import runner_of, runner_options
from flows.cli.set_commands.set_command import ask_for_name, begin, end


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option(
    "--out",
    default="",
    help="The folder for report.html, report.json, items.parquet, and paper/ with tables and figures.",
)
@click.option("--alpha", default=0.05, show_default=True, help="Family-wise rate of false alarms.")
@click.option(
    "--margin", default=0.05, show_default=True, help="What may be certified: nothing above chance + it."
)
@click.option("--permutations", default=1000, show_default=True, help="Permuted keys to compare with.")
@click.option("--seed", default=0, show_default=True, help="Of permutations and folds.")
@click.option(
    "--layers",
    default="heuristics,tokens,learners",
    show_default=True,
    help="Which to run; network and encoder besides.",
)
@click.option(
    "--encoder", default="", metavar="PATH", help="A folder with a pretrained encoder, fine-tuned per fold."
)
@click.option(
    "--refits",
    default=0,
    show_default=True,
    help="Permuted keys to train network and encoder anew for; below 199 they are not tested.",
)
@click.option("--train-on", multiple=True, metavar="FILE", help="Train learners on these items, not across folds.")
@click.option("--responses", default="", metavar="FILE", help="What solvers chose: solver, item_id, chosen.")
@click.option("--source-language", default="", help="The language that the others were translated from.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--require-certificate", is_flag=True, help="Exit 1 as well if nothing can be certified.")
@click.option("--name", default="", help="What the report calls the set; default: the name of its file or folder.")
@runner_options
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def audit(files: tuple[str, ...], out: str, as_json: bool, **given: Any) -> None:
    """Look for ways to answer a set of questions without reading.

    FILE… is one set: parquet, CSV, JSON lines, folders of these, a release, or a campaign. Exits 0 if no shortcut
    was detected, 1 if one was, 2 if the set cannot be read or is too small to be judged, 70 on an error of ours.
    """
    choice = runner_of(given)
    if not begin(files, out, given, beside=[*given["train_on"], given["responses"]]):
        return
    ask_for_name(files, given["name"])
    from flows.audit import asked
    from flows.audit import audit as look
    from flows.runners.runner_choice import chosen
    from flows.terminal.progress_bar import show_progress

    bar, tell = show_progress()
    with bar, chosen(choice):
        done = look(
            files,
            out,
            asked(given),
            columns=columns_of(given),
            name=given["name"],
            train_on=given["train_on"],
            responses=given["responses"],
            require_certificate=given["require_certificate"],
            tell=tell,
        )
    end(done, as_json=as_json)
