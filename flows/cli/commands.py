"""The command `belebele`.

Every command that works on a campaign takes the campaign first: a folder or an object-store address, by default
the current folder. What is heavy is imported by the command that needs it, so that `--help` answers at once.
"""

from __future__ import annotations

import sys

import click

from flows.cli import command_group
from flows.cli.audit_command import audit
from flows.cli.command_group import HERE, Group, codes_of, print_json, say, state_of, tell


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="belebele-maker", prog_name="belebele")
def main() -> None:
    """Make a multiple-choice reading benchmark: from parallel passages to a released set in many languages.

    Start with `belebele demo` to watch one being made, or with `belebele init DIR` for your own.
    """


@main.command()
@click.option("--out", default="demo", show_default=True, help="A new folder for the campaign and its release.")
@click.option("--keep-open", is_flag=True, help="Leave the servers running at the end, to look around.")
def demo(out: str, keep_open: bool) -> None:
    """Watch a small benchmark being made, start to end, on real servers."""
    from flows.simulation.demo.demo import play

    play(out, keep_open=keep_open)


@main.on_campaign()
@click.option("--out", required=True, help="A new folder for the copy that is played and what came of it.")
@click.option("--passages", default=60, show_default=True, help="Only the first so many passages.")
@click.option(
    "--languages", default="", help="Target languages, as fra_Latn,arb_Arab; default: all of the campaign."
)
@click.option(
    "--people", default="", help="A file (TOML) that says how well, how fast and at what rate people work."
)
@click.option("--seed", default=1, show_default=True, help="Of everybody's luck.")
def rehearse(
    campaign: str, out: str, passages: int, languages: str, people: str, seed: int, as_json: bool
) -> None:
    """Let scripted people play a copy of the campaign: how long, what cost, which faults slip through."""
    from flows.simulation.rehearsal.rehearsal import rehearse_and_print

    chosen = codes_of(languages)
    rehearse_and_print(
        campaign, out, as_json=as_json, passages=passages, languages=chosen, people=people, seed=seed
    )


@main.command()
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


@main.command()
@click.argument("path")
@click.option("--out", required=True, help="The parquet file to write.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn.")
@click.option("--source", "kind", type=click.Choice(["flores200", "floresplus", "parallel"]), help="What PATH is.")
def passages(path: str, out: str, languages: str, kind: str | None) -> None:
    """Write the passages of a source as one parquet file."""
    from data.sources import write_passages

    chosen = codes_of(languages) or None
    written = write_passages(path, out, chosen, kind)
    click.echo(f"{written} passages written to {out}")


@main.command()
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


@main.command()
@click.option("--out", required=True, help="A folder for them.")
def guidelines(out: str) -> None:
    """Write our guidelines and the quiz, to be changed and named in campaign.toml: [guidelines] folder."""
    from annotation.guidelines.guideline_files import write_ours

    names = ", ".join(write_ours(out))
    click.echo(f"{names} written to {out}. Take out what you do not change: ours is shown then.")


@main.on_campaign()
@click.option("--deep", is_flag=True, help="Read the whole ledger: is all there, byte for byte?")
@click.option("--mend", is_flag=True, help="With --deep: give up what is lost, and go on with the rest.")
@click.option(
    "--from", "copy", default="", help="With --mend: an older copy of the campaign, to take it back from."
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


@main.command()
@click.argument("campaign", default=HERE)
@click.option("--no-schedule", is_flag=True, help="Start the servers only; advance by hand.")
@click.option(
    "--port", type=int, default=None, help="Label Studio's; default: the one that it had before, or a free one."
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="What Label Studio listens on: an address of this machine that others reach, or 0.0.0.0 for all.",
)
def up(campaign: str, no_schedule: bool, port: int | None, host: str) -> None:
    """Start Label Studio, Prefect's server and the schedule; Ctrl-C stops them all."""
    from flows.services.up import stand

    command_group.begin(campaign)
    stand(campaign, scheduled=not no_schedule, port=port, host=host)


@main.command()
@click.argument("campaign", default=HERE)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="What to listen on; Label Studio must reach it."
)
@click.option("--port", type=int, default=0, help="Default: the one that it had before, or a free one.")
def assistant(campaign: str, host: str, port: int) -> None:
    """Answer authors while they write: what is noticed, and what the shortcut meter says; Ctrl-C stops it."""
    from flows.services.assistant_process import serve

    command_group.begin(campaign)
    serve(campaign, host, port)


@main.on_campaign()
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--full", is_flag=True, help="Look at everything on the servers, not only at what changed.")
def advance(campaign: str, dry_run: bool, full: bool, as_json: bool) -> None:
    """Collect what was submitted, check it, decide, and open the next work."""
    from flows.cli.advance_output import show_progress
    from flows.flow_runs import run_advance

    told = run_advance(campaign, full=full, dry_run=dry_run)
    if as_json:
        print_json(told.__dict__)
    else:
        show_progress(told, dry_run=dry_run, campaign=campaign)
    sys.exit(1 if told.problems else 0)


@main.on_campaign()
def status(campaign: str, as_json: bool) -> None:
    """Show what waits for whom; needs no server."""
    from flows.reports import status as standing

    told = standing.status(state_of(campaign))
    if as_json:
        print_json(told)
    else:
        from flows.cli.terminal import Terminal

        standing.show(Terminal(highlight=True), told, campaign)


@main.on_campaign()
@click.option("--person", default="", help="Only this one's, by code.")
def links(campaign: str, person: str, as_json: bool) -> None:
    """Show where each person works and how much waits there, to be sent to them; invitations too."""
    from flows.reports.workbench_links import lines, links, out_of_reach, plain, warnings
    from flows.services.running_servers import servers_of

    state = state_of(campaign)
    if person:
        state.campaign.person(person)  # so that a slip is told whether or not a server answers
    found, problems = links(state, servers_of(state.campaign), person)
    unreachable = out_of_reach(found)
    if as_json:
        print_json({"links": plain(found), "problems": problems, "only_this_machine": unreachable})
    else:
        tell(
            [*lines(found), *warnings(unreachable), *problems] or ["no work was handed out yet: belebele advance"]
        )
    sys.exit(1 if problems else 0)


@main.on_campaign()
@click.option("--out", default="", help="A folder for the page and the data: people.html, people.json.")
@click.option("--outside", is_flag=True, help="Pseudonyms; no codes, no agencies, no small groups.")
def people(campaign: str, out: str, outside: bool, as_json: bool) -> None:
    """Show how far people agree, how reliable and how fast they are, and what to invoice; needs no server."""
    from flows.reports import people as about

    told = about.people_facts(state_of(campaign), for_outside=outside)
    written = about.write(told, out) if out else []
    if as_json:
        print_json(told)
        return
    from flows.cli.terminal import Terminal
    from qc.reports.people_report.people_terminal import show

    show(Terminal(), told)
    for file in written:
        click.echo(f"written: {file}")


@main.on_campaign("item", "outcome")
@click.option("--reason", required=True, help="For the people whose work it is, and for the record.")
def decide(campaign: str, item: str, outcome: str, reason: str, as_json: bool) -> None:
    """Decide about an item by the lead's word: keep, revise or drop.

    ITEM is a question's id for the source language, or question's id/language.
    """
    from flows.lead import lead_actions

    if outcome not in ("keep", "revise", "drop"):
        raise click.UsageError(f"the outcome is keep, revise or drop, not {outcome!r}")
    said = lead_actions.decide(state_of(campaign), item, outcome, reason)  # type: ignore[arg-type]
    say(f"decided: {said}. The next advance acts on it.", as_json, decided=said)


@main.on_campaign()
@click.option("--size", type=int, help="How many; default: selected_questions, else wanted_questions.")
@click.option("--per-passage", type=int, help="At most so many questions on one passage.")
@click.option("--margin", type=float, help="How far from chance a rule of thumb may be right; default: 0.05.")
@click.option("--dry-run", is_flag=True, help="Say what would be chosen, and write nothing.")
def select(
    campaign: str, size: int | None, per_passage: int | None, margin: float | None, dry_run: bool, as_json: bool
) -> None:
    """Choose the final set of the kept questions: balanced, so that no rule of thumb solves it.

    Quotas of domains and topics stand in campaign.toml. What cannot be had at once is given up, and said. The
    latest selection counts; releases take it, in the order of options that was drawn for it.
    """
    from flows.lead.selection import select as choose

    made = choose(state_of(campaign), size=size, per_passage=per_passage, margin=margin, dry_run=dry_run)
    if as_json:
        print_json(made.facts)
    else:
        tell(made.lines)


@main.on_campaign("file")
def plant(campaign: str, file: str, as_json: bool) -> None:
    """Put copies of questions with known faults among the reviewers' work, from a file of your own.

    FILE holds JSON lines with question_id, kind (wrong_key, two_right, unanswerable, cue or sound), and what
    differs from the question as it stands: question, answers, key, passage_id or sentences.
    """
    from flows.lead.plants_from_file import supply

    count = supply(state_of(campaign), file)
    words = f"{count} {'plant' if count == 1 else 'plants'} taken in. The next advance hands them out."
    say(words, as_json, plants=count)


@main.on_campaign()
@click.option("--items", type=int, help="How many; default: baseline.items of campaign.toml.")
def baseline(campaign: str, items: int | None, as_json: bool) -> None:
    """Draw items of the accepted set at random, for fresh people (role baseline) to answer in every language."""
    from flows.copies.human_baseline import draw_now

    count = draw_now(state_of(campaign), items)
    words = f"{count} items are drawn for the baseline. The next advance hands them out."
    say(words, as_json, items=count)


@main.on_campaign("person")
@click.option("--to", default="", help="Give it all to this person; default: spread it over those who can do it.")
def reassign(campaign: str, person: str, to: str, as_json: bool) -> None:
    """Take a person's open work away; what they submitted stays and counts."""
    from flows.lead import lead_actions

    count = lead_actions.reassign(state_of(campaign), person, to)
    tasks = f"{count} open {'task' if count == 1 else 'tasks'}"
    words = (
        f"{tasks} taken from {person}. The next advance hands them out."
        if count
        else f"{person} has no open work."
    )
    say(words, as_json, tasks=count)


@main.on_campaign("person")
def qualify(campaign: str, person: str, as_json: bool) -> None:
    """Let somebody write questions who has not passed the qualification."""
    from flows.steps import author_qualification

    said = author_qualification.let_in(state_of(campaign), person)
    say(f"{said}.", as_json, person=person)


@main.on_campaign("query", "text", more=True)
def answer(campaign: str, query: str, text: str, as_json: bool) -> None:
    """Answer a query about a passage; everyone who works on it sees the answer."""
    from flows.lead import lead_actions

    passage = lead_actions.answer(state_of(campaign), query, text)
    say(f"answered for everyone who works on {passage}.", as_json, passage_id=passage)


@main.on_campaign("passage", "language", "file")
def mend(campaign: str, passage: str, language: str, file: str, as_json: bool) -> None:
    """Replace a passage's text in one language by FILE's (one sentence a line); what used it turns stale."""
    from pathlib import Path

    from data.intake import Unreadable, text_files
    from flows.lead import lead_actions

    if not Path(file).is_file():
        raise click.UsageError(f"there is no file {file!r}: write the mended passage there, one sentence a line")
    try:
        sentences = text_files.text_lines(Path(file))
    except Unreadable as problem:
        raise click.UsageError(problem.at(file)) from None
    revision = lead_actions.mend(state_of(campaign), passage, language, sentences)
    say(f"{passage} in {language} is at revision {revision}.", as_json, revision=revision)


@main.on_campaign("what")
def accept(campaign: str, what: str, as_json: bool) -> None:
    """Let count what waits for your word: a late edit, what was answered on an altered page, an account.

    WHAT is an annotation's or a workbench's name, or an account's (7@main; all: accounts), as status gives it.
    """
    from flows.lead import acceptance

    said = acceptance.accept(state_of(campaign), what)
    say(f"{said.words}.", as_json, **said.facts)


@main.on_campaign("what")
def reject(campaign: str, what: str, as_json: bool) -> None:
    """Leave out what waits for your word, or say that you have seen what cannot count; WHAT as for accept."""
    from flows.lead import acceptance

    said = acceptance.reject(state_of(campaign), what)
    say(f"{said.words}.", as_json, **said.facts)


@main.on_campaign("person")
@click.option("--email", default="", help="The address that this person signs up with.")
@click.option("--name", default="", help="How to call them; for you only.")
@click.option("--forget", is_flag=True, help="Erase what is known of this person's name and address.")
def contact(campaign: str, person: str, email: str, name: str, forget: bool, as_json: bool) -> None:
    """Note who stands behind a person's code; kept apart from the ledger, and erasable."""
    from flows.lead import lead_actions

    said = lead_actions.contact(state_of(campaign), person, email=email, name=name, forget=forget)
    say(said, as_json, person=person)


@main.on_campaign("table")
@click.option("--out", required=True, help="A file: .parquet, .csv, .jsonl or .xlsx; for people, .xlsx.")
@click.option(
    "--work", is_flag=True, help="TABLE is a person's code: write their open work, to be filled in offline."
)
@click.option("--plants", is_flag=True, help="Leave in what is about planted faults.")
def export(campaign: str, table: str, out: str, work: bool, plants: bool, as_json: bool) -> None:
    """Write a table of the ledger, or a person's open work (--work), to a file."""
    from flows.lead.offline_work import export_table, export_work

    state = state_of(campaign)
    count = export_work(state, table, out) if work else export_table(state, table, out, plants=plants)
    say(f"{count} {'line' if count == 1 else 'lines'} written to {out}.", as_json, lines=count, out=out)


@main.on_campaign("file", several=True)
def import_(campaign: str, file: list[str], as_json: bool) -> None:
    """Take in work that was filled in offline, from one file or several, as `export --work` writes them.

    XLSX, CSV with commas or semicolons, text with tabs, JSON lines or parquet; all of it is taken in, or nothing.
    Filled in are the columns from `query` on: answers as A to D or none, criteria as yes or no, the key by its
    number, other choices by the words of the page: keep, revise, drop; accept, corrected, return.
    """
    from dataclasses import asdict

    from flows.lead.offline_work import import_work

    told = import_work(state_of(campaign), *file)
    words = f"{told}. The next advance reads them." if told.pieces else f"{told}."
    say(words, as_json, count=told.pieces, **asdict(told))


@main.on_campaign()
@click.option("--version", required=True, help="X.Y.Z")
@click.option("--out", required=True, help="A new folder for the release.")
@click.option("--languages", default="", help="Only these, as eng_Latn,fra_Latn; default: all that are complete.")
@click.option("--drop-incomplete", is_flag=True, help="Leave out items that a wanted language lacks.")
@click.option("--date", default="", help="YYYY-MM-DD; default: the day of the last accepted submission.")
def release(
    campaign: str, version: str, out: str, languages: str, drop_incomplete: bool, date: str, as_json: bool
) -> None:
    """Write a release: a parquet file per language, a card and a manifest."""
    from flows.flow_runs import run_release

    wanted = codes_of(languages)
    made = run_release(campaign, version, out, languages=wanted, drop_incomplete=drop_incomplete, date=date)
    if as_json:
        print_json(made.facts)
    else:
        tell(made.lines)


main.add_command(audit)


if __name__ == "__main__":
    main()
