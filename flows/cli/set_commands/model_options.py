"""The options that name models from elsewhere, the same for `calibrate` and `lint`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def model_options(command: Command) -> Command:
    """Give a command `--encoder`, `--qe` and `--lid-model`."""
    for option in (
        click.option(
            "--lid-model",
            default="",
            metavar="FILE",
            help="A fastText model that labels languages, such as GlotLID's or OpenLID's.",
        ),
        click.option(
            "--qe",
            default="",
            metavar="FOLDER",
            help="A quality-estimation model: a sequence classifier with one number for a pair.",
        ),
        click.option(
            "--encoder",
            default="",
            metavar="FOLDER",
            help="A multilingual sentence encoder, as transformers saves it.",
        ),
    ):
        command = option(command)
    return command
