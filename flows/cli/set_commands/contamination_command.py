"""The command `belebele contamination`: its options and exit codes."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.set_commands.column_options import column_options, columns_of
from flows.cli.set_commands.set_command import begin, end


@click.command()
@click.argument("release")
@click.option("--corpus", multiple=True, metavar="FILE", help="Texts to search, or a folder; may be repeated.")
@click.option("--out", default="", help="The folder for passport.parquet, leaks.jsonl and the report.")
@click.option("--ngram", type=click.IntRange(5), default=13, show_default=True, help="Words that make a copy.")
@column_options
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def contamination(
    release: str, corpus: tuple[str, ...], out: str, ngram: int, as_json: bool, **given: Any
) -> None:
    """Say what of a release could be found in corpora by n-grams, and what is.

    RELEASE is a release's folder, or any set of questions. Exits 0 if nothing was found, 1 if something was, 2 if
    the release or a corpus cannot be read, 70 on an error of ours.
    """
    if not begin([release], out, given, beside=corpus):
        return
    from flows.contamination.contamination_passport import contamination as look
    from flows.terminal.progress_bar import show_progress

    bar, tell = show_progress()
    with bar:
        done = look(release, corpus, out, ngram=ngram, columns=columns_of(given), tell=tell)
    end(done, as_json=as_json)
