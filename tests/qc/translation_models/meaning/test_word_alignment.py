"""Word alignment: what a few parallel texts teach, that it is saved as it judges, and pairs alone."""

import pickle

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from qc.translation_models.meaning.word_alignment import EXPLAINED, Vocabulary, WordAlignment, whole

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


def counts(draw: np.random.Generator, texts: int, units: int) -> sparse.csr_matrix:
    return sparse.csr_matrix(draw.poisson(0.4, (texts, units)).astype(np.float64))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 7))
def test_pairs_alone_get_the_ratios_of_all_with_all(seed: int, sources: int, targets: int) -> None:
    draw = np.random.default_rng(seed)
    lexicon = WordAlignment(counts(draw, 40, 12), counts(draw, 40, 15)).onward
    explained, target = lexicon.explained(counts(draw, sources, 12)), counts(draw, targets, 15)
    every = lexicon.log_ratios(explained, target)
    known = target @ (lexicon.usual > 0).astype(np.float64)
    plainly = (explained @ target.T).toarray() + np.log(1 - EXPLAINED) * known
    assert every.flags.c_contiguous
    assert np.array_equal(every, plainly)
    pairs = draw.integers(0, sources, 11), draw.integers(0, targets, 11)
    assert np.array_equal(lexicon.log_ratios_of_pairs(explained, target, pairs), every[pairs])
