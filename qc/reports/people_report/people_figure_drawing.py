"""The figures of the report on people; `qc.reports.svg_figures` styles them and writes them as SVG and PDF.

Names in figures are ours: criteria, stages, codes or pseudonyms. Unusual values have the other colour and are
filled, so that a grey copy shows the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from qc.reports.audit_report.audit_phrases import language_name, number, percent
from qc.reports.people_report.people_phrases import duration, question_name
from qc.reports.phrases import coefficient
from qc.reports.svg_figures import BAND, FOUND, INK, PLAIN, QUIET, SHARES, STYLE, WIDTH, Drawing, canvas

Facts = Mapping[str, Any]

MOST = 40
"""The most rows of a figure; the table below has all."""

_BESIDE = 6
"""The stages beside each other in a legend."""

_STAGES = {
    "qualifying": "#b9d3b0",
    "authoring": "#08306b",
    "guessing": "#9ecae1",
    "answering": "#4a98c9",
    "judging": "#c2410c",
    "adjudicating": "#f1b694",
    "translating": "#5d6670",
    "proofreading": "#c9d0d8",
    "wording": "#7f3b08",
}
"""A colour for each stage, distinguishable in grey too."""


def agreement(lines: Sequence[Facts], several: bool) -> Drawing:
    """Draw alpha and AC1 with their intervals, a row for each question.

    Args:
        lines: lines of the document's `agreement`, with two readers.
        several: whether languages are named.
    """
    with matplotlib.rc_context(STYLE):
        drawn, axes = canvas(0.8 + 0.33 * len(lines), left=2.45 if not several else 3.1, right=2.05)
        for row, line in enumerate(lines):
            for name, shift, colour, mark, face in (
                ("alpha", -0.14, PLAIN, "o", PLAIN),
                ("ac1", 0.16, QUIET, "D", "white"),
            ):
                _interval(axes, row + shift, line[name], colour, mark, face)
        axes.axvline(0, color=INK, linewidth=0.8, zorder=0.4)
        axes.axvline(1, color=BAND, linewidth=0.8, zorder=0.3)
        _rows(axes, [_question(line, several) for line in lines])
        lows = [line[name]["low"] for line in lines for name in ("alpha", "ac1") if line[name]["low"] is not None]
        axes.set_xlim(max(-1.0, min([-0.12, *(low - 0.05 for low in lows)])), 1.06)
        axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        _beside(axes, -0.9, ["alike", "α", "AC1", "items"], quiet=True)
        for row, line in enumerate(lines):
            figures = [
                percent(line["percent"]["value"], 0),
                *(coefficient(line[n]["value"]) for n in ("alpha", "ac1")),
            ]
            _beside(axes, row, [*figures, f"{line['units']:,}"])
        axes.set_xlabel("agreement beyond chance: α filled, AC1 hollow, with 95 % intervals")
        return Drawing(drawn, "belebele-people agreement", "Agreement of the first two reviewers by question")


def reviewers(people: Sequence[Facts], chance: float) -> Drawing:
    """Draw each person's accuracy when blind, agreement with the others, and accuracy when guessing, a panel each.

    Args:
        people: the people with a blind answer, a guess or a consensus.
        chance: the accuracy of guessing.
    """
    panels: list[tuple[str, Callable[[Facts], Facts], bool]] = [  # title, value, whether chance is marked
        ("blind answers right", lambda one: one["blind"]["right"], False),
        ("recommends as the others", lambda one: one["consensus"].get("recommendation", _NONE)["same"], False),
        ("guesses right, no passage", lambda one: one["guesses"]["right"], True),
    ]
    panels = [panel for panel in panels if any(panel[1](one)["value"] is not None for one in people)]
    with matplotlib.rc_context(STYLE):
        height = 0.95 + 0.24 * len(people)
        drawn = Figure(figsize=(WIDTH, height))
        wide = (WIDTH - 1.05) / len(panels)
        for index, (title, value, marked) in enumerate(panels):
            left = (0.95 + index * wide) / WIDTH
            axes = drawn.add_axes((left, 0.42 / height, (wide - 0.22) / WIDTH, 1 - 0.78 / height))
            for row, one in enumerate(people):
                _interval(axes, row, value(one), PLAIN, "o", PLAIN)
            if marked:
                axes.axvline(chance, color=INK, linewidth=0.9, linestyle=(0, (4, 2)), zorder=0.4)
            _rows(axes, [one["person"] for one in people] if index == 0 else [""] * len(people), top=-0.7)
            axes.set_title(title, loc="left")
            axes.set_xlim(-0.03, 1.03)
            axes.set_xticks([0, 0.5, 1])
            axes.set_xticks([0.25, 0.75], minor=True)
            axes.xaxis.set_major_formatter(SHARES)
        return Drawing(drawn, "belebele-people reviewers", "Each reviewer's shares with intervals")


def paces(lines: Sequence[Facts]) -> Drawing:
    """Draw each person's times in a stage: median, middle half, and the others' median.

    Args:
        lines: the timed lines: person, label and the document's `work`.
    """
    with matplotlib.rc_context(STYLE):
        drawn, axes = canvas(0.75 + 0.215 * len(lines), left=2.75, right=1.55)
        for row, line in enumerate(lines):
            colour = FOUND if line["unusual"] else PLAIN
            low, middle, high = (max(1.0, one) for one in line["quartiles"])
            axes.plot([low, high], [row, row], color=colour, linewidth=4.2, alpha=0.28, solid_capstyle="butt")
            face = colour if line["unusual"] else "white"
            axes.plot([middle], [row], marker="o", markersize=5, color=colour, markerfacecolor=face)
            if line["others"] is not None:
                axes.plot([line["others"]] * 2, [row - 0.34, row + 0.34], color=INK, linewidth=1.3)
        axes.set_xscale("log")
        low, high = axes.get_xlim()
        axes.xaxis.set_major_locator(FixedLocator(_steps(low, high)))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(_step))
        _rows(axes, [line["label"] for line in lines])
        _beside(axes, -0.9, ["median", "tasks", "z"], quiet=True, at=(0, 0.72, 1.15))
        for row, line in enumerate(lines):
            _beside(
                axes, row, [duration(line["seconds"]), f"{line['timed']:,}", number(line["z"])], at=(0, 0.72, 1.15)
            )
        axes.set_xlabel("time of a task: median and middle half; line: median of the others")
        return Drawing(drawn, "belebele-people pace", "Times of tasks by person and stage")


def load(people: Sequence[Facts]) -> Drawing:
    """Draw hours by person, divided by stage."""
    with matplotlib.rc_context(STYLE):
        shown = [
            stage for stage in _STAGES if any(line["stage"] == stage for one in people for line in one["work"])
        ]
        legend = -(-len(shown) // _BESIDE)  # lines of it
        drawn, axes = canvas(0.79 + 0.24 * (len(people) + 0.87 * legend), left=1.05, right=0.75)
        for row, one in enumerate(people):
            at = 0.0
            for stage, colour in _STAGES.items():
                hours = sum(line["hours"] for line in one["work"] if line["stage"] == stage)
                if hours:
                    axes.barh(row, hours, left=at, height=0.66, color=colour, edgecolor="white", linewidth=0.4)
                at += hours
            axes.annotate(f"{at:.1f}", (at, row), (4, 0), textcoords="offset points", va="center", fontsize=8.5)
        for stage in shown:
            axes.barh([0], [0], color=_STAGES[stage], label=stage)
        _rows(axes, [one["person"] for one in people], top=-0.63 - 0.87 * legend)
        axes.legend(
            loc="upper left", ncols=min(len(shown), _BESIDE), bbox_to_anchor=(-0.01, 1.0), handlelength=1.0,
            columnspacing=1.2,
        )  # fmt: skip
        axes.set_xlabel("hours with a page open, no task counted for more than half an hour")
        return Drawing(drawn, "belebele-people load", "Hours by person and stage")


def _steps(low: float, high: float) -> list[int]:
    """Return the times to label on a logarithmic axis, as many as fit.

    >>> _steps(3, 1700), _steps(50, 400)
    ([5, 15, 60, 300, 1200], [60, 120, 300])
    """
    found: list[int] = []
    for one in (1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800):
        if low * 0.9 <= one <= high * 1.1 and (not found or np.log(one / found[-1]) >= np.log(high / low) / 7):
            found.append(one)
    return found or [60]


def _step(seconds: float, _: object) -> str:
    return f"{seconds:.0f} s" if seconds < 60 else f"{seconds / 60:.0f} min"


_NONE: Facts = {"same": {"value": None, "low": None, "high": None}}


def _question(line: Facts, several: bool) -> str:
    name = question_name(line["question"])
    return f"{name} · {language_name(line['language'])}" if several else name


def _interval(axes: Axes, row: float, one: Facts, colour: str, mark: str, face: str) -> None:
    if one["value"] is None:
        return
    if one["low"] is not None:
        axes.plot([one["low"], one["high"]], [row, row], color=colour, linewidth=1.5)
    axes.plot([one["value"]], [row], marker=mark, markersize=4.6, color=colour, markerfacecolor=face)


def _rows(axes: Axes, labels: Sequence[str], top: float = -1.4) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, top)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def _beside(
    axes: Axes,
    row: float,
    texts: Sequence[str],
    *,
    quiet: bool = False,
    at: Sequence[float] = (0, 0.52, 0.95, 1.4),
) -> None:
    inch = 1 / (axes.get_position().width * WIDTH)
    style: dict[str, Any] = {"fontsize": 8, "color": QUIET} if quiet else {"fontsize": 8.5}
    for column, text in enumerate(texts):
        axes.text(
            1 + inch * (0.12 + at[column]), row, text, transform=axes.get_yaxis_transform(), va="center", **style
        )
