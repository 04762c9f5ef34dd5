"""Seals of pages and tasks: short digests that show whether they still hold what was sent.

Every account on an unprotected Label Studio can change every workbench there: its label configuration (which may
hold a page that acts as whoever opens it), its guideline, its settings, and the passage or question of a task. The
seal of what was sent and the seal of what the server shows are equal as long as nobody has changed it. The server
cleans the HTML of a guideline when it stores it, so guidelines are compared by content: elements, links and words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from annotation.labelstudio.workbenches.workbench_settings import SETTINGS

PARTS: Mapping[str, tuple[str, ...]] = {
    "form": ("label_config",),
    "guideline": ("expert_instruction",),
    "line in the list": ("description", "color"),
    "settings": tuple(SETTINGS),
}
"""The parts of a workbench's pages, as people call them, and the project fields that hold each."""

PAGES = tuple(name for names in PARTS.values() for name in names)


def project_fields(config: str, guideline_html: str, description: str, colour: str) -> dict[str, object]:
    """Return what a workbench should show, as the server's fields; arguments as for `LabelStudio.open`."""
    return {
        "label_config": config.strip(),
        "expert_instruction": guideline_html,
        "description": description,
        "color": colour,
        **SETTINGS,
    }


def of_pages(held: Mapping[str, Any]) -> str:
    """Return the seal of pages and settings: 12 hexadecimal digits for each of `PARTS`, joined by dots."""
    return ".".join(_digest(*(_part(name, held.get(name)) for name in names)) for names in PARTS.values())


def differing(one: str, other: str) -> list[str]:
    """Return the names of the parts in which two seals of pages differ.

    >>> differing("a.b.c.d", "a.x.c.y")
    ['guideline', 'settings']
    """
    pairs = zip(PARTS, one.split("."), other.split("."), strict=True)
    return [name for name, mine, theirs in pairs if mine != theirs]


def of_task(data: Mapping[str, Any]) -> str:
    """Return the seal of what a task shows, 12 hexadecimal digits; the task's key does not matter.

    >>> of_task({"text": "A"}) == of_task({"text": "A", "task_key": "k"}) != of_task({"text": "B"})
    True
    """
    return _digest({name: value for name, value in data.items() if name != "task_key"})


def comparable(name: str, value: object) -> object:
    """Normalise a project field for comparison.

    >>> guideline = "expert_instruction"
    >>> comparable(guideline, "<p>A<br />&quot;b&quot;</p>") == comparable(guideline, '<p>A<br>"b"</p>')
    True
    >>> comparable(guideline, "<p>A</p>") == comparable(guideline, "<p>B</p>")
    False
    """
    if name == "expert_instruction":
        reader = _Reader()
        reader.feed(str(value or ""))
        reader.close()
        return reader.parts
    return str(value or "").strip() if name == "label_config" else value


class _Reader(HTMLParser):
    """The content of HTML: elements, attributes and words, without styles, which the server removes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = [f"{name}={value or ''}" for name, value in sorted(attrs) if name != "style"]
        if tag != "tbody":
            self.parts.append([f"<{tag}>", *kept])

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "hr", "tbody"):  # optional end tags, which not every writer of HTML puts down
            self.parts.append([f"</{tag}>"])

    def handle_data(self, data: str) -> None:
        self.parts.append([data])


def _part(name: str, value: object) -> str:
    """Return a digest of one field; those of texts are cached, since many workbenches have the same long pages."""
    return _of_text(name, value) if isinstance(value, str) else _digest(value)


@lru_cache(maxsize=2000)
def _of_text(name: str, text: str) -> str:
    return _digest(comparable(name, text))


def _digest(*values: object) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
