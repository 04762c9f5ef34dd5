"""The contamination passport of a release: what probes could see of each item, and where texts of it stand.

It is made from plain data (`report.json`) and nothing else, so that the same search gives the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from qc.reports import phrases

FORMAT = "belebele-contamination/1"
"""The schema of report.json."""

KINDS = {
    "exact": "a whole text",
    "ngram": "a run of words",
    "near": "nearly all of a text",
    "id": "an id that the item has in all its languages",
    "canary": "the release's canary",
}
"""The ways in which a leak is found, the surest first, in words."""

_FIELDS = ("passage", "question", "options", "key")
_PASSPORT = pa.schema(
    [
        ("item_id", pa.string()),
        ("language", pa.string()),
        ("split", pa.string()),
        *((f"{field}_words", pa.int32()) for field in _FIELDS),
        *((f"{field}_seen", pa.bool_()) for field in _FIELDS),
        ("leaked_fields", pa.list_(pa.string())),
        ("leaked_by", pa.list_(pa.string())),
        ("leaked_in_any_language", pa.bool_()),
    ]
)


def passport(lines: Sequence[Mapping[str, Any]]) -> bytes:
    """Return passport.parquet, one line for each item and language."""
    columns = {name: [line[name] for line in lines] for name in _PASSPORT.names}
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(columns, _PASSPORT), sink, version="2.6", compression="zstd", store_schema=False)
    return bytes(sink.getvalue())


def leak_lines(leaks: Sequence[Mapping[str, Any]]) -> bytes:
    """Return leaks.jsonl."""
    return "".join(json.dumps(leak, ensure_ascii=False) + "\n" for leak in leaks).encode("utf-8", "surrogatepass")


def written(facts: Mapping[str, Any]) -> bytes:
    """Return report.json."""
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return text.encode("utf-8", "surrogatepass")


def page(facts: Mapping[str, Any]) -> str:
    """Return report.html, one file that opens offline."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "number": phrases.number,
        "called": phrases.language_name,
        "share": lambda share: f"{100 * share:.0f} %",
    }
    own = files("qc.reports")
    template = environment.from_string(own.joinpath("contamination_report/template.html").read_text("utf-8"))
    style = own.joinpath("audit_report/style.css").read_text(encoding="utf-8")
    return template.render(d=facts, style=Markup(style), kinds=KINDS, verdict=verdict(facts))


def verdict(facts: Mapping[str, Any]) -> str:
    """Return the result as a sentence."""
    words = facts["asked"]["ngram"]
    blind = next(line for line in facts["seen"] if line["words"] == words)
    unseen = f"a probe of {words} words sees {100 * blind['question']:.0f} % of the questions"
    if not facts["corpora"]:
        return f"No corpus was searched; {unseen}."
    read = sum(one["records"] for one in facts["corpora"])
    searched = f"{phrases.plural(read, 'record')} of {phrases.plural(len(facts['corpora']), 'file')} were searched"
    if not facts["listed"]:
        return f"Nothing of the release was found; {searched}; {unseen}."
    return f"Texts of {facts['leaked']:,} of {facts['items']:,} items were found; {searched}; {unseen}."


def lines(facts: Mapping[str, Any]) -> list[str]:
    """Return the report's lines for a terminal."""
    made = [verdict(facts)]
    for one in facts["corpora"]:
        made.append(f"  {one['file']}: {one['records']:,} records, {phrases.plural(one['leaks'], 'leak')}")
        made += [f"    not read: {problem}" for problem in one["problems"]]
        if one["unread"] > len(one["problems"]):
            made.append(f"    and {one['unread'] - len(one['problems']):,} more like these")
    made += [f"  {facts['kinds'][kind]:,} by {words}" for kind, words in KINDS.items() if kind in facts["kinds"]]
    return made
