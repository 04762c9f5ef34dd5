"""The classes of models about which an audit makes promises, and their certificates over all languages.

Every fixed rule, the conditional logit and every learner is a class of its own. A learner that was trained on
other items is a fixed rule here. Single tokens are not classes: they are countless, and each of them affects next
to nothing in all items together. The full input is a yardstick; that a benchmark can be solved by reading is no
flaw.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from qc.set_statistics.certificates.certificate import ClassCertificate, certify
from qc.set_statistics.certificates.sensitivity import Sensitivity
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.language_results import LayerResult
from qc.set_statistics.layer_statistics import Cue, Detection, LayerName, LayerReading
from qc.set_statistics.options import Floats, Options


@dataclass(frozen=True)
class Class:
    """One class of models.

    Attributes:
        name: its name as the report prints it.
        layer: the layer of its readings.
        has: the function that tells whether a cue belongs to it.
        learned: whether it is trained on the other folds.
    """

    name: str
    layer: LayerName
    has: Callable[[Cue], bool]
    learned: bool


def _logit(cue: Cue) -> bool:
    return cue.kind is CueKind.LOGIT


def _always(_: Cue) -> bool:
    return True


def _never(_: Cue) -> bool:
    return False


def _partial(cue: Cue) -> bool:
    return cue.kind is not CueKind.YARDSTICK


CLASSES = (
    Class("named heuristics", "heuristics", lambda cue: not _logit(cue), False),
    Class("conditional logit", "heuristics", _logit, True),
    Class("kernel ranker", "learners", _partial, True),
    Class("small network", "network", _partial, True),
    Class("pretrained encoder", "encoder", _partial, True),
)


def promises(
    works: Mapping[LayerName, Mapping[str, LayerResult]],
    options: Mapping[str, Options],
    detections: Mapping[LayerName, Detection],
    curve: Sensitivity | None,
    *,
    margin: float,
    attempt: int,
) -> list[tuple[Class, ClassCertificate]]:
    """Return every class of which the audit has a reading, with its certificate.

    Args:
        works: per layer and language.
        options: per language.
        detections: the tests of the tested layers.
        curve: the measured curve; its replicates calibrate the bounds of learners in all languages.
        margin: delta.
        attempt: the number of this audit.
    """
    found = []
    for one in CLASSES:
        of = works.get(one.layer, {})
        if not any(one.has(cue) for work in of.values() for cue in work.reading.cues):
            continue
        outside = {language: work.trained_on for language, work in of.items()}
        certificate = certify(
            one.name,
            [_accuracies(work.reading) for work in of.values()],
            options,
            margin=margin,
            attempt=attempt,
            detection=detections.get(one.layer),
            cues=one.has,
            learned=_always if one.learned and not any(outside.values()) else _never,
            outside=outside,
            measured=curve is not None and any(one.layer in cell.layers for cell in curve.cells),
            earned={language: _earned(work) for language, work in of.items()},
            planted=_planted(one, of, curve),
        )
        found.append((one, certificate))
    return found


def _accuracies(reading: LayerReading) -> LayerReading:
    """Return the reading with each accuracy once: other statistics of a cue share its bound."""
    own = np.array([cue.statistic == "accuracy" for cue in reading.cues])
    return replace(reading, accuracy=np.where(own, reading.accuracy, np.nan))


def _earned(work: LayerResult) -> dict[str, Floats]:
    return {name: work.earned[:, place] for place, name in enumerate(work.names)}


def _planted(one: Class, of: Mapping[str, LayerResult], curve: Sensitivity | None) -> dict[str, Floats] | None:
    if curve is None or one.layer not in curve.accuracy:
        return None
    if curve.language not in of:
        return None
    return {curve.language: curve.accuracy[one.layer]}
