"""The wishes for a chosen set as an integer programme, solved by HiGHS.

Wishes are taken in order: each is met as far as possible, then held, before the next is looked at (lexicographic
goal programming, Charnes & Cooper 1961), so no weight can trade a later wish for an earlier one. Where all can be
met at once, which is the usual case, one solution settles it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.optimize import Bounds, LinearConstraint, milp

from qc.set_statistics.options import Floats, Ints

SOLVER: Mapping[str, float] = {"mip_rel_gap": 5e-3, "node_limit": 1000}
"""HiGHS stops when it is provably this near to the best, or after this many nodes: never by the clock."""

CLOSER = 0.1
"""The worth of a heuristic being one point nearer to chance, in points of mean quality. Nearer than half the
margin is worth nothing: no set needs it, and to hit the middle exactly takes HiGHS twenty times as long."""

Quota = tuple[npt.NDArray[np.bool_], int]
"""The items that it counts, and how many of them are wanted."""


@dataclass(eq=False)
class Programme:
    """Wishes about which of some items are taken.

    Its variables: one per item (0 or 1); then a slack per wish: the size's, the margins', the quotas'; then each
    heuristic's distance from chance beyond half the margin.

    Attributes:
        count: how many items.
        rows: low <= row · variables <= high.
        upper: the variables' upper bounds; all are 0 or more.
        stages: per wish, the variables whose sum it minimises; the most important first.
        objective: what to minimise when all wishes are met as far as possible.
    """

    count: int
    rows: list[tuple[Floats, float, float]]
    upper: Floats
    stages: list[Ints]
    objective: Floats

    @classmethod
    def of(
        cls,
        excess: Floats,
        quality: Floats,
        *,
        size: int,
        margin: float,
        limits: Sequence[tuple[Ints, int]],
        quotas: Sequence[Sequence[Quota]],
    ) -> Programme:
        """Return a programme for items in a fixed order.

        Args:
            excess: (n, h): what each heuristic earns on each item beyond guessing.
            quality: (n,).
            size: how many to take.
            margin: the mean excess that a heuristic may have in the set, to either side.
            limits: the most of these items that may be taken; never given up.
            quotas: stage by stage, the most important first.
        """
        count, heuristics = excess.shape
        first_quota = count + 1 + heuristics
        distances = first_quota + sum(map(len, quotas))
        width = distances + heuristics
        made = cls(
            count, [], np.concatenate([np.ones(count), np.full(width - count, np.inf)]), [], np.zeros(width)
        )
        made._wish(np.ones(count), count, 1.0, size, size)
        for lines, most in limits:
            made._wish(np.isin(np.arange(count), lines).astype(float), count, 0.0, -np.inf, most)
        for h, worth in enumerate(excess.T):
            for sign in (1, -1):
                made._wish(sign * worth - margin, count + 1 + h, -1.0, -np.inf, 0)
                made._wish(sign * worth - margin / 2, distances + h, -1.0, -np.inf, 0)
        made.stages = [np.array([count]), np.arange(count + 1, first_quota)]
        for stage in quotas:
            made.stages.append(np.arange(first_quota, first_quota + len(stage)))
            for members, target in stage:
                for sign in (1, -1):
                    made._wish(sign * members.astype(float), first_quota, -1.0, -np.inf, sign * target)
                first_quota += 1
        made.stages = [slacks for slacks in made.stages if len(slacks)]
        made.objective[:count] = -quality + 1e-6 * np.arange(count) / count  # breaks ties by the given order
        made.objective[distances:] = CLOSER
        return made

    def solved(self) -> Ints:
        """Return the indices of the taken items, ascending."""
        nothing_given_up = self.upper.copy()
        nothing_given_up[np.concatenate(self.stages)] = 0
        found = self._best(self.objective, nothing_given_up)
        if found is None:
            found = self._one_by_one()
        return np.flatnonzero(found[: self.count] > 0.5).astype(np.int64)

    def _one_by_one(self) -> Floats:
        found: Floats = np.zeros(len(self.upper))
        for slacks in self.stages:
            aim = np.zeros(len(self.upper))
            aim[slacks] = 1
            better = self._best(aim, self.upper)
            found = found if better is None else better
            self.rows.append((aim, -np.inf, float(found[slacks].sum()) + 1e-6))
        better = self._best(self.objective, self.upper)
        return found if better is None else better

    def _wish(self, of_items: Floats, variable: int, weight: float, low: float, high: float) -> None:
        row = np.zeros(len(self.upper))
        row[: self.count], row[variable] = of_items, weight
        self.rows.append((row, low, high))

    def _best(self, objective: Floats, upper: Floats) -> Floats | None:
        """Return the best solution found; None where none was found within the nodes allowed."""
        rows, low, high = zip(*self.rows, strict=True)
        result = milp(
            objective,
            integrality=np.arange(len(upper)) < self.count,
            bounds=Bounds(np.zeros(len(upper)), upper),
            constraints=LinearConstraint(sp.csr_array(np.stack(rows)), np.array(low), np.array(high)),
            options=dict(SOLVER),
        )
        return None if result.x is None else np.asarray(result.x, dtype=float)
