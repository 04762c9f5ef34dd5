"""The command `belebele vision`: what a model that reads pictures is made of, and training a tiny one."""

from __future__ import annotations

import click

from data.errors import UsageError
from flows.terminal.messages import print_json, tell


@click.command()
@click.option("--describe", is_flag=True, help="Tell the configuration and count the parameters.")
@click.option("--model", default="", metavar="FOLDER", help="Describe this model; default: Qwen-VL as published.")
@click.option(
    "--train", default="", metavar="PAGES", help="Train the tiny model on rendered pages: a folder of tables."
)
@click.option("--out", default="", metavar="FOLDER", help="Where the trained model is written.")
@click.option(
    "--captions", default="", metavar="FOLDER", help="Pictures and captions for stage 1: webdataset shards."
)
@click.option("--pace", default=1.0, show_default=True, help="A factor for the number of updates of each stage.")
@click.option("--seed", default=0, show_default=True, help="Of weights and samples.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def vision(
    describe: bool,
    model: str,
    train: str,
    out: str,
    captions: str,
    pace: float,
    seed: int,
    device: str,
    as_json: bool,
) -> None:
    """Describe a model that reads pictures, or train a tiny one on rendered pages.

    The model is built as Qwen-VL is: an image encoder, an adapter, a language model. Training carries the tiny
    model through its stages in minutes, on two cores, and tells how well it reads words that it has never seen.
    """
    if describe == bool(train):
        raise UsageError("say either --describe, or --train PAGES --out FOLDER")
    if describe:
        from flows.vision.vision_description import description, description_lines

        told = description(model)
        print_json(told) if as_json else tell(description_lines(told))
        return
    if not out:
        raise UsageError("--train needs --out, the folder where the model is written")
    if model:
        raise UsageError("--train begins with fresh weights; --model belongs to --describe")
    from flows.terminal.progress_bar import show_progress
    from flows.vision.vision_training import reading_lines, report, train_on_pages

    bar, told_so_far = show_progress()
    with bar:
        lessons, pictures = train_on_pages(
            train, out, captions=captions, pace=pace, seed=seed, device=device, tell=told_so_far
        )
    if as_json:
        print_json(report(lessons, pictures))
    else:
        tell([*pictures.problems, *reading_lines(lessons), f"the model is in {out}"])
