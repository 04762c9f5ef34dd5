"""The report's tables of what people did: translations, findings, work and pace; and who they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from qc.reports.people_report import people_phrases as said
from qc.reports.people_report.people_tables import (
    LANGUAGE,
    PERSON,
    Facts,
    capital,
    counted,
    estimate,
    language,
    whole,
)
from qc.reports.phrases import language_name, listed, number
from qc.reports.tables_and_figures.estimates import (
    score_cell,
    share_cell,
    spread_cell,
)
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table, rows_of, text
from qc.reports.tables_and_figures.table import number as value


def _some(one: int) -> Cell:
    """Return a cell with a number that is mostly 0."""
    return value(number(one, 0) if one else "·", one)


def translations(document: Facts) -> Table:
    """Return what proofreading shows of drafts, by language and person."""
    people = [one for one in document["people"] if one["translated"]]
    rows = []
    for line in document["quality"]:
        if not line["drafts"]:
            continue
        rows.append(Row((language(line["language"]), Cell(), *_drafts(line, line["translating_hours"])), "sum"))
        if not document["outside"]:
            rows += _of_people(people, line["language"])
    if document["outside"]:
        rows += _of_people(people, None)
    columns = (
        Column("language or person" if document["outside"] else "language, person", ("language (code)",)),
        Column("", PERSON.data, data_only=True),
        whole("drafts", "drafts"),
        Column("chrF", _quartiles("chrF", "0 to 100")),
        Column("TER", _quartiles("TER", "percent")),
        estimate("error score", "error score", "points per 100 source words"),
        estimate("accepted as they were", "accepted as they were"),
        estimate("returned", "returned"),
        Column("hours", ("translating (hours)",), numeric=True),
    )
    caption = (
        "Drafts as proofreaders found them: medians with quartiles; shares and scores with 95\u00a0% intervals."
    )
    return Table("translations", caption, columns, tuple(rows), "full")


def _quartiles(what: str, unit: str) -> tuple[str, ...]:
    return tuple(f"{what}, {end} ({unit})" for end in ("median", "first quartile", "third quartile"))


def _of_people(people: Sequence[Facts], language: str | None) -> Iterator[Row]:
    for one in people:
        for mine in one["translated"]:
            if mine["language"] == language:
                name = Cell(one["person"], (language,), given=True)
                yield Row((name, Cell("", (one["person"],)), *_drafts(mine, mine["hours"])))


def _drafts(line: Facts, hours: float | None) -> tuple[Cell, ...]:
    spent = value(number(hours), hours)
    if line["few"]:
        return counted(line["drafts"]), Cell(said.quality_gaps(line), quiet=True, span=5), spent
    return (
        counted(line["drafts"]),
        spread_cell(line["chrf"]),
        spread_cell(line["ter"]),
        score_cell(line["error_score"], said.quality_gaps(line)),
        share_cell(line["as_is"]),
        share_cell(line["returned"]),
        spent,
    )


def findings(document: Facts) -> Table:
    """Return what people said of the checks' findings."""
    rows = rows_of(
        [
            [
                language(one["language"]),
                text(one["check"]),
                counted(one["flagged"]),
                counted(one["dismissed"]),
                text(", ".join(f"{why} {count}" for why, count in one["why"].items())),
                counted(one["contested"]),
                counted(one["mended"]),
            ]
            for one in said.answered_findings(document["findings"])
        ]
    )
    columns = (
        Column("language", LANGUAGE.data, once=True),
        Column("check", ("check",)),
        whole("flagged", "flagged"),
        whole("dismissed", "dismissed"),
        Column("why", ("dismissed, by reason (number of each)",)),
        whole("contested", "contested"),
        whole("mended", "mended"),
    )
    caption = (
        "What proofreaders and translators said of the checks’ findings. Flags are counted on texts that somebody "
        "proofread; one may have findings in several parts of the item. A check that is often dismissed in a "
        "language may be wrong there, or its findings may be waved through: have some of these items read again."
    )
    return Table("findings", caption, columns, rows)


_WORK: Sequence[tuple[str, Column, Callable[[Facts], Cell]]] = (
    ("", whole("done", "done"), lambda line: counted(line["done"])),
    ("open", whole("open", "open"), lambda line: _some(line["open"])),
    (
        "", Column("hours", ("time (hours)",), numeric=True),
        lambda line: value(number(line["hours"]), line["hours"]),
    ),
    (
        "", Column("median", ("median of a task (seconds)",), numeric=True),
        lambda line: value(said.duration(line["seconds"]), line["seconds"]),
    ),
    (
        "", Column("others", ("median of the others (seconds)",), numeric=True),
        lambda line: value(said.duration(line["others"]), line["others"]),
    ),
    (
        "", Column("z", ("robust z (standard deviations)",), numeric=True),
        lambda line: value(number(line["z"]), line["z"]),
    ),
    (
        "", Column("", ("unusual",)),
        lambda line: Cell(line["unusual"], (line["unusual"],), mark="found" if line["unusual"] else ""),
    ),
    (
        "", Column("sent back", ("sent back (number)", "decided (number)"), numeric=True),
        lambda line: Cell(_share_of(line["sent_back"], line["decided"]), (line["sent_back"], line["decided"])),
    ),
    ("invalid", whole("not valid", "not valid"), lambda line: _some(line["invalid"])),
    (
        "at_once", Column("faster than typing", ("faster than typing (number)", "texts (number)"), numeric=True),
        lambda line: Cell(
            f"{line['at_once']} of {line['texts']}" if line["texts"] else "·", (line["at_once"], line["texts"])
        ),
    ),
)  # fmt: skip
"""The columns of the table of work: which count leaves it out if it is 0 throughout, and the cell of a line."""


def _share_of(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f}\u00a0% of {whole}" if whole else "·"


def work(document: Facts) -> Table:
    """Return everybody's work and pace."""
    lines = [line for one in document["people"] for line in one["work"]]
    shown = [one for one in _WORK if not one[0] or any(line[one[0]] for line in lines)]
    rows = []
    for one in document["people"]:
        for place, line in enumerate(one["work"]):
            name = Cell("" if place else one["person"], (one["person"],), given=True)
            where = Cell(said.place(line), (line["stage"], line["language"], line["copy"]))
            last = place == len(one["work"]) - 1
            rows.append(Row((name, where, *(cell(line) for _, _, cell in shown)), "" if last else "more"))
    columns = (
        PERSON,
        Column("work", ("stage", "language (code)", "copy")),
        *(column for _, column, _ in shown),
    )
    caption = "Everybody’s finished work, how long a typical task took, and how long it took the others."
    return Table("work", caption, columns, tuple(rows), "full")


def background(document: Facts) -> Table:
    """Return who the people are; nobody for outside."""
    rows = rows_of(
        [
            [
                text(one["person"], given=True),
                text(", ".join(one["roles"])),
                _languages(one["languages"]),
                _languages(one["native"]),
                text(one["consent"] or "–"),
                text(one["agency"] or "–", given=True),
            ]
            for one in ([] if document["outside"] else document["people"])
        ]
    )
    columns = (
        PERSON,
        Column("roles", ("roles",)),
        Column("languages", ("languages (codes)",)),
        Column("grew up with", ("grew up with (codes)",)),
        Column("consent since", ("consent since (date)",)),
        Column("agency", ("agency",)),
    )
    return Table("background", "The people, as campaign.toml describes them.", columns, rows, "full")


def _languages(codes: Sequence[str]) -> Cell:
    return Cell(listed([language_name(code) for code in codes], 6) or "–", (" ".join(codes),))


def guidelines(document: Facts) -> Table:
    """Return every version of a guideline that people were shown."""
    rows = rows_of(
        [
            [
                Cell(
                    capital(one["stage"]) + (f" ({one['language']})" if one["language"] else ""),
                    (one["stage"], one["language"]),
                ),
                value(str(one["number"]), one["number"]),
                text(one["since"]),
                text(one["version"], code=True),
            ]
            for one in document["guidelines"]
        ]
    )
    columns = (
        Column("stage", ("stage", "language (code)")),
        Column("version", ("version (from 1)",), numeric=True),
        Column("since", ("since (date)",)),
        Column("digest", ("digest",)),
    )
    return Table("guidelines", "Every version that people were shown, with its day.", columns, rows)
