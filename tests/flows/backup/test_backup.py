"""A campaign is kept whole and comes back whole, wherever it lies and wherever the work is cut off."""

from __future__ import annotations

import json
import multiprocessing
import re
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from annotation.labelstudio.local_server import DATABASE
from data import storage
from data.campaign.contacts import contacts, pseudonyms, set_contact
from data.errors import CampaignBusy, OutputFailed, UsageError
from data.ledger import Ledger
from data.ledger.tables import LEASES, TABLES
from flows.backup import backup_run, kept_places, restore_run
from flows.backup.backup_manifest import FILE, BackupDamaged, read_manifest
from flows.backup.backup_run import back_up, backups_in
from flows.backup.restore_run import MARK, restore
from flows.cli.commands import main
from flows.release import release_campaign
from tests.flows.small_campaign import Small, at
from tests.object_store_fixture import object_store

MACHINE = {"label-studio/secrets.json": '{"token": "t"}', "label-studio/media/upload/1/a.txt": "a",
           "label-studio/layer/audit.jsonl": "{}\n", "label-studio/server.log": "passing",
           "label-studio/layer/belebele_layer/door.py": "copied at a start", "assistant/secret": "s"}  # fmt: skip


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder with a Label Studio's data in it."""
    folder = tmp_path / "state"
    for name, text in MACHINE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with sqlite3.connect(folder / "label-studio" / DATABASE) as database:
        database.execute("create table drafts (text)")
        database.execute("insert into drafts values ('half a thought')")
    database.close()
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def small(machine: Path, tmp_path: Path) -> Small:
    small = at("accepted", tmp_path)
    set_contact(small.state.campaign.id, "ana", "ana@example.org", "Ana")
    pseudonyms(small.state.campaign.id, ["ana"])
    return small


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Path]:
    """Goes to another machine: a state folder with nothing in it."""

    def go(name: str = "other") -> Path:
        monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / name))
        return tmp_path / name

    return go


def rows(address: str) -> dict[str, object]:
    ledger = Ledger(address)
    return {name: ledger.read_arrow(table).to_pylist() for name, table in TABLES.items() if table is not LEASES}


def released(address: str, out: Path) -> dict[str, bytes]:
    release_campaign(address, "1.0.0", str(out), date="2026-01-31")
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def drafts(folder: Path) -> list[str]:
    database = sqlite3.connect(folder / "label-studio" / DATABASE)
    try:
        return [text for (text,) in database.execute("select text from drafts")]
    finally:
        database.close()


def test_everything_is_there_on_another_machine(
    small: Small, tmp_path: Path, elsewhere: Callable[[], Path]
) -> None:
    campaign_id = small.state.campaign.id
    before, called = rows(small.address), pseudonyms(campaign_id, ["ana", "ben"])
    made = back_up(small.address, tmp_path / "kept")
    there = elsewhere()
    new = str(tmp_path / "moved" / "bench")
    restore(made.folder, new)

    assert rows(new) == before
    assert contacts(campaign_id)["ana"].name == "Ana"
    assert pseudonyms(campaign_id, ["ana", "ben"]) == called
    assert drafts(there) == ["half a thought"]
    passing = ("label-studio/server.log", "label-studio/layer/belebele_layer/door.py")
    for name, text in MACHINE.items():
        assert (there / name).exists() == (name not in passing)
        assert name in passing or (there / name).read_text() == text
    assert released(new, tmp_path / "r2") == released(small.address, tmp_path / "r1")
    with Ledger(new).lease():  # nobody is said to hold it
        pass
    assert not list(Path(new).glob(".belebele*")) and not (there / "label-studio" / MARK).exists()


def test_only_its_owner_reads_it(small: Small, tmp_path: Path, elsewhere: Callable[[], Path]) -> None:
    made = back_up(small.address, tmp_path / "kept")
    there = elsewhere()
    restore(made.folder, str(tmp_path / "moved"))
    for folder in (made.folder, there / "label-studio", there / "people"):
        for path in (folder, *folder.rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_campaign_in_an_object_store_is_kept_and_comes_back_into_one(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Callable[..., Path]
) -> None:
    before = rows(small.address)
    made = back_up(small.address, tmp_path / "kept")
    with object_store(monkeypatch) as store:
        elsewhere("second")
        restore(made.folder, f"{store}/bench")
        assert rows(f"{store}/bench") == before
        assert MARK not in storage.names(f"{store}/bench")
        again = back_up(f"{store}/bench", tmp_path / "kept")
        assert again.folder != made.folder
        elsewhere("third")
        restore(again.folder, str(tmp_path / "down"))
    assert rows(str(tmp_path / "down")) == before
    with Ledger(str(tmp_path / "down")).lease() as ledger:
        assert ledger.epoch


@pytest.mark.parametrize("harm", ["changed", "gone", "shorter"])
def test_a_damaged_backup_is_refused_before_anything_is_written(
    small: Small, tmp_path: Path, harm: str, elsewhere: Callable[[], Path]
) -> None:
    made = back_up(small.address, tmp_path / "kept")
    file = made.folder / "people" / f"{small.state.campaign.id}.toml"
    content = file.read_bytes()
    file.unlink()
    if harm != "gone":
        file.write_bytes(content.replace(b"Ana", b"Eva") if harm == "changed" else content[:-1])
    there = elsewhere()
    with pytest.raises(BackupDamaged, match=rf"people/{file.name} (was changed|is missing)"):
        restore(made.folder, str(tmp_path / "moved"))
    assert not (tmp_path / "moved").exists() and not (there / "people").exists()


class Cut(OSError):
    """The power fails, or the disk is full."""


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int | None], None]]:
    """Fails every copy from the n-th on; None: works again."""
    whole, left = shutil.copyfile, [0, False]

    def copy(source: str | Path, target: str | Path) -> object:
        if left[1] and left[0] == 0:
            Path(target).write_bytes(b"half")
            raise Cut(28, "No space left on device")
        left[0] -= 1
        return whole(source, target)

    def after(count: int | None) -> None:
        left[:] = [count or 0, count is not None]

    for module in (kept_places, restore_run, backup_run):
        monkeypatch.setattr(module.shutil, "copyfile", copy)
    yield after


@pytest.mark.parametrize("count", [0, 40])
def test_a_backup_that_is_cut_off_is_none(
    small: Small, tmp_path: Path, cut: Callable[[int | None], None], count: int
) -> None:
    cut(count)
    with pytest.raises(OutputFailed, match="No space left on device; free some space, or name another folder"):
        back_up(small.address, tmp_path / "kept")
    assert list((tmp_path / "kept").iterdir()) == []
    left = tmp_path / "kept" / f".belebele-backup-{small.state.campaign.id}-dead"
    left.mkdir()  # as a killed run leaves it
    cut(None)
    made = back_up(small.address, tmp_path / "kept")
    assert [one.name for one in (tmp_path / "kept").iterdir()] == [made.folder.name]


@pytest.mark.parametrize("count", [1, 3, 60])
def test_a_restore_that_is_cut_off_leaves_no_campaign_and_goes_on(
    small: Small, tmp_path: Path, cut: Callable[[int | None], None], count: int, elsewhere: Callable[[], Path]
) -> None:
    before = rows(small.address)
    made = back_up(small.address, tmp_path / "kept")
    there, new = elsewhere(), str(tmp_path / "moved")
    cut(count)
    with pytest.raises(OutputFailed, match="run it again: it goes on"):
        restore(made.folder, new)
    assert not storage.exists(new, "campaign.toml")
    cut(None)
    restore(made.folder, new)
    assert rows(new) == before
    assert drafts(there) == ["half a thought"]


def test_nothing_is_written_over(small: Small, tmp_path: Path, elsewhere: Callable[[], Path]) -> None:
    made = back_up(small.address, tmp_path / "kept")
    with pytest.raises(UsageError, match="is a campaign: nothing is written over one"):
        restore(made.folder, small.address)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    with pytest.raises(UsageError, match="is not empty"):
        restore(made.folder, str(tmp_path / "full"))
    with pytest.raises(UsageError, match=r"there is a Label Studio in .*BELEBELE_STATE_DIR.*--no-server"):
        restore(made.folder, str(tmp_path / "moved"))
    set_contact(small.state.campaign.id, "ana", "ana@example.com", "Ana")
    with pytest.raises(UsageError, match="differs from the backup's"):
        restore(made.folder, str(tmp_path / "moved"), server=False)
    with pytest.raises(UsageError, match="lies in the backup"):
        restore(made.folder, str(made.folder / "campaign" / "new"), server=False)
    with pytest.raises(UsageError, match=re.escape(f"the latest in it is {made.folder}")):
        restore(tmp_path / "kept", str(tmp_path / "moved"))
    with pytest.raises(UsageError, match="lies in the campaign"):
        back_up(small.address, Path(small.address) / "kept")
    assert not (tmp_path / "moved").exists()


def test_a_manifest_that_points_outside_is_refused(small: Small, tmp_path: Path) -> None:
    made = back_up(small.address, tmp_path / "kept")
    facts = json.loads((made.folder / FILE).read_text())
    facts["files"]["campaign/../../passwd"] = {"size": 0, "sha256": ""}
    (made.folder / FILE).write_text(json.dumps(facts))
    with pytest.raises(BackupDamaged, match=r"names 'campaign/\.\./\.\./passwd'"):
        restore(made.folder, str(tmp_path / "moved"))


def test_older_ones_go_and_those_of_other_campaigns_stay(small: Small, tmp_path: Path) -> None:
    other = at("accepted", tmp_path / "b", "second")
    kept = tmp_path / "kept"
    strange = back_up(other.address, kept).folder
    made = [back_up(small.address, kept, keep=2) for _ in range(3)]
    assert backups_in(kept, small.state.campaign.id) == [one.folder for one in made[1:]]
    assert made[-1].removed == (made[0].folder,)
    assert read_manifest(strange).campaign == "second"


def test_a_run_that_holds_the_campaign_is_waited_for(small: Small, tmp_path: Path) -> None:
    told: list[str] = []
    with Ledger(small.address).lease(), pytest.raises(CampaignBusy):
        back_up(small.address, tmp_path / "kept", patience=0.1, tell=told.append)
    assert len(told) == 1 and "waiting" in told[0]
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_database_that_is_written_meanwhile_is_saved_as_of_one_moment(
    machine: Path, tmp_path: Path, small: Small, elsewhere: Callable[[], Path]
) -> None:
    stop = multiprocessing.Event()
    writer = multiprocessing.Process(target=write_pairs, args=(machine / "label-studio" / DATABASE, stop))
    writer.start()
    try:
        made = back_up(small.address, tmp_path / "kept")
    finally:
        stop.set()
        writer.join()
    there = elsewhere()
    restore(made.folder, str(tmp_path / "moved"))
    texts = drafts(there)[1:]
    assert texts[::2] == texts[1::2], "half of a transaction was saved"


def write_pairs(database: Path, stop: multiprocessing.synchronize.Event) -> None:
    """Write two equal lines at a time, until stopped."""
    number = 0
    with sqlite3.connect(database, timeout=30) as opened:
        while not stop.is_set():
            opened.executemany("insert into drafts values (?)", [(str(number),)] * 2)
            opened.commit()
            number += 1


def test_a_server_elsewhere_is_named_as_missing(
    small: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", "https://label.example.org")
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", "a-secret-token")
    made = back_up(small.address, tmp_path / "kept")
    assert any("https://label.example.org" in left and "--postgres" in left for left in made.manifest.left_out)
    assert "BELEBELE_LABEL_STUDIO_TOKEN" in made.manifest.variables
    content = b"".join(path.read_bytes() for path in made.folder.rglob("*") if path.is_file())
    assert b"a-secret-token" not in content


def test_whatever_lies_outside_the_campaign_is_named(small: Small, tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_text("term,fra_Latn\nriver,rivière\n")
    Path(small.address, "inside.csv").write_text("term,fra_Latn\nriver,rivière\n")
    small.configure("[translation]", '[translation]\nglossary = "../terms.csv"\nmemory = ["inside.csv"]')
    told = back_up(small.address, tmp_path / "kept").manifest.left_out
    assert [one for one in told if "terms.csv, which campaign.toml names: it lies outside" in one]
    assert not [one for one in told if "inside.csv" in one]


def test_the_commands_say_what_they_did(small: Small, tmp_path: Path, elsewhere: Callable[[], Path]) -> None:
    run = CliRunner().invoke
    said = run(main, ["backup", small.address, str(tmp_path / "kept")])
    assert said.exit_code == 0
    (folder,) = (tmp_path / "kept").iterdir()
    assert f"backed up: {folder}" in said.output and "as you keep passwords" in said.output
    elsewhere()
    said = run(main, ["restore", str(folder), str(tmp_path / "moved")])
    assert said.exit_code == 0
    assert (
        "Label Studio with accounts, drafts" in said.output and f"belebele up {tmp_path / 'moved'}" in said.output
    )
    said = run(main, ["restore", str(tmp_path / "nothing"), str(tmp_path / "more"), "--json"])
    assert (said.exit_code, said.stdout) == (2, "") and "is no backup" in said.stderr
