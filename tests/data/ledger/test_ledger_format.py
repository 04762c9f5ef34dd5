"""A ledger says in which format it is: older ones are brought up to date, later ones are not touched."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import LedgerDamaged, LedgerError
from data.ledger import Ledger, ledger_format
from data.ledger.tables import EVENTS, LATER, TABLES
from tests.stored_campaign import stored_campaign


def file_of(address: str) -> Path:
    return Path(address, "ledger", ledger_format.FILE)


def test_a_new_ledger_has_the_number_of_today(tmp_path: Path) -> None:
    ledger = Ledger.create(str(tmp_path / "bench"))
    assert json.loads(file_of(ledger.address).read_text())["format"] == "belebele-ledger/2"
    assert ledger_format.format_of(ledger.address) == ledger_format.FORMAT == 2


def test_a_copy_keeps_its_number_until_it_is_restored(tmp_path: Path) -> None:
    ledger = Ledger.create(str(tmp_path / "bench"))
    copy = ledger_format.copy_of(ledger.address)
    other = Ledger.create(str(tmp_path / "b"))
    assert copy and copy.follows == () and copy != ledger_format.copy_of(other.address)
    ledger_format.note(ledger.address)
    Ledger.create(ledger.address)
    assert ledger_format.copy_of(ledger.address) == copy
    ledger_format.note(ledger.address, copy=copy.restored().restored())
    new = ledger_format.copy_of(ledger.address)
    assert new and new.id not in new.follows and new.follows[1:] == (copy.id,)


def test_a_run_brings_an_older_ledger_up_to_date_and_changes_no_row(tmp_path: Path) -> None:
    ledger = Ledger(stored_campaign(tmp_path))
    before = {name: ledger.read_arrow(table) for name, table in TABLES.items() if name not in (*LATER, "leases")}
    assert ledger_format.format_of(ledger.address) == 1
    assert all(ledger.lacks(TABLES[name]) for name in LATER)

    with Ledger(ledger.address).lease():
        pass

    assert ledger_format.format_of(ledger.address) == 2
    after = Ledger(ledger.address)
    assert not any(after.lacks(TABLES[name]) for name in LATER)
    assert all(after.read_arrow(TABLES[name]).equals(rows) for name, rows in before.items())


def test_a_step_that_was_cut_off_is_taken_again(tmp_path: Path) -> None:
    ledger = Ledger(stored_campaign(tmp_path))
    made: list[str] = []

    def cut_off() -> None:
        made.append("half")
        raise OSError("the power is gone")

    with pytest.raises(OSError, match="the power"):
        ledger_format.upgrade(ledger.address, {1: cut_off})
    assert ledger_format.format_of(ledger.address) == 1
    ledger_format.upgrade(ledger.address, {1: lambda: made.append("whole")})
    ledger_format.upgrade(ledger.address, {1: lambda: made.append("never")})
    assert made == ["half", "whole"]


def test_a_ledger_of_a_later_version_is_neither_read_nor_written(tmp_path: Path) -> None:
    address = str(tmp_path / "bench")
    Ledger.create(address)
    file_of(address).write_text('{"format": "belebele-ledger/3", "whatever": ["a later version writes"]}\n')
    files = {path: path.read_bytes() for path in Path(address).rglob("*") if path.is_file()}

    def held() -> None:
        with Ledger(address).lease():
            pass

    for attempt in (
        lambda: Ledger(address).read(EVENTS),
        lambda: Ledger(address).append(EVENTS, [{"kind": "noted"}]),
        lambda: Ledger.create(address),
        held,
    ):
        with pytest.raises(LedgerError, match=r"brought to format 3 by a later version .* install that version"):
            attempt()
    assert {path: path.read_bytes() for path in Path(address).rglob("*") if path.is_file()} == files


@given(st.text() | st.sampled_from(['{"format": 2}', '{"format": "belebele-ledger/"}', "[]", '{"format":"x/2"}']))
def test_what_is_no_number_is_named(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("bench")
    (folder / "ledger").mkdir()
    file_of(str(folder)).write_text(text, "utf-8")
    with pytest.raises(LedgerDamaged, match=r"format\.json is broken.*take it back from a copy"):
        ledger_format.format_of(str(folder))
