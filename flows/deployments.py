"""The campaign's work as Prefect sees it: two flows, their artifacts, and their schedule.

Entry points by module path: `flows.deployments.advance_campaign`, `flows.deployments.release_campaign`.
"""

from __future__ import annotations

from typing import Any

from prefect import flow, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from data.campaign import Campaign
from data.ledger import Ledger
from flows import release
from flows.advance import Progress, Runner, Step, advance
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


def _run_name() -> str:
    return f"advance-{Campaign.load(str(flow_run.parameters['address'])).id}"


@flow(name="advance", flow_run_name=_run_name, validate_parameters=False)
def advance_campaign(address: str, full: bool = False) -> Facts:
    """Move a campaign as far as it can go today.

    Args:
        address: the campaign's folder or object-store address.
        full: look at everything on the servers, not only at what changed.

    Returns:
        The fields of `flows.advance.Progress`.
    """
    run: Runner = _as_task
    told = advance(address, full=full, step=run)
    if not told.idle:
        _show(address)
    return told.__dict__


@flow(name="release", validate_parameters=False)
def release_flow(address: str, version: str, out: str, **options: Any) -> Facts:
    """Write a release of a campaign; options as of `flows.release.release_campaign`."""
    made = release.release_campaign(address, version, out, **options)
    create_markdown_artifact(
        "\n".join(f"- {line}" for line in made.lines), key="release", description=f"Release {version}"
    )
    return dict(made.facts)


def _show(address: str) -> None:
    """The progress table and the links to the workbenches, as artifacts."""
    campaign = Campaign.load(address)
    state = State(campaign, Ledger(address))
    frame = progress_frame(state)
    create_table_artifact(
        [{str(k): v for k, v in line.items()} for line in frame.to_dict("records")],
        key=f"progress-{campaign.id}",
        description="Work per stage and language",
    )
    links = []
    for name, server in servers_of(campaign).items():
        for title, workbench in sorted(server.workbenches(f"{campaign.id}/").items()):
            links.append(f"| [{title}]({server.url}/projects/{workbench.id}/data) | {name} | {workbench.tasks} |")
    table = "\n".join(["| workbench | server | tasks |", "| --- | --- | ---: |", *links])
    create_markdown_artifact(table, key=f"workbenches-{campaign.id}", description="Where people work")


def serve(address: str) -> None:
    """Serve the campaign's `advance` on its schedule until the process is stopped."""
    campaign = Campaign.load(address)
    advance_campaign.serve(
        name=campaign.id,
        cron=campaign.schedule.cron,
        parameters={"address": address},
        limit=1,
        print_starting_message=False,
    )


def run_recorded(address: str, *, full: bool) -> Progress:
    """Run `advance` as a flow run that Prefect's server records."""
    return Progress(**advance_campaign(address, full=full))
