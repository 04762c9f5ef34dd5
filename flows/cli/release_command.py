"""The commands on releases: `belebele release`, and `verify` and `diff`, which need no campaign."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from flows.cli.command_group import codes_of, on_campaign
from flows.cli.set_commands.runner_options import runner_of, runner_options
from flows.terminal.messages import print_json, tell


@on_campaign()
@click.option("--version", required=True, help="X.Y.Z")
@click.option("--out", required=True, help="A new folder for the release.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn; default: all that are complete.")
@click.option("--drop-incomplete", is_flag=True, help="Leave out items that a wanted language lacks.")
@click.option("--date", default="", help="YYYY-MM-DD; default: the day of the last accepted submission.")
@click.option("--quality", is_flag=True, help="Say on the card what proofreaders found in drafts, by language.")
@click.option(
    "--since", default="", help="The folder of the release that this one follows; default: that in --out."
)
@click.option("--sign", default="", help="Sign the manifest with this SSH key (ssh-keygen -Y sign).")
@click.option("--audit", default="", help="report.json of belebele audit on these items: prints its certificate.")
@click.option("--uncertified", default="", metavar="REASON", help="Print why there is no certificate.")
@runner_options
def release(campaign: str, version: str, out: str, languages: str, as_json: bool, **given: Any) -> None:
    """Write a release: parquet and JSON lines per split and language, a card and a manifest.

    Refused if --version says less than has changed since the release in --out (or --since): a mended text wants a
    patch, more items or languages a minor, a changed key or an item less a major version.
    """
    from flows.flow_runs import run_release
    from flows.runners.runner_choice import chosen

    with chosen(runner_of(given, campaign)):
        made = run_release(campaign, version, out, languages=codes_of(languages), **given)
    if as_json:
        print_json(made.facts)
    else:
        tell(made.lines)


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--allowed-signers", default="", help="Check the signature against this list (ssh-keygen's form).")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def verify(folder: str, allowed_signers: str, as_json: bool) -> None:
    """Check that a release is whole: every file there, unchanged, and none besides.

    Exits 0 if it is, 1 if files were changed, are missing or were added, or a signature does not hold, 2 if the
    folder is no release.
    """
    from data.release.release_verification import verification

    found = verification(Path(folder), Path(allowed_signers) if allowed_signers else None)
    if as_json:
        print_json(found.to_json())
    else:
        tell(found.lines())
    sys.exit(0 if found.whole else 1)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--responses", default="", help="Answers of solvers to OLD (as for audit), to be scored by both.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, with every change.")
def diff(old: str, new: str, responses: str, as_json: bool) -> None:
    """Show what has changed between two releases, by item and language, and which version that demands.

    Exits 0 if their items are the same, 1 if not, 2 if one of them cannot be read.
    """
    from data.release.release_content import content_of_folder
    from data.release.versions.release_difference import difference, told

    former, present = content_of_folder(Path(old)), content_of_folder(Path(new))
    found = difference(former, present)
    scores = []
    if responses:
        from data.itemsets.solver_responses import read_responses
        from qc.set_statistics.rescored_answers import rescored_answers

        scores = rescored_answers(former, present, read_responses(Path(responses)))
    if as_json:
        print_json({**found.to_json(), "scores": [asdict(one) for one in scores]})
    else:
        tell([*told(found), *(one.words for one in scores)])
    sys.exit(0 if found.step == "none" else 1)


@click.command()
@click.argument("folder", metavar="DIR")
@click.option("--out", required=True, help="The folder of the site.")
@click.option("--campaign", default="", help="The campaign it was made from: shows what became of each item.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def browse(folder: str, out: str, campaign: str, as_json: bool) -> None:
    """Write a site that shows a release's items in the languages that its reader chooses, side by side.

    It opens from the disk and from any server. With --campaign it also shows, in counts, how each item came about.
    """
    from flows.browse import browse_release

    made = browse_release(folder, out, campaign)
    if as_json:
        print_json(made.facts)
    else:
        tell(made.lines)


@click.command()
@click.argument("folder", metavar="DIR")
@click.option(
    "--to", required=True, help="A folder, s3://bucket/name, or hf://datasets/owner/name (token: $HF_TOKEN)."
)
@click.option("--go", is_flag=True, help="Send it. Without this, only what would be sent is said.")
@click.option("--since", default="", help="The folder of the release that is there: says what changes.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def publish(folder: str, to: str, go: bool, since: str, as_json: bool) -> None:
    """Upload a release: to a folder, an object store, or a data set on the Hugging Face Hub.

    Only what differs is sent. An upload that breaks off goes on where it stood when the command is given again. A
    release without a certificate goes nowhere, unless its card says why it has none.
    """
    from flows.flow_runs import run_publish
    from flows.terminal.progress_bar import show_progress

    bar, move = show_progress()
    with bar:
        done = run_publish(folder, to, go=go, since=since, tell=move)
    if as_json:
        print_json(done["facts"])
    else:
        tell(done["lines"])
