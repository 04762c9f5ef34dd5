"""The page on the commands, from the very declarations that `belebele --help` prints."""

from __future__ import annotations

import inspect

import click

from flows.cli.commands import main
from reference.markdown import GENERATED, code, plain, table

_INTRODUCTION = """\
# Commands

Every command that works on a campaign takes the campaign first: a folder, or an object-store address such
as `s3://bucket/mybench`; left out, it is the current folder. A message goes to standard error with exit
status 2 where a command was used wrongly, and 70 is an error of ours.

"""


def page() -> str:
    """Return the page, in Markdown."""
    return GENERATED + _INTRODUCTION + "\n".join(_command(name, main.commands[name]) for name in main.commands)


def _command(name: str, command: click.Command) -> str:
    context = click.Context(command, info_name=f"belebele {name}", max_content_width=110)
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    about = plain(inspect.cleandoc(command.help or ""))
    options = [
        one for one in command.get_params(context) if isinstance(one, click.Option) and "--help" not in one.opts
    ]
    rows = [[_names(option), plain(_help(option, context))] for option in options]
    return f"## belebele {name}\n\n```\n{usage}\n```\n\n{about}\n\n" + (
        table(["option", "meaning"], rows) if rows else ""
    )


def _names(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('x')))}"
    return code(", ".join([*option.opts, *option.secondary_opts]) + value)


def _help(option: click.Option, context: click.Context) -> str:
    said = [option.help or ""]
    default = option.get_default(context, call=False)
    if option.required:
        said.append("Required.")
    elif option.show_default and not option.is_flag:
        said.append(f"Default: {code(str(default))}.")
    return " ".join(filter(None, said))
