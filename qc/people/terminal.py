"""The report on people for a terminal: what a lead reads at a glance, made from the document alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from qc.audit.report.saying import language_name, number, percent
from qc.people.saying import between, coefficient, duration, look, place, question_name, sentence, share_between

Facts = Mapping[str, Any]

_LOOKED = 12
"""Sentences under 'worth a look'; the page has all."""


def show(console: Console, document: Facts) -> None:
    """Print the report."""
    parts: list[Any] = [
        Text.assemble((document["campaign"]["title"], "bold"), f"  ({document['campaign']['id']})"),
        Text(sentence(document)),
        "",
        *_agreement(document["agreement"]),
        *_measured(document),
        *_reviewers(document["people"]),
        *_work(document["people"]),
    ]
    found = list(look(document))
    if found:
        parts.append(Text("Worth a look", style="bold yellow"))
        parts += [Text(f"• {line}") for line in found[:_LOOKED]]
        if len(found) > _LOOKED:
            parts.append(Text(f"• and {len(found) - _LOOKED} more (--json, or --out DIR for the page)"))
    console.print(Group(*parts))


def _agreement(lines: Sequence[Facts]) -> Iterator[Any]:
    read = [line for line in lines if line["units"]]
    if not read:
        return
    several = len({line["language"] for line in read}) > 1
    table = _table("Agreement of the first two", "question", *(["language"] if several else []))
    for name in ("items", "alike", "α", "95 % interval", "AC1", "95 % interval "):
        table.add_column(Text(name), justify="right", no_wrap=True)
    for line in read:
        names = [question_name(line["question"])] + ([language_name(line["language"])] if several else [])
        figures = [str(line["units"]), percent(line["percent"]["value"], 0)]
        for one in (line["alpha"], line["ac1"]):
            figures += [coefficient(one["value"]), between(one)]
        table.add_row(*names, *figures)
    yield table


def _measured(document: Facts) -> Iterator[Any]:
    for one in document["accuracy"]:
        right = one["right"]
        reach = f" ({share_between(right)})" if right["low"] is not None else ""
        told = f"{percent(right['value'])}{reach} of {one['answers']} answers by {one['people']} fresh people"
        yield Text.assemble((f"Readers, {language_name(one['language'])}: ", "bold"), told)
    guessing = document["guessing"]
    if guessing["n"]:
        right, chance = percent(guessing["right"]["value"]), percent(guessing["chance"], 0)
        told = f"{right} of {guessing['n']} right, chance {chance}"
        yield Text.assemble(("Guesses without the passage: ", "bold"), told)
    measures = document["measures"]
    seen, remaining, recheck = measures["seen"], measures["remaining"], measures["recheck"]
    if seen["plants"]:
        told = f"{percent(seen['all_found']['share'])} of {seen['all_found']['of']} readings objected"
        yield Text.assemble(("Planted faults: ", "bold"), told)
    if remaining["share"] is not None:
        reach = f"{percent(remaining['low'])} to {percent(remaining['high'])}"
        told = f"{percent(remaining['share'])} of {remaining['accepted']} accepted ({reach}), after plants"
        yield Text.assemble(("Faults that remain: ", "bold"), told)
    if recheck["judged"]:
        reach = f"{percent(recheck['low'])} to {percent(recheck['high'])}"
        told = f"{recheck['faulty']} of {recheck['judged']} judged anew should not be kept ({reach})"
        yield Text.assemble(("Rechecks: ", "bold"), told)
    if document["accuracy"] or guessing["n"] or seen["plants"] or recheck["judged"]:
        yield ""


def _reviewers(people: Sequence[Facts]) -> Iterator[Any]:
    shown = [one for one in people if one["blind"]["n"] or one["consensus"] or one["guesses"]["n"]]
    if not shown:
        return
    table = _table("Reviewers", "person")
    for name in (
        "blind\nright",
        "guesses\nright",
        "as others:\nblind",
        "\ncriteria",
        "\nadvice",
        "recall",
        "specificity",
    ):
        table.add_column(Text(name), justify="right", vertical="bottom")
    for one in shown:
        consensus, reliable = one["consensus"], one["reliability"] or {"recall": None, "specificity": None}
        same = [consensus[kind]["same"]["value"] if kind in consensus else None for kind in _ADVICE]
        if "proofreading" in consensus and same[2] is None:
            same[2] = consensus["proofreading"]["same"]["value"]
        figures = [one["blind"]["right"]["value"], one["guesses"]["right"]["value"], *same]
        table.add_row(
            one["person"],
            *(percent(value, 0) for value in (*figures, reliable["recall"], reliable["specificity"])),
        )
    yield table


_ADVICE = ("blind_answer", "rubric", "recommendation")


def _work(people: Sequence[Facts]) -> Iterator[Any]:
    lines = [(one, line) for one in people for line in one["work"] if line["done"] or line["open"]]
    if not lines:
        return
    table = _table("Work", "person", "work")
    for name in ("done", "open", "hours", "median", "z", "sent back"):
        table.add_column(Text(name), justify="right", no_wrap=True)
    before = ""
    for one, line in lines:
        back = (
            f"{percent(line['sent_back'] / line['decided'], 0)} of {line['decided']}" if line["decided"] else "·"
        )
        table.add_row(
            one["person"] if one["person"] != before else "",
            place(line),
            str(line["done"] or "·"),
            str(line["open"] or "·"),
            number(line["hours"]),
            duration(line["seconds"]),
            Text(number(line["z"]), style="bold yellow" if line["unusual"] else ""),
            back,
        )
        before = one["person"]
    yield table


def _table(title: str, *words: str) -> Table:
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for word in words:
        table.add_column(Text(word), vertical="bottom")
    return table
