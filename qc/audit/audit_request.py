"""The parameters of an audit.

They are kept apart from the computation because they are known before any item is read. So bad input is refused
here, before the modules that compute are loaded, which takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from qc.set_statistics.layer_statistics import LayerName

Device = Literal["auto", "cpu", "cuda"]
"""The device on which torch computes; `auto` takes a GPU where there is one."""

ProgressListener = Callable[[str, int, int], None]
"""A receiver of progress reports: the next step's name, how many steps are done, and of how many."""


def forwards(tell: ProgressListener) -> ProgressListener:
    """Return a listener that is never told of fewer steps than before.

    What was dealt out by language is gone through once more, layer by layer, to be put together.
    """
    most = 0

    def on(words: str, done: int, of: int) -> None:
        nonlocal most
        most = max(most, done)
        tell(words, most, of)

    return on


@dataclass(frozen=True)
class Asked:
    """The parameters of an audit.

    Attributes:
        alpha: family-wise error rate of detection.
        margin: delta of certification.
        permutations: B.
        seed: the seed of permutations and folds.
        layers: the layers to run.
        source_language: the language with which the others are compared, "" for none.
        device: the device on which torch computes.
        encoder: folder of a pretrained encoder, "" for none.
        replicates: runs per point of the measured curve; with 0, no curve is measured.
        refits: the number of permuted labellings on which a network or an encoder is trained anew; fewer than 199:
            not tested.
        attempt: the number of this audit among those of the set, counted from 1.
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
