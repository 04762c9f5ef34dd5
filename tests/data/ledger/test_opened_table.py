"""A small table is read once and whole, a large one is scanned: the same rows, and no loss is overlooked."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable, write_deltalake

from data.errors import LedgerError
from data.ledger import Ledger, opened_table
from data.ledger.compaction import COMPACT_AT
from data.ledger.log_tail import Tail
from data.ledger.opened_table import file_facts, rows_where_highest
from data.ledger.tables import EVENTS, LEASES, VERDICTS

ROOT = Path(__file__).resolve().parents[3]


def event(subject: str) -> dict[str, str]:
    return {"kind": "query", "subject": subject, "language": "eng_Latn", "detail": "{}"}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(str(tmp_path / "wells"))
    for subjects in (["b", "a"], ["c"], ["a", "d"]):
        made.append(EVENTS, [event(subject) for subject in subjects])
    return made


@pytest.fixture
def read_files(monkeypatch: pytest.MonkeyPatch) -> Counter[Path]:
    found: Counter[Path] = Counter()
    read = opened_table._rows_of

    def counted(path: Path, schema: pa.Schema) -> pa.Table:
        found[path] += 1
        return read(path, schema)

    monkeypatch.setattr(opened_table, "_rows_of", counted)
    return found


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders of the tables that were opened, as often as they were."""
    found: list[str] = []
    real = Tail.open

    def noted(tail: Tail) -> DeltaTable:
        found.append(tail.folder.name)
        return real(tail)

    monkeypatch.setattr(Tail, "open", noted)
    return found


@pytest.mark.parametrize("columns", [None, ["subject"], ["detail", "sequence", "event_id"]])
@pytest.mark.parametrize("where", [None, pc.field("subject").isin(["a", "d"]), pc.field("subject") == "nobody"])
def test_read_whole_or_scanned_the_rows_are_the_same(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, columns: list[str] | None, where: pc.Expression | None
) -> None:
    whole = ledger.read_arrow(EVENTS, columns, where)
    monkeypatch.setattr(opened_table, "SMALL", 0)
    scanned = Ledger(ledger.address).read_arrow(EVENTS, columns, where)
    assert whole.to_pylist() == scanned.to_pylist()
    assert whole.schema == scanned.schema


def test_a_column_that_came_later_than_a_file_is_null_either_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    early = pa.schema([field for field in VERDICTS.schema if field.name != "origin"])
    row = {"event_id": "e", "subject": "q", "language": "eng_Latn", "check": "c", "judge": "check"}
    folder = tmp_path / "wells" / "ledger" / "verdicts"
    write_deltalake(str(folder), pa.Table.from_pylist([row], schema=early))
    whole = Ledger(str(tmp_path / "wells")).read_arrow(VERDICTS).to_pylist()
    monkeypatch.setattr(opened_table, "SMALL", 0)
    assert whole == Ledger(str(tmp_path / "wells")).read_arrow(VERDICTS).to_pylist()
    assert whole[0]["origin"] is None


def test_each_file_is_read_once_however_often_it_is_asked_for(ledger: Ledger, read_files: Counter[Path]) -> None:
    for name in ("subject", "detail"):
        ledger.read(EVENTS, [name])
        Ledger(ledger.address).read(EVENTS, [name], pc.field("subject") == "a")
    assert len(read_files) == 3
    ledger.append(EVENTS, [event("e")])
    assert sorted(ledger.read(EVENTS, ["subject"])["subject"]) == ["a", "b", "c", "d", "e"]
    assert len(read_files) == 4
    assert set(read_files.values()) == {1}


def test_what_this_process_wrote_is_read_and_written_to_without_opening_it_again(
    ledger: Ledger, openings: list[str]
) -> None:
    ledger.read(EVENTS)
    openings.clear()
    for number in range(3):
        with Ledger(ledger.address).lease() as held:
            held.append(EVENTS, [event(f"e{number}")])
            held.append(EVENTS, [event(f"f{number}")])
        Ledger(ledger.address).append(EVENTS, [event(f"g{number}")])
        assert len(Ledger(ledger.address).read(EVENTS)) == 4 + 3 * (number + 1)
    assert openings.count("events") == 0
    assert openings.count("leases") <= 1, "nobody had held it before"


def test_what_another_process_wrote_in_between_is_read_and_neither_is_lost(ledger: Ledger) -> None:
    ledger.read(EVENTS)
    code = (
        "import sys; from data.ledger import Ledger, tables\n"
        "row = {'kind': 'query', 'subject': sys.argv[2], 'language': '', 'detail': '{}'}\n"
        "with Ledger(sys.argv[1]).lease() as held: held.append(tables.EVENTS, [row])"
    )
    subprocess.run([sys.executable, "-c", code, ledger.address, "theirs"], check=True, cwd=ROOT)
    with Ledger(ledger.address).lease() as held:
        assert held.epoch == 2
        held.append(EVENTS, [event("ours")])
    assert {"theirs", "ours"} < set(Ledger(ledger.address).read(EVENTS)["subject"])


def test_the_files_are_the_same_by_the_record_as_by_the_log(
    ledger: Ledger, openings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where some were merged into one, and where more was recorded than the record's last bytes hold."""
    ledger.read(EVENTS)
    monkeypatch.setattr("data.ledger.version_record._TAIL", 200)
    monkeypatch.setattr("data.ledger.compaction.COMPACT_AT", 1)
    ledger.append(EVENTS, [event("e")])
    assert "events" in ledger.compact()
    ledger.append(EVENTS, [event("f")])
    openings.clear()
    by_record = Ledger(ledger.address)._opened(EVENTS)._files
    assert (len(by_record), openings) == (2, [])
    opened = Ledger(ledger.address)._opened(EVENTS)
    assert opened.folder is not None
    assert sorted(opened._files_in_log(opened.folder)) == sorted(by_record)
    assert openings == ["events"]


def test_a_file_that_is_lost_or_cut_short_after_it_was_read_is_noticed(ledger: Ledger) -> None:
    ledger.read(EVENTS)
    one, other, *_ = sorted(Path(ledger.address, "ledger", "events").glob("*.parquet"))
    whole = one.read_bytes()
    one.write_bytes(whole[:-20])
    with pytest.raises(LedgerError, match="check --deep"):
        ledger.read(EVENTS, ["subject"])
    one.write_bytes(whole)
    assert len(ledger.read(EVENTS)) == 4
    other.unlink()
    for reader in (ledger, Ledger(ledger.address)):
        with pytest.raises(LedgerError, match="check --deep"):
            reader.read(EVENTS, ["subject"])


def test_what_is_kept_is_bounded(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = opened_table.KeptRows()
    monkeypatch.setattr(opened_table, "KEPT", 3 * 8 * 100)
    asked = Counter[int]()
    for key in (1, 2, 3, 1, 4, 1, 2):
        kept.get((key,), lambda key=key: asked.update([key]) or pa.table({"a": pa.array(range(100), pa.int64())}))
    assert asked == {1: 1, 2: 2, 3: 1, 4: 1}


def test_the_record_lists_what_the_log_lists_also_when_files_were_merged(tmp_path: Path) -> None:
    ledger = Ledger.create(str(tmp_path / "wells"))
    for number in range(COMPACT_AT + 9):
        ledger.append(EVENTS, [event(f"s{number}")])
        if number == COMPACT_AT + 3:
            assert ledger.compact() == [EVENTS.name]
    tail = Ledger(ledger.address).tail(EVENTS)
    assert tail is not None
    listed = tail.files(tail.standing())  # type: ignore[arg-type]
    assert listed == dict(file_facts(ledger.opened(EVENTS), "path", "size_bytes"))
    assert 1 < len(listed) < 9


def test_a_log_that_is_not_what_was_acknowledged_is_opened_so_that_the_loss_is_told(ledger: Ledger) -> None:
    folder = Path(ledger.address) / "ledger" / EVENTS.name / "_delta_log"
    entry = folder / f"{2:020}.json"
    entry.write_bytes(b"\0" * entry.stat().st_size)  # what a power cut leaves: the size is right
    tail = Ledger(ledger.address).tail(EVENTS)
    assert tail is not None
    assert tail.files(tail.standing()) is None  # type: ignore[arg-type]
    with pytest.raises(LedgerError):
        Ledger(ledger.address).read(EVENTS)


def test_what_came_before_the_record_is_known_by_the_log_alone(ledger: Ledger) -> None:
    (Path(ledger.address) / "ledger" / "acknowledged" / f"{EVENTS.name}.jsonl").unlink()
    again = Ledger(ledger.address)
    again.append(EVENTS, [event("e")])  # adopts the table: its record begins with a later version
    tail = again.tail(EVENTS)
    assert tail is not None
    assert tail.files(tail.standing()) is None  # type: ignore[arg-type]
    assert sorted(Ledger(ledger.address).read(EVENTS)["subject"]) == ["a", "b", "c", "d", "e"]


def test_the_last_holder_is_read_from_the_files_of_its_epoch_alone(
    ledger: Ledger, read_files: Counter[Path]
) -> None:
    for _ in range(3):
        with ledger.lease():
            pass
    leases, folder = ledger.opened(LEASES), Path(ledger.address, "ledger", "leases")
    read_files.clear()
    found = rows_where_highest(leases, LEASES, "epoch", 3, folder)
    assert read_files.total() == 2, "that it was taken, and that it was given back"
    scanned = rows_where_highest(leases, LEASES, "epoch", 3, None)
    assert found.sort_by("beat").equals(scanned.sort_by("beat"))
    assert sorted(found["released"].to_pylist()) == [False, True]
