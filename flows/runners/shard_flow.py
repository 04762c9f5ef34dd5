"""Shards as tasks of Prefect, on the task runners that Prefect has for Dask and Ray.

One task is one language. A worker that dies is replaced by the cluster, and its shard begins anew; progress and
what each shard cost are artifacts of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from logging import CRITICAL
from typing import Any
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import create_progress_artifact, create_table_artifact, update_progress_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import as_completed

from data.errors import BelebeleError, WorkerDied
from flows.runners.runner_choice import RunnerChoice
from flows.runners.shards import Cost, run_shard, surroundings

shard = task(name="shard", cache_policy=NO_CACHE, persist_result=False)(run_shard)


def run_shards(choice: RunnerChoice, address: str, work: str, parts: Mapping[str, str], workers: int) -> None:
    """Run a flow with a task for each language.

    Args:
        choice: the cluster.
        address: of the parcels.
        work: the name of the function's parcel.
        parts: the names of what it is called with, by language.
        workers: processes of a cluster that is started for this.

    Raises:
        WorkerDied: a shard was lost more often than the cluster begins it anew.
        BelebeleError: as the work raised it.
    """
    runner = _task_runner(choice, workers)
    shards.with_options(task_runner=runner)(address, work, dict(parts))


@flow(name="shards", validate_parameters=False)
def shards(address: str, work: str, parts: dict[str, str]) -> None:
    """Do the work on each language; arguments as of `run_shards`."""
    progress = create_progress_artifact(0.0, key="shards-done", description="Languages that are done")
    futures = {
        language: shard.with_options(task_run_name=language).submit(address, work, part, surroundings())
        for language, part in parts.items()
    }
    for done, _ in enumerate(as_completed(list(futures.values())), start=1):
        if isinstance(progress, UUID):
            update_progress_artifact(progress, 100 * done / len(futures))
    costs = {language: _cost(future, language) for language, future in futures.items()}
    table = [{"language": language, **asdict(cost)} for language, cost in costs.items()]
    create_table_artifact(table, key="shards", description="What each language cost")


def _task_runner(choice: RunnerChoice, workers: int) -> Any:
    """Return Prefect's task runner for a cluster that runs, or for one that ends with the work."""
    if choice.runner == "dask":
        from prefect_dask.task_runners import DaskTaskRunner

        if choice.scheduler:
            return DaskTaskRunner(address=choice.scheduler)
        few = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None, "silence_logs": CRITICAL}
        return DaskTaskRunner(cluster_kwargs=few)
    from prefect_ray.task_runners import RayTaskRunner

    if choice.scheduler:
        return RayTaskRunner(address=choice.scheduler)
    return RayTaskRunner(
        init_kwargs={"num_cpus": workers, "include_dashboard": False, "logging_level": "critical"}
    )


def _cost(future: Any, language: str) -> Cost:
    """Return a shard's cost.

    Raises:
        WorkerDied: its workers died.
        BelebeleError: what its work raised.
    """
    try:
        cost: Cost = future.result()
    except BelebeleError:
        raise
    except Exception as error:
        what = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0][:200]}"
        raise WorkerDied(
            f"the work on {language} was lost ({what}); what is finished is kept, and the same command goes on "
            "from there"
        ) from error
    return cost
