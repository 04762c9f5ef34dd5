"""Samples of training and reading as tensors: pictures fitted to a square, texts as tokens, what is learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image

from qc.models.vision.tokens import IMAGE_PLACE, pictured
from qc.models.vision.vision_language_model import IGNORED

MEAN = (0.48145466, 0.4578275, 0.40821073)
SPREAD = (0.26862954, 0.26130258, 0.27577711)
"""Of red, green and blue in CLIP's training pictures, by which pixels are normalised."""


@dataclass(frozen=True)
class Sample:
    """One thing to learn or to be asked.

    Attributes:
        task: its kind, as `stages.Stage.mixture` calls it.
        prompt: the text after the picture.
        answer: what is to be written.
        picture: None for text alone.
        script: ISO 15924 code of the answer's script, for reports.
    """

    task: str
    prompt: str
    answer: str
    picture: Image.Image | None = None
    script: str = ""


class Batch(NamedTuple):
    """Samples as tensors; see `VisionLanguageModel.forward`."""

    tokens: torch.Tensor
    mask: torch.Tensor
    pixels: torch.Tensor | None
    places: torch.Tensor | None
    labels: torch.Tensor

    def to(self, device: str) -> Batch:
        """Return the batch on a device."""
        pixels = None if self.pixels is None else self.pixels.to(device)
        places = None if self.places is None else self.places.to(device)
        return Batch(self.tokens.to(device), self.mask.to(device), pixels, places, self.labels.to(device))


def fitted(picture: Image.Image, side: int) -> Image.Image:
    """Return a picture stretched to a square of a side in pixels, whatever its shape, as Qwen-VL does."""
    return picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)


def pixels_of(pictures: Sequence[Image.Image], side: int) -> torch.Tensor:
    """Return pictures as normalised pixels: (pictures, 3, side, side)."""
    stacked = torch.from_numpy(np.stack([np.asarray(fitted(one, side)) for one in pictures]))
    exact = stacked.permute(0, 3, 1, 2).float() / 255
    return (exact - torch.tensor(MEAN)[:, None, None]) / torch.tensor(SPREAD)[:, None, None]


def batched(samples: Sequence[Sample], tokeniser: Any, side: int, queries: int, end: bool = True) -> Batch:
    """Return samples as one batch, shorter texts padded on their right.

    Args:
        samples: of any tasks, with pictures or without.
        tokeniser: of the language model.
        side: of the pictures, in pixels.
        queries: how many places a picture takes.
        end: whether an end mark follows the answer, and is to be learned as well.
    """
    prompts = [pictured(one.prompt, queries) if one.picture else one.prompt for one in samples]
    before = tokeniser(prompts, add_special_tokens=False)["input_ids"]
    after = tokeniser([one.answer for one in samples], add_special_tokens=False)["input_ids"]
    last = [tokeniser.eos_token_id] if end else []
    longest = max(len(one) + len(other) for one, other in zip(before, after, strict=True)) + len(last)
    tokens = torch.full((len(samples), longest), tokeniser.pad_token_id)
    labels = torch.full((len(samples), longest), IGNORED)
    mask = torch.zeros((len(samples), longest), dtype=torch.long)
    for row, (prompt, answer) in enumerate(zip(before, after, strict=True)):
        whole = torch.tensor([*prompt, *answer, *last])
        tokens[row, : len(whole)] = whole
        labels[row, len(prompt) : len(whole)] = whole[len(prompt) :]
        mask[row, : len(whole)] = 1
    seen = [one.picture for one in samples if one.picture]
    places = tokens == tokeniser.convert_tokens_to_ids(IMAGE_PLACE)
    return Batch(tokens, mask, pixels_of(seen, side) if seen else None, places if seen else None, labels)
