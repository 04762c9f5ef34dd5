"""The estimate of remaining faults from planted ones: its bias and coverage on simulated campaigns.

In a simulated campaign the truth is known: which questions are faulty, of which kind, and who notices. First, real
faults are as hard to notice as planted ones, which is the estimate's assumption. Then they are harder, of another
mix, or missed by the same questions' readers together, which no plant can show. The comparison is a random
re-audit of accepted questions, which makes none of these assumptions.

python benchmarks/audit/planted.py
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from data.ledger.tables import FaultKind
from qc.reviewers.residual_faults import ObjectionCount, audited, estimate

CAMPAIGNS = 400
SEES: Mapping[FaultKind, float] = {"wrong_key": 0.93, "two_right": 0.7, "unanswerable": 0.85, "cue": 0.4}
ALARMS = 0.08


@dataclass(frozen=True)
class Setting:
    """A campaign to simulate.

    Attributes:
        name: the case that it shows.
        questions: the number of reviewed questions.
        rate: the rate of plants; as many sound copies as plants of one kind.
        prevalence: share of the questions that are faulty.
        harder: the factor by which real faults are noticed less often than planted ones.
        mix: the frequency of each kind of real faults; as the planted ones (equally) if empty.
        spread: how far questions' readers miss together: the standard deviation of a fault's own difficulty, in
            logits.
        share: the share of accepted questions that are judged anew.
    """

    name: str
    questions: int = 900
    rate: float = 0.15
    prevalence: float = 0.2
    harder: float = 1.0
    mix: tuple[float, ...] = ()
    spread: float = 0.0
    share: float = 0.1


SETTINGS = (
    Setting("as assumed, 900 questions, 15 % planted"),
    Setting("as assumed, 300 questions, 15 % planted", questions=300),
    Setting("as assumed, 900 questions, 5 % planted", rate=0.05),
    Setting("as assumed, few faults (5 %)", prevalence=0.05),
    Setting("real faults are seen 0.8 times as often", harder=0.8),
    Setting("real faults are seen 0.5 times as often", harder=0.5),
    Setting("most real faults are cues", mix=(0.1, 0.1, 0.1, 0.7)),
    Setting("most real faults are wrong keys", mix=(0.7, 0.1, 0.1, 0.1)),
    Setting("readers of one question miss together", spread=1.5),
)


@dataclass(frozen=True)
class Outcome:
    """One simulated campaign: the truth, and both estimates (share, low, high)."""

    truth: float
    plants: tuple[float, float, float] | None
    recheck: tuple[float, float, float] | None


def simulate(setting: Setting, seed: int) -> Outcome:
    """Play a campaign of one round: two readers a question, accepted where neither objects."""
    random = np.random.default_rng(seed)
    sees = np.array(list(SEES.values()))
    planted = round(setting.questions * setting.rate / len(SEES))
    recall: dict[FaultKind, ObjectionCount] = {kind: _met(random, 2 * planted, p) for kind, p in SEES.items()}
    alarms = _met(random, 2 * planted, ALARMS)
    faulty = random.random(setting.questions) < setting.prevalence
    kinds = random.choice(len(sees), setting.questions, p=setting.mix or None)
    logit = np.log(sees[kinds] / (1 - sees[kinds])) + random.normal(0, setting.spread, setting.questions)
    chance = np.where(faulty, setting.harder / (1 + np.exp(-logit)), ALARMS)
    objected = (random.random((2, setting.questions)) < chance).sum(axis=0)
    accepted = objected == 0
    truth = float(faulty[accepted].mean())
    reviewed: list[ObjectionCount] = [(int(met), 2) for met in objected]
    found = estimate(recall, alarms, reviewed, [(0, 2)] * int(accepted.sum()), seed=seed)
    again = faulty[accepted][random.random(int(accepted.sum())) < setting.share]
    checked = audited(int(accepted.sum()), len(again), int(again.sum()))
    return Outcome(truth, _three(found), _three(checked))


def _met(random: np.random.Generator, of: int, chance: float) -> ObjectionCount:
    return int(random.binomial(of, chance)), of


def _three(found: object) -> tuple[float, float, float] | None:
    share, low, high = (getattr(found, name) for name in ("share", "low", "high"))
    return None if share is None else (share, low, high)


def summary(found: Sequence[tuple[float, tuple[float, float, float] | None]]) -> tuple[float, float, float, float]:
    """Return mean error, coverage, mean width, and the share of campaigns with an estimate."""
    said = [(truth, three) for truth, three in found if three is not None]
    error = float(np.mean([three[0] - truth for truth, three in said]))
    cover = float(np.mean([three[1] - 1e-12 <= truth <= three[2] + 1e-12 for truth, three in said]))
    width = float(np.mean([three[2] - three[1] for _, three in said]))
    return error, cover, width, len(said) / len(found)


def told(setting: Setting, campaigns: int = CAMPAIGNS) -> None:
    """Print one setting's lines."""
    outcomes = [simulate(setting, seed) for seed in range(campaigns)]
    print(f"{setting.name}: {np.mean([one.truth for one in outcomes]):.3f} of the accepted are faulty")
    for what, three in (("plants", [o.plants for o in outcomes]), ("recheck", [o.recheck for o in outcomes])):
        error, cover, width, said = summary([(o.truth, t) for o, t in zip(outcomes, three, strict=True)])
        print(
            f"  {what:8} error {error:+.3f}, covers {cover:.3f}, width {width:.3f}, said in {said:.2f}", flush=True
        )


def main() -> list[Line]:
    return [
        Line(f"{CAMPAIGNS} campaigns: {setting.name}", timed(lambda setting=setting: told(setting)))  # type: ignore[misc]
        for setting in SETTINGS
    ]


if __name__ == "__main__":
    show(main())
