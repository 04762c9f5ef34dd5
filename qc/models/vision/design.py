"""What a vision-language model is made of, as numbers: the published design, and one that two cores can train.

Facts alone: nothing here imports torch, so that a command can tell them at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from math import isqrt
from types import MappingProxyType
from typing import Any, Literal

from data.errors import UsageError

Part = Literal["image_encoder", "adapter", "output_projection", "language_model"]
PARTS: tuple[Part, ...] = ("image_encoder", "adapter", "output_projection", "language_model")
"""The parts, in the order in which a picture passes through them."""

EPSILON = 1e-6
"""Of every layer norm between picture and language model, as published."""


@dataclass(frozen=True)
class ImageEncoderShape:
    """A vision transformer without a class token.

    Attributes:
        width: of a patch's vector.
        layers: number of transformer blocks.
        heads: of each block's attention.
        mlp_ratio: width of a block's hidden layer over `width`, rounded down to a whole width.
        patch: side of a square patch, in pixels.
        grid: patches along a side for which positions are learned; for other sides they are resized.
    """

    width: int
    layers: int
    heads: int
    mlp_ratio: float
    patch: int
    grid: int


@dataclass(frozen=True)
class AdapterShape:
    """One cross-attention layer that turns any number of patches into `queries` vectors.

    Attributes:
        queries: how many, a square number.
        width: of each; the language model's width.
        heads: of the attention.
    """

    queries: int
    width: int
    heads: int

    @property
    def grid(self) -> int:
        """The queries along a side of the square in which they stand."""
        return isqrt(self.queries)


@dataclass(frozen=True)
class Design:
    """A whole model.

    Attributes:
        language_model: what `transformers` builds a causal language model from: `model_type` and its settings.
    """

    image_encoder: ImageEncoderShape
    adapter: AdapterShape
    language_model: Mapping[str, Any] = field(hash=False)

    def __post_init__(self) -> None:
        """Refuse a design that cannot be built.

        Raises:
            UsageError: names the number and what it must be.
        """
        encoder, adapter = self.image_encoder, self.adapter
        width = self.language_model.get("hidden_size")
        for wrong, cure in (
            (encoder.width % encoder.heads, "image_encoder.width must be a multiple of image_encoder.heads"),
            (adapter.width % adapter.heads, "adapter.width must be a multiple of adapter.heads"),
            (adapter.width % 4, "adapter.width must be a multiple of 4, for sine and cosine of two axes"),
            (adapter.grid**2 != adapter.queries, "adapter.queries must be a square number"),
            (width != adapter.width, f"adapter.width must be the language model's hidden_size, {width}"),
        ):
            if wrong:
                raise UsageError(f"this design of a vision-language model cannot be built: {cure}")

    def as_json(self) -> dict[str, Any]:
        """Return the design as plain dictionaries."""
        told: dict[str, Any] = plain(self)
        return told

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Design:
        """Return the design that `as_json` told.

        Raises:
            UsageError: a part or a number is missing, unknown or not of its kind.
        """
        try:
            return cls(
                ImageEncoderShape(**told["image_encoder"]),
                AdapterShape(**told["adapter"]),
                MappingProxyType(dict(told["language_model"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError(f"this is no design of a vision-language model: {error}") from error


def plain(record: Any) -> Any:
    """Return a record of records as dictionaries, lists and plain values."""
    if is_dataclass(record):
        return {one.name: plain(getattr(record, one.name)) for one in fields(record)}
    if isinstance(record, Mapping):
        return {key: plain(value) for key, value in record.items()}
    if isinstance(record, tuple | list):
        return [plain(value) for value in record]
    return record


def _language_model(vocabulary: int, width: int, hidden: int, layers: int, heads: int, longest: int) -> Any:
    """Return settings of a language model of Qwen-7B's kind, which `transformers` calls `qwen2`."""
    return MappingProxyType(
        {
            "model_type": "qwen2",
            "vocab_size": vocabulary,
            "hidden_size": width,
            "intermediate_size": hidden,
            "num_hidden_layers": layers,
            "num_attention_heads": heads,
            "num_key_value_heads": heads,
            "max_position_embeddings": longest,
            "rms_norm_eps": EPSILON,
            "tie_word_embeddings": False,
        }
    )


PUBLISHED = Design(
    ImageEncoderShape(width=1664, layers=48, heads=16, mlp_ratio=4.9231, patch=14, grid=16),
    AdapterShape(queries=256, width=4096, heads=32),
    _language_model(151_936, 4096, 11_008, 32, 32, 8192),
)
"""Qwen-VL: OpenCLIP's ViT-bigG/14 as image encoder, and Qwen-7B as language model."""


def tiny(vocabulary: int) -> Design:
    """Return the same design so small that two cores train it in minutes, for a vocabulary of characters."""
    return Design(
        ImageEncoderShape(width=64, layers=2, heads=4, mlp_ratio=3.0, patch=7, grid=8),
        AdapterShape(queries=16, width=96, heads=4),
        _language_model(vocabulary, 96, 256, 2, 4, 512),
    )
