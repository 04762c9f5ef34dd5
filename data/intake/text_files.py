"""Text files: their bytes, their encoding, their lines, and TOML.

Files should be in UTF-8; UTF-16 is accepted if the file begins with its byte-order mark, as spreadsheets write it.
Only LF, CRLF and CR end a line: U+2028 and the like are characters of a text.
"""

from __future__ import annotations

import codecs
import re
import tomllib
from pathlib import Path
from typing import Any

from data.intake.texts import LONGEST_SHOWN, Unreadable, fault_of

LARGEST = 1 << 30
"""The most bytes of one file."""

_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LINE_END = re.compile(r"\r\n|\r|\n")


def content(file: Path, most: int = LARGEST) -> bytes:
    """Return the bytes of a file.

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
    """Return the text of a file without a byte-order mark, with its line ends unchanged.

    Raises:
        Unreadable: it is not text, or holds U+0000; the line is given.
    """
    return decoded(content(file, most))


def decoded(data: bytes) -> str:
    """Return the text of a file's bytes; raise errors as `text` does."""
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
    """Return the error for a byte that is not UTF-8.

    Args:
        error: the error from decoding the file, or a line of it.
        line: the line that was decoded, counted from 1; 0 for the whole file.
        offset: where in the file the decoded part begins, in bytes.
    """
    byte = error.object[error.start]
    # The codec that skips a byte-order mark counts from after it.
    at = line or error.object.count(b"\n", 0, error.start) + 1
    what = f"byte {offset + error.start} (0x{byte:02x}) is not UTF-8; save the file as UTF-8"
    return Unreadable(what, at, encoding=True)


def text_lines(file: Path) -> list[str]:
    """Return the lines, without their ends, of a text that people are to read.

    Raises:
        Unreadable: the file cannot be read, or a line is not allowed.
    """
    lines = _LINE_END.split(text(file))
    for number, line in enumerate(lines, start=1):
        if wrong := fault_of(line, LONGEST_SHOWN):
            raise Unreadable(wrong, number)
    return lines


def toml(text: str) -> dict[str, Any]:
    """Return the content of a TOML text.

    Raises:
        TOMLDecodeError: it is not TOML, or nested deeper than anybody writes it.
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
