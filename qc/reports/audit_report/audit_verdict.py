"""The verdict in words: findings, exclusions, and open questions.

A shortcut that was not detected may still exist, and a certificate covers only the classes of models that were
tried, so no sentence here says that a set has no shortcut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.audit.audit_result import Audit, Certificate, Effect, ModelClass
from qc.reports.audit_report.audit_findings import Finding, findings, groups
from qc.reports.audit_report.audit_phrases import (
    LAYERS,
    capitalised,
    cue_name,
    guise,
    in_words,
    is_probability,
    language_name,
    listed,
    number,
    percent,
    plural,
    points,
)
from qc.set_statistics.cue_kinds import CueKind

_LINES = 15
"""The most lines of the terminal's verdict."""

_BEGIN = 10  # keys to look at, of which the terminal states how many may be right

ALWAYS_OPEN = (
    "Cues that need more data or pretrained knowledge than the tried model classes have are not excluded."
)


def judged(audit: Audit) -> dict[str, Any]:
    """Return the verdict as the schema's `verdict`: two answers, a sentence, and three lists of sentences."""
    several = len(audit.facts.languages) > 1
    return {
        "detected": bool(audit.detected),
        "certified": audit.certified if audit.certificates else None,
        "sentence": _sentence(audit, several),
        "found": [*_found(audit, several), *_besides(audit)],
        "counts": counts(audit),
        "excluded": _excluded(audit, several),
        "open": [*_open(audit, several), *_untested(audit), ALWAYS_OPEN],
    }


def terminal(document: Mapping[str, Any], where: str) -> list[str]:
    """Return the verdict for a terminal, at most 15 lines.

    Args:
        document: the document, as `qc.reports.audit_report.audit_document` makes it.
        where: the report's path, as the reader can open it.
    """
    verdict, facts = document["verdict"], document["facts"]
    languages = len(facts["languages"])
    size = plural(facts["distinct"], "item") + (f" in {plural(languages, 'language')}" if languages > 1 else "")
    lines = [f"{facts['name']}: {size}", verdict["sentence"]]
    look = _to_look_at(document["solvers"])
    lines += _section("Found:", verdict["found"], 5 - len(look))
    lines += _section("Look at:", look, 1)
    for heading, key, most in (("Excluded", "excluded", 3), ("Not excluded", "open", 4)):
        lines += _section(f"{heading}:", verdict[key], most)
    return [*lines[: _LINES - 1], f"{'Report:':<14}{where}"]


def _to_look_at(solvers: Mapping[str, Any] | None) -> list[str]:
    """Return lines on where a lead who checks keys should begin."""
    if solvers is None or not solvers["ranked"]:
        return []
    last = solvers["first"][:_BEGIN][-1]
    contradicted = f"{plural(solvers['ranked'], 'key')} that strong solvers contradict, ranked in the report"
    if last["expected_false"] is None:
        return [f"{contradicted}."]
    return [
        f"{contradicted}; among the first {last['place']},"
        f" {percent(last['expected_false'], 0)} are expected to be right after all."
    ]


def _section(heading: str, sentences: Sequence[str], most: int) -> list[str]:
    """Return sentences with a heading before the first; of too many, the first and the last stay."""
    shown = list(sentences)
    if len(shown) > most:
        rest = len(shown) - most + 1
        shown = [*shown[: most - 1], f"… and {rest} more, see the report."]
        if sentences[-1] == ALWAYS_OPEN:
            shown = [*shown[:-2], f"… and {rest} more, see the report.", ALWAYS_OPEN]
    return [f"{'' if index else heading:<14}{text}" for index, text in enumerate(shown)]


def _found(audit: Audit, several: bool) -> list[str]:
    """Return a sentence for every group, by its leader, and one for all trained models."""
    told = groups(findings(audit.detected, audit.explained))
    said = [_group(of, several) for number, of in told.items() if number]
    return [*said, _models(audit, told[0], several, cues=bool(said))] if 0 in told else said


def _group(of: Sequence[Finding], several: bool) -> str:
    lead = of[0]
    best = lead.strongest
    where = ""
    if several:
        count, name = len(lead.languages), language_name(best.language or "und")
        where = f" in {name}" if count == 1 else f" in {count} languages, most clearly in {name}"
    p = f"adjusted p\u00a0{is_probability(lead.adjusted)}"
    told = f"{capitalised(best.says)}{where}{_earns(best)} ({p})."
    return (
        f"{told} Also seen as: {listed([guise(one.strongest.name, one.z) for one in of[1:]], 3)}."
        if of[1:]
        else told
    )


def _earns(effect: Effect) -> str:
    if effect.accuracy is None:
        return ""
    return f": {percent(effect.accuracy)} right, chance is {percent(effect.chance)}"


def _models(audit: Audit, of: Sequence[Finding], several: bool, *, cues: bool) -> str:
    """Return a sentence on trained models, and whether they add to the leading cues."""
    best = of[0].strongest
    name = "the named cues weighed together" if best.kind is CueKind.LOGIT else cue_name(best.name)
    where = f" in {language_name(best.language or 'und')}" if several else ""
    told = (
        f"{plural(len(of), 'trained model')} {'was' if len(of) == 1 else 'were'} found besides"
        if cues
        else capitalised(best.says)
    )
    told += f"; the best, from {name}{where}" if cues else where
    told += f"{_earns(best)} (adjusted p\u00a0{is_probability(min(one.adjusted for one in of))})."
    critical = {layer.name: layer.critical or 0.0 for layer in audit.layers}
    left = [one for one in of if one.given is not None and abs(one.given) > critical.get(one.layer, 0.0)]
    if not cues:
        return told
    if not left:
        return f"{told} The leading cues explain it."
    most = max(left, key=lambda one: abs(one.given or 0.0))
    beyond = f"beyond them z\u00a0=\u00a0{number(most.given)} ({cue_name(most.strongest.name)})"
    return f"{told} The leading cues do not explain all of it: {beyond}."


def _besides(audit: Audit) -> list[str]:
    """Return findings of separate tests: cues of translation, and findings from solvers' answers."""
    said = []
    brought = sorted((one for one in audit.across if one.detected), key=lambda one: (-one.z, one.language))
    if brought:
        top = brought[0]
        here, source = language_name(top.language), language_name(top.source)
        others = f", and {len(brought) - 1} more" if brought[1:] else ""
        said.append(
            f"Translation brought in, against {source}, in {here}: {top.says} ({points(top.difference)} points, "
            f"adjusted p\u00a0{is_probability(top.adjusted)}){others}."
        )
    if audit.solvers is not None and (audit.solvers.suspects or audit.solvers.jumps):
        keys, jumps = (
            plural(audit.solvers.suspects, "suspect key"),
            plural(audit.solvers.jumps, "suspect translation"),
        )
        said.append(f"By solvers’ answers: {keys} and {jumps}.")
    return said


def _sentence(audit: Audit, several: bool) -> str:
    if audit.detected:
        return _shortcuts(audit, several)
    level = f"No shortcut was detected at the family-wise level of {percent(audit.parameters.alpha, 0)}"
    if not audit.classes:
        return f"{level}; nothing was certified. That none was seen does not mean that there is none."
    failed = [one.name for one in audit.classes if one.verdict != "certified"]
    margin = f"{100 * audit.parameters.margin:g} points of chance"
    if not failed:
        return f"{level}, and every tried model class is certified to stay within {margin}."
    return (
        f"{level}, but {listed(failed, 3)} could not be certified to stay within {margin}: that none was seen "
        "does not mean that there is none."
    )


def counts(audit: Audit) -> dict[str, int]:
    """Return how many cues of each kind were found, and how many of them do not explain each other."""
    every = findings(audit.detected, audit.explained)
    models = sum(one.group == 0 for one in every)
    return {
        "named": sum(one.layer != "tokens" for one in every) - models,
        "tokens": sum(layer.detected for layer in audit.layers if layer.name == "tokens"),
        "models": models,
        "groups": len({one.group for one in every} - {0}),
    }


def _shortcuts(audit: Audit, several: bool) -> str:
    """Return a sentence on the independent shortcuts: their number, the first, and the models of all cues."""
    every = findings(audit.detected, audit.explained)
    many = counts(audit)["groups"]
    best = every[0].strongest
    where = f" in {language_name(best.language or 'und')}" if several else ""
    earns = "" if best.accuracy is None else f" ({percent(best.accuracy)} right, chance {percent(best.chance)})"
    model = next((one.strongest for one in every if one.group == 0 and one.strongest.accuracy is not None), best)
    sees = "weighing named cues together" if model.kind is CueKind.LOGIT else f"from {cue_name(model.name)}"
    language = f" in {language_name(model.language or 'und')}" if several else ""
    gain = (model.accuracy or 0.0) - model.chance
    tops = model is not best and gain > abs((best.accuracy or best.chance) - best.chance)
    total = f" A model gets {percent(model.accuracy)} right {sees}{language}." if tops else ""
    found = (
        "A shortcut was found: "
        if many < 2
        else f"{capitalised(in_words(many))} shortcuts were found that do not explain each other; the first: "
    )
    return f"{found}{best.says}{where}{earns}.{total}"


def _excluded(audit: Audit, several: bool) -> list[str]:
    """Return, per class of models, the bounds that hold."""
    margin = f"{100 * audit.parameters.margin:g} points of chance"
    said = []
    for one in audit.classes:
        every = _bounds(audit, one)
        if held := [bound for bound in every if bound.passed]:
            count = (
                "every bound lies" if len(held) == len(every) else f"{len(held):,} of {len(every):,} bounds lie"
            )
            said.append(f"{capitalised(one.name)}: {count} within {margin}, the highest {_top(held, several)}.")
    return said


def _open(audit: Audit, several: bool) -> list[str]:
    """Return, per class of models, why it is not certified."""
    margin = f"{100 * audit.parameters.margin:g} points of chance"
    said = []
    for one in audit.classes:
        if one.verdict == "certified":
            continue
        every = _bounds(audit, one)
        failed = [bound for bound in every if not bound.passed]
        why = {
            "found": "nothing is certified, since a cue was found",
            "not tested": "not tested, so nothing is certified",
        }.get(one.verdict, f"{len(failed):,} of {len(every):,} bounds do not lie within {margin}")
        highest = f", the highest bound {_top(failed, several)}" if failed else ""
        said.append(f"{capitalised(one.name)}: {why}{highest}.")
    return said


def _bounds(audit: Audit, one: ModelClass) -> list[Certificate]:
    return [bound for bound in audit.certificates if bound.model_class == one.name]


def _top(bounds: Sequence[Certificate], several: bool) -> str:
    """Return the highest of some bounds, and its cue."""
    top = max(bounds, key=lambda one: (one.upper - one.limit, one.model, one.language))
    where = f" in {language_name(top.language or 'und')}" if several else ""
    return f"{percent(top.upper)} ({cue_name(top.cue)}{where})"


def _untested(audit: Audit) -> list[str]:
    said = []
    for layer in audit.layers:
        if not layer.tested:
            note = f": {layer.note}" if layer.note else "."
            said.append(f"{capitalised(LAYERS[layer.name])}: not tested, an effect with a bound{note}")
    absent = [LAYERS[name] for name in LAYERS if name not in audit.parameters.layers]
    return [*said, f"Not run: {listed(absent)}."] if absent else said
