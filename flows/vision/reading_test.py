"""How well a model reads words that it has never seen, beside what it guesses without looking."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from flows.vision.page_pictures import WordPicture
from flows.vision.training_samples import blank
from qc.models.vision.readers.own_reader import OwnReader
from qc.models.vision.training.character_errors import ErrorRate, error_rates

WORDS = 60
"""The most words of a script that are read."""

_AT_ONCE = 64
_BEYOND = 4  # tokens that may be written beyond the longest word


@dataclass(frozen=True)
class ReadingTest:
    """Character error rates by script, and of all scripts together last.

    Attributes:
        seeing: of the words' own pictures.
        blank: of pictures with nothing on them.
        other: of another word's picture, of the same script.
        examples: for each script, what stood there and what was read.
    """

    seeing: tuple[ErrorRate, ...]
    blank: tuple[ErrorRate, ...]
    other: tuple[ErrorRate, ...]
    examples: dict[str, list[tuple[str, str]]]


def reading_test(reader: OwnReader, unseen: Sequence[WordPicture], seed: int = 0) -> ReadingTest:
    """Read words from their pictures, from blank ones, and from those of other words.

    Args:
        reader: the model.
        unseen: words of which it has seen neither picture nor text.
        seed: of the choice of words.
    """
    words = _chosen(unseen, seed)
    pictures = [word.picture for word in words]
    read = _read(reader, pictures)
    there = [word.text for word in words]
    scripts = [word.script for word in words]

    def rates(answers: list[str]) -> tuple[ErrorRate, ...]:
        return tuple(error_rates(scripts, answers, there))

    examples = {
        script: [(word.text, text) for word, text in zip(words, read, strict=True) if word.script == script][:8]
        for script in sorted(set(scripts))
    }
    return ReadingTest(
        rates(read),
        rates(_read(reader, [blank(picture) for picture in pictures])),
        rates(_read(reader, _of_others(words))),
        examples,
    )


def _chosen(unseen: Sequence[WordPicture], seed: int) -> list[WordPicture]:
    """Return at most `WORDS` different words of each script."""
    dice = random.Random(seed)
    chosen = []
    for script in sorted({one.script for one in unseen}):
        different = {one.text: one for one in unseen if one.script == script}
        chosen += dice.sample(list(different.values()), min(WORDS, len(different)))
    return chosen


def _of_others(words: Sequence[WordPicture]) -> list[Image.Image]:
    """Return for each word the picture of the next of its script."""
    by_script = {word.script: [one for one in words if one.script == word.script] for word in words}
    following = {
        id(word): some[(place + 1) % len(some)].picture
        for some in by_script.values()
        for place, word in enumerate(some)
    }
    return [following[id(word)] for word in words]


def _read(reader: OwnReader, pictures: Sequence[Image.Image]) -> list[str]:
    longest = reader.model.design.adapter.queries + _BEYOND
    texts: list[str] = []
    for first in range(0, len(pictures), _AT_ONCE):
        texts += reader.written([(one, "") for one in pictures[first : first + _AT_ONCE]], longest)
    return texts
