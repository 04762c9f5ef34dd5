"""The report of a reading as a page and as lines for a terminal, made from its facts and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from qc.reports import phrases
from qc.reports.reading_report import reading_figures
from qc.reports.reading_report.reading_facts import PAIRS
from qc.set_statistics.reading_gaps import LEAST_PASSAGES


def page(facts: Mapping[str, Any]) -> str:
    """Return report.html, one file that opens offline."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "number": phrases.number, "called": phrases.language_name, "share": share, "accuracy": accuracy,
        "gap": gap,
    }  # fmt: skip
    own = files("qc.reports")
    template = environment.from_string(own.joinpath("reading_report/template.html").read_text("utf-8"))
    style = own.joinpath("audit_report/style.css").read_text(encoding="utf-8")
    languages = facts["by"]["language"]
    figures = {
        "language": reading_figures.accuracy_by(
            languages,
            [phrases.language_name(one["language"] or "und") for one in languages],
            facts["chance"],
            "language",
        ),
        "script": reading_figures.accuracy_by(
            facts["by"]["script"], [one["script"] for one in facts["by"]["script"]], facts["chance"], "script"
        ),
    }
    return template.render(
        d=facts, style=Markup(style), figures={name: Markup(one) for name, one in figures.items()}, pairs=PAIRS,
        verdict=verdict(facts), least=LEAST_PASSAGES,
    )  # fmt: skip


def share(value: float) -> str:
    """Return a share in percent."""
    return f"{100 * value:.0f} %"


def accuracy(one: Mapping[str, Any] | None) -> str:
    """Return an accuracy with its interval.

    >>> accuracy({"right": 0.5, "low": 0.4, "high": 0.6})
    '50 % (40–60)'
    """
    return "–" if one is None else f"{share(one['right'])} ({100 * one['low']:.0f}–{100 * one['high']:.0f})"


def gap(one: Mapping[str, Any]) -> str:
    """Return a difference in percentage points with its interval.

    >>> gap({"gap": 0.25, "low": 0.1, "high": 0.4}), gap({"gap": -0.05, "low": None, "high": None})
    ('+25 (+10 to +40)', '−5')
    """
    if one["gap"] is None:
        return "–"
    if one["low"] is None:
        return _signed(one["gap"])
    return f"{_signed(one['gap'])} ({_signed(one['low'])} to {_signed(one['high'])})"


def _signed(value: float) -> str:
    return f"{100 * value:+.0f}".replace("-", "−")


def verdict(facts: Mapping[str, Any]) -> str:
    """Return the result in two sentences."""
    whole = facts["all"]
    by = whole["accuracies"]
    lost, brought = (whole["gaps"][name] for name in list(PAIRS)[:2])
    said = (
        f"{facts['model']['name']} answers {share(by['picture']['right'])} of {facts['items']:,} items right from "
        f"pictures and {share(by['text']['right'])} from the same as text; text less picture: {gap(lost)} points."
    )
    blind = by["blank picture"]
    gives = blind["low"] > facts["chance"]
    without = f"With a blank picture it is right in {share(blind['right'])}"
    more = (
        f", more than the {share(facts['chance'])} of guessing: the options give something away."
        if gives
        else f", where guessing is right in {share(facts['chance'])}; looking brings {gap(brought)} points."
    )
    return f"{said} {without}{more}"


def lines(facts: Mapping[str, Any], out: str) -> tuple[str, ...]:
    """Return the report's lines for a terminal."""
    made = [verdict(facts), ""]
    for one in facts["by"]["language"]:
        by = one["accuracies"]
        made.append(
            f"  {one['language'] or 'items'}: picture {accuracy(by['picture'])}, text {accuracy(by['text'])}, "
            f"blank {accuracy(by['blank picture'])}; text less picture {gap(one['gaps']['text less picture'])}"
        )
    made += [
        "",
        f"Report: {out}/report.html",
        f"What is right without looking is a shortcut: belebele audit SET --responses {out}/responses.csv",
    ]
    return tuple(made)
