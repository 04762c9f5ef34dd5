"""The campaign's work in Prefect: two flows, their artifacts, and their schedule.

Entry points by module path: `flows.deployments.advance_campaign`, `flows.deployments.release_flow`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from uuid import UUID

import httpx
from prefect import flow, get_client, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import FlowRunFilter
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from prefect.logging import get_logger
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from data.campaign.campaign import Campaign
from data.errors import ServerError, UsageError
from data.ledger import Ledger
from data.storage import absolute
from flows import release
from flows.advance import advance, idle_progress
from flows.campaign_state import State
from flows.health.advance_record import counted
from flows.health.schedule_metrics import write_schedule_metrics
from flows.progress import Progress, lines
from flows.publication.publication import publish_release
from flows.reports.lead_page.kept_lead_page import kept_page
from flows.reports.lead_page.lead_page_file import deliver_page, keep_page, renew_page
from flows.reports.status import progress_frame
from flows.services import schedule
from flows.services.running_servers import servers_of
from qc.reports.lead_report.lead_markdown import markdown

Facts = dict[str, Any]
P = ParamSpec("P")
R = TypeVar("R")

LOOK = 10.0
"""Seconds between two looks at what Prefect's server has planned."""


def _as_task(step: Callable[P, R], /, *arguments: P.args, **keywords: P.kwargs) -> R:
    """Run a step as a Prefect task of its own name; its arguments are not passed to Prefect."""
    name = step.__name__.replace("_", "-")
    return task(name=name, cache_policy=NO_CACHE, persist_result=False)(lambda: step(*arguments, **keywords))()


@flow(name="advance", flow_run_name="advance {address}", validate_parameters=False)
def advance_campaign(address: str, full: bool = False) -> Facts:
    """Move a campaign as far as it can go today.

    Args:
        address: the campaign's folder or object-store address.
        full: read everything on the servers, not only what changed.

    Returns:
        The fields of `flows.progress.Progress`.
    """

    def work() -> Progress:
        # Most runs find nothing to do; they leave one row in Prefect's database instead of one per step.
        progress = None if full else idle_progress(address)
        if progress is None:
            progress = advance(address, full=full, step=_as_task)
            if not progress.idle:
                _show(address, progress)
        if progress.idle:
            progress.add_problems(renew_page(address))
        return progress

    due = _due()
    return counted(address, lambda: schedule.recorded(address, due, work) if due else work()).__dict__


def _due() -> datetime | None:
    """Return when the schedule wanted this run; None if somebody else started it."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    return _time(run.expected_start_time) if run and run.auto_scheduled else None


def _time(moment: datetime | None) -> datetime | None:
    """Return a plain datetime; on Python 3.11 and 3.12 Prefect uses a class of its own."""
    return datetime.fromtimestamp(moment.timestamp(), UTC) if moment else None


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


@flow(name="publish", flow_run_name="publish {folder} to {to}", validate_parameters=False)
def publish_flow(folder: str, to: str, **options: Any) -> Facts:
    """Publish a release; options as of `publish_release`. Card and changes are artifacts."""
    done = publish_release(folder, to, **options)
    create_markdown_artifact(done.card, key="release-card", description=f"The card of release {done.version}")
    create_markdown_artifact(
        "\n".join(f"- {line}" for line in done.lines), key="release-changes", description="What was sent"
    )
    return {"lines": done.lines, "facts": done.facts()}


def _show(address: str, progress: Progress) -> None:
    """Publish what was done, the lead's page in short, the progress table and the workbenches as artifacts."""
    campaign = Campaign.load(address)
    create_markdown_artifact(
        markdown(keep_page(address)),
        key=f"lead-{campaign.id}",
        description=f"For the lead; as a page: {kept_page(address)}",
    )
    progress.add_problems(deliver_page(address))
    did = [*lines(progress), *(f"not reached: {problem}" for problem in progress.problems)]
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
        address: the campaign's, valid from any folder.
        ready: a file to create as soon as Prefect knows the schedule.
    """
    campaign = Campaign.load(address)
    runner = Runner(name=campaign.id, limit=1)
    added = runner.add_flow(
        advance_campaign,
        name=campaign.id,
        schedules=[Cron(campaign.schedule.cron, timezone=campaign.schedule.timezone)],
        parameters={"address": address},
        entrypoint_type=EntrypointType.MODULE_PATH,
        paused=False,
    )
    now = datetime.now(UTC)
    with schedule.kept(address) as note:
        note(schedule.Plan(since=now, heard=now))
        Path(ready).touch()

        def heard(plan: schedule.Plan) -> None:
            note(plan)
            write_schedule_metrics(address, campaign.id, plan)

        asyncio.run(_run(runner, cast("UUID", added), heard))  # outside a running loop it returns the id itself


async def _run(runner: Runner, deployment: UUID, note: Callable[[schedule.Plan], None]) -> None:
    async with get_client() as client:
        await _forgo(client, deployment)
    watch = asyncio.create_task(_watch(deployment, note))
    try:
        await runner.start()
    finally:
        watch.cancel()


async def _watch(deployment: UUID, note: Callable[[schedule.Plan], None]) -> None:
    """Keep recording what Prefect's server has planned; record nothing while it does not answer."""
    plan = schedule.Plan(since=datetime.now(UTC), heard=datetime.now(UTC))
    while True:
        try:
            async with get_client() as client:
                plan = await _heard(client, deployment, plan)
            note(plan)
        except (httpx.HTTPError, PrefectException, OSError, UsageError) as error:
            get_logger("schedule").warning("Prefect's server was not heard, or its plan not written: %r", error)
        await asyncio.sleep(LOOK)


async def _heard(client: PrefectClient, deployment: UUID, before: schedule.Plan) -> schedule.Plan:
    """Return the deployment as the server describes it now."""
    now = datetime.now(UTC)
    known = await client.read_deployment(deployment)
    late = await _forgo(client, deployment)
    due = await _of_schedule(client, deployment, ["SCHEDULED"], {"after_": now})
    lost = await _of_schedule(client, deployment, ["FAILED", "CRASHED"], {}, FlowRunSort.EXPECTED_START_TIME_DESC)
    return schedule.Plan(
        since=before.since,
        heard=now,
        next=_time(due[0].expected_start_time) if due else None,
        late=(before.late or late) if late else None,
        paused=known.paused or not any(one.active for one in known.schedules),
        lost=_time(lost[0].expected_start_time) if lost else None,
        lost_at=_time(lost[0].end_time) if lost else None,
        lost_because=(lost[0].state.message or lost[0].state.name or "") if lost and lost[0].state else "",
    )


async def _forgo(client: PrefectClient, deployment: UUID) -> datetime | None:
    """Cancel all missed runs but the latest, which does the work of all; return when the first was due."""
    late = await _of_schedule(client, deployment, ["SCHEDULED"], {"before_": datetime.now(UTC)})
    for run in late[:-1]:
        await client.delete_flow_run(run.id)
    return _time(late[0].expected_start_time) if late else None


async def _of_schedule(
    client: PrefectClient,
    deployment: UUID,
    states: list[str],
    expected: dict[str, datetime],
    order: FlowRunSort = FlowRunSort.EXPECTED_START_TIME_ASC,
) -> list[FlowRun]:
    """Return the scheduled runs in one of these states, at most one page of them."""
    wanted = FlowRunFilter.model_validate(
        {
            "deployment_id": {"any_": [deployment]},
            "state": {"type": {"any_": states}},
            **({"expected_start_time": expected} if expected else {}),
        }
    )
    return [run for run in await client.read_flow_runs(flow_run_filter=wanted, sort=order) if run.auto_scheduled]


def advance_recorded(address: str, *, full: bool) -> Progress:
    """Run `advance` as a flow run that Prefect's server records."""
    return Progress(**advance_campaign(absolute(address), full=full))


def publish_recorded(folder: str, to: str, **options: Any) -> Facts:
    """Publish a release as a flow run that Prefect's server records."""
    return cast("Facts", publish_flow(folder, to, **options))


def release_recorded(address: str, version: str, out: str, **options: Any) -> release.ReleaseResult:
    """Write a release as a flow run that Prefect's server records."""
    return release.ReleaseResult(**release_flow(absolute(address), version, out, **options))
