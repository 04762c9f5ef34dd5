"""Every changed byte of the ledger is found and named, and the lead may go on without what is lost."""

from __future__ import annotations

import logging
import os
import random
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from data.errors import LedgerDamaged, LedgerError, UsageError
from data.ledger import Ledger, compaction
from data.ledger.events import GivenUp
from data.ledger.log_tail import Tail
from data.ledger.repair.integrity import damage, files_damaged
from data.ledger.repair.recovery import salvage, take_back
from data.ledger.tables import EVENTS, LEASES, TABLES, VERDICTS


def event(subject: object) -> dict[str, Any]:
    return {"kind": "query", "subject": str(subject), "language": "", "detail": "{}"}


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Fourteen versions of events (two of them merged, a checkpoint among them), one of verdicts."""
    monkeypatch.setattr(compaction, "COMPACT_AT", 3)
    made = Ledger.create(str(tmp_path / "wells"))
    with made.lease():
        for n in range(8):
            made.append(EVENTS, [event(n)])
            if n in (3, 7):
                made.compact()
        made.append(VERDICTS, [{"subject": "p-q1", "check": "length"}])
        for n in range(8, 11):
            made.append(EVENTS, [event(n)])
    return Ledger(made.address)


def subjects(ledger: Ledger) -> set[str]:
    found = ledger.read(EVENTS)
    return set(found["subject"][found["kind"] == "query"])


def files(ledger: Ledger) -> list[Path]:
    tables = [Path(ledger.address, "ledger", name) for name in TABLES]
    hint = "_last_checkpoint"  # says nothing that the folder does not
    return sorted(p for table in tables for p in table.rglob("*") if p.is_file() and p.name != hint)


def test_a_whole_ledger_is_whole(ledger: Ledger) -> None:
    assert damage(ledger) == []
    assert any(".checkpoint." in path.name for path in files(ledger))


def test_any_changed_byte_is_found_and_named(ledger: Ledger) -> None:
    chance, tables = random.Random(7), Path(ledger.address, "ledger")
    every = files(ledger)
    assert len(every) > 40
    for path in every:
        before = path.read_bytes()
        at = chance.randrange(len(before))
        for now in (before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :], b"", before[:at], None):
            path.unlink()
            if now is not None:
                path.write_bytes(now)
            table = path.relative_to(tables).parts[0]
            found = files_damaged(Tail(tables, table))
            assert str(path.relative_to(tables / table)) in {one.file for one in found}
            path.write_bytes(before)
    assert damage(ledger) == []


def test_a_row_that_says_something_else_than_its_identity_is_found(ledger: Ledger) -> None:
    path = f"{ledger.address}/ledger/events"
    row = ledger.read_arrow(EVENTS).slice(0, 1).to_pylist()[0]

    write_deltalake(
        path, pa.Table.from_pylist([{**row, "subject": "another"}], schema=EVENTS.schema), mode="append"
    )
    ledger.append(EVENTS, [event("next")])
    (found,) = damage(ledger)
    assert found.table == "events"
    assert row["event_id"] in found.what


@pytest.mark.parametrize("how", ["emptied", "gone", "cut off"])
def test_without_the_newest_log_entry_nothing_is_read_or_buried(ledger: Ledger, how: str) -> None:
    """Delta would open the table as if the rows had never been, and put the next ones over the hole."""
    log = Path(ledger.address, "ledger", "events", "_delta_log")
    newest = max(path for path in log.glob("*.json"))
    if how == "gone":
        newest.unlink()
    else:
        os.truncate(newest, 0 if how == "emptied" else 100)
    for act in (subjects, lambda at: at.append(EVENTS, [event("more")])):
        with pytest.raises(
            LedgerDamaged, match=rf"events: version {int(newest.stem)} .*--deep --mend|{newest.name}"
        ):
            act(Ledger(ledger.address))
    (found,) = damage(ledger)
    assert (found.table, found.version) == ("events", int(newest.stem))
    (made,) = salvage(ledger)
    assert made.lost == 0
    assert subjects(ledger) == set(map(str, range(11)))


def test_what_is_lost_is_named_and_given_up_by_the_lead_s_word(ledger: Ledger) -> None:
    before = ledger.read(EVENTS, ["subject", "sequence"]).set_index("subject")["sequence"].to_dict()
    newest = Ledger(ledger.address).tail(EVENTS).record.every()[-1]  # type: ignore[union-attr]
    (lost,) = newest.files
    Path(ledger.address, "ledger", "events", lost).unlink()
    with pytest.raises(LedgerError, match="check --deep"):
        ledger.read(EVENTS)
    (found,) = damage(ledger)
    assert (found.table, found.version, found.file, found.rows) == ("events", newest.version, lost, 1)
    (made,) = salvage(ledger)
    assert (made.table, made.rows, made.lost) == ("events", 10, 1)
    assert damage(ledger) == []
    assert subjects(ledger) == set(map(str, range(10)))
    after = ledger.read(EVENTS, ["kind", "subject", "detail", "sequence"])
    assert after.set_index("subject")["sequence"].to_dict().items() >= {(s, before[s]) for s in subjects(ledger)}
    (told,) = after[after["kind"] == GivenUp.KIND].to_dict("records")
    assert lost in told["detail"]
    assert Path(made.aside, "_delta_log").is_dir(), "what was there is kept"
    ledger.append(EVENTS, [event("on it goes")])


def test_what_was_merged_into_another_file_is_no_loss(ledger: Ledger) -> None:
    """Files stay when they are merged, so one damaged file is made good by those that it was made of."""
    merged = next(one for one in ledger.tail(EVENTS).record.every() if one.removed)  # type: ignore[union-attr]
    for path in merged.files:
        Path(ledger.address, "ledger", "events", path).write_bytes(b"PAR1")
    assert {one.rows for one in damage(ledger)} == {0}
    (made,) = salvage(ledger)
    assert made.lost == 0
    assert subjects(ledger) == set(map(str, range(11)))


def test_without_the_leases_nobody_is_shut_out(ledger: Ledger) -> None:
    for path in Path(ledger.address, "ledger", "leases").rglob("*.json"):
        path.unlink()
    (made,) = salvage(ledger)
    assert made.table == "leases"
    with ledger.lease():
        ledger.append(EVENTS, [event("more")])
    assert ledger.read(LEASES)["epoch"].max() == 2


def test_a_summary_of_the_log_that_fails_is_no_failed_write(
    ledger: Ledger, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: DeltaTable) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(DeltaTable, "create_checkpoint", full)
    with caplog.at_level(logging.WARNING):
        for n in range(20, 31):
            ledger.append(EVENTS, [event(n)])
    assert "what was written stands" in caplog.text
    assert subjects(ledger) >= set(map(str, range(20, 31)))
    assert damage(ledger) == []


def test_a_copy_gives_back_what_was_lost_and_nothing_that_was_done_on_it(ledger: Ledger, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(ledger.address, tmp_path / "copy"))
    before = ledger.read(EVENTS, ["subject", "sequence"]).set_index("subject")["sequence"].to_dict()
    Ledger(str(copy)).append(EVENTS, [event("done on the copy")])
    for path in Path(ledger.address, "ledger", "events").glob("*.parquet"):
        path.unlink()
    salvage(ledger)
    assert subjects(ledger) == set()
    held = next(Path(copy, "ledger", "events").glob("*.parquet"))
    held.chmod(0o400)
    assert take_back(ledger, str(copy)) == {"events": 11}
    assert subjects(ledger) == set(map(str, range(11)))
    after = ledger.read(EVENTS, ["subject", "sequence"]).set_index("subject")["sequence"].to_dict()
    assert after.items() >= before.items(), "each at its place"
    assert take_back(ledger, str(copy)) == {}
    with pytest.raises(UsageError, match="copy of this campaign"):
        take_back(ledger, Ledger.create(str(tmp_path / "another")).address)


def test_a_copy_whose_bytes_changed_gives_nothing_of_them_back(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A cell outside an event's identity may differ, and the rows would still say what their identity says."""
    copy = Path(shutil.copytree(ledger.address, tmp_path / "copy"))
    for path in Path(ledger.address, "ledger", "verdicts").glob("*.parquet"):
        path.unlink()
    salvage(ledger)
    (held,) = Path(copy, "ledger", "verdicts").glob("*.parquet")
    rows = pq.read_table(held)
    at = rows.column_names.index("reason")
    pq.write_table(rows.set_column(at, rows.schema.field(at), pa.array(["too long"], pa.string())), held)
    assert take_back(ledger, str(copy)) == {}
    assert f"{held.name} not as written; nothing is taken from it" in caplog.text
