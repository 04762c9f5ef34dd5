"""A ridge ranker on partial inputs, trained separately for a thousand labellings in seconds.

It scores every option by a linear function of `qc.models.features` and picks the highest; `qc.models.ridge` solves
it. Two statistics are tested per input: the held-out accuracy, ties shared, and the margin, which is the key's
mean held-out score less its distractors', in standard deviations of all scores. The margin detects cues that
seldom overturn a choice.

The tested family is that of the partial inputs, ordered and shuffled. `full` is a yardstick outside the family:
that a benchmark can be answered from everything is no shortcut. Passage and options without the question are
partial.

While authors write, they may be shown the findings of layers 1 and 2 and of this ranker; `qc.models.network` is
reserved for the certificate, so that a meter that people write against never certifies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch

from qc.models.features import InputName
from qc.models.ridge import Kernels, targets
from qc.set_statistics.cue_kinds import CueName
from qc.set_statistics.layer_statistics import Cue, Measured
from qc.set_statistics.options import Floats, Ints, Options

TESTED: tuple[InputName, ...] = (
    "options",
    "question+options",
    "passage+options",
    "options, shuffled",
    "question+options, shuffled",
    "passage+options, shuffled",
)
"""Partial inputs: answering from them takes no reading."""

YARDSTICK: tuple[InputName, ...] = ("full",)
"""The input with everything; reported, never tested as a shortcut."""

_SEES = {
    "options": "the options alone",
    "question+options": "question and options without the passage",
    "passage+options": "passage and options without the question",
    "full": "passage, question and options",
}
_CELLS = 20_000_000
"""The most scores (options times labellings) held in memory at once."""


def cues_of(inputs: Sequence[InputName], learner: str) -> list[Cue]:
    """Return two cues per input: accuracy and margin.

    Args:
        inputs: what the learner sees.
        learner: its description, with an article: "a linear ranker".
    """
    made = []
    for name in inputs:
        told = CueName.read(name)
        sees = _SEES[told.parts[0]] + (", their words shuffled," if told.shuffled else "")
        made += [
            Cue(
                name,
                "accuracy",
                f"{learner} that sees {sees} picks the correct option more often than chance",
                f"{learner} that sees {sees} picks the correct option less often than chance",
                told.kind,
            ),
            Cue(
                name,
                "margin",
                f"{learner} that sees {sees} scores the correct option above the others",
                f"{learner} that sees {sees} scores the correct option below the others",
                told.kind,
            ),
        ]
    return made


def accuracy_and_margin(options: Options, scores: torch.Tensor, labellings: Ints) -> tuple[Floats, Floats]:
    """Return accuracy and margin of scores at the keys.

    Args:
        options: one language.
        scores: (n options, L), centred within items; or (n options, 1) for a rule that no labelling changes.
        labellings: (n items, L).

    Returns:
        (L,) each. Scores that differ by less than a ten-thousandth of their standard deviation are ties.
    """
    scale = scores.square().mean(dim=0).sqrt()
    units = scores / torch.where(scale > 1e-7, scale, torch.inf)
    steps = torch.round(units * 1e4)
    most = int(options.sizes.max())
    places = options.starts[:, None] + np.minimum(np.arange(most), options.sizes[:, None] - 1)
    at = torch.from_numpy(places).to(scores.device)
    beyond = torch.from_numpy(np.arange(most) >= options.sizes[:, None]).to(scores.device)
    spread = steps[at].masked_fill_(beyond[:, :, None], -torch.inf)
    best = spread.amax(dim=1)
    ties = (spread == best[:, None]).sum(dim=1)
    keys = torch.from_numpy(labellings).to(scores.device)
    by_label = units.shape[1] == labellings.shape[1]
    at_keys = units.gather(0, keys) if by_label else units[:, 0][keys]
    steps_at_keys = steps.gather(0, keys) if by_label else steps[:, 0][keys]
    accuracy = ((steps_at_keys == best).float() / ties).mean(dim=0, dtype=torch.float64)
    factor = torch.from_numpy(options.sizes / (options.sizes - 1)).to(scores.device)[:, None]
    margin = (at_keys * factor).mean(dim=0)
    return np.asarray(accuracy.cpu(), dtype=float), np.asarray(margin.cpu(), dtype=float)


def measured(options: Options, inputs: Iterable[torch.Tensor], labellings: Ints) -> Measured:
    """Return a learner's accuracy and margin for each input in turn.

    Args:
        options: one language.
        inputs: the scores of each input, as `accuracy_and_margin` takes them.
        labellings: (n items, L).
    """
    statistic, accuracy = [], []
    for scores in inputs:
        right, margin = accuracy_and_margin(options, scores, labellings)
        statistic += [right, margin]
        accuracy += [right, right]
    return Measured(np.stack(statistic), np.stack(accuracy))


class Ranker:
    """The ranker prepared for one language's texts; see `qc.set_statistics.layer_statistics.Prepared`.

    Args:
        options: one language.
        folds: (n items,): the fold that each item is held out in, from
            `qc.set_statistics.cross_validation_folds`.
        device: where torch computes: `cpu`, `cuda`, ….
        inputs: what it sees; inputs whose texts the set lacks are left out.
        kernels: of the same options, if they exist already.
    """

    studentised = False

    def __init__(
        self,
        options: Options,
        folds: Ints,
        device: str = "cpu",
        inputs: Sequence[InputName] = TESTED,
        kernels: Kernels | None = None,
    ) -> None:
        self.options, self.folds, self.device = options, folds, device
        self._kernels = kernels or Kernels(options, device)
        self.inputs = tuple(name for name in inputs if self._kernels.has(name))
        self.cues = cues_of(self.inputs, "a linear ranker")

    def on(self, inputs: Sequence[InputName]) -> Ranker:
        """Return the same ranker for other inputs, reusing what they have in common."""
        return Ranker(self.options, self.folds, self.device, inputs, self._kernels)

    def measure(self, labellings: Ints) -> Measured:
        """Return accuracy and margin per input, with a ranker trained separately for every labelling."""
        parts = [self._measured(part) for part in _stretches(self.options, labellings)]
        statistic, accuracy = (np.concatenate(one, axis=1) for one in zip(*parts, strict=True))
        return Measured(statistic, accuracy)

    def held_out(self, name: InputName, labellings: Ints, partitions: Sequence[Sequence[Ints]]) -> Floats:
        """Return the scores of every option by rankers that were trained without its item.

        Args:
            name: the input.
            labellings: (n items, L).
            partitions: each a sequence of blocks of items that are held out together.

        Returns:
            (n partitions, n options, L), float32, centred within items; NaN where a partition never holds out.
        """
        labels = torch.from_numpy(targets(self.options, labellings)).to(self.device)
        return np.asarray(self._scores(name, labels, partitions).cpu())

    def _scores(self, name: InputName, labels: torch.Tensor, partitions: Sequence[Sequence[Ints]]) -> torch.Tensor:
        smoother = self._kernels.smoother(name)
        smoother.expect(sum(map(len, partitions)))
        solved = smoother.solved(labels)
        made = []
        for blocks in partitions:
            scores = torch.full_like(labels, torch.nan)
            for block in blocks:
                rows = torch.from_numpy(self._kernels.rows_of(block)).to(self.device)
                scores[rows] = smoother.held_out(labels, solved, rows)
            made.append(scores)
        side_by_side = self._kernels.to_options(torch.cat(made, dim=1))
        return side_by_side.reshape(len(side_by_side), len(partitions), -1).transpose(0, 1)

    def _measured(self, labellings: Ints) -> tuple[Floats, Floats]:
        labels = torch.from_numpy(targets(self.options, labellings)).to(self.device)
        blocks = [np.flatnonzero(self.folds == fold) for fold in np.unique(self.folds)]
        statistic, accuracy = [], []
        for name in self.inputs:
            right, margin = accuracy_and_margin(self.options, self._scores(name, labels, [blocks])[0], labellings)
            statistic += [right, margin]
            accuracy += [right, right]
        return np.stack(statistic), np.stack(accuracy)


def prepare(options: Options, folds: Ints, device: str = "cpu", inputs: Sequence[InputName] = TESTED) -> Ranker:
    """Prepare the learners' layer; arguments as of `Ranker`."""
    return Ranker(options, folds, device, inputs)


def _stretches(options: Options, labellings: Ints) -> list[Ints]:
    width = max(_CELLS // len(options.item_of), 16)
    return [labellings[:, begin : begin + width] for begin in range(0, labellings.shape[1], width)]
