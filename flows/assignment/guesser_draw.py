"""Who has not read a passage yet: some reviewers guess its questions first, and must not see it until they have.

Which pairs of passage and reviewer guess is drawn by a digest, so that every run agrees and nobody chooses. Only
somebody who never had work on the passage can guess; whoever guesses gets nothing else on it until the guesses on
all its questions are in. Who guesses a question is going to answer it: who is picked for one is picked for both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from data.ledger.tables import digest
from flows.state import State, among

PassageReader = tuple[str, str]
"""passage_id, person."""


def drawn(campaign: str, passage_id: str, person: str, share: float) -> bool:
    """Whether a reviewer guesses before reading a passage; the same in every run.

    >>> [drawn("demo", "p1", person, 0.5) for person in ("ana", "ben", "cho", "dan")]
    [True, False, False, True]
    """
    return int(digest("guess", campaign, passage_id, person)[:12], 16) < share * 16**12


class Unread:
    """Who has not read which passage yet, as far as guessing needs to know; keeps up with what is handed out.

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
        """Whether this person, picked for a question, guesses it before anything else."""
        unread = (passage_id, person) not in self._read
        return unread and drawn(self._campaign, passage_id, person, self._share)

    def is_guessing(self, passage_id: str, person: str) -> bool:
        """Whether this person must not see the passage yet."""
        return (passage_id, person) in self._open - self._read

    def guessing(self, passage_id: str) -> frozenset[str]:
        """Everybody who must not see the passage yet."""
        return frozenset(person for passage, person in self._open - self._read if passage == passage_id)

    def guessed(self, question_id: str, revision: int) -> list[str]:
        """Who was given this revision of a Question to guess, so that they answer it next."""
        return self._guessed[question_id, revision]

    def hand_out(self, stage: str, passage_id: str, person: str) -> None:
        """Take note of new work."""
        (self._open if stage == "guessing" else self._read).add((passage_id, person))
