"""XLIFF that came back, as rows of filled-in work: `flows.offline.work_import` then reads them as any other row.

A question counts once all five of its texts are marked as done. What is wrong with one question is said of that
question alone, and every other is taken in; a file that cannot be read at all is refused alone, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotation.forms import finding_answers
from annotation.forms.submitted_form import ITEM_FIELDS, tidy
from annotation.forms.work_file_columns import ITEM_COLUMNS
from annotation.stages.proofreading_page import CATEGORIES, SEVERITIES
from data.errors import UsageError
from data.exchange import xliff
from data.exchange.csv_and_xlsx import FileRow
from data.intake import Unreadable, listed, shown, text_files, zip_input
from data.intake.xml_input import LARGEST_XML
from data.language_tags import language_of_tag
from flows.offline.xliff_export import BETWEEN, sources_of

READ = (".xlf", ".xliff")
"""The ends of XLIFF files' names."""

_FIELD = re.compile(rf"({'|'.join(ITEM_COLUMNS)})(?:[^0-9A-Za-z]+(?:s|seg)?(\d+))?")
_ERROR = re.compile(rf"\b(?:{'|'.join(CATEGORIES)})/(?:{'|'.join(SEVERITIES)})\b")
_ASKS = re.compile(r"\s*(query|return)\s*:\s*(.+)", re.IGNORECASE | re.DOTALL)


@dataclass
class ReadXliff:
    """What stands in XLIFF files.

    Attributes:
        rows: filled-in work, a row for each question that is done or asks something.
        refused: what cannot be taken, each with its place and cure.
        unfinished: questions that are not done yet, each with its place and what is lacking.
        remarks: what was passed over, in words.
    """

    rows: list[FileRow] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    unfinished: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def said(self) -> tuple[str, ...]:
        """The remarks, each once."""
        return tuple(dict.fromkeys(self.remarks))


@dataclass
class Work:
    """The units of one question in one file: by field, in the order of their pieces."""

    source: str
    document: xliff.Document
    fields: dict[str, list[tuple[int | None, xliff.Unit]]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it begins."""
        return f"{self.source}, line {self.line}"

    @property
    def line(self) -> int:
        """The line in which it begins."""
        return min(unit.line for pieces in self.fields.values() for _, unit in pieces)


def is_xliff(file: str) -> bool:
    """Return whether a name on the command line stands for XLIFF: a file, an archive or a folder of them."""
    return Path(file).is_dir() or Path(file).suffix.lower() in (*READ, ".zip")


def documents(files: Sequence[str], found: ReadXliff) -> list[tuple[str, xliff.Document]]:
    """Return every document in files, archives and folders, with the name of its file.

    Raises:
        UsageError: there is no such file, or nothing of the kind in it.
    """
    read: list[tuple[str, xliff.Document]] = []
    for name, data in (one for file in files for one in _contents(Path(file), found)):
        try:
            read += [(name, one) for one in xliff.read(data)]
        except Unreadable as problem:
            found.refused.append(problem.at(name))
    return read


def _contents(file: Path, found: ReadXliff) -> Iterator[tuple[str, bytes]]:
    if not file.exists():
        raise UsageError(f"there is no file {file}")
    if file.is_dir():
        inside = sorted(one for one in file.iterdir() if one.suffix.lower() in (*READ, ".zip"))
        if not inside:
            raise UsageError(f"{file} holds no .xlf, .xliff or .zip file; name the folder that has them")
        for one in inside:
            yield from _contents(one, found)
        return
    try:
        if file.suffix.lower() == ".zip":
            members = zip_input.members(file)
            fitting = {name: data for name, data in members.items() if Path(name).suffix.lower() in READ}
            if not fitting:
                there = f"only {listed(members)}" if members else "it is empty"
                found.refused.append(f"{file}: holds no .xlf or .xliff file ({there}); pack the translated files")
            yield from ((f"{file}, {name}", data) for name, data in fitting.items())
        else:
            yield str(file), text_files.content(file, LARGEST_XML)
    except Unreadable as problem:
        found.refused.append(problem.at(str(file)))


def work_of(read: Sequence[tuple[str, xliff.Document]], found: ReadXliff) -> dict[str, list[Work]]:
    """Return the units of every question by task key, with one `Work` for each time that it was met."""
    met: dict[str, list[Work]] = {}
    for name, document in read:
        here: dict[str, Work] = {}
        for unit in document.units:
            key, _, rest = unit.id.rpartition(BETWEEN)
            told = _FIELD.fullmatch(rest)
            if not key or (told is None and not rest.startswith("passage")):
                found.refused.append(
                    f"{name}, line {unit.line}: the unit {shown(unit.id, 100)} is none of ours; "
                    "ids must stay as they were exported"
                )
            elif told is not None:
                work = here.setdefault(key, Work(name, document))
                piece = int(told[2]) if told[2] else None
                work.fields.setdefault(told[1], []).append((piece, unit))
        for key, work in here.items():
            met.setdefault(key, []).append(work)
    return met


def rows(
    works: Mapping[str, list[Work]],
    tasks: Mapping[str, Mapping[str, Any]],
    payloads: Mapping[str, Mapping[str, Any]],
    superseded: Mapping[str, str],
    found: ReadXliff,
) -> None:
    """Fill in the rows of what is done, and what is refused and unfinished.

    Args:
        works: as `work_of` returned them.
        tasks: the campaign's, by key.
        payloads: what these tasks show.
        superseded: why a task is out of date, by key.
        found: where it goes.
    """
    for key, several in works.items():
        work = several[0]
        if len(several) > 1:
            places = " and ".join(one.place for one in several[:3])
            found.refused.append(f"{work.place}: task {key} stands there twice ({places}); keep one")
        elif key not in payloads:  # the import says of which campaign it is, or that there is no such task
            found.rows.append(FileRow(work.source, f"line {work.line}", _facts(work, key)))
        elif why := superseded.get(key):
            found.refused.append(
                f"{work.place}: task {key} is out of date: {why} since this file was written; "
                "export the work again"
            )
        elif wrong := [
            *_wrong(work, key, tasks[key], payloads[key]),
            *_stale_answers(work, key, tasks[key]["stage"], payloads[key]),
        ]:
            found.refused += wrong
        else:
            _take(work, key, tasks[key]["stage"], payloads[key], found)


def changed_passages(
    read: Sequence[tuple[str, xliff.Document]], payloads: Mapping[str, Mapping[str, Any]], found: ReadXliff
) -> None:
    """Say of which files the passage was changed; that has no effect."""
    for name, document in read:
        shown_pairs = next(
            (
                payloads[key]["pairs"]
                for unit in document.units
                if (key := unit.id.rpartition(BETWEEN)[0]) in payloads
            ),
            None,
        )
        theirs = [one for one in document.units if one.id.rpartition(BETWEEN)[2].startswith("passage")]
        if shown_pairs is None or not theirs:
            continue
        ours = {(_folded(pair["source"]), _folded(pair["target"])) for pair in shown_pairs}
        if any(unit.target and (_folded(unit.source), _folded(unit.target)) not in ours for unit in theirs):
            cure = "a note “query: …” at a question tells the lead"
            found.remarks.append(f"{name}: the passage was changed, which has no effect; {cure}")


def _wrong(work: Work, key: str, task: Mapping[str, Any], payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield why the question cannot be taken."""
    given = language_of_tag(work.document.target_language) if work.document.target_language else None
    if given is not None and given.code != task["language"] and work.document.target_language:
        yield (
            f"{work.place}: task {key} is in {task['language']}, and the file's target language is "
            f"{shown(work.document.target_language, 20)}; give the file of that language"
        )
        return
    sources = sources_of(payload)
    for name, pieces in work.fields.items():
        numbers = [number for number, _ in pieces]
        if len(numbers) != len(set(numbers)) or (None in numbers and len(numbers) > 1):
            line = pieces[-1][1].line
            yield f"{work.source}, line {line}: the unit {key}{BETWEEN}{name} stands there twice; keep one"
        for _, unit in pieces:
            if unit.problem:
                yield f"{work.source}, line {unit.line}: {unit.id} {unit.problem}"
        whole = _rejoined([unit.source for _, unit in sorted(pieces, key=_number)], sources[name])
        if whole is None:
            yield (
                f"{work.source}, line {pieces[0][1].line}: the source of {key}{BETWEEN}{name} is "
                f"{shown(pieces[0][1].source)} here and {shown(sources[name])} now; export the work again"
            )


def _answers(work: Work, stage: str, payload: Mapping[str, Any]) -> tuple[str, list[str]]:
    findings = finding_answers.asked(payload, mends=stage == "proofreading")
    return finding_answers.from_notes(_notes(work), findings)


def _notes(work: Work) -> tuple[str, ...]:
    units = (unit for pieces in work.fields.values() for _, unit in pieces)
    return tuple(dict.fromkeys(note for unit in units for note in unit.notes))


def _stale_answers(work: Work, key: str, stage: str, payload: Mapping[str, Any]) -> Iterator[str]:
    """Yield which answers are about a finding that the task does not ask about."""
    for mark in _answers(work, stage, payload)[1]:
        yield (
            f"{work.place}: the note on finding {mark} of task {key} is about another finding than those that it "
            "asks about now; take the note out, or export the work again"
        )


def _take(work: Work, key: str, stage: str, payload: Mapping[str, Any], found: ReadXliff) -> None:
    units = [unit for pieces in work.fields.values() for _, unit in pieces]
    notes = [note for note in _notes(work) if not finding_answers.is_answer(note)]
    answers, _ = _answers(work, stage, payload)
    asked = {said[1].casefold(): said[2].strip() for note in notes if (said := _ASKS.fullmatch(note))}
    lacking = _lacking(work)
    cells = _facts(work, key)
    cells["query"] = asked.get("query", "")
    cells |= {finding_answers.COLUMN: answers} if answers else {}
    texts = {} if lacking else _texts(work, payload)
    if stage == "proofreading" and (texts or "return" in asked):
        draft = {c: tidy(str(payload[f"draft_{b.name}"])) for c, b in zip(ITEM_COLUMNS, ITEM_FIELDS, strict=True)}
        edited = any(tidy(text) != draft[name] for name, text in texts.items())
        cells["outcome"] = "return" if "return" in asked else "corrected" if edited else "accept"
        cells["errors"] = ", ".join(dict.fromkeys(error for note in notes for error in _ERROR.findall(note)))
        cells["comment"] = asked.get("return", "")
    cells |= texts
    if lacking and not cells["query"] and "outcome" not in cells:
        found.unfinished.append(f"{work.place}: {key}: {lacking}")
        return
    if tagged := [unit.id for unit in units if unit.tagged]:
        found.remarks.append(f"{work.source}: tags were taken off {listed(tagged, 5)}")
    found.rows.append(FileRow(work.source, f"line {work.line}", cells))


def _facts(work: Work, key: str) -> dict[str, str]:
    marks = dict.fromkeys(unit.mark for pieces in work.fields.values() for _, unit in pieces if unit.mark)
    return {"task_key": key, "campaign": work.document.campaign, "revision": " / ".join(marks)}


def _lacking(work: Work) -> str:
    """Return in words what keeps a question from being done; "" if nothing does."""
    gone = [name for name in ITEM_COLUMNS if name not in work.fields]
    waiting, empty, states = [], [], dict[str, None]()
    for name, pieces in work.fields.items():
        for _, unit in pieces:
            if unit.state not in xliff.DONE:
                waiting.append(name)
                states[unit.state or "no state"] = None
            elif not unit.target.strip() or unit.lacking:
                empty.append(name)
    told = []
    if gone:
        told.append(f"{listed(gone)} not in the file")
    if waiting:
        told.append(f"{listed(dict.fromkeys(waiting))} not marked as translated ({listed(states)})")
    if empty:
        told.append(f"{listed(dict.fromkeys(empty))} marked as done and empty")
    return ", ".join(told)


def _texts(work: Work, payload: Mapping[str, Any]) -> dict[str, str]:
    sources = sources_of(payload)
    texts = {}
    for name, pieces in work.fields.items():
        units = [unit for _, unit in sorted(pieces, key=_number)]
        text = units[0].target
        gaps = _gaps([unit.source for unit in units], sources[name])
        for gap, unit in zip(gaps, units[1:], strict=True):
            touching = not text[-1:].isspace() and not unit.target[:1].isspace()
            text += (gap if touching and xliff.spaced(work.document.target_language) else "") + unit.target
        texts[name] = text
    return texts


def _number(piece: tuple[int | None, xliff.Unit]) -> int:
    return piece[0] or 0


def _rejoined(pieces: Sequence[str], whole: str) -> str | None:
    """Return the whole if it consists of these pieces, white space aside; else None."""
    return whole if "".join("".join(pieces).split()) == "".join(whole.split()) else None


def _gaps(pieces: Sequence[str], whole: str) -> list[str]:
    """Return the white space of the whole that stands between its pieces."""
    gaps, place = [], 0
    for number, piece in enumerate(pieces):
        start = whole.find(piece.strip(), place)
        if number:
            gaps.append(whole[place:start] if start >= place else " ")
        place = max(start, place) + len(piece.strip())
    return gaps


def _folded(text: str) -> str:
    return " ".join(text.split())
