"""What an audit found: one `Audit`, made of plain frozen records, from which reports and verdicts are made.

Nothing here computes: `qc.audit.audit_run` fills it, `qc.reports.audit_report` shows it. It holds no clock, no
path and no machine's name, so that the same set, parameters and versions give the same report, byte for byte. A
number that does not exist (the accuracy of a cue that picks nothing, say) is None, never NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from qc.set_statistics.layer_statistics import LayerName


@dataclass(frozen=True)
class Effect:
    """What picking by one cue earns in one language, and whether that is more than chance.

    Of a layer of thousands of cues (tokens) only those that were found and the largest others are kept.

    Attributes:
        layer: the layer that looked.
        name: the cue's name, short and stable: `longest`, `token:never`, `options`.
        statistic: what z is of: `accuracy`, `difference` or another word that the report's schema explains.
        language: the code of the language, "" if none was given.
        says: the finding as a sentence's end, by the sign of z: "the correct option is the longest".
        n: how many items it was measured on.
        accuracy: share of the items that picking by the cue gets right, ties shared; None: it picks nothing.
        chance: what blind guessing gets right in these items.
        low, high: 95 % interval of the accuracy.
        upper: one-sided 95 % upper bound of the accuracy, what a certificate rests on.
        size: how large it is, signed: of a `difference` Cohen's d_z of key and wrong options within items, else
            Cohen's h of the accuracy against chance.
        size_low, size_high: 95 % interval of the size.
        z: the studentised statistic.
        p: two-sided, alone; None without permutations.
        adjusted: p within the layer's family over all cues and languages; None where not tested.
        tested: whether it belongs to the tested family; if not, it is an effect with a bound, "not tested".
        detected: whether it was found at the layer's share of alpha.
        certified: whether `upper` lies at or below chance + margin; None where that was not asked.
        quantiles: of the accuracy under permuted keys, at `qc.set_statistics.layer_statistics.QUANTILES`; ()
            where none were kept.
        count: of a token, how many options it stands in.
        keys: of a token, how many of these are correct.
        expected: of a token, how many would be by lot.
        examples: item_id of at most three items that a detected cue gives away, the plainest first.
    """

    layer: LayerName
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
    """Of several effects that show one cue, the one that tells of it: with an accuracy if any has, then by |z|."""
    return min(effects, key=lambda e: (e.accuracy is None, -abs(e.z), e.language, e.statistic))


@dataclass(frozen=True)
class Explained:
    """To which group a cue that was found belongs; see `qc.audit.explained_cues`. This describes, it tests
    nothing.

    Attributes:
        layer, name: the cue.
        positive: the sign of what was found.
        group: its number, from 1, the strongest first; 0 for a trained model, which tells what all cues tell.
        leads: whether it is the one that explains the others of its group.
        given: of a leader, what is left of its z when the leaders before it are known (None for the first); of
            others, when all leaders are (None where a leader measures the same in another way).
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
        cues: how many statistics its family holds, over all languages.
        alpha: its share of the family-wise error rate; 0 where it is not tested.
        critical: what |z| must exceed to be found; None where it is not tested or B is too small for alpha.
        permutations: how many permuted labellings it was refitted for.
        tested: whether it was; if not, why, in `note`.
        adjusted: the smallest adjusted p of its cues; None where it is not tested.
        detected: how many of its cues were found.
        note: in words, what limits it ("" if nothing).
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
    """What is certified of one model class in one language: nothing in it exceeds chance + margin.

    An intersection-union test: a set is certified where every model class in every language passes.

    Attributes:
        layer: the layer it belongs to.
        model: the model class: a cue's name (`longest`) or inputs of a learner (`options`).
        language: its code.
        accuracy: what was measured.
        upper: the one-sided 95 % upper bound of it.
        limit: chance + margin.
        passed: whether upper <= limit.
        power: the chance that a set of this size without any cue passes; None where not known.
        sentence: what may be said, exactly.
    """

    layer: LayerName
    model: str
    language: str
    accuracy: float
    upper: float
    limit: float
    passed: bool
    power: float | None
    sentence: str


@dataclass(frozen=True)
class ModelClass:
    """What may be promised of one class of models over all languages; see `qc.set_statistics.certificate`.

    Attributes:
        name: as the report prints it.
        layer: the layer it belongs to.
        verdict: `certified`, `not certified`, `found` or `not tested`.
        languages: those in which every cue of the class passes and none was found.
        could_be: the smallest margin, in whole points, with which all would pass; 1 stands for .01.
        needed: items that it takes until a set without any cue passes with probability .8, .9.
        sentences: what may be printed, and no more.
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
    """One point of the measured curve: how often a layer finds a natural cue that was given to the key.

    Attributes:
        layer: the layer that was asked.
        language: the language whose items were used.
        kind: the cue's kind: `lexical`, `stylistic`, `match` (of question and option).
        cue: the cue, in words.
        coverage: c, the share of items in which the key was made to follow it.
        strength: q, the share of those in which it does.
        accuracy: what picking by the cue earns then, the mean over runs.
        found: share of the runs in which the layer found something at its share of alpha.
        runs: how many.
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
        n: items that both have.
        here, there: accuracy in the language and in the source language.
        difference: here - there; positive: translation brought it in.
        z: the studentised difference.
        p: by swapping the two languages within passages, alone, one-sided.
        adjusted: within all cues and languages (max-T).
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
    """One solver in one language: how many items it answered, how many right, its ability in logits."""

    name: str
    language: str
    n: int
    accuracy: float
    ability: float | None


@dataclass(frozen=True)
class SolversFound:
    """What the answers of solvers say of the items; the items' own lines are columns of `Audit.items`.

    Attributes:
        solvers: each solver in each language.
        model: `rasch` or `2pl`.
        suspects: how many items' keys are suspect: strong solvers agree on one wrong option.
        jumps: how many items' difficulty jumps in one language.
        ranked: on how many items three strong solvers or more agree on one wrong option; these are a list to look
            at, best first (`key_place`), flagged or not.
        silent: languages that are at the floor, so that nothing can be said of them.
        notes: what was limited, in words.
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
    """What one language's items are.

    Attributes:
        language: its code, "" if none was given.
        items: how many.
        groups: how many passages (or other groups).
        passages: how many items have a passage.
        chance: what blind guessing gets right.
        options: how many items have so many options.
        positions: how often the key stands first, second, …
        near_duplicates: how many items share a group of near-duplicates with another group's.
        smallest: the smallest accuracy of one fixed rule that could be found here at its share of alpha, alone.
        cloud: tokens on a coarse grid, to be drawn: (options that it stands in, share of these that are correct,
            share by lot, how many tokens).
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
    """What was audited.

    Attributes:
        name: names of the files, without their folders.
        digest: SHA-256 of the items' content in sorted order.
        items: lines: items times languages.
        distinct: items, however many languages each has.
        parallel: items that every language has.
        languages: by code.
        trained_on: how many outside items were given to train models on; 0: cross-fitting inside the set.
    """

    name: str
    digest: str
    items: int
    distinct: int
    parallel: int
    languages: tuple[LanguageFacts, ...]
    trained_on: int = 0


@dataclass(frozen=True)
class Parameters:
    """What the audit was asked.

    Attributes:
        alpha: family-wise error rate of detection.
        margin: delta of certification, fixed before the first audit.
        permutations: B.
        seed: of permutations and folds.
        folds: of cross-fitting.
        layers: which were run.
        shares: each tested layer's share of alpha.
        source_language: what other languages are compared with, "" for none.
        attempt: the how-manieth audit of a set in this place this is; certificates are worth less with each.
        encoder: name and digest of the encoder's folder, "" for none.
        versions: of the packages that the numbers hang on.
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
    """Everything that an audit found.

    Attributes:
        facts: what was audited.
        parameters: what was asked.
        layers: each layer's test, in the order of `parameters.layers`.
        effects: sorted by layer, then adjusted p, then size.
        certificates: by layer, model and language.
        sensitivity: the measured curve.
        across: against the source language; empty for one language.
        solvers: None without responses.
        items: one line per item and language, sorted by language and item_id: item_id, language, group, question,
            options, key, `flagged`, `cue_name` and `cue` (what gives it away, in words; "" if nothing does), and
            every score (see the schema).
        notes: what the reader must know, one sentence each.
        classes: what may be promised of each class of models over all languages.
        explained: which of the found cues explains which.
        sensitive: what the measured curve comes to, a sentence each.
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
