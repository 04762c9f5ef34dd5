"""Suggestions for an address at which nothing is: the campaigns and files that were probably meant.

People name the campaign's file, a folder inside the campaign, or a slightly misspelt folder; or they are one
folder too high. Only this machine's folders are searched, and no deeper than one level.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

from data import storage

SHOWN = 3
"""Most campaigns that are suggested."""

_HIGHER = 4  # folders upwards that are searched


def neighbours(address: str, file: str) -> list[str]:
    """Return addresses of campaigns that may have been meant, the likeliest first.

    Args:
        address: the address without a campaign.
        file: the name of the file that makes a folder a campaign.
    """
    if storage.is_remote(address):
        return []
    here = Path(address)
    around = list(here.parents)[:_HIGHER] if here.exists() and here.name else []
    above = [one for one in around if (one / file).is_file()]
    if above:
        return [str(above[0])]
    inside = _campaigns(here, file)
    beside = _campaigns(here.parent, file) if here.name else []
    near = get_close_matches(here.name.casefold(), [one.name.casefold() for one in beside], n=SHOWN, cutoff=0.6)
    alike = [one for name in near for one in beside if one.name.casefold() == name]
    return [str(one) for one in dict.fromkeys([*inside, *alike])][:SHOWN]


def absent(paths: Iterable[str]) -> list[str]:
    """Return a message for each path on this machine at which there is neither a file nor a folder.

    It takes no time, so call it before anything slow is loaded.
    """
    problems = []
    for path in paths:
        if storage.is_remote(path) or Path(path).exists():
            continue
        problems.append(f"{path}: there is no such file or folder{_alike(Path(path))}")
    return problems


def _alike(path: Path) -> str:
    try:
        names = sorted(one.name for one in path.parent.iterdir())
    except OSError:
        return f"; there is no folder {path.parent} either"
    near = get_close_matches(path.name, names, n=1, cutoff=0.6)
    return f"; did you mean {path.parent / near[0]}?" if near else ""


def _campaigns(folder: Path, file: str) -> list[Path]:
    try:
        return sorted(one for one in folder.iterdir() if (one / file).is_file())
    except OSError:  # not a folder, or not readable: nothing is suggested
        return []
