"""A shard is done once, in one thread, and what is not whole counts as not there."""

from __future__ import annotations

import os
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from data.errors import ServerUnreachable, UsageError
from flows.runners.shards import Parcels, result_name, run_shard, surroundings
from tests.faulty_line import FaultyLine
from tests.object_store_fixture import object_store, stored_names


def doubled(marks: str, text: str) -> tuple[str, int]:
    with Path(marks).open("a") as file:
        file.write("x")
    return text * 2, max((one["num_threads"] for one in threadpool_info()), default=1)


def sent(tmp_path: Path) -> tuple[Parcels, str, str]:
    parcels = Parcels(str(tmp_path / "parcels"))
    return parcels, parcels.send(partial(doubled, str(tmp_path / "marks"))), parcels.send("ab")


def test_a_shard_is_done_once(tmp_path: Path) -> None:
    parcels, work, part = sent(tmp_path)
    first = run_shard(parcels.address, work, part, surroundings())
    again = run_shard(parcels.address, work, part, surroundings())
    assert parcels.fetch(result_name(work, part)) == ("abab", 1)
    assert (first.kept, again.kept) == (False, True)
    assert (tmp_path / "marks").read_text() == "x"
    assert sent(tmp_path)[1:] == (work, part)


def test_a_result_that_is_not_whole_is_made_anew(tmp_path: Path) -> None:
    parcels, work, part = sent(tmp_path)
    run_shard(parcels.address, work, part, surroundings())
    file = tmp_path / "parcels" / result_name(work, part)
    file.write_bytes(file.read_bytes()[:-3])
    assert not run_shard(parcels.address, work, part, surroundings()).kept
    assert parcels.fetch(result_name(work, part))[0] == "abab"


def test_a_worker_that_reaches_nothing_or_is_of_another_version_says_so(tmp_path: Path) -> None:
    parcels, work, part = sent(tmp_path)
    with pytest.raises(UsageError, match="do all workers reach it"):
        run_shard(str(tmp_path / "elsewhere"), work, part, surroundings())
    with pytest.raises(UsageError, match=r"has belebele-maker .* install the same on both"):
        run_shard(parcels.address, work, part, "belebele-maker 0.0.1")


def test_parcels_are_removed(tmp_path: Path) -> None:
    parcels, work, part = sent(tmp_path)
    for name in (work, part, part):
        parcels.remove(name)
    assert list((tmp_path / "parcels").iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["down", "lost", "500", "refused", "slow"])
def test_a_store_that_fails_now_and_then_loses_and_doubles_nothing(
    fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every kind of request fails the first time that it is made."""
    with object_store(monkeypatch) as bucket, FaultyLine(os.environ["AWS_ENDPOINT_URL"], delay=1.0) as line:
        made: Counter[str] = Counter()

        def spoil(method: str, path: str) -> str:
            made[method] += 1
            return fault if made[method] == 1 else ""

        line.spoil = spoil
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.url)
        parcels = Parcels(f"{bucket}/{fault}")
        work, part = parcels.send(partial(doubled, str(tmp_path / "marks"))), parcels.send("ab")
        assert not run_shard(parcels.address, work, part, surroundings()).kept
        assert run_shard(parcels.address, work, part, surroundings()).kept
        assert parcels.fetch(result_name(work, part)) == ("abab", 1)
        assert (tmp_path / "marks").read_text() == "x"
        stored = [name for name in stored_names() if name.startswith(f"{fault}/")]
        assert stored == sorted(f"{fault}/{one}" for one in (work, part, result_name(work, part)))
        assert fault in {told for _, _, told in line.seen}


@pytest.mark.slow
def test_a_store_that_does_not_answer_is_named_and_what_is_finished_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with object_store(monkeypatch) as bucket, FaultyLine(os.environ["AWS_ENDPOINT_URL"]) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.url)
        parcels = Parcels(f"{bucket}/work")
        work, part = parcels.send(partial(doubled, str(tmp_path / "marks"))), parcels.send("ab")
        run_shard(parcels.address, work, part, surroundings())
        line.spoil = lambda method, path: "refused"
        with pytest.raises(ServerUnreachable, match=r"s3://bench/work did not answer .* the same command goes on"):
            run_shard(parcels.address, work, part, surroundings())
        line.spoil = lambda method, path: ""
        assert run_shard(parcels.address, work, part, surroundings()).kept
        assert (tmp_path / "marks").read_text() == "x"
