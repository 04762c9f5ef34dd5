"""people.html: the page on people, one file that opens offline and prints, made from the document alone.

It shares the audit report's style sheet, so that both can stand in one appendix.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from qc.audit.report import saying as common
from qc.people import plots, saying

Facts = Mapping[str, Any]


def page(document: Facts) -> str:
    """The whole page.

    Args:
        document: as `qc.people.schema()` describes it.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {
        "percent": common.percent,
        "number": common.number,
        "plural": common.plural,
        "listed": common.listed,
        "language": common.language_name,
        "capital": common.capitalised,
        "coefficient": saying.coefficient,
        "between": saying.between,
        "share_between": saying.share_between,
        "duration": saying.duration,
        "question": saying.question_name,
        "place": saying.place,
        "labels": saying.labels,
        "kind": lambda name: saying.KINDS.get(name, name),
    }
    template = environment.from_string(files("qc.people").joinpath("template.html").read_text(encoding="utf-8"))
    style = files("qc.audit.report").joinpath("style.css").read_text(encoding="utf-8")
    read = [line for line in document["agreement"] if line["units"]]
    alone = [line for line in document["agreement"] if not line["units"]]
    people = document["people"]
    return template.render(
        d=document,
        style=Markup(style),
        sentence=saying.sentence(document),
        look=list(saying.look(document)),
        read=read,
        alone=alone,
        languages=len({line["language"] for line in read}) > 1,
        reviewers=_reviewers(people),
        hours=sum(line["hours"] for one in people for line in one["work"]),
        done=sum(line["done"] for one in people for line in one["work"]),
        some={name: any(line[name] for one in people for line in one["work"]) for name in _RARE},
        invoiced=[one for one in people if any(one["accepted"].values())],
        invoice={name: says for name, says in _INVOICE.items() if any(one["accepted"][name] for one in people)},
        pictures={name: Markup(picture) for name, picture in _pictures(document, read).items()},
        most=plots.MOST,
    )


_RARE = ("open", "invalid", "at_once")
"""Columns that are left out where nobody has any."""

_INVOICE = {
    "questions": "questions",
    "question_words": "their words",
    "translations": "translations",
    "source_words": "words of source",
    "target_words": "words written",
    "proofread": "proofread",
    "proofread_words": "words read",
    "guesses": "guesses",
    "answers": "answers",
    "judgements": "judgements",
    "adjudications": "adjudications",
}


def _reviewers(people: Sequence[Facts]) -> list[Facts]:
    return [one for one in people if one["blind"]["n"] or one["guesses"]["n"] or one["consensus"]]


def _pictures(document: Facts, read: Sequence[Facts]) -> dict[str, str]:
    people = document["people"]
    judging = [one for one in _reviewers(people) if one["blind"]["n"] or one["guesses"]["n"]]
    timed = [
        {**line, "person": one["person"], "label": f"{one['person']} · {saying.place(line)}"}
        for one in people
        for line in one["work"]
        if line["quartiles"]
    ]
    timed.sort(key=lambda line: (_STAGES.index(line["stage"]), line["language"] or "", line["seconds"]))
    busy = [one for one in people if sum(line["hours"] for line in one["work"])]
    busy.sort(key=lambda one: -sum(line["hours"] for line in one["work"]))
    several = len({line["language"] for line in read}) > 1
    chance = document["guessing"]["chance"]
    return {
        "agreement": plots.agreement(read[: plots.MOST], several) if read else "",
        "reviewers": plots.reviewers(judging[: plots.MOST], chance) if judging else "",
        "pace": plots.paces(_told(timed)) if timed else "",
        "load": plots.load(busy[: plots.MOST]) if busy else "",
    }


_STAGES = ("authoring", "guessing", "answering", "judging", "adjudicating", "translating", "proofreading")


def _told(lines: Sequence[Facts]) -> list[Facts]:
    """Those that fit: what is out of the ordinary first, the rest by how many tasks there are, in their order."""
    if len(lines) <= plots.MOST:
        return list(lines)
    wanted = sorted(lines, key=lambda line: (not line["unusual"], -line["timed"]))[: plots.MOST]
    return [line for line in lines if line in wanted]
