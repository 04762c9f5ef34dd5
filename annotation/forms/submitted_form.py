"""What a submitted form says: Label Studio's result list, read strictly.

Label Studio's server accepts anything: unknown choices, fields of another page, empty forms. So nothing that comes
back is believed before it was read here. What is wrong becomes a sentence for the person who submitted it, since
the work goes back to them; it is never an exception, because people's slips are data.

Every page also asks whether something is wrong with the source or the passage. Someone who says that it keeps them
from working leaves the rest empty, and that is a valid submission.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.ledger.tables import is_text

ABOUT = "about"
"""The text on every page that all fields are tied to, for Label Studio ties every field to an object."""

FEEDBACK = "feedback"
"""The field that the assistant fills in on a page: it comes back with the rest, and no person says it."""


@dataclass(frozen=True)
class Reading:
    """What one submission says.

    Attributes:
        fields: the stage's fields; None when there are problems, or when the person could not do the work.
        problems: what keeps the submission from counting, each a sentence that tells the person what to do.
        query: what is wrong with the source or the passage, in the person's words; "" for nothing.
    """

    fields: dict[str, Any] | None
    problems: tuple[str, ...]
    query: str


@dataclass(frozen=True)
class Field:
    """One field of a page.

    Attributes:
        name: as in the label configuration.
        label: what to call it in a sentence, lower case.
        choices: the values to choose one of; empty for a box to write in.
        cure: what to do when it was left empty; "" when it may be empty.
        several: whether more than one of the choices may be marked.
    """

    name: str
    label: str
    choices: tuple[str, ...] = ()
    cure: str = ""
    several: bool = False


SOURCE = Field("source", "whether the source is wrong", ("stands", "blocks"))
QUERY = Field("query", "what is wrong with the source or the passage")
ITEM_FIELDS = (
    Field("question", "the question", cure="write it"),
    *(Field(f"answer_{number}", f"answer {number}", cure="write it") for number in range(1, 5)),
)
"""The boxes for a question and its four answers, which three stages share."""


@dataclass(frozen=True)
class Form:
    """A submission's plain values before the stage makes sense of them.

    Attributes:
        values: text or chosen value by field name, several ones joined by commas in the order of the page; "" for
            what was left empty.
        problems: what is wrong with single fields, in the order of the page.
        query: as in `Reading`.
        blocked: the person could not do the work because of what the query says.
    """

    values: dict[str, str]
    problems: tuple[str, ...]
    query: str
    blocked: bool

    def reading(self, fields: dict[str, Any], more: Iterable[str] = ()) -> Reading:
        """The stage's verdict on the form: its fields, unless anything is wrong."""
        problems = (*self.problems, *more)
        return Reading(None if problems or self.blocked else fields, problems, self.query)


def read_form(result: object, fields: Sequence[Field]) -> Form:
    r"""Reads Label Studio's result list against the fields of a page.

    Args:
        result: as an annotation holds it: entries with `from_name` and `value`, one per field. Anything goes in.
        fields: the page's own fields, without the two about the source.

    Returns:
        One value per field. Line ends are made `\n` and outer white space is taken away, nothing else.
    """
    known = {field.name: field for field in (*fields, SOURCE, QUERY)}
    values = dict.fromkeys(known, "")
    problems, faulty = _collect(result, known, values)
    query, source = values.pop(QUERY.name), values.pop(SOURCE.name)
    blocked = source == "blocks" or (bool(query) and not any(values.values()))
    if source and not query:
        problems.append(
            "You said that something is wrong with the source or the passage: say what, in the box below."
        )
    if not blocked:
        problems += [
            f"{_sentence(field.label)} is missing: {field.cure}."
            for field in fields
            if field.cure and not values[field.name] and field.name not in faulty
        ]
    return Form(values, tuple(problems), query, blocked)


def entries(fields: Sequence[Field], values: Mapping[str, str], query: str = "") -> list[dict[str, Any]]:
    """The reverse of `read_form`: the result list of a person who fills the page in like this.

    Args:
        fields: the page's own fields.
        values: text or chosen value by field name; empty ones are left out, as the page does.
        query: what the person says is wrong with the source or the passage. With no values at all it is what
            keeps them from working.
    """
    filled = {name: value for name, value in values.items() if tidy(value)}
    if tidy(query):
        filled |= {SOURCE.name: "stands" if filled else "blocks", QUERY.name: query}
    return [_entry(field, filled) for field in (*fields, SOURCE, QUERY) if field.name in filled]


def feedback(result: object) -> str:
    """What the assistant had said when the page was submitted; "" for nothing."""
    entries = result if isinstance(result, list) else []
    for entry in entries:
        if isinstance(entry, Mapping) and entry.get("from_name") == FEEDBACK:
            text, _ = _value(Field(FEEDBACK, FEEDBACK), entry.get("value"))
            return text
    return ""


def tidy(text: str) -> str:
    r"""Text as it is kept: line ends are one newline, no white space around it.

    >>> tidy(" one\r\ntwo ")
    'one\ntwo'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def four(values: Mapping[str, str], stem: str) -> list[str]:
    """The values of `stem_1` to `stem_4`."""
    return [values[f"{stem}_{number}"] for number in range(1, 5)]


def numbered(stem: str, texts: Sequence[str]) -> dict[str, str]:
    """The reverse of `four`.

    >>> numbered("answer", ["a", "b"])
    {'answer_1': 'a', 'answer_2': 'b'}
    """
    return {f"{stem}_{number}": text for number, text in enumerate(texts, start=1)}


def settles(sentences: Sequence[str], evidence: Iterable[int] | None) -> list[str]:
    """What stands at each sentence of a passage, for a page that shows which of them settle the question.

    >>> settles(["One.", "Two."], [2])
    ['', 'evidence']
    """
    numbers = set(evidence or ())
    return ["evidence" if number in numbers else "" for number in range(1, len(sentences) + 1)]


def _collect(result: object, known: Mapping[str, Field], values: dict[str, str]) -> tuple[list[str], set[str]]:
    if not isinstance(result, list):
        return ["The submission holds no list of fields: submit the page again."], set(known)
    problems: list[str] = []
    faulty: set[str] = set()
    seen: set[str] = set()
    for entry in result:
        name = entry.get("from_name") if isinstance(entry, Mapping) else None
        field = known.get(name) if isinstance(name, str) else None
        if name == FEEDBACK:
            continue
        if field is None:
            problems.append(f"This page has no field {name!r}: submit the work on the page that it was given on.")
        elif field.name in seen:
            problems.append(f"“{field.label}” was given twice: keep one.")
            faulty.add(field.name)
        else:
            seen.add(field.name)
            value, problem = _value(field, entry.get("value"))
            values[field.name] = value
            if problem:
                problems.append(problem)
                faulty.add(field.name)
    return problems, faulty


def _value(field: Field, value: object) -> tuple[str, str]:
    kind = "choices" if field.choices else "text"
    given = value.get(kind) if isinstance(value, Mapping) else None
    listed = [given] if isinstance(given, str) else given
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        what = "choice" if field.choices else "text"
        return "", f"“{field.label}” holds no {what}: fill it in on the page and submit again."
    filled = [text for text in map(tidy, listed) if text]
    if len(filled) > 1 and not field.several:
        what = "choices" if field.choices else "texts"
        return "", f"“{field.label}” holds {len(filled)} {what}: keep one."
    if not all(map(is_text, filled)):
        return "", f"“{field.label}” holds half a character, or none at all (NUL): write it again."
    strange = [one for one in filled if field.choices and one not in field.choices]
    if strange:
        return "", f"“{field.label}” cannot be {strange[0]!r}: choose one of {', '.join(field.choices)}."
    if field.several:
        return ",".join(one for one in field.choices if one in filled), ""
    return filled[0] if filled else "", ""


def _entry(field: Field, values: Mapping[str, str]) -> dict[str, Any]:
    kind, holds = ("choices", "choices") if field.choices else ("textarea", "text")
    return {
        "id": field.name,
        "from_name": field.name,
        "to_name": ABOUT,
        "type": kind,
        "origin": "manual",
        "value": {holds: values[field.name].split(",") if field.several else [values[field.name]]},
    }


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def comment_refilled(result: object) -> dict[str, object]:
    """What was written in a submission, valid or not, where the comment is the page's only text."""
    return {"comment": read_form(result, (Field("comment", "the comment"),)).values["comment"]}
