"""A progress bar on the terminal's error stream, for commands that read and judge for more than a moment."""

from __future__ import annotations

from collections.abc import Callable

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from flows.terminal.console import Terminal


def show_progress() -> tuple[Progress, Callable[[str, int, int], None]]:
    """Return the bar and the function that moves it, given the current work, the number done and the total."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Terminal(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=None)

    def tell(words: str, done: int, of: int) -> None:
        bar.update(task, description=words, completed=done, total=of)

    return bar, tell
