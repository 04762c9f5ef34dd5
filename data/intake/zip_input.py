"""ZIP archives of exchanged files: their members by name, in memory; nothing is ever unpacked to a disk.

Names that leave the archive's folder, passwords and sizes beyond what such files have are refused, however the
archive declares them: no more bytes are unpacked than are allowed.
"""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, LargeZipFile, ZipFile, ZipInfo

from data.intake.text_files import content
from data.intake.texts import Unreadable, shown

UNPACKED_ZIP = 1 << 27
"""The most bytes of all members together, unpacked; a thousand passages take a tenth of it."""

MOST_MEMBERS = 20_000
"""The most members of an archive."""

_BROKEN = (BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\x00")
_LEFT_BY_SYSTEMS = re.compile(r"(?:^|/)(?:__MACOSX/|\.)")


def members(file: Path) -> dict[str, bytes]:
    """Return the contents of an archive's files by name, in the order of their names.

    What systems leave behind (`__MACOSX/`, names with a leading point) is passed over.

    Raises:
        Unreadable: the file is no archive, is protected, holds too much, or has a name twice or one that leads out
            of it.
    """
    data = content(file, UNPACKED_ZIP)
    try:
        with ZipFile(io.BytesIO(data)) as archive:
            listed = [one for one in archive.infolist() if not one.is_dir()]
            _refuse(listed)
            found: dict[str, bytes] = {}
            left = UNPACKED_ZIP
            for one in sorted(listed, key=lambda one: one.filename):
                if _LEFT_BY_SYSTEMS.search(one.filename):
                    continue
                with archive.open(one) as opened:
                    found[one.filename] = opened.read(left + 1)
                left -= len(found[one.filename])
                if left < 0:
                    raise _too_large()
            return found
    except Unreadable:
        raise
    except _BROKEN as error:
        told = shown(str(error) or type(error).__name__, 100)[1:-1]
        raise Unreadable(f"is no ZIP archive that can be read ({told}); pack it again") from None


def _refuse(listed: list[ZipInfo]) -> None:
    if len(listed) > MOST_MEMBERS:
        raise Unreadable(f"holds {len(listed):,} files, and at most {MOST_MEMBERS:,} are taken; split it")
    if sum(one.file_size for one in listed) > UNPACKED_ZIP:
        raise _too_large()
    met: set[str] = set()
    for one in listed:
        name = one.orig_filename
        if _OUTSIDE.search(name):
            raise Unreadable(f"holds the name {shown(name)}, which leads out of the archive; pack it again")
        if one.flag_bits & 1:
            raise Unreadable("is protected by a password; pack it without one")
        if str(PurePosixPath(name)) in met:
            raise Unreadable(f"holds {shown(name)} twice; keep one")
        met.add(str(PurePosixPath(name)))


def _too_large() -> Unreadable:
    return Unreadable(f"unpacks to more than {UNPACKED_ZIP:,} bytes; split it")
