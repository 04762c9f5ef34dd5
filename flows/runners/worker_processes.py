"""Work on several languages at once, each in a process of this machine or wherever `runner_choice` says.

Judging a language and learning about one are reckoning, which threads of one Python cannot share; languages know
nothing of each other, so they can be dealt out. A process holds what is learned about the language it is at, and
reckons in one thread, as does this process where it works alone: so the results are the same to the last bit,
however many processes there are, and they come in the order of the languages. Only the caller writes. Starting a
process takes seconds, so little work stays here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context, parent_process
from threading import Thread
from typing import TypeVar

from data.errors import UsageError, WorkerDied
from flows.runners.runner_choice import ENGINES, runner_choice

P = TypeVar("P")
R = TypeVar("R")

PROCESSES = "BELEBELE_PROCESSES"
"""The variable for the most processes that work at once; by default as many as this machine has processors."""

WORTH = 1000
"""Fewest items to judge, or passages to learn from, for which further processes are started, or the cluster that
campaign.toml wants."""

_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def most_processes() -> int:
    """Return how many processes may work at once.

    Raises:
        UsageError: `BELEBELE_PROCESSES` is no whole number above 0.
    """
    given = os.environ.get(PROCESSES, "")
    if not given:
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not given.isdecimal() or not int(given):
        raise UsageError(f"{PROCESSES} must be a whole number of processes from 1 on, not {given!r}")
    return int(given)


def in_each_language(
    work: Callable[[P], R], parts: Mapping[str, P], amount: int, *, apart: bool = True
) -> Iterator[tuple[str, R]]:
    """Yield the result of each language's part, in the order of the parts.

    Args:
        work: a function of a module, or a `partial` of one, that writes nothing that others must find.
        parts: what it is called with, by language; sent to another process, so plain data or tables.
        amount: how much there is to do, in items or passages.
        apart: whether other processes can do it: no, if it rests on what only this one knows.

    Raises:
        WorkerDied: a process ended before it had answered.
    """
    choice = runner_choice()
    if choice.runner in ENGINES and apart and parts and (choice.asked_for_little or amount >= WORTH):
        from flows.runners.spread_languages import spread

        yield from spread(choice, work, parts, min(most_processes(), len(parts)))
        return
    several = apart and amount >= WORTH and choice.runner == "processes"
    processes = min(most_processes(), len(parts)) if several else 1
    if processes > 1:
        yield from _apart(work, parts, processes)
        return
    from threadpoolctl import threadpool_limits

    for language, part in parts.items():
        with threadpool_limits(1, "blas"):
            done = work(part)
        yield language, done


def _apart(work: Callable[[P], R], parts: Mapping[str, P], processes: int) -> Iterator[tuple[str, R]]:
    waiting = iter(parts.items())
    others = set(active_children())
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begun)
    asked: dict[str, Future[R]] = {}
    try:
        with _one_thread_each():  # processes start with the first parts, and read this when they do
            for language, part in islice(waiting, processes):
                asked[language] = _submitted(pool, work, part)
        while asked:
            first = next(iter(asked))
            result = asked[first].result()
            del asked[first]
            for language, part in islice(waiting, 1):  # one for each that is done, so that few wait in memory
                asked[language] = _submitted(pool, work, part)
            yield first, result
        pool.shutdown()
    except BrokenProcessPool:
        doing = ", ".join(asked)
        raise WorkerDied(
            f"a process that worked on {doing} was ended from outside, most often since memory ran out; nothing "
            f"of these languages was written. Run it again, with {PROCESSES}=1 if memory is short"
        ) from None
    finally:
        for process in set(active_children()) - others:  # none, unless something went wrong
            process.terminate()
        pool.shutdown(wait=False, cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, work: Callable[[P], R], part: P) -> Future[R]:
    try:
        return pool.submit(work, part)
    except OSError as error:  # another process ended while one was started for this part
        raise BrokenProcessPool(str(error)) from error


def _begun() -> None:
    """Leave an interruption from the keyboard to the process that started this one, and end when it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_the_caller, daemon=True).start()


def _end_with_the_caller() -> None:
    caller = parent_process()
    if caller is not None:
        caller.join()
        os._exit(1)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Have the processes that start within reckon in one thread each."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
