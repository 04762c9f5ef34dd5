"""The campaign's work as Prefect sees it: two flows, their artifacts, and their schedule.

Entry points by module path: `flows.deployments.advance_campaign`, `flows.deployments.release_campaign`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from data.campaign import Campaign
from data.errors import ServerError
from data.ledger import Ledger
from data.storage import absolute
from flows import release
from flows.advance import Progress, Step, advance
from flows.advancing import lines
from flows.servers import servers_of
from flows.state import State
from flows.status import progress_frame

Facts = dict[str, Any]


def _as_task(step: Step, *arguments: Any, **keywords: Any) -> Any:
    """Run a step as a Prefect task of its own name; its arguments are the campaign's and stay out of Prefect."""
    name = step.__name__.replace("_", "-")
    as_task: Step = task(name=name, cache_policy=NO_CACHE, persist_result=False)(
        lambda: step(*arguments, **keywords)
    )
    return as_task()


@flow(name="advance", flow_run_name="advance {address}", validate_parameters=False)
def advance_campaign(address: str, full: bool = False) -> Facts:
    """Move a campaign as far as it can go today.

    Args:
        address: the campaign's folder or object-store address.
        full: look at everything on the servers, not only at what changed.

    Returns:
        The fields of `flows.advance.Progress`.
    """
    told = advance(address, full=full, step=_as_task)
    if not told.idle:
        _show(address, told)
    return told.__dict__


@flow(name="release", flow_run_name="release {version} of {address}", validate_parameters=False)
def release_flow(address: str, version: str, out: str, **options: Any) -> Facts:
    """Write a release of a campaign; options as of `flows.release.release_campaign`."""
    made = release.release_campaign(address, version, out, **options)
    create_markdown_artifact(
        "\n".join(f"- {line}" for line in made.lines),
        key=f"release-{Campaign.load(address).id}",
        description=f"Release {version}",
    )
    return {"lines": made.lines, "facts": made.facts}


def _show(address: str, told: Progress) -> None:
    """What was done, the progress table and the links to the workbenches, as artifacts."""
    campaign = Campaign.load(address)
    did = [*lines(told), *(f"not reached: {problem}" for problem in told.problems)]
    create_markdown_artifact(
        "\n".join(f"- {line}" for line in did), key=f"advance-{campaign.id}", description="What this run did"
    )
    frame = progress_frame(State(campaign, Ledger(address)))
    create_table_artifact(
        [{str(k): v for k, v in line.items()} for line in frame.to_dict("records")],
        key=f"progress-{campaign.id}",
        description="Work per stage and language",
    )
    table = ["| workbench | server | tasks |", "| --- | --- | ---: |"]
    for name, server in servers_of(campaign).items():
        try:
            found = sorted(server.workbenches(f"{campaign.id}/").items())
        except ServerError as error:
            table.append(f"| not reached: {error} | {name} | |")
            continue
        table += [f"| [{title}]({server.url}/projects/{w.id}/data) | {name} | {w.tasks} |" for title, w in found]
    create_markdown_artifact("\n".join(table), key=f"workbenches-{campaign.id}", description="Where people work")


def serve(address: str, ready: str) -> None:
    """Serve the campaign's `advance` on its schedule until the process is stopped.

    Args:
        address: the campaign's, as understood in any folder.
        ready: a file that is made as soon as Prefect knows the schedule.
    """
    campaign = Campaign.load(address)
    runner = Runner(name=campaign.id, limit=1)
    runner.add_flow(
        advance_campaign,
        name=campaign.id,
        schedules=[Cron(campaign.schedule.cron, timezone=campaign.schedule.timezone)],
        parameters={"address": address},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    Path(ready).touch()
    asyncio.run(runner.start())


def advance_recorded(address: str, *, full: bool) -> Progress:
    """Run `advance` as a flow run that Prefect's server records."""
    return Progress(**advance_campaign(absolute(address), full=full))


def release_recorded(address: str, version: str, out: str, **options: Any) -> release.Made:
    """Write a release as a flow run that Prefect's server records."""
    return release.Made(**release_flow(absolute(address), version, out, **options))
