"""How pages are to be drawn: one record, which is told beside the pages."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass

from data.errors import UsageError
from data.images.page_table import Part

FIT = "fit"
"""The size of the largest letters with which the whole text stands on the page."""

_A4 = re.compile(r"a4@(\d+)")
_A4_INCHES = 210 / 25.4, 297 / 25.4
_DENSITIES = range(50, 601)


@dataclass(frozen=True)
class Resolution:
    """The size of a page.

    Attributes:
        name: what a user calls it.
        width: in pixels.
        height: in pixels.
        margin: on each side, in pixels; signs may reach into it.
        least: the smallest size of letters that a fitted page may have, in pixels to the em.
        most: the largest.
    """

    name: str
    width: int
    height: int
    margin: int
    least: int
    most: int


def resolution(name: str) -> Resolution:
    """Return a page's size by its name: `224` and `448` are squares, `a4@DPI` is a sheet at a density.

    Letters are fitted between sizes that a model's patches of 14 pixels, or a reader of the sheet, can resolve: on
    a sheet, between 8 and 12 points.

    Raises:
        UsageError: no page is called so.

    >>> resolution("a4@150")
    Resolution(name='a4@150', width=1240, height=1754, margin=148, least=17, most=25)
    """
    if name in ("224", "448"):
        side = int(name)
        return Resolution(name, side, side, margin=side // 37, least=7, most=side // 14)
    if (found := _A4.fullmatch(name)) and (dpi := int(found[1])) in _DENSITIES:
        width, height = (round(inches * dpi) for inches in _A4_INCHES)
        return Resolution(name, width, height, round(dpi * 25 / 25.4), round(dpi * 8 / 72), round(dpi * 12 / 72))
    raise UsageError(
        f"--resolution takes 224, 448 or a4@DPI, with {_DENSITIES.start} to {_DENSITIES.stop - 1} dots to the "
        f"inch; not {name!r}"
    )


@dataclass(frozen=True)
class PageSettings:
    """What a user asks for.

    Attributes:
        resolution: the name of the page's size.
        part: what of an item is drawn.
        fonts: styles or families; each page takes one of them by its seed.
        sizes: of the letters, in pixels to the em, or `FIT`; each page takes one of them by its seed.
        degradation: as `data.images.degradations` reads it; "" for clean pages.
        seed: what all choices follow from.
    """

    resolution: str = "448"
    part: Part = "passage"
    fonts: tuple[str, ...] = ("sans",)
    sizes: tuple[str, ...] = (FIT,)
    degradation: str = ""
    seed: int = 0

    def seed_of(self, language: str, text: str) -> int:
        """Return the seed of one page: the same for the same text, in whichever set and order it comes."""
        content = json.dumps([asdict(self), language, text])
        return int.from_bytes(hashlib.sha256(content.encode()).digest()[:6], "big")


def size_of(text: str) -> str:
    """Return a size of letters that a user names, checked.

    Raises:
        UsageError: it is no size.
    """
    if text == FIT or (re.fullmatch(r"\d+(\.\d+)?", text) and 4 <= float(text) <= 400):
        return text
    raise UsageError(f"--size takes {FIT}, or pixels to the em from 4 to 400; not {text!r}")
