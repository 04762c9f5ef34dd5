"""The lead's page in short, as Markdown: what an orchestrator shows beside a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qc.reports.audit_report.audit_phrases import language_name
from qc.reports.lead_report.lead_report_page import day, sentence


def markdown(document: Mapping[str, Any]) -> str:
    """Return the page in short.

    Args:
        document: as of `flows.reports.lead_page.lead_facts.lead_facts`.
    """
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"**{_plain(document['title'])}**", "", sentence(document), "")
    for title, points in (
        ("For you to settle", document["decide"]),
        ("Found in the source", document["source_findings"]),
    ):
        if points:
            yield from (f"## {title}", "")
            for one in points:
                yield f"- {_plain(one['what'])}" + (f"\n\n      {one['cure']}\n" if one["cure"] else "")
            yield ""
    if document["failed"]:
        yield from (
            "## What failed or came to nothing",
            "",
            *(f"- {_plain(one)}" for one in document["failed"]),
            "",
        )
    ahead = [line for line in document["forecasts"] if line["rest"]]
    if ahead:
        yield "| work | language | left | last 7 days | most likely | 8 times in 10 between |"
        yield "| --- | --- | ---: | ---: | --- | --- |"
    for line in ahead:
        low, middle, high = map(day, line["dates"]) if line["dates"] else ("–", "too little to tell", "–")
        place = f"| {line['stage']} | {language_name(line['language'])} | {line['rest']:,} | {line['week']} "
        yield f"{place}| {middle} | {low} to {high} |"


def _plain(text: str) -> str:
    """Return a text in which no sign is Markdown's or HTML's."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return "".join(f"\\{sign}" if sign in "\\`*_[]|#" else sign for sign in escaped.replace("\n", " "))
