"""The adapter: learned queries that look at all patches of a picture, so that any picture becomes as many vectors.

Positions are fixed and two-dimensional; they are added to query and key, never to the value: they tell where to
look, and what is found carries no position but its query's. Source: arXiv 2308.12966, section 2.1.
"""

from __future__ import annotations

from typing import cast

import torch
from torch import nn

from qc.models.vision import design
from qc.models.vision.image_encoder import norm
from qc.models.vision.positions import resized, sine_cosine


class Adapter(nn.Module):
    """Patches (b, n, patch width), n a square number, to (b, queries, width)."""

    def __init__(self, shape: design.AdapterShape, patch_width: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.empty(shape.queries, shape.width))
        nn.init.trunc_normal_(self.query, std=0.02)
        self.kv_proj = nn.Linear(patch_width, shape.width, bias=False)
        self.ln_q = norm(shape.width)
        self.ln_kv = norm(shape.width)
        self.attn = nn.MultiheadAttention(shape.width, shape.heads, batch_first=True)
        self.register_buffer("pos_embed", sine_cosine(shape.grid, shape.width), persistent=False)

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        """Return one vector per query.

        Raises:
            UsageError: the patches do not make a square.
        """
        found = self.ln_kv(self.kv_proj(patches))
        places = cast(torch.Tensor, self.pos_embed).to(found.dtype)
        asked = (self.ln_q(self.query) + places).expand(len(found), -1, -1)
        keys = found + resized(places, found.shape[1])
        return cast(torch.Tensor, self.attn(asked, keys, found, need_weights=False)[0])


class OutputProjection(nn.Module):
    """A norm and a projection without bias between adapter and language model: (b, n, width) to the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.ln_post = norm(width)
        self.proj = nn.Parameter(width**-0.5 * torch.randn(width, width))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return cast(torch.Tensor, self.ln_post(features) @ self.proj)
