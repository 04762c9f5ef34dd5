"""The signature of a release: who answers for these files, by an SSH key, as `ssh-keygen -Y` makes and checks it.

The manifest is signed; it holds the digest of every other file. A signature is a file of its own, so that nothing
else of a release differs by it, and it is checked against a list of signers that the reader trusts.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from data.errors import UsageError
from data.release.release_folder import MANIFEST, SIGNATURE

NAMESPACE = "belebele-release"
"""What the signature is for; one made for something else does not count."""


def signature_of(manifest: bytes, key: Path) -> bytes:
    """Return the signature of a manifest.

    Args:
        manifest: the bytes of `manifest.json`.
        key: a private key, or the public key of one that an agent holds.

    Raises:
        UsageError: there is no ssh-keygen, no such key, or it does not sign.
    """
    if not key.is_file():
        raise UsageError(f"there is no key {key}; --sign takes the file of an SSH key")
    made = _ssh_keygen(["sign", "-f", str(key), "-n", NAMESPACE], manifest)
    if made.returncode or b"BEGIN SSH SIGNATURE" not in made.stdout:
        raise UsageError(f"ssh-keygen does not sign with {key}: {_said(made)}")
    return made.stdout


def signer_of(folder: Path, allowed_signers: Path) -> str | None:
    """Return who signed a release, as the list of signers calls them; None if the signature does not hold.

    Args:
        folder: the release's.
        allowed_signers: a list of signers that the reader trusts, in ssh-keygen's form.

    Raises:
        UsageError: there is no ssh-keygen, no such list, or no signature.
    """
    if not allowed_signers.is_file():
        raise UsageError(
            f"there is no file {allowed_signers}; --allowed-signers takes a list in ssh-keygen's form"
        )
    signature = folder / SIGNATURE
    if not signature.is_file():
        raise UsageError(f"{folder} is not signed: there is no {SIGNATURE}; leave --allowed-signers out")
    listed = ["-f", str(allowed_signers), "-s", str(signature)]
    found = _ssh_keygen(["find-principals", *listed], b"")
    for name in found.stdout.decode(errors="replace").splitlines() if found.returncode == 0 else []:
        checked = _ssh_keygen(["verify", *listed, "-I", name, "-n", NAMESPACE], (folder / MANIFEST).read_bytes())
        if checked.returncode == 0:
            return name
    return None


def _ssh_keygen(arguments: Sequence[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    program = shutil.which("ssh-keygen")
    if program is None:
        raise UsageError(
            "signatures are made and checked by ssh-keygen, which is not here: install OpenSSH's client"
        )
    return subprocess.run([program, "-Y", *arguments], input=given, capture_output=True, check=False)


def _said(ran: subprocess.CompletedProcess[bytes]) -> str:
    lines = (ran.stderr or ran.stdout).decode(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else f"it ended with {ran.returncode}"
