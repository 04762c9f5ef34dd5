"""Reviewer recall from planted faults: how many of each kind reviewers see, and how often they object to nothing.

A reading is one reviewer's complete look at one item: the blind answer and the judgement after it. It objects when
the blind answer differs from the key, a criterion of the rubric is unmet, or the recommendation is not to keep:
exactly what keeps an item from passing undisputed. So a plant counts as found when its reading objects. Whether
the objection also names the planted fault (`NAMED_BY`) is counted separately: a reviewer who objects to the
wording of an item with a wrong key stopped it by luck.

Intervals of shares are Clopper and Pearson's (1934), whose coverage is at least nominal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.ledger.human_verdicts import criterion_of
from data.ledger.tables import FaultKind
from qc.reviewers.residual_faults import ObjectionCount

SOUND: FaultKind = "sound"
"""The kind without a fault: objections to it are false alarms."""

READ = ("blind_answer", "recommendation")
"""The verdicts of a complete reading in addition to the rubric's."""

NAMED_BY: Mapping[FaultKind, frozenset[str]] = {
    "wrong_key": frozenset({"blind_answer", "rubric_one_right"}),
    "two_right": frozenset({"blind_answer", "rubric_one_right", "rubric_distractors_wrong"}),
    "unanswerable": frozenset({"blind_answer", "rubric_answerable", "rubric_passage_only"}),
    "cue": frozenset({"rubric_passage_only", "rubric_distractors_wrong"}),
    "sound": frozenset(),
}
"""The verdicts that name each kind of fault by objecting."""


@dataclass(frozen=True)
class Rate:
    """A share and its 95 % interval; all None where there is nothing to count.

    Attributes:
        met: how many.
        of: of how many.
        share: met / of.
        low: lower end of the interval.
        high: upper end.
    """

    met: int
    of: int
    share: float | None
    low: float | None
    high: float | None


def rate(met: int, of: int, level: float = 0.95) -> Rate:
    """Return a share with Clopper and Pearson's interval.

    >>> r = rate(4, 20)
    >>> r.share, round(r.low, 4), round(r.high, 4)
    (0.2, 0.0573, 0.4366)
    """
    if of == 0:
        return Rate(0, 0, None, None, None)
    from scipy.special import betaincinv  # loading it takes as long as reading a campaign's tables

    tail = (1 - level) / 2
    low = float(betaincinv(met, of - met + 1, tail)) if met else 0.0
    high = float(betaincinv(met + 1, of - met, 1 - tail)) if met < of else 1.0
    return Rate(met, of, met / of, low, high)


@dataclass(frozen=True)
class ReviewerFigures:
    """One reviewer's figures.

    Attributes:
        found: objections to the faulty plants that they read.
        alarms: objections to the sound copies that they read.
    """

    person: str
    found: Rate
    alarms: Rate


@dataclass(frozen=True)
class PlantFindings:
    """The reviewers' findings on the plants.

    Attributes:
        plants: how many were read by anybody.
        found: by kind, how many of the readings of such plants objected; without sound copies.
        named: by kind, how many of the same readings objected to what the kind is about.
        all_found: over all readings of faulty plants.
        alarms: how many of all readings of sound copies objected.
        people: by person, in the order of their codes.
    """

    plants: int
    found: Mapping[FaultKind, Rate]
    named: Mapping[FaultKind, Rate]
    all_found: Rate
    alarms: Rate
    people: tuple[ReviewerFigures, ...]


def readings(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Assemble people's verdicts into complete readings of items, plants or questions.

    Args:
        verdicts: columns of `data.ledger.tables.VERDICTS`, of which subject, revision, check, judge, flagged,
            sequence and judged_at are used; of several by one person on one revision and check the latest counts.

    Returns:
        One row per subject, revision and judge with a recommendation and a blind answer: subject, revision, judge,
        judged_at (of the recommendation), objects (bool), by (frozenset of the checks that object), in the order
        in which the recommendations came.
    """
    asked = verdicts["check"].isin(READ) | verdicts["check"].map(criterion_of).notna()
    key = ["subject", "revision", "judge"]
    given = verdicts[asked & verdicts["judge"].ne("check")]
    given = given.sort_values(["sequence", "judged_at", *key], kind="stable", ignore_index=True)
    given = given.drop_duplicates([*key, "check"], keep="last")
    objects = given["flagged"].ne(False).fillna(True)
    columns = (*(given[name] for name in key), given["check"], given["judged_at"], objects)
    places: dict[tuple[str, int, str], dict[str, tuple[int, Any, bool]]] = defaultdict(dict)
    for place, (subject, revision, judge, name, at, objected) in enumerate(zip(*columns, strict=True)):
        places[subject, int(revision), judge][name] = place, at, bool(objected)
    lines = []
    for of, mine in places.items():  # not with pandas' groups: a frame for each of them costs ten times as much
        if mine.keys() >= set(READ):
            by = frozenset(name for name, (_, _, objected) in mine.items() if objected)
            place, at, _ = mine["recommendation"]
            lines.append((place, (*of, at, bool(by), by)))
    names = [*key, "judged_at", "objects", "by"]
    return pd.DataFrame([line for _, line in sorted(lines, key=lambda one: one[0])], columns=names)


def objections(read: pd.DataFrame, kinds: Mapping[str, FaultKind]) -> tuple[ObjectionCount, ObjectionCount]:
    """Count the readings of faulty plants, and those of sound copies: how many objected, and of how many.

    The counts of `seen` without its intervals; the arguments are the same.
    """
    fault = read["subject"].map(kinds)
    faulty, sound = (
        read["objects"][fault.notna() & told].map(bool) for told in (fault.ne(SOUND), fault.eq(SOUND))
    )
    return (int(faulty.sum()), len(faulty)), (int(sound.sum()), len(sound))


def seen(read: pd.DataFrame, kinds: Mapping[str, FaultKind]) -> PlantFindings:
    """Count what reviewers saw of the plants.

    Args:
        read: as `readings` gives it, of plants.
        kinds: every plant's kind.
    """
    fault = read["subject"].map(kinds)
    faulty = fault.notna() & fault.ne(SOUND)
    named = [bool(by & NAMED_BY[kind]) for by, kind in zip(read["by"], fault.fillna(SOUND), strict=True)]
    lines = read.assign(fault=fault, faulty=faulty, named=pd.Series(named, index=read.index, dtype=bool))
    lines = lines[fault.notna()]
    planted = [kind for kind in NAMED_BY if kind != SOUND and kind in set(kinds.values())]
    of_kind = {kind: lines[lines["fault"] == kind] for kind in planted}
    return PlantFindings(
        plants=int(lines["subject"].nunique()),
        found={kind: _rate(mine["objects"]) for kind, mine in of_kind.items()},
        named={kind: _rate(mine["named"]) for kind, mine in of_kind.items()},
        all_found=_rate(lines["objects"][lines["faulty"]]),
        alarms=_rate(lines["objects"][~lines["faulty"]]),
        people=tuple(
            ReviewerFigures(
                str(person), _rate(mine["objects"][mine["faulty"]]), _rate(mine["objects"][~mine["faulty"]])
            )
            for person, mine in lines.groupby("judge", sort=True)
        ),
    )


def _rate(objects: Iterable[Any]) -> Rate:
    said: Sequence[bool] = [bool(one) for one in objects]
    return rate(sum(said), len(said))
