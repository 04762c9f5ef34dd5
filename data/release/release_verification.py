"""The verification of a release: whether its files are those that were released, and who answers for them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from data.errors import ReleaseUnreadable
from data.release.release_folder import SIGNATURE, changed_files, read_manifest
from data.release.release_signature import signer_of


@dataclass(frozen=True)
class Verification:
    """What was found in a release's folder.

    Attributes:
        version: of the release.
        format: of the release.
        files: how many files its manifest lists.
        changed: files that are not as they were released, by path.
        missing: files that are not there.
        added: files that no release put there.
        signature: `none`; `unchecked`, where nobody said whom to trust; `good`, or `bad`.
        signer: who signed, as the reader's own list calls them; "" where that is not known.
    """

    version: str
    format: str
    files: int
    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]
    signature: Literal["none", "unchecked", "good", "bad"]
    signer: str

    @property
    def whole(self) -> bool:
        """Whether everything is as it was released, and a signature that was checked holds."""
        return not (self.changed or self.missing or self.added) and self.signature != "bad"

    def to_json(self) -> dict[str, Any]:
        """Return what was found as plain values."""
        return {**asdict(self), "whole": self.whole}

    def lines(self) -> list[str]:
        """Return what was found in lines for a person."""
        found = [f"changed: {path}" for path in self.changed]
        found += [f"missing: {path}" for path in self.missing]
        found += [f"added: {path}" for path in self.added]
        if self.signature == "bad":
            found.append("the signature is of nobody on the list, or of another manifest")
        says = {
            "none": "not signed",
            "unchecked": "signed; whose signature it is, --allowed-signers tells",
            "good": f"signed by {self.signer}",
            "bad": "not as it was released",
        }[self.signature]
        whole = "whole" if self.whole else "not whole"
        return [*found, f"release {self.version} is {whole}: {self.files} files, {says}"]


def verification(folder: Path, allowed_signers: Path | None = None) -> Verification:
    """Compare a release's folder with its manifest.

    Args:
        folder: the release's.
        allowed_signers: whose signatures count; None to check none.

    Raises:
        ReleaseUnreadable: the folder is no release of ours, or a file cannot be read.
        UsageError: a signature is to be checked, and there is none, or no ssh-keygen.
    """
    manifest = read_manifest(folder)
    try:
        found = changed_files(folder, manifest)
    except OSError as error:
        raise ReleaseUnreadable(f"{error.filename or folder} cannot be read ({error.strerror})") from None
    signer = signer_of(folder, allowed_signers) if allowed_signers else None
    signature: Literal["none", "unchecked", "good", "bad"] = "none"
    if allowed_signers:
        signature = "good" if signer else "bad"
    elif (folder / SIGNATURE).is_file():
        signature = "unchecked"
    return Verification(
        version=str(manifest["version"]),
        format=str(manifest["format"]),
        files=len(manifest["files"]),
        changed=tuple(found["changed"]),
        missing=tuple(found["missing"]),
        added=tuple(found["added"]),
        signature=signature,
        signer=signer or "",
    )
