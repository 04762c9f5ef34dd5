"""What is done to a clean page so that it looks photographed, copied or sent: each kind by an amount, from a seed.

A degradation is written as `blur=1.2,noise=8`: kinds and amounts, and so it is recorded with each page. They are
done in the order of `KINDS`, which is that of the world: a page lies askew, is out of focus, is faint, the sensor
adds noise, and JPEG squeezes the result.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from data.errors import UsageError
from data.images.page_table import WordBox

MIXED = "mixed"
"""Each page gets one kind or none, by its seed."""


@dataclass(frozen=True)
class Kind:
    """A kind of degradation.

    Attributes:
        unit: of its amounts.
        least: the smallest amount; the largest that leaves a page readable is for the user to find.
        most: the largest amount.
        mixed: the amounts of which `MIXED` takes one.
    """

    unit: str
    least: float
    most: float
    mixed: tuple[float, ...]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "skew": Kind("degrees against the clock", -10, 10, (-3, -1.5, 1.5, 3)),
        "blur": Kind("pixels, the standard deviation of a Gaussian", 0, 20, (0.5, 0.8, 1.2)),
        "contrast": Kind("the share of the contrast that is left", 0.05, 1, (0.5, 0.35, 0.2)),
        "noise": Kind("grey levels of 255, the standard deviation", 0, 100, (8, 16, 32)),
        "jpeg": Kind("quality as libjpeg has it", 1, 95, (40, 20, 10)),
    }
)

Grey = NDArray[np.uint8]


def degradation(text: str) -> dict[str, float]:
    """Return the amounts of each kind that a user wrote, in the order in which they are done.

    Raises:
        UsageError: a kind is unknown, or an amount is none of its.

    >>> degradation("noise=8,blur=1.2")
    {'blur': 1.2, 'noise': 8.0}
    """
    found: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, amount = part.strip().partition("=")
        if name not in KINDS:
            raise UsageError(
                f"--degrade takes {MIXED}, or {', '.join(KINDS)} with an amount; not {part.strip()!r}"
            )
        kind = KINDS[name]
        try:
            found[name] = float(amount)
        except ValueError:
            found[name] = math.nan
        if not kind.least <= found[name] <= kind.most:
            raise UsageError(
                f"--degrade {name}=AMOUNT takes {kind.least:g} to {kind.most:g} ({kind.unit}); not {amount!r}"
            )
    return {name: found[name] for name in KINDS if name in found}


def written(amounts: Mapping[str, float]) -> str:
    """Return amounts as they are recorded; "" for a clean page."""
    return ",".join(f"{name}={amount:g}" for name, amount in amounts.items())


def chosen(text: str, draw: np.random.Generator) -> dict[str, float]:
    """Return the amounts for one page: those that the user wrote, or one kind or none by chance."""
    if text != MIXED:
        return degradation(text)
    name = str(draw.choice(["", *KINDS]))
    return {name: float(draw.choice(KINDS[name].mixed))} if name else {}


def degraded(
    page: Grey, words: tuple[WordBox, ...], amounts: Mapping[str, float], draw: np.random.Generator
) -> tuple[Grey, tuple[WordBox, ...], int]:
    """Return a page with its degradations but for JPEG's, which comes with writing it.

    Args:
        page: grey levels, rows first.
        words: the boxes on it.
        amounts: of `degradation`.
        draw: what noise is drawn from.

    Returns:
        The page; the boxes where their words stand now; the quality of JPEG to write it with, 0 for PNG.
    """
    if angle := amounts.get("skew"):
        page, words = _skewed(page, words, angle)
    if sigma := amounts.get("blur"):
        page = np.asarray(Image.fromarray(page).filter(ImageFilter.GaussianBlur(sigma)))
    if share := amounts.get("contrast"):
        page = (255 - (255 - page.astype(np.float32)) * share).round().astype(np.uint8)
    if sigma := amounts.get("noise"):
        noise = draw.standard_normal(page.shape, dtype=np.float32) * sigma
        page = (page + noise).round().clip(0, 255).astype(np.uint8)
    return page, words, round(amounts.get("jpeg", 0))


def encoded(page: Grey, quality: int) -> tuple[bytes, str]:
    """Return a page as the bytes of a file and the ending of its name: JPEG of a quality, or PNG for 0."""
    buffer = io.BytesIO()
    if quality:
        Image.fromarray(page).save(buffer, "jpeg", quality=quality)
        return buffer.getvalue(), "jpg"
    Image.fromarray(page).save(buffer, "png", compress_level=6)
    return buffer.getvalue(), "png"


def _skewed(page: Grey, words: tuple[WordBox, ...], angle: float) -> tuple[Grey, tuple[WordBox, ...]]:
    """Turn a page about its middle, made smaller so that none of it is cut off, and the boxes with it."""
    height, width = page.shape
    cosine, sine = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    longest = max(width / height, height / width)
    scale = 1 / (cosine + abs(sine) * longest)
    middle = np.array([width / 2, height / 2])
    # y runs downwards, so against the clock is: right goes up
    turn = scale * np.array([[cosine, sine], [-sine, cosine]])
    back = np.linalg.inv(turn)
    offset = middle - back @ middle
    picture = Image.fromarray(page).transform(
        (width, height),
        Image.Transform.AFFINE,
        (back[0, 0], back[0, 1], offset[0], back[1, 0], back[1, 1], offset[1]),
        Image.Resampling.BICUBIC,
        fillcolor=255,
    )
    return np.asarray(picture), tuple(_turned(word, turn, middle, width, height) for word in words)


def _turned(
    word: WordBox, turn: NDArray[np.float64], middle: NDArray[np.float64], width: int, height: int
) -> WordBox:
    """Return the upright box around a box that was turned."""
    right, lower = word.x + word.width, word.y + word.height
    corners = np.array([[word.x, word.y], [right, word.y], [word.x, lower], [right, lower]])
    moved = (corners - middle) @ turn.T + middle
    low = np.floor(moved.min(axis=0)).astype(int).clip(0, [width - 1, height - 1])
    high = np.maximum(np.ceil(moved.max(axis=0)).astype(int).clip(0, [width, height]), low + 1)
    x, y = (int(one) for one in low)
    return replace(word, x=x, y=y, width=int(high[0]) - x, height=int(high[1]) - y)
