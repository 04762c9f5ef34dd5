"""The commands that export and import work and tables as files."""

from __future__ import annotations

import click

from flows.cli.command_group import on_campaign, say, state_of


@on_campaign("table")
@click.option("--out", required=True, help="A file: .parquet, .csv, .jsonl or .xlsx; for people, .xlsx.")
@click.option(
    "--work", is_flag=True, help="TABLE is a person's code: write their open work, to be filled in offline."
)
@click.option("--plants", is_flag=True, help="Leave in what is about planted faults.")
def export(campaign: str, table: str, out: str, work: bool, plants: bool, as_json: bool) -> None:
    """Write a table of the ledger, or a person's open work (--work), to a file."""
    from flows.lead.table_export import export_table
    from flows.lead.work_export import export_work

    state = state_of(campaign)
    count = export_work(state, table, out) if work else export_table(state, table, out, plants=plants)
    say(f"{count} {'line' if count == 1 else 'lines'} written to {out}.", as_json, lines=count, out=out)


@on_campaign("file", several=True)
def import_(campaign: str, file: list[str], as_json: bool) -> None:
    """Take in work that was filled in offline, from one file or several, as `export --work` writes them.

    XLSX, CSV with commas or semicolons, text with tabs, JSON lines or parquet; all of it is taken in, or nothing.
    Filled in are the columns from `query` on: answers as A to D or none, criteria as yes or no, the key by its
    number, other choices by the words of the page: keep, revise, drop; accept, corrected, return.
    """
    from dataclasses import asdict

    from flows.lead.work_import import import_work

    imported = import_work(state_of(campaign), *file)
    words = f"{imported}. The next advance reads them." if imported.pieces else f"{imported}."
    say(words, as_json, count=imported.pieces, **asdict(imported))
