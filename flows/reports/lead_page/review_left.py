"""How many reviews are left, as far as that is known: for the forecasts of the lead's page.

Every question that is neither kept nor dropped is answered and judged by as many people as campaign.toml says;
who of them guesses first is drawn, so of questions that nobody has begun the expected number counts. A dispute
is known only once it is there: adjudications to come are foreseen by nobody.
"""

from __future__ import annotations

from collections import Counter

import pandas as pd

from data.ledger.item_copy_ids import kind_of
from data.ledger.tables import Stage
from flows.campaign_state import State
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.question_slots import question_slots


def left_to_review(state: State) -> dict[Stage, tuple[int, int]]:
    """Return, for each stage of review, how many tasks there will have been, as far as is known, and are left."""
    people, share = state.campaign.review.reviewers, state.campaign.review.guess_share
    tasks = without_copies(state.tasks)
    done, waiting = (_counts(tasks[tasks[name]]) for name in ("done", "open"))
    now = current_questions(state)
    outcome = now["outcome"].fillna("")
    fresh = len(question_slots(state)) - len(now)
    fresh += int(((outcome == "revise") | (now["stale"] & (outcome != "drop"))).sum())
    reading = now[(outcome == "") & ~now["stale"]]
    places = list(zip(reading["question_id"], reading["revision"].astype(int), strict=True))
    left: dict[Stage, int] = {}
    for stage in ("answering", "judging"):
        here = (max(people - done[stage, *place], waiting[stage, *place]) for place in places)
        left[stage] = people * fresh + sum(here)
    if share or (tasks["stage"] == "guessing").any():
        opened = int((tasks["open"] & (tasks["stage"] == "guessing")).sum())
        left["guessing"] = opened + round(share * people * fresh)
    if (tasks["stage"] == "adjudicating").any():
        left["adjudicating"] = int((tasks["open"] & (tasks["stage"] == "adjudicating")).sum())
    finished = Counter(tasks.loc[tasks["done"], "stage"])
    order: tuple[Stage, ...] = ("guessing", "answering", "judging", "adjudicating")
    return {stage: (finished[stage] + left[stage], left[stage]) for stage in order if stage in left}


def without_copies(tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the tasks on items themselves, without plants, rechecks and other copies."""
    copied = tasks["question_id"].map(lambda subject: kind_of(subject) is not None)
    return tasks[~copied.astype(bool)]


def _counts(tasks: pd.DataFrame) -> Counter[tuple[str, str, int]]:
    """Return the number of tasks by stage, question and revision."""
    columns = (tasks[name] for name in ("stage", "question_id", "revision"))
    return Counter((stage, subject, int(revision)) for stage, subject, revision in zip(*columns, strict=True))
