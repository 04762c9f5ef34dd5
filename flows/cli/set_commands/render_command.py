"""The command `belebele render`: its options and exit codes."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.set_commands.column_options import column_options, columns_of
from flows.cli.set_commands.set_command import ask_for_name, begin, end


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE…]")
@click.option("--autonyms", is_flag=True, help="Draw, in place of a set, the name of each language in itself.")
@click.option("--out", default="", help="The folder for pages, card and contact sheet.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn; default: all of the set.")
@click.option(
    "--part",
    type=click.Choice(["passage", "page"]),
    default="passage",
    show_default=True,
    help="The passage alone, or passage, question and options.",
)
@click.option(
    "--resolution", default="448", show_default=True, help="224 or 448 for squares, a4@DPI for a sheet, as a4@150."
)
@click.option(
    "--font",
    default="sans",
    show_default=True,
    metavar="STYLE|FAMILY[,…]",
    help="sans, serif, nastaliq, or a family; of several, each page gets one.",
)
@click.option(
    "--size",
    default="fit",
    show_default=True,
    metavar="fit|PIXELS[,…]",
    help="Of the letters, in pixels to the em; of several, each page gets one.",
)
@click.option(
    "--degrade",
    default="",
    metavar="KIND=AMOUNT[,…]",
    help="skew (degrees), blur (pixels), contrast (share left), noise (grey levels), jpeg (quality); or mixed.",
)
@click.option("--seed", default=0, show_default=True, help="Of what is drawn by chance.")
@click.option("--name", default="", help="What the card calls the set; default: the name of its file or folder.")
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print what rendering.json says.")
def render(files: tuple[str, ...], autonyms: bool, out: str, as_json: bool, **given: Any) -> None:
    """Draw the texts of a set as page images, in every script, with the place of every word.

    FILE… is one set: parquet, CSV, JSON lines, folders of these, a release, or a campaign. Exits 0 if every item
    has a page, 1 if some have none (problems.jsonl says why), 2 if nothing can be drawn, 70 on an error of ours.
    """
    if bool(files) == autonyms:
        raise click.UsageError("name a set's files, a release or a campaign, or say --autonyms")
    if not begin(files, out, given, beside=[]):
        return
    if files:
        ask_for_name(files, given["name"])
    from data.images.degradations import MIXED, degradation
    from data.images.page_settings import PageSettings, resolution, size_of
    from flows.rendering.rendered_sets import render as draw
    from flows.terminal.progress_bar import show_progress

    if given["degrade"] != MIXED:
        degradation(given["degrade"])
    settings = PageSettings(
        resolution(given["resolution"]).name,
        given["part"],
        _listed(given["font"]) or ("sans",),
        tuple(map(size_of, _listed(given["size"]))) or ("fit",),
        given["degrade"],
        given["seed"],
    )
    bar, tell = show_progress()
    with bar:
        done = draw(
            files,
            out,
            settings,
            languages=_listed(given["languages"]),
            columns=columns_of(given),
            name=given["name"],
            tell=tell,
        )
    end(done, as_json=as_json)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))
