"""The messages of commands: lines for people, and results as JSON.

Messages name commands without a campaign (`belebele decide q1 drop …`), since the code that writes them knows the
campaign by another address or not at all. `addressed` adds the campaign as the user typed it, so that the commands
can be pasted.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable

import click

from flows.terminal.escape_sequences import escaped

HERE = "."

ON_CAMPAIGN = (
    "accept", "advance", "answer", "assistant", "backup", "baseline", "calibrate", "check", "contact", "decide",
    "explain", "export", "health", "import", "links", "mend", "patch", "people", "plant", "qualify", "reassign",
    "reject", "rehearse", "release", "select", "status", "up",
)  # fmt: skip
"""The commands whose first word is the campaign."""

_NAMED = re.compile(rf"\bbelebele ({'|'.join(ON_CAMPAIGN)})\b(?!, [a-z]+\b, )")
_CAMPAIGN = "belebele.campaign"


def begin(campaign: str) -> None:
    """Remember the campaign's name on the command line, for the commands that messages name."""
    click.get_current_context().meta[_CAMPAIGN] = campaign


def campaign_as_typed(context: click.Context) -> str:
    """Return the campaign as the command line names it, or `HERE`."""
    return str(context.meta.get(_CAMPAIGN, HERE))


def addressed(text: str, campaign: str) -> str:
    """Add the campaign, quoted for a shell, to every command of ours in a message.

    >>> addressed("q1 → belebele decide q1 drop --reason …", "My Bench")
    "q1 → belebele decide 'My Bench' q1 drop --reason …"
    >>> addressed("nothing was selected: belebele select", HERE)
    'nothing was selected: belebele select'
    """
    if campaign == HERE:
        return text
    return _NAMED.sub(lambda found: f"{found[0]} {shlex.quote(campaign)}", text)


def tell(lines: Iterable[str]) -> None:
    """Print lines for people, each once."""
    campaign = campaign_as_typed(click.get_current_context())
    for line in dict.fromkeys(lines):
        click.echo(addressed(line, campaign))


def print_json(value: object) -> None:
    """Print a result as JSON."""
    click.echo(escaped(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def say(words: str, as_json: bool, **facts: object) -> None:
    """Print what was done: in words, or as JSON facts."""
    if as_json:
        print_json(facts)
    else:
        tell([words])
