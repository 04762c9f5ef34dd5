"""The files of a site that shows a release's items: one page, an index, and the items in shards.

The site opens from a disk as well as from a server: a page that was opened from a disk may load scripts and
nothing else, so index and shards are scripts that call the page. A shard holds the items of a few passages in all
languages, so that what a reader sees costs the same however many items and languages there are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

PAIRS_A_SHARD = 250
"""The most pairs of item and language in a shard, unless a single passage has more."""

Fact = tuple[str, str]
"""What is known of an item, as the page shows it: a name and a value."""


@dataclass(frozen=True)
class ShownLanguage:
    """A language of the site: its code, its name, its BCP 47 tag ("" for none) and its direction."""

    code: str
    name: str
    tag: str
    direction: str


@dataclass(frozen=True)
class ShownText:
    """An item in one language.

    Attributes:
        passage: the passage.
        question: the question.
        options: the options as shown.
        facts: what is known of the item in this language.
    """

    passage: str
    question: str
    options: tuple[str, ...]
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class ShownItem:
    """An item in all its languages.

    Attributes:
        item_id: its identity.
        link: where its passage comes from.
        split: test or dev.
        key: the number of the correct option as shown, from 1.
        texts: by the language's code.
        facts: what is known of the item in every language.
    """

    item_id: str
    link: str
    split: str
    key: int
    texts: Mapping[str, ShownText]
    facts: tuple[Fact, ...] = field(default=())


def site_files(
    title: str,
    version: str,
    source: str,
    languages: Sequence[ShownLanguage],
    items: Sequence[ShownItem],
    withdrawn: Sequence[Fact] = (),
) -> dict[str, bytes]:
    """Return the site's files by path, the same bytes for the same items.

    Args:
        title: of the release.
        version: of the release.
        source: code of the language that the questions were written in, which is shown first.
        languages: all of them.
        items: in the order of the list.
        withdrawn: the ids of items that earlier versions have, and since when and why this one has them no more.
    """
    made: dict[str, bytes] = {}
    listed: list[list[Any]] = []
    for number, shard in enumerate(_shards(items), start=1):
        made[f"items-{number:05}.js"] = _call("shard", number, _shard(shard))
        for item in shard:
            first = item.texts.get(source) or next(iter(item.texts.values()))
            listed.append([item.item_id, item.split, number, first.question])
    index = {
        "source": source,
        "languages": [[one.code, one.name, one.tag, one.direction] for one in languages],
        "items": listed,
    }
    made["index.js"] = _call("index", index)
    made["index.html"] = _page(title, version, len(items), len(languages), withdrawn).encode()
    return made


def _shards(items: Sequence[ShownItem]) -> Iterator[list[ShownItem]]:
    """Yield the items in shards; those of one passage that follow each other stay together."""
    shard: list[ShownItem] = []
    pairs = 0
    for place, item in enumerate(items):
        same = place > 0 and item.link == items[place - 1].link
        if shard and not same and pairs + len(item.texts) > PAIRS_A_SHARD:
            yield shard
            shard, pairs = [], 0
        shard.append(item)
        pairs += len(item.texts)
    if shard:
        yield shard


def _shard(items: Sequence[ShownItem]) -> dict[str, Any]:
    """Return a shard's content; a passage that several items share is in it once."""
    passages: dict[str, int] = {}
    shown = {}
    for item in items:
        texts = {}
        for code, text in item.texts.items():
            place = passages.setdefault(text.passage, len(passages))
            texts[code] = [place, text.question, list(text.options), [list(fact) for fact in text.facts]]
        shown[item.item_id] = {
            "link": item.link, "key": item.key, "facts": [list(fact) for fact in item.facts], "texts": texts,
        }  # fmt: skip
    return {"passages": list(passages), "items": shown}


def _call(name: str, *values: object) -> bytes:
    """Return a script that hands values to the page."""
    said = ",".join(json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values)
    return f"{name}({said});\n".encode()


def _page(title: str, version: str, items: int, languages: int, withdrawn: Sequence[Fact]) -> str:
    own = files("qc.reports.browse_site")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(own.joinpath("page.html").read_text(encoding="utf-8")).render(
        title=title,
        version=version,
        items=items,
        languages=languages,
        withdrawn=withdrawn,
        style=Markup(own.joinpath("page.css").read_text(encoding="utf-8")),
        script=Markup(own.joinpath("page.js").read_text(encoding="utf-8")),
    )
