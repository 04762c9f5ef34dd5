"""Export of a person's translating and proofreading as XLIFF 1.2, for a translator's own program.

A file is one passage in one language and stage. The passage's sentences stand before the questions and are not to
be translated; each question has five units, whose ids are the task's key and the field.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from annotation.forms import finding_answers
from annotation.forms.submitted_form import ITEM_FIELDS
from annotation.forms.work_file_columns import ITEM_COLUMNS
from annotation.stages import translation_page
from data.errors import UsageError
from data.exchange import xliff
from data.intake.xml_input import unheld
from data.language_tags import tag_of
from data.output_files import Outputs
from flows.campaign_state import State, by_key
from flows.ledger_views.lead_queries import notices_on
from flows.offline.work_export import campaign_mark, marked_changes, revision_mark

WRITTEN = (".zip", ".xlf", ".xliff")
"""An archive with a file for each passage, or all of it as one document."""

BETWEEN = "#"
"""What stands between a task's key and the field in a unit's id."""

_ASKED = {"translating": "needs-translation", "proofreading": "needs-review-translation"}
"""The state in which a text goes out, by stage."""

_HOW = {
    "translating": "When a question is done, set all five of its texts to translated, final or signed-off. "
    "A note that begins with “query:” asks the lead.",
    "proofreading": "Set all five texts of a question to final. Where you changed one, add a note with what was "
    "wrong, as mistranslation/major. A note “return: …” with such a note sends it back; “query:” asks the lead.",
}


@dataclass(frozen=True)
class XliffExport:
    """What was written.

    Attributes:
        lines: questions.
        files: passages, each in one language and stage.
        left_out: what XLIFF cannot hold, one sentence each.
    """

    lines: int
    files: int
    left_out: tuple[str, ...] = ()


def export_xliff(state: State, person: str, out: str) -> XliffExport:
    """Write a person's open translating and proofreading to a .zip, .xlf or .xliff file.

    Raises:
        UsageError: the person has no such work, or the file cannot be written there.
    """
    code = state.campaign.person(person).code
    mine = state.tasks[state.tasks["open"] & (state.tasks["person"] == code)]
    if mine.empty:
        raise UsageError(f"{code} has no open work; belebele status shows who has")
    fitting = mine[mine["stage"].isin(_ASKED)]
    others = mine[~mine["stage"].isin(_ASKED)]
    left_out = [
        f"{count} of {stage}, which XLIFF cannot hold: write .xlsx for it"
        for stage, count in others["stage"].value_counts(sort=False).items()
    ]
    if fitting.empty:
        raise UsageError(f"{code} has no translating or proofreading; there is {'; '.join(left_out)}")
    payloads = state.payloads_of(set(fitting["task_key"]))
    tasks = by_key(fitting, "task_key")
    held: dict[tuple[str, str, str], list[str]] = {}
    for key, task in tasks.items():
        if strange := unheld("".join(_texts(payloads[key]))):
            left_out.append(
                f"{key}, whose text holds U+{ord(strange):04X}, which no XML can hold: write .xlsx for it"
            )
            continue
        held.setdefault((task["stage"], task["language"], task["passage_id"]), []).append(key)
    documents = {
        where: _document(state, where, {key: (tasks[key], payloads[key]) for key in keys})
        for where, keys in held.items()
    }
    if not documents:
        raise UsageError(f"nothing can be written: {'; '.join(left_out)}")
    _write(documents, Path(out))
    return XliffExport(sum(map(len, held.values())), len(documents), tuple(left_out))


def sources_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the source text of each field of a task, by the field's column."""
    return {
        column: str(payload[f"source_{box.name}"]) for column, box in zip(ITEM_COLUMNS, ITEM_FIELDS, strict=True)
    }


def targets_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the text that each field of a task holds from the beginning, by the field's column."""
    return {column: str(payload[box.name]) for column, box in zip(ITEM_COLUMNS, ITEM_FIELDS, strict=True)}


def _texts(payload: Mapping[str, Any]) -> Iterator[str]:
    yield from sources_of(payload).values()
    yield from targets_of(payload).values()
    for pair in payload["pairs"]:
        yield from (pair["source"], pair["target"])


def _document(
    state: State, where: tuple[str, str, str], work: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> xliff.Document:
    stage, language, passage = where
    _, first = next(iter(work.values()))
    context = xliff.Group(
        f"{passage}{BETWEEN}passage",
        tuple(
            xliff.Unit(
                f"{passage}{BETWEEN}passage{number}", pair["source"], pair["target"], "final", "passage",
                notes=("settles the question",) if pair.get("settles") and len(work) == 1 else (),
            )
            for number, pair in enumerate(first["pairs"], start=1)
        ),
        ("The passage, as readers will have it; it is not translated here.",),
        context=True,
    )  # fmt: skip
    groups = [_group(key, stage, task, payload) for key, (task, payload) in work.items()]
    notes = (_HOW[stage], *(_plain(text) for text in notices_on(state, passage, stage)))
    return xliff.Document(
        passage, tag_of(state.source_language), tag_of(language), campaign_mark(state), notes, (context, *groups)
    )


def _group(key: str, stage: str, task: Mapping[str, Any], payload: Mapping[str, Any]) -> xliff.Group:
    sources, targets = sources_of(payload), targets_of(payload)
    findings = finding_answers.asked(payload, mends=stage == "proofreading")
    told = {place["said"] for place in payload.get("places", ()) if "digest" in place}
    found = translation_page.beside([one for one in payload["findings"] if one.removeprefix("• ") not in told])
    notes = [f"Author's note: {payload['translator_note']}"] if payload["translator_note"] else []
    notes += [f"Came back: {finding}" for finding in found["findings"]]
    notes += [finding_answers.noted(one) for one in findings if one.field == finding_answers.WHOLE]
    for name, title in (("changes", "Changed since"), ("fate_changes", "Changed in the translation")):
        if payload.get(name):
            notes.append(f"{title}: {marked_changes(payload[name])}")
    mark = revision_mark(task, payload)
    units = []
    for column, box in zip(ITEM_COLUMNS, ITEM_FIELDS, strict=True):
        helped = payload.get("help", {}).get(box.name, {})
        number = box.name.removeprefix("answer_")
        key_told = [f"This is the {payload[f'mark_{number}']}."] if payload.get(f"mark_{number}") else []
        about = [f"Came back: {finding}" for finding in found[f"found_{box.name}"]]
        about += [finding_answers.noted(one) for one in findings if one.field == box.name]
        terms = [f"Glossary: {term} = {rendering}" for term, rendering in helped.get("terms", ())]
        units.append(xliff.Unit(
            f"{key}{BETWEEN}{column}", sources[column], targets[column], _ASKED[stage], column, mark,
            tuple(map(_plain, [*key_told, *about, *terms])),
            tuple(
                xliff.Match(_plain(was), _plain(became), like, _plain(origin[0]) if origin else "")
                for was, became, like, *origin in helped.get("memory", ())
            ),
        ))  # fmt: skip
    return xliff.Group(key, tuple(units), tuple(map(_plain, notes)))


def _plain(text: str) -> str:
    """Return a text that is only read with U+FFFD in place of what XML cannot hold."""
    while strange := unheld(text):
        text = text.replace(strange, "\ufffd")
    return text


def _write(documents: Mapping[tuple[str, str, str], xliff.Document], out: Path) -> None:
    if out.suffix.lower() != ".zip":
        content = xliff.written(list(documents.values()))
    else:
        packed = io.BytesIO()
        names: set[str] = set()
        with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
            for (stage, language, passage), document in documents.items():
                stem = re.sub(r"[^\w.-]+", "_", f"{language}-{passage}-{stage}").strip("._")[:120]
                name = next(
                    one for n in range(len(documents) + 1)
                    if (one := f"{stem}{f'-{n}' if n else ''}.xlf").casefold() not in names
                )  # fmt: skip
                names.add(name.casefold())
                archive.writestr(ZipInfo(name), xliff.written([document]), ZIP_DEFLATED)
        content = packed.getvalue()
    Outputs.of_file(out, "export").write({out.name: content})
