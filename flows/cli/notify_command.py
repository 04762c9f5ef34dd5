"""`belebele notify`: messages to people and to the lead, beside those that an advance sends by itself."""

from __future__ import annotations

import sys

import click

from flows.cli.command_group import codes_of, on_campaign, state_of
from flows.terminal.messages import print_json, say, tell


@on_campaign()
@click.option("--dry-run", is_flag=True, help="Show what would be sent to whom, and send nothing.")
@click.option("--test", "trial", is_flag=True, help="Send the lead a trial message by every channel.")
@click.option("--again", default="", metavar="PEOPLE", help="Tell these (codes, or all) once more what is open.")
@click.option("--seen", default="", metavar="PEOPLE", help="Take what may not have reached these as settled.")
@click.option("--alerts", is_flag=True, help="Tell the lead of a schedule that failed or does not run, once.")
def notify(campaign: str, dry_run: bool, trial: bool, again: str, seen: str, alerts: bool, as_json: bool) -> None:
    """Tell people of new and returned work and of deadlines now; every advance does so by itself.

    Nothing is sent while [notify] in campaign.toml is not enabled, but for --test. Everybody gets one message a
    day at most, in the language of their pages.
    """
    chosen = [bool(one) for one in (dry_run, trial, again, seen, alerts)]
    if sum(chosen) > 1 and not (again and dry_run and sum(chosen) == 2):
        raise click.UsageError("--dry-run, --test, --again, --seen and --alerts are different things: say one")
    if dry_run:
        _show(campaign, again, as_json)
    elif trial:
        from flows.notifications.lead_requests import try_channels

        lines = try_channels(state_of(campaign).campaign)
        say("; ".join(lines), as_json, channels=lines)
    elif again or seen:
        from flows.notifications.lead_requests import settle

        people = settle(state_of(campaign), codes_of(again or seen), again=bool(again))
        named = ", ".join(people)
        said = f"the next advance tells {named} what is open" if again else f"settled for {named}"
        say(said, as_json, people=people)
    elif alerts:
        from flows.notifications.alerts import alert, campaign_or_last

        lines = alert(campaign, campaign_or_last(campaign))
        if as_json:
            print_json({"told": lines})
        else:
            tell(lines)
    else:
        _send(campaign, as_json)


def _show(campaign: str, again: str, as_json: bool) -> None:
    from datetime import UTC, datetime

    from data.campaign.campaign import Campaign
    from data.ledger import DryLedger
    from flows.campaign_state import State
    from flows.notifications import preview
    from flows.notifications.lead_requests import settle
    from flows.services.running_servers import servers_of

    state = State(Campaign.load(campaign), DryLedger(campaign))
    if again:
        settle(state, codes_of(again), again=True)
    made = preview.preview(state.fresh(), servers_of(state.campaign), datetime.now(UTC))
    if as_json:
        print_json(preview.facts(made))
    else:
        for line in preview.lines(made):
            click.echo(line)
        _warn(made.problems)
    sys.exit(1 if made.problems else 0)


def _send(campaign: str, as_json: bool) -> None:
    from flows.notifications.lead_requests import send_now
    from flows.services.running_servers import servers_of

    done = send_now(campaign, servers_of(state_of(campaign).campaign))
    if as_json:
        print_json({"sent": done.sent, "problems": done.problems})
    else:
        tell([f"sent {done.sent} {'message' if done.sent == 1 else 'messages'}"])
        _warn(done.problems)
    sys.exit(1 if done.problems else 0)


def _warn(problems: list[str]) -> None:
    for problem in problems:
        click.echo(problem, err=True)
