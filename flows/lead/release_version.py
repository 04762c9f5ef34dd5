"""The version that a release must have: at least what its difference to the former release demands."""

from __future__ import annotations

from pathlib import Path

from data.errors import ReleaseRefused
from data.release.release_content import content_of_files, content_of_folder
from data.release.release_files import RenderedRelease
from data.release.release_folder import manifest_of
from data.release.versions.release_difference import ReleaseDifference, difference, says_less, told


def change_since(rendered: RenderedRelease, out: Path, since: str) -> ReleaseDifference | None:
    """Return the difference to the release that this one follows; None without one.

    Args:
        rendered: the release.
        out: its folder, in which the former release may lie.
        since: the folder of the former release; "" for `out`.

    Raises:
        ReleaseRefused: the version says less than the difference demands.
        ReleaseUnreadable: `since` is no release.
    """
    former = Path(since) if since else out
    if not since and manifest_of(out) is None:
        return None
    found = difference(content_of_folder(former), content_of_files(rendered.files))
    if not says_less(found.new_version, found.demanded_version):
        return found
    if found.step == "none":
        raise ReleaseRefused(f"--version {found.new_version} comes before {found.old_version} in {former}")
    raise ReleaseRefused(
        f"--version {found.new_version} says less than has changed since {found.old_version} in {former}: it is a "
        f"{found.step} change, so give {found.demanded_version} or more",
        told(found)[:-1],
    )


def summary(found: ReleaseDifference) -> str:
    """Return in one line what has changed since the former release."""
    if found.step == "none":
        return f"the same items as in {found.old_version}"
    return f"a {found.step} change since {found.old_version}; see each: belebele diff"
