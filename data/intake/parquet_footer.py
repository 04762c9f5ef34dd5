"""The size of a parquet file, read from its footer without pyarrow.

pyarrow gives the same numbers, but if a footer's statistics are broken its C++ code ends the whole process, which
Python cannot catch. The footer is in Thrift's compact protocol; two numbers of each column are needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.intake.texts import DEEPEST, Unreadable

_LARGEST = 1 << 26  # the most bytes of a footer
_ROW_GROUPS, _COLUMNS, _META, _VALUES, _SIZE = 4, 1, 3, 5, 6
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = 1, 2, 3, 7, 8, 9, 10, 11, 12, 13
_WHOLE = (4, 5, 6)


@dataclass(frozen=True)
class Weight:
    """The size of a file's content.

    Attributes:
        values: the number of cells, and of entries of lists in cells.
        size: the number of bytes, unpacked.
    """

    values: int
    size: int


def weight(file: Path) -> Weight:
    """Return the size of a parquet file's content according to its footer.

    Raises:
        Unreadable: there is no footer, or it is broken.
    """
    with file.open("rb") as opened:
        end = opened.seek(0, 2)
        opened.seek(max(0, end - 8))
        tail = opened.read(8)
        length = int.from_bytes(tail[:4], "little")
        if tail[4:] != b"PAR1" or not 0 < length <= min(end - 8, _LARGEST):
            raise Unreadable("cannot be read as parquet (it has no footer); fetch it again")
        opened.seek(end - 8 - length)
        data = opened.read(length)
    try:
        footer = _Reader(data).struct(0)
        chunks = [chunk[_META] for group in footer[_ROW_GROUPS] for chunk in group[_COLUMNS]]
        return Weight(sum(one[_VALUES] for one in chunks), sum(one[_SIZE] for one in chunks))
    except (IndexError, KeyError, TypeError, ValueError):
        raise Unreadable("cannot be read as parquet (its footer is broken); fetch it again") from None


class _Reader:
    """A reader of Thrift's compact protocol, as far as parquet uses it."""

    def __init__(self, data: bytes) -> None:
        self.data, self.place = data, 0

    def byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            if (shift := shift + 7) > 63:
                raise ValueError("a number without end")

    def zigzag(self) -> int:
        value = self.varint()
        return (value >> 1) ^ -(value & 1)

    def struct(self, depth: int) -> Mapping[int, Any]:
        if depth > DEEPEST:
            raise ValueError("too deep")
        fields: dict[int, Any] = {}
        number = 0
        while (head := self.byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self.zigzag()
            kind = head & 0x0F
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self.value(kind, depth)
        return fields

    def value(self, kind: int, depth: int) -> Any:
        if kind in _WHOLE:
            return self.zigzag()
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self.list(depth)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self.byte()
        lengths = {_DOUBLE: 8, _UUID: 16}
        if kind == _BINARY or kind in lengths:
            length = self.varint() if kind == _BINARY else lengths[kind]
            self.place += length
            if self.place > len(self.data):
                raise ValueError("a text beyond the end")
            return None
        if kind == _MAP and (size := self.varint()) is not None:
            kinds = self.byte() if size else 0
            return [
                (self.value(kinds >> 4, depth), self.value(kinds & 0x0F, depth)) for _ in range(self.some(size))
            ]
        raise ValueError(f"no type {kind}")

    def list(self, depth: int) -> list[Any]:
        if depth > DEEPEST:
            raise ValueError("too deep")
        head = self.byte()
        size = head >> 4 if head >> 4 < 15 else self.varint()
        return [self.value(head & 0x0F, depth + 1) for _ in range(self.some(size))]

    def some(self, size: int) -> int:
        """Return the number of entries after checking it, since each entry takes at least a byte."""
        if size > len(self.data) - self.place:
            raise ValueError("more entries than bytes")
        return size
