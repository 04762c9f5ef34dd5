"""The result of an audit: one `Audit` of plain frozen records, from which reports and verdicts are made.

Nothing here computes: `qc.audit.audit_run` fills it and `qc.reports.audit_report` shows it. It contains no clock
time, path or machine name, so that the same set, parameters and versions give the same report, byte for byte. A
number that does not exist (the accuracy of a cue that picks nothing, say) is None, never NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.layer_statistics import LayerName


@dataclass(frozen=True)
class Effect:
    """The accuracy of picking by one cue in one language, and whether it is better than chance.

    Of a layer of thousands of cues (tokens), only those that were found and the largest of the others are kept.

    Attributes:
        layer: the layer that measured it.
        kind: the cue's kind; reports, which have its name, do not repeat it.
        name: the cue's name, short and stable: `longest`, `token:never`, `options`.
        statistic: the quantity that z tests: `accuracy`, `difference` or another in the report's schema.
        language: the code of the language, "" if none was given.
        says: the finding as the end of a sentence, by the sign of z: "the correct option is the longest".
        n: the number of measured items.
        accuracy: the share of items that picking by the cue gets right, ties shared; None if it picks nothing.
        chance: the share of these items that blind guessing gets right.
        low, high: 95 % interval of the accuracy.
        upper: one-sided 95 % upper bound of the accuracy, on which a certificate rests.
        size: signed effect size: for a `difference`, Cohen's d_z between key and wrong options within items, else
            Cohen's h of the accuracy against chance.
        size_low, size_high: 95 % interval of the size.
        z: the studentised statistic.
        p: the two-sided p of this statistic alone; None without permutations.
        adjusted: p within the layer's family over all cues and languages; None where not tested.
        tested: whether it belongs to the tested family; if not, it is an effect with a bound, marked "not tested".
        detected: whether it was found at the layer's share of alpha.
        certified: whether `upper` lies at or below chance + margin; None where no certificate was sought.
        quantiles: quantiles of the accuracy under permuted keys, at
            `qc.set_statistics.layer_statistics.QUANTILES`; () where none were kept.
        count: for a token, the number of options that contain it.
        keys: for a token, how many of these are correct.
        expected: for a token, how many of these would be correct by chance.
        examples: item_id of at most three items that a detected cue gives away, the clearest first.
    """

    layer: LayerName
    kind: CueKind
    name: str
    statistic: str
    language: str
    says: str
    n: int
    accuracy: float | None
    chance: float
    low: float | None
    high: float | None
    upper: float | None
    size: float | None
    z: float
    p: float | None
    adjusted: float | None
    tested: bool
    detected: bool
    certified: bool | None
    quantiles: tuple[float, ...] = ()
    count: int | None = None
    keys: int | None = None
    expected: float | None = None
    examples: tuple[str, ...] = ()
    size_low: float | None = None
    size_high: float | None = None


def telling(effects: Sequence[Effect]) -> Effect:
    """Return, of several effects of one cue, the one to report: one with an accuracy if any has, then by |z|."""
    return min(effects, key=lambda e: (e.accuracy is None, -abs(e.z), e.language, e.statistic))


@dataclass(frozen=True)
class Explained:
    """The group of a detected cue; see `qc.audit.explained_cues`. It is descriptive and tests nothing.

    Attributes:
        layer, name: the cue.
        positive: whether the sign of the finding is positive.
        group: its number, from 1, the strongest first; 0 for a trained model, which combines all cues.
        leads: whether this cue explains the others of its group.
        given: for a leader, what is left of its z once the leaders before it are known (None for the first); for
            others, once all leaders are known (None where a leader measures the same thing in another way).
    """

    layer: LayerName
    name: str
    positive: bool
    group: int
    leads: bool
    given: float | None


@dataclass(frozen=True)
class LayerFound:
    """A layer's family-wise test over all its cues in all languages.

    Attributes:
        name: the layer.
        cues: the number of statistics in its family, over all languages.
        alpha: its share of the family-wise error rate; 0 where it is not tested.
        critical: the |z| above which a cue is found; None where it is not tested or B is too small for alpha.
        permutations: the number of permuted labellings for which it was refitted.
        tested: whether it was tested; if not, `note` says why.
        adjusted: the smallest adjusted p of its cues; None where it is not tested.
        detected: the number of its cues that were found.
        note: its limitations in words, "" if there are none.
    """

    name: LayerName
    cues: int
    alpha: float
    critical: float | None
    permutations: int
    tested: bool
    adjusted: float | None
    detected: int
    note: str = ""


@dataclass(frozen=True)
class Certificate:
    """The certificate of one model class in one language: nothing in it exceeds chance + margin.

    An intersection-union test: a set is certified where every model class in every language passes.

    Attributes:
        layer: the layer it belongs to.
        model_class: the name of the model class.
        cue: the name of its cue (`longest`) or of its inputs (`options`).
        language: its code.
        accuracy: the measured accuracy.
        upper: its one-sided 95 % upper bound.
        limit: chance + margin.
        passed: whether upper <= limit.
        power: the probability that a set of this size without any cue passes; None where it is not known.
        sentence: the exact claim that may be made.
    """

    layer: LayerName
    model_class: str
    cue: str
    language: str
    accuracy: float
    upper: float
    limit: float
    passed: bool
    power: float | None
    sentence: str

    @property
    def model(self) -> str:
        """The class and its cue, as a report names them."""
        return f"{self.model_class}: {self.cue}"


@dataclass(frozen=True)
class ModelClass:
    """The claims that hold for one class of models over all languages; see `qc.set_statistics.certificates`.

    Attributes:
        name: its name as the report prints it.
        layer: the layer it belongs to.
        verdict: `certified`, `not certified`, `found` or `not tested`.
        languages: those in which every cue of the class passes and none was found.
        could_be: the smallest margin, in whole points, with which all would pass; 1 stands for .01.
        needed: the number of items with which a set without any cue passes with probability .8, and with .9.
        sentences: the only claims that may be printed.
        measured: whether its layer's sensitivity was measured.
    """

    name: str
    layer: LayerName
    verdict: str
    languages: tuple[str, ...]
    could_be: int
    needed: tuple[int, ...]
    sentences: tuple[str, ...]
    measured: bool = False


@dataclass(frozen=True)
class SensitivityPoint:
    """One point of the measured curve: how often a layer finds a natural cue that was planted on the key.

    Attributes:
        layer: the layer that was tested.
        language: the language of the items.
        kind: the cue's kind: `lexical`, `stylistic`, `match` (of question and option).
        cue: the cue, in words.
        coverage: c, the share of items in which the key was made to follow it.
        strength: q, the share of those in which the key does follow it.
        accuracy: the accuracy of picking by the cue then, the mean over runs.
        found: share of the runs in which the layer found something at its share of alpha.
        runs: the number of runs.
        low, high: 95 % interval of `found` (Wilson).
    """

    layer: LayerName
    language: str
    kind: str
    cue: str
    coverage: float
    strength: float
    accuracy: float
    found: float
    runs: int
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Across:
    """A cue in one language against the source language, over the items that both have.

    Attributes:
        layer, name, says: the cue, as in `Effect`.
        language, source: the two languages.
        n: the number of items that both have.
        here, there: accuracy in the language and in the source language.
        difference: here - there; if positive, translation introduced the cue.
        z: the studentised difference.
        p: the one-sided p of this cue alone, by swapping the two languages within passages.
        adjusted: p within the family of all cues and languages (max-T).
        detected: whether it was found.
    """

    layer: LayerName
    name: str
    says: str
    language: str
    source: str
    n: int
    here: float
    there: float
    difference: float
    z: float
    p: float
    adjusted: float
    detected: bool


@dataclass(frozen=True)
class Solver:
    """One solver in one language: the number of items answered and answered right, and its ability in logits."""

    name: str
    language: str
    n: int
    accuracy: float
    ability: float | None


@dataclass(frozen=True)
class SolversFound:
    """The findings from solvers' answers; those on single items are columns of `Audit.items`.

    Attributes:
        solvers: each solver in each language.
        model: `rasch` or `2pl`.
        suspects: the number of items with a suspect key: strong solvers agree on one wrong option.
        jumps: the number of items whose difficulty jumps in one language.
        ranked: the number of items, flagged or not, on which three strong solvers or more agree on one wrong
            option; these form a list to look at, best first (`key_place`).
        silent: languages at the floor, whose answers support no findings.
        notes: limitations, in words.
    """

    solvers: tuple[Solver, ...]
    model: str
    suspects: int
    jumps: int
    ranked: int
    silent: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class LanguageFacts:
    """The facts about one language's items.

    Attributes:
        language: its code, "" if none was given.
        items: the number of items.
        groups: the number of passages (or other groups).
        passages: the number of items that have a passage.
        chance: the share of items that blind guessing gets right.
        options: for each number of options, how many items have it.
        positions: how often the key stands first, second, …
        near_duplicates: the number of items that share a cluster of near-duplicates with another group's item.
        smallest: the smallest accuracy of one fixed rule that could be found here, alone, at its share of alpha.
        cloud: tokens on a coarse grid, for a figure: (options that contain the token, share of these that are
            correct, share by chance, how many tokens).
    """

    language: str
    items: int
    groups: int
    passages: int
    chance: float
    options: Mapping[int, int]
    positions: tuple[int, ...]
    near_duplicates: int
    smallest: float
    cloud: tuple[tuple[int, float, float, int], ...] = ()


@dataclass(frozen=True)
class SetFacts:
    """The audited set.

    Attributes:
        name: what the set is called.
        digest: SHA-256 of the items' content in sorted order.
        items: the number of lines: items times languages.
        distinct: the number of items, however many languages each has.
        parallel: the number of items that every language has.
        languages: by code.
        trained_on: the number of outside items on which models were trained; 0: cross-fitting inside the set.
        named: False if nobody said the name and the files' do not tell it, so that it is the place of a file.
    """

    name: str
    digest: str
    items: int
    distinct: int
    parallel: int
    languages: tuple[LanguageFacts, ...]
    trained_on: int = 0
    named: bool = True


@dataclass(frozen=True)
class Parameters:
    """The parameters of an audit, as its report prints them.

    Attributes:
        alpha: family-wise error rate of detection.
        margin: delta of certification, fixed before the first audit.
        permutations: B.
        seed: the seed of permutations and folds.
        folds: the number of folds of cross-fitting.
        layers: the layers that were run.
        shares: each tested layer's share of alpha.
        source_language: the language with which the others are compared, "" for none.
        attempt: the number of this audit among those of a set in this place; each makes certificates worth less.
        encoder: name and digest of the encoder's folder, "" for none.
        versions: versions of the packages on which the numbers depend.
    """

    alpha: float
    margin: float
    permutations: int
    seed: int
    folds: int
    layers: tuple[LayerName, ...]
    shares: Mapping[LayerName, float]
    source_language: str
    attempt: int
    encoder: str
    versions: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Audit:
    """The whole result of an audit.

    Attributes:
        facts: the audited set.
        parameters: the parameters.
        layers: each layer's test, in the order of `parameters.layers`.
        effects: sorted by layer, then adjusted p, then size.
        certificates: by layer, model and language.
        sensitivity: the points of the measured curve.
        across: comparisons with the source language; empty for one language.
        solvers: None without responses.
        items: one line per item and language, sorted by language and item_id: item_id, language, group, question,
            options, key, `flagged`, `cue_name` and `cue` (the cue that gives the item away, in words, or ""), and
            every score (see the schema).
        notes: the caveats that a reader must know, one sentence each.
        classes: the claims that hold for each class of models over all languages.
        explained: the groups of the found cues and their leaders.
        sensitive: the conclusions from the measured curve, a sentence each.
    """

    facts: SetFacts
    parameters: Parameters
    layers: tuple[LayerFound, ...]
    effects: tuple[Effect, ...]
    certificates: tuple[Certificate, ...]
    sensitivity: tuple[SensitivityPoint, ...]
    across: tuple[Across, ...]
    solvers: SolversFound | None
    items: pd.DataFrame
    notes: tuple[str, ...]
    classes: tuple[ModelClass, ...] = ()
    explained: tuple[Explained, ...] = ()
    sensitive: tuple[str, ...] = ()

    @cached_property
    def detected(self) -> tuple[Effect, ...]:
        """The shortcuts that were found at the family-wise level, strongest evidence first."""
        found = [effect for effect in self.effects if effect.detected]
        return tuple(sorted(found, key=lambda e: (e.adjusted or 0.0, -abs(e.z), e.layer, e.name, e.language)))

    @property
    def certified(self) -> bool:
        """Whether every model class that was tested passed in every language, and nothing at all was found."""
        tested = {one.verdict for one in self.classes if one.verdict != "not tested"}
        return tested == {"certified"} and not self.detected
