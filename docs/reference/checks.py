"""The page on the checks: each with its version, its subject, the effect of its flag and its parameters.

They are found by looking through the modules of `qc.checks`, so a new check is on the page without being named
here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from itertools import chain

import qc.checks
import qc.lint
from qc.check import Check
from qc.decisions.rule_table import Policy
from reference.markdown import GENERATED, code, plain, sentence, table

_INTRODUCTION = """\
# Checks

A check looks at an item, a passage, a pair of languages, a language or the whole set, and says: passed,
flagged, or could not judge, which is never the same as passed. Some flags send work back by themselves; the
others are notes that people see beside the work. Checks over a whole set and between its languages belong to [the
lint](../guides/lint.md). Parameters are set in
[campaign.toml](campaign-toml.md#checks), and every verdict records the version and the parameters that it
was given with. What follows from verdicts is [a table of rules](rules.md).

"""

_SCOPES = {
    "item": "each item",
    "passage": "each passage in each language",
    "pair": "each pair of languages",
    "language": "each language",
    "set": "the set as a whole",
}


def found() -> dict[str, list[Check]]:
    """Return the checks by module, in the order of their definitions there."""
    mine: dict[str, list[Check]] = {}
    rooms = [pkgutil.iter_modules(room.__path__, f"{room.__name__}.") for room in (qc.checks, qc.lint)]
    for one in chain.from_iterable(rooms):
        there = [value for value in vars(importlib.import_module(one.name)).values() if isinstance(value, Check)]
        mine[one.name] = [check for check in there if check.function.__module__ == one.name]
    return {name: checks for name, checks in mine.items() if checks}


def page() -> str:
    """Return the page, in Markdown."""
    parts = [_overview()]
    for name, checks in found().items():
        about = inspect.cleandoc(importlib.import_module(name).__doc__ or "")
        path = name.replace(".", "/")
        topic = path.rpartition("/")[2].replace("_", " ").capitalize()
        parts.append(f"## {topic}\n\n{plain(about)}\n\nIn `{path}.py`.\n")
        parts += map(_check, checks)
    return GENERATED + _INTRODUCTION + "\n".join(parts)


def _overview() -> str:
    checks = [check for listed in found().values() for check in listed]
    rows = [
        [f"[{check.name}](#{check.name.replace('_', '-')})", plain(check.description), check.scope, _effect(check)]
        for check in checks
    ]
    return table(["check", "in a sentence", "judges", "a flag"], rows)


def _effect(check: Check) -> str:
    if check.function.__module__.startswith(qc.lint.__name__):
        return "is told by `belebele lint` alone"
    return "sends the item back" if Policy().effect(check.name) == "revise" else "is a note for people"


def _check(check: Check) -> str:
    facts = f"Version {check.version}. Judges {_SCOPES[check.scope]}; a flag {_effect(check)}."
    about, meanings = _docstring(check)
    text = f"({check.name.replace('_', '-')})=\n\n### {check.name}\n\n{plain(about)}\n\n{facts}\n"
    if not check.parameters:
        return text
    rows = [
        [code(name), code(_value(value)), sentence(plain(meanings.get(name, "")))]
        for name, value in check.parameters.items()
    ]
    return f"{text}\n{table(['parameter', 'default', 'meaning'], rows)}"


def _value(value: object) -> str:
    return ", ".join(map(str, value)) or "none" if isinstance(value, tuple) else str(value)


def _docstring(check: Check) -> tuple[str, dict[str, str]]:
    """Return the text on the check itself, and on each of its arguments."""
    about, _, rest = inspect.cleandoc(inspect.getdoc(check.function) or "").partition("\nArgs:\n")
    arguments = re.split(r"\n(?=\S)", rest)[0]
    said = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", arguments, re.MULTILINE)
    return about.strip(), {name: " ".join(words.split()) for name, words in said}
