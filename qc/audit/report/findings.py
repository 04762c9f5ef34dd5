"""What was found, cue by cue: what a reader calls one shortcut, however many statistics and languages show it.

A cue is tested in every language and sometimes by two statistics (the accuracy of picking by it, and the paired
difference of key and other options). Those that were found with the same sign are one finding, told by the effect
with the strongest evidence.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qc.audit.audit import Effect
from qc.audit.layer import LayerName


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
    def adjusted(self) -> float:
        """The smallest adjusted p."""
        return min(effect.adjusted for effect in self.effects if effect.adjusted is not None)

    @property
    def z(self) -> float:
        """The largest |z|."""
        return max(abs(effect.z) for effect in self.effects)


def findings(detected: Iterable[Effect]) -> list[Finding]:
    """Puts effects that tell of the same cue together, in the order of their evidence."""
    groups: dict[tuple[str, str, bool], list[Effect]] = {}
    for effect in detected:
        groups.setdefault((effect.layer, effect.name, effect.z > 0), []).append(effect)
    every = [Finding(tuple(effects)) for effects in groups.values()]
    return sorted(every, key=lambda one: (one.adjusted, -one.z, one.layer, one.strongest.name))
