"""Text files: their bytes, their encoding, their lines, and TOML.

UTF-8 is what is wanted; UTF-16 is taken where the file says so at its beginning, as spreadsheets write it. Line
ends are those of files (LF, CRLF, CR) and nothing else: U+2028 and its like are characters of a text.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path
from typing import Any

from data.intake.texts import LONGEST_SHOWN, Unreadable, fault_of

LARGEST = 1 << 30
"""Bytes of one file."""

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = re.compile(r"\r\n|\r|\n")


def content(file: Path, most: int = LARGEST) -> bytes:
    """The bytes of a file.

    Raises:
        Unreadable: there are more than `most`, or the disk refuses.
    """
    try:
        size = file.stat().st_size
        if size > most:
            raise Unreadable(f"is {size:,} bytes large, and at most {most:,} are taken; split it")
        return file.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from None


def text(file: Path, most: int = LARGEST) -> str:
    """The text of a file, without a byte-order mark, line ends as they are.

    Raises:
        Unreadable: with its line; it is no text, or holds U+0000.
    """
    return decoded(content(file, most))


def decoded(data: bytes) -> str:
    """The text of a file's bytes; errors as of `text`."""
    wide = data.startswith(_WIDE)
    try:
        found = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        if wide:
            raise Unreadable("not UTF-16, as its first bytes say; save the file as UTF-8", encoding=True) from None
        raise not_utf8(error) from None
    if (place := found.find("\0")) >= 0:
        line = found.count("\n", 0, place) + 1
        raise Unreadable("holds the character U+0000; take it out, or save the file as UTF-8", line)
    return found


def not_utf8(error: UnicodeDecodeError, line: int = 0, offset: int = 0) -> Unreadable:
    """What a wrong byte makes.

    Args:
        error: from decoding the file, or a line of it.
        line: that was decoded, counted from 1; 0 for the whole file.
        offset: where in the file the decoded part begins.
    """
    byte = error.object[error.start]
    # The codec that passes over a byte-order mark counts from behind it.
    at = line or error.object.count(b"\n", 0, error.start) + 1
    what = f"byte {offset + error.start} (0x{byte:02x}) is not UTF-8; save the file as UTF-8"
    return Unreadable(what, at, encoding=True)


def text_lines(file: Path) -> list[str]:
    """The lines of a text that people are to read, without their ends.

    Raises:
        Unreadable: it cannot be read, or one of the lines cannot be taken.
    """
    lines = _LINE_END.split(text(file))
    for number, line in enumerate(lines, start=1):
        if wrong := fault_of(line, LONGEST_SHOWN):
            raise Unreadable(wrong, number)
    return lines


def toml(text: str) -> dict[str, Any]:
    """What TOML says.

    Raises:
        TOMLDecodeError: it is none, or nested deeper than anybody writes it.
    """
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        deepest = max(text.split("\n"), key=lambda line: line.count("[") + line.count("{"))
        line = text.split("\n").index(deepest) + 1
        raise tomllib.TOMLDecodeError(f"Values nested too deep (at line {line}, column 1)") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError:  # Python's own limit
        raise tomllib.TOMLDecodeError("A number of thousands of digits (at line 1, column 1)") from None
