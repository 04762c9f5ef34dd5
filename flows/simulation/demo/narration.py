"""The narration of the demo for a first-time viewer: one paragraph per kind of work, with who did it.

It only prints. While people work, bars show how far they are and what they are working on; afterwards one line a
stage remains. Without a terminal there are no bars.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from data.languages import language as find_language
from data.ledger.tables import Stage
from data.sample import Person, Reporting, Sample, ScriptedFault
from flows.progress import Progress as Advanced
from flows.progress import lines
from flows.terminal.console import Terminal
from qc.decisions import decision_reason
from qc.decisions.decision_reason import Kept, SentBack
from qc.feedback.meter_reading import is_about_meter
from qc.reports.people_report.people_phrases import KINDS, sentence

console = Terminal()

_LABEL = 12
_BARS = 46  # columns for label, bar and count
_MOST_REASONS = 6

Deed = Literal[Stage, "rechecking", "reading"]
"""A kind of work: that of a stage, or the purpose of a copy of a question."""

STORY: Mapping[Deed, tuple[str, str, str]] = {
    "qualifying": (
        "qualify", "took quiz",
        "Whoever is to write questions first answers a quiz on how to write them.",
    ),
    "authoring": (
        "write", "wrote",
        "Writers read a passage and write questions with four answers, one of them right. "
        "An assistant says on the page what it notices.",
    ),
    "guessing": (
        "guess", "guessed",
        "Some reviewers answer before they have seen the passage: what can be had without reading?",
    ),
    "answering": (
        "answer", "answered",
        "Two reviewers answer every question without knowing which answer is meant to be right.",
    ),
    "judging": (
        "judge", "judged",
        "Who answered is shown the right answer, and judges the question by seven criteria.",
    ),
    "rechecking": (
        "recheck", "rechecked",
        "A random share of what was accepted is answered and judged anew, by an expert who had no part in it.",
    ),
    "adjudicating": (
        "settle", "settled",
        "Where three reviewers cannot agree, somebody else sees all that they said and decides.",
    ),
    "translating": (
        "translate", "translated",
        "What was kept is translated, with the passage in the other language in view.",
    ),
    "proofreading": (
        "proofread", "proofread",
        "Proofreaders see source, draft and findings; they accept it, mend it, or send it back.",
    ),
    "wording": (
        "word", "worded",
        "Translators write the words around a question, such as its labels; proofreaders read them.",
    ),
    "reading": (
        "read", "read",
        "The set is complete. People who have seen none of it answer a random part: how often are they right?",
    ),
}  # fmt: skip
"""For each kind of work: its name, its past tense, and its purpose."""


def say(label: str, text: str, style: str = "cyan") -> None:
    """Print a labelled paragraph with a hanging indent."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL, style=style)
    grid.add_column()
    grid.add_row(Text(f"  {label}"), Text(text))
    console.print(grid)


def opening(sample: Sample) -> None:
    """Print what is about to happen."""
    console.rule(Text("A benchmark is made", style="bold"))
    passages = len({passage.passage_id for passage in sample.passages})
    console.print(
        f"{passages} passages, {len(sample.slots)} questions, {len(sample.translations) + 1} languages, "
        f"{len(sample.people)} people, who make {len(sample.faults)} faults."
    )


def waiting(words: str) -> nullcontext[None]:
    """Print what takes a while, with a spinner where there is a terminal."""
    if console.is_terminal:
        return console.status(words)  # type: ignore[return-value]
    console.print(words)
    return nullcontext()


@contextmanager
def stopping() -> Iterator[None]:
    """Say that stopping takes a moment, if Ctrl-C causes it."""
    try:
        yield
    except KeyboardInterrupt:
        console.print("stopping …")
        raise


def advanced(progress: Advanced) -> None:
    """Print what an advance did."""
    say("advance", "; ".join(lines(progress)) or "nothing is left to do", "green")


def decided(recent: pd.DataFrame) -> None:
    """Print what was sent back or dropped, and why, and what was kept after a dispute.

    Args:
        recent: decisions of the rules (subject, language, reason).
    """
    for subject, language, reason in zip(recent["subject"], recent["language"], recent["reason"], strict=True):
        item = f"{subject} in {find_language(language).name}"
        match decision_reason.parse(reason):
            case Kept() as kept if kept.after_dispute:
                say("kept", f"{item}\n{kept.sentence}", "yellow")
            case SentBack(outcome, findings):
                shown = [_shortened(" ".join(one.split())) for one in findings[:_MOST_REASONS]]
                label = "dropped" if outcome == "drop" else "sent back"
                say(label, "\n".join([item, *shown]), "yellow")


def asked(person: str, language: str, passage: str, text: str, reply: str) -> None:
    """Print a query and the lead's reply."""
    say("asks", f"{person} about {passage} in {find_language(language).name}: “{text}”", "magenta")
    say("replies", f"lead to everyone who works on {passage}: “{reply}”", "magenta")


def reported(report: Reporting) -> None:
    """Tell of an error that a reader of the release reports, and what follows from it."""
    console.rule(Text("A reader of the release reports an error", style="bold"))
    say("reported", f"{report.credit}, {report.question} in {find_language(report.language).name}: {report.error}")
    console.print("It goes back to its translator and through checks and proofreading, into a release 1.0.1.")


def quiz(person: str, share: float, bar: float) -> None:
    """Print the result of a quiz."""
    right = f"{person} has {_percent(share)} of the quiz right"
    if share >= bar:
        say("passes", f"{right}, and may write questions", "magenta")
    else:
        say("fails", f"{right}; {_percent(bar)} is wanted: is told what to learn, and tries again", "magenta")


def planted(count: int) -> None:
    """Print how many plants were made."""
    copies = "one copy" if count == 1 else f"{count} copies"
    say("plants", f"{copies} with a known fault among the reviewers' work", "magenta")


def learnt(items: int, accuracy: float) -> None:
    """Print what the shortcut meter was trained on."""
    finds = f"without the passage it finds {_percent(accuracy)} of the right answers (chance {_percent(1 / 4)})"
    say("meter", f"learns from {items} questions of this campaign; {finds}", "magenta")


def assisted(person: str, question: str, before: str, changes: Sequence[tuple[str, str]], after: str) -> None:
    """Print what the assistant said to an author, what they changed, and what it says now."""
    say("assistant", f"to {person}, who writes {question}: “{_in_line(before)}”", "magenta")
    say("changes", "\n".join(f"{person}: “{old}” becomes “{new}”" for old, new in changes), "magenta")
    say("assistant", f"“{_in_line(after)}”", "magenta")


def _in_line(said: str) -> str:
    """Return the assistant's words without the line about its meter."""
    return " ".join(line for line in said.splitlines() if not is_about_meter(line))


@contextmanager
def at_work(deeds: Mapping[Deed, int], known: set[Deed]) -> Iterator[Callable[[Deed, Person, str], None]]:
    """Show people at work for the duration of the block; yields a function to call before each piece of work.

    Args:
        deeds: how many pieces of each kind of work wait.
        known: the kinds explained so far; grows.
    """
    for deed in STORY:
        if deed in deeds and deed not in known:
            console.print(Padding(Text(STORY[deed][2], style="italic dim"), (0, 0, 0, 2)))
            known.add(deed)
    columns: Sequence[ProgressColumn] = (
        TextColumn("  {task.description:10}", style="cyan", markup=False),
        BarColumn(20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[now]}", style="dim", markup=False),
    )
    room = max(console.width - _BARS, 0)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        rows = {deed: bars.add_task(STORY[deed][0], total=n, now="") for deed, n in deeds.items()}

        def begin(deed: Deed, person: Person, text: str) -> None:
            # Terminals disagree about the width of many scripts, and a line that wraps spoils the display.
            shown = f"{person.code} ({person.habit}){f': {text}' if text.isascii() else ''}"
            bars.update(rows[deed], advance=1, now=_shortened(shown, room))

        yield begin


def worked(done: Mapping[tuple[Deed, str, str], int], source_language: str) -> None:
    """Print who did how much, one paragraph per kind of work.

    Args:
        done: pieces of work by (deed, language, person).
        source_language: its name is left out.
    """
    for deed, (_, verb, _) in STORY.items():
        parts = [
            f"{person} {count}" + ("" if language == source_language else f" in {find_language(language).name}")
            for (where, language, person), count in done.items()
            if where == deed
        ]
        if parts:
            say(verb, " · ".join(parts))


def faults(rows: Sequence[tuple[ScriptedFault, Sequence[str], str, bool]]) -> None:
    """Print the table of faults that the people of the script made.

    Args:
        rows: every fault with what found it, its outcome, and whether both are as expected.
    """
    console.print()
    table = Table(title="The faults that were made", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
    table.add_column("fault")
    table.add_column("found by")
    table.add_column("became", no_wrap=True)
    table.add_column("", no_wrap=True)
    for fault, found_by, fate, right in rows:
        where = f"{fault.question} {fault.language}"
        table.add_row(
            Text.assemble((fault.name, "bold"), "\n", (where, "dim")),
            Text("\n".join(found_by) or "nothing"),
            fate,
            Text("✓", style="green") if right else Text("✗", style="red"),
        )
    console.print(table)


def people(document: Mapping[str, Any]) -> None:
    """Print how far the people can be trusted: the few lines of their report that matter.

    Args:
        document: as `flows.reports.people_and_pay.people.people_facts` gives it.
    """
    console.print(Text("The people", style="bold"))
    console.print()
    for label, words in _of_people(document):
        say(label, words, "cyan")
    console.print()


def _of_people(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    measures, guessing = document["measures"], document["guessing"]
    found, remaining, again = measures["seen"]["all_found"], measures["remaining"], measures["recheck"]
    yield "agreement", sentence(document)
    right = round(guessing["n"] * (guessing["right"]["value"] or 0))
    yield "guesses", f"{right} of {guessing['n']} right without the passage; one in four is chance"
    by_kind = measures["seen"]["found"].items()
    kinds = ", ".join(f"{KINDS[kind]} {one['met']} of {one['of']}" for kind, one in by_kind)
    yield "plants", f"{_share(found)} of the readings of planted faults objected: {kinds}"
    estimated = "nothing can be said of what remains: " + remaining["why_not"]
    if remaining["share"] is not None:
        estimated = f"{_share(remaining)} of the {remaining['accepted']} accepted questions are still faulty"
    yield "remaining", f"by the plants, {estimated}"
    yield "", f"by the rechecks, {_share(again)} of them; {again['faulty']} of {again['judged']} were objected to"
    for one in document["accuracy"]:
        who = f"of {one['answers']} answers by {one['people']} fresh people are right"
        yield "readers", f"{_share({**one['right'], 'share': one['right']['value']})} {who}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _share(one: Mapping[str, Any]) -> str:
    """Format a share with its interval.

    >>> _share({"share": 0.875, "low": 0.681, "high": 0.974})
    '88 % (68 to 97 %)'
    """
    if one["share"] is None:
        return "nothing yet"
    reach = "" if one["low"] is None else f" ({100 * one['low']:.0f} to {_percent(one['high'])})"
    return f"{_percent(one['share'])}{reach}"


def farewell(folder: Path, campaign: Path, outcomes: Sequence[tuple[str, str]]) -> None:
    """Print what there is now, and how to open it.

    Args:
        folder: the demo's.
        campaign: its folder.
        outcomes: the outcome, as labels and sentences.
    """
    console.rule(Text("Done", style="bold"))
    for label, words in outcomes:
        say(label, words, "green")
    console.print("\nOpen it in Python:")
    for line in to_open(folder / "release"):
        console.print(Text(f"  {line}"), soft_wrap=True)
    page = _near(folder / "people" / "people.html")
    console.print(Text(f"\nPeople, invoices: {page}"), soft_wrap=True)
    console.print(Text(f"Look around: belebele status {shlex.quote(_near(campaign))}"), soft_wrap=True)


def to_open(release: Path) -> list[str]:
    """Return how to open a release in pandas, DuckDB and `datasets`, a Python expression each."""
    everything = f"{_near(release)}/data/*.parquet".replace("'", "''")
    return [
        f"pandas.read_parquet({_near(release) + '/data/swh_Latn.parquet'!r})",
        f"duckdb.sql(\"FROM '{everything}'\")",
        f"datasets.load_dataset({str(release)!r}, 'swh_Latn', split='test')",
    ]


def _near(path: Path) -> str:
    """Return the path relative to the current folder, if it is below it."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _shortened(words: str, most: int = 160) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
