"""What is learned from rendered pages: each task of a stage as samples, drawn at random.

Questions are clozes, as `rehearse` makes them: a sentence without its end, and four ends to choose from.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence

import regex
from PIL import Image

from flows.clozes import End, alike, cut, ends
from flows.vision.caption_shards import CaptionedPicture
from flows.vision.page_pictures import Page, Pictures, Window, WordPicture
from qc.models.vision.readers.item_prompts import LABELS, asked
from qc.models.vision.tokens import IMAGE, IMAGE_END, IMAGE_PLACE, boxed, referred
from qc.models.vision.training.batches import Sample
from qc.models.vision.training.stage_training import Maker
from qc.models.vision.training.stages import Task

OPTIONS = 4
"""The options of a question."""
TEXT = 48
"""The most characters of a text that a model learns to go on with."""

_SENTENCE_END = regex.compile(r"(?<=\p{STerm})[\s\p{Pe}\p{Pf}\"']*\s+|\n+")


def makers(pictures: Pictures, captions: Sequence[CaptionedPicture], queries: int) -> Mapping[Task, Maker]:
    """Return what draws a sample of each task for which there is data.

    Args:
        pictures: what was cut out of pages.
        captions: pairs for stage 1, if there are any.
        queries: the places that a picture takes in a text.
    """
    made: dict[Task, Maker] = {
        "transcription": _Transcription(pictures),
        "repetition": _Repetition(pictures, queries),
    }
    for task, maker, material in (
        ("text", _Text, pictures.pages),
        ("grounding", _Grounding, pictures.windows),
        ("captions", _Captions, captions),
    ):
        if material:
            made[task] = maker(material)  # type: ignore[index, arg-type]
    clozes = _Clozes(pictures.pages)
    if clozes.stems:
        made["questions"] = clozes
    return made


class _ByScript:
    """Words of each script equally often, however many there are."""

    def __init__(self, pictures: Pictures) -> None:
        self._words = {
            script: [one for one in pictures.words if one.script == script]
            for script in sorted({one.script for one in pictures.words})
        }
        self._scripts = list(self._words)

    def word(self, dice: random.Random) -> WordPicture:
        """Return any word of any script."""
        return dice.choice(self._words[dice.choice(self._scripts)])


class _Transcription(_ByScript):
    """Write the word that stands in the picture."""

    def __call__(self, dice: random.Random) -> Sample:
        word = self.word(dice)
        return Sample("transcription", "", word.text, word.picture, word.script)


class _Repetition(_ByScript):
    """Repeat a word whose characters stand, in their order, at some of the places that a picture would take."""

    def __init__(self, pictures: Pictures, queries: int) -> None:
        super().__init__(pictures)
        self._queries = queries

    def __call__(self, dice: random.Random) -> Sample:
        word = self.word(dice)
        text = word.text[: self._queries]
        places = [IMAGE_PLACE] * self._queries
        for place, sign in zip(sorted(dice.sample(range(self._queries), len(text))), text, strict=True):
            places[place] = sign
        return Sample("repetition", f"{IMAGE}{''.join(places)}{IMAGE_END}", text, None, word.script)


class _Text:
    """Go on with a passage, by whole words."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = [page for page in pages if page.text.strip()]

    def __call__(self, dice: random.Random) -> Sample:
        page = dice.choice(self._pages)
        words = page.text.split()
        begin = dice.randrange(len(words))
        text = " ".join(words[begin : begin + TEXT])
        whole = text if len(text) <= TEXT else text[: TEXT + 1].rpartition(" ")[0] or text[:TEXT]
        return Sample("text", "\n", whole, None, page.script)


class _Grounding:
    """Say where a word stands."""

    def __init__(self, windows: Sequence[Window]) -> None:
        self._windows = windows

    def __call__(self, dice: random.Random) -> Sample:
        window = dice.choice(self._windows)
        word, box = dice.choice(window.words)
        place = boxed(box, window.picture.width, window.picture.height)
        return Sample("grounding", referred(word), place, window.picture, window.script)


class _Captions:
    """Tell what a picture shows."""

    def __init__(self, captions: Sequence[CaptionedPicture]) -> None:
        self._captions = captions

    def __call__(self, dice: random.Random) -> Sample:
        one = dice.choice(self._captions)
        return Sample("captions", "", one.caption[:TEXT], one.picture)


class _Clozes:
    """Choose the end of a sentence that stands on the page."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._sentences = {(page.item_id, page.language): sentences_of(page.text) for page in pages}
        self._pages = {(page.item_id, page.language): page for page in pages}
        self._ends: dict[str, list[End]] = {}
        for (item, language), sentences in self._sentences.items():
            self._ends.setdefault(language, []).extend(ends(item, sentences, language))
        self.stems = [
            (language, end) for language, some in self._ends.items() if len(some) > OPTIONS for end in some
        ]

    def __call__(self, dice: random.Random) -> Sample:
        language, end = dice.choice(self.stems)
        stem, right = self._cut(language, end)
        options = [right, *self._others(dice, language, right)]
        dice.shuffle(options)
        page = self._pages[end.passage_id, language]
        return Sample("questions", asked(stem, options), LABELS[options.index(right)], page.picture, page.script)

    def _cut(self, language: str, end: End) -> tuple[str, str]:
        return cut(self._sentences[end.passage_id, language][end.sentence], language, end.words)

    def _others(self, dice: random.Random, language: str, right: str) -> Iterator[str]:
        """Yield the ends of other sentences, none alike; fewer than three where there are no more."""
        seen = [right]
        for end in dice.sample(self._ends[language], min(16, len(self._ends[language]))):
            text = self._cut(language, end)[1]
            if len(seen) < OPTIONS and not any(alike(text, other) for other in seen):
                seen.append(text)
                yield text


def sentences_of(text: str) -> list[str]:
    r"""Return a text's sentences by Unicode's marks for their ends.

    >>> sentences_of("It rains. Who knows?\nNobody")
    ['It rains.', 'Who knows?', 'Nobody']
    """
    return [part for part in _SENTENCE_END.split(text) if part]


def blank(picture: Image.Image) -> Image.Image:
    """Return a picture of the same size with nothing on it: all of the colour of its corner."""
    return Image.new(picture.mode, picture.size, picture.getpixel((0, 0)))
