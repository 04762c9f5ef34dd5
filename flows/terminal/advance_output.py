"""The output of `belebele advance`: a line for each step that did something, and the problems."""

from __future__ import annotations

from rich.text import Text

from flows.cli.command_group import HERE, addressed
from flows.progress import Progress, lines
from flows.terminal.console import Terminal


def show_progress(progress: Progress, *, dry_run: bool = False, campaign: str = HERE) -> None:
    """Print the steps of an advance, one a line, and its problems.

    Args:
        progress: the advance's steps and problems.
        dry_run: whether it was a dry run.
        campaign: the campaign's name on the command line, for the commands in the output.
    """
    console = Terminal()
    if progress.busy:
        console.print(progress.busy)
    elif progress.idle:
        console.print("nothing to do")
    else:
        for line in lines(progress):
            console.print(f"{'would have ' if dry_run else ''}{line}")
    for problem in dict.fromkeys(progress.problems):
        words = Text.assemble(("not reached:", "yellow"), " ", addressed(problem, campaign))
        console.print(words, soft_wrap=True)
