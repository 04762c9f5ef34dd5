"""`belebele patch`: what users of a release report becomes work, or takes an item back."""

from __future__ import annotations

import click

from flows.cli.command_group import on_campaign, state_of
from flows.terminal.messages import print_json, tell


@on_campaign("item", several=True, also="[LANGUAGE]", bare=True)
@click.option("--error", default="", help="What is wrong, in words that the next release prints.")
@click.option(
    "--part", default="", help="Where: passage, question, option_1 to option_4 (as the release has them) or key."
)
@click.option("--reported-by", default="", help="Whom the release thanks, as they wish to be printed.")
@click.option("--url", default="", help="Where the report can be read.")
@click.option("--withdraw", default="", metavar="REASON", help="Take the item back in every language, for good.")
@click.option("--file", "file", default="", help="A table of reports; its columns are named as the options.")
@click.option("--dry-run", is_flag=True, help="Say what would follow, and write nothing.")
def patch(
    campaign: str,
    item: list[str],
    error: str,
    part: str,
    reported_by: str,
    url: str,
    withdraw: str,
    file: str,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Record an error in a released item, and let the next advance make work of it; without ITEM, list all.

    ITEM is a question's id, as in the release; LANGUAGE a code or name, by default the one that it was written in.
    A text goes back to those who make it, a key or a passage to you. The next release prints what was wrong,
    what has changed, and whom to thank.
    """
    if not item and not file:
        if error or withdraw:
            raise click.UsageError("say which item: belebele patch CAMPAIGN ITEM [LANGUAGE] --error '…'")
        from flows.patches.patch_standing import lines, patch_facts

        state = state_of(campaign)
        if as_json:
            print_json(patch_facts(state))
        else:
            tell(lines(state))
        return
    from flows.patches.patch_requests import PatchRequest, patch_all
    from flows.patches.patch_requests import patch as record

    if file:
        if item or error or withdraw:
            raise click.UsageError("give --file, or one item with --error or --withdraw")
        done = patch_all(state_of(campaign), file, dry_run=dry_run)
    else:
        subject, *language = item
        request = PatchRequest(subject, " ".join(language), error, part, reported_by, url, withdraw)
        done = [record(state_of(campaign), request, dry_run=dry_run)]
    if as_json:
        print_json({"patches": [dict(one.facts) for one in done]})
    else:
        tell([f"{one.words}." for one in done])
