"""Text revisions: the number of the revision that each submission of a Question or Translation makes."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from flows.campaign_state import State, among
from flows.stages import STAGES
from flows.submissions.earlier_submissions import as_read, counted_of


class TextRevisions:
    """The revisions of texts by the annotations that made them.

    Args:
        state: the campaign.
        subjects: question_id of the texts.
    """

    def __init__(self, state: State, subjects: Iterable[str]) -> None:
        self._made: dict[tuple[str, str], dict[str, int]] = {}
        wanted = set(subjects)
        for texts in (state.questions, state.translations):
            columns = ["question_id", "language", "annotation", "revision"]
            here = texts.loc[among(texts["question_id"], wanted), columns]
            for subject, language, annotation, revision in here.itertuples(index=False, name=None):
                self._made.setdefault((subject, language), {})[annotation] = int(revision)

    def made(self, subject: str, language: str) -> dict[str, int]:
        """Return the revision of each annotation that made one."""
        return self._made.get((subject, language), {})

    def of(self, annotation: pd.Series, subject: str, language: str) -> int:
        """Return the revision that an annotation makes: the same one when it is read again after a crash."""
        made = self._made.setdefault((subject, language), {})
        if annotation["event_id"] not in made:
            made[annotation["event_id"]] = max(made.values(), default=0) + 1
        return made[annotation["event_id"]]

    def restore(self, state: State) -> None:
        """Number anew where texts are lost: in the order of reading, in which they were numbered at first."""
        found: dict[tuple[str, str], dict[str, int]] = {}
        tasks = state.tasks[["task_key", "question_id"]]
        counted = counted_of(state).merge(tasks, on="task_key")
        texts = counted[counted["stage"].isin([work.stage for work in STAGES if work.makes_text])]
        for event, subject, language in as_read(texts)[["event_id", "question_id", "language"]].itertuples(
            False, None
        ):
            made = found.setdefault((subject, language), {})
            made[event] = self.made(subject, language).get(event, max(made.values(), default=0) + 1)
        self._made = found
