"""The quality of the interval of the meter's effect: how often it covers the truth, in simulated campaigns.

    python benchmarks/people/meter_effect.py

Authors and passages have effects of their own, each passage has one author and two questions, and the draw is by
question, as in a campaign. In other worlds, authors differ in their response to the meter, or learn from it for
the questions on which it is hidden, or the share becomes all of the questions halfway and later questions are
better anyway. "Here" is the mean effect on the questions that were written; "elsewhere" is that on other authors'.
Beside the interval that `belebele status` prints is one from differences within authors (least squares, HC2).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from flows.reports.people_and_pay.meter_effect import difference

Array = npt.NDArray[Any]

WORLDS = 1000
EFFECT = -0.05


@dataclass(frozen=True)
class World:
    """Campaigns of one kind: standard deviations of probabilities, and the deviations from the simple case."""

    name: str
    authors: int = 4
    passages: int = 50
    share: float = 0.5
    author: float = 0.1
    passage: float = 0.08
    differing: float = 0.0  # how much authors differ in the effect
    skewed: bool = False
    learning: float = 0.0  # share of the effect that hidden questions have, too
    changed: bool = False  # the share becomes 1 halfway, and questions get better by themselves


WORLDS_OF = (
    World("no effects of authors and passages", author=0.0, passage=0.0),
    World("4 authors, 100 questions"),
    World("4 authors, 40 questions", passages=20),
    World("12 authors, 900 questions", authors=12, passages=450),
    World("shown on a fifth, skewed", share=0.2, skewed=True),
    World("4 authors who differ in the effect", differing=0.08),
    World("12 who differ in the effect", authors=12, passages=150, differing=0.08),
    World("authors learn half of it", learning=0.5),
    World("the share is changed halfway, all compared", changed=True),
)

Interval = tuple[float, float, float] | None


def told(world: World) -> None:
    """Print how often both intervals cover, and how wide they are."""
    random, held, widths = np.random.default_rng(0), [], []
    for _ in range(WORLDS):
        y, drawn, who, truth = campaign(random, world)
        found: list[Interval] = [_status(y, drawn), within(y, drawn, who)]
        held.append([[one is not None and one[1] <= at <= one[2] for at in (truth, EFFECT)] for one in found])
        widths.append([one[2] - one[1] if one else np.nan for one in found])
    here, wide = np.mean(held, axis=0), np.nanmean(widths, axis=0)
    print(
        f"  {world.name:44} status {here[0, 0]:.3f} here, {here[0, 1]:.3f} elsewhere, width {wide[0]:.3f}; "
        f"within authors {here[1, 0]:.3f}, {here[1, 1]:.3f}, {wide[1]:.3f}",
        flush=True,
    )


def campaign(random: np.random.Generator, world: World) -> tuple[Array, Array, Array, float]:
    """Return probabilities, the drawn condition, authors, and the mean effect on these questions."""
    place = np.repeat(np.arange(world.passages), 2)
    who = place % world.authors
    takes = EFFECT + random.normal(0, world.differing, world.authors)
    own = random.exponential(0.15, len(place)) if world.skewed else random.normal(0, 0.15, len(place))
    y = 0.35 + own + random.normal(0, world.author, world.authors)[who]
    y += random.normal(0, world.passage, world.passages)[place]
    drawn = random.random(len(place)) < world.share
    if world.changed:
        later = place >= world.passages // 2
        drawn, y = drawn | later, y - 0.1 * later
    y = y + np.where(drawn, 1.0, world.learning) * takes[who]
    return y, drawn, who, float(takes[who].mean())


def _status(y: Array, drawn: Array) -> Interval:
    mean, low, high = difference(list(y[drawn]), list(y[~drawn]))
    return None if mean is None or low is None or high is None else (mean, low, high)


def within(y: Array, drawn: Array, who: Array) -> Interval:
    """Return the interval from differences within authors, with heteroskedasticity-consistent errors (HC2)."""
    sizes = np.bincount(who)
    outcome, treated = (one - (np.bincount(who, one) / sizes)[who] for one in (y, drawn.astype(float)))
    total = float((treated**2).sum())
    if total <= 0:
        return None
    effect = float((treated * outcome).sum() / total)
    left = 1 - np.clip(1 / sizes[who] + treated**2 / total, 0, 1 - 1e-9)
    error = np.sqrt((treated**2 * (outcome - effect * treated) ** 2 / left).sum()) / total
    reach = student.ppf(0.975, len(y) - len(sizes) - 1) * error
    return effect, effect - float(reach), effect + float(reach)


def main() -> list[Line]:
    print(f"the meter's effect: 95 % intervals that hold the truth ({WORLDS} campaigns of each kind)")
    for world in WORLDS_OF:
        told(world)
    random = np.random.default_rng(1)
    values = list(random.random(900))
    return [
        Line("the effect of the meter on 900 questions", timed(lambda: difference(values[:450], values[450:])))
    ]


if __name__ == "__main__":
    show(main())
