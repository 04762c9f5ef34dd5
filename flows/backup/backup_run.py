"""`belebele backup`: a campaign as it is now, kept in a folder of its own, while people work on.

The campaign is held meanwhile, so that no run changes the ledger between its copy and the server's: the server's
copy knows everything that the ledger's copy expects of it. What people submit during those seconds stays on the
server, and the next `advance` collects it, here as well as in a restored campaign. The table of leases is copied
when the campaign is let go, so that a restored campaign is held by nobody.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from annotation.labelstudio.local_server import DATABASE
from data import storage
from data.campaign.campaign import Campaign
from data.errors import CampaignBusy, UsageError
from data.ledger import Ledger
from data.ledger.tables import LEASES
from data.output_files import alone, failing, sync_folder
from flows.backup.annotation_database import save_postgres, save_sqlite
from flows.backup.backup_manifest import (
    ASSISTANT,
    CAMPAIGN,
    DUMP,
    FILE,
    LABEL_STUDIO,
    PEOPLE,
    Manifest,
    kept_files,
    read_manifest,
)
from flows.backup.kept_places import (
    SERVERS_OWN,
    ServerData,
    assistant_secret,
    close_to_others,
    copy_campaign,
    copy_tree,
    people_files,
    server_data,
    sync_tree,
)
from flows.backup.left_out import left_out, set_variables

PATIENCE = 600.0
"""Seconds that a backup waits for a run that holds the campaign."""

_LOOK = 2.0  # seconds between two tries
_PART = ".belebele-backup-"


@dataclass(frozen=True)
class Backup:
    """A backup that was made.

    Attributes:
        folder: where it lies.
        manifest: what it holds.
        removed: folders of older ones that were removed.
    """

    folder: Path
    manifest: Manifest
    removed: tuple[Path, ...] = ()


def back_up(
    address: str,
    into: Path,
    *,
    label_studio: str = "",
    postgres: str = "",
    keep: int | None = None,
    patience: float = PATIENCE,
    tell: Callable[[str], None] = lambda _: None,
) -> Backup:
    """Keep a campaign in a new folder.

    Args:
        address: the campaign's.
        into: the folder in which the new one is made; created if missing.
        label_studio: the data folder of a Label Studio that somebody else starts.
        postgres: its PostgreSQL database, as libpq finds it.
        keep: how many backups of this campaign stay there, the new one included; all by default.
        patience: seconds to wait for a run that holds the campaign.
        tell: receives a sentence while it waits.

    Raises:
        UsageError: the folder lies in the campaign, or a file is in its place.
        CampaignBusy: a run held the campaign all the time.
        OutputFailed: the disk refuses; nothing half written stays under a backup's name.
    """
    campaign = Campaign.load(address)
    _refuse_inside(address, into)
    data = server_data(campaign, label_studio, postgres)
    if data and data.folder and not data.folder.is_dir():
        raise UsageError(f"there is no folder {data.folder}: --label-studio names a Label Studio's data folder")
    with failing(into, "free some space, or name another folder"):
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        with alone(into), _part(into, campaign.id) as part:
            with _held(Ledger(address), patience, tell):
                copy_campaign(address, part / CAMPAIGN, lambda name: not _is_of_leases(name))
                _save_server(data, part)
            copy_campaign(address, part / CAMPAIGN, _is_of_leases)
            _save_machine(campaign, part)
            now = datetime.now(UTC)
            manifest = Manifest(
                campaign.id,
                campaign.about.title,
                storage.absolute(address),
                now.isoformat(timespec="microseconds"),
                kept_files(part),
                set_variables(),
                tuple(left_out(campaign, address, data)),
            )
            close_to_others(part)
            manifest.write(part)
            sync_tree(part)
            folder = into / f"{campaign.id}-{now:%Y%m%dT%H%M%SZ}"
            if folder.exists():
                folder = into / f"{folder.name[:-1]}.{now:%f}Z"
            part.rename(folder)
            sync_folder(into)
            removed = _remove_older(into, campaign.id, keep) if keep else ()
    return Backup(folder, manifest, removed)


def backups_in(folder: Path, campaign_id: str) -> list[Path]:
    """Return the folders of a campaign's backups, the latest last."""
    found = []
    for one in folder.glob(f"*/{FILE}"):
        if one.parent.name.startswith(_PART):
            continue
        manifest = read_manifest(one.parent)
        if manifest.campaign == campaign_id:
            found.append((manifest.made_at, one.parent.name))
    return [folder / name for _, name in sorted(found)]


def _refuse_inside(address: str, into: Path) -> None:
    if into.exists() and not into.is_dir():
        raise UsageError(f"{into} is a file; name a folder")
    if storage.is_remote(address):
        return
    campaign = Path(address).resolve()
    if campaign in (into.resolve(), *into.resolve().parents):
        raise UsageError(f"{into} lies in the campaign, and would be backed up with it: name a folder elsewhere")


@contextmanager
def _part(into: Path, campaign_id: str) -> Iterator[Path]:
    """Make the folder in which a backup is written, and remove what a killed run left of its own."""
    begin = f"{_PART}{campaign_id}-"
    for left in into.glob(f"{begin}*"):
        shutil.rmtree(left)
    part = Path(tempfile.mkdtemp(prefix=begin, dir=into))
    try:
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)


@contextmanager
def _held(ledger: Ledger, patience: float, tell: Callable[[str], None]) -> Iterator[None]:
    until, told = time.monotonic() + patience, False
    while True:
        try:
            with ledger.lease():
                yield
            return
        except CampaignBusy as error:
            if time.monotonic() > until:
                raise
            if not told:
                tell(f"waiting: {error}")
            told = True
            time.sleep(min(_LOOK, patience))


def _is_of_leases(name: str) -> bool:
    """Return whether a file, by its path at the campaign's address, belongs to the table of leases."""
    return name.startswith(f"ledger/{LEASES.name}/") or name == f"ledger/acknowledged/{LEASES.name}.jsonl"


def _save_server(data: ServerData | None, part: Path) -> None:
    if data is None:
        return
    if data.folder is not None:
        copy_tree(data.folder, part / LABEL_STUDIO, SERVERS_OWN)
        if not data.postgres and (data.folder / DATABASE).exists():
            (part / LABEL_STUDIO).mkdir(exist_ok=True)
            save_sqlite(data.folder / DATABASE, part / LABEL_STUDIO / DATABASE)
    if data.postgres:
        save_postgres(data.postgres, part / DUMP)


def _save_machine(campaign: Campaign, part: Path) -> None:
    places = [(PEOPLE, one) for one in people_files(campaign.id)] + [(ASSISTANT, assistant_secret())]
    for name, file in places:
        if file.exists():
            (part / name).mkdir(exist_ok=True)
            shutil.copyfile(file, part / name / file.name)


def _remove_older(into: Path, campaign_id: str, keep: int) -> tuple[Path, ...]:
    older = backups_in(into, campaign_id)[:-keep]
    for folder in older:
        (folder / FILE).unlink()  # first, so that half of one is none
        shutil.rmtree(folder)
    return tuple(older)
