"""The promise that an audit may make: that nothing of a class of models exceeds chance by more than a margin.

'Not significant' does not mean 'absent', so a certificate rests on an upper bound. Every cue of a class must have
its one-sided bound within chance + margin (an intersection-union test: each must pass, nothing is corrected). The
ingredients of a bound are described in `accuracy_bounds`, beside this module. The verdict covers the models that
were tried, never every model that could exist.

A rule that is seldom right gives the key away too, by avoiding its picks; the bound for this is compared with the
same margin.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from qc.set_statistics.certificates.accuracy_bounds import (
    POWERS,
    best_by_luck,
    design_effect,
    effective_items,
    items_needed,
    passing_power,
    reach_of,
    upper_bound,
)
from qc.set_statistics.cue_kinds import CueName
from qc.set_statistics.layer_statistics import Cue, Detection, LayerReading
from qc.set_statistics.options import Floats, Options

CertificateVerdict = Literal["certified", "not certified", "found", "not tested"]

MANY_LANGUAGES = 10
"""The number of languages from which a certificate states the accuracy that the best of them reaches by luck."""


@dataclass(frozen=True)
class Bound:
    """The bounds of one cue's accuracy, in one language.

    Attributes:
        language, cue: the language and the cue.
        items: the number of items.
        effective: the number of independent items that they count for.
        chance: the expected accuracy of guessing.
        accuracy: the accuracy of picking by the cue.
        p: the two-sided permutation p of this cue alone; NaN if there were no permutations.
        adjusted: p within the layer's family; NaN if the layer was not tested.
        upper: the one-sided bound of the accuracy.
        avoiding: the bound for guessing among the options that a fixed rule does not pick; NaN for a learner.
        learned: whether the cue was trained on the other folds.
        limit: chance + margin.
        passed: whether both bounds lie within the limit.
        margin_needed: the smallest margin with which they would.
        power: the probability with which a cue without any effect passes here.
        sentence: the exact claim that may be made about this cue.
    """

    language: str
    cue: str
    items: int
    effective: float
    chance: float
    accuracy: float
    p: float
    adjusted: float
    upper: float
    avoiding: float
    learned: bool
    limit: float
    passed: bool
    margin_needed: float
    power: float
    sentence: str

    @property
    def worst(self) -> float:
        """The higher of the two bounds, which is compared with the limit."""
        return self.upper if math.isnan(self.avoiding) else max(self.upper, self.avoiding)


@dataclass(frozen=True)
class ClassCertificate:
    """The certificate of one class of models, over all languages.

    Attributes:
        model_class: its name.
        verdict: `found` (a cue of it was detected), else `certified` or `not certified` (a bound lies above the
            margin); `not tested` if there are only bounds.
        margin: the most by which anything may exceed chance, fixed before the first audit.
        alpha: the one-sided error rate of every bound.
        bounds: the bounds of every cue in every language; the highest first.
        languages: those in which every cue of the class passes and none was found.
        could_be: the smallest margin, in whole points, with which all would pass; 1 stands for .01.
        needed: the number of items with which a set without any cue passes at `margin` with probability `POWERS`.
        attempt: the number of this audit among those of the set, counted from 1.
        sentences: the only claims that a report may print.
        measured: whether the sensitivity to planted cues was measured on this set.
    """

    model_class: str
    verdict: CertificateVerdict
    margin: float
    alpha: float
    bounds: tuple[Bound, ...]
    languages: tuple[str, ...]
    could_be: int
    needed: tuple[int, ...]
    attempt: int
    sentences: tuple[str, ...]
    measured: bool = True


def bounds(
    model_class: str,
    reading: LayerReading,
    options: Options,
    *,
    margin: float,
    alpha: float = 0.05,
    adjusted: Floats | None = None,
    learned: Callable[[Cue], bool] = lambda _: False,
    earned: Mapping[str, Floats] | None = None,
    reach: Floats | None = None,
    outside: int = 0,
) -> list[Bound]:
    """Return the bounds of every cue that has an accuracy; arguments as for `certify`, and reach (k,)."""
    found: list[Bound] = []
    limit, others = options.chance + margin, float(np.mean(1 / (options.sizes - 1)))
    for index, cue in enumerate(reading.cues):
        accuracy, p = float(reading.accuracy[index]), float(reading.p[index])
        if math.isnan(accuracy):
            continue
        trained = learned(cue)
        spread = float(reading.spread[index]) if trained else None
        credit = None if earned is None else earned.get(cue.name)
        design = 1.0 if credit is None else float(design_effect(credit[:, None], _groups(options))[0])
        wider = float(reach[index]) if trained and reach is not None else 1.0
        effective = effective_items(options, design=design, spread=spread, reach=wider)
        upper = upper_bound(accuracy, effective, alpha)
        avoiding = math.nan if trained else others * upper_bound(1 - accuracy, effective, alpha)
        worst = upper if trained else max(upper, avoiding)
        found.append(
            Bound(
                language=reading.language,
                cue=cue.name,
                items=len(options),
                effective=effective,
                chance=options.chance,
                accuracy=accuracy,
                p=p,
                adjusted=math.nan if adjusted is None else float(adjusted[index]),
                upper=upper,
                avoiding=avoiding,
                learned=trained,
                limit=limit,
                passed=bool(worst <= limit),
                margin_needed=worst - options.chance,
                power=passing_power(limit, options.chance, effective, alpha),
                sentence="",
            )
        )
    return [replace(one, sentence=_sentence(model_class, one, outside, alpha)) for one in found]


def _groups(options: Options) -> Sequence[str]:
    return options.items["group"].astype(str).tolist()


def certify(
    model_class: str,
    readings: Sequence[LayerReading],
    options: Mapping[str, Options],
    *,
    margin: float,
    alpha: float = 0.05,
    attempt: int = 1,
    detection: Detection | None = None,
    cues: Callable[[Cue], bool] = lambda _: True,
    learned: Callable[[Cue], bool] = lambda _: False,
    earned: Mapping[str, Mapping[str, Floats]] | None = None,
    planted: Mapping[str, Floats] | None = None,
    outside: Mapping[str, int] | None = None,
    measured: bool = True,
) -> ClassCertificate:
    """Certify one class of models over all languages, or state why not.

    Args:
        model_class: its name, as the report prints it.
        readings: the readings of one layer, one per language.
        options: per language.
        margin: the most by which anything may exceed chance.
        alpha: the one-sided error rate of every bound.
        attempt: the number of this audit among those of the set.
        detection: the layer's test, over the same readings; None if it was not tested.
        cues: the layer's cues that belong to the class (the full input is a yardstick and does not).
        learned: those of them that are trained on the other folds.
        earned: per language and cue, (n items,): the credits of the true keys; they show how far a passage's items
            depend on each other.
        planted: per language, (k, cells, R): accuracies of every cue of the layer where natural cues were planted
            (`sensitivity.Sensitivity.accuracy`). Their result in one language, how far learners' bounds must
            reach, holds for languages without any, too.
        outside: per language, the number of outside items on which the class was trained; 0: on none, or not
            trained.
        measured: whether its sensitivity was measured.
    """
    reach = _reach(readings, options, planted, margin, alpha)
    every: list[Bound] = []
    for index, reading in enumerate(readings):
        told = bounds(
            model_class,
            reading,
            options[reading.language],
            margin=margin,
            alpha=alpha,
            adjusted=None if detection is None else detection.adjusted[index],
            learned=learned,
            earned=None if earned is None else earned.get(reading.language),
            reach=reach.get(reading.language, max(reach.values(), key=lambda one: float(one.sum()), default=None)),
            outside=(outside or {}).get(reading.language, 0),
        )
        wanted = {cue.name for cue in reading.cues if cues(cue)}
        every.extend(bound for bound in told if bound.cue in wanted)
    every.sort(key=lambda bound: (-bound.margin_needed, bound.language, bound.cue))
    found = _found(readings, detection, cues)
    failing = {bound.language for bound in every if not bound.passed} | found
    could_be = max((math.ceil(100 * bound.margin_needed - 1e-9) for bound in every), default=0)
    needed = [items_needed(b.chance, margin, alpha, b.effective / b.items) for b in every]
    certificate = ClassCertificate(
        model_class=model_class,
        verdict=_verdict(bool(found), every, detection),
        margin=margin,
        alpha=alpha,
        bounds=tuple(every),
        languages=tuple(sorted({bound.language for bound in every} - failing)),
        could_be=could_be,
        needed=tuple(max(column) for column in zip(*needed, strict=True)),
        attempt=attempt,
        sentences=(),
        measured=measured,
    )
    return replace(certificate, sentences=tuple(_sentences(certificate)))


def _reach(
    readings: Sequence[LayerReading],
    options: Mapping[str, Options],
    planted: Mapping[str, Floats] | None,
    margin: float,
    alpha: float,
) -> dict[str, Floats]:
    """Return, by language with planted cues, the factor by which the bound of each cue must be wider, (k,)."""
    found = {}
    for reading in readings:
        if planted is not None and reading.language in planted:
            chance = options[reading.language].chance
            measured = zip(planted[reading.language], reading.spread, strict=True)
            found[reading.language] = np.array(
                [reach_of(cells, float(spread), chance, chance + 2 * margin, alpha) for cells, spread in measured]
            )
    return found


def _found(readings: Sequence[LayerReading], detection: Detection | None, cues: Callable[[Cue], bool]) -> set[str]:
    if detection is None:
        return set()
    return {
        reading.language
        for reading, adjusted in zip(readings, detection.adjusted, strict=True)
        if any(cues(cue) and p <= detection.alpha for cue, p in zip(reading.cues, adjusted, strict=True))
    }


def _verdict(found: bool, every: Sequence[Bound], detection: Detection | None) -> CertificateVerdict:
    if found:
        return "found"
    if detection is None or not every:
        return "not tested"
    return "certified" if all(bound.passed for bound in every) else "not certified"


def _sentences(certificate: ClassCertificate) -> list[str]:
    """Return the claims of a certificate: the verdict, the highest bound, and the limits of what it covers."""
    points, told = f"{100 * certificate.margin:g} points", certificate.model_class
    if not certificate.bounds:
        return [f"{told}: no accuracy can be bounded, so nothing is certified."]
    top = certificate.bounds[0]
    said = [top.sentence]
    if len(certificate.bounds) > 1:
        several = len({bound.language for bound in certificate.bounds}) > 1
        said[0] = f"Of {told}, the highest bound{f' (in {top.language})' if several else ''}: {said[0]}"
    if certificate.verdict == "found":
        said.append("A cue of this class was found, so nothing is certified of it.")
    elif certificate.verdict == "certified":
        said.append(f"Every bound lies within chance + {points}.")
    elif certificate.verdict == "not tested":
        said.append("This class was not tested: the figures are an effect with a bound.")
    if certificate.verdict != "certified":
        said.append(_what_it_takes(certificate))
    if not certificate.measured:
        said.append("What cues of this set this class would have found was not measured.")
    every = {bound.language for bound in certificate.bounds}
    if len(every) > 1:
        said.append(
            f"{len(certificate.languages)} of {len(every)} languages pass by themselves; each bound is one "
            f"language's own, and all of {len(certificate.bounds)} must hold for the whole to pass."
        )
    if len(every) >= MANY_LANGUAGES:
        luck = best_by_luck(top.chance, top.items, len(every))
        said.append(f"The best of {len(every)} languages without any cue is expected to reach {luck:.3f}.")
    said.append(f"This is attempt {certificate.attempt} to certify this set.")
    return said


def _sentence(model_class: str, bound: Bound, outside: int, alpha: float) -> str:
    """Return the claim that may be made of one cue in one language."""
    tested = "not tested" if math.isnan(bound.p) else f"permutation p = {bound.p:.3g}"
    level = f"one-sided {100 * (1 - alpha):g} % upper bound"
    figures = f"{bound.accuracy:.3f} ({tested}; {level} {bound.upper:.3f})"
    told = CueName.read(bound.cue)
    inputs = str(replace(told, shuffled=False))
    accuracy = f"{inputs}-only accuracy{' with words shuffled' if told.shuffled else ''} was {figures}."
    avoided = (
        f" Of guessing among the options that it does not pick: {level} {bound.avoiding:.3f}."
        if bound.avoiding > bound.upper
        else ""
    )
    if outside:
        return (
            f"For model class {model_class}, trained on {outside:,} outside items and on none of this set, "
            f"{accuracy}{avoided} "
            "Cues that those items do not teach, or that need more data or pretrained knowledge, are not excluded."
        )
    if not bound.learned:
        return f"The accuracy of the fixed rule {bound.cue} was {figures}.{avoided}"
    about = round(0.9 * bound.items, -1 if bound.items >= 100 else None)
    return (
        f"For model class {model_class}, trained on about {about:g} items under grouped 10-fold cross-fitting, "
        f"{accuracy} Cues that need more data or pretrained knowledge are not excluded."
    )


def _what_it_takes(certificate: ClassCertificate) -> str:
    low, high = certificate.needed[0], certificate.needed[-1]
    now = f"The bounds lie within +{certificate.could_be} points"
    if certificate.verdict == "not certified":
        now = f"It could be certified at +{certificate.could_be} points"
    return (
        f"{now}; at +{100 * certificate.margin:g} points a set without any cue passes with probability "
        f"{POWERS[0]:g} to {POWERS[-1]:g} from {low:,} to {high:,} items on, one cue and language at a time."
    )
