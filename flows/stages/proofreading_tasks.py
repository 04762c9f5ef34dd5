"""Proofreading: somebody who did not translate a draft proofreads it once it passed the checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.forms.submitted_form import tidy
from annotation.stages import proofreading_page, translation_page
from data.ledger.events import Answer
from data.ledger.human_verdicts import ProofreadingOutcome, proofreading_reason
from data.ledger.tables import Row
from data.ledger.task_reason import findings_in
from flows.assignment.due_work import Due
from flows.campaign_state import State, among, by_key
from flows.ledger_views.current_items import current_translations
from flows.ledger_views.patches.error_reports import error_reports
from flows.ledger_views.translations.answered_findings import answerable_places
from flows.ledger_views.translations.translation_memory import Memory, fields
from flows.stages.stage_work import StageWork
from flows.stages.translation_tasks import corrections, pivot_shown, translation_row
from flows.submissions.submission import CountedSubmission, SubmissionReader, answer_events
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import NAME_SUITE
from qc.checks.numeral_checks import digits_kept
from qc.checks.term_checks import TERM_SUITE
from qc.checks.translation_checks import numbers_kept
from qc.decisions.rule_table import Awaited


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Yield drafts that wait for proofreading, proofread texts that a check sent back, and those that are to be
    read by somebody else because flags on them were dismissed.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited.
    """
    drafts = waiting[waiting["awaited"] == Awaited.PROOFREADING]
    now = current_translations(state)
    live = now[~now["stale"] & now["kept_question"]]
    wanted = live.merge(
        drafts[["question_id", "language", "revision"]], on=["question_id", "language", "revision"]
    )
    back = live[(live["outcome"] == "revise") & (live["rule"] == "check") & (live["kind"] == "proofread")]
    translators = _translators(state, {*wanted["question_id"], *back["question_id"]})
    missed = _missed_by(state)
    for frame in (wanted, back):
        columns = ("question_id", "language", "passage_id", "revision", "reason", "kind", "rule", "person")
        for subject, language, passage_id, revision, reason, kind, rule, person in zip(
            *(frame[name] for name in columns), strict=True
        ):
            again = kind == "proofread" and rule != "check"  # drawn to be read by somebody else
            yield Due(
                "proofreading", language, passage_id, subject, int(revision),
                reason if isinstance(reason, str) else "",
                never=translators[subject, language] | ({person} if again else set()),
                last=missed.get((subject, language), frozenset()),
            )  # fmt: skip


def _missed_by(state: State) -> dict[tuple[str, str], frozenset[str]]:
    """Return who proofread the texts in which users of a release found an error: others are asked first."""
    if not (reports := error_reports(state)):
        return {}
    read = state.translations
    read = read[(read["kind"] == "proofread") & read["question_id"].isin([one.question_id for one in reports])]
    people = dict(
        zip(zip(read["question_id"], read["language"], read["revision"], strict=True), read["person"], strict=True)
    )
    found: dict[tuple[str, str], frozenset[str]] = {}
    for one in reports:
        item = (one.question_id, one.language)
        who = people.get((*item, one.revision))
        found[item] = found.get(item, frozenset()) | ({who} if who else frozenset())
    return found


def _translators(state: State, subjects: set[str]) -> dict[tuple[str, str], frozenset[str]]:
    drafts = state.translations[among(state.translations["question_id"], subjects)]
    drafts = drafts[drafts["kind"] == "draft"]
    found: dict[tuple[str, str], set[str]] = {}
    for subject, language, person in zip(drafts["question_id"], drafts["language"], drafts["person"], strict=True):
        found.setdefault((subject, language), set()).add(person)
    return {item: frozenset(people) for item, people in found.items()}


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each task shows: the source item, both passages, the draft, and the checks' findings."""
    subjects = {task["question_id"] for task in tasks}
    texts = state.texts_of(
        {task["passage_id"] for task in tasks}, {state.source_language, *(task["language"] for task in tasks)}
    )
    questions = by_key(state.questions, "question_id", "revision")
    drafts = by_key(state.translation_texts(subjects), "question_id", "language", "revision")
    found, places = _findings(
        state, {(task["question_id"], task["language"], int(task["revision"])) for task in tasks}
    )
    memory = Memory(state, {task["language"] for task in tasks})
    shown = {}
    for task in tasks:
        item = (task["question_id"], task["language"], task["revision"])
        draft = drafts[item]
        question = questions[task["question_id"], draft["question_revision"]]
        target = texts[task["passage_id"], task["language"]]
        source = texts[task["passage_id"], state.source_language]
        former = drafts.get((*item[:2], task["revision"] - 1))
        shown[task["task_key"]] = {
            **proofreading_page.payload(
                source_sentences=list(source["sentences"]),
                target_sentences=list(target["sentences"]),
                question=question["question"],
                answers=list(question["answers"]),
                key=int(question["key"]),
                translator_note=question["translator_note"] or "",
                draft_question=draft["question"],
                draft_answers=list(draft["answers"]),
                findings=findings_in(task["reason"]) + found.get(item, []),
                places=places.get(item, ()),
                evidence=question["evidence"],
                help=memory.help(task["language"], task["question_id"], fields(question, source["text"])),
                changed=corrections(former, draft) if former else (),
            ),
            **_pivot(draft),
            "question_revision": int(draft["question_revision"]),
            "passage_revision": int(draft["passage_revision"]),
        }
    return shown


def _pivot(draft: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the translator saw beside the source, if anything."""
    if not isinstance(draft["pivot_language"], str):
        return {}
    text = {"question": draft["pivot_question"], "answers": draft["pivot_answers"]}
    return pivot_shown(draft["pivot_language"], draft["pivot_revision"], text)


_SAID_BY = {digits_kept.name: numbers_kept.name}
"""A check that could not judge what another one notes says nothing more to a proofreader."""

_OFTEN_UNTOLD = frozenset(check.name for check in (*MEANING_SUITE, *NAME_SUITE, *TERM_SUITE))
"""Checks that say nothing to a proofreader where they could not judge: a language has too little text for them, in
every item alike, or a term is too short.
"""

_Item = tuple[str, str, int]


def _findings(state: State, items: set[_Item]) -> tuple[dict[_Item, list[str]], dict[_Item, list[dict[str, Any]]]]:
    """Return what the checks flagged or could not judge on each revision, in words, and the places of it; without
    what a proofreader dismissed, unless the revision is to be read again because of that.
    """
    verdicts = state.verdicts_on({subject for subject, _, _ in items})
    findings = verdicts[
        (verdicts["judge"] == "check") & (verdicts["flagged"].isna() | verdicts["flagged"].eq(True))
    ]
    columns = (findings[name] for name in ("subject", "language", "revision"))
    findings = findings[[item in items for item in zip(*columns, strict=True)]]
    told = findings[findings["flagged"].eq(True).fillna(False)]
    decided = set(zip(*(state.decisions[name] for name in ("subject", "language", "revision")), strict=True))
    texts = state.translations[state.translations["kind"] == "proofread"]
    read = set(zip(*(texts[name] for name in ("question_id", "language", "revision")), strict=True))
    again = read & items - decided
    noted = set(zip(told["subject"], told["language"], told["revision"], told["check"], strict=True))
    by_verdict = answerable_places(state, told, again)
    found: dict[_Item, list[str]] = {}
    places: dict[_Item, list[dict[str, Any]]] = {}
    names = ("event_id", "subject", "language", "revision", "flagged", "reason", "check")
    for event, subject, language, revision, flagged, reason, check in zip(
        *(findings[name] for name in names), strict=True
    ):
        silent = check in _OFTEN_UNTOLD or (subject, language, revision, _SAID_BY.get(check)) in noted
        if silent if pd.isna(flagged) else not by_verdict[event]:
            continue
        words = f"could not be judged: {reason}" if pd.isna(flagged) else reason
        item = (subject, language, int(revision))
        found.setdefault(item, []).append(words)
        places.setdefault(item, []).extend(by_verdict.get(event, ()))
    return found, places


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Record a proofread revision of the Translation, its proofreader's verdict on the draft with the places of
    what was wrong, and what they say of the checks' findings.
    """
    fields = submission.fields
    row = translation_row(reader, submission, kind="proofread", draft_revision=submission.revision)
    reader.found.translations.append(row)
    outcome = ProofreadingOutcome(fields["outcome"])
    back = outcome is ProofreadingOutcome.RETURN
    words = proofreading_reason(outcome, fields["comment"], fields["errors"] or ())
    places = error_places(submission.payload, fields)
    reader.found.verdict(submission, "proofreading", row["revision"], outcome.score, back, words, places=places)
    for answer in answer_events(submission, Answer.DISMISSED):
        reader.found.event(submission.subject, submission.task["language"], answer)


def error_places(payload: Mapping[str, Any], fields: Mapping[str, Any]) -> list[Row]:
    """Return where the errors of a draft are, as rows of `findings` without their verdict.

    What a proofreader marked has no fix. In a text that they corrected and marked nothing in, the places are those
    that the correction changed, with what stands there now as the fix, and of no kind unless only one was named.

    Args:
        payload: what the proofreader saw.
        fields: as `annotation.stages.proofreading_page.read` returned them.
    """
    places: list[Row] = [
        {**{name: one[name] for name in ("part", "start", "end", "text")},
         "reason": f"{one['category']}/{one['severity']}", "fix": None}
        for one in fields.get("marks", ())
    ]  # fmt: skip
    if fields["outcome"] != ProofreadingOutcome.CORRECTED:
        return places
    marked = {place["part"] for place in places}
    named = fields["errors"] or []
    reason = named[0] if len(named) == 1 else ""
    texts = {"question": fields["question"]} | {
        f"option_{number}": text for number, text in enumerate(fields["answers"], start=1)
    }
    for part, text in texts.items():
        draft = tidy(str(payload[f"draft_{part.replace('option_', 'answer_')}"]))
        if part not in marked:
            places += [
                {"part": part, "start": start, "end": end, "text": draft[start:end], "reason": reason, "fix": fix}
                for start, end, fix in translation_page.changed_places(draft, text)
            ]
    return places


WORK = StageWork(
    stage="proofreading",
    due=due,
    payloads=payloads,
    record=record,
    makes_text=True,
    least_rows=2,
)
