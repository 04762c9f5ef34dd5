"""The seals of pages and tasks: short digests that tell whether they show what they should.

Every account on a bare Label Studio can change every workbench there: its label configuration, which may hold a
page that acts as whoever opens it, its guideline, its settings, and the passage or the question of a task. A seal
made of what was sent and one of what the server shows agree as long as nobody did. The server cleans the HTML of a
guideline as it takes it in, so that is compared by what it means: elements, links and words.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

SETTINGS: Mapping[str, object] = {
    "show_instruction": True,  # before the first task; later one click away
    "sampling": "Sequential sampling",
    "maximum_annotations": 1,
    "enable_empty_annotation": True,  # else Submit is grey without a word; the pages say what is missing
    "show_skip_button": True,
    "skip_queue": "IGNORE_SKIPPED",  # who skips a task is not shown it again: it goes to someone else
    "show_collab_predictions": False,
}
"""Settings of every workbench. Whoever has an account there can change them; they are put back."""

PARTS: Mapping[str, tuple[str, ...]] = {
    "form": ("label_config",),
    "guideline": ("expert_instruction",),
    "line in the list": ("description", "color"),
    "settings": tuple(SETTINGS),
}
"""What makes a workbench's pages, as people call it, and the fields of a project that hold it."""

PAGES = tuple(name for names in PARTS.values() for name in names)


def project_fields(config: str, guideline_html: str, description: str, colour: str) -> dict[str, object]:
    """What a workbench is to show, as the server's fields; arguments as of `LabelStudio.open`."""
    return {
        "label_config": config.strip(),
        "expert_instruction": guideline_html,
        "description": description,
        "color": colour,
        **SETTINGS,
    }


def of_pages(held: Mapping[str, Any]) -> str:
    """The seal of a workbench's pages and settings: for each of `PARTS` 12 hexadecimal digits, joined by dots."""
    return ".".join(_digest(*(_part(name, held.get(name)) for name in names)) for names in PARTS.values())


def differing(one: str, other: str) -> list[str]:
    """The names of the parts in which two seals of pages differ.

    >>> differing("a.b.c.d", "a.x.c.y")
    ['guideline', 'settings']
    """
    pairs = zip(PARTS, one.split("."), other.split("."), strict=True)
    return [name for name, mine, theirs in pairs if mine != theirs]


def of_task(data: Mapping[str, Any]) -> str:
    """The seal of what a task shows, 12 hexadecimal digits; its key, by which it is found, does not matter.

    >>> of_task({"text": "A"}) == of_task({"text": "A", "task_key": "k"}) != of_task({"text": "B"})
    True
    """
    return _digest({name: value for name, value in data.items() if name != "task_key"})


def plain(name: str, value: object) -> object:
    """A field of a project as it is compared.

    >>> guideline = "expert_instruction"
    >>> plain(guideline, "<p>A<br />&quot;b&quot;</p>") == plain(guideline, '<p>A<br>"b"</p>')
    True
    >>> plain(guideline, "<p>A</p>") == plain(guideline, "<p>B</p>")
    False
    """
    if name == "expert_instruction":
        reader = _Reader()
        reader.feed(str(value or ""))
        reader.close()
        return reader.told
    return str(value or "").strip() if name == "label_config" else value


class _Reader(HTMLParser):
    """What HTML means: its elements with their attributes and words, without style, which the server takes out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.told: list[list[str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = [f"{name}={value or ''}" for name, value in sorted(attrs) if name != "style"]
        if tag != "tbody":
            self.told.append([f"<{tag}>", *told])

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("br", "hr", "tbody"):  # which some write and some do not
            self.told.append([f"</{tag}>"])

    def handle_data(self, data: str) -> None:
        self.told.append([data])


def _part(name: str, value: object) -> str:
    """A digest of one field; those of pages are long and many workbenches have the same, so they are kept."""
    return _of_text(name, value) if isinstance(value, str) else _digest(value)


@lru_cache(maxsize=2000)
def _of_text(name: str, text: str) -> str:
    return _digest(plain(name, text))


def _digest(*values: object) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]
