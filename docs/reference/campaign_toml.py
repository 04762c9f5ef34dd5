"""The page on campaign.toml: every table and key that the program reads, with the values that are allowed.

Types and defaults come from the models that read the file. Meanings come from the remarks beside a model's fields
or, where there are none, from those in the file that `belebele init` writes. A key without a meaning in either
ends the build.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from data.campaign.campaign import Campaign
from data.campaign.new_campaign import template
from data.campaign.renamed_keys import NEW_NAMES
from data.campaign.settings import Person
from reference.markdown import GENERATED, code, plain, sentence, table
from reference.source import remarks

_INTRODUCTION = """\
# campaign.toml

One file describes a campaign. `belebele init` writes it with a remark on every key; it may be changed while
people work, and every `belebele advance` reads it. A key that is not listed here is refused with the
nearest one that is, and `belebele check` names every mistake at once, with its line.

"""

_CHECKS = """\
## [checks]

Parameters of checks, one table a check, as `[checks.length_bounds]`; [the page on checks](checks.md) lists
them with their defaults.
"""

_OLD_NAMES = """\
## Old names of keys

Keys that were called otherwise in version 0.1. The old name is still taken, and `belebele check` shows the line as
it is written now.

"""


def page() -> str:
    """Return the page, in Markdown."""
    said = _remarks_of_the_template()
    sections = [_CHECKS if name == "checks" else section(name, part, said) for name, part in parts()]
    return GENERATED + _INTRODUCTION + "\n".join([*sections, _OLD_NAMES + _old_names()])


def _old_names() -> str:
    rows = [
        [code(_title(name)), code(old), code(new)] for name, keys in NEW_NAMES.items() for old, new in keys.items()
    ]
    return table(["table", "old name", "name"], rows)


def _title(name: str) -> str:
    return f"[[{name}]]" if name == "people" else f"[{name}]"


def parts() -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield every table of the file, with the model that reads it."""
    for name, field in Campaign.model_fields.items():
        part = Person if name == "people" else field.annotation
        yield field.alias or name, part if isinstance(part, type) and issubclass(part, BaseModel) else Campaign


def section(name: str, part: type[BaseModel], said: dict[tuple[str, str], str]) -> str:
    """Return the page's section on one table.

    Args:
        name: the table's name in the file.
        part: the model that reads it.
        said: the known meanings of keys, by table and key.

    Raises:
        ValueError: a key has no meaning anywhere.
    """
    title = _title(name)
    about = inspect.cleandoc(part.__doc__ or "").removeprefix(f"{title}: ")
    schema = part.model_json_schema(by_alias=True)
    own = _remarks_of_the_model(part)
    rows = []
    for key, facts in schema["properties"].items():
        meaning = own.get(key) or said.get((name, key))
        if not meaning:
            raise ValueError(f"nothing says what {name}.{key} means; add a remark behind it in {part.__module__}")
        rows.append([code(key), kind(facts, schema), _default(key, facts, schema), sentence(plain(meaning))])
    head = ["key", "what may stand there", "if left out", "meaning"]
    return f"## {title}\n\n{sentence(plain(about))}\n\n{table(head, rows)}"


def _default(key: str, facts: dict[str, Any], schema: dict[str, Any]) -> str:
    if key in schema.get("required", ()):
        return "required"
    default = facts.get("default")
    if default in (None, [], {}, ""):
        return "–"
    return ", ".join(code(_toml(one)) for one in (default if isinstance(default, list) else [default]))


def kind(facts: dict[str, Any], schema: dict[str, Any]) -> str:
    """Return a piece of JSON schema in words.

    >>> kind({"type": "integer", "minimum": 1, "maximum": 9}, {})
    'whole number, 1 to 9'
    >>> kind({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, {})
    '`true` or `false`'
    >>> kind({"type": "array", "items": {"enum": ["a", "b"]}}, {})
    'list of `a`, `b`'
    """
    if "$ref" in facts:
        return kind(schema["$defs"][facts["$ref"].rpartition("/")[2]], schema)
    if "anyOf" in facts:
        return " or ".join(kind(one, schema) for one in facts["anyOf"] if one.get("type") != "null")
    if "const" in facts or "enum" in facts:
        return ", ".join(code(_toml(one)) for one in facts.get("enum", [facts.get("const")])).replace('"', "")
    match facts.get("type"):
        case "boolean":
            return "`true` or `false`"
        case "array":
            each = kind(facts["items"], schema)
            return f"list of {each}{'s' if each in ('text', 'language code') else ''}"
        case "object":
            return "table"
        case "integer" | "number" as number:
            name = "whole number" if number == "integer" else "number"
            lowest, highest = facts.get("minimum"), facts.get("maximum")
            if highest is not None:
                return f"{name}, {lowest:g} to {highest:g}"
            return f"{name}, at least {lowest:g}" if lowest is not None else name
    return _text(facts)


def _text(facts: dict[str, Any]) -> str:
    if found := re.fullmatch(r"\^\[(.*)\]\{(\d+),(\d+)\}\$", facts.get("pattern", "")):
        letters = found[1].replace("a-z", "a–z ").replace("0-9", "0–9 ").replace("-", "`-`").replace("_", "`_`")
        return f"{found[2]} to {found[3]} of {', '.join(letters.split())}"
    return str(facts.get("format", "text"))


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _remarks_of_the_template() -> dict[tuple[str, str], str]:
    """Return the remarks behind keys in the file that `belebele init` writes, proposed keys included."""
    text = template(id="x", title="X", source="parallel", path="x", languages=["fra_Latn"])
    found, part = {}, ""
    for line in text.splitlines():
        if head := re.fullmatch(r"#? ?\[\[?([\w.]+)\]\]?( +#.*)?", line):
            part = head[1]
        elif said := re.fullmatch(r"(?:# )?(\w+) = (.+?)  # (.+)", line):
            key, value, words = said.groups()
            tomllib.loads(f"{key} = {value}")  # so that a sentence with an equals sign is no key
            found[part, key] = words
    return found


def _remarks_of_the_model(part: type[BaseModel]) -> dict[str, str]:
    text = textwrap.dedent(inspect.getsource(part))
    about = remarks(text)
    (body,) = (one.body for one in ast.parse(text).body if isinstance(one, ast.ClassDef))
    fields = (one for one in body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name))
    return {field.target.id: about(field.lineno) for field in fields if isinstance(field.target, ast.Name)}
