"""The tables of the audit's report, each made from the document."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from qc.reports.audit_report.audit_phrases import (
    LAYERS,
    capitalised,
    cue_name,
    guise,
    language_name,
    listed,
    number,
    percent,
    plural,
    probability,
    times,
)
from qc.reports.tables_and_figures.table import Cell, Column, Table, rows_of, text
from qc.reports.tables_and_figures.table import number as value
from qc.reports.tables_and_figures.wide_intervals import too_wide

Facts = Mapping[str, Any]

MOST = 40
"""The number of lines in tables of findings, bounds and solvers; report.json has the rest."""


_LANGUAGES = Column("languages", ("languages (codes)",))
LANGUAGE = Column("language", ("language (code)",))
P_VALUE = Column("adjusted p", ("adjusted p (probability)",), numeric=True)
Z = Column("z", ("z (standard deviations)",), numeric=True)
ACCURACY = Column("accuracy", ("accuracy (share)",), numeric=True)
INTERVAL = Column(
    "95\u00a0% interval", ("95 % interval, lower end (share)", "95 % interval, upper end (share)"), numeric=True
)
FOUND = Column("", ("found (true or false)",))


def interval(one: Facts) -> Cell:
    """Return the interval of an accuracy."""
    low, high = one["low"], one["high"]
    if low is None or high is None:
        return Cell("cannot be said", (None, None), quiet=True)
    return Cell(f"{percent(low)} to {percent(high)}", (low, high), wide=too_wide(low, high))


def share(one: float | None) -> Cell:
    """Return a cell with a share."""
    return value(percent(one), one)


def p_value(one: float | None) -> Cell:
    """Return a cell with a p-value."""
    return value(probability(one), one)


def count(one: int) -> Cell:
    """Return a cell with a whole number."""
    return value(number(one, 0), one)


def found_mark(*, found: bool) -> Cell:
    """Return a label for what was found."""
    return Cell("found" if found else "", (found,), mark="found" if found else "")


def language(code: str) -> Cell:
    """Return a cell with a language's name; its value is the code."""
    return Cell(language_name(code), (code,))


def _languages(codes: Sequence[str], beside: str = "") -> Cell:
    return Cell(listed([language_name(code) for code in codes], 4), (" ".join(codes),), beside=beside)


def guises(place: int, group: Sequence[Facts], right: Callable[[Facts], Cell], *, several: bool) -> Table:
    """Return the cues that a leading cue explains.

    Args:
        place: the finding's, from 1.
        group: the findings, the leader first.
        right: gives what a finding gets right.
        several: whether there are several languages.
    """
    rows = rows_of(
        [
            [
                Cell(capitalised(one["effect"]["says"]), (one["effect"]["name"],)),
                right(one),
                p_value(one["adjusted"]),
                value(number(one["effect"]["z"]), one["effect"]["z"]),
                _given(one, "measures the same"),
                *([_languages(one["languages"])] if several else []),
            ]
            for one in group[1:]
        ]
    )
    caption = f"Cues that “{group[0]['effect']['says']}” explains."
    if any(one["effect"]["accuracy"] is None for one in group[1:]):
        caption += " In brackets: what picking by the cue gets right, where not that but the paired test found it."
    columns = (
        Column("also seen as", ("cue",)),
        Column("right", ("right (share)",), numeric=True),
        Column("adj. p", P_VALUE.data, numeric=True),
        Z,
        Column("z given the leaders", ("z given the leaders (standard deviations)",), numeric=True),
        *([_LANGUAGES] if several else []),
    )
    return Table(f"explained-{place}", caption, columns, rows, "guises")


def _given(one: Facts, otherwise: str) -> Cell:
    if one["given"] is None:
        return Cell(otherwise, (None,), quiet=True)
    return value(number(one["given"]), one["given"])


def more_shortcuts(rest: Sequence[Sequence[Facts]], right: Callable[[Facts], Cell], *, several: bool) -> Table:
    """Return the findings beyond those that are quoted; arguments as of `guises`."""
    rows = rows_of(
        [
            [
                Cell(capitalised(group[0]["effect"]["says"]), (group[0]["effect"]["name"],)),
                right(group[0]),
                value(number(group[0]["effect"]["z"]), group[0]["effect"]["z"]),
                _given(group[0], "measures the same"),
                p_value(group[0]["adjusted"]),
                Cell(
                    listed([guise(one["effect"]["name"], one["effect"]["z"]) for one in group[1:]], 4),
                    (" / ".join(one["effect"]["name"] for one in group[1:]),),
                ),
                *([_languages(group[0]["languages"])] if several else []),
            ]
            for group in rest[:MOST]
        ]
    )
    first = f", the first {MOST}" if len(rest) > MOST else ""
    columns = (
        Column("finding", ("cue",)),
        Column("right", ("right (share)",), numeric=True),
        Z,
        Column("given those above", ("z given those above (standard deviations)",), numeric=True),
        Column("adj. p", P_VALUE.data, numeric=True),
        Column("also seen as", ("also seen as (cues)",)),
        *([_LANGUAGES] if several else []),
    )
    caption = f"{plural(len(rest), 'shortcut')} more{first}; the whole list is in report.json."
    return Table("more-shortcuts", caption, columns, rows, "full")


def trained(
    findings: Sequence[Facts], tested: Sequence[str], index: Any, seen: Callable[[Facts], str], *, several: bool
) -> Table:
    """Return the trained models that were found.

    Args:
        findings: those of trained models.
        tested: the statistics that were tested of them.
        index: gives the effects of a model: `picking` its accuracy, `statistics` all tests.
        seen: gives a model's name and input.
        several: whether there are several languages.
    """
    rows = []
    for one in findings[:MOST]:
        effect = index.picking(one["effect"]) or one["effect"]
        by = index.statistics(one["effect"])
        codes = one["languages"]
        beside = f"figures of {language_name(effect['language'])}" if len(codes) > 1 else ""
        picks = effect["accuracy"] is not None
        right = [Cell(percent(effect["accuracy"]), (effect["accuracy"],), strong=True), interval(effect)]
        rows.append(
            [
                Cell(seen(effect), (f"{effect['layer']}: {effect['name']}",)),
                *(right if picks else [Cell("picks nothing", quiet=True, span=2)]),
                share(effect["chance"]),
                *(_tested(by.get(statistic)) for statistic in tested),
                _given(one, "no cue leads"),
                *([_languages(codes, beside)] if several else []),
            ]
        )
    columns = (
        Column("model and what it sees", ("model",)),
        Column("right", ("right (share)",), numeric=True),
        INTERVAL,
        Column("chance", ("chance (share)",), numeric=True),
        *(Column(f"p by {name}", (f"adjusted p by {name} (probability)",), numeric=True) for name in tested),
        Column("z given the leaders", ("z given the leaders (standard deviations)",), numeric=True),
        *([_LANGUAGES] if several else []),
    )
    caption = "Trained models that were found: what they get right, and the adjusted p of all tests of them."
    return Table("trained", caption, columns, rows_of(rows), "full")


def _tested(effect: Facts | None) -> Cell:
    if effect is None:
        return Cell("", (None,))
    return value(probability(effect["adjusted"]) + (" ●" if effect["detected"] else ""), effect["adjusted"])


def bounds(lines: Sequence[Facts], *, several: bool) -> Table:
    """Return the highest upper bounds of cues and models."""
    rows = rows_of(
        [
            [
                Cell(_bounded(one["model"]), (one["model"],)),
                *([language(one["language"])] if several else []),
                share(one["accuracy"]),
                share(one["upper"]),
                share(one["limit"]),
                value(percent(one["power"], 0), one["power"]),
                Cell(
                    "passes" if one["passed"] else "does not pass",
                    (one["passed"],),
                    mark="held" if one["passed"] else "open",
                ),
            ]
            for one in lines
        ]
    )
    columns = (
        Column("class and cue", ("class and cue",)),
        *([LANGUAGE] if several else []),
        ACCURACY,
        Column("95\u00a0% bound", ("one-sided 95 % upper bound (share)",), numeric=True),
        Column("limit", ("limit (share)",), numeric=True),
        Column("a cue worth nothing passes in", ("a cue worth nothing passes in (share)",), numeric=True),
        Column("", ("passes (true or false)",)),
    )
    caption = "The highest upper bounds of all cues and models, against what may be certified."
    return Table("bounds", caption, columns, rows, "full")


def _bounded(class_and_cue: str) -> str:
    group, _, cue = class_and_cue.partition(": ")
    return f"{group}: {cue_name(cue)}"


def weakest(lines: Sequence[Facts]) -> Table:
    """Return the weakest planted cue that each layer found often enough, by kind."""
    rows = []
    for one in lines:
        told = [
            value(percent(one["coverage"], 0), one["coverage"]),
            value(percent(one["strength"], 0), one["strength"]),
            share(one["accuracy"]),
            Cell(f"{percent(one['found'], 0)} of {one['runs']}", (one["found"], one["runs"])),
        ]
        none = Cell("none of those that were planted", span=4)
        name = Cell(f"{one['kind']}: {one['cue']}", (one["kind"], one["cue"]))
        rows.append([text(one["layer"]), name, *([none] if one["found"] is None else told)])
    columns = (
        Column("layer", ("layer",)),
        Column("kind of cue", ("kind", "cue")),
        Column("items that carry it", ("items that carry it (share)",), numeric=True),
        Column("strength", ("strength (share)",), numeric=True),
        Column("accuracy of the cue", ("accuracy of the cue (share)",), numeric=True),
        Column("found in", ("found in (share of runs)", "runs (number)"), numeric=True),
    )
    caption = "The weakest planted cues that were found in at least four of five runs."
    return Table("weakest", caption, columns, rows_of(rows))


def solvers(lines: Sequence[Facts], *, several: bool) -> Table:
    """Return the solvers by what they answered."""
    rows = rows_of(
        [
            [
                text(one["name"], given=True),
                *([language(one["language"])] if several else []),
                count(one["n"]),
                share(one["accuracy"]),
                value(number(one["ability"], 2), one["ability"]),
            ]
            for one in lines[:MOST]
        ]
    )
    columns = (
        Column("solver", ("solver",)),
        *([LANGUAGE] if several else []),
        Column("items", ("items (number)",), numeric=True),
        Column("right", ("right (share)",), numeric=True),
        Column("ability, logits", ("ability (logits)",), numeric=True),
    )
    return Table("solvers", "The solvers, by what they answered.", columns, rows)


def keys(told: Facts, *, several: bool) -> Table:
    """Return the keys to look at first."""
    first = told["first"]
    rows = rows_of(
        [
            [
                text(one["item_id"], given=True),
                value(str(one["place"]), one["place"]),
                *([language(one["language"])] if several else []),
                value(str(one["key"] + 1), one["key"] + 1),
                value(str(one["instead"] + 1), one["instead"] + 1),
                Cell(f"{one['agree']} of {one['strong']}", (one["agree"], one["strong"])),
                Cell(times(one["score"]), (one["score"],)),
                value(percent(one["expected_false"], 0), one["expected_false"]),
            ]
            for one in first
        ]
    )
    columns = (
        Column("item", ("item",)),
        Column("place", ("place (rank)",), numeric=True),
        *([LANGUAGE] if several else []),
        Column("key", ("key (option, from 1)",), numeric=True),
        Column("chosen", ("chosen (option, from 1)",), numeric=True),
        Column(
            "by strong solvers", ("strong solvers who chose it (number)", "strong solvers (number)"), numeric=True
        ),
        Column("times likelier", ("times likelier (logarithm to base 10)",), numeric=True),
        Column("expected false so far", ("expected false so far (share)",), numeric=True),
    )
    which = f"The first {len(first)} of {told['ranked']} keys" if told["ranked"] > len(first) else "The keys"
    return Table("keys", f"{which} to look at; the options that solvers chose instead.", columns, rows)


def layers(lines: Sequence[Facts]) -> Table:
    """Return the layers of the audit."""
    rows = []
    for one in lines:
        tested = [
            value(number(one["critical"], 2), one["critical"]),
            value(number(one["detected"], 0), one["detected"]),
            p_value(one["adjusted"]),
        ]
        rows.append(
            [
                Cell(LAYERS[one["name"]], (one["name"], one["note"]), beside=one["note"]),
                value(number(one["alpha"], 4) if one["tested"] else "none", one["alpha"] if one["tested"] else 0),
                count(one["cues"]),
                count(one["permutations"]),
                *(tested if one["tested"] else [Cell("not tested", quiet=True, span=3)]),
            ]
        )
    columns = (
        Column("layer", ("layer", "note")),
        Column("share of α", ("share of alpha (probability)",), numeric=True),
        Column("cues tested", ("cues tested (number)",), numeric=True),
        Column("refits", ("refits (number)",), numeric=True),
        Column("critical |z|", ("critical |z| (standard deviations)",), numeric=True),
        Column("found", ("found (number)",), numeric=True),
        Column("smallest adj. p", ("smallest adjusted p (probability)",), numeric=True),
    )
    return Table("layers", "The layers of this audit.", columns, rows_of(rows))
