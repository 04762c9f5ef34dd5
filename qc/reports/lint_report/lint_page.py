"""report.html: one file that opens offline and prints, made from the document alone.

Items are shown beside their source, each text in its own direction and language, with the faulty stretch marked.
The filters are a few lines of script; without script everything is shown.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from qc.lint.finding import LEVELS
from qc.reports import phrases
from qc.reports.lint_report import lint_figures
from qc.reports.lint_report.lint_terminal import located

AROUND = 260
"""The number of characters of a passage that are shown on either side of a stretch in it."""

_NOTHING: Mapping[str, Any] = {
    "judged": 0, "flagged": 0, "unjudged": 0, "not_applicable": 0, "expected": None, "rate_from": None,
    "unusual": None,
}  # fmt: skip

_GENERAL = 200
"""The number of listed findings that belong to no single item."""


def page(document: Mapping[str, Any]) -> str:
    """Return the whole page.

    Args:
        document: the document, as `qc.reports.lint_report.lint_document` makes it or report.json contains it.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "number": phrases.number,
        "plural": phrases.plural,
        "listed": phrases.listed,
        "located": located,
        "rough": phrases.rough,
        "part": lambda part: (part or "").replace("_", " "),
    }
    own = files("qc.reports.lint_report")
    template = environment.from_string(own.joinpath("template.html").read_text(encoding="utf-8"))
    shared = files("qc.reports").joinpath("audit_report/style.css").read_text(encoding="utf-8")
    languages = {one["language"]: one for one in document["facts"]["languages"]}
    counts = _by_check(document["findings"])
    items = _items(document)
    return template.render(
        d=document,
        style=Markup(shared + own.joinpath("style.css").read_text(encoding="utf-8")),
        script=Markup(own.joinpath("filters.js").read_text(encoding="utf-8")),
        levels=LEVELS,
        checks=counts,
        picture=Markup(lint_figures.by_check(counts)),
        positions=[
            (one, Markup(lint_figures.positions(one["keys"], one["by_lot"]))) for one in document["positions"][:6]
        ],
        matrix=_matrix(document) if len(languages) > 1 else None,
        languages=languages,
        several=len(languages) > 1,
        items=items,
        general=[one for one in document["findings"] if _general(one, document)][:_GENERAL],
        rest=len({(one["item_id"], one["language"]) for one in document["findings"] if one["item_id"]})
        - len(items),
        marked=marked,
        covered=[_covered(one) for one in document["checks"]],
        by_language=[
            (called, [one["languages"].get(called, _NOTHING) for one in document["checks"]])
            for called in languages
        ],
        direction=lambda called: languages[called]["direction"] if called in languages else "auto",
        tag=lambda called: languages[called]["code"].replace("_", "-") if called in languages else "",
    )


def marked(text: str, part: str, found: Sequence[Mapping[str, Any]]) -> Markup:
    """Return a text with its faulty stretches marked; of a long one, only their surroundings.

    Args:
        text: the stored text.
        part: the part of the item.
        found: the findings of the item.

    >>> marked("a  b", "question", [{"part": "question", "start": 1, "end": 3, "level": "error"}])
    Markup('a<mark class="error">␣␣</mark>b')
    """
    spans = sorted(
        (one["start"], one["end"], one["level"])
        for one in found
        if one["part"] == part and one["start"] is not None
    )
    low, high = 0, len(text)
    if part == "passage" and len(text) > 4 * AROUND:
        low = max(0, spans[0][0] - AROUND) if spans else 0
        high = min(len(text), (spans[0][1] if spans else 0) + AROUND + (0 if spans else 2 * AROUND))
    made = [Markup("…") if low else Markup("")]
    at = low
    for start, end, level in spans:
        if start < at or end > high:
            continue
        made += [
            escape(text[at:start]),
            Markup('<mark class="{}">{}</mark>').format(level, _seen(text[start:end])),
        ]
        at = end
    made += [escape(text[at:high]), Markup("…") if high < len(text) else Markup("")]
    return Markup("").join(made)


def _seen(text: str) -> str:
    """Return a stretch in visible form: spaces as signs, characters without a shape by their number."""
    signs = {" ": "␣", "\n": "↵", "\r": "↵", "\t": "⇥"}
    return "".join(
        signs.get(one, one if one.isprintable() and not one.isspace() else f"⟨U+{ord(one):04X}⟩") for one in text
    )


def _by_check(findings: Sequence[Mapping[str, Any]]) -> list[tuple[str, Counter[str]]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in findings:
        counts[one["check"]][one["level"]] += 1
    return sorted(counts.items(), key=lambda pair: ([-pair[1][level] for level in LEVELS], pair[0]))


def _matrix(document: Mapping[str, Any]) -> tuple[list[str], list[tuple[str, list[Mapping[str, Any]]]]]:
    """Return what was flagged, by language and check, without checks that flagged nothing."""
    told = [one for one in document["checks"] if any(count["flagged"] for count in one["languages"].values())]
    rows = [
        (one["language"], [check["languages"].get(one["language"], _NOTHING) for check in told])
        for one in document["facts"]["languages"]
    ]
    return [check["check"] for check in told], rows


def _items(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for one in document["findings"]:
        if one["item_id"]:
            found[one["item_id"], one["language"]].append(one)
    return [
        {**item, "findings": mine, "told": _told(mine)}
        for item in document["items"]
        for mine in [found[item["item_id"], item["language"]]]
    ]


def _told(found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the findings of an item; those with the same reason in several places appear once."""
    told: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in found:
        said = told.setdefault((one["level"], one["check"], one["reason"]), {**one, "times": 0})
        said["times"] += 1
    return list(told.values())


def _general(one: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    """Whether the subject of a finding cannot be quoted: a language, a set, an item that does not exist."""
    return not one["item_id"] or one["check"] == "missing_item" or not document["items"]


def _covered(check: Mapping[str, Any]) -> dict[str, Any]:
    languages = check["languages"].values()
    totals = {
        name: sum(one[name] for one in languages) for name in ("judged", "flagged", "unjudged", "not_applicable")
    }
    gaps = sorted(called for called, one in check["languages"].items() if one["unjudged"])
    expected = [one["expected"] for one in languages if one["judged"]]
    return {
        **{name: check[name] for name in ("check", "level", "description", "judges")},
        **totals,
        "gaps": gaps,
        "expected": sum(expected) if expected and None not in expected else None,
        "unusual": sorted(called for called, one in check["languages"].items() if one["unusual"]),
    }
