"""The report of a training set: what came from where under which licence, and what was left out and why.

It is made from plain data (`report.json`) and nothing else, so that the same set gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from qc.reports import phrases


def written(facts: Mapping[str, Any]) -> bytes:
    """Return report.json."""
    return (json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def page(facts: Mapping[str, Any]) -> str:
    """Return report.html, one file that opens offline."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"number": phrases.number, "listed": phrases.listed, "called": phrases.language_name}
    own = files("qc.reports")
    template = environment.from_string(own.joinpath("assembly_report/template.html").read_text(encoding="utf-8"))
    style = own.joinpath("audit_report/style.css").read_text(encoding="utf-8")
    reasons = [name for name in facts["reasons"] if any(name in one["left_out"] for one in facts["sources"])]
    return template.render(d=facts, style=Markup(style), reasons=reasons)


def lines(facts: Mapping[str, Any]) -> list[str]:
    """Return the report's lines for a terminal."""
    made = [
        f"{facts['taken']:,} training items of {facts['read']:,} that were read; {facts['left_out']:,} left out"
    ]
    for one in facts["sources"]:
        made.append(f"  {one['source']}: {one['taken']:,} of {one['read']:,} ({one['licence']})")
        made += [
            f"    {count:,} left out: {facts['reasons'][reason]}" for reason, count in one["left_out"].items()
        ]
    unnamed = [one["source"] for one in facts["sources"] if one["taken"] and "" in one["languages"]]
    if unnamed:
        made.append(f"No language is told by {phrases.listed(unnamed)}: say --language CODE")
    if not facts["asked"]["protected_texts"]:
        made.append("Nothing was compared: name the release that it stands beside, --release DIR")
    return made
