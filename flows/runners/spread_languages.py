"""Languages spread over a cluster: parcels out, a recorded run of Prefect's, parcels in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from data import storage
from data.environment import state_dir
from flows.runners.runner_choice import RunnerChoice
from flows.runners.shards import Parcels, result_name
from flows.services.prefect_server import PrefectServer, home, kept_apart
from flows.services.running_servers import prefect_api

P = TypeVar("P")
R = TypeVar("R")


def spread(
    choice: RunnerChoice, work: Callable[[P], R], parts: Mapping[str, P], workers: int
) -> Iterator[tuple[str, R]]:
    """Yield the result of each language's part, in the order of the parts, once all are done.

    Args:
        choice: Dask or Ray, and where.
        work: a function of a module, or a `partial` of one.
        parts: what it is called with, by language.
        workers: processes of a cluster that is started for this.

    Raises:
        WorkerDied: a shard was lost more often than the cluster begins it anew.
        BelebeleError: as the work raised it.
    """
    parcels = Parcels(storage.absolute(choice.shared or str(state_dir() / "shards")))
    doing = parcels.send(work)
    sent = {language: parcels.send(part) for language, part in parts.items()}
    with _recorded():
        from flows.runners.shard_flow import run_shards  # here, since it imports Prefect

        run_shards(choice, parcels.address, doing, sent, workers)
    for language, part in sent.items():
        yield language, parcels.fetch(result_name(doing, part))
        parcels.remove(result_name(doing, part))
        parcels.remove(part)
    parcels.remove(doing)


@contextmanager
def _recorded() -> Iterator[None]:
    """Have a Prefect server for the block: one that runs, or else one of ours that ends with it."""
    with ExitStack() as stack:
        if (url := prefect_api()) is None:
            server = PrefectServer(home())
            stack.callback(server.close)
            url = server.api_url
        stack.enter_context(kept_apart(url))
        yield
