"""The verdict in words: what was found, what could be excluded, what could not.

A shortcut that was not detected may still be there, and a certificate speaks of the classes of models that were
tried, so no sentence here says that a set has no shortcut.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from qc.audit.audit import Audit, Certificate, ModelClass
from qc.audit.report.findings import Finding, findings
from qc.audit.report.saying import (
    LAYERS,
    MODELS,
    capitalised,
    cue_name,
    is_probability,
    language_name,
    listed,
    percent,
    plural,
    points,
)

_LINES = 15
"""The terminal's verdict is no longer than this."""

ALWAYS_OPEN = (
    "Cues that need more data or pretrained knowledge than the tried model classes have are not excluded."
)


def judged(audit: Audit) -> dict[str, Any]:
    """The verdict as the schema's `verdict`: two answers, a sentence, and three lists of sentences."""
    several = len(audit.facts.languages) > 1
    return {
        "detected": bool(audit.detected),
        "certified": audit.certified if audit.certificates else None,
        "sentence": _sentence(audit, several),
        "found": [*(_found(finding, several) for finding in findings(audit.detected)), *_besides(audit)],
        "excluded": _excluded(audit, several),
        "open": [*_open(audit, several), *_untested(audit), ALWAYS_OPEN],
    }


def terminal(document: Mapping[str, Any], where: str) -> list[str]:
    """The verdict for a terminal, at most 15 lines.

    Args:
        document: as `qc.audit.report.document` makes it.
        where: the report's place, as the reader can open it.
    """
    verdict, facts = document["verdict"], document["facts"]
    languages = len(facts["languages"])
    size = plural(facts["distinct"], "item") + (f" in {plural(languages, 'language')}" if languages > 1 else "")
    lines = [f"{facts['name']}: {size}", verdict["sentence"]]
    for heading, key, most in (("Found", "found", 5), ("Excluded", "excluded", 3), ("Not excluded", "open", 4)):
        lines += _section(f"{heading}:", verdict[key], most)
    return [*lines[: _LINES - 1], f"{'Report:':<14}{where}"]


def _section(heading: str, sentences: Sequence[str], most: int) -> list[str]:
    """Sentences under a heading that stands before the first; of too many the first and the last stay."""
    shown = list(sentences)
    if len(shown) > most:
        rest = len(shown) - most + 1
        shown = [*shown[: most - 1], f"… and {rest} more, see the report."]
        if sentences[-1] == ALWAYS_OPEN:
            shown = [*shown[:-2], f"… and {rest} more, see the report.", ALWAYS_OPEN]
    return [f"{'' if index else heading:<14}{text}" for index, text in enumerate(shown)]


def _found(finding: Finding, several: bool) -> str:
    best = finding.strongest
    where = ""
    if several:
        count, name = len(finding.languages), language_name(best.language or "und")
        where = f" in {name}" if count == 1 else f" in {count} languages, most clearly in {name}"
    earns = ""
    if best.accuracy is not None:
        earns = f": {percent(best.accuracy)} right, chance is {percent(best.chance)}"
    return f"{capitalised(best.says)}{where}{earns} (adjusted p\u00a0{is_probability(finding.adjusted)})."


def _besides(audit: Audit) -> list[str]:
    """What tests of their own found: cues of translation, and what solvers' answers tell."""
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


def _shortcuts(audit: Audit, several: bool) -> str:
    """How many were found, the plainest, and what models make of them all."""
    every = findings(audit.detected)
    tokens = sum(layer.detected for layer in audit.layers if layer.name == "tokens")
    models = sum(one.layer in MODELS or one.strongest.name == "logit" for one in every)
    cues = sum(one.layer != "tokens" for one in every) - models
    counts = [(cues, "named cue"), (tokens, "telling token"), (models, "trained model")]
    told = listed([plural(count, noun) for count, noun in counts if count])
    best = every[0].strongest
    where = f" in {language_name(best.language or 'und')}" if several else ""
    earns = "" if best.accuracy is None else f" ({percent(best.accuracy)} right, chance {percent(best.chance)})"
    lead = "" if cues + tokens + models == 1 else f"{told}; the clearest: "
    model = max(
        (e for e in audit.detected if e.accuracy is not None and (e.layer in MODELS or e.name == "logit")),
        key=lambda e: (e.accuracy or 0.0, e.name, e.language),
        default=best,
    )
    sees = "weighing named cues together" if model.name == "logit" else f"from {cue_name(model.name)}"
    language = f" in {language_name(model.language or 'und')}" if several else ""
    tops = model.accuracy is not None and (model.accuracy - model.chance) > ((best.accuracy or 0.0) - best.chance)
    total = (
        f" A model gets {percent(model.accuracy)} right {sees}{language}." if tops and model is not best else ""
    )
    found = "A shortcut was found: " if cues + tokens + models == 1 else "Shortcuts were found: "
    return f"{found}{lead}{best.says}{where}{earns}.{total}"


def _excluded(audit: Audit, several: bool) -> list[str]:
    """Per class of models, the bounds that hold."""
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
    """Per class of models, why it is not certified."""
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
    return [bound for bound in audit.certificates if bound.model.startswith(f"{one.name}: ")]


def _top(bounds: Sequence[Certificate], several: bool) -> str:
    """The highest of some bounds, and whose it is."""
    top = max(bounds, key=lambda one: (one.upper - one.limit, one.model, one.language))
    where = f" in {language_name(top.language or 'und')}" if several else ""
    return f"{percent(top.upper)} ({cue_name(top.model.partition(': ')[2])}{where})"


def _untested(audit: Audit) -> list[str]:
    said = []
    for layer in audit.layers:
        if not layer.tested:
            note = f": {layer.note}" if layer.note else "."
            said.append(f"{capitalised(LAYERS[layer.name])}: not tested, an effect with a bound{note}")
    absent = [LAYERS[name] for name in LAYERS if name not in audit.parameters.layers]
    return [*said, f"Not run: {listed(absent)}."] if absent else said
