"""The sample campaign: our own small text in eight languages, and a script of people who make a benchmark of it.

It holds what people submit (questions, translations, answers, corrections, with faults among them) and,
separately, the expected outcomes. Nothing here knows how a campaign decides, so an expectation can only come true
through the program. Everything is checked on loading, and every mistake is reported with its file and line,
because a slip in one of 200 translations would otherwise show up as a strange turn of the demo.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import PurePath
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from data.errors import SourceError
from data.intake.toml_lines import line_of
from data.ledger.tables import question_id
from data.prompt_words import wording_problems
from data.sample.sample_script import (
    PLACES,
    Adjudicating,
    Answering,
    AssistantLine,
    Assisting,
    Draft,
    Fate,
    Guessing,
    Judging,
    Measured,
    Passage,
    Person,
    Planted,
    Proofreading,
    Qualified,
    Qualifying,
    Query,
    Rendering,
    Reporting,
    Sample,
    ScriptedFault,
    Settled,
    Slot,
    Translating,
    Wording,
)

__all__ = [
    "AssistantLine",
    "Draft",
    "Fate",
    "Measured",
    "Person",
    "Qualified",
    "Reporting",
    "Sample",
    "ScriptedFault",
    "Settled",
    "load",
]

_Parsed = TypeVar("_Parsed")


def load() -> Sample:
    """Load and check the sample campaign.

    Raises:
        SourceError: a file is wrong; lists every mistake with its file and line.
    """
    folder = files(__name__)
    problems: list[str] = []
    texts = sorted(
        (f for f in (folder / "translations").iterdir() if f.name.endswith(".jsonl")), key=lambda f: f.name
    )
    script = _tables(folder / "script.toml", problems, {
        "people": Person, "qualifying": Qualifying, "assisting": Assisting, "guessing": Guessing,
        "answering": Answering, "judging": Judging, "adjudicating": Adjudicating, "planted": Planted,
        "translating": Translating, "proofreading": Proofreading, "queries": Query,
        "reporting": Reporting,
    })  # fmt: skip
    fates = _tables(folder / "fates.toml", problems, {
        "faults": ScriptedFault, "fates": Fate, "qualified": Qualified, "told": AssistantLine, "settled": Settled,
        "measured": Measured,
    })  # fmt: skip
    sample = Sample(
        passages=_lines(folder / "passages.jsonl", Passage, problems),
        slots=_lines(folder / "questions.jsonl", Slot, problems),
        wordings=_lines(folder / "prompt_words.jsonl", Wording, problems),
        translations={PurePath(f.name).stem: _lines(f, Rendering, problems) for f in texts},
        **script,
        **fates,
    )
    if not problems:
        problems += _joint_problems(sample, folder)
    if problems:
        raise SourceError("the sample campaign is wrong", problems)
    return sample


def _lines(file: Traversable, kind: type[_Parsed], problems: list[str]) -> tuple[_Parsed, ...]:
    parsed: list[_Parsed] = []
    adapter = TypeAdapter(kind)
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            parsed.append(adapter.validate_json(line))
        except ValidationError as error:
            problems += [f"{file.name}, line {number}: {_mistake(e)}" for e in error.errors()]
    return tuple(parsed)


def _tables(file: Traversable, problems: list[str], kinds: Mapping[str, type]) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problems.append(f"{file.name}: {error}")
        return dict.fromkeys(kinds, ())
    for name in raw.keys() - kinds.keys():
        problems.append(
            f"{file.name}, line {line_of(text, (name,))}: there is no [[{name}]]; known: {', '.join(kinds)}"
        )
    parsed: dict[str, Any] = {}
    for name, kind in kinds.items():
        adapter: TypeAdapter[Any] = TypeAdapter(kind)
        done = []
        for place, table in enumerate(raw.get(name, [])):
            try:
                done.append(adapter.validate_json(json.dumps(table)))  # JSON, where a list may become a tuple
            except ValidationError as error:
                for e in error.errors():
                    problems.append(f"{file.name}, line {line_of(text, (name, place, *e['loc']))}: {_mistake(e)}")
        parsed[name] = tuple(done)
    return parsed


def _mistake(error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"])
    return (
        f"{where or 'the line'}: {error['msg']}, not {json.dumps(error['input'], ensure_ascii=False, default=str)}"
    )


def _joint_problems(sample: Sample, folder: Traversable) -> Iterator[str]:
    """Yield mistakes between tables that are each valid: missing references and duplicates."""
    passages = {(p.passage_id, p.language) for p in sample.passages}
    for number, slot in enumerate(sample.slots, start=1):
        for language in sorted({"eng_Latn", *sample.translations}):
            if (slot.passage_id, language) not in passages:
                yield f"questions.jsonl, line {number}: passage {slot.passage_id} has no text in {language}"
    for language, texts in sample.translations.items():
        for number, text in enumerate(texts, start=1):
            if (name := question_id(text.passage_id, text.question_number)) not in sample.questions:
                yield f"{language}.jsonl, line {number}: there is no question {name}"
    worded = [one.language for one in sample.wordings]
    if sorted(worded) != sorted(sample.translations):
        yield f"prompt_words.jsonl has {', '.join(sorted(worded))}, not a line for each language of translations/"
    for number, one in enumerate(sample.wordings, start=1):
        yield from (f"prompt_words.jsonl, line {number}: {says}" for says in wording_problems(dict(one.items())))
    yield from _references(sample, folder / "script.toml", (
        "qualifying", "assisting", "guessing", "answering", "judging", "adjudicating", "planted", "translating",
        "proofreading", "queries", "reporting",
    ))  # fmt: skip
    yield from _references(
        sample, folder / "fates.toml", ("faults", "fates", "qualified", "told", "settled", "measured")
    )


_PARTS = ("question", "language", "draft", "reviewer", "stage", "attempt", "person", "kind", "name")
"""What identifies the subject of an entry: of two entries with the same subject, one would never be read."""


def _references(sample: Sample, file: Traversable, names: tuple[str, ...]) -> Iterator[str]:
    toml = file.read_text(encoding="utf-8")
    for name in names:
        seen = set()
        for place, work in enumerate(getattr(sample, name)):
            wrong = list(_misnamed(sample, work))
            same = tuple(getattr(work, part, None) for part in _PARTS)
            if same in seen:
                wrong.append((_PARTS[0], f"this stands twice in [[{name}]]; remove one"))
            seen.add(same)
            yield from (f"{file.name}, line {line_of(toml, (name, place, key))}: {says}" for key, says in wrong)


def _misnamed(sample: Sample, work: object) -> Iterator[tuple[str, str]]:
    """Yield the references of an entry that do not exist: the key and the message."""
    codes = {person.code for person in sample.people}
    person, reviewer = getattr(work, "person", None), getattr(work, "reviewer", None)
    if person and person not in codes:
        yield "person", f"there is no person {person}"
    if reviewer and reviewer not in {*PLACES, *codes}:
        yield "reviewer", f"{reviewer} is neither {', '.join(PLACES)} nor the code of a person"
    question = getattr(work, "question", None)
    if question is None:
        return
    if question not in sample.questions:
        yield "question", f"there is no question {question}"
        return
    drafts = len(sample.questions[question].drafts)
    if getattr(work, "draft", 1) > drafts:
        yield "question", f"{question} has {drafts} drafts, not {getattr(work, 'draft', 1)}"
    language = getattr(work, "language", "eng_Latn")
    if language != "eng_Latn" and (language, question) not in sample.renderings:
        yield "question", f"{question} has no text in translations/{language}.jsonl"
