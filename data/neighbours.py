"""Campaigns near an address that holds none: what was probably meant.

People name the campaign's file, a folder inside it, or a folder that is spelt nearly so; or they stand one folder
too high. Only this machine's folders are looked through, and no deeper than one level.
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path

from data import storage

SHOWN = 3
"""Campaigns that are named."""

_HIGHER = 4  # folders


def neighbours(address: str, file: str) -> list[str]:
    """Addresses of campaigns that may have been meant, the likeliest first.

    Args:
        address: where there is none.
        file: the name of the file that makes a folder a campaign.
    """
    if storage.is_remote(address):
        return []
    here = Path(address)
    around = [Path(*here.parts[:n]) for n in range(len(here.parts) - 1, 0, -1)]
    above = [one for one in around[:_HIGHER] if (one / file).is_file()]
    if above:
        return [str(above[0])]
    inside = _campaigns(here, file)
    beside = _campaigns(here.parent, file) if here.name else []
    near = get_close_matches(here.name.casefold(), [one.name.casefold() for one in beside], n=SHOWN, cutoff=0.6)
    alike = [one for name in near for one in beside if one.name.casefold() == name]
    return [str(one) for one in dict.fromkeys([*inside, *alike])][:SHOWN]


def _campaigns(folder: Path, file: str) -> list[Path]:
    try:
        return sorted(one for one in folder.iterdir() if (one / file).is_file())
    except OSError:  # no folder, or one that may not be read: nothing near is known
        return []
