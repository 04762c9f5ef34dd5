"""Marks of errors: the places in a draft that a proofreader marked, each with its kind and severity.

Everything that is stored counts code points. So does Label Studio 1.23 in its text labels; other versions count
UTF-16 units, in which one character beyond the basic plane takes two. So each mark is compared with the text that
it claims to mark, by either count, and one that stands for other text is refused, never shifted.

Who marks need not say a kind twice: a mark without one is of the only kind that was named for the whole draft.

While a draft is corrected, the page itself marks what the correction changes (`annotation/layer/companion.js`).
Such a mark that nobody changed or said anything of is no mark of the proofreader: the correction is read all the
same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from annotation.forms.submitted_form import ITEM_FIELDS
from annotation.forms.work_file_columns import ITEM_COLUMNS, Cells

_NAMES = tuple(box.name for box in ITEM_FIELDS)
_LABELS = {box.name: box.label for box in ITEM_FIELDS}
_CONTROL = re.compile(rf"(mark|kind|severity_at)_({'|'.join(_NAMES)})")

PREFILLED = "prediction"
"""The origin of a mark that the page made; Label Studio calls it otherwise once a person has moved its ends."""

DROP = "drop_marks"
"""The control that takes back the marks of an earlier submission."""

COLUMN = "marks"
"""The column of a work file with marks: a line each, as `answer2 omission/major: the words`."""

_LINE = re.compile(rf"({'|'.join(ITEM_COLUMNS)})(?:#(\d+))?(?:\s+(\w+)/(\w+))?\s*:\s?(.*)")
_LONGEST_QUOTED = 60


@dataclass(frozen=True)
class ErrorMark:
    """One place that was marked.

    Attributes:
        field: the name of the box of the draft.
        start: in code points of the draft's text.
        end: the first code point after it.
        text: what stands there.
        category: what is wrong; "" for the only kind that was named.
        severity: how serious it is; "" for what was said of its kind.
    """

    field: str
    start: int
    end: int
    text: str
    category: str = ""
    severity: str = ""

    @property
    def part(self) -> str:
        """The part of the item, as in `findings`."""
        return self.field.replace("answer_", "option_")

    @property
    def label(self) -> str:
        """The mark within a sentence."""
        text = self.text if len(self.text) <= _LONGEST_QUOTED else f"{self.text[:_LONGEST_QUOTED]}…"
        return f"“{text}” ({_LABELS[self.field]})"

    def facts(self) -> dict[str, Any]:
        """Return it as a submission's fields hold it."""
        return {
            "part": self.part, "start": self.start, "end": self.end, "text": self.text,
            "category": self.category, "severity": self.severity,
        }  # fmt: skip

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """Make it from a submission's fields; the inverse of `facts`."""
        others = {name: facts[name] for name in ("start", "end", "text", "category", "severity")}
        return cls(str(facts["part"]).replace("option_", "answer_"), **others)


def code_points(text: str, units: int) -> int | None:
    """Return the place in code points of a place in UTF-16 units; None within a character or beyond the text.

    >>> code_points("a\U0001d11eb", 3), code_points("a\U0001d11eb", 2), code_points("ab", 3)
    (2, None, None)
    """
    at = 0
    for place, character in enumerate(text):
        if at >= units:
            return place if at == units else None
        at += 2 if ord(character) > 0xFFFF else 1
    return len(text) if at == units else None


def taken_apart(
    result: object, drafts: Mapping[str, str], categories: Iterable[str], severities: Iterable[str]
) -> tuple[object, list[ErrorMark], list[str]]:
    """Take the marks out of a submission.

    Args:
        result: Label Studio's result list. Anything may be given.
        drafts: the texts that could be marked, by field.
        categories: the kinds of error there are.
        severities: the degrees there are.

    Returns:
        The result without what belongs to marks, the marks by field and place, and what is wrong with them.
    """
    if not isinstance(result, list):
        return result, [], []
    rest: list[object] = []
    regions: dict[str, dict[str, Any]] = {}
    for entry in result:
        name = entry.get("from_name") if isinstance(entry, Mapping) else None
        told = _CONTROL.fullmatch(name) if isinstance(name, str) else None
        if told is None:
            rest.append(entry)
        else:
            value = entry.get("value")
            kept = regions.setdefault(f"{told[2]} {entry.get('id')}", {"field": told[2]})
            kept[told[1]] = value if isinstance(value, Mapping) else {}
            kept["origin"] = entry.get("origin")
    known = {"kind": tuple(categories), "severity_at": tuple(severities)}
    marks, problems = [], []
    for region in regions.values():
        if region["origin"] == PREFILLED and not known.keys() & region.keys():
            continue
        mark, problem = _mark(region, drafts, known)
        marks += [mark] if mark else []
        problems += [problem] if problem else []
    order = sorted(set(marks), key=lambda one: (_NAMES.index(one.field), one.start, one.end, one.category))
    return rest, order, list(dict.fromkeys(problems))


def _mark(
    region: Mapping[str, Any], drafts: Mapping[str, str], known: Mapping[str, Sequence[str]]
) -> tuple[ErrorMark | None, str]:
    field, draft = region["field"], drafts[region["field"]]
    where = region.get("mark") or region.get("kind") or region.get("severity_at") or {}
    place = _place(where, draft)
    if place is None:
        return (
            None,
            f"A mark in {_LABELS[field]} is not on any text of the draft: remove it and mark the place again.",
        )
    start, end = place
    chosen = {}
    for name, values in known.items():
        given = region.get(name, {}).get("choices", [])
        chosen[name] = given[0] if isinstance(given, list) and len(given) == 1 else ""
        if given and chosen[name] not in values:
            return None, f"A mark in {_LABELS[field]} cannot be {given!r}: choose one of {', '.join(values)}."
    marked = draft[start:end]
    start += len(marked) - len(marked.lstrip())
    end = start + len(marked.strip())
    if start >= end:
        return None, ""  # white space alone
    return ErrorMark(field, start, end, draft[start:end], chosen["kind"], chosen["severity_at"]), ""


def _place(value: Mapping[str, Any], draft: str) -> tuple[int, int] | None:
    """Return start and end in code points of what a region marks; None where the draft reads otherwise there."""
    text, first, last = (value.get(name) for name in ("text", "start", "end"))
    if not (isinstance(text, str) and isinstance(first, int) and isinstance(last, int) and 0 <= first <= last):
        return None
    for start, end in ((first, last), (code_points(draft, first), code_points(draft, last))):
        if start is not None and end is not None and draft[start:end] == text:
            return start, end
    return None


def with_former(marks: Sequence[ErrorMark], former: Iterable[ErrorMark]) -> list[ErrorMark]:
    """Return these marks and those of an earlier submission in the fields that have no new one."""
    anew = {one.field for one in marks}
    return sorted(
        [*marks, *(one for one in former if one.field not in anew)], key=lambda one: _NAMES.index(one.field)
    )


def completed(marks: Iterable[ErrorMark], errors: Mapping[str, str]) -> tuple[list[ErrorMark], list[str]]:
    """Give each mark its kind and severity, and say which of them nobody said.

    Args:
        marks: as they were made.
        errors: the severity of each kind that was named for the draft; "" where it is missing.
    """
    found, problems = [], []
    for one in marks:
        category = one.category or (next(iter(errors)) if len(errors) == 1 else "")
        severity = one.severity or errors.get(category, "")
        if not category:
            problems.append(f"Say of what kind the error marked at {one.label} is.")
        elif not severity:
            problems.append(f"Say how serious the error marked at {one.label} is.")
        found.append(ErrorMark(one.field, one.start, one.end, one.text, category, severity))
    return found, problems


def entries(marks: Iterable[ErrorMark]) -> list[dict[str, Any]]:
    """Return Label Studio's result entries of these marks; the inverse of `taken_apart`."""
    found = []
    for number, one in enumerate(marks, start=1):
        value: dict[str, Any] = {"start": one.start, "end": one.end, "text": one.text}
        said: list[tuple[str, str, dict[str, Any]]] = [("mark", "labels", {"labels": ["error"]})]
        said += [("kind", "choices", {"choices": [one.category]})] if one.category else []
        said += [("severity_at", "choices", {"choices": [one.severity]})] if one.severity else []
        found += [
            {
                "id": f"mark{number}", "from_name": f"{control}_{one.field}", "to_name": f"draft_{one.field}",
                "type": kind, "origin": "manual", "value": {**value, **more},
            }
            for control, kind, more in said
        ]  # fmt: skip
    return found


def told(marks: Iterable[ErrorMark]) -> list[str]:
    """Return the marks in words, a line each."""
    return [
        f"{one.label}" + (f": {one.category}, {one.severity}" if one.category and one.severity else "")
        for one in marks
    ]


def from_sheet(cells: Cells, drafts: Mapping[str, str], errors: Sequence[str]) -> list[dict[str, Any]]:
    """Return the marks in a work file's cell, and note in the cells what cannot be one.

    Args:
        cells: of a row.
        drafts: the texts that could be marked, by field.
        errors: every "category/severity" there is.
    """
    found = []
    for line in filter(None, map(str.strip, cells.words.get(COLUMN, "").split("\n"))):
        read = _LINE.fullmatch(line)
        said = f"{read[3]}/{read[4]}".casefold() if read and read[3] else ""
        if read is None or (said and said not in errors):
            cells.problems.append(
                f"{COLUMN} cannot be {line!r}: write the field, what is wrong and the words, as: "
                "answer2 mistranslation/major: the words"
            )
            continue
        name, words = _NAMES[ITEM_COLUMNS.index(read[1])], read[5].strip()
        places = [one.start() for one in re.finditer(re.escape(words), drafts[name])] if words else []
        wanted = int(read[2]) if read[2] else 1
        if not 0 < wanted <= len(places) or (len(places) > 1 and not read[2]):
            often = f"stands there {len(places)} times: write {read[1]}#1 for the first" if len(places) > 1 else (
                "does not stand in the draft: write it letter by letter"
            )  # fmt: skip
            cells.problems.append(f"{COLUMN}: {words!r} in {read[1]} {often}")
            continue
        start = places[wanted - 1]
        category, _, severity = said.partition("/")
        found.append(ErrorMark(name, start, start + len(words), words, category, severity).facts())
    return found
