"""`belebele advance` and `belebele release`: under Prefect's eyes where its server answers, plainly elsewhere.

A dead orchestrator must not stop the work, and a campaign without one must not wait for Prefect to be imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.text import Text

from data.campaign.campaign import Campaign
from data.storage import absolute
from flows.advance import Progress, advance, foresee, rest
from flows.cli.command_group import HERE, addressed
from flows.cli.terminal import Terminal
from flows.release import Made, release_campaign
from flows.services.prefect_server import kept_apart
from flows.services.running_servers import prefect_api


def run_advance(address: str, *, full: bool = False, dry_run: bool = False) -> Progress:
    """Advance a campaign once.

    Args:
        address: the campaign's folder or object-store address.
        full: look at everything on the servers, not only at what changed.
        dry_run: only say what would be done; nothing is written to the ledger or to a server.
    """
    if dry_run:
        return foresee(address, full=full)
    if (api_url := _recorder(address)) is None:
        return advance(address, full=full)
    if not full and (told := rest(address)) is not None:
        return told  # to import Prefect takes as long as the look, and there is nothing that it could record
    whole = absolute(address)
    with kept_apart(api_url):
        from flows.deployments import advance_recorded

        return advance_recorded(whole, full=full)


def run_release(address: str, version: str, out: str, **options: Any) -> Made:
    """Write a release; arguments as of `flows.release.release_campaign`."""
    if (api_url := _recorder(address)) is None:
        return release_campaign(address, version, out, **options)
    whole, to = absolute(address), str(Path(out).absolute())
    with kept_apart(api_url):
        from flows.deployments import release_recorded

        return release_recorded(whole, version, to, **options)


def _recorder(address: str) -> str | None:
    """The address of the Prefect server to report to, if one answers."""
    Campaign.load(address)  # what is wrong with it is for the person at the keyboard, not for the record
    return prefect_api()


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


def lines(told: Progress) -> list[str]:
    """What an advance did, in words, without what it did not do."""
    collected = [(told.questions, "question"), (told.translations, "translation")]
    among = ", ".join(counted(count, what) for count, what in collected if count)
    decided = ", ".join(f"{count} {outcome}" for outcome, count in sorted(told.decisions.items()))
    flagged = f"; the checks flagged {told.flagged}" if told.flagged else ""
    everywhere = told.pushed == told.opened
    parts = [
        (told.passages, f"recorded {counted(told.passages, 'passage')} of the source"),
        (
            told.annotations,
            f"collected {counted(told.annotations, 'submission')}{f' ({among})' if among else ''}",
        ),
        (told.restored, f"made {counted(told.restored, 'event')} again that had been lost"),
        (told.altered, f"put right {counted(told.altered, 'page')} that somebody had changed: belebele status"),
        (told.verdicts, f"recorded {counted(told.verdicts, 'verdict')}{flagged}"),
        (decided, f"decided {decided}"),
        (told.opened, f"opened {counted(told.opened, 'task')}{' on the servers' if everywhere else ''}"),
        (told.closed, f"closed {counted(told.closed, 'task')} that nobody needs any more"),
        (told.pushed and not everywhere, f"brought {counted(told.pushed, 'task')} to the servers"),
        (told.removed, f"took {counted(told.removed, 'task')} off the servers"),
    ]
    return [words for count, words in parts if count]


def counted(count: int, what: str) -> str:
    """The count and the noun, in the plural where it is one.

    >>> counted(1, "task"), counted(24, "task")
    ('1 task', '24 tasks')
    """
    return f"{count} {what}{'' if count == 1 else 's'}"
