"""A small network on partial inputs, trained from scratch: all folds, seeds, inputs and labellings in one program.

Option, question and passage are bags of hashed n-grams in one embedding; a scorer with one hidden layer sees the
option's vector, its products with the question's and the passage's, and the dense features of
`qc.models.features`; a softmax over the item's options is fitted to the key. Unlike the ranker it can combine cues
and share what it learns of a word between question, passage and option.

Models differ in their fold (weight 0 on held-out items), seed, input (weight 0 on what is not seen) and labelling,
never in the texts. So all of them run through the same mini-batches, side by side on one axis: the bags are one
sparse matrix times all embeddings at once (on a GPU a dense one, which suits its matrix units), the scorers a
batched product. Shapes are static; a model's numbers depend on its own fold, seed, input and labelling only, so
training it alone gives the same but for rounding. On a GPU matrices multiply in bfloat16 and the step is compiled;
on the CPU everything is float32 and uncompiled, 32 models at once.

Log-probabilities are averaged over seeds before anything else is computed: seeds are not data. The network is
tested only with 199 refits on permuted labellings or more; with the true labelling alone, its result is an effect.

It is reserved for the certificate: nothing that authors see while they write may come from it. They may be shown
layers 1 and 2 and the ranker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from qc.models.batches import BUCKETS, DENSE, Batch, batches
from qc.models.features import PARTS, Features, InputName
from qc.models.ranker import cues_of, measured
from qc.set_statistics.layer_statistics import Measured
from qc.set_statistics.options import Floats, Ints, Options

INPUTS: tuple[InputName, ...] = ("options", "question+options", "passage+options")
SEEDS = 3
WIDTH = 16
HIDDEN = 32
EPOCHS = 3
RATE = 0.01
DECAY = 0.01
SCALE = 0.3
"""Chosen on two samples of 900 of CosmosQA's items: more epochs or larger initial embeddings overfit."""

_CELLS = 50_000_000
"""The most scores (options times models) held in memory at once."""

Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True, eq=False)
class Models:
    """The models trained side by side; one row each, (M,).

    Attributes:
        fold: the fold that it does not see.
        seed: of its initial weights.
        question, passage: 1 where it sees it, 0 where not.
        labelling: the column of the labellings that it is trained on.
    """

    fold: Ints
    seed: Ints
    question: Ints
    passage: Ints
    labelling: Ints

    def __len__(self) -> int:
        return len(self.fold)

    def at(self, places: Ints) -> Models:
        """Return the models at these indices."""
        return Models(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


class _Bagged(torch.autograd.Function):
    """Sparse bags times embeddings; the gradient uses the bags' transpose."""

    @staticmethod
    def forward(ctx: Any, table: torch.Tensor, bags: torch.Tensor, across: torch.Tensor) -> torch.Tensor:
        ctx.across = across
        return bags @ table

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        return ctx.across @ gradient.contiguous(), None, None


class Network:
    """The network prepared for one language's texts; see `qc.set_statistics.layer_statistics.Prepared`.

    Args:
        options: one language.
        folds: (n items,); -1 is always trained on and never held out.
        device: `cpu`, `cuda`, ….
        inputs: what it sees; inputs whose texts the set lacks are left out. Shuffled inputs are not supported.
        seeds: how many networks are averaged.
        dense: whether bags are dense matrices; by default on every device but the CPU.
    """

    studentised = False

    def __init__(
        self,
        options: Options,
        folds: Ints,
        device: str = "cpu",
        inputs: Sequence[InputName] = INPUTS,
        seeds: int = SEEDS,
        dense: bool | None = None,
    ) -> None:
        self.options, self.folds, self.device, self.seeds = options, folds, device, seeds
        self._held = np.unique(folds[folds >= 0])
        self._features = Features(options)
        self.inputs = tuple(name for name in inputs if all(map(self._features.has, PARTS[name])))
        self.cues = cues_of(self.inputs, "a small network")
        dense = device != "cpu" if dense is None else dense
        self.batches = batches(options, self._features, device, dense=dense)

    def measure(self, labellings: Ints) -> Measured:
        """Return accuracy and margin per input, with networks trained separately for every labelling."""
        return measured(self.options, (torch.from_numpy(scores) for scores in self.scores(labellings)), labellings)

    def scores(self, labellings: Ints, at_once: int | None = None) -> Floats:
        """Return held-out log-probabilities, averaged over seeds, centred within items.

        Args:
            labellings: (n items, L).
            at_once: models that are trained side by side; by default what is fast on the device.

        Returns:
            (inputs, n options, L), float32.
        """
        kinds = len(self.inputs) * self.seeds * len(self._held)
        stretch = max(_CELLS // (kinds * len(self.options.item_of)), 1)
        parts = [
            self._averaged(labellings[:, begin : begin + stretch], at_once)
            for begin in range(0, labellings.shape[1], stretch)
        ]
        return np.concatenate(parts, axis=2)

    def _averaged(self, labellings: Ints, at_once: int | None) -> Floats:
        models = self.models(labellings.shape[1])
        most = at_once or (32 if self.device == "cpu" else 2048)
        parts = -(-len(models) // most)
        width = -(-len(models) // parts)  # parts of equal size, so that one compiled step fits all
        found = np.concatenate(
            [
                self._held_out(models.at(np.arange(part * width, (part + 1) * width) % len(models)), labellings)
                for part in range(parts)
            ]
        )[: len(models)]
        shaped = found.reshape(labellings.shape[1], len(self.inputs), self.seeds, len(self._held), -1)
        fold = np.searchsorted(self._held, self.folds)[self.options.item_of]
        held = np.take_along_axis(shaped, fold[None, None, None, None, :], axis=3)[:, :, :, 0]
        return np.stack([self.options.centred(one.T) for one in held.mean(axis=2).swapaxes(0, 1)])

    def models(self, labellings: int) -> Models:
        """Return every labelling, input, seed and fold; the fold varies fastest."""
        kinds = np.array([[part in PARTS[name] for part in ("question", "passage")] for name in self.inputs])
        axes = (labellings, len(self.inputs), self.seeds, len(self._held))
        labelling, kind, seed, place = np.indices(axes).reshape(4, -1)
        fold = self._held[place]
        chosen = kinds[kind].astype(np.int64)
        return Models(fold, seed, chosen[:, 0], chosen[:, 1], labelling)

    def trained(self, models: Models, labellings: Ints) -> Tensors:
        """Train models side by side.

        Returns:
            Their weights, with the model on the first axis, except in the embedding, (BUCKETS, M * WIDTH).
        """
        weights = self._first(models)
        target = torch.from_numpy(labellings - self.options.starts[:, None])[:, models.labelling].to(self.device)
        weight = torch.from_numpy((self.folds[:, None] != models.fold).astype(np.float32)).to(self.device)
        seen = self._seen(models)
        optimiser = torch.optim.AdamW(weights.values(), lr=RATE, weight_decay=DECAY, fused=True)
        loss = _compiled() if self.device.startswith("cuda") and find_spec("triton") else _loss
        drawn = np.random.default_rng(0)
        for _ in range(EPOCHS):
            for place in drawn.permutation(len(self.batches)):
                batch = self.batches[place]
                counts = weight[batch.items] * batch.counts[:, None]
                with self._precision():
                    value = loss(weights, seen, batch, target[batch.items], counts)
                optimiser.zero_grad(set_to_none=True)
                torch.autograd.backward(value)
                optimiser.step()
        return weights

    def _held_out(self, models: Models, labellings: Ints) -> Floats:
        """Return every option's log-probability by every model, including seen items: (M, n options)."""
        weights, seen = self.trained(models, labellings), self._seen(models)
        starts = torch.from_numpy(self.options.starts).to(self.device)
        found = torch.empty((len(self.options.item_of), len(models)), device=self.device)
        with torch.no_grad(), self._precision():
            for batch in self.batches:
                logs = torch.log_softmax(_scored(weights, seen, batch).float(), dim=1)
                item, place = torch.nonzero(~batch.beyond, as_tuple=True)
                found[starts[batch.items[item]] + place] = logs[item, place]
        return np.asarray(found.T.cpu())

    def _precision(self) -> AbstractContextManager[Any]:
        return torch.autocast(self.device.split(":")[0], torch.bfloat16, enabled=self.device != "cpu")

    def _seen(self, models: Models) -> Tensors:
        """Return which of the scorer's inputs each model sees, 1 or 0."""
        always = np.ones(len(models), np.int64)
        mixed = np.stack([always, models.question, models.passage], axis=1).repeat(WIDTH, axis=1)
        dense = np.repeat(np.stack([always, models.question, models.passage], axis=1), DENSE, axis=1)
        return {
            name: torch.from_numpy(one).float().to(self.device)
            for name, one in (("mixed", mixed), ("dense", dense))
        }

    def _first(self, models: Models) -> Tensors:
        """Return initial weights, the same in all models of a seed."""
        shapes = {"mixed": (3 * WIDTH, HIDDEN), "dense": (sum(DENSE), HIDDEN)}
        made: dict[str, list[torch.Tensor]] = {}
        for seed in np.unique(models.seed):
            generator = torch.Generator().manual_seed(int(seed))
            made.setdefault("table", []).append(SCALE * torch.randn(BUCKETS, WIDTH, generator=generator))
            for name, shape in shapes.items():
                drawn = torch.randn(shape, generator=generator) / shape[0] ** 0.5
                made.setdefault(name, []).append(drawn)
            made.setdefault("bias", []).append(torch.zeros(HIDDEN))
            made.setdefault("out", []).append(torch.randn(HIDDEN, generator=generator) / HIDDEN**0.5)
        place = torch.from_numpy(np.unique(models.seed, return_inverse=True)[1]).to(self.device)
        weights = {name: torch.stack(ones).to(self.device)[place] for name, ones in made.items()}
        weights["table"] = weights["table"].transpose(0, 1).reshape(BUCKETS, -1)
        return {name: one.contiguous().requires_grad_() for name, one in weights.items()}


def _bagged(table: torch.Tensor, bags: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    is_dense = bags[0].layout == torch.strided
    product = bags[0] @ table if is_dense else _Bagged.apply(table, *bags)  # type: ignore[no-untyped-call]
    return torch.as_tensor(product).view(bags[0].shape[0], -1, WIDTH)


def _scored(weights: Tensors, seen: Tensors, batch: Batch) -> torch.Tensor:
    """Return scores (b, k, M); -inf where an item has no such option."""
    items, most = batch.beyond.shape
    vectors = _bagged(weights["table"], batch.bags)
    option = vectors[: items * most].view(items, most, -1, WIDTH)
    contexts = vectors[items * most :].view(2, items, 1, -1, WIDTH)
    mixed = torch.cat([option, option * contexts[0], option * contexts[1]], dim=3).flatten(0, 1)
    hidden = torch.einsum("nmd,mdh->mnh", mixed, weights["mixed"] * seen["mixed"][:, :, None])
    columns = torch.einsum("nf,mfh->mnh", batch.dense, weights["dense"] * seen["dense"][:, :, None])
    active = torch.relu(hidden + columns + weights["bias"][:, None])
    scores = torch.einsum("mnh,mh->nm", active, weights["out"]).view(items, most, -1)
    return scores.masked_fill(batch.beyond[:, :, None], -torch.inf)


def _loss(
    weights: Tensors, seen: Tensors, batch: Batch, target: torch.Tensor, weight: torch.Tensor
) -> torch.Tensor:
    """Return the sum over models of their mean loss on what they see."""
    logs = torch.log_softmax(_scored(weights, seen, batch).float(), dim=1)
    at_key = logs.gather(1, target[:, None])[:, 0]
    return -(at_key * weight).sum() / len(target)


@cache
def _compiled() -> Callable[..., torch.Tensor]:
    return torch.compile(_loss, dynamic=False)
