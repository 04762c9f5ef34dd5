"""Small text files at a campaign's address: a folder on this machine or an object store.

Arrow's file systems are installed anyway, support S3 and the stores of Google and Azure, and take keys and
endpoint from the same environment variables as the ledger's tables, so whoever can read the ledger can read
campaign.toml. (The driver that the tables use also offers a file system, but this Arrow cannot write through it.)
"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.fs as arrow_fs

from data.errors import UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

LARGEST = 1 << 26
"""Most bytes in a file that people write by hand."""


def is_remote(address: str) -> bool:
    """Return whether the address names an object store (`s3://…`) rather than a folder of this machine."""
    return "://" in address


def absolute(address: str) -> str:
    """Return the address in a form that is independent of the current folder."""
    return address if is_remote(address) else str(Path(address).resolve())


def storage_options(address: str) -> dict[str, str] | None:
    """Return the storage options for `deltalake`; None for a local folder.

    Keys and endpoint come from the object store's usual environment variables: `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`, `AWS_ENDPOINT_URL`, and their `AZURE_` and `GOOGLE_` counterparts.
    """
    if not is_remote(address):
        return None
    options = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "AZURE_", "GOOGLE_"))}
    if options.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        options.setdefault("AWS_ALLOW_HTTP", "true")
    options.setdefault("AWS_CONDITIONAL_PUT", "etag")
    return options


def exists(address: str, name: str) -> bool:
    """Return whether there is a file of this name at the address.

    Raises:
        UsageError: the address is of an unknown kind (so also in the other functions).
        OSError: the object store cannot be reached, or refuses.
    """
    if not is_remote(address):
        return (Path(address) / name).is_file()
    system, path = _remote(address, name)
    return bool(system.get_file_info(path).type == arrow_fs.FileType.File)


def facts(address: str, name: str) -> str:
    """Return the size and time of a file at the address, which change when it does; "" if there is none."""
    system, path = (
        _remote(address, name) if is_remote(address) else (arrow_fs.LocalFileSystem(), f"{address}/{name}")
    )
    found = system.get_file_info(path)
    return f"{found.size} {found.mtime_ns}" if found.type == arrow_fs.FileType.File else ""


def names(address: str) -> list[str]:
    """Return the names in a folder, sorted; folders have a slash at the end.

    Raises:
        FileNotFoundError: there is no such folder; an object store has none without files.
        OSError: it cannot be read.
    """
    if not is_remote(address):
        if not Path(address).is_dir():
            raise FileNotFoundError(address)
        return sorted(one.name + ("/" if one.is_dir() else "") for one in Path(address).iterdir())
    system, path = _remote(address, "")
    found = system.get_file_info(arrow_fs.FileSelector(path.rstrip("/")))
    ends = {arrow_fs.FileType.Directory: "/"}
    return sorted(one.base_name + ends.get(one.type, "") for one in found if one.base_name)


def within(address: str, path: str) -> str:
    """Resolve a path that a campaign names: an address of its own, else relative to the campaign's.

    >>> within("s3://bucket/bench", "guidelines"), within("/bench", "/srv/guidelines")
    ('s3://bucket/bench/guidelines', '/srv/guidelines')
    """
    if is_remote(path):
        return path
    if is_remote(address):
        return f"{address.rstrip('/')}/{path.strip('/')}"
    return str(Path(address, Path(path).expanduser()))


def read_text(address: str, name: str) -> str:
    """Return the UTF-8 text of a file at the address, with every line end as a line feed.

    Raises:
        FileNotFoundError: there is none.
        OSError: it cannot be read, or is larger than `LARGEST`.
        UnicodeDecodeError: its bytes are not UTF-8.
    """
    return read_bytes(address, name).decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def read_bytes(address: str, name: str) -> bytes:
    """Return a file's bytes; like `read_text`, for other kinds of content."""
    if not is_remote(address):
        file = Path(address) / name
        _refuse_size(file.stat().st_size)
        return file.read_bytes()
    system, path = _remote(address, name)
    with system.open_input_file(path) as stream:
        _refuse_size(stream.size())
        return bytes(stream.read())


def _refuse_size(size: int) -> None:
    if size > LARGEST:
        raise OSError(errno.EFBIG, f"{size:,} bytes, and at most {LARGEST:,} are taken")


def write_text(address: str, name: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file at the address atomically: a reader sees the old text or the new one, never half of it.

    Args:
        address: the folder, created if missing, or the object store's address.
        name: the file's name.
        text: written as UTF-8, with line ends as they are.
        mode: permissions of a local file.
    """
    write_bytes(address, name, text.encode(), mode=mode)


def write_bytes(address: str, name: str, content: bytes, *, mode: int = 0o644) -> None:
    """Write a file's bytes; like `write_text`, for other kinds of content."""
    if is_remote(address):
        system, path = _remote(address, name)
        with system.open_output_stream(path) as stream:  # an object appears when it is complete
            stream.write(content)
        return
    folder = Path(address)
    folder.mkdir(parents=True, exist_ok=True)
    handle, part = tempfile.mkstemp(prefix=f".{name}.", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(part).chmod(mode)
        Path(part).replace(folder / name)
    except BaseException:
        Path(part).unlink(missing_ok=True)
        raise


def remove(address: str, name: str) -> None:
    """Remove a file at the address, if there is one."""
    if not is_remote(address):
        (Path(address) / name).unlink(missing_ok=True)
        return
    system, path = _remote(address, name)
    if system.get_file_info(path).type == arrow_fs.FileType.File:
        system.delete_file(path)


def filesystem_of(address: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of an address, and the address's path in it.

    Args:
        address: of a store that Arrow knows (`s3://…`, `gs://…`, `abfs://…`), or of any that fsspec does.

    Raises:
        UsageError: it is of an unknown kind, or what reads that kind is not installed.
    """
    import fsspec
    from fsspec.implementations.arrow import ArrowFSWrapper

    try:
        system, path = arrow_fs.FileSystem.from_uri(address.rstrip("/"))
        return ArrowFSWrapper(system), path
    except pa.ArrowInvalid:
        pass
    try:
        found, path = fsspec.core.url_to_fs(address.rstrip("/"))
    except (ValueError, ImportError) as error:
        raise UsageError(f"{address} is no address of a known kind ({error}); name a folder or s3://…") from None
    return found, path


def _remote(address: str, name: str) -> tuple[arrow_fs.FileSystem, str]:
    try:
        system, folder = arrow_fs.FileSystem.from_uri(address.rstrip("/"))
    except pa.ArrowInvalid as error:
        raise UsageError(f"{address} is no address of a known kind ({error}); name a folder or s3://…") from None
    return system, f"{folder}/{name}"
