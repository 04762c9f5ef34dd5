"""Sibling questions: what has been asked on the same passage, for the authors of its other questions."""

from __future__ import annotations

from collections import defaultdict

from flows.campaign_state import State, ledger_view
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.question_slots import question_slots


@ledger_view
def questions_by_passage(state: State) -> dict[str, list[tuple[str, int, str]]]:
    """Return the questions that stand on each passage, in order of slots: question_id, revision, its text."""
    now = current_questions(state)
    now = now[now["outcome"] != "drop"]
    columns = (now[name] for name in ("question_id", "revision", "question"))
    standing = {subject: (int(revision), str(text)) for subject, revision, text in zip(*columns, strict=True)}
    slots = question_slots(state)
    found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    for passage, subject in zip(slots["passage_id"], slots["question_id"], strict=True):
        if subject in standing:
            found[passage].append((subject, *standing[subject]))
    return dict(found)


def siblings(state: State, passage_id: str, question_id: str) -> list[str]:
    """Return the other questions that stand on a question's passage: the questions alone, no answer, no key."""
    return [text for subject, _, text in questions_by_passage(state).get(passage_id, ()) if subject != question_id]


def sibling_revisions(state: State, passage_id: str, question_id: str) -> int:
    """Return how many revisions they have had in all, which grows as often as one is written or mended."""
    standing = questions_by_passage(state).get(passage_id, ())
    return sum(revision for subject, revision, _ in standing if subject != question_id)
