"""What people chose and wrote is read back from their verdicts as it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ledger.human_verdicts import ProofreadingOutcome, Recommendation, comment_of, outcome_reason

outcomes = st.sampled_from([*Recommendation, *ProofreadingOutcome])


@given(outcome=outcomes, comment=st.text())
def test_a_comment_is_read_as_it_was_written(outcome: Recommendation | ProofreadingOutcome, comment: str) -> None:
    assert comment_of(outcome, outcome_reason(outcome, comment)) == comment
    assert type(outcome).of(outcome.score) is outcome


@pytest.mark.parametrize("comment", ["keep it, please", "revise", ": odd", "drop: this line"])
def test_a_comment_that_looks_like_an_outcome_stays_whole(comment: str) -> None:
    assert comment_of(Recommendation.DROP, outcome_reason(Recommendation.DROP, comment)) == comment


def test_words_without_an_outcome_are_a_comment() -> None:
    assert comment_of(Recommendation.DROP, "There are two passages.") == "There are two passages."
    assert comment_of(None, "keep: nothing was asked") == "keep: nothing was asked"
    assert Recommendation.of(None) is None
    assert Recommendation.of(0.25) is None
