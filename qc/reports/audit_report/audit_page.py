"""report.html: the page for a paper's appendix, one file that opens offline and prints.

It is made from the document alone (`qc.reports.audit_report.audit_document`). Words of items appear in HTML, never
in figures, each with its language and its own direction, and everything is escaped. With one language every
section shows it. With several, the sections show the source language (or the first), a matrix shows all, and each
language has its own part that opens.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from data.solver_inputs import PARTIAL_INPUTS, WHOLE_INPUT
from qc.reports.audit_report import audit_figures, audit_phrases
from qc.reports.audit_report.captions import Captions
from qc.set_statistics.cue_kinds import CueKind, CueName
from qc.set_statistics.layer_statistics import MODELS

DRAWN = 12
"""The number of languages above which only the first has figures of its own; the others have tables."""

_COLUMNS = 22
"""The number of cues in a matrix."""

_TOKENS = 20
_FOUND = 7
_BOUNDS = 40
"""The number of lines in the tables of tokens, findings and bounds; report.json has the rest."""


Effect = Mapping[str, Any]


def page(document: Mapping[str, Any]) -> str:
    """Return the whole page.

    Args:
        document: the document, as `qc.reports.audit_report.audit_document` makes it or report.json contains it.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "percent": audit_phrases.percent,
        "points": audit_phrases.points,
        "times": audit_phrases.times,
        "p": audit_phrases.probability,
        "p_is": audit_phrases.is_probability,
        "model": model_name,
        "number": audit_phrases.number,
        "plural": audit_phrases.plural,
        "listed": audit_phrases.listed,
        "language": audit_phrases.language_name,
        "cue": audit_phrases.cue_name,
        "guise": _guise,
        "seen": _seen,
        "without_subject": lambda says: says.removeprefix("the correct option "),
        "tokens": audit_phrases.token_names,
        "capital": audit_phrases.capitalised,
        "lang": _tag,
        "shade": _shade,
    }
    own = files("qc.reports.audit_report")
    template = environment.from_string(own.joinpath("template.html").read_text(encoding="utf-8"))
    style = Markup(own.joinpath("style.css").read_text(encoding="utf-8"))
    views = _views(document)
    source = document["parameters"]["source_language"] or "und"
    groups, models = _groups(document["findings"])
    captions, effects = Captions(), _Effects(document["effects"])
    tested = effects.tested(models)
    made = template.render(
        label=captions.label,
        ref=captions.ref,
        picking=effects.picking,
        statistics=effects.statistics,
        tested=tested,
        meanings=MEANINGS,
        d=document,
        style=style,
        layers=audit_phrases.LAYERS,
        views=views,
        main=next((view for view in views if view.language == source), views[0]),
        several=len(views) > 1,
        margin=f"{100 * document['parameters']['margin']:g}",
        guises=any(len(group) > 1 for group in groups) or len(groups) > 1,
        counts=_counts(document["verdict"]["counts"]),
        unmeasured=[one["name"] for one in document["classes"] if not one["measured"]],
        groups=groups[:_FOUND],
        rest=groups[_FOUND:],
        trained=models,
        token_alpha=next((one["alpha"] for one in document["layers"] if one["name"] == "tokens"), None),
        matrix=_matrix(document["effects"]) if len(views) > 1 else None,
        brought=_brought(document["across"]),
        across_found=sorted((one for one in document["across"] if one["detected"]), key=lambda one: -one["z"]),
        weakest=_weakest(document["sensitivity"]),
        bounds=sorted(document["certificates"], key=lambda one: -(one["upper"] - one["limit"]))[:_BOUNDS],
        curve=_svg(audit_figures.sensitivity(document["sensitivity"])) if document["sensitivity"] else "",
        difficulty=_difficulty(document["solvers"]),
    )
    return captions.resolved(made)


MEANINGS = {
    "accuracy": "whether it picks more keys than by lot",
    "margin": "whether it scores keys further above wrong options than by lot, which counts what it nearly picks",
    "likelihood": "whether it holds keys to be more likely than by lot, which counts what it is unsure of",
}
"""The statistics that are tested of a trained model, by their names."""


class _Effects:
    """An index of every effect of the document."""

    def __init__(self, effects: Sequence[Effect]) -> None:
        self._by_cue: dict[tuple[str, str, str], dict[str, Effect]] = {}
        for effect in effects:
            self._by_cue.setdefault(_cue(effect), {})[effect["statistic"]] = effect

    def statistics(self, effect: Effect) -> Mapping[str, Effect]:
        """Return all tests of an effect's cue in its language, by the statistic."""
        return self._by_cue.get(_cue(effect), {})

    def picking(self, effect: Effect) -> Effect | None:
        """Return the accuracy effect of the same cue, found or not; None for a cue that picks nothing."""
        pick = self.statistics(effect).get("accuracy")
        return pick if pick is not None and pick["accuracy"] is not None and pick["low"] is not None else None

    def tested(self, findings: Sequence[Any]) -> list[str]:
        """Return the statistics that were tested of any of these findings, in the order of `MEANINGS`."""
        met = {name for one in findings for name in self.statistics(one["effect"])}
        return [name for name in MEANINGS if name in met]


def _cue(effect: Effect) -> tuple[str, str, str]:
    return effect["layer"], effect["name"], effect["language"]


@dataclass(frozen=True)
class Matrix:
    """A table of languages by cues.

    Attributes:
        columns: the cues' names.
        rows: language and its cells, None where nothing was measured: (difference in accuracy, found, in words).
        left_out: the number of cues that are not shown.
    """

    columns: list[str]
    rows: list[tuple[str, list[tuple[float, bool] | None]]]
    left_out: int


@dataclass(frozen=True)
class View:
    """The page's content for one language.

    Attributes:
        language: its code.
        facts: the schema's `language_facts`.
        cues: named heuristics by accuracy, those of position separate.
        tests: the paired tests, by size, without those where nothing differs.
        silent: named heuristics that pick nothing in any item.
        balance: the test of the keys' places, None where it did not run.
        tokens: tokens, found ones first.
        models: models trained on inputs.
        flagged: the number of items that are given away; None where that was not examined.
        told_nothing: whether the learner that sees the options alone gains nothing on any item.
        pictures: figures by name, "" where there is none.
    """

    language: str
    facts: Mapping[str, Any]
    cues: list[Effect]
    tests: list[Effect]
    silent: list[str]
    balance: Effect | None
    tokens: list[Effect]
    models: list[Effect]
    flagged: int | None
    told_nothing: bool
    pictures: Mapping[str, Markup] = field(default_factory=dict)

    @property
    def telling(self) -> int:
        """The number of the listed tokens that were found."""
        return sum(effect["detected"] for effect in self.tokens)

    @property
    def paired(self) -> Mapping[str, Effect]:
        """The paired tests by the cue's name."""
        return {effect["name"]: effect for effect in self.tests}

    @property
    def strongest(self) -> list[Effect]:
        """The ten named cues that stand out most."""
        return sorted(self.cues, key=lambda effect: (not effect["detected"], -abs(effect["z"])))[:10]

    @property
    def found(self) -> int:
        """The number of different cues that were found here, tokens aside."""
        told = [*self.cues, *self.tests, *self.models]
        return len({(effect["layer"], effect["name"]) for effect in told if effect["detected"]})


def _groups(findings: Sequence[Mapping[str, Any]]) -> tuple[list[list[Any]], list[Any]]:
    """Return the findings group by group, the leader first; and those of trained models."""
    made: dict[int, list[Any]] = {}
    for one in findings:
        made.setdefault(one["group"], []).append(one)
    models = made.pop(0, [])
    return list(made.values()), models


def _weakest(points: Sequence[Mapping[str, Any]], least: float = 0.8) -> list[Mapping[str, Any]]:
    """Return, per layer and kind, the weakest planted cue found often enough; without one, an entry says so."""
    told = []
    for layer, kind in sorted({(one["layer"], one["kind"]) for one in points}):
        here = [one for one in points if (one["layer"], one["kind"]) == (layer, kind)]
        enough = [one for one in here if one["found"] >= least]
        weakest = min(enough, key=lambda one: (one["accuracy"] or 0, one["coverage"]), default=None)
        told.append(weakest or {**here[0], "found": None})
    return told


def _views(document: Mapping[str, Any]) -> list[View]:
    by_language: dict[str, list[Effect]] = {one["language"]: [] for one in document["facts"]["languages"]}
    for effect in document["effects"]:
        by_language[effect["language"]].append(effect)
    source = document["parameters"]["source_language"] or document["facts"]["languages"][0]["language"]
    few = len(by_language) <= DRAWN
    critical = {layer["name"]: layer["critical"] for layer in document["layers"]}
    views = []
    for facts in document["facts"]["languages"]:
        view = _view(facts, by_language[facts["language"]], document["items"])
        drawn = few or view.language == source
        views.append(_drawn(view, document, critical.get("tokens")) if drawn else view)
    return views


def _view(facts: Mapping[str, Any], effects: Sequence[Effect], items: Mapping[str, Any]) -> View:
    kinds = [_kind(e) for e in effects]
    named = [e for e, kind in zip(effects, kinds, strict=True) if kind in (CueKind.RULE, CueKind.LOGIT)]
    tests = [e for e in named if e["statistic"] == "difference"]
    cues = [e for e in named if e["statistic"] == "accuracy" and e["accuracy"] is not None]
    tokens = [e for e in effects if e["layer"] == "tokens"]
    return View(
        language=facts["language"],
        facts=facts,
        cues=sorted((e for e in cues if not _silent(e)), key=lambda e: (-e["accuracy"], e["name"])),
        silent=[e["name"] for e in cues if _silent(e)],
        tests=sorted((e for e in tests if e["size"] is not None), key=lambda e: (-abs(e["size"]), e["name"])),
        balance=next((e for e, kind in zip(effects, kinds, strict=True) if kind is CueKind.BALANCE), None),
        tokens=_telling(tokens),
        models=sorted(
            (
                e
                for e in effects
                if e["layer"] in MODELS and e["statistic"] == "accuracy" and e["accuracy"] is not None
            ),
            key=_rank,
        ),
        flagged=items["flagged"].get(facts["language"]),
        told_nothing=_nothing(items["pvi"].get(facts["language"])),
    )


def _nothing(bins: Mapping[str, Any] | None) -> bool:
    """Whether all of a histogram is in one narrow bin that begins at 0."""
    return bins is not None and len(bins["counts"]) == 1 and bins["edges"][0] == 0 and bins["edges"][1] <= 0.005


_INPUTS = (*PARTIAL_INPUTS, WHOLE_INPUT)


def _kind(effect: Effect) -> CueKind:
    return CueName.read(effect["name"]).kind


def _rank(model: Effect) -> tuple[int, int, bool, str]:
    """Return the order of models: by layer, the smallest input first, the yardstick last."""
    told = CueName.read(model["name"])
    return MODELS.index(model["layer"]), _INPUTS.index(told.parts[0]), told.shuffled, model["name"]


def _telling(tokens: Sequence[Effect]) -> list[Effect]:
    """Return the tokens that were found, and at least eight in all."""
    ordered = sorted(tokens, key=lambda e: (not e["detected"], -abs(e["z"]), e["name"]))
    return ordered[: max(8, min(_TOKENS, sum(e["detected"] for e in tokens)))]


def _silent(effect: Effect) -> bool:
    """Whether a cue picks nothing, so that every labelling gives chance."""
    told = effect["quantiles"]
    return len(told) > 0 and told[0] == told[-1]


def _drawn(view: View, document: Mapping[str, Any], critical: float | None) -> View:
    """Return a view with its figures."""
    facts, margin = view.facts, document["parameters"]["margin"]
    chance = facts["chance"]
    pvi = document["items"]["pvi"].get(view.language)
    expected = _expected(facts["options"], len(facts["positions"]))
    labels = [model_name(effect) for effect in view.models]
    made = {
        "forest": audit_figures.forest(view.cues, view.paired, chance, margin) if view.cues else "",
        "positions": audit_figures.positions(facts["positions"], expected),
        "cloud": audit_figures.cloud(facts["cloud"], critical, chance) if facts["cloud"] else "",
        "models": audit_figures.learners(view.models, labels, chance, margin) if view.models else "",
        "pvi": audit_figures.histogram(pvi["counts"], pvi["edges"], "held-out PVI, bits", "pvi") if pvi else "",
    }
    pictures = {name: _svg(picture) for name, picture in made.items()}
    return View(**{**vars(view), "pictures": pictures})


def model_name(effect: Effect) -> str:
    """Return a learner's input in words."""
    said = audit_phrases.cue_name(effect["name"]) + (" (yardstick)" if _kind(effect) is CueKind.YARDSTICK else "")
    return said if effect["layer"] == "learners" else f"{effect['layer']}: {said}"


def _expected(options: Mapping[str, int], places: int) -> list[float]:
    """Return the expected number of keys in each place by chance."""
    sizes = {int(size): count for size, count in options.items()}
    return [sum(count / size for size, count in sizes.items() if size > place) for place in range(places)]


def _matrix(effects: Sequence[Effect]) -> Matrix:
    shown = [
        e for e in effects if e["accuracy"] is not None and e["layer"] != "tokens" and e["statistic"] == "accuracy"
    ]
    return _table([(e["language"], e["name"], e["accuracy"] - e["chance"], e["detected"], e["z"]) for e in shown])


def _brought(across: Sequence[Mapping[str, Any]]) -> Matrix | None:
    told = [(e["language"], e["name"], e["difference"], e["detected"], e["z"]) for e in across]
    return _table([one for one in told if one[2] is not None]) if told else None


def _table(cells: Sequence[tuple[str, str, float, bool, float]]) -> Matrix:
    """Return lines (language, cue, value, found, z) as a matrix of the cues that stand out most."""
    strength: dict[str, tuple[bool, float]] = {}
    for _, name, _, found, z in cells:
        before = strength.get(name, (False, 0.0))
        strength[name] = (before[0] or found, max(before[1], abs(z)))
    names = sorted(strength, key=lambda name: (not strength[name][0], -strength[name][1], name))[:_COLUMNS]
    at = {(language, name): (value, found) for language, name, value, found, _ in cells}
    languages = sorted({cell[0] for cell in cells})
    rows = [(language, [at.get((language, name)) for name in names]) for language in languages]
    return Matrix(names, rows, len(strength) - len(names))


def _difficulty(solvers: Mapping[str, Any] | None) -> Markup | str:
    if solvers is None or solvers["difficulty"] is None:
        return ""
    bins = solvers["difficulty"]
    return _svg(audit_figures.histogram(bins["counts"], bins["edges"], "difficulty, logits", "difficulty"))


def _svg(picture: str) -> Markup:
    return Markup(picture)


def _counts(counts: Mapping[str, int]) -> list[str]:
    """Return how many cues of each kind were found, in words."""
    nouns = {"named": "named cue", "tokens": "telling token", "models": "trained model"}
    return [audit_phrases.plural(counts[kind], noun) for kind, noun in nouns.items() if counts[kind]]


def _seen(effect: Effect) -> str:
    """Return a trained model's name and its input."""
    if _kind(effect) is CueKind.LOGIT:
        return "conditional logit: the named heuristics weighed together"
    called = {"learners": "kernel ranker", "network": "small network", "encoder": "pretrained encoder"}
    return f"{called[effect['layer']]}: {audit_phrases.cue_name(effect['name'])}"


def _guise(finding: Mapping[str, Any]) -> str:
    return audit_phrases.guise(finding["effect"]["name"], finding["effect"]["z"])


def _tag(code: str) -> str:
    """Return a language's code in HTML's form (BCP 47)."""
    return "" if code == "und" else code.replace("_", "-")


def _shade(difference: float) -> str:
    """Return the class of a cell: m5 … m1, z, p1 … p5, a step for every four points."""
    step = min(5, int(abs(difference) / 0.04 + 0.5))
    return "z" if not step else f"{'p' if difference > 0 else 'm'}{step}"
