"""The people report's figures with their captions and the values that they show, each from the document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from data.ledger.tables import STAGES
from qc.reports.people_report import people_figure_drawing, people_phrases
from qc.reports.people_report.people_figure_drawing import MOST
from qc.reports.people_report.people_tables import judging
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.wide_intervals import too_wide

Facts = Mapping[str, Any]

_WIDE = " Where an interval covers more than half of the way from 0 to 1, too few were counted to tell."


def figures(document: Facts) -> Iterator[Figure]:
    """Yield every figure of the page that shows anything."""
    for one in (agreement, reviewers, load, pace):
        if figure := one(document):
            yield figure


def agreement(document: Facts) -> Figure | None:
    """Return alpha and AC1 of every question."""
    read = [line for line in document["agreement"] if line["units"]]
    if not read:
        return None
    several = len({line["language"] for line in read}) > 1
    shown = read[:MOST]
    measures = ("percent", "alpha", "ac1")
    heads = ["stage", "language (code)", "question", "items (number)"]
    for name, unit in (("alike", "share"), ("Krippendorff's alpha", "coefficient"), ("Gwet's AC1", "coefficient")):
        heads += [f"{name} ({unit})", f"{name}, 95 % low ({unit})", f"{name}, 95 % high ({unit})"]
    rows = [
        [line["stage"], line["language"], line["question"], line["units"]]
        + [line[name][end] for name in measures for end in ("value", "low", "high")]
        for line in shown
    ]
    caption = (
        "The first two people who looked at each item revision, by time of submission; later ones were asked "
        "because these disagreed. “Alike”: pairs that gave the same label. Without an interval: nobody disagreed, "
        "or labels other than the commonest were given too seldom to say (α), or there are fewer than "
        "eight passages."
    )
    if any(too_wide(line[name]["low"], line[name]["high"]) for line in shown for name in ("alpha", "ac1")):
        caption += _WIDE
    return Figure(
        "agreement-by-question", caption, people_figure_drawing.agreement(shown, several), tuple(heads), rows
    )


_NONE: Facts = {"same": {"value": None, "low": None, "high": None}}


def reviewers(document: Facts) -> Figure | None:
    """Return each reviewer's shares."""
    shown = [one for one in judging(document) if one["blind"]["n"] or one["guesses"]["n"]][:MOST]
    if not shown:
        return None
    chance = document["guessing"]["chance"]
    heads = ["person (code or pseudonym)"]
    for name in ("blind answers right", "recommends as the others", "guesses right"):
        heads += [f"{name} (share)", f"{name}, 95 % low (share)", f"{name}, 95 % high (share)"]
    rows, wide = [], False
    for one in shown:
        same = one["consensus"].get("recommendation", _NONE)["same"]
        told = (one["blind"]["right"], same, one["guesses"]["right"])
        wide = wide or any(too_wide(share["low"], share["high"]) for share in told)
        rows.append([one["person"], *(share[end] for share in told for end in ("value", "low", "high"))])
    caption = (
        "Each reviewer’s shares with 95\u00a0% intervals, clustered by passage. Blind answers on accepted "
        "questions flatter everybody alike, since a question that was answered wrongly is seldom accepted as it "
        "stands. Dashed: chance."
    ) + (_WIDE if wide else "")
    return Figure("reviewers-shares", caption, people_figure_drawing.reviewers(shown, chance), tuple(heads), rows)


def load(document: Facts) -> Figure | None:
    """Return hours by person and stage."""
    people = document["people"]
    busy = [one for one in people if sum(line["hours"] for line in one["work"])]
    busy.sort(key=lambda one: -sum(line["hours"] for line in one["work"]))
    if not busy:
        return None
    shown = busy[:MOST]
    rows = [[one["person"], line["stage"], line["copy"], line["hours"]] for one in shown for line in one["work"]]
    caption = "Hours by person and stage" + (f"; the {MOST} with most." if len(people) > MOST else ".")
    heads = ("person (code or pseudonym)", "stage", "copy", "time (hours)")
    return Figure("hours", caption, people_figure_drawing.load(shown), heads, rows)


def pace(document: Facts) -> Figure | None:
    """Return each person's times beside others'."""
    timed = [
        {**line, "person": one["person"], "label": f"{one['person']} · {people_phrases.place(line)}"}
        for one in document["people"]
        for line in one["work"]
        if line["quartiles"]
    ]
    timed.sort(
        key=lambda line: (STAGES.index(line["stage"]), line["copy"] or "", line["language"] or "", line["seconds"])
    )
    if not timed:
        return None
    shown = _rows_that_fit(timed)
    heads = (
        "person (code or pseudonym)", "stage", "language (code)", "copy", "tasks (number)",
        "first quartile (seconds)", "median (seconds)", "third quartile (seconds)",
        "median of the others (seconds)", "robust z (standard deviations)", "unusual",
    )  # fmt: skip
    names = ("person", "stage", "language", "copy", "timed")
    ends = ("others", "z", "unusual")
    rows = [
        [*(line[name] for name in names), *line["quartiles"], *(line[name] for name in ends)] for line in shown
    ]
    caption = (
        "Each person’s times beside others’ in the same stage and language; rechecks, the baseline, key checks "
        "and trials are apart. Filled: a typical task lies two robust standard deviations of the logarithms or "
        "more from theirs (z), which says where to look and no more."
    )
    return Figure("pace", caption, people_figure_drawing.paces(shown), heads, rows)


def _rows_that_fit(lines: Sequence[Facts]) -> list[Facts]:
    """Return the rows that fit: unusual ones first, the others by number of tasks, in their original order."""
    if len(lines) <= MOST:
        return list(lines)
    wanted = sorted(lines, key=lambda line: (not line["unusual"], -line["timed"]))[:MOST]
    return [line for line in lines if line in wanted]
