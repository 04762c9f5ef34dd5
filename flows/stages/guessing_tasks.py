"""Guessing: a Question is guessed by those who are going to review it and were drawn for that
(`flows.stages.guesser_draw`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from flows.state import State, among
from flows.steps.task_opening import Due, turned_away


def due(state: State, asked: Collection[tuple[str, str, int]]) -> Iterator[Due]:
    """The guesses that stay wanted, and those that are asked for once more because what came in was not valid.

    Args:
        state: the campaign.
        asked: passage_id, question_id and revision of the Questions that wait for reviewers.
    """
    begun = state.tasks[state.tasks["stage"] == "guessing"]
    if begun.empty:
        return
    language = state.source_language
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    away, _ = turned_away(state)
    tasks = state.tasks[among(state.tasks["passage_id"], {passage for passage, _, _ in asked})]
    others = tasks[tasks["stage"] != "guessing"]
    read = set(zip(others["passage_id"], others["person"], strict=True))
    live = begun["done"] | ~begun["closed"]
    columns = ["question_id", "revision", "person"]
    standing = set(begun.loc[live, columns].itertuples(index=False, name=None))
    given: dict[tuple[str, int], set[str]] = defaultdict(set)
    for subject, revision, person in begun[columns].itertuples(index=False, name=None):
        given[subject, int(revision)].add(person)
    for passage, subject, revision in asked:
        yield Due("guessing", language, passage, subject, revision, count=0)
        for person in sorted(given[subject, revision] & able):
            lost = (subject, revision, person) not in standing and (passage, person) not in read
            if lost and ("guessing", language, passage, person) not in away:
                yield Due("guessing", language, passage, subject, revision, person=person)
