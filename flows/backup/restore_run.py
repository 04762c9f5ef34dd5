"""`belebele restore`: a campaign from its backup, at a new address and on this machine.

Nothing is written before every file of the backup was read, and nothing that is there is written over. What makes
a folder a campaign, `campaign.toml`, comes last: a restore that was cut off leaves no campaign, and running it
again goes on.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotation.labelstudio.local_server import DATABASE
from data import storage
from data.campaign import FILE as CAMPAIGN_FILE
from data.errors import LedgerError, UsageError
from data.ledger import ledger_format
from data.output_files import failing
from flows.backup.annotation_database import bring_back_postgres
from flows.backup.backup_manifest import (
    ASSISTANT,
    CAMPAIGN,
    DUMP,
    LABEL_STUDIO,
    PEOPLE,
    Manifest,
    read_manifest,
    verify,
)
from flows.backup.kept_places import assistant_secret, close_to_others, own_label_studio, people_files, sync_tree

MARK = ".belebele-restoring"
"""The name of a file that names the backup, in a folder that is being filled from it."""

_FORMAT_FILE = f"ledger/{ledger_format.FILE}"
_CURE = "free some space and run it again: it goes on"


@dataclass(frozen=True)
class Restored:
    """What was brought back.

    Attributes:
        manifest: of the backup.
        address: where the campaign is now.
        brought: what came back, in words.
        wanted: what the person has to do, in words.
    """

    manifest: Manifest
    address: str
    brought: Sequence[str]
    wanted: Sequence[str]


def restore(
    backup: Path, address: str, *, label_studio: str = "", postgres: str = "", server: bool = True
) -> Restored:
    """Bring a campaign back.

    Args:
        backup: the backup's folder.
        address: where the campaign is to be: an empty or missing folder, or an object store without files there.
        label_studio: the data folder for a Label Studio that somebody else starts; by default the place of the one
            that `belebele up` starts.
        postgres: its PostgreSQL database, as libpq finds it.
        server: whether to bring back Label Studio.

    Raises:
        UsageError: there is something in a place that would be filled.
        BackupDamaged: files of the backup are gone or changed.
        OutputFailed: the disk refuses.
    """
    manifest = read_manifest(backup)
    server = server and (manifest.has(LABEL_STUDIO) or manifest.has(DUMP))
    studio = Path(label_studio) if label_studio else own_label_studio()
    if server and manifest.has(DUMP) and not postgres:
        raise UsageError(
            "Label Studio's database is in PostgreSQL: make an empty one and name it with --postgres dbname=NAME, "
            "or leave it out with --no-server"
        )
    _refuse(manifest, backup, address, studio if server else None)
    verify(backup, manifest)
    _begin(address, manifest)
    if server:
        _restore_server(backup, manifest, studio, postgres)
    _restore_machine(backup, manifest)
    _restore_ledger(backup, manifest, address)
    storage.remove(str(studio), MARK)
    _complete(backup, address)
    return Restored(manifest, address, tuple(_brought(manifest, server)), tuple(_wanted(manifest, server)))


def _refuse(manifest: Manifest, backup: Path, address: str, studio: Path | None) -> None:
    """Refuse places that hold something of others.

    Raises:
        UsageError: names each of them.
    """
    place = None if storage.is_remote(address) else Path(address).resolve()
    if place and backup.resolve() in (place, *place.parents):
        raise UsageError(f"{address} lies in the backup: name a place elsewhere")
    if storage.exists(address, CAMPAIGN_FILE):
        raise UsageError(f"{address} is a campaign: nothing is written over one; name an empty place")
    if _is_filled(address) and not _goes_on(address, manifest):
        raise UsageError(f"{address} is not empty: name an empty place")
    if studio is not None and (studio / DATABASE).exists() and not _goes_on(str(studio), manifest):
        raise UsageError(
            f"there is a Label Studio in {studio}, with its own people and work: name another place for what is "
            "this machine's with BELEBELE_STATE_DIR=…, or leave Label Studio out with --no-server"
        )
    for part, target in _machine_files(manifest):
        source = backup / part / target.name
        if source.exists() and target.exists() and target.read_bytes() != source.read_bytes():
            raise UsageError(
                f"{target} is there already, and differs from the backup's: name another place for what is this "
                "machine's with BELEBELE_STATE_DIR=…, or move the file away"
            )


def _is_filled(address: str) -> bool:
    try:
        return bool(storage.names(address))
    except (FileNotFoundError, NotADirectoryError):
        return Path(address).exists() and not storage.is_remote(address)
    except OSError as error:
        raise LedgerError(f"cannot read {address}: {error}") from error


def _goes_on(address: str, manifest: Manifest) -> bool:
    """Return whether a restore of this backup was cut off at an address."""
    try:
        return storage.read_text(address, MARK).strip() == manifest.digest
    except (OSError, UnicodeDecodeError):
        return False


def _begin(address: str, manifest: Manifest) -> None:
    with failing(address, _CURE):
        storage.write_text(address, MARK, manifest.digest + "\n")


def _restore_server(backup: Path, manifest: Manifest, studio: Path, postgres: str) -> None:
    if manifest.has(LABEL_STUDIO):
        with failing(studio, _CURE):
            studio.mkdir(mode=0o700, parents=True, exist_ok=True)
            _begin(str(studio), manifest)
            names = manifest.inside(LABEL_STUDIO)
            _put(backup / LABEL_STUDIO, studio, sorted(names, key=lambda name: name == DATABASE))
            close_to_others(studio)
            sync_tree(studio)
    if manifest.has(DUMP):
        bring_back_postgres(postgres, backup / DUMP)


def _restore_machine(backup: Path, manifest: Manifest) -> None:
    for part, target in _machine_files(manifest):
        if manifest.has(f"{part}/{target.name}"):
            with failing(target.parent, _CURE):
                content = (backup / part / target.name).read_bytes()
                target.parent.mkdir(mode=0o700, exist_ok=True)
                storage.write_bytes(str(target.parent), target.name, content, mode=0o600)


def _restore_ledger(backup: Path, manifest: Manifest, address: str) -> None:
    names = [name for name in manifest.inside(CAMPAIGN) if name not in (CAMPAIGN_FILE, _FORMAT_FILE)]
    with failing(address, _CURE):
        if storage.is_remote(address):
            system, root = storage.filesystem_of(address)
            for name in names:
                system.put_file(str(backup / CAMPAIGN / name), f"{root}/{name}")
        else:
            _put(backup / CAMPAIGN, Path(address), names)
            sync_tree(Path(address))


def _complete(backup: Path, address: str) -> None:
    """Write what makes the place a campaign."""
    copy = ledger_format.copy_of(str(backup / CAMPAIGN))
    with failing(address, _CURE):
        if copy:
            ledger_format.note(address, ledger_format.format_of(str(backup / CAMPAIGN)), copy.restored())
        last = (backup / CAMPAIGN / CAMPAIGN_FILE).read_bytes()
        storage.write_bytes(address, CAMPAIGN_FILE, last)
        storage.remove(address, MARK)


def _put(source: Path, target: Path, names: Sequence[str]) -> None:
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target / name)


def _machine_files(manifest: Manifest) -> tuple[tuple[str, Path], ...]:
    """Return the folder in the backup and the place on this machine of each file that is this machine's."""
    contacts, key = people_files(manifest.campaign)
    return (PEOPLE, contacts), (PEOPLE, key), (ASSISTANT, assistant_secret())


def _brought(manifest: Manifest, server: bool) -> Iterator[str]:
    yield "the campaign and its ledger"
    if manifest.has(PEOPLE):
        yield "what tells people from their codes"
    if manifest.has(ASSISTANT):
        yield "the assistant's secret"
    if server:
        yield "Label Studio with accounts, drafts and what was submitted"


def _wanted(manifest: Manifest, server: bool) -> Iterator[str]:
    if lacking := [name for name in manifest.variables if not os.environ.get(name)]:
        yield f"set what the environment had when it was backed up: {', '.join(lacking)}"
    for left in manifest.left_out:
        yield f"was not in the backup: {left}"
    if (manifest.has(LABEL_STUDIO) or manifest.has(DUMP)) and not server:
        yield "Label Studio was left out: a new one is filled from the ledger, and people sign up again"
    yield f"stop what still advances {manifest.address}: one copy of a campaign goes on, not two"
