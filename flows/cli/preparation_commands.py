"""The commands that prepare a campaign: begin it, list what is available, check that everything is ready."""

from __future__ import annotations

import sys

import click

from flows.cli.command_group import codes_of, on_campaign
from flows.terminal.messages import print_json, tell


@click.command()
@click.argument("directory", metavar="DIR")
@click.option("--source", "kind", type=click.Choice(["flores200", "floresplus", "parallel"]), required=True)
@click.option("--path", required=True, help="The source: a folder, an archive or a file.")
@click.option(
    "--languages", default="", help="Target languages, as fra_Latn,arb_Arab; default: all of the source."
)
@click.option(
    "--source-language", default="eng_Latn", show_default=True, help="Language that questions are written in."
)
@click.option(
    "--id", "name", default="", help="Short name, at most 12 of a-z, 0-9 and '-'; default: the folder's name."
)
@click.option("--title", default="", help="The benchmark's title.")
def init(
    directory: str, kind: str, path: str, languages: str, source_language: str, name: str, title: str
) -> None:
    """Begin a campaign: write a commented campaign.toml and an empty ledger to DIR."""
    from flows.lead.lead_actions import begin

    chosen = codes_of(languages)
    tell(begin(directory, kind, path, chosen, source_language=source_language, name=name, title=title))


@click.command()
@click.argument("path")
@click.option("--out", required=True, help="The parquet file to write.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn.")
@click.option("--source", "kind", type=click.Choice(["flores200", "floresplus", "parallel"]), help="What PATH is.")
def passages(path: str, out: str, languages: str, kind: str | None) -> None:
    """Write the passages of a source as one parquet file."""
    from data.sources import write_passages
    from flows.inspection.source_alignment import alignment_lines

    off: list[str] = []
    chosen = codes_of(languages) or None
    written = write_passages(path, out, chosen, kind, seen=lambda found: off.extend(alignment_lines(found)))
    tell([f"{written} passages written to {out}", *off])


@click.command()
@click.argument("words", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def languages(words: tuple[str, ...], as_json: bool) -> None:
    """List the languages that are known: all, or those in which every one of WORDS occurs.

    Looked through are names in English and in the language itself, codes, scripts and families; where none has it,
    those are shown that are spelt alike.
    """
    from dataclasses import asdict

    from data.languages import languages as known
    from data.languages import named

    found = named(*words)
    if as_json:
        print_json([asdict(one) for one in found.languages])
        return
    for one in found.languages:
        where = ", ".join([*(["Belebele"] if one.belebele else []), *(["FLORES-200"] if one.flores200 else [])])
        also = f"  also called {', '.join(one.also)}" if words and one.also else ""
        click.echo(f"{one.code:14} {one.name:34} {one.autonym:24} {one.direction}  {where}{also}")
    if found.guessed:
        click.echo(f"none is called {' '.join(words)!r}" + ("; these are spelt alike" if found.languages else ""))
    else:
        click.echo(f"{len(found.languages)} of {len(known())} languages")


@click.command()
@click.option("--out", required=True, help="A folder for them.")
def guidelines(out: str) -> None:
    """Write our guidelines and the quiz, to be changed and named in campaign.toml: [guidelines] folder."""
    from annotation.guidelines.guideline_files import write_ours

    names = ", ".join(write_ours(out))
    click.echo(f"{names} written to {out}. Take out what you do not change: ours is shown then.")


@on_campaign()
@click.option("--deep", is_flag=True, help="Read the whole ledger: is all there, byte for byte?")
@click.option("--mend", is_flag=True, help="With --deep: give up what is lost, and go on with the rest.")
@click.option(
    "--from",
    "copy",
    default="",
    help="With --mend: an older copy of the campaign, or a table exported as .parquet, to take it back from.",
)
def check(campaign: str, as_json: bool, deep: bool, mend: bool, copy: str) -> None:
    """Look at campaign.toml, the servers, the disk, and who has not signed up yet; or at the whole ledger."""
    from flows.reports import preflight_check

    if mend and not deep:
        raise click.UsageError("--mend gives up what --deep finds lost: belebele check --deep --mend")
    if copy and not mend:
        raise click.UsageError(
            "--from says where --mend takes back what is lost: belebele check --deep --mend --from COPY"
        )
    found = preflight_check.mend(campaign, copy) if mend else []
    found += preflight_check.examine_deeply(campaign) if deep else preflight_check.examine(campaign)
    if as_json:
        print_json([line.__dict__ for line in found])
    else:
        tell(f"{line.mark} {line.text}" for line in found)
    sys.exit(1 if any(line.bad for line in found) else 0)
