"""A model of ours as a `reader.Reader`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from PIL import Image

from qc.models.vision.training.batches import Sample, batched
from qc.models.vision.vision_language_model import IGNORED, VisionLanguageModel


class OwnReader:
    """See `reader.Reader`.

    Args:
        model: with weights.
        tokeniser: of `transformers`' kind, which knows the marks of `tokens`.
        side: of the pictures, in pixels.
        name: what reports call it.
        device: `cpu`, `cuda`, ….
    """

    def __init__(
        self, model: VisionLanguageModel, tokeniser: Any, side: int, name: str = "", device: str = "cpu"
    ) -> None:
        self.model, self.tokeniser, self.side = model.to(device).eval(), tokeniser, side
        self.name, self.device = name, device

    @torch.no_grad()
    def scores(self, picture: Image.Image | None, prompt: str, options: Sequence[str]) -> list[float]:
        """Return each option's log-probability."""
        samples = [Sample("", prompt, option, picture) for option in options]
        queries = self.model.design.adapter.queries
        batch = batched(samples, self.tokeniser, self.side, queries, end=False).to(self.device)
        logits = self.model(batch.tokens, batch.mask, batch.pixels, batch.places)
        logs = torch.log_softmax(logits[:, :-1].float(), dim=-1)
        wanted = batch.labels[:, 1:]
        found = logs.gather(2, wanted.clamp(min=0)[..., None])[..., 0]
        sums: list[float] = found.masked_fill(wanted == IGNORED, 0).sum(dim=1).tolist()
        return sums

    @torch.no_grad()
    def written(self, asked: Sequence[tuple[Image.Image | None, str]], longest: int) -> list[str]:
        """Return the most probable answers to several questions, which all have a picture or all have none.

        Args:
            asked: pictures and prompts.
            longest: the most tokens of an answer.
        """
        samples = [Sample("", prompt, "", picture) for picture, prompt in asked]
        queries = self.model.design.adapter.queries
        batch = batched(samples, self.tokeniser, self.side, queries, end=False).to(self.device)
        vectors = self.model.embedded(batch.tokens, batch.pixels, batch.places)
        written = self.model.language_model.generate(
            inputs_embeds=_left_padded(vectors, batch.mask),
            attention_mask=batch.mask.sort(dim=1).values,
            max_new_tokens=longest,
            do_sample=False,
            eos_token_id=self.tokeniser.eos_token_id,
            pad_token_id=self.tokeniser.pad_token_id,
        )
        return [self._text(tokens) for tokens in written.tolist()]

    def _text(self, tokens: list[int]) -> str:
        """Return tokens up to the end mark as text; marks of places in it stay."""
        end = self.tokeniser.eos_token_id
        return str(self.tokeniser.decode(tokens[: tokens.index(end)] if end in tokens else tokens))


def _left_padded(vectors: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the vectors of texts moved to the right, so that all end together: (b, length, width)."""
    ends = [
        torch.cat([one[int(seen.sum()) :], one[: int(seen.sum())]])
        for one, seen in zip(vectors, mask, strict=True)
    ]
    return torch.stack(ends)
