"""The places of a campaign: what lies at its address, on this machine, and in its Label Studio."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from annotation.labelstudio.local_server import DATABASE
from data import storage
from data.campaign.campaign import Campaign
from data.campaign.contacts import contacts_file
from data.environment import server_variables, state_dir
from data.errors import LedgerError
from data.output_files import sync_folder

PASSING = ("*.lock", "*.new", "*.part", "*.tmp")
"""Names of files that mean something to a running process only."""

SERVERS_OWN = (*PASSING, f"{DATABASE}*", "server.log*", "address.json", "admitted.json", "belebele_layer")
"""Names in a Label Studio's data folder that are not copied: the database is saved by itself, and the rest is
written anew when the server starts."""


@dataclass(frozen=True)
class ServerData:
    """A Label Studio whose data can be reached from here.

    Attributes:
        folder: its data folder; None if only its database is known.
        postgres: how libpq finds its database, as `dbname=label-studio`; "" if it is a file in the folder.
    """

    folder: Path | None
    postgres: str = ""


def server_data(campaign: Campaign, folder: str = "", postgres: str = "") -> ServerData | None:
    """Return the data of the campaign's Label Studio; None if they are on another machine or there is none yet.

    Args:
        campaign: whose.
        folder: the data folder of a server that somebody else starts.
        postgres: its database.
    """
    if folder or postgres:
        return ServerData(Path(folder) if folder else None, postgres)
    if os.environ.get(server_variables(campaign.servers.default)[0]):
        return None
    own = own_label_studio()
    return ServerData(own) if (own / DATABASE).exists() else None


def own_label_studio() -> Path:
    """Return the data folder of the Label Studio that `belebele up` starts on this machine."""
    return state_dir() / "label-studio"


def people_files(campaign_id: str) -> tuple[Path, Path]:
    """Return the files of people's addresses and of the secret behind pseudonyms, whether they exist or not."""
    contacts = contacts_file(campaign_id)
    return contacts, contacts.with_suffix(".key")


def assistant_secret() -> Path:
    """Return the file of the assistant's secret, whether it exists or not."""
    return state_dir() / "assistant" / "secret"


def copy_campaign(address: str, target: Path, wanted: Callable[[str], bool] = lambda _: True) -> int:
    """Copy what lies at a campaign's address, logs of tables before the files that they name.

    What runs write meanwhile does no harm: a table in the copy is then as old as its log.

    Args:
        address: a folder or an object store.
        target: the folder to copy into.
        wanted: whether to copy a file, by its path at the address.

    Returns:
        How many files were copied.

    Raises:
        LedgerError: the object store cannot be read.
    """
    if not storage.is_remote(address):
        return copy_tree(Path(address), target, PASSING, wanted)
    system, root = storage.filesystem_of(address)
    try:
        found = [path.removeprefix(root).lstrip("/") for path in system.find(root)]
        for name in (chosen := sorted(filter(wanted, found), key=_logs_first)):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            system.get_file(f"{root}/{name}", str(target / name))
    except OSError as error:
        raise LedgerError(f"cannot read {address}: {error}; run it again, nothing was changed") from error
    return len(chosen)


def copy_tree(
    folder: Path, target: Path, without: tuple[str, ...] = PASSING, wanted: Callable[[str], bool] = lambda _: True
) -> int:
    """Copy the files of a folder; return how many.

    Args:
        folder: what to copy; a file that vanishes meanwhile is left out.
        target: the folder to copy into.
        without: patterns of names, of files and of folders, that are left out.
        wanted: whether to copy a file, by its path in the folder.
    """
    count = 0
    for name in sorted(filter(wanted, _names(folder, without)), key=_logs_first):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        try:
            shutil.copyfile(folder / name, target / name)
        except FileNotFoundError:
            continue
        count += 1
    return count


def sync_tree(folder: Path) -> None:
    """Make a folder and everything in it survive a power cut."""
    for path in folder.rglob("*"):
        if path.is_dir():
            sync_folder(path)
            continue
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)


def close_to_others(folder: Path) -> None:
    """Let only the owner read a folder and everything in it."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _names(folder: Path, without: tuple[str, ...]) -> Iterator[str]:
    for path in folder.rglob("*"):
        parts = path.relative_to(folder).parts
        if path.is_file() and not any(fnmatch(part, pattern) for part in parts for pattern in without):
            yield path.relative_to(folder).as_posix()


def _logs_first(name: str) -> tuple[int, str]:
    """Order a campaign's files so that whatever names others is copied before them."""
    parts = PurePosixPath(name).parts
    return (0 if "acknowledged" in parts else 1 if "_delta_log" in parts else 2), name
