"""The draw of guessers: reviewers who guess a passage's questions before they may see the passage.

A digest decides which pairs of passage and reviewer guess, so that every run agrees and nobody chooses. Only
somebody who never had work on the passage can guess, and a guesser gets nothing else on it until the guesses on
all its questions are in. Guessers answer the same questions afterwards, so one pick serves both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from data.ledger.tables import digest
from flows.campaign_state import State, among

PassageReader = tuple[str, str]
"""passage_id, person."""


def is_guesser(campaign: str, passage_id: str, person: str, share: float) -> bool:
    """Return whether a reviewer guesses before reading a passage; the same in every run.

    >>> [is_guesser("demo", "p1", person, 0.5) for person in ("ana", "ben", "cho", "dan")]
    [True, False, False, True]
    """
    return int(digest("guess", campaign, passage_id, person)[:12], 16) < share * 16**12


class UnreadPassages:
    """The passages that each person has not read, as far as guessing needs; updated as work is handed out.

    Args:
        state: the campaign.
        passages: the passages that work is handed out on.
    """

    def __init__(self, state: State, passages: Collection[str]) -> None:
        self._campaign, self._share = state.campaign.id, state.campaign.review.guess_share
        tasks = state.tasks[among(state.tasks["passage_id"], passages)]
        self._guessed: dict[tuple[str, int], list[str]] = defaultdict(list)
        self._open: set[PassageReader] = set()
        self._read: set[PassageReader] = set()
        columns = ["stage", "passage_id", "question_id", "revision", "person", "closed", "done"]
        for stage, passage, subject, revision, person, closed, done in tasks[columns].itertuples(index=False):
            if stage != "guessing":
                self._read.add((passage, person))
            elif done or not closed:
                self._guessed[subject, int(revision)].append(person)
                if not done:
                    self._open.add((passage, person))

    def guesses_first(self, passage_id: str, person: str) -> bool:
        """Whether this person, picked for a question, must guess it first."""
        unread = (passage_id, person) not in self._read
        return unread and is_guesser(self._campaign, passage_id, person, self._share)

    def is_guessing(self, passage_id: str, person: str) -> bool:
        """Whether this person must not see the passage yet."""
        return (passage_id, person) in self._open - self._read

    def guessing(self, passage_id: str) -> frozenset[str]:
        """Return everybody who must not see the passage yet."""
        return frozenset(person for passage, person in self._open - self._read if passage == passage_id)

    def guessed(self, question_id: str, revision: int) -> list[str]:
        """Return who was given this revision of a Question to guess; they answer it next."""
        return self._guessed[question_id, revision]

    def hand_out(self, stage: str, passage_id: str, person: str) -> None:
        """Record new work."""
        (self._open if stage == "guessing" else self._read).add((passage_id, person))
