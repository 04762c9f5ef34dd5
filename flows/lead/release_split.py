"""The split of a release: which items are for examples and which for testing, drawn once and noted in the ledger.

Dev is drawn when the set is chosen (`belebele select`) or, where every kept question is released, at the first
release. From then on no item changes sides, and no item that was released changes the order of its options: what
is noted holds, and later runs only add.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from data.errors import ReleaseRefused
from data.ledger import Ledger, tables
from data.ledger.events import SplitDrawn
from flows.campaign_state import State
from flows.ledger_views.current_items import dev_questions, latest_selection, option_orders
from flows.ledger_views.split_sides import Side, dev_groups, groups_of, split_sides


@dataclass(frozen=True)
class ReleaseSplit:
    """The sides of a release's questions.

    Attributes:
        sides: of every question that is released, with its order of options, by question_id.
        apart: questions that are not released, because one on the same passage is in dev; sorted.
        notes: what the lead is to know, one sentence each.
    """

    sides: Mapping[str, Side]
    apart: tuple[str, ...]
    notes: tuple[str, ...]


def dev_drawn(state: State, candidates: pd.DataFrame) -> tuple[dict[str, Side], tuple[str, ...]]:
    """Draw what the dev split lacks, without noting it.

    Args:
        state: the campaign.
        candidates: questions that may be drawn (question_id, passage_id, question, answers, key).

    Returns:
        The side of every item that dev has, new and standing, by question_id; and what the lead is to know.
    """
    wanted, seed = state.campaign.release.dev, state.campaign.id
    standing = dev_questions(state)
    if not wanted and standing.empty:
        return {}, ()
    from qc.selection.dev_split import dev_orders, drawn

    groups = dict(zip(candidates["question_id"], groups_of(state, candidates), strict=True))
    tested = _tested_groups(state)
    free = {subject: group for subject, group in groups.items() if group not in tested}
    new = drawn(free, wanted, seed, set(standing["question_id"])) if wanted else []
    notes = () if new is not None else (_too_small(wanted, len(free), len(standing)),)
    dev = pd.concat([standing, candidates[candidates["question_id"].isin(new or ())]])
    dev = dev.drop_duplicates("question_id")
    if dev.empty:
        return {}, notes
    frozen = {subject: list(side.order) for subject, side in split_sides(state).items()}
    orders = dev_orders(_shown(dev), frozen, seed)
    sides = {subject: Side("dev", tuple(order)) for subject, order in zip(dev["question_id"], orders, strict=True)}
    return sides, notes


def for_test(state: State, questions: pd.DataFrame, dev: Mapping[str, Side]) -> pd.DataFrame:
    """Return those of some questions that share no passage with dev."""
    if not dev and not dev_groups(state):
        return questions
    groups = groups_of(state, questions)
    beside = {*dev_groups(state), *groups[questions["question_id"].isin(list(dev))]}
    return questions[~groups.isin(list(beside))]


def release_split(state: State, questions: pd.DataFrame) -> ReleaseSplit:
    """Return the sides of the questions of a release; what is drawn for it is not noted yet.

    Args:
        state: the campaign.
        questions: the questions that can be released, with texts.
    """
    if latest_selection(state) is None:
        dev, notes = dev_drawn(state, questions)
    else:
        dev, notes = dev_drawn(state, questions.iloc[:0])
        lacks = state.campaign.release.dev and not dev
        notes = ("no dev split: it is drawn beside the final set, by the next belebele select",) if lacks else ()
    test = for_test(state, questions, dev)
    apart = set(questions["question_id"]) - set(test["question_id"]) - set(dev)
    sides = {subject: side for subject, side in dev.items() if subject in set(questions["question_id"])}
    sides |= _test_sides(state, test, balanced=bool(dev))
    left = tuple(sorted(apart))
    if left:
        notes = (*notes, f"left out of test, because a question on the same passage is in dev: {', '.join(left)}")
    return ReleaseSplit(sides, left, notes)


def note(state: State, sides: Mapping[str, Side]) -> None:
    """Note the sides that the ledger does not know yet, and see to it that no other run was faster.

    Raises:
        ReleaseRefused: another run noted something else at the same moment.
    """
    known = split_sides(state)
    new = [
        (subject, side.split, list(side.order)) for subject, side in sorted(sides.items()) if subject not in known
    ]
    if new:
        number = str(len(state.events(SplitDrawn)))
        state.ledger.append(tables.EVENTS, [SplitDrawn(new).row(tables.digest("split", new), number)])
        known = split_sides(State(state.campaign, Ledger(state.ledger.address)))
    if any(known.get(subject) != side for subject, side in sides.items()):
        raise ReleaseRefused("another run drew the split at the same moment, and its draw holds: run this again")


def _test_sides(state: State, questions: pd.DataFrame, *, balanced: bool) -> dict[str, Side]:
    from qc.selection.final_set import shown_orders

    if questions.empty:
        return {}
    known = {subject: list(side.order) for subject, side in split_sides(state).items()}
    orders = option_orders(state) | known
    if balanced:
        listed = shown_orders(_shown(questions), orders)
    else:
        listed = [
            orders.get(subject) or list(range(1, len(answers) + 1))
            for subject, answers in zip(questions["question_id"], questions["answers"], strict=True)
        ]
    return {
        subject: Side("test", tuple(order))
        for subject, order in zip(questions["question_id"], listed, strict=True)
    }


def _tested_groups(state: State) -> set[str]:
    """Return the groups of passages that were released in test."""
    tested = [subject for subject, side in split_sides(state).items() if side.split == "test"]
    questions = state.questions[state.questions["question_id"].isin(tested)]
    return set(groups_of(state, questions))


def _shown(questions: pd.DataFrame) -> pd.DataFrame:
    """Return questions in the columns that an order of options is drawn from."""
    return pd.DataFrame(
        {
            "item_id": questions["question_id"].tolist(),
            "question": questions["question"].tolist(),
            "options": [[str(text) for text in texts] for texts in questions["answers"]],
            "key": [int(key) - 1 for key in questions["key"]],
        }
    )


def _too_small(wanted: int, free: int, standing: int) -> str:
    if standing:
        return f"dev has {standing} of {wanted} items: too few new questions are there to add to it"
    there = "1 question is there" if free == 1 else f"{free} questions are there"
    return (
        f"no dev split: {wanted} items are wanted, on passages of their own, with at least as many left for test, "
        f"and {there}. What is released now is in test for good; for a smaller split, change "
        "[release] dev"
    )
