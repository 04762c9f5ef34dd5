"""The results of a rehearsal in the terminal: one table for each question that a lead has before hiring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from data.languages import language as find_language


def show(console: Console, result: Mapping[str, Any]) -> None:
    """Print the results of a rehearsal.

    Args:
        console: to print on.
        result: as of `flows.simulation.rehearsal.rehearsal_estimates.rehearsal_facts`.
    """
    about, weeks = result["campaign"], result["weeks"]
    console.print(
        Text(about["id"], style="bold") + f": {about['passages']} passages, {len(about['languages'])} languages, "
        f"{about['people']} people; {about['overlap']} reviewers a question"
    )
    if about["most"] > about["overlap"]:
        console.print(f"Where reviewers disagree, up to {about['most']} are asked.")
    console.print(f"It takes {weeks['weeks']:.1f} weeks ({weeks['low']:.1f} to {weeks['high']:.1f}).\n")
    _work(console, result)
    _rework(console, result)
    _faults(console, result)
    _reviewers(console, result)
    for gap in result["gaps"]:
        console.print(Text.assemble(("lacking:", "yellow"), " ", gap))


def _table(title: str, *columns: str) -> Table:
    table = Table(
        title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0)
    )  # fits 80 columns
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number == 0 else "right", no_wrap=number > 0)
    return table


def _work(console: Console, result: Mapping[str, Any]) -> None:
    table = _table("Hours and cost", "who", "tasks", "hours", "95 %", "cost", "95 %")
    for line in result["work"]:
        table.add_row(
            " ".join(filter(None, [line["role"], _called(line["language"])])),
            f"{line['tasks']}",
            f"{line['hours']:,.1f}",
            f"{line['hours_low']:,.1f}–{line['hours_high']:,.1f}",
            f"{line['cost']:,}",
            f"{line['cost_low']:,}–{line['cost_high']:,}",
            style="bold" if line["role"] == "all" else "",
        )
    console.print(table)


def _rework(console: Console, result: Mapping[str, Any]) -> None:
    most = max((int(n) for line in result["rework"] for n in line["back"]), default=0)
    back = [f"back {n}×" for n in range(1, most + 1)]
    table = _table("Items", "language", "written", *back, "kept", "dropped", "waiting")
    for line in result["rework"]:
        counts = [str(line["back"].get(str(n), 0)) for n in range(1, most + 1)]
        ends = [str(line[name]) for name in ("kept", "dropped", "waiting")]
        table.add_row(_called(line["language"]), str(line["items"]), *counts, *ends)
    console.print(table)


def _faults(console: Console, result: Mapping[str, Any]) -> None:
    columns = ("made", "checks", "people", "slipped", "open")
    table = _table("Faults, and what stopped them", "fault", *columns, "share slipped")
    for line in result["faults"]:
        people = line["reviewers"] + line["proofreaders"]
        counts = [str({**line, "people": people}[name] or "·") for name in columns]
        name = f"{line['language']} {line['kind'].replace('_', ' ')}"
        table.add_row(name, *counts, _share(line), style="bold" if line["kind"] == "all" else "")
    console.print(table)
    for line in result["accepted"]:
        if line["accepted"]:
            console.print(
                f"{_called(line['language'])}: {line['faulty']} of {line['accepted']} accepted are faulty, "
                f"{_share(line)}"
            )
        if line is result["accepted"][0]:  # the source language's, which plants and rechecks are about
            _estimates(console, result)
    console.print()


def _estimates(console: Console, result: Mapping[str, Any]) -> None:
    """Print the estimates that a lead would see, who does not know the truth."""
    for line in result["estimates"]:
        console.print(f"  by {line['by']} one would say {line['why_not'] or _share(line)}")


def _reviewers(console: Console, result: Mapping[str, Any]) -> None:
    kinds = list(result["reviewers"][0]["by_kind"]) if result["reviewers"] else []
    named = [kind.replace("_", " ") for kind in kinds]
    table = _table("What reviewers object to", "reviewers", "faulty", *named, "sound")
    for line in result["reviewers"]:
        shares = [f"{line['by_kind'].get(kind, 0):.0%}" for kind in kinds]
        sound = f"{line['sound']['share']:.0%}"
        found = f"{line['found']['share']:.0%}"
        table.add_row(str(line["reviewers"]), found, *shares, sound)
    console.print(table)
    wanted = f"{result['wanted']:.0%} of the faulty questions"
    if result["needed"]:
        console.print(f"To find {wanted}, {result['needed']} reviewers a question are needed.")
    elif result["reviewers"]:
        console.print(f"To find {wanted}, {len(result['reviewers'])} reviewers a question are not enough.")


def _called(code: str) -> str:
    return str(find_language(code).name) if code else ""


def _share(line: Mapping[str, Any]) -> str:
    if line["share"] is None:
        return "–"
    return f"{line['share']:.0%} ({line['low']:.0%}–{line['high']:.0%})"
