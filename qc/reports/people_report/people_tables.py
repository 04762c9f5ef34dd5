"""The report's tables of agreement, readers, reviewers and planted faults, each made from the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qc.reports.people_report import people_phrases as said
from qc.reports.phrases import language_name, number, plural
from qc.reports.tables_and_figures.estimates import (
    coefficient_cell,
    rate_cell,
    share_cell,
)
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table, rows_of, text
from qc.reports.tables_and_figures.table import number as value

Facts = Mapping[str, Any]

LANGUAGE = Column("language", ("language (code)",))
PERSON = Column("person", ("person (code or pseudonym)",))


def estimate(head: str, what: str, unit: str = "share") -> Column:
    """Return the column of an estimate with its interval."""
    return Column(head, (f"{what} ({unit})", f"{what}, 95 % low ({unit})", f"{what}, 95 % high ({unit})"))


def whole(head: str, what: str) -> Column:
    """Return the column of a whole number."""
    return Column(head, (f"{what} (number)",), numeric=True)


def counted(one: int | None) -> Cell:
    """Return a cell with a whole number; None where it is not told."""
    return value("–" if one is None else number(one, 0), one)


def language(code: str) -> Cell:
    """Return a cell with a language's name; its value is the code."""
    return Cell(language_name(code), (code,))


def agreement(document: Facts) -> Table:
    """Return the agreement of the first two, for every question and language."""
    rows = []
    for one in document["agreement"]:
        if one["units"]:
            cells = (
                Cell("", (one["stage"],)),
                Cell("", (one["language"],)),
                Cell(capital(said.question_name(one["question"])), (one["question"],)),
                counted(one["units"]),
                counted(one["passages"]),
                share_cell(one["percent"]),
                coefficient_cell(one["alpha"]),
                coefficient_cell(one["ac1"]),
                Cell(said.labels(one), (said.labels(one),), quiet=True),
            )
            rows.append(Row(cells, section=f"{capital(one['stage'])}, {language_name(one['language'])}"))
    columns = (
        Column("", ("stage",), data_only=True),
        Column("", ("language (code)",), data_only=True),
        Column("question", ("question",)),
        whole("items", "items"),
        whole("passages", "passages"),
        estimate("alike", "alike"),
        estimate("α", "Krippendorff's alpha", "coefficient"),
        estimate("AC1", "Gwet's AC1", "coefficient"),
        Column("labels", ("labels (number of each)",)),
    )
    caption = "Agreement with 95\u00a0% intervals; labels as often as they were given."
    return Table("agreement", caption, columns, tuple(rows), "full")


def accuracy(document: Facts) -> Table:
    """Return how often fresh readers are right on the frozen set, by language."""
    rows = rows_of(
        [
            [
                language(one["language"]),
                counted(one["items"]),
                counted(one["people"]),
                counted(one["passages"]),
                counted(one["answers"]),
                share_cell(one["right"]),
            ]
            for one in document["accuracy"]
        ]
    )
    columns = (
        LANGUAGE,
        whole("items", "items"),
        whole("people", "people"),
        whole("passages", "passages"),
        whole("answers", "answers"),
        estimate("right", "right"),
    )
    caption = "How often fresh readers, who decided about none of it, are right on a random sample of the set."
    return Table("readers", caption, columns, rows)


def judging(document: Facts) -> list[Facts]:
    """Return the people who answered blind, guessed, or said what others said too."""
    return [one for one in document["people"] if one["blind"]["n"] or one["guesses"]["n"] or one["consensus"]]


def reliable(document: Facts) -> bool:
    """Return whether recall or specificity is known of anybody."""
    told = [one["reliability"] for one in document["people"] if one["reliability"]]
    return any(one[name] is not None for one in told for name in ("recall", "specificity"))


_NONE: Facts = {"value": None, "low": None, "high": None}


def reviewers(document: Facts) -> Table:
    """Return each reviewer's shares."""
    skene = reliable(document)
    rows = []
    for one in judging(document):
        same = {kind: found["same"] for kind, found in one["consensus"].items()}
        known = one["reliability"] or {"recall": None, "specificity": None}
        rows.append(
            [
                text(one["person"], given=True),
                counted(one["blind"]["n"]),
                share_cell(one["blind"]["right"]),
                value(number(one["guesses"]["n"], 0) if one["guesses"]["n"] else "–", one["guesses"]["n"]),
                share_cell(one["guesses"]["right"]),
                share_cell(same.get("blind_answer", _NONE)),
                share_cell(same.get("rubric", _NONE)),
                share_cell(same.get("recommendation", same.get("proofreading", _NONE))),
                *([_percent(known["recall"]), _percent(known["specificity"])] if skene else []),
            ]
        )
    blind, guessing, others = "blind answers", "guesses, no passage", "says what the others say"
    columns = (
        PERSON,
        Column("n", ("blind answers (number)",), numeric=True, group=blind),
        _grouped(estimate("right", "blind answers right"), blind),
        Column("n", ("guesses (number)",), numeric=True, group=guessing),
        _grouped(estimate("right", "guesses right"), guessing),
        _grouped(estimate("blind", "same blind answer as most others"), others),
        _grouped(estimate("all criteria", "same as most others on criteria"), others),
        _grouped(estimate("recom\u00admendation", "same outcome as most others"), others),
        *(
            [
                Column("recall", ("recall (share)",), numeric=True, group="Dawid and Skene"),
                Column("specificity", ("specificity (share)",), numeric=True, group="Dawid and Skene"),
            ]
            if skene
            else []
        ),
    )
    caption = "Each reviewer’s shares with 95\u00a0% intervals, clustered by passage."
    return Table("reviewers", caption, columns, rows_of(rows), "full")


def _grouped(column: Column, group: str) -> Column:
    return Column(column.head, column.data, column.numeric, group)


def _percent(one: float | None) -> Cell:
    return value("–" if one is None else f"{100 * one:.0f}\u00a0%", one)


def plants(document: Facts) -> Table:
    """Return the planted faults that reviewers read, by kind."""
    seen = document["measures"]["seen"]
    rows = []
    if seen["plants"]:
        rows = [
            Row(
                (
                    Cell(capital(said.KINDS.get(name, name)), (name,)),
                    rate_cell(one),
                    rate_cell(seen["named"][name]),
                )
            )
            for name, one in seen["found"].items()
        ]
        rows.append(Row((Cell("All faults", ("all",)), rate_cell(seen["all_found"]), Cell()), "found"))
        if seen["alarms"]["of"]:
            sound = Cell("Sound copies (false alarms)", ("sound copies",))
            rows.append(Row((sound, rate_cell(seen["alarms"]), Cell())))
    columns = (
        Column("kind of fault", ("kind of fault",)),
        _rate("objected to", "objected to"),
        _rate("the fault named", "fault named"),
    )
    caption = f"{plural(seen['plants'], 'plant')} read by reviewers, who know that there are some."
    return Table("planted-faults", caption, columns, tuple(rows))


def _rate(head: str, what: str) -> Column:
    ends = (f"{what}, 95 % low (share)", f"{what}, 95 % high (share)")
    return Column(head, (f"{what} (share)", f"{what} (number)", "of (number)", *ends))


def plants_by_reviewer(document: Facts) -> Table:
    """Return what each reviewer found of planted faults."""
    seen = document["measures"]["seen"]["people"]
    rows = rows_of(
        [[text(name, given=True), rate_cell(one["found"]), rate_cell(one["alarms"])] for name, one in seen.items()]
    )
    columns = (
        Column("reviewer", PERSON.data),
        _rate("faults objected to", "faults objected to"),
        _rate("false alarms", "false alarms"),
    )
    return Table("planted-faults-by-reviewer", "Planted faults and false alarms by reviewer.", columns, rows)


def capital(words: str) -> str:
    """Return words with a capital first."""
    return words[:1].upper() + words[1:]
