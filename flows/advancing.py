"""`belebele advance` and `belebele release`: under Prefect's eyes where its server answers, plainly elsewhere.

A dead orchestrator must not stop the work, and a campaign without one must not wait for Prefect to be imported.
"""

from __future__ import annotations

import os
from typing import Any

from rich.text import Text

from data.campaign import Campaign
from data.environment import state_dir
from flows.advance import Progress, advance, foresee, rest
from flows.release import Made, release_campaign
from flows.servers import prefect_api, prefect_environment
from flows.terminal import Terminal


def run_advance(address: str, *, full: bool = False, dry_run: bool = False) -> Progress:
    """Advance a campaign once.

    Args:
        address: the campaign's folder or object-store address.
        full: look at everything on the servers, not only at what changed.
        dry_run: only say what would be done; nothing is written to the ledger or to a server.
    """
    if dry_run:
        return foresee(address, full=full)
    if not _recorded(address):
        return advance(address, full=full)
    if not full and (told := rest(address)) is not None:
        return told  # to import Prefect takes as long as the look, and there is nothing that it could record
    from flows.deployments import advance_recorded

    return advance_recorded(address, full=full)


def run_release(address: str, version: str, out: str, **options: Any) -> Made:
    """Write a release; arguments as of `flows.release.release_campaign`."""
    if not _recorded(address):
        return release_campaign(address, version, out, **options)
    from flows.deployments import release_recorded

    return release_recorded(address, version, out, **options)


def _recorded(address: str) -> bool:
    """Whether a Prefect server answers; if so, this process is made ready to report to it."""
    Campaign.load(address)  # what is wrong with it is for the person at the keyboard, not for the record
    api_url = prefect_api()
    if api_url is None:
        return False
    os.environ.update(prefect_environment(state_dir() / "prefect", api_url))
    # What goes wrong is told at the end by whoever called; Prefect would tell it a second time, with a traceback.
    os.environ["PREFECT_LOGGING_LEVEL"] = "CRITICAL"
    return True


def show_progress(told: Progress, *, dry_run: bool = False) -> None:
    """Print what an advance did, one line a step, and what stood in its way."""
    console = Terminal()
    if told.busy:
        console.print(told.busy)
    elif told.idle:
        console.print("nothing to do")
    else:
        for line in lines(told):
            console.print(f"{'would have ' if dry_run else ''}{line}")
    for problem in told.problems:
        console.print(Text.assemble(("not reached:", "yellow"), " ", problem))


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
