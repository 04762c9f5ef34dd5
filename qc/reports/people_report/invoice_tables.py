"""The tables of the page for invoices: what each person can invoice, with the sums of agencies.

They hold people's codes and agencies, so they stand on a page of their own and are never part of what goes into a
paper.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qc.reports.people_report.people_phrases import INVOICE
from qc.reports.phrases import number
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table

Facts = Mapping[str, Any]

Counted = tuple[str, str, str, str]
"""The kind of work, the count's name there, the column's head, and its unit."""

_TEXTS: Sequence[Counted] = (
    ("items", "questions", "questions", "number"),
    ("items", "question_words", "their words", "words"),
    ("items", "translations", "translations", "number"),
    ("items", "source_words", "words of source", "words"),
    ("items", "target_words", "words written", "words"),
    ("items", "proofread", "proofread", "number"),
    ("items", "proofread_words", "words read", "words"),
)
"""The columns of the table of accepted texts."""

_READ = (("answers", "answers"), ("judgements", "judge\u00adments"))

_TASKS: Sequence[Counted] = (
    ("items", "guesses", "guesses", "number"),
    ("items", "answers", "answers", "number"),
    ("items", "judgements", "judge\u00adments", "number"),
    ("items", "adjudications", "adjudi\u00adcations", "number"),
    ("items", "prompt_words", "prompt words", "pages"),
    ("qualifying", "quizzes", "quizzes", "number"),
    ("qualifying", "trials", "trials", "number"),
    ("qualifying", "trial_words", "their words", "words"),
    *((on, name, head, "number") for on in ("qualifying", "plants", "rechecks") for name, head in _READ),
    ("baselines", "answers", "answers", "number"),
    ("key_checks", "answers", "answers", "number"),
)
"""The columns of the table of finished tasks."""


def invoice_tables(document: Facts) -> Iterator[Table]:
    """Yield the tables: people by agency, and its sums; empty columns are left out."""
    if document["outside"]:
        return
    kinds = (
        ("accepted-texts", "Accepted texts.", _TEXTS),
        ("finished-tasks", "Finished tasks, by what they were on.", _TASKS),
    )
    for name, caption, every in kinds:
        counts = [one for one in every if any(_count(line["invoice"], one) for line in document["people"])]
        if counts:
            grouped = len({on for on, *_ in counts}) > 1
            columns = (
                Column("person", ("agency",), data_only=True),
                Column("person", ("person (code; empty for the agency's sum)",)),
                *(
                    Column(
                        head,
                        (f"{INVOICE[on]}: {name.replace('_', ' ')} ({unit})",),
                        numeric=True,
                        group=INVOICE[on] if grouped else "",
                    )
                    for on, name, head, unit in counts
                ),
            )
            yield Table(name, caption, columns, tuple(_rows(document, counts)), "wide")


def _rows(document: Facts, counts: Sequence[Counted]) -> Iterator[Row]:
    for agency in document["agencies"]:
        name = agency["agency"]
        lines = [one for one in document["people"] if one["agency"] == name]
        lines = [one for one in lines if any(_count(one["invoice"], column) for column in counts)]
        for line in lines:
            yield _row(name, line["person"], line["person"], line["invoice"], counts)
        if lines:
            title = name or ("no agency" if len(document["agencies"]) > 1 else "all")
            yield _row(name, title, None, agency["invoice"], counts, sums=True)


def _row(
    agency: str | None,
    shown: str,
    person: str | None,
    invoice: Facts,
    counts: Sequence[Counted],
    *,
    sums: bool = False,
) -> Row:
    cells = [_cell(_count(invoice, one)) for one in counts]
    return Row((Cell("", (agency,)), Cell(shown, (person,), given=True), *cells), "sum" if sums else "")


def _cell(count: int) -> Cell:
    return Cell(number(count, 0) if count else "·", (count,))


def _count(invoice: Facts, one: Counted) -> int:
    return int(invoice[one[0]][one[1]])
