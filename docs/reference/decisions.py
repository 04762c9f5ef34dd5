"""The page on the decisions: DECISIONS.md behind an index by topic and by date."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from pathlib import Path

from reference.markdown import GENERATED

ROOT = Path(__file__).parents[2]
_HEADING = re.compile(r"^## (\d{4}-\d\d-\d\d) · (.+)$", re.MULTILINE)
TOPICS = Path(__file__).with_name("decisions.toml")

_INTRODUCTION = """\
# Decisions

Why things are as they are: dated, short, with what was tried, what failed and what it cost. Newer entries
overrule older ones.

"""


def headings(text: str) -> list[tuple[str, str]]:
    """Return the date and title of every entry, in the order of the file."""
    return _HEADING.findall(text)


def page() -> str:
    """Return the page, in Markdown.

    Raises:
        ValueError: the list of topics names an entry that does not exist.
    """
    text = (ROOT / "DECISIONS.md").read_text("utf-8")
    entries = headings(text)
    dates = {title: date for date, title in entries}
    topics: dict[str, list[str]] = tomllib.loads(TOPICS.read_text("utf-8"))
    sorted_in = [title for titles in topics.values() for title in titles]
    if strange := [title for title in sorted_in if title not in dates]:
        raise ValueError(f"{TOPICS.name} names entries that DECISIONS.md does not have: {'; '.join(strange)}")
    other = [title for title in dates if title not in sorted_in]
    listed = topics | ({"Others": other} if other else {})
    by_topic = "".join(
        f"### {topic}\n\n" + "".join(f"- {_link(title)} ({dates[title]})\n" for title in titles) + "\n"
        for topic, titles in listed.items()
    )
    by_date: dict[str, list[str]] = defaultdict(list)
    for date, title in entries:
        by_date[date].append(title)
    newest = sorted(by_date, reverse=True)
    days = "".join(f"### {date}\n\n{' · '.join(map(_link, by_date[date]))}\n\n" for date in newest)
    body = _HEADING.sub(_entry, text[text.index("\n## ") :])
    return f"{GENERATED}{_INTRODUCTION}## By topic\n\n{by_topic}## By date\n\n{days}{body}"


def _entry(found: re.Match[str]) -> str:
    date, title = found.groups()
    return f"(decision-{_slug(title)})=\n\n## {title}\n\n*{date}*"


def _link(title: str) -> str:
    return f"[{title}](#decision-{_slug(title)})"


def _slug(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-")
