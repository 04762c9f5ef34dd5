"""Patches: the lead records what users of a release report, and the next advance makes work of it.

What is recorded here is printed in the releases that follow: what is wrong, and whom they thank. So it names
nobody who works on the campaign. Who works here and reports an error can be thanked by a handle that is not their
name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from data.campaign.toml_mistakes import near
from data.errors import ImportRefused, UsageError
from data.exchange import csv_and_xlsx
from data.ledger import tables
from data.ledger.events import ErratumReleased, ErrorReported, ItemWithdrawn
from data.ledger.tables import Row
from flows.campaign_state import State
from flows.lead import lead_actions
from flows.ledger_views.patches.error_reports import error_reports, patch_id, withdrawals
from flows.ledger_views.patches.reopened_items import dismissal
from flows.patches.printed_words import printable, printed_credit, printed_url
from flows.patches.reported_items import current_text, reported_item, reported_part


@dataclass(frozen=True)
class PatchRequest:
    """What somebody reports, or the lead takes back.

    Attributes:
        item: question_id, as in the release, or question_id/language.
        language: as people call it; "" for the source language.
        error: what is wrong.
        part: passage, question, option_1 to option_4 (as the release shows them) or key; "" for not said.
        reported_by: whom the release thanks, as they wish to be printed.
        url: where it can be read.
        withdraw: why the item is withdrawn; "" to have it corrected.
    """

    item: str
    language: str = ""
    error: str = ""
    part: str = ""
    reported_by: str = ""
    url: str = ""
    withdraw: str = ""


COLUMNS = tuple(one.name for one in fields(PatchRequest))
"""The columns of a table of reports."""


@dataclass(frozen=True)
class PatchResult:
    """What was recorded: in words, and as facts for other programs."""

    words: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class _Recorded:
    """What a request comes to: the event to write, if it is new, and work that starts anew with it."""

    words: str
    facts: dict[str, object]
    rows: list[Row] = field(default_factory=list)
    retaken: tuple[str, str, int] | None = None


def patch(state: State, request: PatchRequest, *, dry_run: bool = False) -> PatchResult:
    """Record a reported error or a withdrawal.

    Args:
        state: the campaign.
        request: what is reported.
        dry_run: say what would follow, and write nothing.

    Raises:
        UsageError: there is no such released item, or the request makes no sense, or would name somebody.
    """
    return _write(state, _recorded(state, request), dry_run=dry_run)


def patch_all(state: State, file: str, *, dry_run: bool = False) -> list[PatchResult]:
    """Record every line of a table; its columns are those of `PatchRequest`.

    Raises:
        ImportRefused: a line makes no sense; every one is listed, and nothing is recorded.
    """
    problems, requests = list[str](), list[PatchRequest]()
    for line in csv_and_xlsx.read(Path(file)):
        cells = {name: str(cell).strip() for name, cell in line.cells.items() if cell is not None}
        if unknown := sorted(set(cells) - set(COLUMNS)):
            meant = near(unknown[0], COLUMNS)
            problems.append(f"{line.place}: there is no column {unknown[0]!r} in a table of errors{meant}")
            continue
        try:
            requests.append(PatchRequest(**{"item": "", **cells}))
            _recorded(state, requests[-1])
        except UsageError as error:
            problems.append(f"{line.place}: {error}")
    if problems:
        raise ImportRefused(f"{file} was not taken in", problems)
    done = []
    for request in requests:
        state = state.fresh()  # two lines may be about one item
        done.append(_write(state, _recorded(state, request), dry_run=dry_run))
    return done


def _write(state: State, recorded: _Recorded, *, dry_run: bool) -> PatchResult:
    if not dry_run:
        if recorded.retaken:
            lead_actions.take_back(state, *recorded.retaken)
        state.ledger.append(tables.EVENTS, recorded.rows)
    words = f"{'would be ' if dry_run and recorded.rows else ''}{recorded.words}"
    return PatchResult(words, {**recorded.facts, "written": bool(recorded.rows) and not dry_run})


def _recorded(state: State, request: PatchRequest) -> _Recorded:
    subject, language = reported_item(state, request.item, request.language, withdraw=bool(request.withdraw))
    credit, url = printed_credit(state, request.reported_by), printed_url(request.url)
    if request.withdraw:
        if request.language or "/" in request.item:
            raise UsageError(
                "an item is withdrawn in every language or in none, since all languages hold the same items; "
                "leave LANGUAGE out"
            )
        if request.error or request.part:
            raise UsageError("give --withdraw with its reason, or --error: what is withdrawn is not corrected")
        return _withdrawal(state, subject, printable(state, request.withdraw, "--withdraw"), credit, url)
    error = printable(state, request.error, "--error")
    return _report(state, subject, language, error, reported_part(state, subject, request.part), credit, url)


def _withdrawal(state: State, subject: str, reason: str, credit: str, url: str) -> _Recorded:
    known = withdrawals(state).get(subject)
    facts: dict[str, object] = {"item": subject, "withdrawn": reason, "credit": credit, "url": url}
    if known and (known.reason, known.credit, known.url) == (reason, credit, url):
        return _Recorded(f"{subject} is withdrawn for this reason already", facts)
    number = int((state.events(ItemWithdrawn)["subject"] == subject).sum())
    event = ItemWithdrawn(reason, credit or None, url or None, number)
    words = f"withdrawn: {subject}, in every language and for good. {_MAJOR}"
    return _Recorded(words, facts, [event.row(subject)])


_MAJOR = "A release without it is a major version, and lists it"


def _report(state: State, subject: str, language: str, error: str, part: str, credit: str, url: str) -> _Recorded:
    now = current_text(state, subject, language)
    revision, passage_revision = int(now["revision"]), int(now["passage_revision"])
    same = [
        one
        for one in error_reports(state)
        if (one.question_id, one.language, one.error, one.part) == (subject, language, error, part)
    ]
    released = set(state.events(ErratumReleased)["subject"])
    known = same[-1] if same and (same[-1].revision == revision or same[-1].patch not in released) else None
    facts: dict[str, object] = {
        "item": subject, "language": language, "part": part, "error": error, "credit": credit, "url": url,
    }  # fmt: skip
    if known is not None:
        facts["patch"] = known.patch
        if (kept := dismissal(state, known)) is not None:
            raise UsageError(
                f"patch {known.patch} said so of {subject} in {language}, and you kept it: {kept}. If it is wrong "
                f"all the same: belebele decide {subject}/{language} revise --reason …"
            )
        if (known.credit, known.url) == (credit, url):
            return _Recorded(f"patch {known.patch}: {subject} in {language} is reported already", facts)
        revision, passage_revision = known.revision, known.passage_revision
    elif now["stale"]:
        raise UsageError(
            f"{subject} in {language} is being made anew, since what it was made from has changed; report the "
            "error once it is accepted, if it is still there (belebele status)"
        )
    number = int((state.events(ErrorReported)["subject"] == subject).sum())
    event = ErrorReported(error, revision, passage_revision, part or None, credit or None, url or None, number)
    recorded = event.row(subject, language)
    name = patch_id(subject, language, revision, event.part, error)
    facts["patch"] = name
    if known is not None:
        return _Recorded(f"patch {name}: thanks and URL are changed", facts, [recorded])
    retaken = None if now["outcome"] == "keep" else (subject, language, revision)
    words = f"recorded: patch {name} of {subject} in {language}. {_follows(state, language, part)}"
    return _Recorded(words, facts, [recorded], retaken)


def _follows(state: State, language: str, part: str) -> str:
    """Return what the next advance makes of a report."""
    if part in ("key", "passage"):
        return "It waits for you, with the evidence: belebele status"
    if language == state.source_language:
        return "The next advance sends it to its author, then to review, then to every language's translators"
    return "The next advance sends it to its translators, then to a proofreader"
