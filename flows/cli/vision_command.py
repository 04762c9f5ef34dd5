"""The command `belebele vision`: what a model that reads pictures is made of, and training a tiny one."""

from __future__ import annotations

import click

from data.errors import UsageError
from flows.terminal.messages import print_json, tell


@click.command()
@click.option("--describe", is_flag=True, help="Tell the configuration and count the parameters.")
@click.option(
    "--model",
    default="",
    metavar="FOLDER",
    help="The model to describe, default: Qwen-VL as published; or to begin training with, default: a tiny one "
    "with fresh weights.",
)
@click.option("--train", default="", metavar="PAGES", help="Train a model on rendered pages: a folder of tables.")
@click.option(
    "--stages",
    default="",
    metavar="FILE",
    help="Stages in TOML, which --model needs; default: the tiny model's.",
)
@click.option("--out", default="", metavar="FOLDER", help="Where the trained model is written.")
@click.option(
    "--captions", default="", metavar="FOLDER", help="Pictures and captions for stage 1: webdataset shards."
)
@click.option("--pace", default=1.0, show_default=True, help="A factor for the number of updates of each stage.")
@click.option(
    "--at-once",
    type=click.IntRange(1),
    default=32,
    show_default=True,
    help="Samples of a batch in memory together; a smaller number needs less memory.",
)
@click.option("--seed", default=0, show_default=True, help="Of weights and samples.")
@click.option("--device", type=click.Choice(["auto", "cpu", "cuda"]), default="auto", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def vision(
    describe: bool,
    model: str,
    train: str,
    stages: str,
    out: str,
    captions: str,
    pace: float,
    at_once: int,
    seed: int,
    device: str,
    as_json: bool,
) -> None:
    """Describe a model that reads pictures, or train one on rendered pages.

    The model is built as Qwen-VL is: an image encoder, an adapter, a language model. Training carries a tiny
    model through its stages in minutes, on two cores, or your own model through yours, and tells how well it reads
    words that it has never seen.
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
    if model and not stages:
        raise UsageError("--model needs --stages FILE too: the tiny model's stages are no other's")
    from flows.terminal.progress_bar import show_progress
    from flows.vision.vision_training import reading_lines, report, train_on_pages

    bar, told_so_far = show_progress()
    with bar:
        lessons, pictures = train_on_pages(
            train,
            out,
            start=model,
            stages_file=stages,
            captions=captions,
            pace=pace,
            at_once=at_once,
            seed=seed,
            device=device,
            tell=told_so_far,
        )
    if as_json:
        print_json(report(lessons, pictures))
    else:
        tell([*pictures.problems, *reading_lines(lessons), f"the model is in {out}"])
