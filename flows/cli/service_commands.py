"""The commands that run servers until stopped: all of a campaign's, or the assistant alone."""

from __future__ import annotations

import click

from flows.terminal.messages import HERE, begin


@click.command()
@click.argument("campaign", default=HERE)
@click.option("--no-schedule", is_flag=True, help="Start the servers only; advance by hand.")
@click.option("--no-assistant", is_flag=True, help="Start no assistant, even if campaign.toml wants one.")
@click.option(
    "--port", type=int, default=None, help="Label Studio's; default: the one that it had before, or a free one."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="What Label Studio listens on: an address of this machine that others reach, or 0.0.0.0 for all.",
)
def up(campaign: str, no_schedule: bool, no_assistant: bool, port: int | None, host: str) -> None:
    """Start Label Studio, Prefect's server and the schedule; Ctrl-C stops them all."""
    from flows.services.up import stand

    begin(campaign)
    stand(campaign, scheduled=not no_schedule, assisted=not no_assistant, port=port, host=host)


@click.command()
@click.argument("campaign", default=HERE)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="What to listen on; Label Studio must reach it."
)
@click.option("--port", type=int, default=0, help="Default: the one that it had before, or a free one.")
def assistant(campaign: str, host: str, port: int) -> None:
    """Answer authors while they write: what is noticed, and what the shortcut meter says; Ctrl-C stops it."""
    from flows.services.assistant_process import serve

    begin(campaign)
    serve(campaign, host, port)
