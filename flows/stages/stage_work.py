"""What the work of a stage is, in one record; each stage's module ends in its own, `flows.stages.STAGES` has all.

Whoever hands out, fills, reads or counts work asks the record of its stage, so a new stage is a new module and an
entry in that list. What a page shows and how it is read is `annotation.stages.StagePage`; whose role a stage is,
campaign.toml needs to know: `data.campaign.settings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.campaign.settings import DOES, ROLE_OF, Role
from data.ledger.tables import Row, Stage
from flows.assignment.due_work import Due
from flows.state import State
from flows.submissions.submission import CountedSubmission, Reader


@dataclass(frozen=True)
class StageWork:
    """The work of one stage.

    Attributes:
        stage: which one.
        due: what is due now, from the state and the undecided items that wait for people (question_id, language,
            revision, awaited, reviewers).
        payloads: what each of some new tasks shows, by task_key.
        record: writes what a submission means that counts.
        judges: whether a submission judges a revision: one that comes when that was decided is too late. Other
            work makes a revision, and may come later where that is asked for again.
        makes_text: whether each submission makes a revision of a Question or a Translation.
        least_rows: how many rows come of one submission at least.
        invoiced_as: what a finished task is called on an invoice; "" where the texts that came of it are counted.
    """

    stage: Stage
    due: Callable[[State, pd.DataFrame], Iterator[Due]]
    payloads: Callable[[State, Sequence[Row]], Mapping[str, dict[str, Any]]]
    record: Callable[[Reader, CountedSubmission], None]
    judges: bool = False
    makes_text: bool = False
    least_rows: int = 1
    invoiced_as: str = ""

    @property
    def role(self) -> Role:
        """Whose work it is."""
        return ROLE_OF[self.stage]

    @property
    def roles(self) -> tuple[Role, ...]:
        """Every role that it may be given to: rechecks and baselines come on the pages of the reviews."""
        return DOES[self.stage]
