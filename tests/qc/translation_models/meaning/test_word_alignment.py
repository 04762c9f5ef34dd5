"""What an alignment says of a few pairs is to the bit what it says of them among all."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from qc.translation_models.meaning.word_alignment import EXPLAINED, Lexicon


def counts(draw: np.random.Generator, texts: int, units: int) -> sparse.csr_matrix:
    return sparse.csr_matrix(draw.poisson(0.4, (texts, units)).astype(np.float64))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 1000), st.integers(1, 9), st.integers(1, 7))
def test_pairs_alone_get_the_ratios_of_all_with_all(seed: int, sources: int, targets: int) -> None:
    draw = np.random.default_rng(seed)
    lexicon = Lexicon.learned(counts(draw, 40, 12), counts(draw, 40, 15))
    explained, target = lexicon.explained(counts(draw, sources, 12)), counts(draw, targets, 15)
    every = lexicon.log_ratios(explained, target)
    known = target @ (lexicon.usual > 0).astype(np.float64)
    plainly = (explained @ target.T).toarray() + np.log(1 - EXPLAINED) * known
    assert every.flags.c_contiguous
    assert np.array_equal(every, plainly)
    pairs = draw.integers(0, sources, 11), draw.integers(0, targets, 11)
    assert np.array_equal(lexicon.log_ratios_of_pairs(explained, target, pairs), every[pairs])
