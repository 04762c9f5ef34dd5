"""Worker profiles of a rehearsal: each role's quality, speed, weekly hours and rate.

A file may set them (`belebele rehearse --people`); the rest is as below. The figures below are assumptions
and not measurements: a lead who has `belebele people` of an earlier campaign enters what it shows. A person who
differs from their role gets a table of their own:

    [reviewers]
    seen = { cue = 0.5 }
    [people.r3.reviewers]
    seen = { wrong_key = 0.3 }  # careless
    accuracy = 0.8
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.campaign import toml_mistakes
from data.campaign.settings import Role
from data.errors import CampaignError, UsageError
from data.intake import LONGEST_SHOWN, faults, text_files

Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]

WRITTEN = ("wrong_key", "two_right", "unanswerable", "cue", "typo")
"""Faults that writers make."""

RENDERED = ("swapped", "untranslated", "number")
"""Faults that translators make: two options swapped, an option left as it was, a number changed."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Worker(_Part):
    """The figures of every worker. `minutes` is the median of a task; `spread` is that of their logarithms."""

    minutes: Positive = 5.0
    spread: Annotated[float, Field(ge=0, le=2)] = 0.5
    hours: Positive = 10.0  # a week
    rate: Annotated[float, Field(ge=0)] = 25.0  # an hour, in any currency


class Writer(Worker):
    """[writers]: the share of their questions with each fault, and of a quiz's questions that they get right."""

    minutes: Positive = 15.0
    wrong_key: Share = 0.03
    two_right: Share = 0.04
    unanswerable: Share = 0.03
    cue: Share = 0.10
    typo: Share = 0.06
    quiz: Share = 0.95


class SeenFaults(_Part):
    """The share of each kind of fault in questions that one reader sees."""

    wrong_key: Share = 0.9
    two_right: Share = 0.6
    unanswerable: Share = 0.8
    cue: Share = 0.3
    typo: Share = 0.5


class Reviewer(Worker):
    """[reviewers]: the faults they see; for sound questions, how often they object, are right, and guess right."""

    minutes: Positive = 2.5
    seen: SeenFaults = SeenFaults()
    false_alarms: Share = 0.04
    accuracy: Share = 0.96
    guess: Share = 0.35


class Adjudicator(Reviewer):
    """[adjudicators]: as reviewers, with more time."""

    minutes: Positive = 5.0
    seen: SeenFaults = SeenFaults(wrong_key=0.97, two_right=0.8, unanswerable=0.9, cue=0.5, typo=0.7)
    false_alarms: Share = 0.02


class BaselineReader(Worker):
    """[readers]: fresh people who answer frozen items (role baseline)."""

    minutes: Positive = 2.0
    accuracy: Share = 0.9


class Translator(Worker):
    """[translators]: the share of their translations with each fault."""

    minutes: Positive = 12.0
    swapped: Share = 0.02
    untranslated: Share = 0.01
    number: Share = 0.02


class SeenInDraft(_Part):
    """The share of each kind of fault in translations that a proofreader sees."""

    swapped: Share = 0.8
    untranslated: Share = 0.95
    number: Share = 0.8


class Proofreader(Worker):
    """[proofreaders]: the faults they see, how many of them they send back, what they change without need."""

    minutes: Positive = 6.0
    seen: SeenInDraft = SeenInDraft()
    false_alarms: Share = 0.05
    returned: Share = 0.2


ProfileKind = Literal["writers", "reviewers", "adjudicators", "translators", "proofreaders", "readers"]

KIND: Mapping[Role, ProfileKind] = {
    "authoring": "writers",
    "reviewing": "reviewers",
    "adjudicating": "adjudicators",
    "translating": "translators",
    "proofreading": "proofreaders",
    "baseline": "readers",
}
"""The file's names for the people of each role."""

_MODELS: Mapping[str, type[Worker]] = {
    "writers": Writer,
    "reviewers": Reviewer,
    "adjudicators": Adjudicator,
    "translators": Translator,
    "proofreaders": Proofreader,
    "readers": BaselineReader,
}


class Skills:
    """The profiles of all workers. Made by `load` or `parse`.

    Attributes:
        power: the share of faulty questions that reviewers should find.
        named: codes of the people who have a table of their own.
    """

    def __init__(self, raw: Mapping[str, Any], power: float) -> None:
        self._raw = raw
        self.power = power
        self.named = frozenset(raw.get("people", {}))

    def of(self, role: Role, person: str = "") -> Any:
        """Return how a person works in a role: a `Writer`, `Reviewer`, …; by default, as usual in the role."""
        kind = KIND[role]
        own = self._raw.get("people", {}).get(person, {}).get(kind, {})
        return _MODELS[kind].model_validate(_merged(kind, self._raw.get(kind, {}), own))


def load(file: str) -> Skills:
    """Read a file of people; "" for the defaults.

    Raises:
        UsageError: there is no such file.
        CampaignError: it is wrong; every mistake at once.
    """
    if not file:
        return Skills({}, 0.9)
    try:
        return parse(Path(file).read_text("utf-8-sig"), file)
    except OSError as error:
        raise UsageError(
            f"cannot read {file} ({error.strerror}); name a file of people: --people FILE.toml"
        ) from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8; save it as UTF-8") from None


def parse(text: str, where: str = "people.toml") -> Skills:
    """Validate the text of a file of people.

    Raises:
        CampaignError: every mistake at once, each with its line, its key and the cure.
    """
    try:
        raw = text_files.toml(text)
    except tomllib.TOMLDecodeError as error:
        raise CampaignError(
            f"{where} is not TOML; see https://toml.io", [toml_mistakes.syntax(str(error))]
        ) from None
    broken = [(path, wrong, None) for path, wrong in faults(raw, LONGEST_SHOWN)]
    found = broken or list(_mistakes(raw))
    if found:
        problems = toml_mistakes.explain(found, raw, text)
        raise CampaignError(f"{where} has {len(found)} mistake{'' if len(found) == 1 else 's'}", problems)
    return Skills(raw, float(raw.get("power", 0.9)))


def _mistakes(raw: Mapping[str, Any]) -> Any:
    power = raw.get("power", 0.9)
    if not isinstance(power, (int, float)) or isinstance(power, bool) or not 0 < power < 1:
        yield ("power",), f"is {power!r}, and must be a share between 0 and 1", power
    known = ("power", *_MODELS, "people")
    for key, table in raw.items():
        if key not in known:
            yield (key,), f"there is no such key{toml_mistakes.near(key, known)}; known: {', '.join(known)}", table
        elif key in _MODELS:
            yield from _of_table((key,), key, {}, table)
    people = raw.get("people", {})
    for code, tables in people.items() if isinstance(people, dict) else ():
        for kind, table in tables.items() if isinstance(tables, dict) else ():
            if kind not in _MODELS:
                known = tuple(_MODELS)
                says = f"there is no such table{toml_mistakes.near(kind, known)}; known: {', '.join(known)}"
                yield ("people", code, kind), says, table
            else:
                usual = raw.get(kind, {})
                yield from _of_table(("people", code, kind), kind, usual if isinstance(usual, dict) else {}, table)
        if not isinstance(tables, dict):
            yield ("people", code), f"is {tables!r}, and must be tables such as [people.{code}.reviewers]", tables
    if not isinstance(people, dict):
        yield ("people",), "must be tables such as [people.r3.reviewers]", people


def _of_table(place: tuple[str, ...], kind: str, usual: Mapping[str, Any], table: object) -> Any:
    if not isinstance(table, dict):
        yield place, f"is {table!r}, and must be a table of key = value", table
        return
    model = _MODELS[kind]
    try:
        model.model_validate(_merged(kind, usual, table))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            loc = tuple(str(part) for part in detail["loc"])
            part = model.model_fields.get(loc[0]) if len(loc) > 1 else None
            keys = getattr(part.annotation, "model_fields", {}) if part else model.model_fields
            if not _stands(table, loc):
                continue  # it is the role's own mistake and was reported there
            if detail["type"] == "extra_forbidden":
                says = f"there is no such key{toml_mistakes.near(loc[-1], list(keys))}; known: {', '.join(keys)}"
                yield (*place, *loc), says, detail["input"]
            else:
                yield from (
                    ((*place, *key), says, value)
                    for key, says, value in toml_mistakes.schema_problems([{**detail, "loc": loc}], {})
                )


def _stands(table: Mapping[str, Any], loc: tuple[str, ...]) -> bool:
    return loc[0] in table and (len(loc) == 1 or not isinstance(table[loc[0]], dict) or loc[1] in table[loc[0]])


def _merged(kind: str, usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of a role with one person's differences; `seen` is merged kind by kind."""
    merged = {**usual, **own}
    tables = [table.get("seen") for table in (usual, own)]
    if any(isinstance(seen, dict) for seen in tables):
        fields = _MODELS[kind].model_fields
        usually = fields["seen"].default.model_dump() if "seen" in fields else {}
        if all(isinstance(seen, dict) or seen is None for seen in tables):
            merged["seen"] = {**usually, **(tables[0] or {}), **(tables[1] or {})}
    return merged
