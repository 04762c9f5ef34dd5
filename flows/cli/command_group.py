"""The base of all commands of `belebele`: the campaign as their first word, errors as messages, JSON output.

`on_campaign` makes a command that works on a campaign; `flows.cli.commands` assembles them.

Messages name commands without a campaign (`belebele decide q1 drop …`), since the code that writes them knows the
campaign by another address or not at all. `addressed` adds the campaign as the user typed it, so that the commands
can be pasted.
"""

from __future__ import annotations

import gc
import json
import os
import re
import shlex
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from data.errors import BelebeleError
from flows.terminal.escape_sequences import cleared_streams, escaped

if TYPE_CHECKING:
    from flows.campaign_state import State

HERE = "."

ON_CAMPAIGN = (
    "accept", "advance", "answer", "assistant", "baseline", "calibrate", "check", "contact", "decide", "explain",
    "export", "import", "links", "mend", "people", "plant", "qualify", "reassign", "reject", "rehearse", "release",
    "select", "status", "up",
)  # fmt: skip
"""The commands whose first word is the campaign."""

_NAMED = re.compile(rf"\bbelebele ({'|'.join(ON_CAMPAIGN)})\b(?!, [a-z]+\b, )")
_CAMPAIGN = "belebele.campaign"
BUG = 70
"""The exit code of a crash; Python's own 1 is a verdict here (a shortcut was found, or something is missing)."""

BROKEN_PIPE = 141
"""The exit code if the output's reader is gone, the same as for a program killed by SIGPIPE."""


_GARBAGE = (20_000, 20, 50)
"""The number of new objects after which Python looks for circular garbage.

With Python's own number, 700, the search goes several times through everything that is being imported, which takes
a tenth of a short command's time. With a larger number, garbage waits longer, but nothing is lost.
"""


class Group(click.Group):
    """The command group. Errors of use show as a message; a wrong word is answered with the nearest command."""

    def main(self, *arguments: Any, **named: Any) -> Any:
        gc.set_threshold(*_GARBAGE)
        with cleared_streams():
            return super().main(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BelebeleError as error:
            _stop(addressed(str(error), ctx.meta.get(_CAMPAIGN, HERE)))
        except KeyboardInterrupt:
            _stop("stopped; what was done is done, and the next run goes on from there", code=130)
        except BrokenPipeError:
            # The output's reader is gone: nobody can read a report, and this is not a verdict.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(BROKEN_PIPE)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:  # noqa: BLE001 a bug stays a crash, with its traceback, under a code that means nothing else
            traceback.print_exc()
            sys.exit(BUG)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        name = args[0] if args else ""
        if name and self.get_command(ctx, name) is None and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.commands, n=2, cutoff=0.5)
            if name in ("help", "version"):
                near = [f"--{name}"]
            hint = f" Did you mean: {', '.join(near)}?" if near else " See: belebele --help"
            raise click.UsageError(f"there is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


def on_campaign(
    *words: str, more: bool = False, several: bool = False, also: str = ""
) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a command whose first, optional word is the campaign; `words` name the ones that must follow.

    Args:
        words: names of the words that the command needs, in order.
        more: whether the last word may be several words of one text (joined by spaces).
        several: whether the last word may be several values, passed on as a list.
        also: how the usage calls the further values, where they are not more of the same.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        usage = " ".join(["[CAMPAIGN]", *(word.upper() for word in words)])
        usage += f" {also}" if also else "…" if more or several else ""

        @click.argument("given", nargs=-1, metavar=usage)
        @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
        def command(given: tuple[str, ...], as_json: bool, **options: Any) -> None:
            campaign, named = _split(given, words, more, several)
            begin(campaign)
            function(campaign, **named, as_json=as_json, **options)

        command.__doc__ = function.__doc__
        command.__dict__["__click_params__"] = [
            *command.__dict__.get("__click_params__", []),
            *function.__dict__.get("__click_params__", []),
        ]
        name = function.__name__.removesuffix("_").replace("_", "-")
        return click.command(name)(command)

    return decorate


def _stop(message: str, code: int = 2) -> NoReturn:
    click.echo(f"belebele: {message}", err=True)
    sys.exit(code)


def _split(
    given: tuple[str, ...], words: tuple[str, ...], more: bool, several: bool
) -> tuple[str, dict[str, str | list[str]]]:
    rest = list(given)
    campaign = HERE
    if words and len(rest) == len(words) and _is_campaign(rest[0]):
        wanted = " ".join(word.upper() for word in words)
        raise click.UsageError(f"wanted after the campaign: {wanted}; given is the campaign {rest[0]} first")
    if len(rest) > len(words) and (not (more or several) or _is_campaign(rest[0])):
        campaign = rest.pop(0)
    last = rest[len(words) - 1 :]
    if more and len(rest) > len(words):
        rest[len(words) - 1 :] = [" ".join(last)]
    if several and len(rest) > len(words):
        rest = rest[: len(words)]
    if len(rest) != len(words):
        wanted = " ".join(word.upper() for word in words) or "nothing"
        raise click.UsageError(f"wanted after the campaign: {wanted}; given: {' '.join(given) or 'nothing'}")
    named: dict[str, str | list[str]] = dict(zip(words, rest, strict=True))
    return campaign, named | {words[-1]: last} if several else named


def _is_campaign(word: str) -> bool:
    from data import storage
    from data.campaign import FILE

    return "://" in word or storage.exists(word, FILE)


def state_of(campaign: str) -> State:
    """Return the state of the campaign at an address."""
    from data.campaign.campaign import Campaign
    from data.ledger import Ledger
    from flows.campaign_state import State

    return State(Campaign.load(campaign), Ledger(campaign))


def codes_of(text: str) -> list[str]:
    """Split a list of codes as people type it, with commas, semicolons or spaces.

    >>> codes_of("fra_Latn, arb_Arab;swh_Latn")
    ['fra_Latn', 'arb_Arab', 'swh_Latn']
    """
    return [code for code in re.split(r"[,;\s]+", text) if code]


def begin(campaign: str) -> None:
    """Remember the campaign's name on the command line, for the commands that messages name."""
    click.get_current_context().meta[_CAMPAIGN] = campaign


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
    campaign = click.get_current_context().meta.get(_CAMPAIGN, HERE)
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
