"""What the commands of `belebele` have in common: the campaign as their first word, errors as messages, JSON.

A command that works on a campaign is made by `Group.on_campaign`; the commands themselves stand in `flows.cli`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import click

from data.errors import BelebeleError
from flows.streams import cleared_streams, escaped

if TYPE_CHECKING:
    from flows.state import State

HERE = "."


class Group(click.Group):
    """The commands. An error of use shows as its message, and a wrong word with the command that was meant."""

    def main(self, *arguments: Any, **named: Any) -> Any:
        with cleared_streams():
            return super().main(*arguments, **named)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BelebeleError as error:
            _stop(str(error))
        except KeyboardInterrupt:
            _stop("stopped; what was done is done, and the next run goes on from there", code=130)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[Any, Any, list[str]]:
        name = args[0] if args else ""
        if name and self.get_command(ctx, name) is None and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, self.commands, n=2, cutoff=0.5)
            hint = f" Did you mean: {', '.join(near)}?" if near else " See: belebele --help"
            raise click.UsageError(f"there is no command {name!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)

    def on_campaign(self, *words: str, more: bool = False) -> Callable[[Callable[..., Any]], click.Command]:
        """A command whose first, optional word is the campaign; `words` name the ones that must follow.

        Args:
            words: names of the words that the command needs, in order.
            more: whether the last word may be several (joined by spaces).
        """

        def decorate(function: Callable[..., Any]) -> click.Command:
            usage = " ".join(["[CAMPAIGN]", *(word.upper() for word in words)]) + ("…" if more else "")

            @click.argument("given", nargs=-1, metavar=usage)
            @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
            def command(given: tuple[str, ...], as_json: bool, **options: Any) -> None:
                campaign, named = _split(given, words, more)
                function(campaign, **named, as_json=as_json, **options)

            command.__doc__ = function.__doc__
            command.__dict__["__click_params__"] = [
                *command.__dict__.get("__click_params__", []),
                *function.__dict__.get("__click_params__", []),
            ]
            name = function.__name__.removesuffix("_").replace("_", "-")
            return self.command(name)(command)

        return decorate

    def list_commands(self, _: click.Context) -> list[str]:
        return list(self.commands)


def _stop(message: str, code: int = 2) -> NoReturn:
    click.echo(f"belebele: {message}", err=True)
    sys.exit(code)


def _split(given: tuple[str, ...], words: tuple[str, ...], more: bool) -> tuple[str, dict[str, str]]:
    rest = list(given)
    campaign = HERE
    if len(rest) > len(words) and (not more or _is_campaign(rest[0])):
        campaign = rest.pop(0)
    if more and len(rest) > len(words):
        rest[len(words) - 1 :] = [" ".join(rest[len(words) - 1 :])]
    if len(rest) != len(words):
        wanted = " ".join(word.upper() for word in words) or "nothing"
        raise click.UsageError(f"wanted after the campaign: {wanted}; given: {' '.join(given) or 'nothing'}")
    return campaign, dict(zip(words, rest, strict=True))


def _is_campaign(word: str) -> bool:
    from data import storage
    from data.campaign import FILE

    return "://" in word or storage.exists(word, FILE)


def state_of(campaign: str) -> State:
    """The campaign at an address, as its ledger tells it."""
    from data.campaign import Campaign
    from data.ledger import Ledger
    from flows.state import State

    return State(Campaign.load(campaign), Ledger(campaign))


def print_json(value: object) -> None:
    """Print a result for other programs."""
    click.echo(escaped(json.dumps(value, ensure_ascii=False, indent=2, default=str)))


def say(words: str, as_json: bool, **facts: object) -> None:
    """Print what was done: in words, or the facts of it."""
    if as_json:
        print_json(facts)
    else:
        click.echo(words)
