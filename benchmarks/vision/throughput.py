"""A vision-language model of middle size: samples a second and memory, with the adapter and without.

    python benchmarks/vision/throughput.py [--device cuda] [--small] [--seconds 5]

One update of training (forward, backward, step) in bfloat16, at 224 and 448 pixels. 'Without' gives the language
model every patch in place of the adapter's 256 vectors: 1,024 of them at 448. The share of the card's peak is
floating-point operations, counted by torch, over those of a large product of matrices measured beside it. Pictures
are random pixels, which cost what pages cost: no fonts, no Pango, no files. `--small` does without a GPU.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line
from qc.models.vision.design import AdapterShape, Design, ImageEncoderShape, tiny

MIDDLE = Design(
    ImageEncoderShape(width=1024, layers=24, heads=16, mlp_ratio=4.0, patch=14, grid=16),
    AdapterShape(queries=256, width=2048, heads=16),
    {
        "model_type": "qwen2", "vocab_size": 32_000, "hidden_size": 2048, "intermediate_size": 5504,
        "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 16,
        "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "tie_word_embeddings": False,
    },
)  # fmt: skip
"""An image encoder as ViT-L/14 and a language model of about 1 B parameters."""

ANSWER = 64
"""Tokens of text after a picture."""


@dataclass(frozen=True)
class Measured:
    """One size of picture, with the adapter or without; memory is 0 on the CPU."""

    side: int
    adapter: bool
    samples_a_second: float
    gibibytes: float
    share_of_peak: float


def main() -> list[Line]:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--device", default="")
    asked.add_argument("--small", action="store_true")
    asked.add_argument("--seconds", type=float, default=5.0)
    asked.add_argument("--batch", type=int, default=16)
    given = asked.parse_args()
    import torch

    device = given.device or ("cuda" if torch.cuda.is_available() else "cpu")
    small = given.small or device == "cpu"
    peak = product_rate(device, 512 if small else 8192, given.seconds)
    print(f"{device}: {peak / 1e12:.3g} TFLOP/s in products of bfloat16 matrices")
    design, sides = (tiny(300), (56, 112)) if small else (MIDDLE, (224, 448))
    print(f"{'side':>5} {'adapter':>8} {'samples/s':>10} {'GiB':>6} {'of peak':>8}")
    for side in sides:
        for adapter in (True, False):
            found = measured(design, side, adapter, given.batch, device, peak, given.seconds)
            print(
                f"{side:>5} {'with' if adapter else 'without':>8} {found.samples_a_second:>10.1f} "
                f"{found.gibibytes:>6.1f} {found.share_of_peak:>8.1%}"
            )
    return []


def product_rate(device: str, width: int, seconds: float) -> float:
    """Return the operations a second of square matrices' products in bfloat16."""
    import torch

    one = torch.randn(width, width, device=device, dtype=torch.bfloat16)
    return 2 * width**3 / paced(lambda: one @ one, device, seconds)


def measured(
    design: Design, side: int, adapter: bool, batch: int, device: str, peak: float, seconds: float
) -> Measured:
    """Train for some seconds on random pixels and tokens."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    patches = (side // design.image_encoder.patch) ** 2
    places = design.adapter.queries if adapter else patches
    longest = {**design.language_model, "max_position_embeddings": places + ANSWER}
    model = _model(replace(design, language_model=longest), adapter, device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-5)
    inputs = _inputs(design, side, places, batch, device)

    def update() -> None:
        with torch.autocast(device, torch.bfloat16):
            loss = model(*inputs)
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimiser.step()

    with FlopCounterMode(display=False) as counted:
        update()
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    took = paced(update, device, seconds)
    memory = torch.cuda.max_memory_allocated() / 2**30 if device == "cuda" else 0.0
    return Measured(side, adapter, batch / took, memory, counted.get_total_flops() / took / peak)


def _model(design: Design, adapter: bool, device: str) -> Any:
    """Return a model; without the adapter a projection alone brings patches to the language model's width."""
    import torch

    from qc.models.vision.vision_language_model import VisionLanguageModel

    torch.manual_seed(0)
    model = VisionLanguageModel(design)
    if not adapter:
        model.adapter = torch.nn.Linear(design.image_encoder.width, design.adapter.width, bias=False)  # type: ignore[assignment]
    return model.to(device)


def _inputs(design: Design, side: int, places: int, batch: int, device: str) -> tuple[Any, ...]:
    import torch

    length = places + ANSWER
    tokens = torch.randint(0, design.language_model["vocab_size"], (batch, length), device=device)
    at = (torch.arange(length, device=device) < places).expand(batch, -1)
    pixels = torch.randn(batch, 3, side, side, device=device)
    labels = tokens.masked_fill(at, -100)
    return tokens, torch.ones_like(tokens), pixels, at, labels


def paced(work: Callable[[], object], device: str, seconds: float) -> float:
    """Return the seconds that some work takes, repeated for a while after two times that do not count."""
    import torch

    def settled() -> float:
        if device == "cuda":
            torch.cuda.synchronize()
        return perf_counter()

    for _ in range(2):
        work()
    began, times = settled(), 0
    while not times or perf_counter() - began < seconds:
        work()
        times += 1
    return (settled() - began) / times


if __name__ == "__main__":
    main()
