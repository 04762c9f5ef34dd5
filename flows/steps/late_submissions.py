"""Late submissions: what is handed in or changed after the decision, after a newer revision, or no longer blind.

What is late has no effect until the lead accepts it; what was never blind cannot be accepted.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from annotation.stages import page_of
from data.ledger.events import LateAccepted, NeverBlind, Overtaken
from flows.campaign_state import State, among
from flows.inspection.foreign_edits import ForeignEdits
from flows.ledger_views.current_items import current_questions, current_translations
from flows.stages import work_of
from flows.steps.text_revisions import TextRevisions
from flows.submissions.submission import TaskLine


class LateSubmissions:
    """Tells which submissions are late.

    Args:
        state: the campaign.
        tasks: the tasks on the subjects of the submissions.
        foreign: edits of these submissions by others.
        revisions: of the subjects; those that are made meanwhile count at once.
    """

    def __init__(self, state: State, tasks: pd.DataFrame, foreign: ForeignEdits, revisions: TextRevisions) -> None:
        self._state, self._foreign, self._revisions = state, foreign, revisions
        self._accepted = set(state.events(LateAccepted)["subject"])
        decisions = state.decisions[among(state.decisions["subject"], tasks["question_id"])]
        self._decided = {
            (subject, language, int(revision)): str(outcome)
            for subject, language, revision, outcome in zip(
                *(decisions[name] for name in ("subject", "language", "revision", "outcome")), strict=True
            )
        }
        judging = tasks[tasks["stage"] == "judging"]
        self._saw_key = set(zip(judging["question_id"], judging["revision"], judging["person"], strict=True))
        guessed = tasks["passage_id"][tasks["stage"] == "guessing"]
        read = state.tasks[(state.tasks["stage"] != "guessing") & among(state.tasks["passage_id"], guessed)]
        self._saw_passage = set(zip(read["passage_id"], read["person"], strict=True))

    def why(self, annotation: pd.Series, task: TaskLine) -> NeverBlind | Overtaken | None:
        """Return why a submission does not count, or needs the lead's decision; None when it counts."""
        revision = int(task["revision"])
        if task["stage"] == "answering" and (task["question_id"], revision, task["person"]) in self._saw_key:
            return NeverBlind.KEY_SEEN
        if task["stage"] == "guessing" and (task["passage_id"], task["person"]) in self._saw_passage:
            return NeverBlind.PASSAGE_SEEN
        if page_of(task["stage"]).blind and self._foreign.came_before(annotation):
            return NeverBlind.WRITTEN_INTO
        if annotation["event_id"] in self._accepted:
            return None
        if work_of(task["stage"]).judges:
            return self._was_decided(task, revision)
        made = self._revisions.made(task["question_id"], task["language"])
        if annotation["event_id"] in made:
            return None  # it counted already: a run died after writing what it means and before marking it
        mine = self._made_by(annotation, made)
        newest = max(made.values(), default=0)
        if newest > (revision if mine is None else mine):
            return Overtaken(newest)
        if mine is None and (self._is_stale(task) or self._outcome(task, revision) == "revise"):
            return None  # it was handed out again
        return self._was_decided(task, revision if mine is None else mine)

    def _outcome(self, task: TaskLine, revision: int) -> str:
        return self._decided.get((task["question_id"], task["language"], revision), "")

    def _was_decided(self, task: TaskLine, revision: int) -> Overtaken | None:
        outcome = self._outcome(task, revision)
        return Overtaken(revision, outcome) if outcome else None

    def _is_stale(self, task: TaskLine) -> bool:
        state = self._state
        now = current_questions(state) if task["stage"] == "authoring" else current_translations(state)
        here = (now["question_id"] == task["question_id"]) & (now["language"] == task["language"])
        return bool(now["stale"][here].any())

    def _made_by(self, annotation: pd.Series, made: Mapping[str, int]) -> int | None:
        """Return the revision that an earlier submission of the task made, on a page or by file."""
        same = self._state.annotations
        same = same[same["task_key"] == annotation["task_key"]]
        revisions = [made[event] for event in same["event_id"] if event in made]
        return max(revisions, default=None)
