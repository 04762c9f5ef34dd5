"""The effect of showing the shortcut meter on the questions that are written; a draw decides who is shown it.

It is read from the ledger alone, without the meter: `status` shows it and loads nothing that computes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.ledger.events import Feedback, details_of
from flows.campaign_state import State


@dataclass(frozen=True)
class Arm:
    """The questions for which the meter was shown, or those for which it was not.

    Attributes:
        questions: how many there are.
        probability: the mean probability of picking their key without the passage; None where there are none.
    """

    questions: int
    probability: float | None


@dataclass(frozen=True)
class MeterEffect:
    """The effect of showing the meter on questions, by their first versions.

    Attributes:
        shown: the questions written with it in view.
        hidden: the others.
        difference: of the means, shown less hidden; None below ten of each, as are the bounds.
        low: lower bound of the 95 % interval.
        high: its upper bound.
    """

    shown: Arm
    hidden: Arm
    difference: float | None = None
    low: float | None = None
    high: float | None = None


LEAST = 10
"""The least questions in each arm for which their difference is reported."""


def effect(state: State) -> MeterEffect:
    """Return the effect of the meter so far, by what was drawn: an author who ignored it counts as having seen it.

    Every question counts once, as first submitted. Where the share changed meanwhile, only questions of the
    commonest share are compared: later ones differ from earlier ones in more than the meter.
    """
    now = state.campaign.assistant.meter_share
    first: dict[str, Feedback] = {}
    for one in details_of(state.events(Feedback), Feedback):
        if one.revision == 0 and one.probability is not None:
            first.setdefault(one.question_id, one)
    shares = Counter(now if one.share is None else one.share for one in first.values())
    drawn = [share for share in shares if 0 < share < 1]
    if drawn:
        kept = max(drawn, key=lambda share: (shares[share], share == now))
        first = {
            subject: one for subject, one in first.items() if one.share in (kept, None if now == kept else kept)
        }
    read = [(one.drawn, one.probability) for one in first.values() if one.probability is not None]
    arms = [[probability for drawn, probability in read if drawn is way] for way in (True, False)]
    shown, hidden = (Arm(len(arm), sum(arm) / len(arm) if arm else None) for arm in arms)
    return MeterEffect(shown, hidden, *difference(*arms))


def difference(
    shown: Sequence[float], hidden: Sequence[float]
) -> tuple[float, float, float] | tuple[None, None, None]:
    """Return the difference of two arms' means with Welch's 95 % interval; None below ten of each.

    The draw goes by question, so both arms have the same authors and passages and need no clusters, as long as the
    question is what the meter did here (`benchmarks/people/meter_effect.py`). For its effect on other authors, the
    interval is too narrow where authors differ in how they respond.
    """
    if min(len(shown), len(hidden)) < LEAST:
        return None, None, None
    from scipy.stats import ttest_ind  # imported here, since it is rarely needed

    low, high = map(float, ttest_ind(shown, hidden, equal_var=False).confidence_interval(0.95))
    return (low + high) / 2, low, high


def meter_effect_facts(state: State) -> dict[str, Any]:
    """Return the effect as plain data, for `status`; empty where there is no assistant."""
    return asdict(effect(state)) if state.campaign.assistant.enabled else {}


def effect_in_words(found: Mapping[str, Any]) -> str:
    """Describe the effect in a line.

    >>> arms = {"shown": {"questions": 12, "probability": 0.31}, "hidden": {"questions": 11, "probability": 0.38}}
    >>> effect_in_words({**arms, "difference": -0.07, "low": -0.12, "high": -0.02})
    'keys picked without the passage with 31 % where it was shown (12), 38 % where not (11): -7 points (-12 to -2)'
    >>> nothing = {"questions": 0, "probability": None}
    >>> effect_in_words({"shown": nothing, "hidden": nothing, "difference": None})
    'nothing written yet that the meter could read'
    """
    arms = [
        f"{100 * found[arm]['probability']:.0f} % where {how} ({found[arm]['questions']})"
        for arm, how in (("shown", "it was shown"), ("hidden", "not"))
        if found[arm]["questions"]
    ]
    if not arms:
        return "nothing written yet that the meter could read"
    said = f"keys picked without the passage with {', '.join(arms)}"
    if found["difference"] is None:
        return f"{said}; too few to compare" if len(arms) == 2 else said
    by, low, high = (100 * found[name] for name in ("difference", "low", "high"))
    return f"{said}: {by:+.0f} points ({low:+.0f} to {high:+.0f})"
