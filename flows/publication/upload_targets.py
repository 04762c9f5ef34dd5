"""Where a release can be uploaded to: a folder, an object store, or a data set on the Hugging Face Hub.

A target tells what it holds by sums, so only what differs is sent. A folder is replaced whole. In a store the
files that say what is there, `SHA256SUMS` and the manifest, come last, and a note tells what has arrived: an
upload that broke off shows itself by files that the sums do not fit, and the next one goes on from there. On the
Hub one commit holds all of it, so that nobody ever sees a half.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from data.errors import UploadFailed, UsageError
from data.release.release_folder import SUMS, publish, sums_in, sums_text
from data.storage import filesystem_of, is_remote

HUB = "hf://datasets/"
"""The beginning of a target that is a repository on the Hub."""

TOKEN = "HF_TOKEN"
"""The environment variable with the Hub's token; it is never an option, so that no shell's history holds it."""

_ARRIVED = ".belebele-arrived"
"""What a store has of an upload that is under way, as sums."""

Sent = Callable[[str], None]


@dataclass(frozen=True)
class Upload:
    """What is uploaded.

    Attributes:
        folder: of the release.
        version: of the release.
        send: paths of the files to send, the manifest and `SHA256SUMS` last.
        remove: paths of files that are there, and that the release does not have.
    """

    folder: Path
    version: str
    send: Sequence[str]
    remove: Sequence[str]


class UploadTarget(Protocol):
    """A place for a release.

    Attributes:
        name: as the user wrote it.
    """

    name: str

    def files(self) -> list[str]:
        """Return the paths of all files that are there, sorted; none where there is no such place yet."""
        ...

    def sums(self) -> dict[str, str]:
        """Return the SHA-256 of the files that are known to be there, by path."""
        ...

    def read(self, path: str) -> bytes:
        """Return a file's bytes; none if it is not there."""
        ...

    def upload(self, upload: Upload, sent: Sent) -> str:
        """Send files and remove others; `sent` is told of each file that has arrived.

        Returns:
            Where the release can be seen now.

        Raises:
            UploadFailed: it broke off; what arrived is kept, and another upload goes on from there.
        """
        ...


def target_of(to: str, *, token: str | None = None, endpoint: str | None = None) -> UploadTarget:
    """Return the target that a user names.

    Args:
        to: a folder, an address such as `s3://bucket/set` or `gs://…`, or `hf://datasets/owner/name`.
        token: of the Hub; by default `$HF_TOKEN`.
        endpoint: of the Hub; by default `$HF_ENDPOINT`, else the public one.

    Raises:
        UsageError: nothing can be uploaded to such a target.
    """
    if to.startswith(HUB):
        return _Hub(to, token or os.environ.get(TOKEN), endpoint or os.environ.get("HF_ENDPOINT"))
    if to.startswith("hf:"):
        raise UsageError(f"{to} is no data set on the Hub; write {HUB}owner/name")
    return _Store(to) if is_remote(to) else _Folder(to)


class _Folder:
    """A folder of this machine."""

    def __init__(self, to: str) -> None:
        self.name, self._folder = to, Path(to).absolute()

    def files(self) -> list[str]:
        return sorted(str(path.relative_to(self._folder)) for path in _files_in(self._folder))

    def sums(self) -> dict[str, str]:
        with _failing(self.name):
            return {path: hashlib.sha256((self._folder / path).read_bytes()).hexdigest() for path in self.files()}

    def read(self, path: str) -> bytes:
        file = self._folder / path
        return file.read_bytes() if file.is_file() else b""

    def upload(self, upload: Upload, sent: Sent) -> str:
        files = {str(path.relative_to(upload.folder)): path.read_bytes() for path in _files_in(upload.folder)}
        publish(files, upload.version, self._folder)
        for path in upload.send:
            sent(path)
        return self.name


class _Store:
    """An object store."""

    def __init__(self, to: str) -> None:
        self.name = to
        self._system, self._root = filesystem_of(to)

    def files(self) -> list[str]:
        with _failing(self.name):
            if not self._system.exists(self._root):
                return []
            found = [path[len(self._root.rstrip("/")) + 1 :] for path in self._system.find(self._root)]
            return sorted(path for path in found if path != _ARRIVED)

    def sums(self) -> dict[str, str]:
        return sums_in(self.read(SUMS)) | sums_in(self.read(_ARRIVED))

    def read(self, path: str) -> bytes:
        with _failing(self.name):
            try:
                return bytes(self._system.cat_file(self._path(path)))
            except FileNotFoundError:
                return b""

    def _path(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def upload(self, upload: Upload, sent: Sent) -> str:
        arrived = sums_in(self.read(_ARRIVED))
        with _failing(self.name):
            for path in upload.send:
                content = (upload.folder / path).read_bytes()
                self._system.makedirs(self._path(path).rpartition("/")[0], exist_ok=True)
                self._system.pipe_file(self._path(path), content)
                arrived[path] = hashlib.sha256(content).hexdigest()
                self._system.pipe_file(self._path(_ARRIVED), sums_text(arrived))
                sent(path)
            for path in upload.remove:
                self._system.rm_file(self._path(path))
            if arrived:
                self._system.rm_file(self._path(_ARRIVED))
        return self.name


class _Hub:
    """A data set's repository on the Hugging Face Hub."""

    def __init__(self, to: str, token: str | None, endpoint: str | None) -> None:
        from huggingface_hub import HfApi
        from huggingface_hub.utils.tqdm import disable_progress_bars

        disable_progress_bars()
        self.name, self._id = to, to.removeprefix(HUB).strip("/")
        if self._id.count("/") != 1:
            raise UsageError(f"{to} is no data set on the Hub; write {HUB}owner/name")
        self._token = token
        self._api = HfApi(endpoint=endpoint, token=token or False, library_name="belebele-maker")

    def files(self) -> list[str]:
        from huggingface_hub.errors import RepositoryNotFoundError

        with _failing(self.name):
            try:
                return sorted(self._api.list_repo_files(self._id, repo_type="dataset"))
            except RepositoryNotFoundError:
                return []

    def sums(self) -> dict[str, str]:
        return sums_in(self.read(SUMS))

    def read(self, path: str) -> bytes:
        from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError

        with _failing(self.name), tempfile.TemporaryDirectory() as cache:
            try:
                got = self._api.hf_hub_download(self._id, path, repo_type="dataset", cache_dir=cache)
                return Path(got).read_bytes()
            except (EntryNotFoundError, RepositoryNotFoundError):
                return b""

    def upload(self, upload: Upload, sent: Sent) -> str:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        if not self._token:
            raise UsageError(f"the Hub wants a token that may write: put it into ${TOKEN}")
        with _failing(self.name):
            self._api.create_repo(self._id, repo_type="dataset", exist_ok=True)
            adds = [CommitOperationAdd(path, str(upload.folder / path)) for path in upload.send]
            removes = [CommitOperationDelete(path) for path in upload.remove]
            made = self._api.create_commit(
                self._id,
                [*adds, *removes],
                repo_type="dataset",
                commit_message=f"Release {upload.version}",
                num_threads=2,
            )
        for path in upload.send:
            sent(path)
        return str(made.commit_url)


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class _failing:  # noqa: N801 - used as a function
    """Turn errors of a store or the Hub into ours, without a token in them."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, _: object) -> None:
        if error is None or not isinstance(error, Exception) or isinstance(error, UsageError):
            return
        from httpx import HTTPError

        of_hub = type(error).__module__.startswith("huggingface_hub")
        if of_hub or isinstance(error, (OSError, HTTPError, ValueError, RuntimeError)):
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise UploadFailed(
                f"{self._name}: {said}. What arrived is kept; run the same command again to go on"
            ) from None
