"""The command `belebele lint`: its options and exit codes."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.set_commands.column_options import column_options, columns_of
from flows.cli.set_commands.model_options import model_options
from flows.cli.set_commands.runner_options import runner_of, runner_options
from flows.cli.set_commands.set_command import ask_for_name, begin, end


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--out", default="", help="The folder for findings.parquet, report.json and report.html.")
@click.option("--source-language", default="", help="The language that the others were translated from.")
@click.option(
    "--severity",
    type=click.Choice(["error", "warning", "note"]),
    default="error",
    show_default=True,
    help="From which level on the exit code is 1.",
)
@click.option(
    "--profile",
    type=click.Choice(["any", "campaign"]),
    default="any",
    show_default=True,
    help="With or without the rules that a campaign has for its authors.",
)
@click.option("--require-judged", is_flag=True, help="Exit 1 as well if a check could not judge something.")
@click.option("--fix", default="", metavar="OUT", help="Write the set there with what is certain to be mended.")
@click.option(
    "--baseline", default="", metavar="FILE", help="Findings that are accepted: an earlier baseline.jsonl."
)
@click.option(
    "--digits", multiple=True, metavar="LANGUAGE=SYSTEM", help="Which digits a language has, as fas=arabext."
)
@click.option(
    "--calibration",
    default="",
    metavar="PASSAGES",
    help="Parallel passages, such as FLORES-200's archive, from which learned checks learn.",
)
@model_options
@click.option("--name", default="", help="What the report calls the set; default: the name of its file or folder.")
@runner_options
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def lint(files: tuple[str, ...], out: str, as_json: bool, **given: Any) -> None:
    """Look for faults in a set of questions, in one language and between languages.

    FILE… is one set: parquet, CSV, JSON lines, folders of these, a release, or a campaign. Exits 0 if nothing as
    grave as --severity was found, 1 if something was, 2 if the set cannot be read, 70 on an error of ours.
    """
    choice = runner_of(given)
    if not begin(files, out, given, beside=[given["baseline"], given["calibration"]]):
        return
    ask_for_name(files, given["name"])
    from flows.calibrations.model_paths import ModelPaths
    from flows.lint.linted_sets import Asked
    from flows.lint.linted_sets import lint as look
    from flows.runners.runner_choice import chosen
    from flows.terminal.progress_bar import show_progress

    names = ("source_language", "severity", "profile", "digits", "require_judged", "baseline", "fix")
    bar, tell = show_progress()
    with bar, chosen(choice):
        done = look(
            files,
            out,
            Asked(
                **{name: given[name] for name in names},
                calibration=given["calibration"],
                models=ModelPaths(given["encoder"], given["qe"], given["lid_model"]),
            ),
            columns=columns_of(given),
            name=given["name"],
            tell=tell,
        )
    end(done, as_json=as_json)
