"""Training by stages: what a stage freezes stays as it is, to the bit, which is verified at each stage's end."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from qc.models.vision.design import PARTS, Part
from qc.models.vision.training.batches import Batch, Sample, batched
from qc.models.vision.training.stages import Stage, Task
from qc.models.vision.vision_language_model import IGNORED, VisionLanguageModel

BETAS = (0.9, 0.98)
DECAY = 0.05
CLIPPED = 1.0
"""AdamW's settings and the gradient's longest norm, as published."""

Maker = Callable[[random.Random], Sample]
"""Draws a sample of one task."""


class FrozenPartChanged(AssertionError):
    """A part that a stage freezes has other weights after it: a fault of the program."""


@dataclass(frozen=True)
class Trained:
    """What a stage did.

    Attributes:
        stage: the stage's number.
        losses: the mean loss of each tenth of its updates.
        changed: the parts whose weights are others than before.
    """

    stage: int
    losses: tuple[float, ...]
    changed: tuple[Part, ...]


def digests(model: VisionLanguageModel) -> dict[Part, str]:
    """Return the SHA-256 of each part's weights."""
    made = {}
    for part in PARTS:
        digest = hashlib.sha256()
        for name, tensor in getattr(model, part).state_dict().items():
            digest.update(name.encode() + b"\0")
            digest.update(tensor.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
        made[part] = digest.hexdigest()
    return made


def train(
    model: VisionLanguageModel,
    tokeniser: Any,
    stage: Stage,
    makers: Mapping[Task, Maker],
    *,
    seed: int = 0,
    device: str = "cpu",
    at_once: int = 0,
    tell: Callable[[int, float], object] | None = None,
) -> Trained:
    """Carry a model through one stage.

    Args:
        model: its weights are changed in place.
        tokeniser: of the language model.
        stage: what is trained, and how.
        makers: draws a sample of each task for which there is data; at least one of the stage's.
        seed: of the samples.
        device: where the model is.
        at_once: the samples of a batch that are in memory together; 0 for all. Changes no update but by rounding.
        tell: is told the number of updates made, and the loss, after each.

    Raises:
        ValueError: there is data for none of the stage's tasks.
        FrozenPartChanged: a frozen part was changed.
    """
    shares = {task: share for task, share in stage.mixture.items() if task in makers}
    if not shares:
        raise ValueError(f"stage {stage.number} has no data: it wants one of {', '.join(stage.mixture)}")
    before = digests(model)
    learned = _learned(model, stage)
    optimiser = torch.optim.AdamW(learned, lr=stage.rate, betas=BETAS, weight_decay=DECAY)
    dice = random.Random(f"{seed} {stage.number}")
    losses = []
    model.train()
    for step in range(stage.steps):
        tasks = dice.choices(list(shares), list(shares.values()), k=stage.batch)
        samples = [makers[task](dice) for task in tasks]
        some = at_once or len(samples)
        batches = [
            batched(samples[at : at + some], tokeniser, stage.side, model.design.adapter.queries)
            for at in range(0, len(samples), some)
        ]
        optimiser.param_groups[0]["lr"] = stage.rate_at(step)
        losses.append(update(model, optimiser, batches, device))
        if tell:
            tell(step + 1, losses[-1])
    model.eval()
    changed = _changed(before, digests(model), stage)
    return Trained(stage.number, _by_tenths(losses), changed)


def update(
    model: VisionLanguageModel, optimiser: torch.optim.Optimizer, batches: Sequence[Batch], device: str
) -> float:
    """Change the weights once by a batch in parts, and return its loss; in bfloat16 but on the CPU."""
    learned = [int((part.labels[:, 1:] != IGNORED).sum()) for part in batches]
    optimiser.zero_grad(set_to_none=True)
    whole = 0.0
    for part, tokens in zip((one.to(device) for one in batches), learned, strict=True):
        with torch.autocast(device.split(":")[0], torch.bfloat16, enabled=device != "cpu"):
            loss = model(part.tokens, part.mask, part.pixels, part.places, part.labels) * (tokens / sum(learned))
        torch.autograd.backward(loss)
        whole += float(loss.detach())
    torch.nn.utils.clip_grad_norm_([one for one in model.parameters() if one.requires_grad], CLIPPED)
    optimiser.step()
    return whole


def _learned(model: VisionLanguageModel, stage: Stage) -> list[torch.nn.Parameter]:
    """Freeze what a stage does not train, and return what it does."""
    for part in PARTS:
        getattr(model, part).requires_grad_(part in stage.trains)
    return [one for one in model.parameters() if one.requires_grad]


def _changed(before: Mapping[Part, str], after: Mapping[Part, str], stage: Stage) -> tuple[Part, ...]:
    changed = tuple(part for part in PARTS if before[part] != after[part])
    if wrong := [part for part in changed if part not in stage.trains]:
        raise FrozenPartChanged(f"stage {stage.number} freezes {wrong[0]}, and its weights are others now")
    return changed


def _by_tenths(losses: list[float]) -> tuple[float, ...]:
    count = len(losses)
    tenths = [losses[count * tenth // 10 : count * (tenth + 1) // 10] for tenth in range(10)]
    return tuple(sum(some) / len(some) for some in tenths if some)
