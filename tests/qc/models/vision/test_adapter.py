"""The adapter computes what the paper says, told once more in plain loops over heads, in float64."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from data.errors import UsageError
from qc.models.vision.adapter import Adapter, OutputProjection
from qc.models.vision.design import AdapterShape
from qc.models.vision.positions import resized, sine_cosine


def normed(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    centred = x - x.mean(-1, keepdim=True)
    return centred / torch.sqrt((centred**2).mean(-1, keepdim=True) + 1e-6) * weight + bias


def plainly(adapter: Adapter, patches: torch.Tensor, heads: int) -> torch.Tensor:
    """The cross-attention of one picture: (n, patch width) to (queries, width)."""
    at = {name: tensor.double() for name, tensor in adapter.state_dict().items()}
    places = sine_cosine(math.isqrt(len(at["query"])), at["query"].shape[1]).double()
    values = normed(patches @ at["kv_proj.weight"].T, at["ln_kv.weight"], at["ln_kv.bias"])
    queries = normed(at["query"], at["ln_q.weight"], at["ln_q.bias"]) + places
    keys = values + resized(places, len(patches))
    weights, biases = at["attn.in_proj_weight"].chunk(3), at["attn.in_proj_bias"].chunk(3)
    q, k, v = (x @ w.T + b for x, w, b in zip((queries, keys, values), weights, biases, strict=True))
    found = []
    for one, two, three in zip(q.chunk(heads, 1), k.chunk(heads, 1), v.chunk(heads, 1), strict=True):
        scores = one @ two.T / math.sqrt(one.shape[1])
        shares = torch.exp(scores - scores.max(1, keepdim=True).values)
        found.append(shares / shares.sum(1, keepdim=True) @ three)
    return torch.cat(found, 1) @ at["attn.out_proj.weight"].T + at["attn.out_proj.bias"]


def random_adapter(queries: int, width: int, heads: int, patch_width: int) -> Adapter:
    torch.manual_seed(0)
    adapter = Adapter(AdapterShape(queries, width, heads), patch_width).double()
    with torch.no_grad():
        for weight in adapter.parameters():
            weight.copy_(torch.randn_like(weight) / max(1, weight.shape[-1]) ** 0.5)
    return adapter.eval()


@pytest.mark.parametrize("patches", [1024, 256, 64])
def test_the_adapter_over_any_number_of_patches_is_the_plain_one(patches: int) -> None:
    adapter = random_adapter(256, 64, 4, 48)
    seen = torch.randn(2, patches, 48, dtype=torch.float64)
    with torch.no_grad():
        found = adapter(seen)
    wanted = torch.stack([plainly(adapter, one, 4) for one in seen])
    assert found.shape == (2, 256, 64)
    assert (found - wanted).abs().max() < 1e-10


def test_positions_are_no_part_of_the_value() -> None:
    """Where all patches are alike, every query finds the same, wherever it looks."""
    adapter = random_adapter(16, 32, 2, 24)
    found = adapter(torch.randn(1, 1, 24, dtype=torch.float64).expand(1, 64, 24))
    assert torch.allclose(found, found[:, :1].expand_as(found), atol=1e-12)


def test_the_positions_are_not_trained_and_lie_in_no_file() -> None:
    adapter = random_adapter(16, 32, 2, 24)
    assert "pos_embed" not in adapter.state_dict()
    assert "pos_embed" not in dict(adapter.named_parameters())


def test_sines_and_cosines_by_hand() -> None:
    places = sine_cosine(3, 8)
    row, column = 2, 1
    wanted = []
    for at in (column, row):
        wanted += [math.sin(at), math.sin(at / 100), math.cos(at), math.cos(at / 100)]
    np.testing.assert_allclose(places[3 * row + column], wanted, atol=1e-6)


def test_positions_that_fit_are_not_touched_and_others_keep_rows_and_columns() -> None:
    rows, columns = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing="ij")
    plane = torch.stack([rows.flatten(), columns.flatten()], 1)
    assert resized(plane, 16) is plane
    larger = resized(plane, 64).reshape(8, 8, 2)
    assert torch.allclose(larger[..., 0], larger[:, :1, 0].expand(8, 8), atol=1e-6)
    assert torch.allclose(larger[..., 1], larger[:1, :, 1].expand(8, 8), atol=1e-6)
    assert (larger[..., 0].diff(dim=0) > 0).all()
    assert torch.allclose(larger.mean((0, 1)), torch.tensor([1.5, 1.5]), atol=1e-5)


def test_patches_that_make_no_square_are_refused() -> None:
    with pytest.raises(UsageError, match="60 patches"):
        resized(sine_cosine(4, 8), 60)


def test_the_output_projection_is_a_norm_and_a_product() -> None:
    torch.manual_seed(0)
    projection = OutputProjection(8).double()
    features = torch.randn(2, 3, 8, dtype=torch.float64)
    wanted = normed(features, torch.ones(8), torch.zeros(8)) @ projection.proj
    assert torch.allclose(projection(features), wanted, atol=1e-12)
