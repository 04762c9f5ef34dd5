"""Killed anywhere and run again: nothing lost, nothing doubled, the same release.

One small campaign (tests/flows/play.py) is played undisturbed; every other test plays it too, with something
going wrong all the way, and must come after each round to the same ledger and the same workbenches, and in the end
to the same release, byte for byte.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pyarrow as pa
import pytest
from click.testing import CliRunner

from annotation.labelstudio.client import LabelStudio, Workbench
from annotation.labelstudio.signed_in_user import SignedInUser
from data.ledger import Ledger, tables
from data.ledger.tables import Row, Table
from flows.advance import advance
from flows.cli.commands import main
from flows.inspection.account_ownership import claims
from flows.lead.acceptance import accept
from flows.stages import authoring_tasks
from tests.faulty_line import FaultyLine
from tests.flows.play import PEOPLE, Company, Standing, meaning, open_work, perform, standing
from tests.labelstudio_fixture import PASSWORD, AnyLabelStudio, another

HERE = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def brisk() -> Iterator[None]:
    """Short pauses, and no second look at what is a minute old: in a test everything is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("annotation.labelstudio.http_connection._PAUSE", 0.01)
        patch.setattr("annotation.labelstudio.submission_reading.OVERLAP", timedelta(0))
        yield


@dataclass
class Told:
    """How a campaign went: after each round, what the ledger meant and what stood on the server; its release."""

    company: Company
    meanings: list[dict[str, object]] = field(default_factory=list)
    standings: list[Standing] = field(default_factory=list)
    release: dict[str, bytes] = field(default_factory=dict)


@pytest.fixture(scope="module")
def undisturbed(company: Callable[..., Company], studio: LabelStudio) -> Told:
    """The campaign as it goes when nothing goes wrong."""
    told = Told(company())

    def look(_: int) -> None:
        told.meanings.append(meaning(told.company.state()))
        told.standings.append(standing(studio, told.company.campaign.id))

    assert perform(told.company, lambda: advance(told.company.address, {"main": studio}), look)
    assert advance(told.company.address, {"main": studio}).idle
    told.release = told.company.release()
    return told


def same_as(undisturbed: Told, company: Company, studio: LabelStudio) -> Callable[[int], None]:
    """Compares the ledger and the server after each round with the undisturbed campaign's."""

    def look(number: int) -> None:
        assert meaning(company.state()) == undisturbed.meanings[number], f"after round {number}"
        assert standing(studio, company.campaign.id) == undisturbed.standings[number], f"after round {number}"

    return look


# A line that spoils what is written ----------------------------------------------------------------------

SPOILS: Sequence[tuple[str, ...]] = (
    ("down", "lost"),
    ("refused", "500"),
    ("down", "garbage"),
    ("slow",),  # so slow that it is asked again before it arrives
    ("break",),
)
"""What happens to one thing that is written: the first time, and when it is tried again. The last one arrives;
with "break" it is the last thing that does, until the line is mended."""


class Spoiler:
    """Spoils every write: each with the next of these spoils, beginning at one of them."""

    def __init__(self, spoils: Sequence[tuple[str, ...]], first: int = 0) -> None:
        self.spoils = spoils
        self.number = first
        self.left: list[str] = []
        self.broken = False
        self.writes = 0

    def __call__(self, method: str, _: str) -> str:
        if self.broken:
            return "down"
        if method == "GET":
            return ""
        self.writes += 1
        if not self.left:
            self.left = [*self.spoils[self.number % len(self.spoils)], ""]
            self.number += 1
        fault = self.left.pop(0)
        if fault not in ("down", "refused", "slow"):
            self.left = []  # it arrived; what comes next is another one
        self.broken = fault == "break"
        return "lost" if self.broken else fault


@pytest.fixture
def line(label_studio: AnyLabelStudio) -> Iterator[FaultyLine]:
    with FaultyLine(label_studio.url, delay=1.2) as spoilt:
        yield spoilt


def rest(company: Company, studio: LabelStudio, line: FaultyLine, spoiler: Spoiler) -> None:
    """Advance until nothing is in the way; what was under way on the line has arrived by then."""
    for _ in range(100):
        line.seen.clear()
        spoiler.broken = False
        told = advance(company.address, {"main": studio})
        slow = any(fault == "slow" for _, _, fault in line.seen)
        while line.under_way:
            time.sleep(0.05)  # what was slow arrives now, unasked for
        if not told.problems and not slow:
            return
    raise AssertionError(f"it comes to no rest: {told.problems}")


# Crashes between two appends to the ledger ---------------------------------------------------------------


class Crash(BaseException):
    """Ends a run in its midst, as no error does."""


class Crashing:
    """Every append of something new crashes the run once: before it is written, or after, or by turns.

    By turns, those that say what was brought to a server crash once a stage and round.
    """

    def __init__(self, when: str) -> None:
        self.when = when
        self.met: set[str] = set()
        self.real = Ledger.append

    def append(self, ledger: Ledger, table: Table, rows: Sequence[Row] | pa.Table) -> int:
        read: Sequence[Row] = rows.to_pylist() if isinstance(rows, pa.Table) else rows
        news = tables.digest(table.name, *sorted(table.event_id(row) for row in read))
        if self.when == "by turns" and {row.get("kind") for row in read} == {"published"}:
            news = "published: " + read[0]["subject"].partition("/")[0]  # one workbench is like the other
        if not read or news in self.met:
            return self.real(ledger, table, rows)
        self.met.add(news)
        turn = ("before", "after")[len(self.met) % 2] if self.when == "by turns" else self.when
        if turn == "after":
            self.real(ledger, table, rows)
        raise Crash(f"{turn} writing {len(read)} to {table.name}")


@contextmanager
def crashing(when: str) -> Iterator[Crashing]:
    crash = Crashing(when)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "append", lambda *arguments: crash.append(*arguments))
        yield crash


def survive(move: Callable[[], object]) -> None:
    """Run again after every crash, until none comes."""
    for _ in range(400):
        try:
            move()
            return
        except Crash:
            continue
    raise AssertionError("it crashes for ever")


@pytest.mark.parametrize(
    ("when", "first"),
    [
        pytest.param("by turns", 0, marks=pytest.mark.slow),
        *(pytest.param("before", first, marks=pytest.mark.slow) for first in (1, 2)),
        *(pytest.param("after", first, marks=pytest.mark.slow) for first in (3, 4)),
    ],
)
def test_crashed_at_every_append_and_spoilt_at_every_write(
    when: str,
    first: int,
    undisturbed: Told,
    company: Callable[..., Company],
    line: FaultyLine,
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
) -> None:
    spoiler = Spoiler(SPOILS, first)
    crashed_and_spoilt(when, spoiler, undisturbed, company(), line, label_studio, studio)
    assert spoiler.writes > 60


def crashed_and_spoilt(
    when: str,
    spoiler: Spoiler,
    undisturbed: Told,
    mine: Company,
    line: FaultyLine,
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
) -> None:
    """Play a campaign whose runs crash and whose line is spoilt all the way; it ends as the undisturbed one."""
    line.spoil = spoiler
    crashes = 0

    def move() -> None:
        nonlocal crashes
        with crashing(when) as crash:
            survive(lambda: rest(mine, impatient, line, spoiler))
        crashes += len(crash.met)

    with LabelStudio(line.url, label_studio.token, timeout=1.0) as impatient:
        assert perform(mine, move, same_as(undisturbed, mine, studio))
    assert crashes > 50
    assert mine.release() == undisturbed.release


@pytest.mark.slow
def test_the_line_breaks_at_every_write(
    undisturbed: Told,
    company: Callable[..., Company],
    line: FaultyLine,
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
) -> None:
    mine = company()
    line.spoil = spoiler = Spoiler([("break",)])
    with LabelStudio(line.url, label_studio.token) as client:
        assert perform(mine, lambda: rest(mine, client, line, spoiler), same_as(undisturbed, mine, studio))
    assert spoiler.writes > 25
    assert mine.release() == undisturbed.release


# Processes -----------------------------------------------------------------------------------------------


def begin_process(company: Company, url: str, token: str) -> subprocess.Popen[str]:
    """`belebele advance` as a process of its own, without Prefect."""
    variables = {"BELEBELE_LABEL_STUDIO_URL": url, "BELEBELE_LABEL_STUDIO_TOKEN": token, "PREFECT_API_URL": ""}
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli.commands", "advance", company.address],
        cwd=HERE,
        env={**os.environ, **variables, "COLUMNS": "500"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("wanted", [200])
def test_killed_at_random_moments_with_work_arriving_in_another_order(
    wanted: int,
    undisturbed: Told,
    company: Callable[..., Company],
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
) -> None:
    mine = company(order=-1)
    seed = int(os.environ.get("BELEBELE_SEED", uuid4().int % 10**6))
    print(f"kills drawn with BELEBELE_SEED={seed}")
    chance = random.Random(seed)
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import flows.advance"], cwd=HERE, check=True)
    start = time.monotonic() - began
    moves = killed = 0
    lasts = 1.0  # how long a process goes on once it has started; learnt as we go

    def move() -> None:
        nonlocal moves, killed, lasts
        moves += 1
        while killed < wanted * moves / len(undisturbed.meanings):
            process = begin_process(mine, label_studio.url, label_studio.token)
            try:
                process.wait(start + chance.uniform(0, lasts))
                lasts *= 0.8
            except subprocess.TimeoutExpired:
                process.kill()
                killed += 1
                lasts *= 1.1
            said, _ = process.communicate()
            assert process.returncode in (0, -9), said
        assert not advance(mine.address, {"main": studio}).problems

    assert perform(mine, move, same_as(undisturbed, mine, studio))
    assert killed >= wanted
    assert mine.release() == undisturbed.release


def test_of_two_at_once_the_second_says_who_runs(
    undisturbed: Told,
    company: Callable[..., Company],
    line: FaultyLine,
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
) -> None:
    mine = company()
    arrived, go_on = threading.Event(), threading.Event()

    def hold(*_: str) -> str:
        arrived.set()
        go_on.wait(60)
        return ""

    line.spoil = hold
    first = begin_process(mine, line.url, label_studio.token)
    try:
        assert arrived.wait(60)
        second = begin_process(mine, label_studio.url, label_studio.token)
        said, _ = second.communicate(timeout=60)
        assert second.returncode == 0, said
        assert f":{first.pid} (last sign of life" in said
        assert "Nothing to do: it will finish the work." in said
    finally:
        go_on.set()
        said, _ = first.communicate(timeout=60)
    assert first.returncode == 0, said
    assert "opened 2 tasks" in said
    assert advance(mine.address, {"main": studio}).idle
    same_as(undisturbed, mine, studio)(0)


def test_who_was_taken_over_stops_and_says_so(
    undisturbed: Told,
    company: Callable[..., Company],
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = company()
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", label_studio.url)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", label_studio.token)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)

    due = authoring_tasks.due

    def taken_over(*arguments: Any) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("data.ledger.lease.is_dead", lambda *_: True)
            with Ledger(mine.address).lease("another"):
                pass
        return due(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("flows.stages.authoring_tasks.due", taken_over)
        said = CliRunner().invoke(main, ["advance", mine.address])
    assert said.exit_code == 2
    assert said.output == f"belebele: another run took {mine.address} over; this one stops. Nothing is lost.\n"
    assert standing(studio, mine.campaign.id) == {}
    advance(mine.address, {"main": studio})
    same_as(undisturbed, mine, studio)(0)


def test_what_arrives_twice_does_not_stay(company: Callable[..., Company], studio: LabelStudio) -> None:
    mine = company()
    advance(mine.address, {"main": studio})
    mine.work()
    advance(mine.address, {"main": studio})
    once = standing(studio, mine.campaign.id)
    assert {annotations for tasks in once.values() for _, annotations in tasks} == {0, 1}
    for bench in studio.workbenches(f"{mine.campaign.id}/").values():
        doubles = [{"data": dict(task.data)} for task in studio.tasks(bench)]
        studio._wire.write(partial(studio._wire.sdk.projects.import_tasks, bench.id, request=doubles), "doubles")
    assert standing(studio, mine.campaign.id) != once
    advance(mine.address, {"main": studio})
    assert standing(studio, mine.campaign.id) == once
    assert advance(mine.address, {"main": studio}).idle
    assert set(mine.state().annotations["kind"]) == {"submitted", "skipped"}  # nothing seemed to be taken back


# Servers that come and go --------------------------------------------------------------------------------


class Place:
    """Label Studio servers, one after another, and the people who sign up there anew each time."""

    def __init__(self, stack: ExitStack, usual: AnyLabelStudio, folder: Path) -> None:
        self.stack = stack
        self.usual = usual
        self.folder = folder
        self.known: dict[str, SignedInUser] = {}

    def start(self, order: int, port: int | None = None) -> AnyLabelStudio:
        """A server without anything on it, where people sign up in the order given, or in reverse."""
        server = another(self.usual, self.folder / uuid4().hex, port)
        server.start()
        self.stack.callback(server.stop)
        with LabelStudio(server.url, server.token) as client:
            invitation = client.invitation()
        for person in PEOPLE[::order]:
            visitor = SignedInUser.sign_up(server.url, invitation, f"{person.code}@example.org", PASSWORD)
            self.known[person.code] = self.stack.enter_context(visitor)
        return server


@pytest.mark.both_servers(slow=True)
def test_a_server_that_vanished_or_was_emptied_is_filled_again(
    undisturbed: Told,
    company: Callable[..., Company],
    label_studio: AnyLabelStudio,
    studio: LabelStudio,
    tmp_path: Path,
) -> None:
    mine = company()

    def play_on(server: LabelStudio, rounds: int) -> bool:
        """Everything open stands on the server and nothing else, though other things were collected elsewhere."""
        told = advance(mine.address, {"main": server})
        assert told.problems == []
        assert {k: v for k, v in standing(server, mine.campaign.id).items() if v} == open_work(mine.state())
        if server is not studio and claims(mine.state()):  # other accounts than before wait for the lead's word
            accept(mine.state(), "accounts")
        return perform(mine, lambda: advance(mine.address, {"main": server}), rounds=rounds)

    def workbenches(server: LabelStudio) -> list[Workbench]:
        return list(server.workbenches(f"{mine.campaign.id}/").values())

    assert not play_on(studio, 4)
    with ExitStack() as stack:
        place = Place(stack, label_studio, tmp_path)
        mine.people = lambda code: place.known[code]
        elsewhere = place.start(-1)  # so the accounts' numbers are other people's than before
        with LabelStudio(elsewhere.url, elsewhere.token) as server:
            assert not play_on(server, 1)
        port = httpx.URL(elsewhere.url).port
        elsewhere.stop()
        again = place.start(1, port)
        with LabelStudio(again.url, again.token) as server:
            assert not play_on(server, 1)
            advance(mine.address, {"main": server})
            for bench in workbenches(server):
                server._wire.write(partial(server._wire.sdk.projects.delete, bench.id), "everything removed")
            assert not play_on(server, 1)
            advance(mine.address, {"main": server})
            assert not (
                mine.state().annotations["kind"] == "deleted"
            ).any()  # they vanished, nobody took them back
            removed = [task for bench in workbenches(server) for task in server.tasks(bench)]
            for task in removed:
                server._wire.write(partial(server._wire.sdk.tasks.delete, str(task.id)), "a task removed")
            assert {task.annotations for task in removed} == {0, 1}
            assert play_on(server, 20)
    ended, wanted = meaning(mine.state()), undisturbed.meanings[-1]
    done = [repr((task.key, "deleted")) for task in removed if task.annotations]
    assert ended == {**wanted, "annotations": sorted([*wanted["annotations"], *done])}
    assert mine.release() == undisturbed.release


def test_a_ledger_that_was_put_back_from_a_copy_collects_again(
    undisturbed: Told, company: Callable[..., Company], studio: LabelStudio, tmp_path: Path
) -> None:
    mine = company()
    advance(mine.address, {"main": studio})
    mine.work()
    shutil.copytree(mine.address, tmp_path / "copy")
    assert advance(mine.address, {"main": studio}).annotations == 2
    shutil.rmtree(mine.address)
    shutil.copytree(tmp_path / "copy", mine.address)
    assert advance(mine.address, {"main": studio}).annotations == 2
    same_as(undisturbed, mine, studio)(1)


# The same ledger, the same release -----------------------------------------------------------------------


def test_the_same_ledger_gives_the_same_release(
    undisturbed: Told, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert undisturbed.company.release("once-more") == undisturbed.release
    copy = Company(str(tmp_path / "copy"), undisturbed.company.people)
    shutil.copytree(undisturbed.company.address, copy.address)
    monkeypatch.setattr("data.ledger.compaction.COMPACT_AT", 1)
    ledger = Ledger(copy.address)
    for table in tables.TABLES.values():
        rows = ledger.read_arrow(table).to_pylist()
        if table is not tables.LEASES:
            ledger.append(table, [{k: v for k, v in row.items() if k != "recorded_at"} for row in rows[::-1]])
    assert copy.release("of-doubles") == undisturbed.release
    assert "verdicts" in ledger.compact()
    assert copy.release("compacted") == undisturbed.release
    assert meaning(copy.state()) == undisturbed.meanings[-1]


@pytest.mark.slow
def test_work_that_arrives_piece_by_piece_in_another_order_gives_the_same_release(
    undisturbed: Told, company: Callable[..., Company], studio: LabelStudio
) -> None:
    mine = company(order=-1, batch=1)
    rounds = 0

    def move() -> None:
        nonlocal rounds
        rounds += 1
        assert not advance(mine.address, {"main": studio}).problems

    assert perform(mine, move)
    assert rounds > len(undisturbed.meanings)
    assert mine.release() == undisturbed.release
