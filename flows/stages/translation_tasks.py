"""Translation: every Question that goes on is due in every target language until it has a current Translation.

The Questions that go on are the kept ones, or the selected ones if campaign.toml lets translation wait for
`belebele select`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
import pyarrow.compute as pc

from annotation.stages import translation_page
from annotation.words.marking import gettext
from data.languages import language as find_language
from data.ledger import tables
from data.ledger.events import Answer
from data.ledger.tables import Row
from data.ledger.task_reason import findings_in
from flows.assignment.due_work import Due
from flows.campaign_state import State, among, by_key
from flows.ledger_views.current_items import accepted_translations, current_translations, wanted_questions
from flows.ledger_views.translations.answered_findings import answerable_places
from flows.ledger_views.translations.translation_memory import Memory, fields
from flows.stages.stage_work import StageWork
from flows.submissions.submission import CountedSubmission, SubmissionReader, answer_events, text_row


def due(state: State) -> Iterator[Due]:
    """Yield languages without a Translation, drafts sent back, and Translations whose source changed since."""
    kept = list(_rows(wanted_questions(state), ("passage_id", "question_id")))
    texts = set(_rows(state.passages, ("passage_id", "language")))
    now = current_translations(state)
    columns = ("revision", "stale", "outcome", "kind", "rule", "reason")
    standing = dict(zip(*(_rows(now, names) for names in (("question_id", "language"), columns)), strict=True))
    has_pivot = _has_pivot(state)
    for language in state.campaign.languages.targets:
        for passage_id, subject in kept:
            if (passage_id, language) not in texts or not has_pivot(subject, language):
                continue
            what = (language, passage_id, subject)
            if (found := standing.get((subject, language))) is None:
                yield Due("translating", *what, 0)
                continue
            revision, stale, outcome, kind, rule, reason = found
            if stale:
                why = "what it renders has changed since; the difference is shown below"
                yield Due("translating", *what, int(revision), why)
            elif outcome == "revise" and (kind == "draft" or rule != "check"):
                yield Due("translating", *what, int(revision), reason)


def _rows(frame: pd.DataFrame, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(frame[name].tolist() for name in names), strict=True)


def _has_pivot(state: State) -> Callable[[str, str], bool]:
    """Whether the translation to be shown beside one is accepted; always for a language without a pivot."""
    pivots = state.campaign.translation.pivots
    known = set(_rows(accepted_translations(state), ("question_id", "language"))) if pivots else set()
    return lambda subject, language: language not in pivots or (subject, pivots[language]) in known


def _pivots(state: State, tasks: Sequence[Row]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the accepted texts to show beside the source, by question and language of the pivot."""
    if not state.campaign.translation.pivots:
        return {}
    key = ["question_id", "language", "revision"]
    texts = state.translation_texts({task["question_id"] for task in tasks})
    return by_key(texts.merge(accepted_translations(state)[key], on=key), "question_id", "language")


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each task shows: both passages, the source item, and a former Translation with changes."""
    languages = {task["language"] for task in tasks}
    texts = state.texts_of({task["passage_id"] for task in tasks}, {state.source_language, *languages})
    every = by_key(state.questions, "question_id", "revision")
    kept = by_key(wanted_questions(state), "question_id")
    former_of = state.translation_texts({task["question_id"] for task in tasks if task["revision"]})
    formers = by_key(former_of, "question_id", "language", "revision")
    memory = Memory(state, languages)
    places = _sent_back_for(state, tasks)
    pivots, pivot_of = _pivots(state, tasks), state.campaign.translation.pivots
    shown = {}
    for task in tasks:
        beside = pivots.get((task["question_id"], pivot_of.get(task["language"], "")))
        question = kept[task["question_id"]]
        target = texts[task["passage_id"], task["language"]]
        former = formers.get((task["question_id"], task["language"], task["revision"]))
        changed: list[tuple[str, str, str]] = []
        corrected: list[tuple[str, str, str]] = []
        source = texts[task["passage_id"], state.source_language]
        if former is not None:
            started = formers.get((task["question_id"], task["language"], former["draft_revision"]))
            corrected = corrections(started, former) if started else []
            rendered = every[task["question_id"], former["question_revision"]]
            changed = _changed(rendered, question)
            for name, language, revision in (
                ("Passage in the source language", state.source_language, rendered["passage_revision"]),
                ("Passage", task["language"], former["passage_revision"]),
            ):
                revisions = state.passage_revisions(task["passage_id"], language)
                changed.append((name, revisions[revision], revisions[max(revisions)]))
            if beside and former["pivot_language"] == beside["language"]:
                was = {"question": former["pivot_question"], "answers": former["pivot_answers"]}
                where = f" in {find_language(beside['language']).name}"
                changed += [(name + where, before, after) for name, before, after in corrections(was, beside)]
        shown[task["task_key"]] = {
            **translation_page.payload(
                source_sentences=list(source["sentences"]),
                target_sentences=list(target["sentences"]),
                question=question["question"],
                answers=list(question["answers"]),
                key=int(question["key"]),
                translator_note=question["translator_note"] or "",
                findings=findings_in(task["reason"]),
                places=places.get((task["question_id"], task["language"], task["revision"]), ()),
                former=former,
                changed=changed,
                corrected=corrected,
                evidence=question["evidence"],
                help=memory.help(task["language"], task["question_id"], fields(question, source["text"])),
            ),
            **(pivot_shown(beside["language"], beside["revision"], beside) if beside else {}),
            "question_revision": int(question["revision"]),
            "passage_revision": int(target["revision"]),
        }
    return shown


def _sent_back_for(state: State, tasks: Sequence[Row]) -> dict[tuple[str, str, int], list[dict[str, Any]]]:
    """Return the places of the findings for which checks sent drafts back; none where the source changed."""
    now = current_translations(state)
    back = now[(now["outcome"] == "revise") & (now["rule"] == "check") & ~now["stale"]]
    key = ["question_id", "language", "revision"]
    wanted = {(task["question_id"], task["language"], task["revision"]) for task in tasks}
    wanted &= set(zip(*(back[name] for name in key), strict=True))
    if not wanted:
        return {}
    subjects = {subject for subject, _, _ in wanted}
    columns = ["subject", "language", "revision", "rule", "verdicts"]
    decisions = state.ledger.read(tables.DECISIONS, columns, pc.field("subject").isin(sorted(subjects)))
    rests = {
        event
        for subject, language, revision, rule, events in decisions.itertuples(index=False, name=None)
        if rule == "check" and (subject, language, revision) in wanted
        for event in events
    }
    verdicts = state.verdicts_on(subjects)
    failed = verdicts[among(verdicts["event_id"], rests)]
    places = answerable_places(state, failed)
    found: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for event, *item in failed[["event_id", "subject", "language", "revision"]].itertuples(index=False, name=None):
        found.setdefault((item[0], item[1], int(item[2])), []).extend(places[event])
    return found


def pivot_shown(language: str, revision: int, text: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a task that shows another translation beside the source, and names it.

    Args:
        language: of that translation.
        revision: of it.
        text: its question and answers.
    """
    return {
        "pivot_language": language,
        "pivot_revision": int(revision),
        "pivot_question": text["question"],
        "pivot_answers": list(text["answers"]),
    }


def corrections(draft: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what one revision of a translation changed in another, as (name, before, now)."""
    names = ["Question", *(f"Answer {number}" for number in range(1, len(now["answers"]) + 1))]
    before, after = ([one["question"], *one["answers"]] for one in (draft, now))
    return list(zip(names, before, after, strict=True))


def _changed(rendered: Mapping[str, Any], question: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what the former translation rendered and the current source text, by name."""
    answers = [f"Answer {number}" for number in range(1, len(question["answers"]) + 1)]
    names = ["Question", *answers, gettext("Correct answer"), gettext("Note for translators")]
    before, now = (
        [one["question"], *one["answers"], f"Answer {one['key']}", one["translator_note"] or ""]
        for one in (rendered, question)
    )
    return list(zip(names, before, now, strict=True))


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Record a draft of the Translation, and what the translator contests."""
    reader.found.translations.append(translation_row(reader, submission, kind="draft", draft_revision=0))
    for answer in answer_events(submission, Answer.CONTESTED):
        reader.found.event(submission.subject, submission.task["language"], answer)


def translation_row(
    reader: SubmissionReader, submission: CountedSubmission, *, kind: str, draft_revision: int
) -> dict[str, Any]:
    """Return the row of a Translation that a submission makes.

    Args:
        reader: knows which revision it is.
        submission: of a translator or a proofreader.
        kind: draft or proofread.
        draft_revision: the draft that was proofread; 0 for a draft.
    """
    return {
        **text_row(reader, submission),
        "question": submission.fields["question"],
        "answers": submission.fields["answers"],
        "kind": kind,
        "question_revision": submission.payload["question_revision"],
        "draft_revision": draft_revision,
        **{name: submission.payload.get(name) for name in _PIVOT},
        "errors": submission.fields.get("errors"),
    }


_PIVOT = ("pivot_language", "pivot_revision", "pivot_question", "pivot_answers")
"""What is recorded of the translation beside the source, as the task names it."""


WORK = StageWork(
    stage="translating",
    due=lambda state, _: due(state),
    payloads=payloads,
    record=record,
    makes_text=True,
)
