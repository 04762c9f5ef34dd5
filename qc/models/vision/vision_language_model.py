"""The whole model: pictures through image encoder and adapter into the places that a text keeps for them."""

from __future__ import annotations

from typing import Any, cast

import torch
from torch import nn

from qc.models.vision import design
from qc.models.vision.adapter import Adapter, OutputProjection
from qc.models.vision.design import PARTS, Design, Part
from qc.models.vision.image_encoder import ImageEncoder
from qc.models.vision.language_model import language_model

IGNORED = -100
"""The label of a token that is not to be learned."""


class VisionLanguageModel(nn.Module):
    """Pictures and token ids in, logits out; the modules are called as `design.PARTS` says."""

    def __init__(self, shape: Design) -> None:
        super().__init__()
        self.design = shape
        self.image_encoder = ImageEncoder(shape.image_encoder)
        self.adapter = Adapter(shape.adapter, shape.image_encoder.width)
        self.output_projection = OutputProjection(shape.adapter.width)
        self.language_model: Any = language_model(shape.language_model)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return pictures (b, 3, side, side) as the language model sees them: (b, queries, width)."""
        return cast(torch.Tensor, self.output_projection(self.adapter(self.image_encoder(pixels))))

    def embedded(
        self, tokens: torch.Tensor, pixels: torch.Tensor | None, places: torch.Tensor | None
    ) -> torch.Tensor:
        """Return the input vectors of texts: (b, length, width).

        Args:
            tokens: (b, length).
            pixels: one picture for each text that has one: (pictures, 3, side, side); None without pictures.
            places: (b, length), true where a picture's features stand, `queries` times in such a text.
        """
        vectors = self.language_model.get_input_embeddings()(tokens)
        if pixels is None or places is None:
            return cast(torch.Tensor, vectors)
        seen = self.features(pixels).to(vectors.dtype).flatten(0, 1)
        return cast(torch.Tensor, vectors.masked_scatter(places[..., None], seen))

    def forward(
        self,
        tokens: torch.Tensor,
        mask: torch.Tensor,
        pixels: torch.Tensor | None = None,
        places: torch.Tensor | None = None,
        labels: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Return the logits (b, length, vocabulary); with labels the mean loss of those that are not `IGNORED`."""
        vectors = self.embedded(tokens, pixels, places)
        logits = self.language_model(inputs_embeds=vectors, attention_mask=mask, use_cache=False).logits
        if labels is None:
            return cast(torch.Tensor, logits)
        wanted = labels[:, 1:].flatten()
        return nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted, ignore_index=IGNORED)


def fresh(shape: Design, seed: int) -> VisionLanguageModel:
    """Return a model that has learned nothing, the same for the same seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return VisionLanguageModel(shape)


def parameters(shape: Design) -> dict[Part, int]:
    """Return the trained parameters of each part; nothing is allocated, whatever the size."""
    with torch.device("meta"):
        model = VisionLanguageModel(shape)
    return {part: sum(one.numel() for one in getattr(model, part).parameters()) for part in PARTS}


def fixed_numbers(shape: design.AdapterShape) -> int:
    """Return the numbers of the adapter's fixed positions, which are not trained."""
    return shape.queries * shape.width
