"""What a set is called in a report: as the user says, as its campaign or release is titled, or after its files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from data import storage
from data.campaign import FILE
from data.itemsets.set_name import SetName, set_name
from data.release.release_folder import manifest_of


def set_title(paths: Sequence[str], name: str = "") -> SetName:
    """Return the name of a set.

    Args:
        paths: files and folders of one set, or one campaign or release.
        name: as the user says it; "" if the user does not.

    Raises:
        CampaignError: the campaign's file cannot be read.
    """
    if name:
        return SetName(name)
    title = _title(paths[0]) if len(paths) == 1 else ""
    return SetName(title) if title else set_name(paths)


def _title(path: str) -> str:
    """Return the title of a campaign, or of a release with its version; "" for anything else."""
    if storage.exists(path, FILE):
        from data.campaign.campaign import Campaign

        return Campaign.load(path).about.title
    manifest = None if "://" in path else manifest_of(Path(path))
    title = str((manifest or {}).get("title", ""))
    return f"{title} {manifest['version']}" if manifest and title else ""
