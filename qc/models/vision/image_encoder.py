"""The image encoder: a vision transformer as OpenCLIP's ViT-bigG/14, without a class token.

A block is what open_clip's `ResidualAttentionBlock` is, and its weights have the same names (`ln_1`, `attn`,
`ln_2`, `mlp.c_fc`, `mlp.c_proj`), so that open_clip's fit. Source: Ilharco et al., OpenCLIP; arXiv 2308.12966.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import cast

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

from data.errors import UsageError
from qc.models.vision import design
from qc.models.vision.positions import resized

norm = partial(nn.LayerNorm, eps=design.EPSILON)


class Block(nn.Module):
    """One transformer block with the norms before attention and perceptron: (b, n, width) to the same shape."""

    def __init__(self, width: int, heads: int, hidden: int) -> None:
        super().__init__()
        self.ln_1 = norm(width)
        self.attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.ln_2 = norm(width)
        layers = (("c_fc", nn.Linear(width, hidden)), ("gelu", nn.GELU()), ("c_proj", nn.Linear(hidden, width)))
        self.mlp = nn.Sequential(OrderedDict[str, nn.Module](layers))

    def forward(self, patches: torch.Tensor) -> torch.Tensor:
        seen = self.ln_1(patches)
        patches = patches + self.attn(seen, seen, seen, need_weights=False)[0]
        return patches + cast(torch.Tensor, self.mlp(self.ln_2(patches)))


class ImageEncoder(nn.Module):
    """Pixels (b, 3, side, side) to patches (b, (side / patch)², width).

    Attributes:
        recompute: whether each block's activations are computed again for the gradient instead of kept.
    """

    def __init__(self, shape: design.ImageEncoderShape) -> None:
        super().__init__()
        self.shape = shape
        self.recompute = False
        width, hidden = shape.width, int(shape.width * shape.mlp_ratio)
        self.conv1 = nn.Conv2d(3, width, shape.patch, stride=shape.patch, bias=False)
        self.positional_embedding = nn.Parameter(width**-0.5 * torch.randn(shape.grid**2, width))
        self.ln_pre = norm(width)
        self.resblocks = nn.ModuleList(Block(width, shape.heads, hidden) for _ in range(shape.layers))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the patches' vectors.

        Raises:
            UsageError: the picture's side is no multiple of the patch's.
        """
        height, width = pixels.shape[-2:]
        if height % self.shape.patch or width % self.shape.patch:
            raise UsageError(
                f"a picture of {width} x {height} pixels cannot be cut into patches of {self.shape.patch}; "
                f"give a multiple of {self.shape.patch}"
            )
        patches = self.conv1(pixels).flatten(2).transpose(1, 2)
        patches = self.ln_pre(patches + resized(self.positional_embedding, patches.shape[1]))
        for block in self.resblocks:
            if self.recompute and torch.is_grad_enabled():
                patches = cast(torch.Tensor, checkpoint(block, patches, use_reentrant=False))
            else:
                patches = block(patches)
        return cast(torch.Tensor, patches)
