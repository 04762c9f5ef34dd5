"""`belebele advance`: under Prefect's eyes where its server answers, as the plain function where none does."""

from __future__ import annotations

import os

from rich.console import Console

from data.campaign import state_dir
from flows.advance import Progress, advance, foresee
from flows.servers import prefect_api, prefect_environment


def run_advance(address: str, *, full: bool = False, dry_run: bool = False) -> Progress:
    """Advance a campaign once.

    Args:
        address: the campaign's folder or object-store address.
        full: look at everything on the servers, not only at what changed.
        dry_run: only say what would be done; nothing is written to the ledger or to a server.
    """
    if dry_run:
        return foresee(address, full=full)
    api_url = prefect_api()
    if api_url is None:
        return advance(address, full=full)
    os.environ.update(prefect_environment(state_dir() / "prefect", api_url))
    from flows.deployments import run_recorded

    return run_recorded(address, full=full)


def show_progress(told: Progress, *, dry_run: bool = False) -> None:
    """Print what an advance did, one line a step, and what stood in its way."""
    console = Console()
    if told.idle:
        console.print("nothing to do")
    else:
        for line in lines(told):
            console.print(f"{'would have ' if dry_run else ''}{line}", highlight=False)
    for problem in told.problems:
        console.print(f"[yellow]not reached:[/yellow] {problem}", highlight=False)


def lines(told: Progress) -> list[str]:
    """What an advance did, in words, without what it did not do."""
    decided = ", ".join(f"{count} {outcome}" for outcome, count in sorted(told.decisions.items()))
    parts = [
        (told.passages, f"recorded {told.passages} passages of the source"),
        (
            told.annotations,
            f"collected {told.annotations} submissions: {told.questions} questions, "
            f"{told.translations} translations",
        ),
        (told.verdicts, f"recorded {told.verdicts} verdicts, {told.flagged} of the checks' flagged"),
        (decided, f"decided {decided}"),
        (told.opened, f"opened {told.opened} tasks"),
        (told.closed, f"closed {told.closed} tasks that nobody needs any more"),
        (told.pushed, f"brought {told.pushed} tasks to the servers"),
        (told.removed, f"took {told.removed} tasks off the servers"),
    ]
    return [words for count, words in parts if count]
