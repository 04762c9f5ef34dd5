"""What a backup leaves out: values of variables, servers of others, files that lie outside the campaign."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from data import storage
from data.campaign.campaign import Campaign
from data.campaign.named_files import named_files
from data.environment import server_variables
from flows.backup.kept_places import ServerData


def set_variables() -> Sequence[str]:
    """Return the names of the variables that this program was given; their values are in no backup."""
    return tuple(sorted(name for name in os.environ if name.startswith("BELEBELE_") and not name.endswith("_DIR")))


def left_out(campaign: Campaign, address: str, data: ServerData | None) -> Iterator[str]:
    """Yield what belongs to a campaign and is not in its backup, each with what to do.

    Args:
        campaign: whose.
        address: where it lies.
        data: of its Label Studio, if that is backed up.
    """
    default = campaign.servers.default
    for name in campaign.server_names():
        url = os.environ.get(server_variables(name)[0])
        if url and not (data and name == default):
            yield (
                f"Label Studio {name!r} at {url}: back it up where it runs, with its database, or name what is on "
                "this machine: --label-studio FOLDER, --postgres dbname=NAME"
            )
        elif not url and data is None and name == default:
            yield "Label Studio: none was started on this machine yet"
    if not _lies_in(address, source := campaign.source_path(address)):
        yield f"{source}, the source: it lies outside the campaign; what was read of it is in the ledger"
    for path in named_files(campaign, address):
        if not _lies_in(address, path):
            yield f"{path}, which campaign.toml names: it lies outside the campaign; keep it, too"


def _lies_in(address: str, place: str) -> bool:
    if storage.is_remote(place) or storage.is_remote(address):
        return place.startswith(f"{address.rstrip('/')}/")
    return Path(address).resolve() in Path(place).resolve().parents
