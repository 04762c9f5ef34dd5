"""people.html: the page on people, one file that opens offline and prints, made from the document alone.

It shares the audit report's style sheet, so that both fit in one appendix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import groupby
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from data.ledger.tables import STAGES
from qc.reports.audit_report import audit_phrases as common
from qc.reports.people_report import people_figures, people_phrases

Facts = Mapping[str, Any]


def page(document: Facts) -> str:
    """Return the whole page.

    Args:
        document: as `qc.reports.people_report.schema()` describes it.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "percent": common.percent,
        "number": common.number,
        "plural": common.plural,
        "listed": common.listed,
        "language": common.language_name,
        "capital": common.capitalised,
        "coefficient": people_phrases.coefficient,
        "between": people_phrases.between,
        "share_between": people_phrases.share_between,
        "duration": people_phrases.duration,
        "question": people_phrases.question_name,
        "place": people_phrases.place,
        "middle": people_phrases.middle,
        "score_between": people_phrases.score_between,
        "gaps": people_phrases.quality_gaps,
        "answered": people_phrases.answered_findings,
        "labels": people_phrases.labels,
        "keys": people_phrases.keys,
        "kind": lambda name: people_phrases.KINDS.get(name, name),
        "on": lambda name: people_phrases.INVOICE[name],
        "keyed": lambda by: people_phrases.KEYED[by],
    }
    template = environment.from_string(
        files("qc.reports.people_report").joinpath("template.html").read_text(encoding="utf-8")
    )
    style = files("qc.reports.audit_report").joinpath("style.css").read_text(encoding="utf-8")
    read = [line for line in document["agreement"] if line["units"]]
    alone = [line for line in document["agreement"] if not line["units"]]
    people = document["people"]
    return template.render(
        d=document,
        style=Markup(style),
        sentence=people_phrases.sentence(document),
        look=list(people_phrases.look(document)),
        read=read,
        alone=alone,
        reviewers=_reviewers(people),
        reliable=any(known is not None for one in people if one["reliability"] for known in _reliability(one)),
        hours=sum(line["hours"] for one in people for line in one["work"]),
        done=sum(line["done"] for one in people for line in one["work"]),
        some={name: any(line[name] for one in people for line in one["work"]) for name in _RARE},
        invoices=list(_invoices(document)),
        pictures={name: Markup(picture) for name, picture in _pictures(document, read).items()},
        most=people_figures.MOST,
    )


Column = tuple[str, str, str]
"""The kind of work, the count's name there, and the column's header."""

_TEXTS: Sequence[Column] = (
    ("items", "questions", "questions"),
    ("items", "question_words", "their words"),
    ("items", "translations", "translations"),
    ("items", "source_words", "words of source"),
    ("items", "target_words", "words written"),
    ("items", "proofread", "proofread"),
    ("items", "proofread_words", "words read"),
)
"""The columns of the table of accepted texts."""

_READ = (("answers", "answers"), ("judgements", "judge\u00adments"))

_TASKS: Sequence[Column] = (
    ("items", "guesses", "guesses"),
    ("items", "answers", "answers"),
    ("items", "judgements", "judge\u00adments"),
    ("items", "adjudications", "adjudi\u00adcations"),
    ("items", "prompt_words", "prompt words"),
    ("qualifying", "quizzes", "quizzes"),
    ("qualifying", "trials", "trials"),
    ("qualifying", "trial_words", "their words"),
    *((on, name, head) for on in ("qualifying", "plants", "rechecks") for name, head in _READ),
    ("baselines", "answers", "answers"),
    ("key_checks", "answers", "answers"),
)
"""The columns of the table of finished tasks."""


def _invoices(document: Facts) -> Iterator[Facts]:
    """Yield the invoice tables: people by agency, and its sums; empty columns are left out."""
    if document["outside"]:
        return
    for title, every in (("Accepted texts", _TEXTS), ("Finished tasks, by what they were on", _TASKS)):
        columns = [one for one in every if any(_count(line, one) for line in document["people"])]
        agencies = []
        for agency in document["agencies"]:
            lines = [one for one in document["people"] if one["agency"] == agency["agency"]]
            lines = [one for one in lines if any(_count(one, column) for column in columns)]
            name = agency["agency"] or ("no agency" if len(document["agencies"]) > 1 else "all")
            if lines:
                agencies.append((name, lines, agency["invoice"]))
        groups = [(on, len(list(mine))) for on, mine in groupby(columns, key=lambda column: column[0])]
        if columns:
            yield {"title": title, "columns": columns, "groups": groups, "agencies": agencies}


def _count(line: Facts, column: Column) -> int:
    return int(line["invoice"][column[0]][column[1]])


_RARE = ("open", "invalid", "at_once")
"""The columns that are left out if they are empty."""


def _reviewers(people: Sequence[Facts]) -> list[Facts]:
    return [one for one in people if one["blind"]["n"] or one["guesses"]["n"] or one["consensus"]]


def _reliability(one: Facts) -> tuple[float | None, float | None]:
    return one["reliability"]["recall"], one["reliability"]["specificity"]


def _pictures(document: Facts, read: Sequence[Facts]) -> dict[str, str]:
    people = document["people"]
    judging = [one for one in _reviewers(people) if one["blind"]["n"] or one["guesses"]["n"]]
    timed = [
        {**line, "person": one["person"], "label": f"{one['person']} · {people_phrases.place(line)}"}
        for one in people
        for line in one["work"]
        if line["quartiles"]
    ]
    timed.sort(
        key=lambda line: (STAGES.index(line["stage"]), line["copy"] or "", line["language"] or "", line["seconds"])
    )
    busy = [one for one in people if sum(line["hours"] for line in one["work"])]
    busy.sort(key=lambda one: -sum(line["hours"] for line in one["work"]))
    several = len({line["language"] for line in read}) > 1
    chance = document["guessing"]["chance"]
    return {
        "agreement": people_figures.agreement(read[: people_figures.MOST], several) if read else "",
        "reviewers": people_figures.reviewers(judging[: people_figures.MOST], chance) if judging else "",
        "pace": people_figures.paces(_rows_that_fit(timed)) if timed else "",
        "load": people_figures.load(busy[: people_figures.MOST]) if busy else "",
    }


def _rows_that_fit(lines: Sequence[Facts]) -> list[Facts]:
    """Return the rows that fit: unusual ones first, the others by number of tasks, in their original order."""
    if len(lines) <= people_figures.MOST:
        return list(lines)
    wanted = sorted(lines, key=lambda line: (not line["unusual"], -line["timed"]))[: people_figures.MOST]
    return [line for line in lines if line in wanted]
