"""The marks that stand in a text for pictures and places, and a vocabulary of characters for small models.

`<img>` and `</img>` enclose the places that a picture's features take; `<box>(x1,y1),(x2,y2)</box>` is a region,
its corners in thousandths of width and height, 0 to 999, and `<ref>` … `</ref>` names what a region shows.
Source: arXiv 2308.12966, section 2.2.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from qc.models.vision.language_model import transformers_library

IMAGE, IMAGE_END, IMAGE_PLACE = "<img>", "</img>", "<imgpad>"
BOX, BOX_END, REF, REF_END = "<box>", "</box>", "<ref>", "</ref>"
PAD, END, UNKNOWN = "<pad>", "<eos>", "<unk>"
MARKS = (IMAGE, IMAGE_END, IMAGE_PLACE, BOX, BOX_END, REF, REF_END)

THOUSAND = 1000
"""The exclusive bound of a coordinate."""

Region = tuple[float, float, float, float]
"""Left, top, right, bottom, in pixels."""

_BOX = re.compile(r"<box>\((\d{1,3}),(\d{1,3})\),\((\d{1,3}),(\d{1,3})\)</box>")


def boxed(region: Region, width: float, height: float) -> str:
    """Return a region of a picture as text.

    >>> boxed((10, 20, 110, 40), 200, 100)
    '<box>(50,200),(550,400)</box>'
    """
    left, top, right, bottom = (
        min(max(int(THOUSAND * at / whole), 0), THOUSAND - 1)
        for at, whole in zip(region, (width, height, width, height), strict=True)
    )
    return f"{BOX}({left},{top}),({right},{bottom}){BOX_END}"


def unboxed(text: str, width: float, height: float) -> list[Region]:
    """Return the regions that a text tells, in pixels of a picture; what is malformed is no region.

    >>> unboxed('the <ref>mill</ref><box>(50,200),(550,400)</box>', 200, 100)
    [(10.0, 20.0, 110.0, 40.0)]
    """
    return [
        (x1 * width / THOUSAND, y1 * height / THOUSAND, x2 * width / THOUSAND, y2 * height / THOUSAND)
        for x1, y1, x2, y2 in (tuple(map(int, found)) for found in _BOX.findall(text))
    ]


def referred(name: str) -> str:
    """Return a name as what a region shows."""
    return f"{REF}{name}{REF_END}"


def pictured(prompt: str, queries: int) -> str:
    """Return a prompt with the places of one picture before it."""
    return f"{IMAGE}{IMAGE_PLACE * queries}{IMAGE_END}{prompt}"


def character_tokeniser(texts: Iterable[str], least: int = 1) -> Any:
    """Return a tokeniser whose tokens are characters, of `transformers`' kind.

    Args:
        texts: whose characters it knows; others become `UNKNOWN`. Texts are read in Unicode's form NFC.
        least: how often a character must occur to be known.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers

    library = transformers_library()
    normal = normalizers.NFC()
    counted = Counter(sign for text in texts for sign in normal.normalize_str(text))
    signs = sorted(sign for sign, count in counted.items() if count >= least)
    known = {sign: place for place, sign in enumerate([PAD, END, UNKNOWN, *MARKS, *signs])}
    tokeniser = Tokenizer(models.WordLevel(known, unk_token=UNKNOWN))
    tokeniser.normalizer = normal
    tokeniser.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    tokeniser.decoder = decoders.Fuse()
    return library.PreTrainedTokenizerFast(
        tokenizer_object=tokeniser,
        pad_token=PAD,
        eos_token=END,
        unk_token=UNKNOWN,
        additional_special_tokens=list(MARKS),
        clean_up_tokenization_spaces=False,
    )
