"""Similar questions: existing ones that are nearly the same as one that is being written.

The similarity of two texts is the share of character 5-grams that they have in common (Jaccard's index), after
folding: it tolerates a changed word or ending, and needs no knowledge of a language. With an inverted index the
cost of a look-up depends on the shared n-grams, not on the size of the campaign.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from qc.text.text_folding import fold

SIZE = 5
ALIKE = 0.5
"""The least similarity at which a question is named: with half of the 5-grams in common, one phrase differs."""


@dataclass(frozen=True)
class SimilarQuestion:
    """A question that is similar to another text.

    Attributes:
        subject: its question_id.
        text: the question.
        likeness: share of n-grams in common, 0 to 1.
    """

    subject: str
    text: str
    likeness: float


class SimilarityIndex:
    """An index of questions to compare texts with.

    Args:
        questions: question_id and text of each.
    """

    def __init__(self, questions: Iterable[tuple[str, str]] = ()) -> None:
        self._questions = list(questions)
        self._sizes: list[int] = []
        self._holding: dict[str, list[int]] = defaultdict(list)
        for place, (_, text) in enumerate(self._questions):
            grams = _grams(text)
            self._sizes.append(len(grams))
            for gram in grams:
                self._holding[gram].append(place)

    def __len__(self) -> int:
        return len(self._questions)

    def nearest(self, text: str, *, but: str = "") -> SimilarQuestion | None:
        """Return the most similar question; None where there is none at all.

        Args:
            text: of a question.
            but: a question_id to leave out, since the question being written may be in the index.
        """
        grams = _grams(text)
        shared = Counter(place for gram in grams for place in self._holding.get(gram, ()))
        best: SimilarQuestion | None = None
        for place, count in shared.items():
            subject, known = self._questions[place]
            likeness = count / (len(grams) + self._sizes[place] - count)
            if subject != but and (best is None or (likeness, best.subject) > (best.likeness, subject)):
                best = SimilarQuestion(subject, known, likeness)
        return best


def _grams(text: str) -> set[str]:
    folded = f" {fold(text)} " if text.strip() else ""
    return {folded[at : at + SIZE] for at in range(max(0, len(folded) - SIZE + 1))}
