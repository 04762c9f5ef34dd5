"""What an author is told, on questions whose faults one can see."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from qc.feedback.author_feedback import DraftQuestion, noticed, read_by
from qc.feedback.meter_reading import ShownReading, about_meter, is_about_meter, metered, shown_reading
from qc.feedback.shortcut_meter import Leaning, MeterReading
from qc.feedback.similar_questions import SimilarityIndex

GOOD = DraftQuestion(
    "boats-q1",
    "eng_Latn",
    ("Amina mends boats beside the river.", "In the rainy season she keeps her tools in a hut on the hill."),
    "Where are the tools of Amina while it rains?",
    ("Up in a shelter", "Under the old bridge", "At her uncle's house", "Inside the largest boat"),
    0,
)
NOTHING = SimilarityIndex()


def test_of_a_good_question_nothing_is_said() -> None:
    assert noticed(GOOD, NOTHING) == []


def test_what_is_missing_is_said_and_nothing_else_found_in_it() -> None:
    empty = replace(GOOD, question="", answers=("", "", "", ""), key=None)
    (said,) = noticed(empty, NOTHING)
    assert said.startswith("Not seen yet: the question, answers 1, 2, 3 and 4 and which answer is correct.")


def test_the_longest_key_is_told_with_by_how_much() -> None:
    long = replace(GOOD, answers=("Up in a small shelter that somebody had built there", *GOOD.answers[1:]))
    assert "The correct answer is the longest, by 6 words." in noticed(long, NOTHING)
    short = replace(GOOD, answers=("Upstairs", *GOOD.answers[1:]))
    assert "The correct answer is the shortest, by 3 words." in noticed(short, NOTHING)


def test_an_answer_that_stands_in_the_passage_is_told() -> None:
    copied = replace(GOOD, answers=(GOOD.answers[0], "In a hut on the hill", *GOOD.answers[2:]))
    assert "Answer 2 stands word for word in the passage: “In a hut on the hill”." in noticed(copied, NOTHING)


def test_equal_answers_and_doubled_questions_are_told() -> None:
    known = SimilarityIndex(
        [("boats-q1", GOOD.question), ("boats-q2", "Where are the tools of Amina when it rains?")]
    )
    said = noticed(replace(GOOD, answers=(*GOOD.answers[:3], "under the OLD bridge.")), known)
    assert "Answers 2 and 4 are the same: “Under the old bridge”." in said
    assert any(
        one.startswith("A question that was written before is 7") and "when it rains" in one for one in said
    )


def test_the_meters_words_tell_chance_and_which_way_it_moved() -> None:
    read = MeterReading(0.2, -0.3, (Leaning("of", False, -0.1), Leaning("length", True, -0.2)))
    said = metered(read, 4, 0.5)
    assert said.endswith("with 20 % (chance 25 %), 30 down since your last change; against it speak length, “of”.")
    assert metered(MeterReading(0.25, 0.0, ()), 4, 0.251).endswith("(chance 25 %), as before.")
    assert metered(MeterReading(0.25, 0.0, ()), 4, None).endswith("(chance 25 %).")


def test_the_meter_waits_for_all_there_is() -> None:
    from qc.feedback.shortcut_meter import FOLDS, NAMED, WIDTH, Meter, np

    blank = Meter(np.zeros((FOLDS, WIDTH)), np.zeros((FOLDS, len(NAMED))), 20, 0.25, "v")
    assert read_by(blank, replace(GOOD, key=None)) is None
    read = read_by(blank, GOOD)
    assert read is not None and read.probability == 0.25


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.lists(st.text(max_size=40), min_size=4, max_size=4), st.sampled_from([0, 3, None]))
def test_whatever_is_written_gets_sentences(question: str, answers: list[str], key: int | None) -> None:
    written = replace(GOOD, question=question, answers=tuple(answers), key=key)
    assert all(isinstance(one, str) and one for one in noticed(written, SimilarityIndex([("x", question)])))


def test_likeness_is_jaccards_index_of_5_grams() -> None:
    held = SimilarityIndex([("a", "abcdef"), ("b", "zzzzz")])
    near = held.nearest("abcdeg")  # " abcdeg ": 4 grams, of which " abcd" and "abcde" are shared
    assert near is not None and near.subject == "a" and near.likeness == 2 / 6
    assert held.nearest("abcdef", but="a") is None
    assert held.nearest("") is None and SimilarityIndex().nearest("abcdef") is None


@given(
    probability=st.floats(0, 1),
    before=st.none() | st.floats(0, 1),
    version=st.text("0123456789abcdef", min_size=8, max_size=32),
    items=st.integers(1, 10**6),
    others=st.lists(st.sampled_from(["Nothing was noticed.", "Answer 1 is much longer than the others."])),
)
def test_the_reading_that_was_shown_is_read_back(probability, before, version, items, others):
    said = [*others, metered(MeterReading(probability, 0.5, ()), 4, before), about_meter(version, items, 0.31)]
    assert shown_reading("\n".join(said)) == ShownReading(version[:8], float(f"{probability:.0%}"[:-1]) / 100)
    assert shown_reading("\n".join(others)) is None
    assert [line for line in said if is_about_meter(line)] == said[-1:]
