"""Review progress of each Question: how many reviewers it needs, who answered, and who of them will not judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import pandas as pd

from flows.assignment.due_work import turned_away
from flows.campaign_state import State, among
from flows.ledger_views.current_items import current_questions
from qc.decisions.rule_table import AWAITED_REVIEWS


def reviewed(state: State, waiting: pd.DataFrame) -> pd.DataFrame:
    """Return the Questions that wait for reviewers, each with its passage_id.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited, reviewers.
    """
    found = waiting[(waiting["language"] == state.source_language) & waiting["awaited"].isin(AWAITED_REVIEWS)]
    questions = current_questions(state)
    passage_of = dict(zip(questions["question_id"], questions["passage_id"], strict=True))
    return found.assign(passage_id=found["question_id"].map(passage_of))


@dataclass(frozen=True)
class ReviewProgress:
    """The review progress of a Question.

    Attributes:
        passage_id, question_id, revision: which Question.
        wanted: how many people are to answer and judge it.
        answerers: who answered it, in order.
        gone: those of them who will not or cannot judge it.
    """

    passage_id: str
    question_id: str
    revision: int
    wanted: int
    answerers: Sequence[str]
    gone: Set[str]


def review_progress(state: State, waiting: pd.DataFrame) -> Iterator[ReviewProgress]:
    """Yield the progress of every Question that waits for reviewers; arguments as of `reviewed`."""
    language, asked = state.source_language, reviewed(state, waiting)
    tasks = state.tasks[among(state.tasks["question_id"], asked["question_id"])]
    answered, judged = tasks[tasks["done"] & (tasks["stage"] == "answering")], tasks[tasks["stage"] == "judging"]
    judges = judged[~judged["closed"] | judged["done"]].groupby(["question_id", "revision"])["person"].agg(set)
    answerers = answered.groupby(["question_id", "revision"])["person"].agg(dict.fromkeys).to_dict()
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    away, _ = turned_away(state)
    columns = (asked[name] for name in ("passage_id", "question_id", "revision", "reviewers"))
    for passage_id, subject, revision, wanted in zip(*columns, strict=True):
        people = answerers.get((subject, revision), {})
        gone = {p for p in people if p not in able or ("judging", language, passage_id, p) in away}
        gone -= judges.get((subject, revision), set())
        yield ReviewProgress(passage_id, subject, int(revision), int(wanted), tuple(people), gone)
