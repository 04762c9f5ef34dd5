"""Faults made by rule: each is the fault that it says, and nothing else is changed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from qc.reviewers.planted_faults import FAULTS, FullItem, clauses_of, faulty, in_order

HUT = FullItem(
    question="Where does Amina keep her tools in the rainy season?",
    answers=("In a hut on the hill", "Under the old bridge", "At her grandfather's house", "Inside the boat"),
    key=1,
    passage_id="boats",
    sentences=(
        "Amina mends boats beside the river.",
        "She learnt the work from her grandfather.",
        "In the rainy season the water rises, so she keeps her tools in a hut on the hill.",
    ),
    evidence=(3,),
)
OTHERS = {
    "bakery": ["The village bakery opens before sunrise.", "What is left over goes to the school."],
    "workshop": ["In the rainy season Amina's neighbour keeps his tools in the church.", "He mends roofs."],
}


def test_a_wrong_key_is_another_answer_and_all_else_stays():
    made = faulty("wrong_key", HUT, {}, "seed")
    assert made is not None
    assert made.key in (2, 3, 4)
    assert replace(made, key=1) == HUT


def test_a_second_right_answer_is_a_clause_that_states_the_key():
    made = faulty("two_right", HUT, {}, "seed")
    assert made is not None
    assert made.key == 1
    assert made.answers[0] == HUT.answers[0]
    assert "So she keeps her tools in a hut on the hill" in made.answers[1:]
    assert sum(before != now for before, now in zip(HUT.answers, made.answers, strict=True)) == 1


def test_an_earlier_wording_of_the_key_is_the_better_second_answer():
    made = faulty("two_right", replace(HUT, wordings=("In the hut uphill",)), {}, "seed")
    assert made is not None
    assert "In the hut uphill" in made.answers


def test_there_is_no_second_right_answer_where_nothing_states_the_key():
    assert faulty("two_right", replace(HUT, answers=("Up there", *HUT.answers[1:])), {}, "seed") is None


def test_without_its_evidence_a_passage_answers_nothing():
    made = faulty("unanswerable", HUT, OTHERS, "seed")
    assert made is not None
    assert (made.passage_id, made.sentences) == ("boats", HUT.sentences[:2])


def test_evidence_that_is_not_the_only_one_is_left_and_another_passage_shown():
    made = faulty("unanswerable", replace(HUT, evidence=(1,)), OTHERS, "seed")
    assert made is not None
    assert made.passage_id == "workshop"  # the one most like it in words


def test_where_there_is_no_other_passage_nothing_is_made():
    assert faulty("unanswerable", replace(HUT, evidence=()), {}, "seed") is None


def test_a_cue_makes_the_key_the_longest_by_far_with_words_of_the_passage():
    made = faulty("cue", HUT, {}, "seed")
    assert made is not None
    key, *rest = made.answers
    assert key.startswith("In a hut on the hill (")
    assert key.split("(")[1].rstrip(")") in " ".join(HUT.sentences)
    assert len(key) > 1.3 * max(map(len, rest))
    assert tuple(rest) == HUT.answers[1:]


def test_a_sound_copy_is_the_question_itself():
    assert faulty("sound", HUT, OTHERS, "seed") == HUT


def test_a_language_without_spaces_or_latin_letters_is_served_too():
    item = FullItem(
        question="雨季阿米娜把工具放在哪里？",
        answers=("山上的小屋里", "旧桥下面", "她祖父家", "最大的船里"),
        key=1,
        passage_id="boats",
        sentences=("阿米娜在河边修船。", "雨季河水上涨，所以她把工具放在山上的小屋里。"),
    )
    two = faulty("two_right", item, {}, "seed")
    cued = faulty("cue", item, {}, "seed")
    assert two is not None
    assert "所以她把工具放在山上的小屋里" in two.answers
    assert cued is not None
    assert cued.answers[0].startswith("山上的小屋里 (")


def test_clauses_leave_numbers_whole():
    assert clauses_of("It cost 1,500 francs, or 2.5 % more; he paid.") == [
        "It cost 1,500 francs",
        "or 2.5 % more",
        "he paid",
    ]


def test_kinds_are_tried_in_an_order_of_their_own_for_every_question():
    orders = {tuple(in_order(FAULTS, str(seed))) for seed in range(50)}
    assert len(orders) > 20
    assert all(set(order) == set(FAULTS) for order in orders)


texts = some.text(min_size=1, max_size=40)


@pytest.mark.parametrize("fault", FAULTS)
@given(
    question=texts,
    answers=some.tuples(texts, texts, texts, texts),
    key=some.integers(1, 4),
    sentences=some.lists(texts, min_size=1, max_size=4),
    evidence=some.lists(some.integers(1, 4), max_size=2),
    others=some.dictionaries(some.sampled_from(["a", "b", "own"]), some.lists(texts, min_size=1), max_size=3),
)
def test_any_text_goes_in_and_the_same_comes_out_twice(fault, question, answers, key, sentences, evidence, others):
    item = FullItem(question, answers, key, "own", tuple(sentences), tuple(evidence))
    made = faulty(fault, item, others, "seed")
    assert made == faulty(fault, item, others, "seed")
    if made is not None:
        assert len(made.answers) == 4
        assert 1 <= made.key <= 4
        assert made.question == question
