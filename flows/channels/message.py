"""A message as every channel takes it: parts in somebody's language, as plain text, as HTML, and as facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined


@dataclass(frozen=True)
class Part:
    """A paragraph of a message.

    Attributes:
        text: sentences.
        lines: a list below it.
        url: an address below it, on a line of its own.
        aside: whether it is in small print.
    """

    text: str
    lines: Sequence[str] = ()
    url: str = ""
    aside: bool = False


@dataclass(frozen=True)
class Message:
    """What somebody is told.

    Attributes:
        subject: a line.
        parts: in order.
        tag: of the language, BCP 47.
        direction: "ltr" or "rtl".
        facts: the same for programs: codes and numbers, no name and no address of a person.
    """

    subject: str
    parts: Sequence[Part]
    tag: str = "en"
    direction: str = "ltr"
    facts: Mapping[str, Any] = field(default_factory=dict)

    def plain(self) -> str:
        r"""Return it as plain text.

        >>> Message("", [Part("Hello,"), Part("New:", ["a: 1"]), Part("Here:", url="https://a.example")]).plain()
        'Hello,\n\nNew:\n• a: 1\n\nHere:\nhttps://a.example\n'
        """
        written = (
            "\n".join([part.text, *(f"• {line}" for line in part.lines), *filter(None, [part.url])])
            for part in self.parts
        )
        return "\n\n".join(written) + "\n"

    def html(self) -> str:
        """Return it as an HTML page that mail programs show: in its own direction, without scripts or pictures."""
        source = files("flows.channels").joinpath("message.html").read_text("utf-8")
        page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
        return page.from_string(source).render(message=self)
