"""The report on people in the terminal: the essentials for a lead, made from the document alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from qc.reports.audit_report.audit_phrases import language_name, number, percent, plural
from qc.reports.people_report.people_phrases import (
    ANSWERS,
    INVOICE,
    KEYED,
    answered_findings,
    between,
    clock,
    invoiced,
    keys,
    look,
    place,
    question_name,
    sentence,
    share_between,
)
from qc.reports.phrases import coefficient

Facts = Mapping[str, Any]

_LOOKED = 12
"""The most sentences under 'worth a look'; the page has all."""


def show(console: Console, document: Facts) -> None:
    """Print the report."""
    parts: list[Any] = [
        Text.assemble((document["campaign"]["title"], "bold"), f"  ({document['campaign']['id']})"),
        Text(sentence(document)),
        *([Text(_outside(document))] if document["outside"] else []),
        "",
        *_agreement(document["agreement"]),
        *_measured(document),
        *_reviewers(document["people"]),
        *_quality(document),
        *_keys(document),
        *_findings(document),
        *_work(document["people"]),
        *_invoices(document),
        *_background(document),
    ]
    found = list(look(document))
    if found:
        more = [f"and {len(found) - _LOOKED} more (--json, or --out DIR for the page)"] * (len(found) > _LOOKED)
        parts += [Text("Worth a look", style="bold yellow"), _listed([*found[:_LOOKED], *more])]
    console.print(Group(*parts))


def _outside(document: Facts) -> str:
    by = document["pseudonyms"]
    cure = " (BELEBELE_PSEUDONYM_KEY gives several machines the same)" if by == "machine" else ""
    return f"For outside, under pseudonyms {KEYED[by]}{cure}."


def _agreement(lines: Sequence[Facts]) -> Iterator[Any]:
    read = [line for line in lines if line["units"]]
    if not read:
        return
    table = _table("Agreement of the first two", "question")
    for name in ("items", "alike", "α", "95 %", "AC1", "95 % "):
        table.add_column(Text(name), justify="right", no_wrap=True)
    before = ""
    for line in read:
        here = f"{line['stage']}, {language_name(line['language'])}"
        if here != before:
            table.add_section()
            table.add_row(Text(here, style="italic"))
        before = here
        figures = [str(line["units"]), percent(line["percent"]["value"], 0)]
        for one in (line["alpha"], line["ac1"]):
            figures += [coefficient(one["value"]), between(one)]
        table.add_row(question_name(line["question"]), *figures)
    yield table


def _measured(document: Facts) -> Iterator[Any]:
    for one in document["accuracy"]:
        right = one["right"]
        reach = f" ({share_between(right)})" if right["low"] is not None else ""
        answers = f"{one['answers']} answers by {one['people']} fresh people"
        text = f"{percent(right['value'])}{reach} of {answers} are right"
        yield Text.assemble((f"Readers, {language_name(one['language'])}: ", "bold"), text)
    guessing = document["guessing"]
    if guessing["n"]:
        right, chance = percent(guessing["right"]["value"]), percent(guessing["chance"], 0)
        text = f"{right} of {guessing['n']} right, chance {chance}"
        yield Text.assemble(("Guesses without the passage: ", "bold"), text)
    measures = document["measures"]
    seen, remaining, recheck = measures["seen"], measures["remaining"], measures["recheck"]
    if seen["plants"]:
        text = f"{percent(seen['all_found']['share'])} of {seen['all_found']['of']} readings objected"
        if seen["alarms"]["of"]:
            text += f"; false alarms {seen['alarms']['met']} of {seen['alarms']['of']}"
        yield Text.assemble(("Planted faults: ", "bold"), text)
    if remaining["share"] is not None:
        reach = f"{percent(remaining['low'])} to {percent(remaining['high'])}"
        text = f"{percent(remaining['share'])} of {remaining['accepted']} accepted ({reach}), after plants"
        yield Text.assemble(("Faults that remain: ", "bold"), text)
    elif seen["plants"]:
        yield Text.assemble(("Faults that remain: ", "bold"), f"plants do not tell: {remaining['why_not']}")
    if recheck["judged"]:
        reach = f"{percent(recheck['low'])} to {percent(recheck['high'])}"
        text = f"{recheck['faulty']} of {recheck['judged']} judged anew should not be kept ({reach})"
        yield Text.assemble(("Rechecks: ", "bold"), text)
    if document["accuracy"] or guessing["n"] or seen["plants"] or recheck["judged"]:
        yield ""


def _reviewers(people: Sequence[Facts]) -> Iterator[Any]:
    shown = [one for one in people if one["blind"]["n"] or one["consensus"] or one["guesses"]["n"]]
    if not shown:
        return
    known = any(one["reliability"] and one["reliability"][name] is not None for one in shown for name in _RELIABLE)
    table = _table("Reviewers", "person")
    heads = ["blind\nright", "guesses\nright", "as others:\nblind", "\ncriteria", "\nadvice"]
    for name in [*heads, *(_RELIABLE if known else ())]:
        table.add_column(Text(name), justify="right", vertical="bottom")
    for one in shown:
        consensus, reliable = one["consensus"], one["reliability"] or dict.fromkeys(_RELIABLE)
        same = [consensus[kind]["same"]["value"] if kind in consensus else None for kind in _ADVICE]
        if "proofreading" in consensus and same[2] is None:
            same[2] = consensus["proofreading"]["same"]["value"]
        figures = [one["blind"]["right"]["value"], one["guesses"]["right"]["value"], *same]
        figures += [reliable[name] for name in _RELIABLE] if known else []
        table.add_row(one["person"], *(percent(value, 0) for value in figures))
    yield table
    if not known:
        yield Text("Recall and specificity (Dawid and Skene) need 100 shared labels a person, 50 of either kind.")
        yield ""


def _quality(document: Facts) -> Iterator[Any]:
    """Yield the table of drafts: each language, and below it its translators; those with too few are named."""
    lines = [line for line in document["quality"] if line["drafts"]]
    persons = [(one["person"], line) for one in document["people"] for line in one["translated"]]
    every = [(language_name(line["language"]), line, "bold") for line in lines]
    if document["outside"]:
        every += [(person, line, "") for person, line in persons]
    else:
        every = [
            row
            for name, line, style in every
            for row in (
                (name, line, style),
                *((f"  {who}", own, "") for who, own in persons if own["language"] == line["language"]),
            )
        ]
    if not every:
        return
    table = _table("Proofread drafts: medians; error points per 100 words", "who")
    for name in ("drafts", "chrF", "TER", "errors", "as is", "returned"):
        table.add_column(Text(name), justify="right", no_wrap=True)
    few = []
    for name, line, style in every:
        if line["few"]:
            few.append(f"{name.strip()} {line['drafts']}")
            continue
        rates = [number(line[rate]["value"]) for rate in ("chrf", "ter")]
        shares = [percent(line[share]["value"], 0) for share in ("as_is", "returned")]
        table.add_row(
            name, str(line["drafts"]), *rates, number(line["error_score"]["value"]), *shares, style=style
        )
    if table.row_count:
        yield table
    if few:
        yield Text.assemble(("Too few proofread drafts to say: ", "bold"), ", ".join(few))
        yield ""


def _keys(document: Facts) -> Iterator[Any]:
    for line in document["keys"]:
        yield Text.assemble((f"Keys, {language_name(line['language'])}: ", "bold"), keys(line))
    if document["keys"]:
        yield ""


def _findings(document: Facts) -> Iterator[Any]:
    """Yield the table of the findings that people answered."""
    said = answered_findings(document["findings"])
    if not said:
        return
    table = _table("What people said of checks’ findings in translations", "check")
    for name in ("flagged", *ANSWERS):
        table.add_column(Text(name), justify="right", no_wrap=True)
    before = ""
    for line in said:
        here = language_name(line["language"])
        if here != before:
            table.add_section()
            table.add_row(Text(here, style="italic"))
        before = here
        table.add_row(line["check"], *(str(line[name]) for name in ("flagged", *ANSWERS)))
    yield table


_RELIABLE = ("recall", "specificity")
_ADVICE = ("blind_answer", "rubric", "recommendation")


def _work(people: Sequence[Facts]) -> Iterator[Any]:
    lines = [(one, line) for one in people for line in one["work"] if line["done"] or line["open"]]
    if not lines:
        return
    opened = any(line["open"] for _, line in lines)
    table = _table("Work, with the median time of a task (min:s)", "person", "work")
    for name in ("done", *(["open"] if opened else []), "hours", "median", "z", "sent back"):
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
            *([str(line["open"] or "·")] if opened else []),
            number(line["hours"]),
            clock(line["seconds"]),
            Text(number(line["z"]), style="bold yellow" if line["unusual"] else ""),
            back,
        )
        before = one["person"]
    yield table


def _invoices(document: Facts) -> Iterator[Any]:
    """Yield each agency's totals, and below them its people, a row for each kind of work."""
    agencies = [
        (agency, [one for one in document["people"] if one["agency"] == agency["agency"]])
        for agency in document["agencies"]
    ]
    if not any(any(_lines(agency)) for agency, _ in agencies):
        return
    table = _table("To invoice", "who", "for", "what")
    for agency, people in agencies:
        if not any(_lines(agency)):
            continue
        table.add_section()
        name = agency["agency"] or ("no agency" if len(agencies) > 1 else "all")
        for who, one, style in [(name, agency, "bold"), *((f"  {one['person']}", one, "") for one in people)]:
            for count, (on, what) in enumerate(_lines(one)):
                table.add_row("" if count else who, on, what, style=style)
    yield table


def _lines(one: Facts) -> Iterator[tuple[str, str]]:
    """Yield what a person or an agency can invoice: the kind of work, and how much of it."""
    for on, counts in one["invoice"].items():
        if what := invoiced(counts):
            yield INVOICE[on], what


def _background(document: Facts) -> Iterator[Any]:
    background = document["background"]
    native = [
        f"{'others' if code == 'other' else language_name(code)} {n}" for code, n in background["native"].items()
    ]
    native += [f"not recorded {background['native_unknown']}"] if background["native_unknown"] else []
    yield Text.assemble(
        ("Consent ", "bold"),
        f"is recorded of {background['consent']} of {plural(background['people'], 'person', 'people')}",
    )
    if native:
        yield Text.assemble(("Grew up with: ", "bold"), ", ".join(native))
    latest = {
        (line["stage"], line["language"]): f"{place({**line, 'copy': None})} {line['number']} ({line['since']})"
        for line in document["guidelines"]
    }
    if latest:
        yield Text.assemble(("Guidelines now: ", "bold"), ", ".join(latest.values()))
    yield ""


def _listed(lines: Sequence[str]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        grid.add_row("•", Text(line))
    return grid


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
        table.add_column(Text(word))
    return table
