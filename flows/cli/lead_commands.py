"""The lead's commands: decide, select, assign, answer and accept."""

from __future__ import annotations

from typing import Any

import click

from flows.cli.command_group import on_campaign, state_of
from flows.cli.set_commands.model_options import model_options
from flows.cli.set_commands.runner_options import runner_of, runner_options
from flows.terminal.messages import print_json, say, tell


@on_campaign("item", "outcome")
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


@on_campaign()
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


@on_campaign()
@click.option("--again", is_flag=True, help="Make it anew even if no passage changed.")
@model_options
@runner_options
def calibrate(campaign: str, again: bool, as_json: bool, **given: Any) -> None:
    """Learn anew from the passages what texts look like in each language, and how odd a correct one may be.

    Learned checks judge by the latest calibration; what they judged before keeps its verdicts. `advance`
    calibrates once, when the first translation is to be checked. From 200 accepted items of a language on, it is
    estimated on these how many correct ones each check flags. The figures are in the table `calibrations`.

    Models from elsewhere judge from here on: those that are named here, else those of `[models]` in campaign.toml.
    """
    from flows.calibrations.model_paths import ModelPaths
    from flows.lead.calibration_request import calibrate_campaign

    choice = runner_of(given, campaign)
    made = calibrate_campaign(campaign, again=again, models=ModelPaths(**given), choice=choice)
    say(
        made.sentence,
        as_json,
        fit=made.fit,
        new=made.new,
        languages=made.languages,
        without=list(made.without),
        meaning=list(made.meaning),
        moved=[line.facts for line in made.moved],
        accepted=list(made.accepted),
        models=dict(made.models),
    )


@on_campaign("file")
def plant(campaign: str, file: str, as_json: bool) -> None:
    """Put copies of questions with known faults among the reviewers' work, from a file of your own.

    FILE holds JSON lines with question_id, kind (wrong_key, two_right, unanswerable, cue or sound), and what
    differs from the question as it stands: question, answers, key, passage_id or sentences.
    """
    from flows.lead.plants_from_file import supply

    count = supply(state_of(campaign), file)
    words = f"{count} {'plant' if count == 1 else 'plants'} taken in. The next advance hands them out."
    say(words, as_json, plants=count)


@on_campaign()
@click.option("--items", type=int, help="How many; default: baseline.items of campaign.toml.")
def baseline(campaign: str, items: int | None, as_json: bool) -> None:
    """Draw items of the accepted set at random, for fresh people (role baseline) to answer in every language."""
    from flows.item_copies.human_baseline import draw_now

    count = draw_now(state_of(campaign), items)
    words = f"{count} items are drawn for the baseline. The next advance hands them out."
    say(words, as_json, items=count)


@on_campaign("person")
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


@on_campaign("person")
def qualify(campaign: str, person: str, as_json: bool) -> None:
    """Let somebody write questions who has not passed the qualification."""
    from flows.steps import author_qualification

    said = author_qualification.let_in(state_of(campaign), person)
    say(f"{said}.", as_json, person=person)


@on_campaign("query", "text", more=True)
def answer(campaign: str, query: str, text: str, as_json: bool) -> None:
    """Answer a query about a passage; everyone who works on it sees the answer."""
    from flows.lead import lead_actions

    passage = lead_actions.answer(state_of(campaign), query, text)
    say(f"answered for everyone who works on {passage}.", as_json, passage_id=passage)


@on_campaign("passage", "language", "file")
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


@on_campaign("what")
def accept(campaign: str, what: str, as_json: bool) -> None:
    """Let count what waits for your word: a late edit, what was answered on an altered page, an account.

    WHAT is an annotation's or a workbench's name, or an account's (7@main; all: accounts), as status gives it.
    """
    from flows.lead import acceptance

    said = acceptance.accept(state_of(campaign), what)
    say(f"{said.words}.", as_json, **said.facts)


@on_campaign("what")
def reject(campaign: str, what: str, as_json: bool) -> None:
    """Leave out what waits for your word, or say that you have seen what cannot count; WHAT as for accept."""
    from flows.lead import acceptance

    said = acceptance.reject(state_of(campaign), what)
    say(f"{said.words}.", as_json, **said.facts)


@on_campaign("person", several=True, also="| --file TABLE", bare=True)
@click.option("--file", default="", metavar="TABLE", help="Everybody at once: person, email, name.")
@click.option("--email", default="", help="The address that this person signs up with.")
@click.option("--name", default="", help="How to call them; for you only.")
@click.option("--forget", is_flag=True, help="Erase what is known of this person's name and address.")
@click.option("--mail/--no-mail", default=None, help="Whether they want the program's messages by e-mail.")
def contact(
    campaign: str,
    person: list[str],
    file: str,
    email: str,
    name: str,
    forget: bool,
    mail: bool | None,
    as_json: bool,
) -> None:
    """Note who stands behind a person's code; kept apart from the ledger, and erasable.

    PERSON is a code of campaign.toml, or lead: for who is told what waits for a decision and what goes wrong.
    """
    if len(person) != (0 if file else 1):
        raise click.UsageError("name one PERSON, or a table with --file")
    if file:
        if email or name or forget or mail is not None:
            raise click.UsageError("--file has addresses and names itself: leave the other options out")
        from flows.lead.contacts_from_file import contacts_from_file

        count = contacts_from_file(state_of(campaign), file)
        said = f"{count} contact{'' if count == 1 else 's'} noted; belebele links has what to send them"
        say(said, as_json, noted=count)
        return
    from flows.lead import lead_actions

    said = lead_actions.contact(state_of(campaign), person[0], email=email, name=name, forget=forget, mail=mail)
    say(said, as_json, person=person[0])
