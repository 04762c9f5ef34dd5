"""Ridge regression within items, solved once for all folds, partitions and labellings.

Features and labels are expressed as contrasts within items (an orthonormal basis of what can differ between the
options of one item), so that nothing is spent on what cannot rank. The kernel of an input is the mean of its
blocks' kernels, each scaled to trace p (the number of contrasts), and the penalty is lambda = `PENALTY` in these
units. With G = (K + lambda I)^-1, what a fit without the contrasts B predicts for them is

    y_B - G_BB^-1 (G y)_B,

because a ridge fit does not change when an observation is added that it predicts already (Cook & Weisberg 1982);
so one factorisation serves all folds and partitions, and labellings are right-hand sides. Above `DUAL` contrasts
every block of more than `WIDTH` n-grams is projected to so many dimensions by hashing with signs (Weinberger et
al. 2009), and the normal equations are solved once per fold without its items: time and memory are then linear in
the number of items. That took the ranker on CosmosQA's 2,985 × 4 options from 48.2 to 46.1 % accuracy.

lambda was set once, on planted cues in permuted sets of 900 items (lexical in a tenth of them, in a quarter,
length, overlap) by the power of the test: 1 finds too little of what is weak, 10 of what is rare.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
import torch

from qc.models.features import PARTS, Features, InputName, Part
from qc.set_statistics.options import Floats, Ints, Options

PENALTY = 3.0
DUAL = 6000
WIDTH = 1024
_RARE = 60
"""An n-gram is frequent if at least one option in this many has it."""

_MANY = 30
_FEW = 32
_STEPS = 60


def contrasts(options: Options) -> sp.csr_array:
    """Return Helmert's orthonormal basis of differences within items: (n options - n items, n options)."""
    rows, columns, values = [], [], []
    base = options.starts - np.arange(len(options))
    for size in np.unique(options.sizes):
        at = np.flatnonzero(options.sizes == size)
        for step in range(1, int(size)):
            norm = np.sqrt(step * (step + 1))
            for place in range(step + 1):
                rows.append(base[at] + step - 1)
                columns.append(options.starts[at] + place)
                values.append(np.full(len(at), (1 if place < step else -step) / norm, np.float32))
    shape = (len(options.item_of) - len(options), len(options.item_of))
    return sp.csr_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def targets(options: Options, labellings: Ints) -> Floats:
    """Return every labelling as contrasts of 'is the key': (n contrasts, L), float32."""
    basis = contrasts(options).tocsc()
    found = basis[:, labellings.T.ravel()]
    lines = np.repeat(np.arange(found.shape[1]) // len(options), np.diff(found.indptr))
    made = np.zeros((basis.shape[0], labellings.shape[1]), np.float32)
    made[found.indices, lines] = found.data  # the keys of a labelling share no contrast
    return made


class Dual:
    """Ridge in the kernel, exact for every n-gram.

    Args:
        kernel: (p, p), p contrasts, of trace p.
        penalty: lambda.
    """

    def __init__(self, kernel: torch.Tensor, penalty: float = PENALTY) -> None:
        unit = torch.eye(len(kernel), dtype=kernel.dtype, device=kernel.device)
        lower = torch.linalg.cholesky(kernel + penalty * unit)
        self._root: torch.Tensor = torch.linalg.solve_triangular(lower, unit, upper=False)  # G = root.T @ root
        self._inverse: torch.Tensor | None = None
        self._many = False
        self._factors: dict[bytes, torch.Tensor] = {}

    def expect(self, blocks: int) -> None:
        """Prepare for many blocks of held-out contrasts, each of which is cheaper once G is computed.

        Few blocks are solved without G even where it is there: their result depends on nothing asked before.
        """
        self._many = blocks > _MANY
        if self._many and self._inverse is None:
            self._inverse = self._root.T @ self._root

    def solved(self, labels: torch.Tensor) -> torch.Tensor:
        """Return what all partitions of the same labels (p, L) have in common: G y."""
        return self._root.T @ (self._root @ labels)

    def held_out(self, labels: torch.Tensor, solved: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Return what a fit without the contrasts `rows` predicts for them: (len(rows), L)."""
        return labels[rows] - torch.cholesky_solve(solved[rows], self._factor(rows))

    def _factor(self, rows: torch.Tensor) -> torch.Tensor:
        """Return the Cholesky factor of G_BB; that of few blocks is kept, since the next labels have the same."""
        if self._many and self._inverse is not None:
            factor: torch.Tensor = torch.linalg.cholesky(self._inverse[rows[:, None], rows])
            return factor
        block = rows.cpu().numpy().tobytes()
        if block not in self._factors:
            if len(self._factors) >= _MANY:
                self._factors.clear()
            part = self._root[:, rows]
            self._factors[block] = torch.linalg.cholesky(part.T @ part)
        return self._factors[block]


class Primal:
    """Ridge in the features, linear in the number of contrasts.

    Args:
        features: (p, D), whose squares sum to p.
        penalty: lambda.
    """

    def __init__(self, features: torch.Tensor, penalty: float = PENALTY) -> None:
        self._features, self._penalty = features, penalty
        self._normal = features.T @ features
        self._lower: torch.Tensor | None = None

    def expect(self, blocks: int) -> None:
        """As `Dual.expect`; nothing to prepare."""
        del blocks

    def solved(self, labels: torch.Tensor) -> torch.Tensor:
        """Return what all partitions have in common: the features' moments with the labels, (D, L)."""
        return self._features.T @ labels

    def held_out(self, labels: torch.Tensor, solved: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """As `Dual.held_out`."""
        part = self._features[rows]
        moments = solved - part.T @ labels[rows]
        if labels.shape[1] <= _FEW:
            return part @ self._near(part, moments)
        rest = self._normal - part.T @ part
        rest.diagonal().add_(self._penalty)
        return part @ torch.cholesky_solve(moments, torch.linalg.cholesky(rest))

    def _near(self, part: torch.Tensor, moments: torch.Tensor) -> torch.Tensor:
        """Solve the normal equations without `part` by conjugate gradients, starting from the whole's solution.

        For few labellings that is far cheaper than a factorisation: the whole's is the preconditioner, and leaving
        a part out changes little.
        """
        if self._lower is None:
            unit = torch.eye(len(self._normal), device=self._normal.device)
            self._lower = torch.linalg.cholesky(self._normal + self._penalty * unit)

        def times(weights: torch.Tensor) -> torch.Tensor:
            return self._normal @ weights + self._penalty * weights - part.T @ (part @ weights)

        weights = torch.cholesky_solve(moments, self._lower)
        residual = moments - times(weights)
        bound = 1e-10 * moments.square().sum(dim=0)
        toward = eased = torch.cholesky_solve(residual, self._lower)
        size = (residual * eased).sum(dim=0)
        for _ in range(_STEPS):
            if bool((residual.square().sum(dim=0) <= bound).all()):
                break
            along = times(toward)
            step = size / (toward * along).sum(dim=0).clamp_min(1e-30)
            weights = weights + step * toward
            residual = residual - step * along
            eased = torch.cholesky_solve(residual, self._lower)
            size, before = (residual * eased).sum(dim=0), size
            toward = eased + size / before.clamp_min(1e-30) * toward
        return weights


class Kernels:
    """The smoothers of one language's inputs; what inputs have in common is computed once.

    Args:
        options: one language.
        device: where torch computes.
        dual: the most contrasts that are solved in the kernel.
    """

    def __init__(self, options: Options, device: str = "cpu", dual: int = DUAL) -> None:
        self.options, self.device = options, device
        self.basis = contrasts(options)
        self.is_dual = self.basis.shape[0] <= dual
        self._parts: dict[tuple[Part, bool], tuple[torch.Tensor | None, int]] = {}
        self._features: dict[bool, Features] = {}
        self._smoothers: dict[InputName, Dual | Primal] = {}

    def has(self, name: InputName) -> bool:
        """Whether the set has the texts of an input."""
        features = self._of(name.endswith("shuffled"))
        return all(features.has(part) for part in PARTS[name.split(",")[0]])

    def rows_of(self, items: Ints) -> Ints:
        """Return the contrasts of some items."""
        item_of = np.repeat(np.arange(len(self.options)), self.options.sizes - 1)
        return np.flatnonzero(np.isin(item_of, items))

    def to_options(self, scores: torch.Tensor) -> torch.Tensor:
        """Return scores of contrasts (p, L) as scores of options, centred within items: (n options, L)."""
        place, item_of = torch.from_numpy(self.options.place), self.options.item_of
        first = torch.from_numpy(self.options.starts[item_of] - item_of)
        made = torch.zeros((len(item_of), scores.shape[1]), dtype=scores.dtype, device=scores.device)
        for step in range(1, int(self.options.sizes.max())):
            has = torch.from_numpy(self.options.sizes[item_of] > step) & (place <= step)
            weight = torch.where(place < step, 1.0, -float(step)) / (step * (step + 1)) ** 0.5
            at, row = has.nonzero()[:, 0], (first + step - 1)[has]
            made[at.to(made.device)] += weight[has].to(made)[:, None] * scores[row.to(made.device)]
        return made

    def smoother(self, name: InputName) -> Dual | Primal:
        """Return the ridge fit of an input, ready for labellings; kernel fits are cached."""
        if name in self._smoothers:
            return self._smoothers[name]
        made = self._smoother(name)
        if self.is_dual:
            self._smoothers[name] = made
        return made

    def _smoother(self, name: InputName) -> Dual | Primal:
        shuffle = name.endswith("shuffled")
        parts = [self._part(part, shuffle) for part in PARTS[name.split(",")[0]]]
        made = [tensor for tensor, _ in parts if tensor is not None]
        total = sum(count for _, count in parts)
        if self.is_dual:
            kernel = made[0] / total if made else torch.zeros((self.basis.shape[0],) * 2, device=self.device)
            for other in made[1:]:
                kernel += other / total
            return Dual(kernel)
        none = torch.zeros((self.basis.shape[0], 1), device=self.device)
        return Primal(torch.cat(made, dim=1) / total**0.5 if made else none)

    def _of(self, shuffle: bool) -> Features:
        if shuffle not in self._features:
            self._features[shuffle] = Features(self.options, shuffle=shuffle)
        return self._features[shuffle]

    def _part(self, part: Part, shuffle: bool) -> tuple[torch.Tensor | None, int]:
        """Return a part's blocks, added as kernels or side by side as features, and their number."""
        if (part, shuffle) not in self._parts:
            made = [self._scaled(block) for block in self._of(shuffle).blocks(part)]
            kept = [block for block in made if block is not None]
            joined = (self._gram if self.is_dual else self._projected)(kept) if kept else None
            self._parts[part, shuffle] = joined, len(kept)
        return self._parts[part, shuffle]

    def _scaled(self, block: sp.csr_array) -> sp.csr_array | None:
        """Scale a block so that its contrasts have trace p; None where no option differs from another."""
        trace = float(((self.basis @ block).data.astype(float) ** 2).sum())
        return sp.csr_array(block * np.float32((self.basis.shape[0] / trace) ** 0.5)) if trace > 1e-6 else None

    def _gram(self, blocks: Sequence[sp.csr_array]) -> torch.Tensor:
        """Return the blocks' kernel of contrasts: frequent n-grams by a dense product, rare ones by a
        sparse one.
        """
        table = sp.csr_array(sp.hstack(blocks, format="csr"), dtype=np.float32)
        often = np.bincount(table.indices, minlength=table.shape[1]) * _RARE > table.shape[0]
        if self.device != "cpu":
            often[:] = True
        made = torch.zeros((self.basis.shape[0],) * 2, device=self.device)
        frequent = sp.csc_array(self.basis @ table[:, often])
        for begin in range(0, frequent.shape[1], 4096):
            dense = torch.from_numpy(frequent[:, begin : begin + 4096].toarray(order="C")).to(self.device)
            made.addmm_(dense, dense.T)
        if not often.all():
            rare = sp.csr_array(table[:, ~often])
            product = sp.csr_array(self.basis @ (rare @ sp.csr_array(rare.T)) @ self.basis.T)
            made += torch.from_numpy(product.toarray())
        return made

    def _projected(self, blocks: Sequence[sp.csr_array]) -> torch.Tensor:
        narrow = [_narrowed(block) if block.shape[1] > WIDTH else block.toarray() for block in blocks]
        return torch.from_numpy(np.asarray(self.basis @ np.concatenate(narrow, axis=1), np.float32)).to(
            self.device
        )


def _narrowed(block: sp.csr_array) -> Floats:
    """Reduce a block to `WIDTH` dimensions by adding or subtracting columns, as a fixed hash says."""
    drawn = np.random.default_rng(block.shape[1])
    sign = drawn.choice(np.array([-1, 1], np.float32), block.shape[1])
    lot = (np.arange(block.shape[1]), drawn.integers(WIDTH, size=block.shape[1]))
    return np.asarray((block @ sp.csr_array((sign, lot), shape=(block.shape[1], WIDTH))).toarray(), np.float32)
