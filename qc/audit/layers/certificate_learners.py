"""The layers reserved for the certificate: a network trained from scratch, and a pretrained encoder.

They cost too much to be retrained a thousand times, so by default they are an effect with a bound: the true
labelling alone, compared with guessing. Then it is unknown how their accuracy spreads when nothing can be learned,
and a cross-fitted learner's spreads wider than a binomial one: `WIDER` is the spread of a ridge ranker on a set of
Belebele's size (.0178 against .0144). With refits of their own they are tested like any layer. Where they were
trained on other items they are also tested, at no cost, since then no labelling retrains them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from qc.set_statistics.language_results import LayerResult
from qc.set_statistics.layer_statistics import QUANTILES, Cue, LayerReading, Measured, read
from qc.set_statistics.options import Floats, Ints, Options

if TYPE_CHECKING:
    from qc.audit.layers.available_layers import Setting

WIDER = 0.0178 / 0.0144


class Trained(Protocol):
    """A learner that is retrained from the texts for every labelling."""

    @property
    def inputs(self) -> Sequence[str]: ...

    @property
    def cues(self) -> Sequence[Cue]: ...

    @property
    def studentised(self) -> bool: ...

    def measure(self, labellings: Ints) -> Measured:
        """Return what `qc.set_statistics.layer_statistics.Prepared` describes; accuracy and margin per input."""
        ...

    def scores(self, labellings: Ints) -> Floats:
        """Return held-out scores of every option, (inputs, n options, L)."""
        ...


def worked(learner: Trained, options: Options, labellings: Ints, refits: int) -> LayerResult:
    """Return a reserved learner's result for one language.

    Args:
        learner: ready to be trained.
        options: one language.
        labellings: (n items, 1 + B), the truth first.
        refits: the number of the permuted labellings on which it is retrained.
    """
    truth = learner.scores(labellings[:, :1])[:, :, 0].T  # (n options, inputs)
    earned = options.credits(truth)[options.keys]
    accuracies = earned.mean(axis=0)
    if refits:
        reading = read(learner, options, labellings[:, : 1 + refits])
    else:
        reading = _untested([cue for cue in learner.cues if cue.statistic == "accuracy"], accuracies, options)
    return LayerResult(
        reading=reading,
        cues=len(reading.cues),
        names=tuple(learner.inputs),
        earned=earned,
        items=options.items[["item_id"]],
        scored=tuple(learner.inputs),
        scores=truth.astype(np.float32),
    )


def _untested(cues: Sequence[Cue], accuracies: Floats, options: Options) -> LayerReading:
    spread = WIDER * float(np.sqrt(np.sum(1 / options.sizes * (1 - 1 / options.sizes)))) / len(options)
    z = (accuracies - options.chance) / spread
    return LayerReading(
        language=str(options.items["language"].iloc[0]),
        cues=cues,
        z=z,
        p=np.full(len(cues), np.nan),
        accuracy=accuracies,
        spread=np.full(len(cues), spread),
        largest=np.zeros(0),
        centre=np.full(len(cues), options.chance),
        scale=np.full(len(cues), spread),
        quantiles=np.zeros((0, len(QUANTILES))),
    )


def network(options: Options, setting: Setting) -> LayerResult:
    """Return the small network's result for a language."""
    from qc.models.network import Network

    if setting.outside is None:
        learner = Network(options, setting.folds, setting.device)
        return worked(learner, options, setting.labellings, setting.refits)
    both = _joint(options, setting.outside)
    return _fixed(Network(both.options, both.folds, setting.device), both, options, setting, "a small network")


def encoder(options: Options, setting: Setting) -> LayerResult:
    """Return the result for a language of a pretrained encoder from a folder."""
    from qc.models.encoder import Encoder

    if setting.outside is None:
        learner = Encoder(options, setting.folds, setting.encoder, setting.device)
        return worked(learner, options, setting.labellings, setting.refits)
    both = _joint(options, setting.outside)
    called = f"the encoder {Path(setting.encoder).name}"
    return _fixed(
        Encoder(both.options, both.folds, setting.encoder, setting.device), both, options, setting, called
    )


def _joint(options: Options, outside: Options) -> Any:
    from qc.models.outside_learners import joint

    return joint(options, outside)


def _fixed(learner: Any, both: Any, options: Options, setting: Setting, called: str) -> LayerResult:
    """Return the result of a learner trained once, on other items: one fixed rule, tested at every labelling."""
    from qc.models.outside_learners import trained

    rule = trained(learner, both, options, called)
    made = worked(rule, options, setting.labellings, setting.labellings.shape[1] - 1)
    return replace(made, trained_on=rule.trained_on)
