"""What an audit is asked for.

It stands apart from the course of the audit because it is known before any item is read: bad input is answered
from here, before what computes is loaded, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from qc.set_statistics.layer_statistics import LayerName

Device = Literal["auto", "cpu", "cuda"]
"""Where torch computes; `auto` takes a GPU where there is one."""

ProgressListener = Callable[[str, int, int], None]
"""Hears of progress: what is done next, how many steps are done, of how many."""


@dataclass(frozen=True)
class Asked:
    """What an audit is asked for.

    Attributes:
        alpha: family-wise error rate of detection.
        margin: delta of certification.
        permutations: B.
        seed: of permutations and folds.
        layers: which to run.
        source_language: what other languages are compared with, "" for none.
        device: where torch computes.
        encoder: folder of a pretrained encoder, "" for none.
        replicates: runs per point of the measured curve; 0: none is measured.
        refits: permuted labellings that a network or an encoder is trained anew for; fewer than 199: not tested.
        attempt: the how-manieth audit this is.
    """

    alpha: float = 0.05
    margin: float = 0.05
    permutations: int = 1000
    seed: int = 0
    layers: tuple[LayerName, ...] = ("heuristics", "tokens", "learners")
    source_language: str = ""
    device: Device = "cpu"
    encoder: str = ""
    replicates: int = 50
    refits: int = 0
    attempt: int = 1
