"""Positions on a square grid: fixed sines and cosines, and any table of positions resized to another grid."""

from __future__ import annotations

from math import isqrt

import torch
from torch.nn import functional

from data.errors import UsageError


def sine_cosine(grid: int, width: int) -> torch.Tensor:
    """Return fixed positions of a square grid: (grid * grid, width), row by row, in float32.

    The first half of a vector is its column, the second its row, each as sines and then cosines of frequencies
    from 1 down to 1 / 10,000, as in masked autoencoders (He et al., arXiv 2111.06377).
    """
    frequencies = 10_000.0 ** -(torch.arange(width // 4, dtype=torch.float64) / (width // 4))
    rows, columns = torch.meshgrid(torch.arange(grid), torch.arange(grid), indexing="ij")
    angles = [axis.flatten()[:, None] * frequencies for axis in (columns, rows)]
    return torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], dim=1).float()


def resized(positions: torch.Tensor, count: int) -> torch.Tensor:
    """Return positions of a square grid with `count` places, resized bicubically: (count, width).

    Raises:
        UsageError: `count` places do not make a square.
    """
    before, after = isqrt(len(positions)), isqrt(count)
    if after * after != count:
        raise UsageError(f"a picture has {count} patches, which make no square; give square pictures")
    if before == after:
        return positions
    exact = positions if positions.dtype == torch.float64 else positions.float()
    square = exact.reshape(before, before, -1).permute(2, 0, 1)[None]
    stretched = functional.interpolate(square, size=(after, after), mode="bicubic", align_corners=False)
    return stretched[0].permute(1, 2, 0).flatten(0, 1).to(positions.dtype)
