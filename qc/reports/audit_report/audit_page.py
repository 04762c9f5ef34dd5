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
from qc.reports.audit_report import audit_figures, audit_phrases, audit_tables, language_tables
from qc.reports.audit_report.audit_figures import named
from qc.reports.report_page import ReportPage
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.html_forms import tag
from qc.reports.tables_and_figures.numbering import Numbered, ref
from qc.reports.tables_and_figures.table import Cell, Table
from qc.reports.tables_and_figures.wide_intervals import too_wide
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


def page(document: Mapping[str, Any]) -> ReportPage:
    """Return the whole page, with the files of its tables and figures.

    Args:
        document: the document, as `qc.reports.audit_report.audit_document` makes it or report.json contains it.
    """
    own = files("qc.reports.audit_report")
    template = _environment().from_string(own.joinpath("template.html").read_text(encoding="utf-8"))
    style = Markup(own.joinpath("style.css").read_text(encoding="utf-8"))
    views = _views(document)
    source = document["parameters"]["source_language"] or "und"
    groups, models = _groups(document["findings"])
    numbered, several = Numbered("audit"), len(views) > 1
    main = next((view for view in views if view.language == source), views[0])
    made = template.render(
        show=numbered.show,
        ref=ref,
        meanings=MEANINGS,
        d=document,
        style=style,
        layers=audit_phrases.LAYERS,
        views=views,
        main=main,
        several=several,
        margin=f"{100 * document['parameters']['margin']:g}",
        guises=any(len(group) > 1 for group in groups) or len(groups) > 1,
        counts=_counts(document["verdict"]["counts"]),
        groups=groups[:_FOUND],
        rest=groups[_FOUND:],
        trained=models,
        across_found=[one for one in document["across"] if one["detected"]],
        tables=_tables(document, groups, models, several=several),
        tables_of={view.language: _language_tables(view, main, several=several) for view in views},
        **_models_told(document, models),
        difficulty=_difficulty(document["solvers"]),
        curve=_curve(document),
    )
    return ReportPage(numbered.resolved(made), numbered.files)


def _environment() -> Environment:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "percent": audit_phrases.percent,
        "p_is": audit_phrases.is_probability,
        "model": model_name,
        "number": audit_phrases.number,
        "plural": audit_phrases.plural,
        "listed": audit_phrases.listed,
        "language": audit_phrases.language_name,
        "capital": audit_phrases.capitalised,
        "lang": tag,
        "wide": lambda effect: too_wide(effect["low"], effect["high"]),
    }
    return environment


def _tables(
    document: Mapping[str, Any], groups: Sequence[Any], models: Sequence[Any], *, several: bool
) -> dict[str, Any]:
    """Return the tables that are not of one language, by their names in the template; None without rows."""
    effects = _Effects(document["effects"])
    tested = effects.tested(models)
    right = effects.right
    bounds = sorted(document["certificates"], key=lambda one: -(one["upper"] - one["limit"]))[:_BOUNDS]
    across = sorted((one for one in document["across"] if one["detected"]), key=lambda one: -one["z"])
    solvers = document["solvers"]
    over, brought = _matrix(document["effects"]) if several else None, _brought(document["across"])
    source = audit_phrases.language_name(document["across"][0]["source"]) if document["across"] else ""
    return {
        "explained": [
            audit_tables.guises(place, group, right, several=several) if len(group) > 1 else None
            for place, group in enumerate(groups[:_FOUND], 1)
        ],
        "more": audit_tables.more_shortcuts(groups[_FOUND:], right, several=several) if groups[_FOUND:] else None,
        "trained": audit_tables.trained(models, tested, effects, _seen, several=several) if models else None,
        "bounds": audit_tables.bounds(bounds, several=several) if bounds else None,
        "matrix": language_tables.matrix(
            "languages",
            "Accuracy of picking by each cue less chance, in points; framed: found at the family-wise level over "
            "all languages.",
            over,
            _shade,
        )
        if over
        else None,
        "brought": language_tables.matrix(
            "translation",
            f"Accuracy of picking by each cue less that in {source}, in points; framed: found.",
            brought,
            _shade,
        )
        if brought
        else None,
        "across": language_tables.across(across) if across else None,
        "weakest": audit_tables.weakest(_weakest(document["sensitivity"])) if document["sensitivity"] else None,
        "solvers": audit_tables.solvers(solvers["solvers"], several=several) if solvers else None,
        "keys": audit_tables.keys(solvers, several=several) if solvers and solvers["first"] else None,
        "layers": audit_tables.layers(document["layers"]),
    }


def _language_tables(view: View, main: View, *, several: bool) -> dict[str, Table | None]:
    """Return the tables of one language."""
    other = "" if view is main else view.language
    said = f", {audit_phrases.language_name(view.language)}" if several else ""
    return {
        "paired": language_tables.paired_tests(named("paired", other), said, view.tests) if view.tests else None,
        "tokens": language_tables.tokens(
            named("tokens", other), said, view.language, view.tokens, audit_phrases.token_names
        )
        if view.tokens
        else None,
        "strongest": language_tables.strongest(named("strongest", view.language), view)
        if not view.pictures
        else None,
    }


def _models_told(document: Mapping[str, Any], models: Sequence[Any]) -> dict[str, Any]:
    """Return what the text says of the statistics that were tested of trained models."""
    effects = _Effects(document["effects"])
    return {"picking": effects.picking, "statistics": effects.statistics, "tested": effects.tested(models)}


def _curve(document: Mapping[str, Any]) -> Figure | None:
    if not document["sensitivity"]:
        return None
    unmeasured = [one["name"] for one in document["classes"] if not one["measured"]]
    return audit_figures.sensitivity(document["sensitivity"], unmeasured)


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

    def right(self, finding: Mapping[str, Any]) -> Cell:
        """Return what a finding gets right, or what it is that it picks nothing."""
        effect = finding["effect"]
        if effect["accuracy"] is not None:
            return audit_tables.share(effect["accuracy"])
        if pick := self.picking(effect):
            return Cell(f"({audit_phrases.percent(pick['accuracy'])})", (pick["accuracy"],), quiet=True)
        if effect["count"]:
            counted = f"{effect['keys']} of {effect['count']}"
            return Cell(counted, (effect["keys"] / effect["count"],), quiet=True)
        return Cell("picks nothing", (None,), quiet=True)

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
        pictures: figures by name, None where there is nothing to draw; {} where none are drawn.
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
    pictures: Mapping[str, Figure | None] = field(default_factory=dict)

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
    first = source if source in by_language else document["facts"]["languages"][0]["language"]
    views = []
    for facts in document["facts"]["languages"]:
        view = _view(facts, by_language[facts["language"]], document["items"])
        drawn = few or view.language == source
        views.append(_drawn(view, document, main=view.language == first) if drawn else view)
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


def _drawn(view: View, document: Mapping[str, Any], *, main: bool) -> View:
    """Return a view with its figures."""
    facts, margin = view.facts, document["parameters"]["margin"]
    other = "" if main else view.language
    pvi = document["items"]["pvi"].get(view.language)
    expected = _expected(facts["options"], len(facts["positions"]))
    labels = [model_name(effect) for effect in view.models]
    layer = next((one for one in document["layers"] if one["name"] == "tokens"), None)
    made: dict[str, Figure | None] = dict.fromkeys(("forest", "cloud", "models", "pvi"))
    made["positions"] = audit_figures.positions(view, expected, other)
    if view.cues:
        made["forest"] = audit_figures.forest(view, margin, other)
    if facts["cloud"] and main:
        critical, alpha = (layer["critical"], layer["alpha"]) if layer else (None, None)
        made["cloud"] = audit_figures.cloud(view, critical, alpha)
    if view.models:
        made["models"] = audit_figures.models(view, labels, margin, document["facts"]["trained_on"], other)
    if pvi:
        said = f", {audit_phrases.language_name(view.language)}" if len(document["facts"]["languages"]) > 1 else ""
        made["pvi"] = audit_figures.pvi(pvi, said, other)
    return View(**{**vars(view), "pictures": made})


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


def _difficulty(solvers: Mapping[str, Any] | None) -> Figure | None:
    if solvers is None or solvers["difficulty"] is None:
        return None
    return audit_figures.difficulty(solvers["difficulty"])


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


def _shade(difference: float) -> str:
    """Return the class of a cell: m5 … m1, z, p1 … p5, a step for every four points."""
    step = min(5, int(abs(difference) / 0.04 + 0.5))
    return "z" if not step else f"{'p' if difference > 0 else 'm'}{step}"
