"""The course of an audit: every layer in every language, then the verdicts over all of them.

Languages are processed one after another, and each layer is released before the next, so that time and memory
grow with the number of languages and no faster. A layer's result for a language is kept in a store under a key
that covers everything on which it depends (texts, keys, folds, parameters, versions), so that an interrupted
audit continues where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Protocol

import pandas as pd

from data.dealt_languages import EachLanguage
from data.errors import UsageError
from qc.audit.audit_request import Asked, ProgressListener, forwards
from qc.audit.audit_result import Audit, Parameters
from qc.audit.cues import heuristics, tokens
from qc.audit.cues.cue_names import names
from qc.audit.explained_cues import Seen, columns_of, model_columns
from qc.audit.layers.available_layers import Laid, Setting, laid, made, shares_of, to_plant
from qc.audit.result_assembly import Made, assemble
from qc.audit.solvers.partial_answers import with_picks
from qc.models.threads import one_thread
from qc.set_statistics import language_results
from qc.set_statistics.certificates.sensitivity import Sensitivity, measure, smallest_detectable
from qc.set_statistics.cross_validation_folds import Grouping, folds, grouping
from qc.set_statistics.language_results import CommonCues as Said
from qc.set_statistics.language_results import LayerResult
from qc.set_statistics.layer_statistics import MODELS, Detection, LayerName, detect
from qc.set_statistics.options import COLUMNS, PICKED, Options

FOLDS = 10
FAMILY = 10
"""The number of independent rules for which a layer's family counts when the set's size is judged in advance."""

VERSIONS = ("belebele-maker", "icu4py", "numpy", "pandas", "scipy", "torch")
"""Packages on which the numbers depend."""


class Store(Protocol):
    """A store of finished work, by key."""

    def get(self, key: str) -> bytes | None:
        """Return the data stored under a key, or None if there are none."""
        ...

    def put(self, key: str, data: bytes) -> None:
        """Store data under a key, whole or not at all."""
        ...


class Nowhere:
    """A store that keeps nothing."""

    def get(self, key: str) -> bytes | None:
        """Return None."""

    def put(self, key: str, data: bytes) -> None:
        """Discard the data."""


def run(
    items: pd.DataFrame,
    asked: Asked,
    *,
    name: str = "",
    named: bool = True,
    outside: pd.DataFrame | None = None,
    responses: pd.DataFrame | None = None,
    store: Store | None = None,
    each_language: EachLanguage | None = None,
    tell: ProgressListener = lambda _words, _done, _of: None,
) -> Audit:
    """Audit a set.

    Args:
        items: columns `qc.set_statistics.options.COLUMNS` (and more), one or many languages, any order.
        asked: the parameters.
        name: the name of the set, for the report.
        named: False if it is only the place of a file whose name says nothing.
        outside: other items, to train learners on instead of cross-fitting.
        responses: the options that solvers chose, columns `data.itemsets.solver_responses.COLUMNS`. Those of
            solvers who saw the whole items tell of keys and difficulty; what was chosen from a part of an item is
            a rule like the named heuristics.
        store: the store of finished work.
        each_language: what deals languages out to other processes or machines, by way of the store; None: they are
            done here, one after another. The numbers are the same to the last bit.
        tell: a receiver of progress reports.

    Raises:
        UsageError: too few items to judge, or a source language that the set does not have.
    """
    tell = forwards(tell)
    parts = {str(code): Options.of(part) for code, part in items.groupby("language", sort=True)}
    if responses is not None:
        parts, responses = with_picks(parts, responses)
    kept = Nowhere() if store is None else store
    course = _Course(asked, grouping(items), outside, kept, single=len(parts) == 1)
    course.refuse(parts)
    steps = len(parts) * (len(asked.layers) + 1) + 1
    if each_language is not None and store is not None and len(parts) > 1:
        course.deal_out(parts, each_language, tell)
    works: dict[LayerName, dict[str, LayerResult]] = {layer: {} for layer in asked.layers}
    for number, (language, options) in enumerate(parts.items()):
        for place, layer in enumerate(asked.layers):
            tell(f"{language or 'items'}: {layer}", number * len(asked.layers) + place, steps)
            works[layer][language] = course.work(layer, options)
        parts[language] = Options(options.items)  # releases the values computed from the items
    detections = {
        layer: detect([one.reading for one in works[layer].values()], share * asked.alpha)
        for layer, share in course.shares.items()
    }
    names, seen = {}, {}
    found = _found(works, detections)
    for number, (language, options) in enumerate(parts.items(), start=len(parts) * len(asked.layers)):
        tell(f"{language or 'items'}: what gives items away", number, steps)
        said = course.told(options, works, detections, found)
        names[language] = said.names
        parts[language] = Options(options.items)
        models = model_columns({layer: of[language] for layer, of in works.items()}, parts[language])
        seen[language] = Seen(parts[language], {**said.columns, **models})
    tell("what would have been found", steps - 1, steps)
    curve = course.curve(parts, works, detections)
    return assemble(
        Made(
            items=items,
            parts=parts,
            works=works,
            names=names,
            seen=seen,
            detections=detections,
            curve=curve,
            hanging=course.hanging,
            parameters=course.parameters(),
            digest=content(items),
            name=name,
            named=named,
            trained_on=0 if outside is None else len(outside),
            responses=responses,
        )
    )


def _found(
    works: Mapping[LayerName, Mapping[str, LayerResult]], detections: Mapping[LayerName, Detection]
) -> dict[str, set[tuple[LayerName, str]]]:
    """Return, by language, the cues to examine in it: rules found in any language, and its own tokens."""
    rules: set[tuple[LayerName, str]] = set()
    own: dict[str, set[tuple[LayerName, str]]] = {}
    for layer, detection in detections.items():
        for (language, one), adjusted in zip(works[layer].items(), detection.adjusted, strict=True):
            places = range(len(one.reading.cues)) if one.shown is None else one.shown.tolist()
            here = own.setdefault(language, set())
            for cue in (one.reading.cues[place] for place in places if adjusted[place] <= detection.alpha):
                if not cue.kind.is_model:
                    (here if cue.kind.is_token else rules).add((layer, cue.name))
    return {language: rules | here for language, here in own.items()}


def content(items: pd.DataFrame) -> str:
    """Return the SHA-256 of the items' content, whatever their order."""
    lines = sorted(
        json.dumps([line[name] for name in COLUMNS], ensure_ascii=False, default=_plain)
        for line in items[list(COLUMNS)].to_dict("records")
    )
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> object:
    return value.tolist() if hasattr(value, "tolist") else str(value)


def _fingerprint(folder: str) -> str:
    from qc.models.checkpoint import fingerprint

    return fingerprint(folder)


def worked(
    asked: Asked, hanging: Grouping, outside: pd.DataFrame | None, part: tuple[pd.DataFrame, Sequence[LayerName]]
) -> dict[LayerName, bytes]:
    """Return layers' results for one language, for another process to keep.

    Args:
        asked: the parameters.
        hanging: what hangs together, over all languages.
        outside: see `run`.
        part: the language's items, and the layers.
    """
    items, layers = part
    course, options = _Course(asked, hanging, outside, Nowhere()), Options(items)
    return {layer: language_results.to_bytes(course.work(layer, options)) for layer in layers}


class _Course:
    """State shared by all languages of one audit."""

    def __init__(
        self, asked: Asked, hanging: Grouping, outside: pd.DataFrame | None, store: Store, *, single: bool = False
    ) -> None:
        self.asked, self.hanging, self.store = asked, hanging, store
        self.outside = outside
        self.shares = shares_of(asked.layers, asked.refits, outside=outside is not None)
        self.encoder = _fingerprint(asked.encoder) if asked.encoder else ""
        self.versions = {name: version(name) for name in VERSIONS}
        self.clusters = hashlib.sha256(json.dumps(sorted(hanging.clusters.items())).encode()).hexdigest()
        self.beside = "" if outside is None else content(outside)
        self.single = single
        self._setting: tuple[Options, Setting] | None = None
        self._kept: dict[LayerName, Laid] = {}

    def refuse(self, parts: dict[str, Options]) -> None:
        """Raise an error if the set cannot be audited."""
        asked = self.asked
        if asked.source_language and asked.source_language not in parts:
            raise UsageError(
                f"the set has no items in the source language {asked.source_language!r};"
                f" its languages are {', '.join(sorted(parts)) or 'none'}"
            )
        finest = min(self.shares.values(), default=1.0) * asked.alpha
        if 1 / (1 + asked.permutations) > finest:
            raise UsageError(
                f"{asked.permutations} permutations can find nothing at alpha = {finest:g}, the smallest share of"
                f" a layer; take --permutations {math.ceil(1 / finest) - 1} or more"
            )
        least = max(self.shares.values(), default=1.0) * asked.alpha / FAMILY
        if any(smallest_detectable(len(one), one.chance, least) is not None for one in parts.values()):
            return
        largest = max(parts.values(), key=len)
        needed = next(n for n in range(1, 1000) if smallest_detectable(n, largest.chance, least) is not None)
        raise UsageError(
            f"too few items to judge: with n = {len(largest)} nothing above chance ({largest.chance:.0%}) can be"
            f" seen, not even a rule that is always right; it takes at least {needed} items for that, and some"
            " hundred for what is weaker"
        )

    def setting(self, options: Options) -> Setting:
        """Return the setting of a language's layers, made once for all of them."""
        if self._setting is None or self._setting[0] is not options:
            asked = self.asked
            parted = folds(options, FOLDS, asked.seed, self.hanging.clusters)
            if (parted == parted[0]).all():
                language = str(options.items["language"].iloc[0]) or "the set"
                raise UsageError(
                    f"the {len(options)} items of {language} are all in one fold (one passage, or copies of each "
                    "other), so nothing can be tested on items that it has not seen: audit more passages in it, "
                    "or leave it out"
                )
            self._setting = (
                options,
                Setting(
                    labellings=options.labellings(asked.permutations, asked.seed),
                    clusters=self.hanging.clusters,
                    folds=parted,
                    seed=asked.seed,
                    device=asked.device,
                    encoder=asked.encoder,
                    refits=asked.refits,
                    outside=self._outside(options),
                    alphas={layer: share * asked.alpha for layer, share in self.shares.items()},
                ),
            )
        return self._setting[1]

    def _outside(self, options: Options) -> Options | None:
        """Return the outside items of the same language, or all of them where they name none."""
        if self.outside is None:
            return None
        same = self.outside[self.outside["language"] == options.items["language"].iloc[0]]
        return Options.of(same if len(same) else self.outside)

    def work(self, layer: LayerName, options: Options) -> LayerResult:
        """Return a layer's result for a language, from the store if it is there."""
        key = self._key(layer, options)
        if (kept := self.store.get(key)) is not None:
            return language_results.from_bytes(kept)
        with nullcontext() if self.single else one_thread():
            done = made(layer, options, self.setting(options), self._ready(layer, options))
        self.store.put(key, language_results.to_bytes(done))
        return done

    def deal_out(self, parts: dict[str, Options], each_language: EachLanguage, tell: ProgressListener) -> None:
        """Have others do what is not in the store yet, and put it there."""
        layers = self.asked.layers
        lacking = {
            language: [layer for layer in layers if self.store.get(self._key(layer, options)) is None]
            for language, options in parts.items()
        }
        wanted = {language: (parts[language].items, some) for language, some in lacking.items() if some}
        amount = sum(len(items) for items, _ in wanted.values())
        work = partial(worked, self.asked, self.hanging, self.outside)
        steps = len(parts) * (len(layers) + 1) + 1
        for done, (language, found) in enumerate(each_language(work, wanted, amount), start=1):
            for layer, data in found.items():
                self.store.put(self._key(layer, parts[language]), data)
            tell(f"{language}: read", done * len(layers), steps)

    def _ready(self, layer: LayerName, options: Options) -> Laid | None:
        """Return a layer that has read a language's texts; in a set of one language it is kept for later steps.

        In a set of several languages each is released, so that memory does not grow with their number.
        """
        if layer in ("network", "encoder"):
            return None
        if not self.single:
            return laid(layer, options, self.setting(options))
        if layer not in self._kept:
            self._kept[layer] = laid(layer, options, self.setting(options))
        return self._kept[layer]

    def _named(self, options: Options) -> tuple[heuristics.Named, tokens.Tokens]:
        """Return the named heuristics and the tokens of a language."""
        if "heuristics" in self._kept and "tokens" in self._kept:
            return self._kept["heuristics"].source[0], self._kept["tokens"].source
        return heuristics.prepare(options), tokens.prepare(options)

    def told(
        self,
        options: Options,
        works: dict[LayerName, dict[str, LayerResult]],
        detections: dict[LayerName, Detection],
        found: Mapping[str, set[tuple[LayerName, str]]],
    ) -> Said:
        """Return, for a language, the cues that give items away, in words, and the found cues' columns."""
        language = str(options.items["language"].iloc[0])
        telling: dict[str, float] = {}
        for layer, detection in detections.items():
            reading = works[layer][language].reading
            adjusted = detection.adjusted[list(works[layer]).index(language)]
            for cue, z, p in zip(reading.cues, reading.z, adjusted, strict=True):
                if p <= detection.alpha and abs(z) > abs(telling.get(cue.name, 0.0)):
                    telling[cue.name] = float(z)
        asked = sorted(found.get(language, ()))
        key = self._key(f"told/{json.dumps([telling, asked], sort_keys=True)}", options)
        if (kept := self.store.get(key)) is not None:
            return language_results.told_of(kept)
        rules, words = self._named(options)
        said = Said(names(options, rules, words, telling), columns_of(rules, words, asked))
        self.store.put(key, language_results.told_bytes(said))
        return said

    def _key(self, layer: str, options: Options) -> str:
        asked = self.asked
        hangs = [
            language_results.FORMAT,
            layer,
            content(options.items),
            list(map(sorted, map(dict.items, options.items[PICKED]))) if PICKED in options.items else [],
            self.clusters,
            [asked.permutations, asked.seed, self.shares, asked.alpha, asked.device],
            [asked.refits, self.encoder] if layer in ("network", "encoder") else [],
            self.beside,
            self.versions,
        ]
        return hashlib.sha256(json.dumps(hangs, sort_keys=True).encode()).hexdigest()

    def curve(
        self,
        parts: dict[str, Options],
        works: dict[LayerName, dict[str, LayerResult]],
        detections: dict[LayerName, Detection],
    ) -> Sensitivity | None:
        """Return the measured curve of one language: the source language, or the one with most items."""
        if not detections or not self.asked.replicates:
            return None
        language = self.asked.source_language or max(parts, key=lambda code: (len(parts[code]), code))
        options = parts[language]
        critical = {layer: detection.critical for layer, detection in detections.items()}
        key = self._key(f"curve/{self.asked.replicates}/{json.dumps(critical)}", options)
        if (kept := self.store.get(key)) is not None:
            return language_results.curve_of(kept)
        layers = {}
        for layer, detection in detections.items():
            # a curve takes some two thousand refits; and cues learned from other items were never planted in those
            if layer in ("network", "encoder") or (layer in MODELS and self.outside is not None):
                continue
            if (ready := self._ready(layer, options)) is not None:
                layers[str(layer)] = (*to_plant(layer, works[layer][language], ready), detection)
        if not layers:
            return None
        found = measure(options, layers, replicates=self.asked.replicates, seed=self.asked.seed)
        self.store.put(key, language_results.curve_bytes(found))
        return found

    def parameters(self) -> Parameters:
        """Return the parameters as the report prints them."""
        asked = self.asked
        return Parameters(
            alpha=asked.alpha,
            margin=asked.margin,
            permutations=asked.permutations,
            seed=asked.seed,
            folds=FOLDS,
            layers=asked.layers,
            shares=self.shares,
            source_language=asked.source_language,
            attempt=asked.attempt,
            encoder=f"{Path(asked.encoder).name} ({self.encoder[:12]})" if asked.encoder else "",
            versions=self.versions,
        )
