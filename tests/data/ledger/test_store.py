"""The ledger: nothing lost, nothing doubled, one holder at a time, whatever dies when."""

from __future__ import annotations

import logging
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable, write_deltalake
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import CampaignBusy, LeaseLost, LedgerError, LedgerMissing
from data.ledger import DryLedger, Ledger, compaction, detail, to_frame
from data.ledger import lease as leases
from data.ledger import store as module
from data.ledger.lease import this_machine
from data.ledger.tables import EVENTS, LEDGERS_OWN, QUESTIONS, TABLES, VERDICTS


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.create(str(tmp_path / "wells"))


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    return lambda seconds: monkeypatch.setattr(leases, "LEASE_SECONDS", seconds)


def event(subject: object, **more: Any) -> dict[str, Any]:
    return {"kind": "query", "subject": str(subject), "language": "eng_Latn", "detail": "{}", **more}


def subjects(ledger: Ledger) -> list[str]:
    return sorted(ledger.read(EVENTS, ["subject"])["subject"])


HOLD = """
import sys, time
from data.ledger import Ledger, lease
lease.LEASE_SECONDS = float(sys.argv[2])
with Ledger(sys.argv[1]).lease() as held:
    print("held", flush=True)
    while True:
        time.sleep(0.05)
"""


def started(*words: str) -> subprocess.Popen[str]:
    """A Python process of its own; `words` are the program and its arguments."""
    root = Path(module.__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    )


@pytest.fixture
def holder(ledger: Ledger) -> Iterator[subprocess.Popen[str]]:
    with started(HOLD, ledger.address, "60") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


# what is written is read


def test_written_and_read(ledger: Ledger) -> None:
    answers = ["a", "b", "c", "d"]
    row = {"question_id": "p-q1", "revision": 1, "annotation": "n", "answers": answers, "key": 2}
    assert ledger.append(QUESTIONS, [row]) == 1
    (found,) = ledger.read(QUESTIONS).to_dict("records")
    assert {key: found[key] for key in row} == row
    assert found["event_id"] == QUESTIONS.event_id(row)
    assert found["recorded_at"] <= datetime.now(UTC)
    assert list(ledger.read(QUESTIONS, ["key", "answers"]).columns) == ["key", "answers"]


def test_nothing_is_written_of_nothing(ledger: Ledger) -> None:
    before = ledger.version()
    assert ledger.append(EVENTS, []) == 0
    assert ledger.version() == before


def test_a_repetition_is_read_once_and_the_first_counts(ledger: Ledger) -> None:
    ledger.append(VERDICTS, [{"subject": "p-q1", "check": "length", "reason": "first"}])
    ledger.append(VERDICTS, [{"subject": "p-q1", "check": "length", "reason": "second"}])
    ledger.append(VERDICTS, [{"subject": "p-q2", "check": "length", "reason": "first"}] * 2)
    assert list(ledger.read(VERDICTS)["reason"]) == ["first", "first"]
    assert list(ledger.read(VERDICTS, ["subject"], pc.field("subject") == "p-q1")["subject"]) == ["p-q1"]


def test_in_the_order_in_which_the_ledger_learnt_of_them(ledger: Ledger) -> None:
    for subject in "cab":
        ledger.append(EVENTS, [event(subject)])
    assert list(ledger.read(EVENTS)["subject"]) == ["c", "a", "b"]


def test_null_stays_null() -> None:
    table = pa.table({"flagged": [True, None], "key": pa.array([None, 2], pa.int32()), "answers": [None, ["a"]]})
    frame = to_frame(table)
    assert frame["flagged"].isna().tolist() == [False, True]
    assert frame["key"].tolist() == [pd.NA, 2]
    assert frame["answers"].tolist() == [None, ["a"]]


def test_to_frame_of_nothing() -> None:
    assert list(to_frame(QUESTIONS.schema.empty_table()).columns) == QUESTIONS.schema.names


def test_detail_is_the_same_text_for_the_same_facts() -> None:
    assert detail({"b": 1, "a": "é"}) == detail({"a": "é", "b": 1}) == '{"a": "é", "b": 1}'


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 12), min_size=1, max_size=5), min_size=1, max_size=6).flatmap(
        lambda batches: st.tuples(
            st.just(batches), st.permutations(batches), st.lists(st.sampled_from(batches), max_size=3)
        )
    )
)
def test_any_order_with_any_repeats_reads_the_same(drawn: tuple[list[list[int]], ...]) -> None:
    batches, shuffled, repeated = drawn
    with TemporaryDirectory() as folder:
        once, often = Ledger.create(f"{folder}/once"), Ledger.create(f"{folder}/often")
        once.append(EVENTS, [event(number) for number in sorted({n for batch in batches for n in batch})])
        for batch in [*shuffled, *repeated]:
            often.append(EVENTS, [event(number) for number in batch])
        columns = [name for name in EVENTS.schema.names if name not in ("recorded_at", "sequence")]
        one, other = (
            read.read(EVENTS, columns).sort_values("event_id", ignore_index=True) for read in (once, often)
        )
        pd.testing.assert_frame_equal(one, other)


def test_threads_that_append_at_once_lose_nothing(ledger: Ledger) -> None:
    with ledger.lease(), ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: ledger.append(EVENTS, [event(n)]), range(40)))
    assert subjects(ledger) == sorted(map(str, range(40)))


APPEND = """
import sys
from data.ledger import Ledger
from data.ledger.tables import EVENTS
for n in range(15):
    row = {"kind": "query", "subject": f"{sys.argv[2]}-{n}", "language": "", "detail": ""}
    Ledger(sys.argv[1]).append(EVENTS, [row])
"""


def test_processes_that_append_at_once_lose_nothing(ledger: Ledger) -> None:
    """A late import may run beside an advance."""
    both = [started(APPEND, ledger.address, name) for name in ("a", "b")]
    with ledger.lease():
        for n in range(15):
            ledger.append(EVENTS, [event(f"c-{n}")])
        assert [process.wait(60) for process in both] == [0, 0]
    for process in both:
        process.communicate()
    assert subjects(ledger) == sorted(f"{name}-{n}" for name in "abc" for n in range(15))


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"leases"}))
def test_a_write_to_any_table_changes_where_it_stands(ledger: Ledger, name: str) -> None:
    before, same = ledger.standing(), Ledger(ledger.address).standing()
    assert before == same
    empty = TABLES[name].schema.empty_table()
    ledger.append(TABLES[name], [dict.fromkeys(empty.column_names)])
    assert {one for one, now in ledger.standing().items() if now != before[one]} == {name}


def test_history_can_be_neither_changed_nor_deleted(ledger: Ledger) -> None:
    ledger.append(EVENTS, [event(1)])
    with pytest.raises(Exception, match="append"):
        DeltaTable(f"{ledger.address}/ledger/events").delete()
    assert subjects(ledger) == ["1"]


def test_compaction_keeps_history_and_reading(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "COMPACT_AT", 5)
    for n in range(7):
        ledger.append(EVENTS, [event(n)])
    before, version = ledger.read(EVENTS), ledger.version()["events"]
    with ledger.lease():
        assert ledger.compact() == ["events"]
        assert ledger.compact() == []
    table = DeltaTable(f"{ledger.address}/ledger/events")
    assert len(table.file_uris()) == 1
    pd.testing.assert_frame_equal(ledger.read(EVENTS), before)
    table.load_as_version(version)
    assert table.to_pyarrow_dataset().count_rows() == 7


def test_files_that_are_large_enough_are_left_alone(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else every compaction would write the whole table anew, and what it replaces is kept as history."""
    monkeypatch.setattr(compaction, "COMPACT_AT", 3)
    monkeypatch.setattr(compaction, "COMPACT_TO", 1)
    for n in range(6):
        ledger.append(EVENTS, [event(n)])
    assert ledger.compact() == []


def test_only_tables_that_were_written_to_are_compacted(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "COMPACT_AT", 2)
    for n in range(4):
        ledger.append(EVENTS, [event(n)])
    assert Ledger(ledger.address).compact() == []
    assert ledger.compact() == ["events"]


def test_after_many_appends_there_are_few_files_and_a_short_log(ledger: Ledger) -> None:
    """So that a reading costs what there is to read, and not how often something was written."""
    many = 3 * compaction.COMPACT_AT
    for n in range(many):
        ledger.append(EVENTS, [event(n)])
        ledger.compact()
    table = DeltaTable(f"{ledger.address}/ledger/events")
    assert len(table.file_uris()) <= compaction.COMPACT_AT
    log = Path(ledger.address, "ledger", "events", "_delta_log")
    summed_up = max(int(file.name.partition(".")[0]) for file in log.glob("*.checkpoint.parquet"))
    assert table.version() - summed_up < 10
    assert subjects(ledger) == sorted(map(str, range(many)))


READ = """
import sys
from data.ledger import Ledger
from data.ledger.tables import EVENTS
print("reading", flush=True)
seen = set()
while len(seen) < int(sys.argv[2]):
    found = list(Ledger(sys.argv[1]).read(EVENTS, ["subject"])["subject"])
    assert len(set(found)) == len(found) and seen <= set(found)
    seen = set(found)
"""


def test_who_reads_or_writes_beside_a_compaction_notices_nothing(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "COMPACT_AT", 1)
    reader = started(READ, ledger.address, "40")
    assert reader.stdout is not None
    assert reader.stdout.readline() == "reading\n"
    writer = started(APPEND, ledger.address, "b")
    for n in range(25):
        ledger.append(EVENTS, [event(f"a-{n}")])
        ledger.compact()
    assert writer.wait(60) == 0
    assert reader.wait(60) == 0
    for process in (reader, writer):
        process.communicate()
    assert subjects(ledger) == sorted([*(f"a-{n}" for n in range(25)), *(f"b-{n}" for n in range(15))])


COMPACT = """
import sys
from data.ledger import compaction
from data.ledger import lease as leases
from data.ledger import store as module
from data.ledger.tables import EVENTS
compaction.COMPACT_AT = 1
ledger = module.Ledger(sys.argv[1])
n = int(sys.argv[2])
while True:
    ledger.append(EVENTS, [{"kind": "query", "subject": str(n), "language": "", "detail": ""}])
    print(n, flush=True)
    ledger.compact()
    n += 1
"""


def test_a_compaction_that_is_killed_loses_nothing(ledger: Ledger) -> None:
    known = 0
    for moment in (0.05, 0.13, 0.22, 0.31):
        with started(COMPACT, ledger.address, str(known)) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(moment)
            process.kill()
            told = process.stdout.read().split()
        found = subjects(ledger)
        assert sorted(map(int, found)) == list(range(len(found)))
        assert len(found) > max(map(int, told), default=known)
        known = len(found)


def test_a_table_of_fewer_columns_grows(ledger: Ledger) -> None:
    """A campaign outlives the program's version that began it."""
    path = f"{ledger.address}/ledger/events"
    old = pa.schema([field for field in EVENTS.schema if field.name != "language"])
    rows = pa.Table.from_pylist([{"event_id": "0", "kind": "query", "subject": "old"}], schema=old)
    shutil.rmtree(path)
    shutil.rmtree(f"{ledger.address}/ledger/acknowledged")
    DeltaTable.create(path, schema=old, configuration={"delta.appendOnly": "true"})
    write_deltalake(path, rows, mode="append")
    assert "language" not in [field.name for field in DeltaTable(path).schema().fields]
    assert ledger.read(EVENTS)["language"].isna().all()
    ledger.append(EVENTS, [event("new")])
    assert ledger.read(EVENTS).set_index("subject")["language"].dropna().to_dict() == {"new": "eng_Latn"}


def test_created_twice_is_created_once(ledger: Ledger) -> None:
    ledger.append(EVENTS, [event(1)])
    again = Ledger.create(ledger.address + "/")
    assert subjects(again) == ["1"]
    assert again.identity(EVENTS) == ledger.identity(EVENTS)


def test_where_there_is_no_campaign(tmp_path: Path) -> None:
    for act in (lambda at: at.read(EVENTS), lambda at: at.append(EVENTS, [event(1)]), lambda at: at.version()):
        with pytest.raises(LedgerMissing, match="belebele init"):
            act(Ledger(str(tmp_path)))
    assert list(tmp_path.iterdir()) == []


def test_a_broken_file_is_named(ledger: Ledger) -> None:
    ledger.append(EVENTS, [event(1)])
    (file,) = Path(ledger.address, "ledger", "events").glob("*.parquet")
    file.write_bytes(b"nothing of the kind")
    with pytest.raises(LedgerError, match=r"cannot read .*events"):
        ledger.read(EVENTS)


def test_a_dry_ledger_keeps_it_to_itself(ledger: Ledger) -> None:
    ledger.append(EVENTS, [event(1)])
    dry = DryLedger(ledger.address)
    dry.append(EVENTS, [event(1), event(2)])
    assert subjects(dry) == ["1", "2"]
    assert subjects(ledger) == ["1"]


# one holder at a time


def test_a_second_holder_is_told_who(ledger: Ledger, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(CampaignBusy, match=f":{holder.pid} "), ledger.lease():
        pass
    assert ledger.epoch is None


def test_in_one_process_too(ledger: Ledger) -> None:
    with ledger.lease("first"):
        with pytest.raises(CampaignBusy, match="advanced by first"), Ledger(ledger.address).lease("second"):
            pass
        ledger.append(EVENTS, [event(1)])
    with Ledger(ledger.address).lease("second") as held:
        assert held.epoch == 2


def test_a_failed_run_gives_the_lease_back(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.lease():
        raise ZeroDivisionError
    with ledger.lease() as held:
        assert held.epoch == 2


def test_a_killed_process_is_taken_over(ledger: Ledger, holder: subprocess.Popen[str]) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    with ledger.lease() as held:
        assert held.epoch == 2
        ledger.append(EVENTS, [event(1)])
    assert subjects(ledger) == ["1"]


@pytest.mark.parametrize("owner", [f"{socket.gethostname()}:{{}}", f"{socket.gethostname()}/0123abcd:{{}}"])
def test_a_process_of_another_machine_of_that_name_is_not_taken_for_dead(ledger: Ledger, owner: str) -> None:
    """Containers and copied machines share names; a number that runs there need not run here."""
    there = owner.format(2**22 + 1)
    held = {"epoch": 1, "owner": there, "beat": 3, "released": False, "beat_at": datetime.now(UTC)}
    ledger.append(TABLES["leases"], [held])
    with pytest.raises(CampaignBusy, match=there), ledger.lease():
        pass


def test_a_silent_process_is_taken_over(ledger: Ledger, patient: Callable[[float], None]) -> None:
    """Its machine may sleep, or its number may be another process's by now."""
    patient(1.0)
    with started(HOLD, ledger.address, "1") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        for _ in range(2):  # it may have beaten between our first look and the signal
            with pytest.raises(CampaignBusy, match="a run that begins 1 seconds from now"), ledger.lease():
                pass
        time.sleep(1.3)
        with ledger.lease() as held:
            assert held.epoch == 2
        process.kill()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_holder_s_clock_says_nothing(
    ledger: Ledger, patient: Callable[[float], None], monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """A day behind, a living holder seemed dead; a day ahead, a dead one seemed to live till tomorrow."""

    class Wrong(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Wrong:  # type: ignore[override]
            return datetime.now(tz) + timedelta(days=days)  # type: ignore[return-value]

    patient(0.8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(leases, "datetime", Wrong)
        holder = ledger.lease("elsewhere:1")
        holder.__enter__()
        for _ in range(4):  # it beats
            with pytest.raises(CampaignBusy, match="advanced by elsewhere:1"), Ledger(ledger.address).lease():
                pass
            time.sleep(0.4)
        patch.setattr(leases.Lease, "_renew", lambda *_, **__: False)  # it is silent from now on
        holder.__exit__(None, None, None)
    with pytest.raises(CampaignBusy), Ledger(ledger.address).lease():
        pass
    time.sleep(1)
    with Ledger(ledger.address).lease() as held:
        assert held.epoch == 2


def test_a_slow_run_stays_alive_by_its_heartbeat(ledger: Ledger, patient: Callable[[float], None]) -> None:
    patient(2.0)
    with ledger.lease("elsewhere:1"):
        time.sleep(2.5)
        with pytest.raises(CampaignBusy), Ledger(ledger.address).lease():
            pass


def test_who_was_taken_over_cannot_write(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    with ledger.lease("elsewhere:1"):
        ledger.append(EVENTS, [event("before")])
        monkeypatch.setattr(leases, "is_dead", lambda *_: True)
        with Ledger(ledger.address).lease("new") as other:
            other.append(EVENTS, [event("by the new one")])
            for table, row in ((EVENTS, event("after")), (VERDICTS, {"subject": "after"})):
                with pytest.raises(LeaseLost):
                    ledger.append(table, [row])
        with pytest.raises(LeaseLost):
            ledger.append(EVENTS, [event("after")])
    assert subjects(ledger) == ["before", "by the new one"]
    assert ledger.read(VERDICTS).empty
    assert list(ledger.read(TABLES["leases"])["epoch"]) == [1, 2, 2]  # the first had nothing to give back


def test_taken_over_between_looking_and_writing(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The narrowest place: the old holder has seen the table unfenced, then the fence comes, then it writes."""
    write, other = Ledger._write, Ledger(ledger.address).lease("new")

    def late(self: Ledger, *given: Any) -> None:
        if self is ledger and ledger.epoch == 1 and not taken:
            taken.append(True)
            monkeypatch.setattr(leases, "is_dead", lambda *_: True)
            monkeypatch.setattr(module, "_WRITING", threading.Lock())  # as in another process
            other.__enter__()
        write(self, *given)

    taken: list[bool] = []
    with ledger.lease("elsewhere:1"):
        monkeypatch.setattr(Ledger, "_write", late)
        with pytest.raises(LeaseLost):
            ledger.append(EVENTS, [event("late")])
    other.__exit__(None, None, None)
    assert taken
    assert subjects(ledger) == []


RACE = """
import sys, time
from data.errors import CampaignBusy
from data.ledger import Ledger
ledger = Ledger(sys.argv[1])
ledger.version()
print("ready", flush=True)
sys.stdin.readline()
try:
    with ledger.lease():
        print("got it", flush=True)
        sys.stdin.readline()
except CampaignBusy:
    print("busy", flush=True)
    sys.stdin.readline()
"""


@pytest.mark.parametrize("after", ["a release", "a death"])
def test_of_racing_processes_exactly_one_gets_it(ledger: Ledger, after: str) -> None:
    if after == "a death":
        gone = f"{this_machine()}:{2**22 + 1}"
        dead = {"epoch": 1, "owner": gone, "beat": 0, "released": False, "beat_at": datetime.now(UTC)}
        ledger.append(TABLES["leases"], [dead])
    racers = [started(RACE, ledger.address) for _ in range(3)]
    try:
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        said = sorted(racer.stdout.readline() for racer in racers if racer.stdout is not None)
        assert said == ["busy\n", "busy\n", "got it\n"]
    finally:
        for racer in racers:
            racer.communicate("done\n", timeout=30)
    assert [racer.returncode for racer in racers] == [0, 0, 0]


# a heartbeat that fails


def test_a_failed_heartbeat_is_logged_and_tried_again(
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    patient: Callable[[float], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    patient(0.4)
    leases = Path(ledger.address, "ledger", "leases")
    with caplog.at_level(logging.WARNING), ledger.lease():
        leases.rename(leases.with_name("away"))
        _until(lambda: "no sign of life could be written" in caplog.text)
        leases.with_name("away").rename(leases)
        _until(lambda: ledger.read(TABLES["leases"])["beat"].max() > 0)
        ledger.append(EVENTS, [event(1)])
    assert ledger.read(TABLES["leases"])["released"].any()


def _until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("not within 10 s")


def test_the_run_s_own_error_is_not_buried(ledger: Ledger) -> None:
    leases = Path(ledger.address, "ledger", "leases")
    with pytest.raises(ZeroDivisionError) as caught, ledger.lease():
        leases.rename(leases.with_name("away"))
        raise ZeroDivisionError
    assert "lease could not be given back" in "".join(caught.value.__notes__)


def test_line_ends_of_every_kind_may_stand_in_a_text(ledger: Ledger) -> None:
    """A commit is lines of JSON, with the least and the greatest text of each column among them."""
    texts = [f"a{end}b" for end in ("\u2028", "\u2029", "\x85", "\x1c", "\x1e", "\v", "\f", "\r", "\n")]
    for text in texts:
        ledger.append(EVENTS, [event(text)])
    assert subjects(ledger) == sorted(texts)


def test_a_row_that_was_read_may_be_written_again(ledger: Ledger) -> None:
    ledger.append(EVENTS, [{"kind": "query", "subject": "1"}])
    read = ledger.read(EVENTS).iloc[0].drop(list(LEDGERS_OWN)).to_dict()
    ledger.append(EVENTS, [{**read, "subject": "2"}])
    again = ledger.read(EVENTS)
    assert list(again["subject"]) == ["1", "2"]
    assert again["language"].isna().all()
