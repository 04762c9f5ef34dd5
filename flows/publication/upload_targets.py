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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from data.errors import UploadFailed, UsageError
from data.release.release_folder import SUMS, publish, sums_in, sums_text
from data.storage import filesystem_of, is_remote

HUB = "hf://datasets/"
"""The beginning of a target that is a repository on the Hub."""

TOKEN = "HF_TOKEN"
"""The environment variable with the Hub's token; it is never an option, so that no shell's history holds it."""

_ARRIVED = ".belebele-arrived"
"""What a store has of an upload that is under way, as sums; an empty one for a file that may be half replaced."""

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


def target_of(to: str) -> UploadTarget:
    """Return the target that a user names: a folder, an address such as `s3://bucket/set`, or one on the Hub.

    The Hub's token comes from `$HF_TOKEN`, its address from `$HF_ENDPOINT` if it is not the public one.

    Raises:
        UsageError: nothing can be uploaded to such a target.
    """
    if to.startswith(HUB):
        return _Hub(to, os.environ.get(TOKEN), os.environ.get("HF_ENDPOINT"))
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
        with _reading(self.name):
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
        with _reading(self.name):
            if not self._system.exists(self._root):
                return []
            found = [path[len(self._root.rstrip("/")) + 1 :] for path in self._system.find(self._root)]
            return sorted(path for path in found if path != _ARRIVED)

    def sums(self) -> dict[str, str]:
        return sums_in(self.read(SUMS)) | sums_in(self.read(_ARRIVED))

    def read(self, path: str) -> bytes:
        with _reading(self.name):
            try:
                return bytes(self._system.cat_file(self._path(path)))
            except FileNotFoundError:
                return b""

    def _note(self, arrived: Mapping[str, str]) -> None:
        self._system.pipe_file(self._path(_ARRIVED), sums_text(arrived))

    def _path(self, path: str) -> str:
        return f"{self._root.rstrip('/')}/{path}"

    def upload(self, upload: Upload, sent: Sent) -> str:
        # What is about to be replaced is noted first: whenever this ends, no file is taken for what it was.
        arrived = sums_in(self.read(_ARRIVED)) | dict.fromkeys(upload.send, "")
        with _sending(self.name):
            self._note(arrived)
            for path in upload.send:
                content = (upload.folder / path).read_bytes()
                self._system.makedirs(self._path(path).rpartition("/")[0], exist_ok=True)
                self._system.pipe_file(self._path(path), content)
                arrived[path] = hashlib.sha256(content).hexdigest()
                self._note(arrived)
                sent(path)
            for path in upload.remove:
                self._system.rm_file(self._path(path))
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

        with _reading(self.name):
            try:
                return sorted(self._api.list_repo_files(self._id, repo_type="dataset"))
            except RepositoryNotFoundError:
                return []

    def sums(self) -> dict[str, str]:
        return sums_in(self.read(SUMS))

    def read(self, path: str) -> bytes:
        from huggingface_hub.errors import EntryNotFoundError, RepositoryNotFoundError

        with _reading(self.name), tempfile.TemporaryDirectory() as cache:
            try:
                got = self._api.hf_hub_download(self._id, path, repo_type="dataset", cache_dir=cache)
                return Path(got).read_bytes()
            except (EntryNotFoundError, RepositoryNotFoundError):
                return b""

    def upload(self, upload: Upload, sent: Sent) -> str:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        if not self._token:
            raise UsageError(f"the Hub wants a token that may write: put it into ${TOKEN}")
        with _sending(self.name):
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


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn errors of looking at a target into ours."""
    try:
        yield
    except _refused() as error:
        raise UploadFailed(f"{name} cannot be looked at: {_first_line(error)}") from None


@contextmanager
def _sending(name: str) -> Iterator[None]:
    """Turn errors of an upload into ours."""
    try:
        yield
    except _refused() as error:
        raise UploadFailed(
            f"{name}: {_first_line(error)}. What arrived is kept; run the same command again to go on"
        ) from None


def _refused() -> tuple[type[Exception], ...]:
    """Return what a disk, a store and the Hub's client raise.

    The client tells of a file that did not arrive by a RuntimeError, of the Hub's refusals by an error of its own
    and of the network by those of the HTTP library that it is built on, which is httpx or httpx2 by its version.
    """
    from huggingface_hub.errors import HfHubHTTPError

    return OSError, RuntimeError, *HfHubHTTPError.__bases__


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
