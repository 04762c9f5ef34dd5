"""The publication of a release (`belebele publish`): checked, compared with what is there, and uploaded.

Without `--go` nothing is sent: the command says what it would do.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from data.errors import ReleaseRefused, ReleaseUnreadable
from data.release.description.release_description import FORMAT
from data.release.release_content import content_of_folder
from data.release.release_folder import MANIFEST, SIGNATURE, SUMS, files_in
from data.release.release_verification import verification
from data.release.versions.release_difference import difference, told
from flows.publication.upload_targets import Upload, UploadTarget, target_of

_LAST = (SIGNATURE, MANIFEST, SUMS)
"""What says that everything is there, and so is sent when it is, in this order."""


@dataclass(frozen=True)
class Publication:
    """What was uploaded, or would be.

    Attributes:
        version: of the release.
        target: where to.
        before: the version that is there; "" for none.
        send: paths of the files to send.
        keep: number of files that are there already.
        remove: paths of files that the release does not have.
        changes: the difference to what is there, in lines; none where nothing can be compared.
        sent: whether it was done.
        place: where it can be seen, or would be.
        card: the release's card.
    """

    version: str
    target: str
    before: str
    send: tuple[str, ...]
    keep: int
    remove: tuple[str, ...]
    changes: tuple[str, ...]
    sent: bool
    place: str
    card: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Return what was done in lines for a person."""
        gone = f", {len(self.remove)} {'removed' if self.sent else 'to remove'}" if self.remove else ""
        if self.sent:
            done = f"{len(self.send)} files sent, {self.keep} were there already{gone}"
            return (*self.changes, done, f"release {self.version} is at {self.place}")
        would = f"{len(self.send)} files to send, {self.keep} are there already{gone}"
        instead = f", which has {self.before}" if self.before else ""
        return (*self.changes, would, f"release {self.version} to {self.target}{instead}; to send it, add --go")

    def facts(self) -> dict[str, Any]:
        """Return what was done as plain values."""
        return {
            "version": self.version, "target": self.target, "before": self.before, "send": list(self.send),
            "keep": self.keep, "remove": list(self.remove), "changes": list(self.changes), "sent": self.sent,
            "place": self.place,
        }  # fmt: skip


def publish_release(
    folder: str,
    to: str,
    *,
    go: bool = False,
    since: str = "",
    tell: Callable[[str, int, int], None] = lambda _path, _done, _of: None,
) -> Publication:
    """Upload a release, or say what would be uploaded.

    Args:
        folder: the release's.
        to: a folder, an object store's address, or `hf://datasets/owner/name`.
        go: whether to do it.
        since: the folder of the release that is there, to say what changes; "" for none.
        tell: is told of each file that has arrived: its path, how many have, and of how many.

    Raises:
        ReleaseUnreadable: the folder is no release of format 2.
        ReleaseRefused: it is not whole, or has neither a certificate nor a reason for none, or the target holds
            something else, or the same version with other content.
        UsageError: nothing can be uploaded to such a target.
        UploadFailed: the upload broke off; run it again to go on.
    """
    place = Path(folder)
    manifest = _checked(place)
    version, target = str(manifest["version"]), target_of(to)
    own = files_in(place)
    there, known = target.files(), target.sums()
    before = _version_there(target, there, known, version, own[MANIFEST].read_bytes())
    differs = [path for path, file in sorted(own.items()) if not _is_there(target, path, file, there, known)]
    send = sorted(differs, key=lambda path: (_LAST.index(path) if path in _LAST else -1, path))
    remove = [path for path in there if path not in own and not path.startswith(".git")]
    upload, arrived = Upload(place, version, send, remove), count(1)
    sends = go and bool(send or remove)
    return Publication(
        version=version,
        target=to,
        before=before,
        send=tuple(send),
        keep=len(own) - len(send),
        remove=tuple(remove),
        changes=_changes(place, since),
        place=target.upload(upload, lambda path: tell(path, next(arrived), len(send))) if sends else to,
        sent=go,
        card=(place / "README.md").read_text(encoding="utf-8"),
    )


def _is_there(
    target: UploadTarget, path: str, file: Path, there: Collection[str], known: Mapping[str, str]
) -> bool:
    """Whether a target has this very file; one that no list of sums names, such as the list itself, is read."""
    if path not in there:
        return False
    content = file.read_bytes()
    return known[path] == hashlib.sha256(content).hexdigest() if path in known else target.read(path) == content


def _checked(place: Path) -> dict[str, Any]:
    found = verification(place)
    if not found.whole:
        raise ReleaseRefused(f"{place} is not as it was released; release again", found.lines()[:-1])
    manifest: dict[str, Any] = json.loads((place / MANIFEST).read_bytes())
    if manifest["format"] != FORMAT:
        raise ReleaseUnreadable(f"{place} has the format {manifest['format']}; release again with this version")
    certificate = manifest.get("certificate") or {}
    if not certificate.get("certified") and not certificate.get("reason"):
        raise ReleaseRefused(
            "the release has no certificate: audit it (belebele audit) and release again with --audit, or say "
            "why it goes out without one, with --uncertified REASON, which its card prints"
        )
    return manifest


def _version_there(
    target: UploadTarget, there: Collection[str], known: Mapping[str, str], version: str, manifest: bytes
) -> str:
    """Return the version that the target holds; "" for none, or for an upload that broke off.

    Raises:
        ReleaseRefused: it holds something that is no release, or this version with another manifest.
    """
    if all(path.startswith(".git") for path in there):
        return ""
    found = target.read(MANIFEST)
    if not found and known:
        return ""
    try:
        before = str(json.loads(found)["version"])
    except (ValueError, KeyError, TypeError):
        raise ReleaseRefused(f"{target.name} holds something else than a release; name another place") from None
    if before == version and found != manifest:
        raise ReleaseRefused(
            f"{target.name} has version {version} with other content, and a version is published once; "
            "give this one a number of its own"
        )
    return before


def _changes(place: Path, since: str) -> tuple[str, ...]:
    if not since:
        return ()
    return tuple(told(difference(content_of_folder(Path(since)), content_of_folder(place))))
