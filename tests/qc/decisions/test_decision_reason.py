"""What the reason of a decision says as facts is what its text says, whatever people wrote."""

from hypothesis import given
from hypothesis import strategies as st

from qc.decisions.decision_reason import Kept, KeptBy, SentBack, parse

words = st.text(min_size=1).filter(lambda text: "\n• " not in text)
wrote = words.filter(lambda text: "readers chose the key" not in text and "; judged by people" not in text)
names = st.lists(st.sampled_from(["language_identified", "untranslated", "numbers_kept"]), max_size=3).map(tuple)
notes = st.lists(words, max_size=3).map(tuple)
answered = st.tuples(st.integers(0, 9), st.integers(1, 9)) | st.just((0, 0))

kept = st.one_of(
    st.builds(
        lambda by, read, unjudged, noted: Kept(by, "", 0, 0, *read, unjudged, noted),
        st.sampled_from([KeptBy.CHECKS, KeptBy.EVERYBODY]), answered, names, notes,
    ),
    st.builds(
        lambda text, read, unjudged, noted: Kept(KeptBy.ADJUDICATOR, text, 0, 0, *read, unjudged, noted),
        wrote.map(lambda text: text.rstrip(".")).filter(bool), answered, names, notes,
    ),
    st.builds(
        lambda objected, asked, read, unjudged, noted: Kept(
            KeptBy.MAJORITY, "", objected, asked, *read, unjudged, noted
        ),
        st.integers(1, 4), st.integers(1, 9), answered, names, notes,
    ),
)  # fmt: skip


@given(reason=kept)
def test_why_something_is_kept_is_read_as_it_was_written(reason: Kept) -> None:
    assert parse(reason.text()) == reason
    assert reason.text().startswith(reason.sentence.removesuffix("."))


@given(reason=st.builds(SentBack, st.sampled_from(["revise", "drop"]), notes))
def test_why_something_goes_back_is_read_as_it_was_written(reason: SentBack) -> None:
    assert parse(reason.text()) == reason


@given(text=st.text())
def test_the_words_of_a_lead_are_nobodys_facts(text: str) -> None:
    found = parse(text)
    assert found is None or found.text() == text


def test_what_is_told_of_a_dispute() -> None:
    reason = Kept(KeptBy.MAJORITY, "", 1, 4, 3, 4, ("language_identified",), ("option 1 is long",))
    assert reason.after_dispute
    assert not Kept(KeptBy.EVERYBODY).after_dispute
    assert reason.sentence == (
        "Most reviewers keep it: 1 of 4 objected and were outvoted; "
        "3 of 4 readers chose the key without knowing it."
    )
    assert parse("Two answers are right.") is None
