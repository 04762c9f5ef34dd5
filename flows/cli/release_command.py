"""The command `belebele release`."""

from __future__ import annotations

import click

from flows.cli.command_group import codes_of, on_campaign, print_json, tell


@on_campaign()
@click.option("--version", required=True, help="X.Y.Z")
@click.option("--out", required=True, help="A new folder for the release.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn; default: all that are complete.")
@click.option("--drop-incomplete", is_flag=True, help="Leave out items that a wanted language lacks.")
@click.option("--date", default="", help="YYYY-MM-DD; default: the day of the last accepted submission.")
@click.option("--quality", is_flag=True, help="Say on the card what proofreaders found in drafts, by language.")
def release(
    campaign: str,
    version: str,
    out: str,
    languages: str,
    drop_incomplete: bool,
    date: str,
    quality: bool,
    as_json: bool,
) -> None:
    """Write a release: a parquet file per language, a card and a manifest."""
    from flows.flow_runs import run_release

    wanted = codes_of(languages)
    made = run_release(
        campaign, version, out, languages=wanted, drop_incomplete=drop_incomplete, date=date, quality=quality
    )
    if as_json:
        print_json(made.facts)
    else:
        tell(made.lines)
