"""The conditions under which a model answers an item, and what it is shown in each.

From the picture it has to read; from the text in the picture's place it has only to understand. A blank picture
and that of another passage show what the options give away without looking: whoever is right there has not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image

from data.solver_inputs import WHOLE_INPUT
from qc.models.vision.readers.item_prompts import ANSWER, LABELS, asked
from qc.models.vision.readers.reader import Reader

QUESTION_AND_OPTIONS = "question+options"
"""The part of an item that is shown without its passage; one of `PARTIAL_INPUTS` of an audit."""


class Condition(StrEnum):
    """What a model is shown of an item's page; question and options it is always told."""

    PICTURE = "picture"
    """The page."""
    TEXT = "text"
    """What stands on the page, as text."""
    BLANK = "blank picture"
    """A white picture of the same size."""
    OTHER = "other picture"
    """The page of another item of the language."""

    @property
    def inputs(self) -> str:
        """What of the item is to be seen, as responses tell it to an audit."""
        return WHOLE_INPUT if self in (Condition.PICTURE, Condition.TEXT) else QUESTION_AND_OPTIONS


@dataclass(frozen=True)
class ItemPage:
    """An item and its page.

    Attributes:
        text: what stands on the page.
        part: `passage` or `page`; a whole page has question and options too.
        question: what is asked.
        options: 2 to 10 texts.
        picture: the page.
        other: the page of another item; None if the language has no other text.
    """

    text: str
    part: str
    question: str
    options: Sequence[str]
    picture: Image.Image
    other: Image.Image | None


def chosen(reader: Reader, page: ItemPage, condition: Condition) -> tuple[int, float] | None:
    """Return the option that a model chooses and how surely.

    The label with the highest log-probability is chosen; of equal ones the first.

    Returns:
        The place from 0, and its log-probability less the next one's; None where the condition cannot be made.
    """
    told = asked(page.question, page.options)
    picture: Image.Image | None = None
    match condition:
        case Condition.PICTURE:
            picture, told = page.picture, (ANSWER if page.part == "page" else told)
        case Condition.TEXT:
            told = f"{page.text}\n{ANSWER}" if page.part == "page" else f"{page.text}\n\n{told}"
        case Condition.BLANK:
            picture = Image.new("L", page.picture.size, 255)
        case Condition.OTHER:
            if page.other is None:
                return None
            picture = page.other
    scores = reader.scores(picture, told, LABELS[: len(page.options)])
    first, second = sorted(scores, reverse=True)[:2]
    return scores.index(first), first - second
