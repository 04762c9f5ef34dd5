"""The command `belebele`: all of its commands, in the order in which `--help` lists them.

A command that works on a campaign takes the campaign first: a folder or an object-store address, by default the
current folder. The commands are defined in the modules beside this one, a group in each. Heavy imports are left to
the commands that need them, so that `--help` answers at once.
"""

from __future__ import annotations

import click

from flows.cli.backup_commands import backup, restore
from flows.cli.command_group import Group
from flows.cli.lead_commands import (
    accept,
    answer,
    baseline,
    calibrate,
    contact,
    decide,
    mend,
    plant,
    qualify,
    reassign,
    reject,
    select,
)
from flows.cli.offline_commands import export, import_
from flows.cli.patch_command import patch
from flows.cli.preparation_commands import check, guidelines, init, languages, passages
from flows.cli.progress_commands import advance, explain, health, links, people, status
from flows.cli.read_command import read
from flows.cli.release_command import browse, diff, publish, release, verify
from flows.cli.service_commands import assistant, up
from flows.cli.set_commands.assemble_command import assemble
from flows.cli.set_commands.audit_command import audit
from flows.cli.set_commands.contamination_command import contamination
from flows.cli.set_commands.lint_command import lint
from flows.cli.set_commands.render_command import render
from flows.cli.simulation_commands import demo, rehearse
from flows.cli.vision_command import vision


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="belebele-maker", prog_name="belebele")
def main() -> None:
    """Make a multiple-choice reading benchmark: from parallel passages to a released set in many languages.

    Start with `belebele demo` to watch one being made, or with `belebele init DIR` for your own.
    """


for command in (
    demo, rehearse, init, passages, languages, guidelines, check, up, assistant, advance, status, health, links,
    people, explain, decide, select, calibrate, plant, baseline, reassign, qualify, answer, mend, accept, reject,
    contact, patch, export, import_, backup, restore, release, verify, diff, browse, publish, audit, lint,
    assemble, contamination, render, read, vision,
):  # fmt: skip
    main.add_command(command)


if __name__ == "__main__":
    main()
