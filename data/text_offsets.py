"""Offsets in a text: code points, by which findings are stored, and UTF-16 units, by which browsers count.

Label Studio's page is a browser's, and what it counts are units of UTF-16: a letter beyond the basic plane (emoji,
Adlam, many Chinese characters) counts as two there and as one here. Marks on a letter are characters of their own
in both.
"""

from __future__ import annotations

_BASIC = 0xFFFF


def to_utf16(text: str, offset: int) -> int:
    """Return the offset in UTF-16 units of an offset in code points.

    Raises:
        ValueError: the offset is outside the text.

    >>> to_utf16("😀 a", 2)
    3
    """
    if not 0 <= offset <= len(text):
        raise ValueError(f"offset {offset} is outside a text of {len(text)} code points")
    return offset + sum(ord(character) > _BASIC for character in text[:offset])


def from_utf16(text: str, offset: int) -> int:
    """Return the offset in code points of an offset in UTF-16 units; one within a character counts as before it.

    Raises:
        ValueError: the offset is outside the text.

    >>> from_utf16("😀 a", 3), from_utf16("😀 a", 1)
    (2, 0)
    """
    units = 0
    for place, character in enumerate(text):
        size = 2 if ord(character) > _BASIC else 1
        if offset < units + size:
            if offset < 0:
                break
            return place
        units += size
    if offset == units:
        return len(text)
    raise ValueError(f"offset {offset} is outside a text of {units} UTF-16 units")
