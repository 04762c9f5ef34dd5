"""A model comes back from its folder as it went in; published names find their places; others are refused."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

from data.errors import UsageError
from qc.models.vision.design import Design
from qc.models.vision.image_encoder import Block
from qc.models.vision.model_folder import folder_files, load, opened
from qc.models.vision.positions import sine_cosine
from qc.models.vision.published_checkpoint import translated
from qc.models.vision.readers.own_reader import OwnReader
from qc.models.vision.vision_language_model import VisionLanguageModel
from tests.qc.models.vision.small_models import small_model

LETTERS = "abcdefgh ABCD.0123456789(),\n"


def saved(folder: Path) -> VisionLanguageModel:
    model, tokeniser = small_model(LETTERS)
    folder.mkdir()
    for name, content in folder_files(model, tokeniser, 28).items():
        (folder / name).write_bytes(content)
    return model


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    model = saved(tmp_path / "model")
    again, tokeniser, side = opened(tmp_path / "model")
    assert side == 28
    assert again.design == model.design
    assert all(torch.equal(weight, again.state_dict()[name]) for name, weight in model.state_dict().items())
    assert tokeniser.decode(tokeniser("<img>ab\nc<box>")["input_ids"]) == "<img>ab\nc<box>"


def test_a_reader_scores_options_as_the_chain_of_its_next_tokens(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    reader = load(tmp_path / "model", "cpu")
    picture = Image.new("L", (40, 20), 30)
    first = reader.scores(picture, "abc", [*LETTERS])
    assert sum(map(math.exp, first)) < 1
    both = reader.scores(picture, "abc", ["de"])[0]
    assert both == pytest.approx(
        reader.scores(picture, "abc", ["d"])[0] + reader.scores(picture, "abcd", ["e"])[0], abs=1e-4
    )
    longer = reader.scores(picture, "abc", ["de", "defgh"])
    assert longer[0] == pytest.approx(both, abs=1e-4)
    assert longer != reader.scores(Image.new("L", (40, 20), 220), "abc", ["de", "defgh"])
    assert longer != reader.scores(None, "abc", ["de", "defgh"])


def test_what_is_written_is_the_most_probable_next_token(tmp_path: Path) -> None:
    saved(tmp_path / "model")
    reader = load(tmp_path / "model", "cpu")
    picture = Image.new("L", (40, 20), 30)
    assert isinstance(reader, OwnReader)
    (written,) = reader.written([(picture, "abc")], 3)
    singles = dict(zip(LETTERS, reader.scores(picture, "abc", [*LETTERS]), strict=True))
    assert singles[written[0]] == max(singles.values())
    together = reader.written([(picture, "a"), (picture, "abcdef")], 4)
    assert together == [one for prompt in ("a", "abcdef") for one in reader.written([(picture, prompt)], 4)]


Change = Callable[[Path], object]


def without_a_weight(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    del weights["adapter.query"]
    save_file(weights, folder / "model.safetensors")


def with_one_too_many(folder: Path) -> None:
    save_file({**load_file(folder / "model.safetensors"), "more": torch.ones(1)}, folder / "model.safetensors")


def of_another_shape(folder: Path) -> None:
    weights = load_file(folder / "model.safetensors")
    save_file({**weights, "adapter.query": torch.ones(5, 32)}, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (without_a_weight, "lack adapter.query"),
        (with_one_too_many, "too many: more"),
        (of_another_shape, "adapter.query"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"no"), "model.safetensors: cannot be read"),
        (lambda folder: (folder / "model.safetensors").unlink(), "no weights in it"),
        (lambda folder: (folder / "config.json").unlink(), "no config.json"),
        (lambda folder: (folder / "config.json").write_text("[1]"), "is no object"),
        (lambda folder: (folder / "config.json").write_text('{"model_type": "belebele_vision"}'), "'design'"),
    ],
)
def test_a_broken_folder_is_refused_by_name(tmp_path: Path, change: Change, told: str) -> None:
    saved(tmp_path / "model")
    change(tmp_path / "model")
    with pytest.raises(UsageError, match=told):
        load(tmp_path / "model", "cpu")


# The published checkpoint ----------------------------------------------------------------------------------------


def published(design: Design) -> dict[str, torch.Tensor]:
    """A checkpoint of Qwen-VL's names and shapes, of random numbers."""
    generator = torch.Generator().manual_seed(3)
    encoder, adapter, language = design.image_encoder, design.adapter, design.language_model
    wide, patch_width, vocabulary = adapter.width, encoder.width, language["vocab_size"]
    inner, hidden = language["intermediate_size"], int(patch_width * encoder.mlp_ratio)
    shapes: dict[str, tuple[int, ...]] = {
        "transformer.wte.weight": (vocabulary, wide), "lm_head.weight": (vocabulary, wide),
        "transformer.ln_f.weight": (wide,),
        "transformer.visual.conv1.weight": (patch_width, 3, encoder.patch, encoder.patch),
        "transformer.visual.positional_embedding": (encoder.grid**2, patch_width),
        "transformer.visual.proj": (wide, wide),
        "transformer.visual.attn_pool.query": (adapter.queries, wide),
        "transformer.visual.attn_pool.kv_proj.weight": (wide, patch_width),
        "transformer.visual.attn_pool.attn.in_proj_weight": (3 * wide, wide),
        "transformer.visual.attn_pool.attn.in_proj_bias": (3 * wide,),
        "transformer.visual.attn_pool.attn.out_proj.weight": (wide, wide),
        "transformer.visual.attn_pool.attn.out_proj.bias": (wide,),
    }  # fmt: skip
    norms = {"visual.ln_pre": patch_width, "visual.ln_post": wide}
    norms |= {"visual.attn_pool.ln_q": wide, "visual.attn_pool.ln_kv": wide}
    for layer in range(encoder.layers):
        block = f"visual.transformer.resblocks.{layer}"
        norms |= {f"{block}.ln_1": patch_width, f"{block}.ln_2": patch_width}
        for name, out, into in (
            ("attn.in_proj", 3 * patch_width, patch_width), ("attn.out_proj", patch_width, patch_width),
            ("mlp.c_fc", hidden, patch_width), ("mlp.c_proj", patch_width, hidden),
        ):  # fmt: skip
            shapes[f"transformer.{block}.{name}.weight"] = (out, into)
            shapes[f"transformer.{block}.{name}.bias"] = (out,)
    for name, width in norms.items():
        shapes |= {f"transformer.{name}.weight": (width,), f"transformer.{name}.bias": (width,)}
    for layer in range(language["num_hidden_layers"]):
        at = f"transformer.h.{layer}"
        shapes |= {
            f"{at}.ln_1.weight": (wide,), f"{at}.ln_2.weight": (wide,),
            f"{at}.attn.c_attn.weight": (3 * wide, wide),
            f"{at}.attn.c_attn.bias": (3 * wide,), f"{at}.attn.c_proj.weight": (wide, wide),
            f"{at}.mlp.w1.weight": (inner, wide), f"{at}.mlp.w2.weight": (inner, wide),
            f"{at}.mlp.c_proj.weight": (wide, inner),
        }  # fmt: skip
    weights = {name: torch.randn(shape, generator=generator) / 4 for name, shape in shapes.items()}
    return {**weights, "transformer.visual.attn_pool.pos_embed": sine_cosine(adapter.grid, wide)}


def published_folder(folder: Path) -> dict[str, torch.Tensor]:
    """A folder as Qwen-VL's, in small: two files of weights, its configuration, and a tokeniser."""
    model = saved(folder)
    (folder / "model.safetensors").unlink()
    design = model.design
    weights = published(design)
    names = sorted(weights)
    for part, some in enumerate((names[:20], names[20:])):
        torch.save({name: weights[name] for name in some}, folder / f"pytorch_model-0000{part + 1}-of-00002.bin")
    language, encoder = design.language_model, design.image_encoder
    config: dict[str, Any] = {
        "model_type": "qwen", "vocab_size": language["vocab_size"], "hidden_size": language["hidden_size"],
        "intermediate_size": 2 * language["intermediate_size"], "num_hidden_layers": language["num_hidden_layers"],
        "num_attention_heads": language["num_attention_heads"], "layer_norm_epsilon": 1e-6,
        "visual": {
            "heads": encoder.heads, "image_size": 28, "layers": encoder.layers, "mlp_ratio": encoder.mlp_ratio,
            "output_dim": design.adapter.width, "patch_size": encoder.patch, "width": encoder.width,
            "n_queries": design.adapter.queries, "grid_size": encoder.grid,
        },
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config))
    return weights


def test_a_published_checkpoint_fills_every_weight(tmp_path: Path) -> None:
    weights = published_folder(tmp_path / "model")
    model, _, side = opened(tmp_path / "model")
    assert side == 28
    ours = model.state_dict()
    numbers = sum(weight.numel() for weight in weights.values())
    assert sum(weight.numel() for weight in ours.values()) == numbers - model.adapter.pos_embed.numel()
    wide = model.design.adapter.width
    fused = weights["transformer.h.1.attn.c_attn.weight"]
    layer = "language_model.model.layers.1"
    assert torch.equal(ours[f"{layer}.self_attn.k_proj.weight"], fused[wide : 2 * wide])
    assert torch.equal(ours[f"{layer}.mlp.gate_proj.weight"], weights["transformer.h.1.mlp.w2.weight"])
    assert torch.equal(ours[f"{layer}.mlp.up_proj.weight"], weights["transformer.h.1.mlp.w1.weight"])


def test_the_encoders_fused_attention_is_that_of_the_published_code(tmp_path: Path) -> None:
    """Query, key and value stand head by head there: told here as its code reads them."""
    weights = published_folder(tmp_path / "model")
    model, _, _ = opened(tmp_path / "model")
    block, heads = model.image_encoder.resblocks[1], model.design.image_encoder.heads
    assert isinstance(block, Block)
    at = {name: weights[f"transformer.visual.transformer.resblocks.1.attn.{name}"] for name in (
        "in_proj.weight", "in_proj.bias", "out_proj.weight", "out_proj.bias",
    )}  # fmt: skip
    seen = torch.randn(1, 9, model.design.image_encoder.width)
    mixed = seen[0] @ at["in_proj.weight"].T + at["in_proj.bias"]
    found = []
    for fused in mixed.chunk(heads, 1):
        query, key, value = fused.chunk(3, 1)
        found.append(torch.softmax(query @ key.T / math.sqrt(query.shape[1]), 1) @ value)
    wanted = torch.cat(found, 1) @ at["out_proj.weight"].T + at["out_proj.bias"]
    with torch.no_grad():
        assert torch.allclose(block.attn(seen, seen, seen)[0][0], wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda weights: weights.pop("transformer.visual.proj"), "lack output_projection.proj"),
        (
            lambda weights: weights.update({"transformer.h.0.attn.bias": torch.ones(1)}),
            "does not have: transformer.h.0",
        ),
        (lambda weights: weights["transformer.visual.attn_pool.pos_embed"].add_(0.1), "are not the sines"),
    ],
)
def test_a_published_checkpoint_that_is_not_whole_is_refused(
    tmp_path: Path, change: Callable[[dict[str, torch.Tensor]], object], told: str
) -> None:
    weights = published_folder(tmp_path / "model")
    change(weights)
    for file in (tmp_path / "model").glob("*.bin"):
        file.unlink()
    torch.save(weights, tmp_path / "model" / "pytorch_model.bin")
    with pytest.raises(UsageError, match=told):
        opened(tmp_path / "model")


def test_every_published_name_has_one_place() -> None:
    design = small_model()[0].design
    names = set(small_model()[0].state_dict())
    assert set(translated(published(design), design)) == names
