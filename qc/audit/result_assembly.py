"""The assembly of layers' results into one `Audit`: every number with its place, its bound and its words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from qc.audit import descriptive_results
from qc.audit.audit_result import (
    Audit,
    Certificate,
    Effect,
    LanguageFacts,
    LayerFound,
    ModelClass,
    Parameters,
    SensitivityPoint,
    SetFacts,
)
from qc.audit.explained_cues import Seen, explained
from qc.set_statistics.certificates.accuracy_bounds import effective_items, upper_bound
from qc.set_statistics.certificates.certificate import Bound
from qc.set_statistics.certificates.certificate import ClassCertificate as Promise
from qc.set_statistics.certificates.certified_model_classes import Class, promises
from qc.set_statistics.certificates.sensitivity import SAID, Sensitivity, smallest_detectable
from qc.set_statistics.cross_validation_folds import Grouping
from qc.set_statistics.language_results import LayerResult
from qc.set_statistics.layer_statistics import Detection, LayerName, LayerReading
from qc.set_statistics.options import Options

_EXAMPLES = 3


@dataclass(frozen=True, eq=False)
class Made:
    """All results of an audit, before they are assembled.

    Attributes:
        items: the items as they were given.
        parts: the options by language.
        works: the results by layer and language.
        names: by language, the cues that give its items away.
        seen: by language, the found cues' columns for its options.
        detections: the tests of the tested layers.
        curve: the measured curve, if any layer is tested.
        hanging: the items that must stay together.
        parameters: the parameters of the audit.
        digest: the digest of the items' content.
        name: the name of the set.
        named: whether it says which set it is.
        trained_on: the number of outside items.
        responses: the answers of solvers.
    """

    items: pd.DataFrame
    parts: Mapping[str, Options]
    works: Mapping[LayerName, Mapping[str, LayerResult]]
    names: Mapping[str, pd.DataFrame]
    seen: Mapping[str, Seen]
    detections: Mapping[LayerName, Detection]
    curve: Sensitivity | None
    hanging: Grouping
    parameters: Parameters
    digest: str
    name: str
    named: bool
    trained_on: int
    responses: pd.DataFrame | None


def assemble(made: Made) -> Audit:
    """Return the audit."""
    asked = made.parameters
    told = promises(
        made.works, made.parts, made.detections, made.curve, margin=asked.margin, attempt=asked.attempt
    )
    items = descriptive_results.items(made.items, made.works, made.names)
    effects = sorted(_effects(made, told, items), key=_order(asked.layers))
    solvers, solved = descriptive_results.solvers(made.responses, made.parts)
    if solved is not None:
        items = items.merge(solved, on=["item_id", "language"], how="left", validate="one_to_one")
    across, missing = descriptive_results.across(made.works, made.parts, asked)
    return Audit(
        facts=_facts(made),
        parameters=asked,
        layers=tuple(_layer(made, layer) for layer in asked.layers),
        effects=tuple(effects),
        certificates=tuple(_certificates(told)),
        sensitivity=tuple(_points(made.curve)),
        across=across,
        solvers=solvers,
        items=items,
        notes=(*missing, *_notes(made)),
        classes=tuple(_class(one, promise) for one, promise in told),
        explained=explained(
            [effect for effect in effects if effect.detected],
            made.seen,
            {layer: detection.critical for layer, detection in made.detections.items()},
        ),
        sensitive=() if made.curve is None else made.curve.sentences,
    )


def _order(layers: tuple[LayerName, ...]) -> Callable[[Effect], tuple[Any, ...]]:
    def key(effect: Effect) -> tuple[Any, ...]:
        adjusted = 2.0 if effect.adjusted is None else effect.adjusted
        return layers.index(effect.layer), adjusted, -abs(effect.z), effect.name, effect.statistic, effect.language

    return key


def _effects(made: Made, told: list[tuple[Class, Promise]], items: pd.DataFrame) -> Iterator[Effect]:
    bounds = {(one.layer, bound.language, bound.cue): bound for one, promise in told for bound in promise.bounds}
    for layer, of in made.works.items():
        detection = made.detections.get(layer)
        for index, (language, work) in enumerate(of.items()):
            adjusted = None if detection is None else detection.adjusted[index]
            lines = items[items["language"] == language]
            if work.yardstick is not None:
                beside_it = LayerResult(work.yardstick, 0)
                for place in range(len(work.yardstick.cues)):
                    yield _effect(layer, beside_it, place, None, None, made.parts[language], None, lines)
            for place in range(len(work.reading.cues)) if work.shown is None else map(int, work.shown):
                cue = work.reading.cues[place]
                bound = bounds.get((layer, language, cue.name)) if cue.statistic == "accuracy" else None
                p = None if adjusted is None else float(adjusted[place])
                yield _effect(layer, work, place, p, detection, made.parts[language], bound, lines)


def _effect(
    layer: LayerName,
    work: LayerResult,
    place: int,
    adjusted: float | None,
    detection: Detection | None,
    options: Options,
    bound: Bound | None,
    lines: pd.DataFrame,
) -> Effect:
    reading, cue = work.reading, work.reading.cues[place]
    z, accuracy = float(reading.z[place]), float(reading.accuracy[place])
    picks = not math.isnan(accuracy)
    drawn = picks and len(reading.quantiles) == len(reading.cues)
    effective = (
        bound.effective if bound is not None else effective_items(options, spread=_spread(layer, reading, place))
    )
    found = detection is not None and adjusted is not None and adjusted <= detection.alpha
    token = [float(value) for value in work.tokens[place]] if len(work.tokens) else None
    low = 1 - upper_bound(1 - accuracy, effective, 0.025) if picks else None
    high = upper_bound(accuracy, effective, 0.025) if picks else None
    size = [_cohen(one, options.chance) for one in (accuracy, low, high)] if picks else _paired(work, place)
    return Effect(
        layer=layer,
        kind=cue.kind,
        name=cue.name,
        statistic=cue.statistic,
        language=reading.language,
        says=cue.says if z >= 0 else cue.against,
        n=len(options),
        accuracy=accuracy if picks else None,
        chance=options.chance,
        low=low,
        high=high,
        upper=None if bound is None else bound.worst,
        size=size[0],
        z=z,
        p=None if math.isnan(reading.p[place]) else float(reading.p[place]),
        adjusted=adjusted,
        tested=detection is not None,
        detected=found,
        certified=None if bound is None else bound.passed,
        quantiles=tuple(float(value) for value in reading.quantiles[place]) if drawn else (),
        count=None if token is None else round(token[0]),
        keys=None if token is None else round(token[1]),
        expected=None if token is None else token[2],
        examples=_examples(cue.name, work, lines, picked=z >= 0) if found else (),
        size_low=size[1],
        size_high=size[2],
    )


def _paired(work: LayerResult, place: int) -> list[float] | list[None]:
    """Return Cohen's d_z and its interval, for a cue that compares key and other options."""
    told = work.paired[place].tolist() if len(work.paired) else [math.nan]
    return [None] * 3 if math.isnan(told[0]) else told


def _spread(layer: LayerName, reading: LayerReading, place: int) -> float | None:
    return None if layer in ("heuristics", "tokens") else float(reading.spread[place])


def _cohen(accuracy: float | None, chance: float) -> float:
    """Return Cohen's h (1988), the difference of two shares where equal steps are equally easy to see."""
    return 2 * math.asin(math.sqrt(min(1.0, max(0.0, accuracy or 0.0)))) - 2 * math.asin(math.sqrt(chance))


def _examples(name: str, work: LayerResult, lines: pd.DataFrame, *, picked: bool) -> tuple[str, ...]:
    """Return items that a cue gives away: those named for it, else those it (or avoiding it) gets right."""
    named = lines[lines["cue_name"] == name]
    if not len(named) and name in work.names:
        earned = work.earned[:, work.names.index(name)]
        right = work.items["item_id"][earned >= 1 - 1e-9 if picked else earned <= 1e-9]
        named = lines[lines["item_id"].isin(right)]
    by = ["pvi", "item_id"] if "pvi" in named.columns else ["item_id"]
    return tuple(named.sort_values(by, ascending=[column != "pvi" for column in by])["item_id"].head(_EXAMPLES))


def _layer(made: Made, layer: LayerName) -> LayerFound:
    works, detection = made.works[layer], made.detections.get(layer)
    count = sum(work.cues for work in works.values())
    permutations = len(next(iter(works.values())).reading.largest)
    if detection is None:
        note = f"not tested: with {permutations} refits these are effects with a bound; 199 are needed"
        return LayerFound(layer, count, 0.0, None, permutations, False, None, 0, note)
    every = np.concatenate(detection.adjusted)
    reachable = math.isfinite(detection.critical)
    note = "" if reachable else f"{permutations} permutations cannot reach p <= {detection.alpha:g}; take more"
    return LayerFound(
        name=layer,
        cues=count,
        alpha=detection.alpha,
        critical=detection.critical if reachable else None,
        permutations=detection.permutations,
        tested=True,
        adjusted=float(every.min(initial=1.0)),
        detected=int((every <= detection.alpha).sum()),
        note=note,
    )


def _certificates(told: list[tuple[Class, Promise]]) -> Iterator[Certificate]:
    for one, promise in told:
        for bound in sorted(promise.bounds, key=lambda bound: (bound.language, bound.cue)):
            yield Certificate(
                layer=one.layer,
                model_class=one.name,
                cue=bound.cue,
                language=bound.language,
                accuracy=bound.accuracy,
                upper=bound.worst,
                limit=bound.limit,
                passed=bound.passed and promise.verdict in ("certified", "not certified"),
                power=bound.power,
                sentence=bound.sentence,
            )


def _class(one: Class, promise: Promise) -> ModelClass:
    return ModelClass(
        name=one.name,
        layer=one.layer,
        verdict=promise.verdict,
        languages=promise.languages,
        could_be=promise.could_be,
        needed=promise.needed,
        sentences=promise.sentences,
        measured=promise.measured,
    )


def _points(curve: Sensitivity | None) -> Iterator[SensitivityPoint]:
    for cell in curve.cells if curve is not None else ():
        for layer, power in cell.layers.items():
            yield SensitivityPoint(
                layer=layer,  # type: ignore[arg-type]
                language=curve.language if curve is not None else "",
                kind=cell.kind,
                cue=SAID[cell.kind],
                coverage=cell.share,
                strength=cell.strength,
                accuracy=cell.oracle,
                found=power.found,
                runs=cell.replicates,
                low=power.low,
                high=power.high,
            )


def _facts(made: Made) -> SetFacts:
    languages = made.parts.values()
    ids = [set(one.items["item_id"]) for one in languages]
    return SetFacts(
        name=made.name,
        digest=made.digest,
        items=len(made.items),
        distinct=len(set().union(*ids)),
        parallel=len(set.intersection(*ids)),
        languages=tuple(_language(made, code, one) for code, one in made.parts.items()),
        trained_on=made.trained_on,
        named=made.named,
    )


def _language(made: Made, code: str, options: Options) -> LanguageFacts:
    alpha = max(made.parameters.shares.values(), default=1.0) * made.parameters.alpha
    twins = {name for pair in made.hanging.pairs if pair.language == code for name in (pair.item, pair.other)}
    clouds = [of[code].cloud for of in made.works.values() if code in of and of[code].cloud]
    smallest = smallest_detectable(len(options), options.chance, alpha)
    return LanguageFacts(
        language=code,
        items=len(options),
        groups=options.items["group"].nunique(),
        passages=int(options.items["passage"].notna().sum()),
        chance=options.chance,
        options={int(size): count for size, count in sorted(Counter(options.sizes.tolist()).items())},
        positions=tuple(int(n) for n in np.bincount(options.items["key"], minlength=int(options.sizes.max()))),
        near_duplicates=len(twins),
        smallest=1.0 if smallest is None else smallest,
        cloud=clouds[0] if clouds else (),
    )


def _notes(made: Made) -> Iterator[str]:
    small = [one for one in _facts(made).languages if one.smallest > 0.9]
    if small:
        names = ", ".join(one.language or "the set" for one in small)
        yield f"Too few items to see any but the plainest cue in: {names}."
    if made.trained_on:
        yield (
            f"Models were trained on {made.trained_on:,} outside items and on none of this set. What they miss may"
            " be what those items do not teach: their sensitivity was not measured."
        )
