"""The page on the rules: the table that turns verdicts into decisions, as the program reads it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

from qc.decisions import rule_table
from qc.decisions.rule_table import RULES
from reference.markdown import GENERATED, code, plain, table

_INTRODUCTION = """\
# Rules

Checks and people say what they found; this table says what follows. It is read from the top, and the first
rule for an item's kind whose conditions all hold decides. The lead can decide against it: `belebele
decide`. Every decision records the rule and the verdicts that it rests on.

"""

_KINDS = {
    "source": "Questions",
    "draft": "Translations before they are proofread",
    "proofread": "Translations that were proofread",
}


def page() -> str:
    """Return the page, in Markdown."""
    parts = [_INTRODUCTION]
    for kind in dict.fromkeys(rule.kind for rule in RULES):
        rows = [
            [code(rule.name), " ".join(map(_said, rule.when)) or "In every other case.", _outcome(rule.then)]
            for rule in RULES
            if rule.kind == kind
        ]
        parts.append(f"## {_KINDS[kind]}\n\n{table(['rule', 'when all of this holds', 'then'], rows)}\n")
    about = rule_table.__doc__ or ""
    why = inspect.cleandoc(about).partition("\n\n")[2]
    return f"{GENERATED}{''.join(parts)}## Why a table\n\n{plain(why)}\n"


def _said(condition: Callable[..., Any]) -> str:
    said = inspect.getdoc(condition) or condition.__name__
    return plain(re.sub(r"\s+\(`[\w.]+`\)", "", said))  # without the name of the module that decides it


def _outcome(then: object) -> str:
    return f"**{then}**" if isinstance(then, str) else "waits"
