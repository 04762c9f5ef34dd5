"""The commands that simulate: the demo, and the rehearsal of a campaign."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.command_group import codes_of, on_campaign
from flows.cli.set_commands.runner_options import runner_of, runner_options


@click.command()
@click.option("--out", default="demo", show_default=True, help="A new folder for the campaign and its release.")
@click.option("--keep-open", is_flag=True, help="Leave the servers running at the end, to look around.")
def demo(out: str, keep_open: bool) -> None:
    """Watch a small benchmark being made, start to end, on real servers."""
    from flows.simulation.demo.demo import play

    play(out, keep_open=keep_open)


@on_campaign()
@click.option("--out", required=True, help="A new folder for the copy that is played and what came of it.")
@click.option("--passages", default=60, show_default=True, help="Only the first so many passages.")
@click.option(
    "--languages", default="", help="Target languages, as fra_Latn,arb_Arab; default: all of the campaign."
)
@click.option(
    "--people", default="", help="A file (TOML) that says how well, how fast and at what rate people work."
)
@click.option("--seed", default=1, show_default=True, help="Of everybody's luck.")
@runner_options
def rehearse(campaign: str, out: str, languages: str, as_json: bool, **given: Any) -> None:
    """Let scripted people play a copy of the campaign: how long, what cost, which faults slip through."""
    from flows.simulation.rehearsal.rehearsal import rehearse_and_print

    choice = runner_of(given, campaign)
    rehearse_and_print(campaign, out, as_json=as_json, languages=codes_of(languages), choice=choice, **given)
