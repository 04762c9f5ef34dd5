"""The commands that export and import work and tables as files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from data.errors import UsageError
from flows.cli.command_group import codes_of, on_campaign, say, state_of


@on_campaign("table")
@click.option(
    "--out",
    required=True,
    help="A file: .parquet, .csv, .jsonl or .xlsx; for people, .xlsx; for a translator's program, .zip with an "
    "XLIFF file a passage, or .xlf; for a memory, .tmx.",
)
@click.option(
    "--work", is_flag=True, help="TABLE is a person's code: write their open work, to be filled in offline."
)
@click.option("--languages", default="", help="Of memory and glossary: these codes only, by commas.")
@click.option("--plants", is_flag=True, help="Leave in what is about planted faults.")
def export(campaign: str, table: str, out: str, work: bool, languages: str, plants: bool, as_json: bool) -> None:
    """Write a table of the ledger, memory or glossary, or a person's open work (--work), to a file.

    memory: accepted translations and the passages' sentences, as .tmx or as a table. glossary: the campaign's
    terms with a column for each language.
    """
    from flows.offline import memory_export, xliff_export
    from flows.offline.table_export import export_table
    from flows.offline.work_export import export_work

    state = state_of(campaign)
    codes = codes_of(languages)
    if codes and (work or table not in memory_export.TABLES):
        raise UsageError(f"--languages is for {' and '.join(memory_export.TABLES)}; leave it out")
    if work and Path(out).suffix.lower() in xliff_export.WRITTEN:
        made = xliff_export.export_xliff(state, table, out)
        words = f"{made.lines} {'question' if made.lines == 1 else 'questions'} written to {out}."
        left = [f"Left out: {one}." for one in made.left_out]
        say("\n".join([words, *left]), as_json, out=out, **asdict(made))
        return
    if not work and table in memory_export.TABLES:
        count = memory_export.export(state, table, out, codes)
    else:
        count = export_work(state, table, out) if work else export_table(state, table, out, plants=plants)
    say(f"{count} {'line' if count == 1 else 'lines'} written to {out}.", as_json, lines=count, out=out)


@on_campaign("file", several=True)
def import_(campaign: str, file: list[str], as_json: bool) -> None:
    """Take in work that was filled in offline, from one file or several, as `export --work` writes them.

    XLSX, CSV with commas or semicolons, text with tabs, JSON lines or parquet; all of it is taken in, or nothing.
    XLIFF 1.2 as .xlf, .xliff, a .zip or a folder of them: each question whose five texts are marked as translated,
    final or signed-off is taken in, and what is wrong with another is told; the exit code is then 1.
    Filled in are the columns from `query` on: answers as A to D or none, criteria as yes or no, the key by its
    number, other choices by the words of the page: keep, revise, drop; accept, corrected, return.
    """
    from flows.offline.work_import import import_work

    imported = import_work(state_of(campaign), *file)
    words = f"{imported}. The next advance reads them." if imported.pieces else f"{imported}."
    told = [f"refused: {one}" for one in imported.refused] + [f"unfinished: {one}" for one in imported.unfinished]
    say("\n".join([words, *told, *imported.remarks]), as_json, count=imported.pieces, **asdict(imported))
    if imported.refused:
        click.get_current_context().exit(1)
