"""The stages of training: which parts learn, from what, at which resolution, for how long.

Facts alone, as `design`: a stage is a record, and training does what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import cos, pi
from types import MappingProxyType
from typing import Literal

from qc.models.vision.design import Part

Task = Literal["text", "repetition", "captions", "transcription", "grounding", "questions"]
"""What is learned: to go on with a text; to repeat a text that stands in a picture's place; to tell what a picture
shows; to write what stands in it; to say where a word stands; to choose an answer to a question on a picture."""

TASKS: tuple[Task, ...] = ("text", "repetition", "captions", "transcription", "grounding", "questions")

SEEING: frozenset[Part] = frozenset({"image_encoder", "adapter", "output_projection"})
SPEAKING: frozenset[Part] = frozenset({"language_model"})


@dataclass(frozen=True)
class Stage:
    """One stage.

    Attributes:
        number: 1 to 3 as published; 0 prepares a language model that has learned nothing yet.
        trains: the parts that learn; all others are frozen.
        side: of the pictures, in pixels.
        mixture: the share of each task; a task for which there is no data leaves its share to the others.
        steps: number of updates.
        batch: samples of an update.
        rate: the highest learning rate.
        lowest: the last learning rate; in between it falls as a cosine.
        warm: updates until the rate is at its highest.
    """

    number: int
    trains: frozenset[Part]
    side: int
    mixture: Mapping[Task, float]
    steps: int
    batch: int
    rate: float
    lowest: float
    warm: int

    def at_pace(self, pace: float) -> Stage:
        """Return the stage with so many times as many updates, at least one."""
        return replace(self, steps=max(1, round(self.steps * pace)))

    def rate_at(self, step: int) -> float:
        """Return the learning rate of an update, counted from 0."""
        if step < self.warm:
            return self.rate * (step + 1) / self.warm
        share = (step - self.warm) / max(1, self.steps - self.warm)
        return self.lowest + (self.rate - self.lowest) * (1 + cos(pi * share)) / 2


def _mixture(**shares: float) -> Mapping[Task, float]:
    return MappingProxyType(shares)  # type: ignore[arg-type]


_SEVEN = _mixture(captions=0.3, transcription=0.3, grounding=0.2, questions=0.1, text=0.1)

PUBLISHED_STAGES = (
    Stage(1, SEEING, 224, _mixture(captions=1.0), 50_000, 30_720, 2e-4, 1e-6, 500),
    Stage(2, SEEING | SPEAKING, 448, _SEVEN, 19_000, 4096, 5e-5, 1e-5, 400),
    Stage(
        3, SPEAKING | {"adapter", "output_projection"}, 448, _mixture(questions=1.0), 8000, 128, 1e-5, 1e-6, 3000
    ),
)
"""As published (arXiv 2308.12966, appendix), but for the shares of stage 2, which are ours: its seven tasks are
captions, questions on pictures, grounding in three forms, transcription and text."""


def tiny_stages() -> tuple[Stage, ...]:
    """Return the stages of the tiny model."""
    seen = _mixture(transcription=0.85, grounding=0.05, questions=0.05, text=0.05, captions=0.05)
    taught = _mixture(questions=0.3, transcription=0.7)
    return (
        Stage(0, SPEAKING, 56, _mixture(repetition=0.8, text=0.2), 400, 32, 2e-3, 1e-5, 50),
        Stage(1, SEEING, 56, _mixture(transcription=1.0, captions=0.2), 2500, 32, 1.5e-3, 1e-5, 100),
        Stage(2, SEEING | SPEAKING, 112, seen, 300, 32, 1e-3, 1e-5, 50),
        Stage(3, SPEAKING | {"adapter", "output_projection"}, 112, taught, 60, 32, 3e-4, 1e-5, 20),
    )
