"""Wording: in every target language a translator writes the words around an item, and a proofreader reads them.

Nothing waits for it. A release has English words for a language in which nobody has read any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.stages import wording_page
from data.ledger.events import PromptWorded
from data.ledger.tables import Row
from data.ledger.task_reason import findings_in
from flows.assignment.due_work import Due
from flows.campaign_state import State
from flows.ledger_views.translations.worded_prompts import PROMPT_WORDS, worded_prompts
from flows.stages.stage_work import StageWork
from flows.submissions.submission import CountedSubmission, SubmissionReader


def due(state: State, _: pd.DataFrame) -> Iterator[Due]:
    """Yield each language's words while nobody has written them, then while no proofreader has read them."""
    if not state.campaign.translation.prompt_words:
        return
    for language in state.campaign.languages.targets:
        revisions = worded_prompts(state).get(language, {})
        if not revisions:
            yield Due("wording", language, "", PROMPT_WORDS, 0, roles=("translating",))
        elif not (newest := revisions[max(revisions)]).proofread:
            yield Due(
                "wording", language, "", PROMPT_WORDS, newest.revision, never=frozenset({newest.person}),
                roles=("proofreading",),
            )  # fmt: skip


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each task shows: the English words, and those to be read."""
    shown = {}
    for task in tasks:
        draft = worded_prompts(state).get(task["language"], {}).get(int(task["revision"]))
        shown[task["task_key"]] = wording_page.payload(
            language=task["language"],
            draft=draft.words if draft else None,
            findings=findings_in(task["reason"]),
        )
    return shown


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Record the words as one more revision."""
    worded = PromptWorded(
        words=submission.fields["words"], revision=submission.revision + 1, proofread=submission.revision > 0,
        person=submission.task["person"], annotation=submission.event,
    )  # fmt: skip
    reader.found.event(PROMPT_WORDS, submission.task["language"], worded)


WORK = StageWork(
    stage="wording",
    due=due,
    payloads=payloads,
    record=record,
    invoiced_as="prompt_words",
)
