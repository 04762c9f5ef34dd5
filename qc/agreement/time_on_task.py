"""Time on task: how fast people work, whose pace is unusual, and what was written faster than anybody types.

Times on a page are skewed, and a page left open over lunch says nothing, so all figures are medians of logarithms,
and no single time counts for more than half an hour. A pace is compared only with other people's in the same stage
and language and on the same kind of work. Neither figure accuses: a quick reviewer may know the subject, and text
that came at once may have been written in another editor. They show where to look.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CAP = 1800.0
"""The most seconds that a task counts for."""

LEAST_TASKS = 10
"""The least timed tasks, a person's and others', for a comparison."""

ORDINARY = 2.0
"""The robust standard deviations from the others' median up to which a pace is ordinary."""

LEAST_SPREAD = float(np.log(2)) / ORDINARY
"""Of logarithms: a pace within a factor of two of the others' is always ordinary, however even theirs is."""

TYPING = 12.0
"""Characters a second that nobody sustains over a text: 144 words a minute; fast typists reach 8."""

LEAST_TYPED = 40
"""The least characters in a text for its speed to mean anything."""


@dataclass(frozen=True)
class Pace:
    """One person's times in one stage and language.

    Attributes:
        tasks: how many have a time.
        seconds: the median.
        hours: total time, with no task counted for more than half an hour.
        capped: how many tasks were longer.
        others: the others' median; None if there are too few to compare with.
        z: robust: how many standard deviations of the others' logarithms this median is above theirs.
    """

    tasks: int
    seconds: float | None
    hours: float
    capped: int
    others: float | None
    z: float | None

    @property
    def unusual(self) -> str:
        """Either "fast" or "slow", or "" for an ordinary pace."""
        if self.z is None or abs(self.z) < ORDINARY:
            return ""
        return "slow" if self.z > 0 else "fast"


def pace(mine: npt.ArrayLike, others: npt.ArrayLike) -> Pace:
    """Compare a person's pace with others'.

    Args:
        mine: seconds of each task.
        others: seconds of other people's tasks in the same stage and language.

    >>> pace([60, 60, 3600], []).hours
    0.5333333333333333
    """
    own, theirs = (np.clip(np.asarray(one, np.float64), 1.0, CAP) for one in (mine, others))
    seconds = float(np.median(own)) if len(own) else None
    result = Pace(len(own), seconds, float(own.sum()) / 3600, int((np.asarray(mine) > CAP).sum()), None, None)
    if min(len(own), len(theirs)) < LEAST_TASKS:
        return result
    logs = np.log(theirs)
    middle = float(np.median(logs))
    spread = max(1.4826 * float(np.median(np.abs(logs - middle))), LEAST_SPREAD)
    z = (float(np.median(np.log(own))) - middle) / spread
    return Pace(result.tasks, seconds, result.hours, result.capped, float(np.exp(middle)), z)


def typed_at_once(characters: npt.ArrayLike, seconds: npt.ArrayLike) -> int:
    """Count the tasks whose text is longer than anybody could have typed while the page was open.

    Args:
        characters: that each task's text has more than, or other than, what the page showed.
        seconds: that the page was open.

    >>> typed_at_once([300, 300, 20], [5, 120, 1])
    1
    """
    long = np.asarray(characters, np.float64)
    return int(((long >= LEAST_TYPED) & (long > TYPING * np.maximum(np.asarray(seconds), 1.0))).sum())
