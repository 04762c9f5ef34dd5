"""Where a number in a description of a release comes from: a file and its digest, or a place in the manifest.

A number that is computed from items links to the file that holds them; one that comes from the campaign (who
worked, how far they agreed) to its place in `manifest.json`, whose own digest stands in `SHA256SUMS`.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.release.description.release_description import ReleaseDescription
from data.release.item_paths import parquet_path

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class NumberSource:
    """A source of numbers.

    Attributes:
        path: of the file, in the release.
        told: what else finds the number there: the file's digest, or its place in the manifest.
    """

    path: str
    told: str


def of_items(release: ReleaseDescription, split: str, language: str) -> NumberSource:
    """Return the source of a count over the items of a split in a language."""
    return of_file(release, parquet_path(split, language))


def of_file(release: ReleaseDescription, path: str) -> NumberSource:
    """Return the source of a count over one file."""
    return NumberSource(path, f"sha256 {release.files[path].sha256}")


def of_campaign(place: str) -> NumberSource:
    """Return the source of a number that the manifest holds, such as `people.authoring`."""
    return NumberSource(MANIFEST, f"{MANIFEST}: {place}")
