"""The findings, one for each shortcut, however many cues, statistics and languages show it.

A cue is tested in every language and sometimes by two statistics (the accuracy of picking by it, and the paired
difference of key and other options). Effects that were found with the same sign are one finding, represented by
the effect with the strongest evidence. Findings that a leading one explains are listed under it
(`qc.audit.explained_cues`): a reader sees a few shortcuts, each with its other guises. Trained models, which
combine all cues, are listed separately.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from qc.audit.audit_result import Effect, Explained, telling
from qc.set_statistics.layer_statistics import LayerName


@dataclass(frozen=True)
class Finding:
    """A cue that was found.

    Attributes:
        effects: all effects that show it, strongest evidence first; at least one.
        group: the number of its group, from 1; 0 for a trained model.
        leads: whether it explains the others of its group.
        given: the part of its z that the leading cues leave; None where there are none before it.
    """

    effects: tuple[Effect, ...]
    group: int
    leads: bool
    given: float | None

    @property
    def layer(self) -> LayerName:
        """The layer that found it."""
        return self.effects[0].layer

    @property
    def strongest(self) -> Effect:
        """The effect that represents it: with an accuracy if any has one, then the largest |z|."""
        return telling(self.effects)

    @property
    def languages(self) -> list[str]:
        """The languages in which it was found, sorted."""
        return sorted({effect.language for effect in self.effects})

    @property
    def adjusted(self) -> float:
        """The smallest adjusted p."""
        return min(effect.adjusted for effect in self.effects if effect.adjusted is not None)

    @property
    def z(self) -> float:
        """The largest z in absolute value."""
        return max((effect.z for effect in self.effects), key=abs)


def findings(detected: Iterable[Effect], explained: Iterable[Explained] = ()) -> list[Finding]:
    """Group effects of the same cue, by group and the leader first; trained models come last.

    Args:
        detected: the effects that were found.
        explained: the groups of cues; a cue that is not in them leads a group of its own.
    """
    told: dict[tuple[LayerName, str, bool], list[Effect]] = {}
    for effect in detected:
        told.setdefault((effect.layer, effect.name, effect.z > 0), []).append(effect)
    known = {(one.layer, one.name, one.positive): one for one in explained}
    alone = [key for key, of in told.items() if key not in known and not of[0].kind.is_model]
    alone.sort(key=lambda key: (-max(abs(effect.z) for effect in told[key]), key))
    numbers = {
        key: number for number, key in enumerate(alone, 1 + max((k.group for k in known.values()), default=0))
    }
    made = [_finding(effects, known.get(key), numbers.get(key, 0)) for key, effects in told.items()]
    return sorted(made, key=lambda one: (one.group == 0, one.group, not one.leads, _rank(one)))


def groups(every: Iterable[Finding]) -> Mapping[int, list[Finding]]:
    """Return the findings of each group, the leader first; those of trained models under 0, last."""
    made: dict[int, list[Finding]] = {}
    for one in every:
        made.setdefault(one.group, []).append(one)
    return made


def _finding(effects: list[Effect], told: Explained | None, number: int) -> Finding:
    if told is None:
        return Finding(tuple(effects), number, number > 0, None)
    return Finding(tuple(effects), told.group, told.leads, told.given)


def _rank(finding: Finding) -> tuple[float, str]:
    """Return the rank of a finding: models by their accuracy, other cues by their evidence."""
    earned = finding.strongest.accuracy if finding.group == 0 else None
    return -abs(finding.z) if earned is None else -earned, finding.strongest.name
