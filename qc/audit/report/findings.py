"""What was found, cue by cue: what a reader calls one shortcut, however many statistics and languages show it.

A cue is tested in every language and sometimes by two statistics (the accuracy of picking by it, and the paired
difference of key and other options). Those that were found with the same sign are one finding, told by the effect
with the strongest evidence.

One strong cue shows in many guises: where the wrong options are often “none of the above”, wrong options also
share much with each other and recur in other items. So the finding that leads is the strongest of those that a
writer can see in an option by itself; the others follow by their evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qc.audit.audit import Effect
from qc.audit.layer import LayerName

COMPARED = frozenset(
    {
        "common_words",
        "convergence",
        "divergence",
        "least_in_passage",
        "least_in_question",
        "least_like_passage",
        "least_like_question",
        "logit",
        "most_in_passage",
        "most_in_question",
        "most_like_passage",
        "most_like_question",
        "nearest",
        "odd_one_out",
        "rare_words",
        "recurring",
        "verbatim",
    }
)
"""Named heuristics that set an option against other texts, or weigh many cues."""


@dataclass(frozen=True)
class Finding:
    """One shortcut.

    Attributes:
        effects: all that show it, strongest evidence first; at least one.
    """

    effects: tuple[Effect, ...]

    @property
    def layer(self) -> LayerName:
        """The layer that found it."""
        return self.effects[0].layer

    @property
    def strongest(self) -> Effect:
        """The effect that tells of it: with an accuracy if any has one, then the largest |z|."""
        return min(self.effects, key=lambda e: (e.accuracy is None, -abs(e.z), e.language, e.statistic))

    @property
    def languages(self) -> list[str]:
        """Where it was found, sorted."""
        return sorted({effect.language for effect in self.effects})

    @property
    def plain(self) -> bool:
        """Whether a writer can see it in an option by itself."""
        return self.layer == "heuristics" and self.strongest.name not in COMPARED

    @property
    def adjusted(self) -> float:
        """The smallest adjusted p."""
        return min(effect.adjusted for effect in self.effects if effect.adjusted is not None)

    @property
    def z(self) -> float:
        """The largest |z|."""
        return max(abs(effect.z) for effect in self.effects)


def findings(detected: Iterable[Effect]) -> list[Finding]:
    """Puts effects that tell of the same cue together: the plainest first, the others by their evidence."""
    groups: dict[tuple[str, str, bool], list[Effect]] = {}
    for effect in detected:
        groups.setdefault((effect.layer, effect.name, effect.z > 0), []).append(effect)
    every = [Finding(tuple(effects)) for effects in groups.values()]
    every.sort(key=lambda one: (one.adjusted, -one.z, one.layer, one.strongest.name))
    lead = next((one for one in every if one.plain and one.adjusted <= every[0].adjusted), None)
    return every if lead is None else [lead, *(one for one in every if one is not lead)]
