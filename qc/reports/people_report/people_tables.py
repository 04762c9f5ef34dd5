"""The tables of the report on people, each from the document; what decides who is in them is there too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from qc.reports.people_report import people_phrases as said
from qc.reports.phrases import language_name, listed, number, plural
from qc.reports.tables_and_figures.estimates import (
    coefficient_cell,
    rate_cell,
    score_cell,
    share_cell,
    spread_cell,
)
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table, rows_of, text
from qc.reports.tables_and_figures.table import number as value

Facts = Mapping[str, Any]

_LANGUAGE = Column("language", ("language (code)",))
_PERSON = Column("person", ("person (code or pseudonym)",))


def _estimate(head: str, what: str, unit: str = "share") -> Column:
    return Column(head, (f"{what} ({unit})", f"{what}, 95 % low ({unit})", f"{what}, 95 % high ({unit})"))


def _count(head: str, what: str) -> Column:
    return Column(head, (f"{what} (number)",), numeric=True)


def counted(one: int | None) -> Cell:
    """Return a cell with a whole number; None where it is not told."""
    return value("–" if one is None else number(one, 0), one)


def _some(one: int) -> Cell:
    """Return a cell with a number that is mostly 0."""
    return value(number(one, 0) if one else "·", one)


def _language(code: str) -> Cell:
    return Cell(language_name(code), (code,))


def tables(document: Facts) -> Iterator[Table]:
    """Yield every table of the page that has rows."""
    made = (
        agreement, accuracy, reviewers, plants, plants_by_reviewer, translations, findings, work, background,
        guidelines,
    )  # fmt: skip
    for one in made:
        table = one(document)
        if table.rows:
            yield table


def agreement(document: Facts) -> Table:
    """Return the agreement of the first two, for every question and language."""
    rows = []
    for one in document["agreement"]:
        if one["units"]:
            cells = (
                Cell("", (one["stage"],)),
                Cell("", (one["language"],)),
                Cell(_capital(said.question_name(one["question"])), (one["question"],)),
                counted(one["units"]),
                counted(one["passages"]),
                share_cell(one["percent"]),
                coefficient_cell(one["alpha"]),
                coefficient_cell(one["ac1"]),
                Cell(said.labels(one), (said.labels(one),), quiet=True),
            )
            rows.append(Row(cells, section=f"{_capital(one['stage'])}, {language_name(one['language'])}"))
    columns = (
        Column("", ("stage",), data_only=True),
        Column("", ("language (code)",), data_only=True),
        Column("question", ("question",)),
        _count("items", "items"),
        _count("passages", "passages"),
        _estimate("alike", "alike"),
        _estimate("α", "Krippendorff's alpha", "coefficient"),
        _estimate("AC1", "Gwet's AC1", "coefficient"),
        Column("labels", ("labels (number of each)",)),
    )
    caption = "Agreement with 95\u00a0% intervals; labels as often as they were given."
    return Table("agreement", caption, columns, tuple(rows), "full")


def accuracy(document: Facts) -> Table:
    """Return how often fresh readers are right on the frozen set, by language."""
    rows = rows_of(
        [
            [
                _language(one["language"]),
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
        _LANGUAGE,
        _count("items", "items"),
        _count("people", "people"),
        _count("passages", "passages"),
        _count("answers", "answers"),
        _estimate("right", "right"),
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
        _PERSON,
        Column("n", ("blind answers (number)",), numeric=True, group=blind),
        _grouped(_estimate("right", "blind answers right"), blind),
        Column("n", ("guesses (number)",), numeric=True, group=guessing),
        _grouped(_estimate("right", "guesses right"), guessing),
        _grouped(_estimate("blind", "same blind answer as most others"), others),
        _grouped(_estimate("all criteria", "same as most others on criteria"), others),
        _grouped(_estimate("recom\u00admendation", "same outcome as most others"), others),
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
                    Cell(_capital(said.KINDS.get(name, name)), (name,)),
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
        Column("reviewer", _PERSON.data),
        _rate("faults objected to", "faults objected to"),
        _rate("false alarms", "false alarms"),
    )
    return Table("planted-faults-by-reviewer", "Planted faults and false alarms by reviewer.", columns, rows)


def translations(document: Facts) -> Table:
    """Return what proofreading shows of drafts, by language and person."""
    people = [one for one in document["people"] if one["translated"]]
    rows = []
    for line in document["quality"]:
        if not line["drafts"]:
            continue
        rows.append(Row((_language(line["language"]), Cell(), *_drafts(line, line["translating_hours"])), "sum"))
        if not document["outside"]:
            rows += _of_people(people, line["language"])
    if document["outside"]:
        rows += _of_people(people, None)
    columns = (
        Column("language or person" if document["outside"] else "language, person", ("language (code)",)),
        Column("", _PERSON.data, data_only=True),
        _count("drafts", "drafts"),
        Column("chrF", _quartiles("chrF", "0 to 100")),
        Column("TER", _quartiles("TER", "percent")),
        _estimate("error score", "error score", "points per 100 source words"),
        _estimate("accepted as they were", "accepted as they were"),
        _estimate("returned", "returned"),
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
                _language(one["language"]),
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
        Column("language", _LANGUAGE.data, once=True),
        Column("check", ("check",)),
        _count("flagged", "flagged"),
        _count("dismissed", "dismissed"),
        Column("why", ("dismissed, by reason (number of each)",)),
        _count("contested", "contested"),
        _count("mended", "mended"),
    )
    caption = (
        "What proofreaders and translators said of the checks’ findings. Flags are counted on texts that somebody "
        "proofread; one may have findings in several parts of the item. A check that is often dismissed in a "
        "language may be wrong there, or its findings may be waved through: have some of these items read again."
    )
    return Table("findings", caption, columns, rows)


_WORK: Sequence[tuple[str, Column, Callable[[Facts], Cell]]] = (
    ("", _count("done", "done"), lambda line: counted(line["done"])),
    ("open", _count("open", "open"), lambda line: _some(line["open"])),
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
    ("invalid", _count("not valid", "not valid"), lambda line: _some(line["invalid"])),
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
        _PERSON,
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
        _PERSON,
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
                    _capital(one["stage"]) + (f" ({one['language']})" if one["language"] else ""),
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


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
