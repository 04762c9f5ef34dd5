"""The sides of the release's split: the questions in dev and those released in test, with their orders of options.

The ledger says it once for each question, and the first word holds: an item that has been a few-shot example is
never tested on, and the other way round. A passage goes with its questions, and so do passages that come from the
same source (one link; where a passage has none, the same text).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from data.ledger.events import SplitDrawn, details_of
from data.ledger.tables import digest
from flows.campaign_state import State, ledger_view

if TYPE_CHECKING:
    from data.release.description.release_description import Split


@dataclass(frozen=True)
class Side:
    """The side of one question, and its order of options (identities)."""

    split: Split
    order: tuple[int, ...]


@ledger_view
def split_sides(state: State) -> dict[str, Side]:
    """Return the side of every question that has one, by question_id.

    Two runs at once may have drawn differently; what was written first holds, for the sources of passages too.
    """
    draws = state.events(SplitDrawn)
    if draws.empty:
        return {}
    groups, sides, of_groups = passage_groups(state), dict[str, Side](), dict[str, str]()
    for draw in details_of(draws, SplitDrawn):
        for subject, split, order in draw.items:
            group = groups.get(passage_of(state, subject), subject)
            if subject not in sides and of_groups.setdefault(group, split) == split:
                sides[subject] = Side("dev" if split == "dev" else "test", tuple(map(int, order)))
    return sides


@ledger_view
def dev_groups(state: State) -> frozenset[str]:
    """Return the groups of passages that are on the side of dev."""
    dev = [subject for subject, side in split_sides(state).items() if side.split == "dev"]
    groups = passage_groups(state) if dev else {}
    return frozenset(groups.get(passage_of(state, subject), subject) for subject in dev)


def on_dev_side(state: State, questions: pd.DataFrame) -> pd.Series[bool]:
    """Return whether each question is in dev, or stays out of test because of one that is."""
    if not (dev := dev_groups(state)):
        return pd.Series(False, index=questions.index)
    return groups_of(state, questions).isin(list(dev))


def groups_of(state: State, questions: pd.DataFrame) -> pd.Series[str]:
    """Return the group of each question's passage."""
    groups = passage_groups(state)
    return questions["passage_id"].map(lambda passage: groups.get(passage, passage)).astype(object)


@ledger_view
def passage_groups(state: State) -> Mapping[str, str]:
    """Return what each passage comes from, by passage_id: its link, or a digest of its text."""
    passages = state.passages.drop_duplicates("passage_id")
    links = dict(zip(passages["passage_id"], passages["link"], strict=True))
    without = {passage for passage, link in links.items() if not link}
    texts = state.texts_of(without, {state.source_language}) if without else {}
    by_text = {passage: digest("passage", one["text"]) for (passage, _), one in texts.items()}
    return {str(passage): str(link or by_text.get(passage) or passage) for passage, link in links.items()}


def passage_of(state: State, question_id: str) -> str:
    """Return the passage of a question."""
    return _passages(state).get(question_id, question_id)


@ledger_view
def _passages(state: State) -> dict[str, str]:
    questions = state.questions
    return dict(zip(questions["question_id"], questions["passage_id"], strict=True))
