"""One page from one text: fonts, layout, picture and degradation, all from the text, the settings and a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from data.images.degradations import Grey, chosen, degraded, encoded, written
from data.images.font_chain import font_chain
from data.images.installed_fonts import families_of
from data.images.page_layout import PageLayout, laid_out
from data.images.page_problem import PageImpossible
from data.images.page_settings import FIT, PageSettings, Resolution, resolution
from data.images.page_table import PageImage
from data.images.pango_libraries import libraries
from data.languages import direction_of, languages


@dataclass(frozen=True)
class DrawnPage:
    """A page and what is told about it beside the table.

    Attributes:
        page: the line of the table.
        fonts: the families that have glyphs on it.
        dotted_circles: how many signs stand on no letter, which fonts show by a dotted circle.
    """

    page: PageImage
    fonts: tuple[str, ...]
    dotted_circles: int


def drawn_page(item_id: str, language: str, script: str, text: str, settings: PageSettings) -> DrawnPage:
    """Draw a text.

    Args:
        item_id: of the item whose text it is.
        language: its code.
        script: its ISO 15924 code; see `installed_fonts.script_of`.
        text: with a newline between paragraphs.
        settings: how.

    Raises:
        PageImpossible: the text is empty, a sign is in no font, or the page is too small.
    """
    text = "\n".join(text.splitlines()).strip("\n")
    if not text.strip():
        raise PageImpossible("empty_text", "there is no text to draw")
    seed = settings.seed_of(language, text)
    draw = np.random.default_rng(seed)
    page = resolution(settings.resolution)
    fonts = font_chain(text, families_of(language, script, str(draw.choice(settings.fonts))))
    size = str(draw.choice(settings.sizes))
    sizes = list(map(float, range(page.least, page.most + 1))) if size == FIT else [float(size)]
    known = languages().get(language)
    layout = laid_out(
        text, fonts, page, sizes, known.bcp47 if known else f"und-{script}", rtl=direction_of(language) == "rtl"
    )
    amounts = chosen(settings.degradation, draw)
    picture, words, quality = degraded(_picture(layout, page), layout.words, amounts, draw)
    content, ending = encoded(picture, quality)
    return DrawnPage(
        PageImage(
            item_id=item_id,
            language=language,
            script=script,
            image=content,
            path=f"{language}/{item_id}.{ending}",
            text=text,
            part=settings.part,
            words=words,
            width=page.width,
            height=page.height,
            font=fonts[0].family,
            size=layout.size,
            degradation=written(amounts),
            seed=seed,
        ),
        layout.fonts,
        layout.dotted_circles,
    )


def page_text_of(part: str, passage: str, question: str, options: Sequence[str]) -> str:
    r"""Return what is drawn of an item: its passage, or passage, question and labelled options.

    >>> page_text_of("page", "P.", "Q?", ["a", "b"])
    'P.\n\nQ?\nA. a\nB. b'
    """
    if part == "passage":
        return passage
    labelled = [f"{label}. {option}" for label, option in zip(ascii_uppercase, options, strict=False)]
    return "\n".join([*([passage, ""] if passage else []), question, *labelled])


def _picture(layout: PageLayout, page: Resolution) -> Grey:
    """Draw a layout black on white."""
    loaded = libraries()
    surface = loaded.cairocffi.ImageSurface(loaded.cairocffi.FORMAT_A8, page.width, page.height)
    context = loaded.cairocffi.Context(surface)
    context.move_to(page.margin, page.margin)
    loaded.pangocairocffi.show_layout(context, layout.layout)
    surface.flush()
    ink = np.frombuffer(surface.get_data(), np.uint8).reshape(page.height, surface.get_stride())
    return 255 - ink[:, : page.width]
