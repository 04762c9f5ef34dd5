"""A text laid out on a page by Pango: shaped by HarfBuzz, in both directions, with the place of every word.

A layout is made at the largest size of letters with which it stands on the page. Before anything is drawn, every
run is asked for glyphs that no font has: such a page would show boxes instead of text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from data.images.installed_fonts import FontFile
from data.images.page_problem import PageImpossible
from data.images.page_settings import Resolution
from data.images.page_table import WordBox
from data.images.page_words import PageText, page_text
from data.images.pango_libraries import PANGO_UNITS, UNKNOWN_GLYPH, libraries

_GLYPH = np.dtype([("glyph", "<u4"), ("rest", "<i4", 4)])
_DOTTED_CIRCLE = 0x25CC


@dataclass(frozen=True)
class PageLayout:
    """A text that is laid out and may be drawn, until the next one is laid out with the same fonts.

    Attributes:
        layout: Pango's layout.
        size: of the letters, in pixels to the em.
        words: where each word stands: as wide as its signs advance, as high as the ink of its line; a word that is
            wider than the page has a box on each of its lines.
        fonts: the families that have glyphs on the page.
        dotted_circles: how many there are that the text does not have: signs that stand on no letter.
    """

    layout: Any
    size: float
    words: tuple[WordBox, ...]
    fonts: tuple[str, ...]
    dotted_circles: int


def laid_out(
    text: str, fonts: Sequence[FontFile], page: Resolution, sizes: Sequence[float], tag: str, *, rtl: bool
) -> PageLayout:
    """Lay a text out on a page.

    Args:
        text: with a newline after each paragraph but the last.
        fonts: of the page, the one that it is set in first.
        page: its size.
        sizes: of the letters, from the smallest; the largest with which the text fits is taken.
        tag: the language, as BCP 47 has it: fonts have forms of their own for some languages.
        rtl: whether its paragraphs run from right to left.

    Raises:
        PageImpossible: the page is too small, or a run has a glyph that no font has.
    """
    setter = _setter(tuple(one.family for one in fonts), tuple(str(one.path) for one in fonts))
    ready = page_text(text)
    for whole_words in (True, False):
        setter.set_text(ready, page, tag, rtl=rtl, whole_words=whole_words)
        place = bisect_right(sizes, 0, key=lambda size: 0 if setter.fits(size, page) else 1)
        if place:
            setter.fits(sizes[place - 1], page)  # lays it out at this size
            families, circles = setter.checked()
            return PageLayout(setter.layout, sizes[place - 1], setter.boxes(ready, page), families, circles)
    raise PageImpossible(
        "page_too_small",
        f"its {len(text):,} characters do not stand on a page of {page.width} × {page.height} pixels with letters "
        f"of {sizes[0]:g} pixels: take a larger --resolution, or a smaller --size",
    )


@lru_cache(maxsize=32)
def _setter(names: tuple[str, ...], paths: tuple[str, ...]) -> _Typesetter:
    return _Typesetter(names, paths)


class _Typesetter:
    """Pango with these fonts and no others."""

    def __init__(self, names: tuple[str, ...], paths: tuple[str, ...]) -> None:
        loaded = self._loaded = libraries()
        config = loaded.fontconfig.FcConfigCreate()
        for path in dict.fromkeys(paths):
            loaded.fontconfig.FcConfigAppFontAddFile(config, path.encode())
        self._map = loaded.pangocairocffi.PangoCairoFontMap()
        loaded.pangoft2.pango_fc_font_map_set_config(self._own(self._map.pointer), config)
        fonts = loaded.pangocffi.ffi.cast("PangoFontMap *", self._address(self._map.pointer))
        context = loaded.pangocffi.pango.pango_font_map_create_context(fonts)
        self._context = loaded.pangocffi.Context.from_pointer(context, gc=True)
        loaded.pango.pango_context_set_round_glyph_positions(self._own(self._context.pointer), 0)
        options = loaded.cairocffi.FontOptions(
            antialias=loaded.cairocffi.ANTIALIAS_GRAY,
            hint_style=loaded.cairocffi.HINT_STYLE_NONE,
            hint_metrics=loaded.cairocffi.HINT_METRICS_OFF,
        )
        cairo_options = loaded.pangocairocffi.ffi.cast(
            "cairo_font_options_t *", int(self._address(options._pointer))
        )
        loaded.pangocairocffi.set_font_options(self._context, cairo_options)
        self._font = loaded.pangocffi.FontDescription()
        self._font.family = ",".join(names)
        self.layout = loaded.pangocffi.Layout(self._context)

    def _address(self, pointer: Any) -> int:
        return int(self._loaded.pangocffi.ffi.cast("uintptr_t", pointer))

    def _own(self, pointer: Any) -> Any:
        """Return a pointer of another binding as one of our declarations."""
        return self._loaded.ffi.cast("void *", self._address(pointer))

    def set_text(self, ready: PageText, page: Resolution, tag: str, *, rtl: bool, whole_words: bool) -> None:
        """Take a text, as wide as a page, its words kept whole or broken where they are too wide."""
        pango = self._loaded.pangocffi.pango
        pointer = self.layout.pointer
        pango.pango_context_set_base_dir(
            self._context.pointer, pango.PANGO_DIRECTION_RTL if rtl else pango.PANGO_DIRECTION_LTR
        )
        pango.pango_context_set_language(self._context.pointer, pango.pango_language_from_string(tag.encode()))
        pango.pango_layout_context_changed(pointer)
        pango.pango_layout_set_auto_dir(pointer, 0)
        pango.pango_layout_set_alignment(pointer, pango.PANGO_ALIGN_RIGHT if rtl else pango.PANGO_ALIGN_LEFT)
        pango.pango_layout_set_width(pointer, (page.width - 2 * page.margin) * PANGO_UNITS)
        pango.pango_layout_set_wrap(pointer, pango.PANGO_WRAP_WORD if whole_words else pango.PANGO_WRAP_WORD_CHAR)
        pango.pango_layout_set_text(pointer, ready.marked, len(ready.marked))
        kept = pango.pango_attr_list_new()
        for _, begin, end in ready.words if whole_words else ():
            attribute = pango.pango_attr_allow_breaks_new(0)
            attribute.start_index, attribute.end_index = begin, end
            pango.pango_attr_list_insert(kept, attribute)
        pango.pango_layout_set_attributes(pointer, kept)
        pango.pango_attr_list_unref(kept)

    def fits(self, size: float, page: Resolution) -> bool:
        """Lay the text out at a size and return whether all of it stands on the page."""
        self._font.set_absolute_size(round(size * PANGO_UNITS))
        self.layout.font_description = self._font
        ink, logical = self.layout.get_extents()
        inner = (page.width - 2 * page.margin) * PANGO_UNITS, (page.height - 2 * page.margin) * PANGO_UNITS
        edge = page.margin * PANGO_UNITS
        return bool(
            logical.x >= 0
            and logical.x + logical.width <= inner[0]
            and logical.height <= inner[1]
            and min(ink.x, ink.y) >= -edge
            and ink.x + ink.width <= inner[0] + edge
            and ink.y + ink.height <= inner[1] + edge
        )

    def checked(self) -> tuple[tuple[str, ...], int]:
        """Return the families that have glyphs here, and how many dotted circles the text does not have.

        Raises:
            PageImpossible: a run has a glyph that no font has.
        """
        text: bytes = self._loaded.pangocffi.ffi.string(
            self._loaded.pangocffi.pango.pango_layout_get_text(self.layout.pointer)
        )
        families: dict[str, None] = {}
        circles = 0
        for run in self._runs():
            item, glyphs = run.item, run.glyphs
            part = text[item.offset : item.offset + item.length].decode()
            buffer = self._loaded.ffi.buffer(glyphs.glyphs, glyphs.num_glyphs * _GLYPH.itemsize)
            numbers = np.frombuffer(buffer, _GLYPH)["glyph"]
            if ((numbers == 0) | (numbers & UNKNOWN_GLYPH != 0)).any():
                raise PageImpossible("no_glyph", f"no installed font has every sign of {part[:60]!r}")
            if part.strip() and item.analysis.font != self._loaded.ffi.NULL:
                families[self._family(item.analysis.font)] = None
                circle = self._loaded.pangoft2.pango_fc_font_get_glyph(item.analysis.font, _DOTTED_CIRCLE)
                if circle and chr(_DOTTED_CIRCLE) not in part:
                    circles += int((numbers == circle).sum())
        return tuple(families), circles

    def _family(self, font: Any) -> str:
        ffi = self._loaded.ffi
        name = ffi.new("char **")
        pattern = self._loaded.pangoft2.pango_fc_font_get_pattern(font)
        self._loaded.fontconfig.FcPatternGetString(pattern, b"family", 0, name)
        return str(ffi.string(name[0]).decode())

    def _runs(self) -> Iterator[Any]:
        pango, ffi = self._loaded.pangocffi.pango, self._loaded.pangocffi.ffi
        with self._iterator() as at:
            while True:
                run = pango.pango_layout_iter_get_run_readonly(at)
                if run != ffi.NULL:
                    yield self._loaded.ffi.cast("GlyphItem *", self._address(run))
                if not pango.pango_layout_iter_next_run(at):
                    return

    @contextmanager
    def _iterator(self) -> Iterator[Any]:
        pango = self._loaded.pangocffi.pango
        at = pango.pango_layout_get_iter(self.layout.pointer)
        try:
            yield at
        finally:
            pango.pango_layout_iter_free(at)

    def _lines(self) -> list[tuple[Any, int, int, int, int]]:
        """Return each line with where it begins and ends in the text, in bytes, and its ink's top and height."""
        pango, ffi = self._loaded.pangocffi.pango, self._loaded.pangocffi.ffi
        lines = []
        ink = ffi.new("PangoRectangle *")
        with self._iterator() as at:
            while True:
                line = pango.pango_layout_iter_get_line_readonly(at)
                begin = pango.pango_layout_line_get_start_index(line)
                pango.pango_layout_iter_get_line_extents(at, ink, ffi.NULL)
                end = begin + pango.pango_layout_line_get_length(line)
                lines.append((line, begin, end, ink.y, ink.height))
                if not pango.pango_layout_iter_next_line(at):
                    return lines

    def boxes(self, ready: PageText, page: Resolution) -> tuple[WordBox, ...]:
        """Return the box of each word; see `PageLayout`."""
        lines = self._lines()
        begins = [begin for _, begin, *_ in lines]
        found = []
        for word, begin, end in ready.words:
            for line, first, last, top, height in lines[bisect_right(begins, begin) - 1 :]:
                if first >= end:
                    break
                inside = max(begin, first), min(end, last)
                if inside[0] < inside[1]:
                    whole = inside == (begin, end)
                    part = word if whole else ready.marked[slice(*inside)].decode()
                    found.append(self._box(part, line, inside, (top, height), page))
        return tuple(found)

    def _box(
        self, word: str, line: Any, inside: tuple[int, int], band: tuple[int, int], page: Resolution
    ) -> WordBox:
        pango, ffi = self._loaded.pangocffi.pango, self._loaded.pangocffi.ffi
        ranges, count = ffi.new("int **"), ffi.new("int *")
        pango.pango_layout_line_get_x_ranges(line, *inside, ranges, count)
        edges = [ranges[0][at] / PANGO_UNITS + page.margin for at in range(2 * count[0])]
        self._loaded.glib.g_free(self._own(ranges[0]))
        top = band[0] / PANGO_UNITS + page.margin
        left, right = _between(min(edges), max(edges), page.width)
        upper, lower = _between(top, top + band[1] / PANGO_UNITS, page.height)
        return WordBox(word, left, upper, right - left, lower - upper)


def _between(low: float, high: float, most: int) -> tuple[int, int]:
    """Return the pixels that an interval touches, at least one, within the page."""
    first = min(max(int(np.floor(low)), 0), most - 1)
    return first, max(min(int(np.ceil(high)), most), first + 1)
