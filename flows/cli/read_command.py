"""The command `belebele read`: its options and exit codes."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.set_commands.set_command import end


@click.command()
@click.argument("images", metavar="IMAGES")
@click.option("--model", default="", metavar="FOLDER", help="The model: ours, or one that transformers opens.")
@click.option("--out", default="", metavar="FOLDER", help="The folder for answers and report.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn; default: all that were drawn.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print what report.json says.")
def read(images: str, model: str, out: str, as_json: bool, **given: Any) -> None:
    """Let a model answer items from pictures of their passages, and say what it owes to reading.

    IMAGES is a folder that `belebele render` wrote. Each item is answered from its picture, from the text in its
    place, with a blank picture and with another passage's. Exits 0 if every page was answered, 1 if some cannot be
    read (problems.jsonl says why), 2 if nothing can be, 70 on an error of ours.
    """
    for option, value in (("--model", model), ("--out", out)):
        if not value:
            raise click.MissingParameter(param_hint=f"'{option}'", param_type="option")
    from flows.reading.image_reading import read_images
    from flows.terminal.progress_bar import show_progress

    languages = tuple(filter(None, (one.strip() for one in given["languages"].split(","))))
    bar, tell = show_progress()
    with bar:
        done = read_images(images, model, out, languages=languages, device=given["device"], tell=tell)
    end(done, as_json=as_json)
