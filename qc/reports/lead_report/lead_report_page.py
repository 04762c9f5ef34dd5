"""The lead's page as HTML, drawn with boxes of the page itself: it is small, prints, and grows with its letters.

It shares the audit report's style sheet. What others wrote is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any, TypeVar

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from qc.reports.audit_report import audit_phrases as common
from qc.reports.people_report import people_phrases
from qc.reports.phrases import coefficient, plural

Facts = Mapping[str, Any]

MOST = 40
"""The most lines of a table that are shown at once; the others open, and stay off the paper."""

_STATES = ("accepted", "in_proofreading", "undecided", "sent_back", "stale", "untranslated")
_QUESTION_STATES = ("kept", "in_review", "sent_back", "dropped", "unwritten")


def page(document: Facts) -> str:
    """Return the whole page.

    Args:
        document: as of `flows.reports.lead_page.lead_facts.lead_facts`.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "plural": plural,
        "language": common.language_name,
        "capital": common.capitalised,
        "question": people_phrases.question_name,
        "coefficient": coefficient,
        "between": people_phrases.between,
        "percent": common.percent,
        "number": common.number,
        "invoiced": people_phrases.invoiced,
        "kind_of_work": lambda name: people_phrases.INVOICE[name],
        "day": day,
        "moment": lambda text: datetime.fromisoformat(text).strftime("%-d %B %Y, %H:%M UTC"),
    }
    template = environment.from_string(
        files("qc.reports.lead_report").joinpath("template.html").read_text(encoding="utf-8")
    )
    style = files("qc.reports.audit_report").joinpath("style.css").read_text(encoding="utf-8")
    return template.render(
        d=document,
        style=Markup(style),
        bars=list(_bars(document)),
        many=len(document["languages"]) > MOST // 2,
        ahead=_first([line for line in document["forecasts"] if line["rest"]], _latest),
        drafts=_first(
            [one for one in document["translations"].items() if one[1]["proofread"]],
            lambda one: one[1]["accepted"] - one[1]["wanted"],
        ),
        people=_first(document["people"], lambda _: 0),
        begun=document["source"]["slots"] > 0,
        scale=_scale(document["forecasts"]),
        done=complete(document),
        sentence=sentence(document),
        open_tasks=sum(line["open"] for line in document["people"]),
        read=[line for line in document["agreement"] if line["units"]],
        pay=_first(
            [(line["person"], line["hours"], list(_paid(line["on"]))) for line in document["pay"]],
            lambda one: -one[1],
        ),
        hours=sum(line["hours"] for line in document["pay"]),
    )


Line = TypeVar("Line")


def _first(lines: Sequence[Line], rank: Callable[[Line], float]) -> tuple[list[Line], list[Line]]:
    """Return the lines to show, and the others: of many, those with the lowest ranks are shown, in that order."""
    if len(lines) <= MOST:
        return list(lines), []
    ranked = sorted(lines, key=rank)
    return ranked[:MOST], ranked[MOST:]


def _latest(line: Facts) -> float:
    """Rank a forecast: what cannot be told comes first, then what takes longest."""
    if line["days"] is None:
        return -math.inf
    return -float(line["days"][2] or math.inf)


def complete(document: Facts) -> int:
    """Return how many languages have every translation that is wanted."""
    return sum(counts["accepted"] >= counts["wanted"] > 0 for counts in document["languages"].values())


def sentence(document: Facts) -> str:
    """Return the page in a sentence."""
    waits = len(document["decide"])
    source, languages = document["source"], document["languages"]
    if not source["slots"]:
        return "Nothing has begun: the first run of belebele advance reads the passages and opens the first work."
    far = f"{source['kept']:,} of {plural(source['slots'], 'question')} kept"
    if languages:
        far += f", {complete(document)} of {plural(len(languages), 'language')} complete"
    return f"{far}. " + (f"{plural(waits, 'point')} only you can settle." if waits else "Nothing waits for you.")


def _bars(document: Facts) -> Iterator[dict[str, Any]]:
    """Yield a bar for the questions and one for each language: its parts."""
    source = document["source"]
    yield _bar(source["language"], "questions", source, _QUESTION_STATES, source["slots"])
    for code, counts in document["languages"].items():
        yield _bar(code, "translations", counts, _STATES, counts["wanted"])


def _bar(language: str, what: str, counts: Facts, states: tuple[str, ...], whole: int) -> dict[str, Any]:
    total = max(whole, sum(counts[state] for state in states), 1)
    parts = [
        {"state": state, "count": counts[state], "share": 100 * counts[state] / total}
        for state in states
        if counts[state]
    ]
    return {"language": language, "what": what, "whole": whole, "done": counts[states[0]], "parts": parts}


def _scale(lines: list[Facts]) -> int:
    """Return the days that the forecasts' axis spans."""
    ends = [line["days"][2] or 2 * line["days"][1] for line in lines if line["days"]]
    return int(max([1, *ends]))


def _paid(on: Facts) -> Iterator[tuple[str, str]]:
    for name, counts in on.items():
        if words := people_phrases.invoiced(counts):
            yield name, words


def day(text: str | None) -> str:
    """Return a date as people write it; None is beyond all dates that are told."""
    return "later" if text is None else date.fromisoformat(text).strftime("%-d %b %Y")
