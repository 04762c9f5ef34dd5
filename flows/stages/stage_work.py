"""The record of a stage's work; each stage's module ends in one, and `flows.stages.STAGES` lists them all.

Code that hands out, fills, reads or counts work asks the record of its stage, so a new stage is a new module and
an entry in that list. What a page shows and how it is read is in `annotation.stages.StagePage`; campaign.toml
needs to know the role of a stage, so that is in `data.campaign.settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.campaign.settings import ROLE_OF, Role
from data.ledger.tables import Row, Stage
from flows.assignment.due_work import Due
from flows.campaign_state import State
from flows.submissions.submission import CountedSubmission, SubmissionReader


@dataclass(frozen=True)
class StageWork:
    """The work of one stage.

    Attributes:
        stage: which one.
        due: returns what is due now, from the state and the undecided items that wait for people (question_id,
            language, revision, awaited, reviewers).
        payloads: returns what each of some new tasks shows, by task_key.
        record: writes the meaning of a submission that counts.
        judges: whether a submission judges a revision, and so is too late once that was decided. Other work makes
            a revision, and may come later if a new one was asked for.
        makes_text: whether each submission makes a revision of a Question or a Translation.
        least_rows: the least number of rows that a submission makes.
        invoiced_as: the name of a finished task on an invoice; "" where the resulting texts are counted instead.
    """

    stage: Stage
    due: Callable[[State, pd.DataFrame], Iterator[Due]]
    payloads: Callable[[State, Sequence[Row]], Mapping[str, dict[str, Any]]]
    record: Callable[[SubmissionReader, CountedSubmission], None]
    judges: bool = False
    makes_text: bool = False
    least_rows: int = 1
    invoiced_as: str = ""

    @property
    def role(self) -> Role:
        """The role that does the work."""
        return ROLE_OF[self.stage]
