"""Qwen-VL's published checkpoint, from a local folder: its configuration and its weights under our names.

Every tensor of the checkpoint is used, and every weight of ours is filled, or the folder is refused. Two are cut:
the language model's fused query, key and value (thirds of `c_attn`), and the image encoder's, which are fused head
by head and are sorted into thirds. The adapter's fixed positions lie in the checkpoint too, and must be those that
we compute. No code from the folder is run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch

from data.errors import UsageError
from qc.models.checkpoint import CANNOT_OPEN
from qc.models.vision.design import AdapterShape, Design, ImageEncoderShape
from qc.models.vision.positions import sine_cosine

Weights = dict[str, torch.Tensor]

_ENCODER = r"transformer\.visual\.transformer\."
_LAYER = r"language_model.model.layers.\1."
_RENAMED = tuple(
    (re.compile(pattern), ours)
    for pattern, ours in (
        (r"transformer\.visual\.(conv1\.weight|positional_embedding|ln_pre\.\w+)", r"image_encoder.\1"),
        (rf"{_ENCODER}(resblocks\.\d+\.(?:ln_1|ln_2|mlp\.c_fc|mlp\.c_proj)\.\w+)", r"image_encoder.\1"),
        (rf"{_ENCODER}(resblocks\.\d+\.attn\.out_proj\.\w+)", r"image_encoder.\1"),
        (
            r"transformer\.visual\.attn_pool\."
            r"(query|kv_proj\.weight|attn\.in_proj_\w+|attn\.out_proj\.\w+|ln_q\.\w+|ln_kv\.\w+)",
            r"adapter.\1",
        ),
        (r"transformer\.visual\.(ln_post\.\w+|proj)", r"output_projection.\1"),
        (r"transformer\.wte\.weight", "language_model.model.embed_tokens.weight"),
        (r"transformer\.ln_f\.weight", "language_model.model.norm.weight"),
        (r"lm_head\.weight", "language_model.lm_head.weight"),
        (r"transformer\.h\.(\d+)\.ln_1\.weight", rf"{_LAYER}input_layernorm.weight"),
        (r"transformer\.h\.(\d+)\.ln_2\.weight", rf"{_LAYER}post_attention_layernorm.weight"),
        (r"transformer\.h\.(\d+)\.attn\.c_proj\.weight", rf"{_LAYER}self_attn.o_proj.weight"),
        (r"transformer\.h\.(\d+)\.mlp\.w1\.weight", rf"{_LAYER}mlp.up_proj.weight"),
        (r"transformer\.h\.(\d+)\.mlp\.w2\.weight", rf"{_LAYER}mlp.gate_proj.weight"),
        (r"transformer\.h\.(\d+)\.mlp\.c_proj\.weight", rf"{_LAYER}mlp.down_proj.weight"),
    )
)
_THIRDS = re.compile(r"transformer\.h\.(\d+)\.attn\.c_attn\.(weight|bias)")
_BY_HEAD = re.compile(r"transformer\.visual\.transformer\.(resblocks\.\d+)\.attn\.in_proj\.(weight|bias)")
_POSITIONS = "transformer.visual.attn_pool.pos_embed"
_TOLERATED = 2e-2
"""By how much stored positions may differ from exact ones; bfloat16 rounds numbers near 1 by .004."""


def is_published(config: Mapping[str, Any]) -> bool:
    """Whether a folder's `config.json` is that of Qwen-VL."""
    return config.get("model_type") == "qwen" and isinstance(config.get("visual"), Mapping)


def published_design(config: Mapping[str, Any]) -> tuple[Design, int]:
    """Return the design that a published `config.json` tells, and the side of its pictures in pixels.

    Raises:
        UsageError: a number is missing.
    """
    try:
        visual = config["visual"]
        width, patch, grid = visual["output_dim"], visual["patch_size"], visual.get("grid_size", 16)
        encoder = ImageEncoderShape(
            visual["width"], visual["layers"], visual["heads"], visual["mlp_ratio"], patch, grid
        )
        adapter = AdapterShape(visual.get("n_queries", 256), width, max(1, width // 128))
        return Design(encoder, adapter, _language_model(config)), int(visual["image_size"])
    except (KeyError, TypeError) as error:
        raise UsageError(f"this is no config.json of Qwen-VL: {error} is missing or no number") from error


def _language_model(config: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return Qwen's settings as `transformers` calls them; Qwen's `intermediate_size` counts gate and value."""
    return MappingProxyType(
        {
            "model_type": "qwen2",
            "vocab_size": config["vocab_size"],
            "hidden_size": config["hidden_size"],
            "intermediate_size": config["intermediate_size"] // 2,
            "num_hidden_layers": config["num_hidden_layers"],
            "num_attention_heads": config["num_attention_heads"],
            "num_key_value_heads": config["num_attention_heads"],
            "max_position_embeddings": config.get("max_position_embeddings", 8192),
            "rms_norm_eps": config["layer_norm_epsilon"],
            "tie_word_embeddings": False,
        }
    )


def translated(published: Mapping[str, torch.Tensor], design: Design) -> Weights:
    """Return published weights under our names.

    Raises:
        UsageError: a tensor is not known, or the fixed positions are not ours; names it.
    """
    found: Weights = {}
    for name, tensor in published.items():
        if name == _POSITIONS:
            _same_positions(tensor, design)
        elif thirds := _THIRDS.fullmatch(name):
            layer = f"language_model.model.layers.{thirds[1]}.self_attn"
            for kind, third in zip("qkv", tensor.chunk(3), strict=True):
                found[f"{layer}.{kind}_proj.{thirds[2]}"] = third
        elif by_head := _BY_HEAD.fullmatch(name):
            sorted_ = _sorted_by_kind(tensor, design.image_encoder.heads)
            found[f"image_encoder.{by_head[1]}.attn.in_proj_{by_head[2]}"] = sorted_
        else:
            found[_renamed(name)] = tensor
    return found


def _renamed(name: str) -> str:
    for pattern, ours in _RENAMED:
        if pattern.fullmatch(name):
            return pattern.sub(ours, name)
    raise UsageError(f"the checkpoint has a tensor that Qwen-VL does not have: {name}")


def _sorted_by_kind(fused: torch.Tensor, heads: int) -> torch.Tensor:
    """Return query, key, value of head after head as all queries, all keys, all values: the same shape."""
    return fused.reshape(heads, 3, -1, *fused.shape[1:]).transpose(0, 1).reshape(fused.shape)


def _same_positions(stored: torch.Tensor, design: Design) -> None:
    exact = sine_cosine(design.adapter.grid, design.adapter.width)
    if stored.shape != exact.shape or (stored.float() - exact).abs().max() > _TOLERATED:
        raise UsageError(f"the checkpoint's {_POSITIONS} are not the sines and cosines of Qwen-VL's design")


def stored_weights(folder: Path) -> Weights:
    """Return all tensors of a folder's `*.safetensors` files, or of its `*.bin` files if it has none.

    Raises:
        UsageError: there are none, a file cannot be read, or two files have a tensor of one name.
    """
    found: Weights = {}
    for file, tensors in _files(folder):
        if twice := sorted(found.keys() & tensors.keys()):
            raise UsageError(f"{file}: {twice[0]} is in another file too")
        found |= tensors
    return found


def _files(folder: Path) -> Iterator[tuple[Path, Weights]]:
    from safetensors.torch import load_file

    kinds = (sorted(folder.glob("*.safetensors")), sorted(folder.glob("*.bin")))
    if not any(kinds):
        raise UsageError(f"{folder}: there are no weights in it (*.safetensors or *.bin)")
    for file in kinds[0] or kinds[1]:
        try:
            if file.suffix == ".safetensors":
                yield file, load_file(file)
            else:
                yield file, torch.load(file, map_location="cpu", weights_only=True, mmap=True)
        except CANNOT_OPEN as error:
            raise UsageError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error


def configuration(folder: Path) -> dict[str, Any]:
    """Return a folder's `config.json`.

    Raises:
        UsageError: there is none, or it is not JSON.
    """
    file = folder / "config.json"
    try:
        told = json.loads(file.read_bytes())
    except FileNotFoundError:
        raise UsageError(f"{folder}: there is no config.json in it; give the folder of a model") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise UsageError(f"{file}: is no object")
    return told
