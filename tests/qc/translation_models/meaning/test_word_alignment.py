"""Word alignment: what a few parallel texts teach, and that it is saved as it judges."""

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.translation_models.meaning.word_alignment import Vocabulary, WordAlignment, whole

COMMON = [("red", "rojo")] * 3 + [("green", "verde")] * 3
SENTENCES = [*COMMON, ("red green lute oboe", "rojo verde laud oboi")]


def learned(texts: list[tuple[str, str]]) -> tuple[WordAlignment, Vocabulary, Vocabulary]:
    sources, targets = [one for one, _ in texts], [other for _, other in texts]
    source, target = Vocabulary([whole], sources), Vocabulary([whole], targets)
    return WordAlignment(source.counts(sources), target.counts(targets)), source, target


def chance(word: str, rendering: str, texts: list[tuple[str, str]]) -> float:
    alignment, source, target = learned(texts)
    places = source.counts([word]).indices[0], target.counts([rendering]).indices[0]
    return float(alignment.onward.table[places])


def test_a_word_that_was_met_once_stands_for_nothing_that_another_explains() -> None:
    assert chance("red", "rojo", SENTENCES) > 0.9
    assert chance("lute", "rojo", SENTENCES) < 0.01
    assert chance("lute", "laud", SENTENCES) > 0.4


def test_a_cut_parts_the_words_that_were_met_in_one_sentence_alone() -> None:
    cut = [*SENTENCES, ("lute", "laud")]
    assert chance("lute", "oboi", SENTENCES) > 0.4
    assert chance("lute", "oboi", cut) < 0.1 < chance("lute", "laud", cut)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.text("abcd ", max_size=8)] * 2), max_size=6))
def test_any_texts_give_probabilities_and_a_saved_one_judges_alike(texts: list[tuple[str, str]]) -> None:
    alignment, source, target = learned(texts)
    saved = pickle.loads(pickle.dumps(alignment))
    counts = source.counts([one for one, _ in texts]), target.counts([other for _, other in texts])
    for lexicon, again, (given_texts, told) in (
        (alignment.onward, saved.onward, counts), (alignment.back, saved.back, counts[::-1]),
    ):  # fmt: skip
        assert np.isfinite(lexicon.table.data).all() and (lexicon.table.sum(axis=1) < 1.02).all()
        ratios = lexicon.log_ratios(lexicon.explained(given_texts), told)
        assert (ratios == again.log_ratios(again.explained(given_texts), told)).all()
