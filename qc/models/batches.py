"""Mini-batches of items as bags of hashed n-grams, on which `qc.models.network` trains.

The texts are the same for all models, so batches are made once. All have the same shape: options are padded to the
largest number in an item, and the last batch to the size of the others.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
import torch

from qc.models.features import Features, Texts
from qc.set_statistics.options import Options

BUCKETS = 4096
BATCH = 128
DENSE = (11, 15, 15)
"""The numbers of dense features: style, overlap with the question, overlap with the passage."""


class Batch(NamedTuple):
    """The texts of some items, with options padded to the same number.

    Attributes:
        items: which, (b,); to make batches equally large, the last repeats items of the first.
        counts: (b,): 0 for such a repeated item, else 1.
        bags: of the options, then the questions, then the passages, and their transpose: (b * k + 2 b, V).
        dense: (b * k, F), `DENSE` side by side.
        beyond: (b, k): where an item has no such option.
    """

    items: torch.Tensor
    counts: torch.Tensor
    bags: tuple[torch.Tensor, torch.Tensor]
    dense: torch.Tensor
    beyond: torch.Tensor


def batches(options: Options, features: Features, device: str, *, dense: bool) -> list[Batch]:
    """Return the items of one language in batches, in one random order.

    Args:
        options: one language.
        features: of them.
        device: where torch computes.
        dense: whether bags are dense matrices, in bfloat16 except on the CPU.
    """
    count, most = len(options), int(options.sizes.max())
    texts = (features.option, features.question, features.passage)
    option, question, passage = (sp.csr_array(_bags(one)[one.line]) for one in texts)
    columns = np.concatenate(
        [features.style(), features.overlap(features.question), features.overlap(features.passage)], axis=1
    ).astype(np.float32)
    parts = -(-count // BATCH)
    width = -(-count // parts)
    order = np.resize(np.random.default_rng(count).permutation(count), (parts, width))
    made = []
    for number, part in enumerate(order):
        beyond = np.arange(most) >= options.sizes[part][:, None]
        places = np.where(beyond, 0, options.starts[part][:, None] + np.arange(most)).ravel()
        bags = sp.csr_array(sp.vstack([option[places], question[part], passage[part]]))
        made.append(
            Batch(
                torch.from_numpy(part).to(device),
                torch.from_numpy((number * width + np.arange(width) < count).astype(np.float32)).to(device),
                _placed(bags, device, dense=dense),
                torch.from_numpy(columns[places]).to(device),
                torch.from_numpy(beyond).to(device),
            )
        )
    return made


def _placed(bags: sp.csr_array, device: str, *, dense: bool) -> tuple[torch.Tensor, torch.Tensor]:
    if not dense:
        return _sparse(bags), _sparse(sp.csr_array(bags.T))
    full = torch.from_numpy(bags.toarray()).to(device, torch.float32 if device == "cpu" else torch.bfloat16)
    return full, full.T


def _sparse(table: sp.csr_array) -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # torch warns that sparse tensors are in beta
        return torch.sparse_csr_tensor(
            torch.from_numpy(table.indptr.astype(np.int64)),
            torch.from_numpy(table.indices.astype(np.int64)),
            torch.from_numpy(table.data.astype(np.float32)),
            size=table.shape,
            check_invariants=False,
        )


def _bags(texts: Texts) -> sp.csr_array:
    """Return each distinct text's words, word pairs and character 4-grams in `BUCKETS`, as unit rows."""
    found = [texts.grams("words", 1), texts.grams("words", 2), texts.grams("characters", 4)]
    text, code = (np.concatenate([one[side] for one in found]) for side in (0, 1))
    bucket = ((code >> np.uint64(20)) % np.uint64(BUCKETS)).astype(np.int64)
    table = sp.csr_array((np.ones(len(text), np.float32), (text, bucket)), shape=(len(texts.texts), BUCKETS))
    table.sum_duplicates()
    table.data = 1 + np.log(table.data)
    length = np.sqrt(np.asarray(table.multiply(table).sum(axis=1)).ravel())
    return sp.csr_array(sp.dia_array((1 / np.maximum(length, 1e-9)[None], [0]), shape=(len(length),) * 2) @ table)
