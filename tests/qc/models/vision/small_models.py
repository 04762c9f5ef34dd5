"""Models of the design, so small that a test makes them in a moment."""

from __future__ import annotations

from typing import Any

import torch

from qc.models.vision.design import AdapterShape, Design, ImageEncoderShape
from qc.models.vision.tokens import character_tokeniser
from qc.models.vision.vision_language_model import VisionLanguageModel


def small_design(vocabulary: int) -> Design:
    language = {
        "model_type": "qwen2", "vocab_size": vocabulary, "hidden_size": 32, "intermediate_size": 48,
        "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
        "max_position_embeddings": 256, "rms_norm_eps": 1e-6, "tie_word_embeddings": False,
    }  # fmt: skip
    return Design(ImageEncoderShape(24, 2, 2, 2.0, 7, 4), AdapterShape(4, 32, 2), language)


def small_model(texts: str = "abcdefgh ABCD.0123456789(),\n") -> tuple[VisionLanguageModel, Any]:
    torch.manual_seed(0)
    tokeniser = character_tokeniser([texts])
    return VisionLanguageModel(small_design(len(tokeniser))).eval(), tokeniser
