"""The commands that move a campaign on and show where it stands."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from flows.cli.command_group import on_campaign, state_of
from flows.terminal.messages import print_json, tell


@on_campaign()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--full", is_flag=True, help="Look at everything on the servers, not only at what changed.")
@click.option("--take-over", is_flag=True, help="In place of another copy of the campaign that is gone for good.")
def advance(campaign: str, dry_run: bool, full: bool, take_over: bool, as_json: bool) -> None:
    """Collect what was submitted, check it, decide, and open the next work."""
    if take_over and dry_run:
        raise click.UsageError("--take-over writes to the servers: without --dry-run")
    from flows.flow_runs import run_advance
    from flows.terminal.advance_output import show_progress

    if take_over:
        told = _take_over(campaign)
        tell([] if as_json else told)
    progress = run_advance(campaign, full=full, dry_run=dry_run)
    if as_json:
        print_json(progress.__dict__)
    else:
        show_progress(progress, dry_run=dry_run, campaign=campaign)
    sys.exit(1 if progress.problems else 0)


def _take_over(address: str) -> list[str]:
    from data.campaign.campaign import Campaign
    from flows.inspection import copies_at_work
    from flows.services.running_servers import servers_of

    campaign = Campaign.load(address)
    return copies_at_work.take_over(campaign, address, servers_of(campaign))


@on_campaign()
@click.option("--html", default="", metavar="FILE", help="Write the lead's page there instead.")
def status(campaign: str, html: str, as_json: bool) -> None:
    """Show what waits for whom; needs no server."""
    from flows.reports import status as standing

    if html:
        if as_json:
            raise click.UsageError("--html and --json are two forms of the same: say one of them")
        from flows.reports.lead_page.lead_page_file import write_lead_page

        write_lead_page(state_of(campaign), campaign, html)
        click.echo(f"written: {html}")
        return
    facts = standing.status(state_of(campaign))
    if as_json:
        print_json(facts)
    else:
        from flows.terminal.console import Terminal

        standing.show(Terminal(highlight=True), facts, campaign)


@on_campaign()
def health(campaign: str, as_json: bool) -> None:
    """Tell whether ledger, schedule, servers and disks are sound, one line each; exit code 1 if one is not."""
    from flows.health.campaign_health import health as look

    found = look(campaign)
    if as_json:
        print_json(found.document())
    else:
        tell(sign.line for sign in found.signs)
    sys.exit(0 if found.sound else 1)


@on_campaign("item", several=True, also="[LANGUAGE]")
def explain(campaign: str, item: list[str], as_json: bool) -> None:
    """Tell everything that happened to an item, from its source to the release; needs no server, names nobody.

    ITEM is a question's id, as in a release; LANGUAGE a code or name, besides the language that it was written in.
    """
    from flows.reports.history.item_history import item_history
    from flows.reports.history.item_history_lines import facts, lines

    subject, *language = item
    found = item_history(state_of(campaign), subject, " ".join(language))
    if as_json:
        print_json(facts(found))
    else:
        for line in lines(found):
            click.echo(line)


@on_campaign()
@click.option("--person", default="", help="Only this one's, by code.")
@click.option("--letters", is_flag=True, help="What to send each of them, in the language of their pages.")
def links(campaign: str, person: str, letters: bool, as_json: bool) -> None:
    """Show where each person works and how much waits there, to be sent to them; invitations too."""
    from flows.reports import link_letters
    from flows.reports.workbench_links import lines, link_facts, links, out_of_reach, warnings
    from flows.services.running_servers import servers_of

    state = state_of(campaign)
    if person:
        state.campaign.person(person)  # reports a mistyped code even if no server answers
    found, problems = links(state, servers_of(state.campaign), person)
    unreachable = out_of_reach(found)
    written = list(link_letters.letters(state, found)) if letters else []
    if as_json:
        facts = {"links": link_facts(found), "problems": problems, "only_this_machine": unreachable}
        print_json({**facts, "letters": [asdict(letter) for letter in written]} if letters else facts)
    elif letters:
        none = "nobody has work that waits: there is nothing to send"
        tell([*(link_letters.letter_lines(written) if written else [none]), *warnings(unreachable), *problems])
    else:
        tell(
            [*lines(found), *warnings(unreachable), *problems] or ["no work was handed out yet: belebele advance"]
        )
    sys.exit(1 if problems else 0)


@on_campaign()
@click.option(
    "--out", default="", help="A folder for the pages, people.json, and the tables and figures for a paper."
)
@click.option("--outside", is_flag=True, help="Pseudonyms; no codes, no agencies, no small groups.")
def people(campaign: str, out: str, outside: bool, as_json: bool) -> None:
    """Show how far people agree, how reliable and how fast they are, and what to invoice; needs no server."""
    from flows.reports.people_and_pay import people as about

    document = about.people_facts(state_of(campaign), for_outside=outside)
    written = about.write(document, out) if out else []
    if as_json:
        print_json(document)
        return
    from flows.terminal.console import Terminal
    from qc.reports.people_report.people_terminal import show

    show(Terminal(), document)
    for file in written:
        click.echo(f"written: {file}")
