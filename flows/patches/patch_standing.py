"""Where every patch stands: what users of a release reported, whom it waits for, and which release tells of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from data.ledger.tables import passage_of
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint
from flows.ledger_views.current_items import accepted_translations, current_questions, kept_questions
from flows.ledger_views.item_outcomes import item_outcomes
from flows.ledger_views.patches.error_reports import ErrorReport, error_reports, withdrawals
from flows.ledger_views.patches.released_errata import told_since, withdrawn_items
from flows.ledger_views.patches.reopened_items import dismissal, unanswered_reports
from flows.patches.collected_errata import changed_texts


class PatchStage(StrEnum):
    """How far a patch is."""

    NEW = "waits for advance"
    LEAD = "waits for the lead"
    WORK = "in work"
    ACCEPTED = "corrected, waits for a release"
    SAME = "accepted anew as it was"
    RELEASED = "released"
    KEPT = "kept as it is"
    GONE = "its item was dropped"


OPEN = frozenset({PatchStage.NEW, PatchStage.LEAD, PatchStage.WORK, PatchStage.ACCEPTED})


@dataclass(frozen=True)
class PatchStanding:
    """A patch and how far it is.

    Attributes:
        report: what was reported.
        stage: how far it is.
        waits_for: the languages in which it is not accepted yet.
        version: of the first release that tells it; "" for none.
        why: the lead's reason for keeping the text.
    """

    report: ErrorReport
    stage: PatchStage
    waits_for: tuple[str, ...] = ()
    version: str = ""
    why: str = ""


def patch_standings(state: State) -> Iterator[PatchStanding]:
    """Yield where each patch stands, in the order of recording."""
    reports = error_reports(state)
    if not reports:
        return
    told, asked = told_since(state), unanswered_reports(state)
    questions = current_questions(state).set_index("question_id")["outcome"].to_dict()
    for one in reports:
        mine = asked.get((one.question_id, one.language), ())
        waits = _lacking(state, one)
        if one.patch in told:
            yield PatchStanding(one, PatchStage.RELEASED, version=told[one.patch])
        elif one.question_id in withdrawals(state) or questions.get(one.question_id) == "drop":
            yield PatchStanding(one, PatchStage.GONE)
        elif (why := dismissal(state, one)) is not None:
            yield PatchStanding(one, PatchStage.KEPT, why=why)
        elif one in mine:
            to_lead = any(other.part in ("key", "passage") for other in mine)
            yield PatchStanding(one, PatchStage.LEAD if to_lead else PatchStage.NEW, waits)
        elif waits:
            yield PatchStanding(one, PatchStage.WORK, waits)
        else:
            yield PatchStanding(one, PatchStage.ACCEPTED if changed_texts(state, one) else PatchStage.SAME)


def _lacking(state: State, report: ErrorReport) -> tuple[str, ...]:
    """Return the languages in which what was reported is not accepted anew."""
    kept, done = kept_questions(state), accepted_translations(state)
    mine = done[done["question_id"] == report.question_id]
    accepted = dict(zip(mine["language"], mine["revision"], strict=True))
    source = kept[kept["question_id"] == report.question_id]["revision"]
    if report.language != state.source_language:
        return () if accepted.get(report.language, 0) > report.revision else (report.language,)
    lacks = () if len(source) and int(source.iloc[0]) > report.revision else (report.language,)
    return (*lacks, *(code for code in state.campaign.languages.targets if code not in accepted))


def patch_facts(state: State) -> dict[str, Any]:
    """Return every patch and every withdrawn item as plain data."""
    patches = [
        {
            **{name: value for name, value in asdict(one.report).items() if name not in ("event_id", "sequence")},
            "stage": one.stage, "open": one.stage in OPEN, "waits_for": list(one.waits_for),
            "version": one.version, "why": one.why,
        }
        for one in patch_standings(state)
    ]  # fmt: skip
    withdrawn = [{**asdict(one), "version": one.version or None} for one in withdrawn_items(state)]
    return {"patches": patches, "withdrawn": withdrawn}


def lines(state: State) -> list[str]:
    """Return every patch and every withdrawn item, a line each, open ones first."""
    standings = sorted(patch_standings(state), key=lambda one: one.stage not in OPEN)
    told = [_line(one) for one in standings]
    for gone in withdrawn_items(state):
        since = f"since {gone.version}" if gone.version else "from the next release on"
        told.append(f"withdrawn {since}: {gone.item_id} ({gone.reason})")
    return told or ["no error was reported so far: belebele patch ITEM [LANGUAGE] --error '…'"]


def open_patches(state: State) -> list[str]:
    """Return a line for each patch that is not released, kept or gone."""
    return [_line(one) for one in patch_standings(state) if one.stage in OPEN]


def _line(one: PatchStanding) -> str:
    report = one.report
    where = f", {report.part.replace('option_', 'answer ')}" if report.part else ""
    more = {
        PatchStage.RELEASED: f" in {one.version}",
        PatchStage.WORK: f" in {', '.join(one.waits_for)}",
        PatchStage.KEPT: f": {one.why}",
    }.get(one.stage, "")
    stands = f"{one.stage}{more}"
    return f"{report.patch} {report.question_id} in {report.language}{where} ({stands}): {report.error}"


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield the reports that the lead settles: of a wrong key, by evidence; of a passage, by mending it."""
    for (subject, language), reports in unanswered_reports(state).items():
        item = shlex.quote(subject if language == state.source_language else f"{subject}/{language}")
        for one in reports:
            if one.part == "key":
                yield AgendaPoint(
                    f"patch {one.patch}: the key of {subject} in {language} is reported to be wrong: “{one.error}”"
                    f"{_evidence(state, subject, language)}; keep says that it is right",
                    f"belebele decide {item} keep|revise --reason …, or for all languages: "
                    f"belebele decide {shlex.quote(subject)} revise --reason …",
                )
            elif one.part == "passage":
                passage = passage_of(subject)
                yield AgendaPoint(
                    f"patch {one.patch}: the passage of {subject} in {language} is reported to be wrong: "
                    f"“{one.error}”; mend it, keep it, or withdraw the item",
                    f"belebele mend {shlex.quote(passage)} {language} FILE, belebele decide {item} keep --reason "
                    f"…, or belebele patch {shlex.quote(subject)} --withdraw REASON",
                )


def _evidence(state: State, subject: str, language: str) -> str:
    """Return in words how many readers chose the key without knowing it."""
    found = item_outcomes(state, [(subject, code) for code in {state.source_language, language}])
    told = [
        f"{one.blind.number} of {one.blind.of} chose it blind in {code}"
        for (_, code), one in found.items()
        if one.blind.of
    ]
    told += [
        f"{one.fresh.number} of {one.fresh.of} fresh people in {code}" for (_, code), one in found.items()
        if one.fresh.of
    ]  # fmt: skip
    return f" ({'; '.join(told)})" if told else ""
