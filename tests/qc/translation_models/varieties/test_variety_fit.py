"""Varieties are told apart from synthetic languages: words drawn from each one's own letters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from qc.translation_models.character_ngrams import legible, ngrams
from qc.translation_models.varieties.variety_fit import (
    NONE_OF_THESE,
    VarietyFit,
    VarietyText,
    confusable_sets,
    fit,
    fit_digest,
)

LETTERS = {
    "aaa_Latn": ("bdeginorst", " "),
    "bbb_Latn": ("aeiklmnpuz", " "),
    "heb_Hebr": ("אבגדהוזחטילמנ", " "),
    "arb_Arab": ("ابتجدرسعكلمنهوي", " "),
    "khm_Khmr": ("កខគងចឆជញដតទនបពមយរលវសហអ\u17b6\u17b7\u17c1", ""),
    "hin_Deva": ("कखगचजटडतदनपबमयरलवसह\u093e\u093f\u0940\u0947", " "),
}
TWIN = "twn_Arab"


def sentence(random: np.random.Generator, language: str) -> str:
    letters, space = LETTERS[language]
    shares = np.random.default_rng(len(letters)).dirichlet(np.ones(len(letters)))
    words = ("".join(random.choice(list(letters), random.integers(2, 8), p=shares)) for _ in range(14))
    return space.join(words)


def texts(documents: int = 100, seed: int = 0) -> list[VarietyText]:
    random, made = np.random.default_rng(seed), []
    for number in range(documents):
        for _ in range(3):
            for language in LETTERS:
                made.append(VarietyText(language, f"d{number}", sentence(random, language)))
            made.append(VarietyText(TWIN, f"d{number}", made[-3].text))  # what arb_Arab has, word for word
    return made


@pytest.fixture(scope="module")
def fitted() -> VarietyFit:
    return fit(texts(), 0.02, fitted_on="made up")


def test_correct_texts_are_rarely_doubted_and_texts_of_another_variety_are(fitted: VarietyFit) -> None:
    random = np.random.default_rng(7)
    doubts = []
    for language in LETTERS:
        given = [sentence(random, language) for _ in range(200)]
        right = fitted.read(given, [language] * 200)
        doubts.append(np.mean([one.flagged for one in right]))
        wrong = fitted.read(given, ["aaa_Latn" if language != "aaa_Latn" else "bbb_Latn"] * 200)
        assert np.mean([one.flagged for one in wrong]) > 0.97
    assert np.mean(doubts) < 0.03


def test_twins_are_confusable_and_neither_is_doubted_for_the_other(fitted: VarietyFit) -> None:
    assert fitted.confusable == dict.fromkeys(("arb_Arab", TWIN), frozenset({"arb_Arab", TWIN}))
    given = [sentence(np.random.default_rng(n), "arb_Arab") for n in range(50)]
    assert sum(bool(one.flagged) for one in fitted.read(given, [TWIN] * 50)) <= 3


def test_a_language_that_the_campaign_does_not_have_is_none_of_these(fitted: VarietyFit) -> None:
    stranger = "Εδώ είναι ένα κείμενο σε μια γλώσσα που κανείς δεν περίμενε να διαβάσει σήμερα το πρωί"
    (read,) = fitted.read([stranger], ["aaa_Latn"])
    assert (read.flagged, read.best) == (True, NONE_OF_THESE)
    (unknown,) = fitted.read([stranger], ["fra_Latn"])  # not among what was learned
    assert unknown.flagged is None and np.isnan(unknown.score)


def test_too_few_texts_give_no_answer() -> None:
    small = fit(texts(6), 0.02, fitted_on="")
    (read,) = small.read([texts(1)[0].text], ["aaa_Latn"])
    assert (read.flagged, read.best) == (None, "aaa_Latn")


def test_a_saved_fit_reads_the_same_and_a_damaged_one_is_none(fitted: VarietyFit, tmp_path: Path) -> None:
    fitted.save(tmp_path)
    again = VarietyFit.load(tmp_path, fitted.digest)
    assert again is not None
    given = [one.text for one in texts(2, seed=3)]
    languages = [one.language for one in texts(2, seed=3)]
    assert again.read(given, languages) == fitted.read(given, languages)
    file = tmp_path / f"{fitted.digest}.npz"
    file.write_bytes(file.read_bytes()[:500])
    assert VarietyFit.load(tmp_path, fitted.digest) is None
    assert VarietyFit.load(tmp_path, "none") is None


def test_the_digest_follows_the_texts_and_not_their_order() -> None:
    some = texts(2)
    assert fit_digest(some, 0.01) == fit_digest(some[::-1], 0.01)
    assert fit_digest(some, 0.01) != fit_digest(some[1:], 0.01)
    assert fit_digest(some, 0.01) != fit_digest(some, 0.02)


def test_sets_have_at_most_eight_and_need_mutual_confusion() -> None:
    names = [f"l{number:02}" for number in range(10)]
    everything = confusable_sets(names, np.ones((10, 10)))
    assert max(map(len, everything.values())) == 8
    assert confusable_sets(names, np.eye(10)) == {}


def test_ngrams_are_those_of_each_text_alone() -> None:
    some = ["ab", "", "\u0958ा", "𝔘x 12"]
    places, numbers = ngrams(some)
    for place, text in enumerate(some):
        assert sorted(numbers[places == place]) == sorted(ngrams([text])[1])
    assert legible("e\u0301 ١٢٣") == " é 0 "
    assert len(ngrams([])[0]) == 0
