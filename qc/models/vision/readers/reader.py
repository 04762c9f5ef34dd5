"""What is asked of a model that reads pictures, whoever made it; `model_folder.load` opens one from a folder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PIL import Image


class Reader(Protocol):
    """A vision-language model that answers.

    A prompt's text comes after its picture; without a picture the text stands alone. The same question always gets
    the same answer: nothing is drawn by chance.
    """

    @property
    def name(self) -> str:
        """What reports call it."""

    def scores(self, picture: Image.Image | None, prompt: str, options: Sequence[str]) -> list[float]:
        """Return the log-probability of each option as the text that follows the prompt: the sum over its tokens.

        Args:
            picture: of any size; the model fits it to its own.
            prompt: ends where the option begins, with the blank between them if there is one.
            options: labels or whole answers; none is empty.
        """
