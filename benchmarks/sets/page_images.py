"""Pages drawn: how long a passage takes in several scripts, and beside Pillow's own text for Latin.

    python benchmarks/sets/page_images.py [PASSAGES]

The texts are the embedded sample's passages. Pillow wraps no lines and tells no words' places; it is given lines
of a fixed length, and its pages are encoded as ours are.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from textwrap import wrap

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from data.images.degradations import encoded
from data.images.installed_fonts import installed, script_of
from data.images.page_drawing import drawn_page
from data.images.page_settings import PageSettings
from data.sample import load

LANGUAGES = ("eng_Latn", "arb_Arab", "hin_Deva", "zho_Hans", "amh_Ethi")


def main(passages: int) -> None:
    """Print seconds of CPU and the largest memory so far, for each language, and for Pillow."""
    texts = {(one.passage_id, one.language): " ".join(one.sentences) for one in load().passages}
    for language in LANGUAGES:
        known = [text for (_, code), text in sorted(texts.items()) if code == language]
        wanted = [f"{known[at % len(known)]} {at}" for at in range(passages)]

        def fitted(text: str, language: str = language) -> int:
            return len(drawn_page("q", language, script_of(language), text, PageSettings()).page.image)

        print(told(f"{language}, fitted", fitted, wanted))
        if language == "eng_Latn":
            print(told("eng_Latn, 16 pixels", of_one_size, wanted))
            print(told("eng_Latn, Pillow, 16 pixels", by_pillow, wanted))


def of_one_size(text: str) -> int:
    """Draw a page as ours, at one size."""
    return len(drawn_page("q", "eng_Latn", "Latn", text, PageSettings(sizes=("16",))).page.image)


def by_pillow(text: str) -> int:
    """Draw a page as Pillow can: lines of 50 characters."""
    page = Image.new("L", (448, 448), 255)
    font = ImageFont.truetype(str(installed()["Noto Sans"].path), 16)
    ImageDraw.Draw(page).multiline_text((12, 12), "\n".join(wrap(text, 50)), fill=0, font=font)
    return len(encoded(np.asarray(page), 0)[0])


def told(name: str, draw: Callable[[str], int], texts: list[str]) -> str:
    """Draw all texts, after one that is not counted, and return the figures as a line."""
    draw(texts[0])
    begun = time.process_time()
    size = sum(map(draw, texts))
    took = time.process_time() - begun
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    each = took / len(texts) * 1000
    return f"{name:<28} {took:6.2f} s CPU {each:6.1f} ms a page {size >> 10:>7,} KiB {memory:5.0f} MiB"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 900)
