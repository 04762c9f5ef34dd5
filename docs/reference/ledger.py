"""The page on the ledger: its tables with their columns, and the identity of an event in each."""

from __future__ import annotations

import ast
import inspect
import sys

import pyarrow as pa

from data.ledger.tables import TABLES, Table
from reference.markdown import GENERATED, code, plain, sentence, table
from reference.source import documented, remarks

_MODULE = sys.modules[Table.__module__]

_INTRODUCTION = """\
# The ledger

All that a campaign knows rests in tables of Delta Lake in the folder `ledger` beside campaign.toml. They
only grow: nothing is ever changed or deleted in them, and what holds now is what was written last.
`belebele export` writes each of them as parquet, CSV, JSON lines or XLSX; pandas, DuckDB and Spark read
them in place.

A line's `event_id` is a digest of the columns that make it that event, listed with each table; two lines
with one `event_id` are one event. Every table has three more columns: `event_id`, `recorded_at`, the time
by the clock of the machine that wrote, and `sequence`, the order in which the ledger learnt of its events.
The kinds of [events](events.md) have a page of their own.

"""


_WORDS = {
    "string": "text",
    "bool": "true, false or null",
    "double": "number",
    "int32": "whole number",
    "int64": "whole number",
}


def page() -> str:
    """Return the page, in Markdown."""
    columns = _remarks()
    about = {name.lower(): text for name, text in documented(_MODULE).items()}
    parts = [_table(one, about.get(one.name, ""), columns.get(one.name, {})) for one in TABLES.values()]
    return GENERATED + _INTRODUCTION + "\n".join(parts)


def _table(one: Table, about: str, said: dict[str, str]) -> str:
    own = {"event_id", "recorded_at", "sequence"}
    rows = [
        [code(field.name), _type(field.type), sentence(plain(said.get(field.name, "")))]
        for field in one.schema
        if field.name not in own
    ]
    identity = ", ".join(map(code, one.identity))
    columns = table(["column", "type", "meaning"], rows)
    return f"## {one.name}\n\n{plain(about)}\n\n{columns}\nOne event: {identity}.\n"


def _type(kind: pa.DataType) -> str:
    if pa.types.is_list(kind):
        return f"list of {_type(kind.value_type)}s".replace("number numbers", "numbers")
    return "time, UTC" if pa.types.is_timestamp(kind) else _WORDS[str(kind)]


def _remarks() -> dict[str, dict[str, str]]:
    """Return the module's remarks on each column, by table."""
    text = inspect.getsource(_MODULE)
    about = remarks(text)
    found = {}
    for call in (one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Call)):
        match call.args:
            case [ast.Constant(value=str(name)), ast.Tuple(), *columns]:
                pairs = [one for one in columns if isinstance(one, ast.Tuple)]
                found[name] = {
                    str(one.elts[0].value): about(one.lineno)
                    for one in pairs
                    if isinstance(one.elts[0], ast.Constant)
                }
    return found
