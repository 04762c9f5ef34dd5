"""The commands that keep a campaign elsewhere, and bring it back."""

from __future__ import annotations

from datetime import datetime

import click

from flows.cli.command_group import on_campaign
from flows.terminal.messages import begin, say, tell

_DATA = "The data folder of a Label Studio that somebody else starts."
_POSTGRES = "Its database in PostgreSQL, as dbname=label-studio; the password from PGPASSWORD or ~/.pgpass."


@on_campaign("dir")
@click.option("--keep", type=click.IntRange(1), help="How many backups of this campaign stay there; default: all.")
@click.option("--label-studio", default="", metavar="FOLDER", help=_DATA)
@click.option("--postgres", default="", metavar="DATABASE", help=_POSTGRES)
def backup(campaign: str, dir: str, keep: int | None, label_studio: str, postgres: str, as_json: bool) -> None:
    """Keep everything of a campaign in a new folder in DIR, while people work on.

    That is the ledger and all else at the campaign's address, people's addresses, the secret behind their
    pseudonyms, and the Label Studio that `belebele up` starts here, with accounts, drafts and secrets. Keep it as
    you keep passwords. `belebele restore` brings it back, on this machine or another.
    """
    from pathlib import Path

    from flows.backup.backup_run import back_up

    made = back_up(
        campaign,
        Path(dir),
        label_studio=label_studio,
        postgres=postgres,
        keep=keep,
        tell=lambda line: None if as_json else tell([line]),
    )
    manifest = made.manifest
    if not as_json:
        tell(
            [
                *(f"not in it: {left}" for left in manifest.left_out),
                *(f"removed: {old}" for old in made.removed),
                f"backed up: {made.folder} ({len(manifest.files)} files, {manifest.size / 1e6:.1f} MB). "
                "It holds secrets and addresses: keep it as you keep passwords.",
            ]
        )
        return
    say(
        "",
        True,
        folder=str(made.folder),
        campaign=manifest.campaign,
        made_at=manifest.made_at,
        files=len(manifest.files),
        bytes=manifest.size,
        left_out=list(manifest.left_out),
        removed=[str(old) for old in made.removed],
    )


@click.command()
@click.argument("backup")
@click.argument("campaign")
@click.option("--no-server", is_flag=True, help="Without Label Studio, its accounts and drafts.")
@click.option("--label-studio", default="", metavar="FOLDER", help=_DATA)
@click.option("--postgres", default="", metavar="DATABASE", help=_POSTGRES)
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def restore(backup: str, campaign: str, no_server: bool, label_studio: str, postgres: str, as_json: bool) -> None:
    """Bring a campaign back from the folder BACKUP to an empty place CAMPAIGN; nothing is written over.

    What is this machine's goes into its state folder (BELEBELE_STATE_DIR): addresses, secrets, Label Studio.
    """
    from pathlib import Path

    from flows.backup.restore_run import restore as bring_back

    begin(campaign)
    made = bring_back(Path(backup), campaign, label_studio=label_studio, postgres=postgres, server=not no_server)
    manifest = made.manifest
    if as_json:
        say(
            "",
            True,
            campaign=manifest.campaign,
            address=campaign,
            made_at=manifest.made_at,
            brought=list(made.brought),
            wanted=list(made.wanted),
        )
        return
    when = datetime.fromisoformat(manifest.made_at)
    tell(
        [
            f"restored: {manifest.title}, as of {when:%Y-%m-%d %H:%M:%S} UTC: {', '.join(made.brought)}",
            *made.wanted,
            "then go on with: belebele up",
        ]
    )
