"""Runs of `belebele advance` and `belebele release`: recorded by Prefect where its server answers, plain
otherwise.

A dead orchestrator must not stop the work, and a campaign without one must not wait for Prefect to be imported.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from data.campaign.campaign import Campaign
from data.storage import absolute
from flows.advance import advance, idle_progress, preview, still_idle
from flows.health.advance_record import counted, counted_if_run
from flows.progress import Progress
from flows.release import ReleaseResult, release_campaign
from flows.reports.lead_page.kept_lead_page import is_old
from flows.services.prefect_server import kept_apart
from flows.services.running_servers import prefect_api


def run_advance(address: str, *, full: bool = False, dry_run: bool = False) -> Progress:
    """Advance a campaign once.

    Args:
        address: the campaign's folder or object-store address.
        full: read everything on the servers, not only what changed.
        dry_run: only report what would be done; write nothing to the ledger or a server.
    """
    if dry_run:
        return preview(address, full=full)
    if (api_url := _recorder(address)) is None:
        return counted(address, lambda: _unrecorded(address, full=full))
    if not full and (progress := counted_if_run(address, lambda: idle_progress(address))) is not None:
        # Importing Prefect takes as long as the look, and there is nothing to record.
        progress.add_problems(_renewed(address))
        return progress
    whole = absolute(address)
    with kept_apart(api_url):
        from flows.deployments import advance_recorded

        return advance_recorded(whole, full=full)


def _unrecorded(address: str, *, full: bool) -> Progress:
    if not full and (progress := still_idle(address)) is not None:
        progress.add_problems(_renewed(address))
        return progress
    done = advance(address, full=full)
    if done.idle:
        done.add_problems(_renewed(address))
    elif not done.busy:
        from flows.reports.lead_page.lead_page_file import deliver_page, keep_page  # slow to import

        keep_page(address)
        done.add_problems(deliver_page(address))
    return done


def _renewed(address: str) -> list[str]:
    """Renew the lead's page after a run that did nothing; return what failed."""
    if not is_old(address):
        return []
    from flows.reports.lead_page.lead_page_file import renew_page  # slow to import

    return renew_page(address)


def run_release(address: str, version: str, out: str, **options: Any) -> ReleaseResult:
    """Write a release; arguments as of `flows.release.release_campaign`."""
    if (api_url := _recorder(address)) is None:
        return release_campaign(address, version, out, **options)
    whole, to = absolute(address), str(Path(out).absolute())
    with kept_apart(api_url):
        from flows.deployments import release_recorded

        return release_recorded(whole, version, to, **options)


def run_publish(
    folder: str, to: str, *, go: bool, since: str, tell: Callable[[str, int, int], None]
) -> dict[str, Any]:
    """Publish a release and return `lines` and `facts`; arguments as of `publish_release`.

    A run that is recorded tells of no progress: Prefect keeps what a flow is given, and a function cannot be kept.
    """
    if (api_url := prefect_api()) is None:
        from flows.publication.publication import publish_release

        done = publish_release(folder, to, go=go, since=since, tell=tell)
        return {"lines": done.lines, "facts": done.facts()}
    with kept_apart(api_url):
        from flows.deployments import publish_recorded

        return publish_recorded(str(Path(folder).absolute()), to, go=go, since=since)


def _recorder(address: str) -> str | None:
    """Return the address of the Prefect server to report to, if one answers."""
    Campaign.load(address)  # its errors are for the user, not for the recorded run
    return prefect_api()
