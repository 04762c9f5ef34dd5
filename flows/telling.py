"""How the demo is told to somebody who watches it for the first time: one paragraph a deed, with who did it.

Only printing. While people work, bars show how far they are and what they have before them; when they are done,
one line a stage remains. Where the output is no terminal, the bars are left out.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from data.languages import language as find_language
from data.nouns import Stage
from data.sample import Fault, Person, Sample
from flows.advance import Progress as Advanced
from flows.advancing import lines

console = Console(highlight=False)

_LABEL = 12
_BARS = 46  # columns that label, bar and count take
_MOST_REASONS = 6

STORY: Mapping[Stage, tuple[str, str, str]] = {
    "qualifying": (
        "qualify", "qualified",
        "Who is to write answers a quiz on the guideline, then writes a few trial questions.",
    ),
    "authoring": (
        "write", "wrote",
        "Writers read a passage and write questions with four answers, one of them right.",
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
    "adjudicating": (
        "settle", "settled",
        "Where reviewers cannot agree, somebody else sees all that they said and decides.",
    ),
    "translating": (
        "translate", "translated",
        "What was kept is translated, with the passage in the other language in view.",
    ),
    "proofreading": (
        "proofread", "proofread",
        "Proofreaders see source, draft and findings; they accept it, mend it, or send it back.",
    ),
}  # fmt: skip
"""What people of a stage do, what they did, and what it is about."""


def say(label: str, text: str, style: str = "cyan") -> None:
    """A labelled paragraph; long lines go on under their own beginning."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL, style=style)
    grid.add_column()
    grid.add_row(Text(f"  {label}"), Text(text))
    console.print(grid)


def opening(sample: Sample) -> None:
    """What is about to happen."""
    console.rule("[bold]A benchmark is made")
    passages = len({passage.passage_id for passage in sample.passages})
    console.print(
        f"{passages} passages, {len(sample.slots)} questions, {len(sample.translations) + 1} languages, "
        f"{len(sample.people)} people, {len(sample.faults)} planted faults."
    )


def waiting(words: str) -> nullcontext[None]:
    """Say what takes a while, with something that turns where there is a terminal."""
    if console.is_terminal:
        return console.status(words)  # type: ignore[return-value]
    console.print(words)
    return nullcontext()


@contextmanager
def stopping() -> Iterator[None]:
    """Say that the end takes a moment, if it comes by Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        console.print("stopping …")
        raise


def advanced(told: Advanced) -> None:
    """What an advance did."""
    say("advance", "; ".join(lines(told)) or "nothing is left to do", "green")


def decided(recent: pd.DataFrame) -> None:
    """What was sent back or dropped, and why.

    Args:
        recent: decisions (subject, language, outcome, reason).
    """
    for subject, language, outcome, reason in zip(
        recent["subject"], recent["language"], recent["outcome"], recent["reason"], strict=True
    ):
        if outcome == "keep":
            continue
        reasons = [line.removeprefix("• ") for line in str(reason).splitlines() if line.startswith("• ")]
        shown = [_shortened(words) for words in reasons[:_MOST_REASONS]]
        label = "dropped" if outcome == "drop" else "sent back"
        say(label, "\n".join([f"{subject} in {find_language(language).name}", *shown]), "yellow")


def asked(person: str, language: str, passage: str, text: str, reply: str) -> None:
    """A query and what the lead replied."""
    say("asks", f"{person} about {passage} in {find_language(language).name}: “{text}”", "magenta")
    say("replies", f"lead to everyone who works on {passage}: “{reply}”", "magenta")


@contextmanager
def at_work(stages: Mapping[Stage, int], known: set[Stage]) -> Iterator[Callable[[Stage, Person, str], None]]:
    """Show people at work while the block lasts; what it gives is told of every piece of work before it is done.

    Args:
        stages: how many pieces of work wait in each.
        known: stages that were explained before; grows.
    """
    for stage in stages:
        if stage not in known:
            console.print(Padding(Text(STORY[stage][2], style="italic dim"), (0, 0, 0, 2)))
            known.add(stage)
    columns: Sequence[ProgressColumn] = (
        TextColumn("  [cyan]{task.description:10}"),
        BarColumn(20),
        MofNCompleteColumn(),
        TextColumn("{task.fields[now]}", style="dim", markup=False),
    )
    room = max(console.width - _BARS, 0)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        rows = {stage: bars.add_task(STORY[stage][0], total=n, now="") for stage, n in stages.items()}

        def begin(stage: Stage, person: Person, text: str) -> None:
            # Terminals disagree about the width of many scripts, and a line that wraps spoils the display.
            shown = f"{person.code} ({person.habit}){f': {text}' if text.isascii() else ''}"
            bars.update(rows[stage], advance=1, now=_shortened(shown, room))

        yield begin


def worked(done: Mapping[tuple[Stage, str, str], int], source_language: str) -> None:
    """Who did how much, one paragraph a stage.

    Args:
        done: pieces of work by (stage, language, person).
        source_language: its name goes without saying.
    """
    for stage, (_, verb, _) in STORY.items():
        parts = [
            f"{person} {count}" + ("" if language == source_language else f" in {find_language(language).name}")
            for (where, language, person), count in done.items()
            if where == stage
        ]
        if parts:
            say(verb, " · ".join(parts))


def faults(rows: Sequence[tuple[Fault, Sequence[str], str, bool]]) -> None:
    """The table of planted faults.

    Args:
        rows: every fault with what found it, what became of it, and whether both are as expected.
    """
    console.print()
    table = Table(title="The planted faults", title_justify="left", title_style="bold", box=SIMPLE_HEAD)
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
            "[green]✓" if right else "[red]✗",
        )
    console.print(table)


def farewell(release: Path, campaign: Path, told: Sequence[tuple[str, str]]) -> None:
    """What there is now, and how to open it.

    Args:
        release: its folder.
        campaign: its folder.
        told: what became of it all, as labels and sentences.
    """
    console.rule("[bold]Done")
    for label, words in told:
        say(label, words, "green")
    console.print("\nOpen it in Python:")
    for line in to_open(release):
        console.print(Text(f"  {line}"), soft_wrap=True)
    console.print(Text(f"\nLook around: belebele status {_near(campaign)}"), soft_wrap=True)


def to_open(release: Path) -> list[str]:
    """How to open a release in pandas, DuckDB and `datasets`, an expression of Python each."""
    everything = f"{_near(release)}/data/*.parquet".replace("'", "''")
    return [
        f"pandas.read_parquet({_near(release) + '/data/swh_Latn.parquet'!r})",
        f"duckdb.sql(\"FROM '{everything}'\")",
        f"datasets.load_dataset({str(release)!r}, 'swh_Latn', split='test')",
    ]


def _near(path: Path) -> str:
    """The path as it is called from the current folder, if it lies below."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def _shortened(words: str, most: int = 160) -> str:
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
