"""What `belebele advance` prints: a line for each step that did something, and what stood in the way."""

from __future__ import annotations

from rich.text import Text

from flows.cli.command_group import HERE, addressed
from flows.cli.terminal import Terminal
from flows.progress import Progress, lines


def show_progress(told: Progress, *, dry_run: bool = False, campaign: str = HERE) -> None:
    """Print what an advance did, one line a step, and what stood in its way.

    Args:
        told: what it did.
        dry_run: whether it only would have.
        campaign: as it was named to the program, for the commands that are shown.
    """
    console = Terminal()
    if told.busy:
        console.print(told.busy)
    elif told.idle:
        console.print("nothing to do")
    else:
        for line in lines(told):
            console.print(f"{'would have ' if dry_run else ''}{line}")
    for problem in dict.fromkeys(told.problems):
        words = Text.assemble(("not reached:", "yellow"), " ", addressed(problem, campaign))
        console.print(words, soft_wrap=True)
