"""Answers to the checks' findings: what a page asks about each of them, and how the answers are read.

A check is sometimes wrong, and who reads the text can tell. So each finding that names its check and the text that
it is about can be dismissed (or, by the translator, contested) with a reason; a finding with a certain mend offers
that as well. All places of one check in one part of an item are one finding. Findings from before they named their
check are shown and not asked about.

A page repeats its controls by Label Studio's `Repeater`, once for each finding at a field; the keys that choose
are those that Label Studio gives to choices without one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotation.forms.submitted_form import ITEM_FIELDS, Field, tidy
from annotation.forms.work_file_columns import Cells
from data.ledger.tables import digest

REASONS = {
    "mistaken": "Nothing is wrong here",
    "usual": "Normal in this language",
    "source": "It is the same in the source",
    "other": "Another reason",
}
"""Why a finding is none, each as the page puts it; `other` comes with words."""

MEND = "mend"
"""The answer that takes the suggested mend."""

WHOLE = "item"
"""The field of findings about no single text; they stand above the form."""

_NAMES = {WHOLE: "the whole", **{box.name: box.label for box in ITEM_FIELDS}}


@dataclass(frozen=True)
class Finding:
    """One check's finding in one part of an item, as a page asks about it.

    Attributes:
        number: from 1, in the order of the page.
        field: the name of the box that it stands at, or `WHOLE`.
        at: its number among those at this field, with or without a mend, from 0.
        facts: check, version, part, text (a digest), as the task holds them.
        says: what was found, a line a place.
        mends: start, end, text and fix of each place; empty unless all of them have a certain mend.
        contested: what the translator says against it; "" for nothing.
    """

    number: int
    field: str
    at: int
    facts: Mapping[str, Any]
    says: str
    mends: tuple[tuple[int, int, str, str], ...]
    contested: str

    @property
    def name(self) -> str:
        """The control's name on the page."""
        return f"{'mend' if self.mends else 'dismiss'}_{self.field}_{self.at}"

    @property
    def words(self) -> str:
        """The name of the box for words."""
        return f"words_{self.name}"

    @property
    def mark(self) -> str:
        """Its number with four digits of what it is about: another finding of this number has another mark."""
        return f"{self.number}-{digest(*sorted(self.facts.items()))[:4]}"

    @property
    def label(self) -> str:
        """The finding within a sentence."""
        return f"finding {self.number} (on {_NAMES[self.field]})"


def field_of(part: str) -> str:
    """Return the field at which a part of an item stands."""
    name = part.replace("option_", "answer_")
    return name if name in _NAMES else WHOLE


def asked(payload: Mapping[str, Any], *, mends: bool = True) -> tuple[Finding, ...]:
    """Return the findings that a task asks about.

    Args:
        payload: what the task shows.
        mends: whether the page offers to mend.
    """
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for place in payload.get("places", ()):
        if "digest" in place:
            grouped.setdefault((place["check"], place["part"]), []).append(place)
    by_field: dict[str, list[list[Mapping[str, Any]]]] = {name: [] for name in _NAMES}
    for (_, part), places in grouped.items():
        by_field[field_of(part)].append(places)
    found: list[Finding] = []
    for name, several in by_field.items():
        counts = {True: 0, False: 0}
        for places in several:
            first = places[0]
            certain = _mends(places) if mends and name != WHOLE else ()
            facts = {**{key: first[key] for key in ("check", "version", "part")}, "text": first["digest"]}
            says = "\n".join(dict.fromkeys(map(said_at, places)))
            at = counts[bool(certain)]
            counts[bool(certain)] += 1
            found.append(
                Finding(len(found) + 1, name, at, facts, says, certain, str(first.get("contested") or ""))
            )
    return tuple(found)


def _mends(places: Sequence[Mapping[str, Any]]) -> tuple[tuple[int, int, str, str], ...]:
    if any(place["fix"] is None or place["start"] is None for place in places):
        return ()
    return tuple((int(one["start"]), int(one["end"]), str(one["text"]), str(one["fix"])) for one in places)


def said_at(place: Mapping[str, Any]) -> str:
    """Return what was found at a place, with its mend."""
    mend = place["fix"]
    if mend is None:
        return str(place["reason"])
    return f"{place['reason']}. " + (f"Write: “{mend}”" if mend.strip() else "Take it out.")


def shown(findings: Iterable[Finding], asks: str, mends: str) -> dict[str, object]:
    """Return what the page repeats its controls for: `dismiss_…` and `mend_…` of every field.

    Args:
        findings: those that are asked about.
        asks: what stands before the reasons.
        mends: what stands before a mend and the reasons.
    """
    fields: dict[str, list[dict[str, str]]] = {
        f"{kind}_{name}": [] for kind in ("dismiss", "mend") for name in _NAMES
    }
    for one in findings:
        fields[one.name.rpartition("_")[0]].append(
            {"says": one.says, "contested": one.contested, "asks": mends if one.mends else asks}
        )
    return dict(fields)


def form_fields(findings: Iterable[Finding]) -> tuple[Field, ...]:
    """Return the fields of a page that asks about these findings."""
    return tuple(
        field
        for one in findings
        for field in (
            Field(one.name, f"what you say of {one.label}", (*((MEND,) if one.mends else ()), *REASONS)),
            Field(one.words, f"the words on {one.label}"),
        )
    )


def answers(findings: Iterable[Finding], values: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the answers: number, check, version, part, text, why and words of each finding answered."""
    return [
        {
            "number": one.number,
            **one.facts,
            "why": values[one.name],
            "words": values[one.words] if values[one.name] == "other" else "",
        }
        for one in findings
        if values[one.name]
    ]


def unsaid(given: Iterable[Mapping[str, Any]], findings: Iterable[Finding]) -> list[str]:
    """Return a problem for every answer whose reason is in words that are missing."""
    by_number = {one.number: one for one in findings}
    return [
        f"Your reason on {by_number[one['number']].label} is missing: write it, or clear your choice."
        for one in given
        if one["why"] == "other" and not one["words"]
    ]


def values_of(findings: Iterable[Finding], given: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the form's values for these answers (number, why, words); the inverse of `answers`."""
    by_number = {one["number"]: one for one in given}
    values = {}
    for one in findings:
        if one.number in by_number:
            values[one.name] = by_number[one.number]["why"]
            values[one.words] = by_number[one.number].get("words", "")
    return values


def mended(
    findings: Iterable[Finding], given: Iterable[Mapping[str, Any]], texts: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Apply the suggested fixs that were chosen, each once, where the text still is what the finding says.

    Args:
        findings: those that were asked about.
        given: the answers.
        texts: by field.

    Returns:
        The texts, and a problem for every finding whose place reads otherwise by now.
    """
    chosen = {one["number"] for one in given if one["why"] == MEND}
    new, problems = dict(texts), []
    by_field: dict[str, list[tuple[tuple[int, int, str, str], Finding]]] = {}
    for one in findings:
        if one.number in chosen:
            by_field.setdefault(one.field, []).extend((mend, one) for mend in one.mends)
    for name, mends in by_field.items():
        text, limit = texts[name], len(texts[name]) + 1
        for (start, end, was, fix), one in sorted(mends, key=lambda mend: mend[0][:2], reverse=True):
            if texts[name][start:end] != was or end > limit:
                problems.append(
                    f"The fix of {one.label} cannot be applied: “{was}” is no longer there. "
                    "Write the text as it should be, and clear your choice."
                )
            else:
                text, limit = text[:start] + fix + text[end:], start
        new[name] = tidy(text)
    return new, list(dict.fromkeys(problems))


def column(payload: Mapping[str, Any], *, mends: bool = True) -> tuple[str, ...]:
    """Return the column of a work file for the answers; none where the task asks about no finding."""
    return (COLUMN,) if asked(payload, mends=mends) else ()


COLUMN = "about_findings"
"""The column of a work file with the answers: `1 mistaken; 2 other: words`, by the numbers of the findings."""

_BETWEEN = re.compile(r"[;\n]\s*(?=\d|$)")  # words may hold a semicolon
_CELL = re.compile(r"(\d+)\s*[:.]?\s*(\w+)\s*(?::\s*(.*))?", re.DOTALL)


def from_sheet(cells: Cells, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Return the answers in a work file's cell, and note in the cells what cannot be one."""
    given: list[dict[str, Any]] = []
    for written in filter(None, map(str.strip, _BETWEEN.split(cells.words.get(COLUMN, "")))):
        found = _CELL.fullmatch(written)
        one = next((one for one in findings if found and one.number == int(found[1])), None)
        known = () if one is None else (*((MEND,) if one.mends else ()), *REASONS)
        if found is None or found[2].casefold() not in known:
            words = ", ".join(known or (MEND, *REASONS))
            cells.problems.append(
                f"{COLUMN} cannot be {written!r}: write a finding's number (1 to {len(findings)}) and one of "
                f"{words}, as: 1 mistaken; 2 other: your words"
            )
        else:
            given.append({"number": int(found[1]), "why": found[2].casefold(), "words": (found[3] or "").strip()})
    return given


_NOTE = re.compile(r"\s*finding\s+(\d+)(?:-([0-9a-f]{4}))?\s*:\s*(\w+)\s*(?::\s*(.+))?", re.I | re.S)


def noted(one: Finding) -> str:
    """Return a finding as a note in a translator's program, with the note that answers it."""
    words = " | ".join((*((MEND,) if one.mends else ()), *REASONS)).replace("other", "other: why")
    contested = f" (The translator disagrees: {one.contested})" if one.contested else ""
    return f"Finding {one.mark}: {one.says}{contested} — a note “finding {one.mark}: …” answers it: {words}"


def is_answer(note: str) -> bool:
    """Return whether a note of somebody's answers a finding."""
    return _NOTE.fullmatch(note) is not None


def from_notes(notes: Iterable[str], findings: Sequence[Finding]) -> tuple[str, list[str]]:
    """Return the cell of a work file that says what notes say of findings, and which are about another one.

    Args:
        notes: as people wrote them; those that answer no finding are passed over.
        findings: those that are asked about now.
    """
    by_number = {one.number: one for one in findings}
    said, stale = [], []
    for note in notes:
        if read := _NOTE.fullmatch(note):
            one = by_number.get(int(read[1]))
            given = f"{read[1]}-{read[2]}" if read[2] else read[1]
            if one is None or (read[2] and one.mark != given.lower()):
                stale.append(given)
            else:
                words = " ".join((read[4] or "").split())
                said.append(f"{one.number} {read[3]}" + (f": {words}" if words else ""))
    return "\n".join(dict.fromkeys(said)), list(dict.fromkeys(stale))


def numbered(findings: Iterable[Finding]) -> str:
    """Return the findings as a work file shows them: a line each, with number, field and what it offers.

    >>> numbered(())
    ''
    """
    return "\n".join(
        f"{one.number}. {_NAMES[one.field]}: {one.says}"
        + (f" (the translator says: {one.contested})" if one.contested else "")
        for one in findings
    )
