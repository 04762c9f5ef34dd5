"""Disputes: when reviewers disagree, how many more people are asked, and when a majority is beyond doubt.

Reviewers disagree about a Question when those who both answered and judged it differ on any of: whether the blind
answer was right, a criterion of the rubric, the recommendation. If a recommendation to change it is itself beyond
doubt, that ends the dispute, because the Question then goes back whatever the rest says.

One more person at a time is asked, up to `most`, while there are people. A majority is beyond doubt when those who
could still be asked cannot change it: when more than half of `most` agree. If nobody is to be asked beyond the
first `overlap`, only unanimity is beyond doubt: campaigns without extra reviewers are decided as before, and two
of three do not overrule the third.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from data.ledger.human_verdicts import Recommendation, criterion_of
from qc.decisions.standing_verdicts import Case, Verdict

POINTS = ("blind_answer", "recommendation")
"""The verdicts that every reviewer gives in addition to the criteria of the rubric."""


def bound(case: Case, overlap: int, most: int) -> int:
    """Return how many people may review this Question: `most`, limited by who is there, at least `overlap`."""
    return max(overlap, most if case.reach is None else min(most, case.reach))


def wanted(case: Case, overlap: int, most: int) -> int:
    """Return how many reviews are wanted: the first `overlap`, and one more than exist while it is disputed."""
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
    """Return the objections that a majority beyond doubt does not share."""
    limit = bound(case, overlap, most)
    votes = _votes(case)
    fine = {point for point, given in votes.items() if _outvoted(given, overlap, limit)}
    return tuple(v for v in case.people if v.flagged is not False and v.check in fine)


def _complete(case: Case) -> frozenset[int]:
    """Return the reviewers who both answered blind and judged."""
    answered, judged = (frozenset(v.reviewer for v in case.by_people(point)) for point in POINTS)
    return answered & judged


def _votes(case: Case) -> dict[str, Counter[str]]:
    """Count the votes on each point, by the reviewers whose review is complete."""
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
    """Return what is beyond doubt about a point, "" if nothing is; a point nobody was asked is not in doubt."""
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
