"""A table that was exported gives back what the ledger lost of it, as it was, and nothing else."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import UsageError
from data.ledger import Ledger
from data.ledger.repair import exported_table, recovery
from data.ledger.repair.recovery import salvage
from data.ledger.tables import EVENTS, QUESTIONS
from flows.offline.table_export import read_exported


def event(subject: object) -> dict[str, Any]:
    return {"kind": "query", "subject": str(subject), "language": "", "detail": "{}"}


def question(number: int) -> dict[str, Any]:
    return {
        "question_id": f"p-q{number}", "passage_id": "p", "question_number": number, "revision": 1,
        "passage_revision": 1, "language": "eng_Latn", "question": "Why?", "answers": ["a", "b", "c", "d"],
        "key": 2,
        "notes": [""] * 4, "translator_note": "", "evidence": None, "person": "ana", "annotation": "0" * 32,
        "submitted_at": pd.Timestamp("2026-01-02T03:04:05.678901Z"),
    }  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(str(tmp_path / "wells"))
    with made.lease():
        for n in range(4):
            made.append(EVENTS, [event(n)])
            made.append(QUESTIONS, [question(n)])
    return Ledger(made.address)


def exported(ledger: Ledger, table: Any, out: Path) -> Path:
    """As `belebele export` writes it."""
    rows = pa.Table.from_pandas(ledger.read(table), preserve_index=False)
    noted = {**rows.schema.metadata, **exported_table.note(ledger, table, rows)}
    pq.write_table(rows.replace_schema_metadata(noted), out)
    return out


def take_back(ledger: Ledger, file: str) -> dict[str, int]:
    return recovery.take_back(ledger, file, read_exported(Path(file)))


def lose(ledger: Ledger, table: Any) -> None:
    for path in Path(ledger.address, "ledger", table.name).glob("*.parquet"):
        path.unlink()
    salvage(ledger)


def rows(ledger: Ledger, table: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ledger.read_arrow(table).drop_columns(["recorded_at"]).to_pylist()
    return [row for row in found if row.get("kind") in (None, "query")]


@pytest.mark.parametrize("table", [EVENTS, QUESTIONS], ids=lambda table: table.name)
def test_an_exported_table_gives_back_what_is_lost_each_at_its_place(
    table: Any, ledger: Ledger, tmp_path: Path
) -> None:
    file, before = exported(ledger, table, tmp_path / "out.parquet"), rows(ledger, table)
    lose(ledger, table)
    assert rows(ledger, table) == []
    file.chmod(0o400)
    assert take_back(ledger, str(file)) == {table.name: 4}
    assert rows(ledger, table) == before
    assert take_back(ledger, str(file)) == {}, "nothing comes twice"
    with ledger.lease():
        ledger.compact()
    lose(ledger, table)
    assert take_back(ledger, str(file)) == {table.name: 4}, "also after a second loss"


def test_a_changed_cell_a_foreign_table_and_another_format_are_refused(ledger: Ledger, tmp_path: Path) -> None:
    file = exported(ledger, QUESTIONS, tmp_path / "out.parquet")
    lose(ledger, QUESTIONS)
    whole = pq.read_table(file)
    for name, value in (("key", 3), ("question", "What?"), ("sequence", 10**6), ("person", "ben")):
        at = whole.column_names.index(name)
        column = pa.array([value] * len(whole), whole.schema.field(name).type)
        changed = whole.set_column(at, whole.schema.field(name), column)
        pq.write_table(changed.replace_schema_metadata(whole.schema.metadata), tmp_path / "changed.parquet")
        with pytest.raises(UsageError, match="was changed since belebele export wrote it"):
            take_back(ledger, str(tmp_path / "changed.parquet"))
    for spoilt in (whole.slice(1), pa.concat_tables([whole, whole.slice(0, 1)])):
        pq.write_table(spoilt, tmp_path / "changed.parquet")
        with pytest.raises(UsageError, match="was changed since belebele export wrote it"):
            take_back(ledger, str(tmp_path / "changed.parquet"))
    for metadata in ({}, {b"belebele": b"[]"}, {b"belebele": b'{"table": "people", "files": [], "digest": ""}'}):
        pq.write_table(whole.replace_schema_metadata(metadata), tmp_path / "unmarked.parquet")
        with pytest.raises(UsageError, match="is no table that belebele export wrote"):
            take_back(ledger, str(tmp_path / "unmarked.parquet"))
    whole.to_pandas().to_csv(tmp_path / "out.csv")
    (tmp_path / "broken.parquet").write_bytes(file.read_bytes()[:400])
    for other, why in (("out.csv", "exported as .parquet"), ("broken.parquet", "cannot be read as parquet")):
        with pytest.raises(UsageError, match=why):
            take_back(ledger, str(tmp_path / other))
    other = Ledger.create(str(tmp_path / "another"))
    other.append(QUESTIONS, [question(7)])
    with pytest.raises(UsageError, match="no table of this campaign"):
        take_back(ledger, str(exported(other, QUESTIONS, tmp_path / "other.parquet")))
    assert rows(ledger, QUESTIONS) == [], "nothing came in"
    assert take_back(ledger, str(file)) == {"questions": 4}


def test_a_table_exported_from_a_copy_on_which_somebody_worked_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    copy = Ledger(str(shutil.copytree(ledger.address, tmp_path / "copy")))
    before = exported(copy, EVENTS, tmp_path / "before.parquet")
    copy.append(EVENTS, [event("done on the copy")])
    after = exported(copy, EVENTS, tmp_path / "after.parquet")
    lose(ledger, EVENTS)
    with pytest.raises(UsageError, match="a copy of this campaign on which somebody worked since"):
        take_back(ledger, str(after))
    assert take_back(ledger, str(before)) == {"events": 4}
    noted = json.loads(pq.read_schema(before).metadata[b"belebele"])
    assert noted["table"] == "events"
