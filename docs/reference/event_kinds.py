"""The page on the kinds of events: the subject and the facts of each, from the docstring of its class."""

from __future__ import annotations

import inspect
import re
from dataclasses import fields

from data.ledger.events import KINDS, Event
from reference.markdown import GENERATED, code, plain

_INTRODUCTION = """\
# Events

What happened in a campaign and is no passage, question, verdict or the like is a line of
[the table `events`](ledger.md#events). Its `subject` is what it is about; its `detail` holds, as JSON, the facts
that its kind has.

"""


def page() -> str:
    """Return the page, in Markdown.

    Raises:
        ValueError: a fact has no meaning.
    """
    return GENERATED + _INTRODUCTION + "\n".join(_kind(name, kind) for name, kind in KINDS.items())


def _kind(name: str, kind: type[Event]) -> str:
    about, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n\nAttributes:\n")
    pairs = re.findall(r"^    (\w+): (.*(?:\n {5,}.*)*)", rest, re.MULTILINE)
    said = {fact: " ".join(words.split()) for fact, words in pairs}
    if said and (silent := [one.name for one in fields(kind) if one.name not in said]):
        raise ValueError(f"nothing says what {', '.join(silent)} of {kind.__name__} means; its docstring should")
    facts = "".join(f"- {code(fact)}: {plain(words)}\n" for fact, words in said.items())
    return f"## {name}\n\n{plain(about)}\n\n{facts}"
