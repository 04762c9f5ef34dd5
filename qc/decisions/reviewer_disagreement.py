"""Disputes: when reviewers disagree, how many more people that takes, and when a majority is beyond doubt.

Reviewers disagree about a Question when those who both answered and judged it differ about any of: whether the
blind answer was right, a criterion of the rubric, the recommendation. A recommendation to change it that is itself
beyond doubt ends the dispute, for then the Question goes back whatever the rest says.

One more person at a time is asked, up to `most`, as far as there are people. A majority is beyond doubt when those
who could still be asked cannot change it: when more than half of `most` agree. Where nobody is to be asked beyond
the first `overlap`, only agreement of all is: a campaign that asks no more is decided as it always was, and
two of three do not overrule the third.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from data.ledger.human_verdicts import Recommendation, criterion_of
from qc.decisions.standing_verdicts import Case, Verdict

POINTS = ("blind_answer", "recommendation")
"""What every reviewer gives; the criteria of the rubric besides."""


def bound(case: Case, overlap: int, most: int) -> int:
    """How many people may review this Question: `most`, as far as there are people, and never below `overlap`."""
    return max(overlap, most if case.reach is None else min(most, case.reach))


def wanted(case: Case, overlap: int, most: int) -> int:
    """How many reviews are wanted: the first `overlap`, and one more than there are while it is disputed."""
    there = len(_complete(case))
    more = there < bound(case, overlap, most) and disputed(case, overlap, most)
    return max(overlap, there + more)


def disputed(case: Case, overlap: int, most: int) -> bool:
    """Whether those who reviewed it disagree, and no majority of them is beyond doubt."""
    votes = _votes(case)
    limit = bound(case, overlap, most)
    if _beyond_doubt(votes.get("recommendation", Counter()), overlap, limit) in (
        Recommendation.REVISE,
        Recommendation.DROP,
    ):
        return False
    return any(not _beyond_doubt(given, overlap, limit) for given in votes.values())


def overruled(case: Case, overlap: int, most: int) -> tuple[Verdict, ...]:
    """The objections that a majority beyond doubt does not share."""
    limit = bound(case, overlap, most)
    votes = _votes(case)
    fine = {point for point, given in votes.items() if _outvoted(given, overlap, limit)}
    return tuple(v for v in case.people if v.flagged is not False and v.check in fine)


def _complete(case: Case) -> frozenset[int]:
    """Who both answered blind and judged."""
    answered, judged = (frozenset(v.reviewer for v in case.by_people(point)) for point in POINTS)
    return answered & judged


def _votes(case: Case) -> dict[str, Counter[str]]:
    """What was said how often, by the point that it is about, by those whose review is complete."""
    complete = _complete(case)
    votes: dict[str, Counter[str]] = {}
    for verdict in _of_reviewers(case):
        if verdict.reviewer in complete:
            votes.setdefault(verdict.check, Counter())[_vote(verdict)] += 1
    return votes


def _of_reviewers(case: Case) -> Iterator[Verdict]:
    return (v for v in case.people if v.check in POINTS or criterion_of(v.check))


def _vote(verdict: Verdict) -> str:
    if verdict.check == "recommendation" and verdict.recommends:
        return verdict.recommends
    return Recommendation.KEEP if verdict.flagged is False else "object"


def _beyond_doubt(given: Counter[str], overlap: int, limit: int) -> str:
    """What is beyond doubt about a point, "" if nothing is; what nobody was asked is not in doubt."""
    if len(given) == 1:
        return next(iter(given))
    return _majority(given, overlap, limit) if given else "nothing"


def _majority(given: Counter[str], overlap: int, limit: int) -> str:
    if limit <= overlap:
        return ""
    said, count = given.most_common(1)[0]
    return said if 2 * count > limit else ""


def _outvoted(given: Counter[str], overlap: int, limit: int) -> bool:
    return _majority(given, overlap, limit) == Recommendation.KEEP
