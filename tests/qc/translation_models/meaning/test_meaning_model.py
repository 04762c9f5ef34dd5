"""Many items are scored in one pass; one item alone, reckoned step by step and densely, gets the same scores."""

import pickle
import random

import numpy as np
import pytest

from qc.translation_models.meaning.bitext_side import SourceSide
from qc.translation_models.meaning.meaning_model import Asked, MeaningModel, size_of
from qc.translation_models.meaning.parallel_cuts import ParallelText
from qc.translation_models.meaning.sentence_similarity import Side
from qc.translation_models.meaning.word_alignment import EXPLAINED
from qc.translation_models.outside_models import OutsideModels
from qc.translation_models.shared_sounds import rarity

WORDS = [
    "boat",
    "river",
    "night",
    "seven",
    "people",
    "bridge",
    "never",
    "water",
    "cold",
    "stone",
    "letter",
    "king",
]
OTHER = {
    "tha_Thai": "เรือ แม่น้ำ คืน เจ็ด คน สะพาน ไม่เคย น้ำ เย็น หิน จดหมาย กษัตริย์",
    "heb_Hebr": "סירה נהר לילה שבע אנשים גשר מעולם מים קר אבן מכתב מלך",
    "mya_Mymr": "လှေ မြစ် ည ခုနစ် လူ တံတား ဘယ်တော့မှ ရေ အေး ကျောက် စာ ဘုရင်",
}
JOINED = {"tha_Thai": "", "heb_Hebr": " ", "mya_Mymr": ""}


def rendered(code, text):
    known = dict(zip(WORDS, OTHER[code].split(), strict=True))
    return ", ".join(JOINED[code].join(known[word] for word in part.split()) for part in text.split(", "))


def drawn(draw, count):
    return " ".join(draw.choices(WORDS, k=count))


def parallel(code):
    draw = random.Random(1)
    texts = [", ".join(drawn(draw, draw.randint(2, 9)) for _ in range(2)) for _ in range(240)]
    return [ParallelText(text, rendered(code, text), f"d{row // 4}") for row, text in enumerate(texts)]


@pytest.fixture(scope="module")
def models():
    found, source = {}, None
    for code in OTHER:
        found[code] = MeaningModel(code, parallel(code), folds=2, source=source)
        source = found[code].source
    return found


def items(code, count):
    draw = random.Random(code)
    made = []
    for place in range(count):
        sources = tuple(drawn(draw, draw.randint(1, 10)) for _ in range(4))
        made.append(Asked(sources, tuple(rendered(code, text) for text in sources), f"d{place}"))
    made.append(Asked(("boat", "seven people"), (rendered(code, "boat"), "zzzz"), "unknown"))
    made.append(Asked(("boat",), ("",), "d3"))
    return made


def log_ratio(lexicon, source, target):
    """One text with one other, unit by unit."""
    present = np.flatnonzero(source)
    found = 0.0
    for unit in np.flatnonzero((target > 0) & (lexicon.usual > 0)):
        chance = lexicon.table[present, unit].sum()
        by_source = EXPLAINED * chance / max(1, len(present)) if len(present) else 0.0
        by_chance = (1 - EXPLAINED) * lexicon.usual[unit]
        found += target[unit] * (np.log((by_source + by_chance) / by_chance) + np.log(1 - EXPLAINED))
    return found


def plain_score(model, fold, sources, targets, i, j):
    sides, alignment = (model.source, model._target), model._folds[fold].alignment

    def words(source, target):
        counts = source[0], target[0]
        onward, back = log_ratio(alignment.onward, *counts), log_ratio(alignment.back, *counts[::-1])
        rare = rarity(*(side.sound_counts[fold] for side in sides), len(sides[0].rows[fold]))
        return np.array([onward, back, source[1] @ target[1], (source[2] * target[2] * rare).sum()])

    def read(side, texts):
        return one_by_one(side.read(fold, texts))

    def one_by_one(some):
        return list(zip(some.stems.toarray(), some.described, some.sounds.toarray(), strict=True))

    (source,), (target,) = read(sides[0], [sources[i]]), read(sides[1], [targets[j]])
    features = []
    by_source = [words(source, other) for other in one_by_one(sides[1].others(fold, size_of(sources[i])))]
    by_target = [words(other, target) for other in one_by_one(sides[0].others(fold, size_of(sources[j])))]
    for witness, word in enumerate(words(source, target)):
        for others in (np.array(by_source)[:, witness], np.array(by_target)[:, witness]):
            features += [word - np.sort(others)[-4:].mean(), (word - others.mean()) / (others.std() + 1e-3)]
            features[-1] = min(30, max(-10, features[-1]))
        features.append(word)
    ratio = np.log1p(len(targets[j])) - np.log1p(len(sources[i]))
    weights = model._folds[fold].weights[size_of(sources[i])]
    return np.array([*features, ratio, ratio**2]) @ weights[:-1] + weights[-1]


@pytest.mark.parametrize("code", OTHER)
def test_many_at_once_score_as_one_alone_reckoned_plainly(code, models):
    model = models[code]
    asked = items(code, 30)
    scores = model.scores_of(asked)
    for place, i, j in ((0, 0, 0), (7, 1, 3), (30, 1, 0), (31, 0, 0)):
        one = asked[place]
        fold = model.source.fold_of.get(one.document, 0)
        plain = plain_score(model, fold, one.sources, one.targets, i, j)
        assert scores[place][i, j] == pytest.approx(plain, abs=1e-4)  # single precision


def test_portions_and_repetitions_change_nothing(models, monkeypatch):
    model = models["heb_Hebr"]
    asked = items("heb_Hebr", 40)
    together = model.scores_of(asked)
    monkeypatch.setattr("qc.translation_models.meaning.meaning_model._AT_ONCE", 10)
    monkeypatch.setattr("qc.translation_models.meaning.meaning_model._ANSWERS", 5)
    model._answers.clear()
    for one, other in zip(together, model.scores_of([*asked, asked[0]]), strict=False):
        assert np.abs(one - other).max() < 1e-4
    assert np.array_equal(model.scores_of([asked[3]])[0], model.scores(*asked[3]))
    assert model.scores_of([]) == []


def test_a_side_of_the_source_is_shared_and_saved_apart(models):
    first, second = models["tha_Thai"], models["mya_Mymr"]
    assert first.source is second.source
    alone = pickle.loads(pickle.dumps(second))
    assert not hasattr(alone, "source")
    alone.join(pickle.loads(pickle.dumps(first.source)), OutsideModels())
    asked = items("mya_Mymr", 5)
    second._answers.clear()
    for one, other in zip(second.scores_of(asked), alone.scores_of(asked), strict=True):
        assert np.array_equal(one, other)
    strange = SourceSide(["a text of its own"] * 8, [f"d{row}" for row in range(8)], 2)
    learned = MeaningModel("heb_Hebr", parallel("heb_Hebr"), folds=2, source=strange)
    assert learned.source.digest == models["heb_Hebr"].source.digest


def test_sources_are_read_once_in_whatever_order_each_language_has_its_items(models, monkeypatch):
    draw = random.Random(5)
    items = [([drawn(draw, 1 + place) for place in range(4)], f"d{row % 5}") for row in range(12)]
    read = []
    described = Side.described
    monkeypatch.setattr(Side, "described", lambda side, counts: read.append(side) or described(side, counts))
    for turn, (code, model) in enumerate(models.items()):
        draw.shuffle(items)
        asked = [
            Asked(tuple(some), tuple(rendered(code, text) for text in some), document) for some, document in items
        ]
        read.clear()
        alone = model.scores_of(asked)
        sources = [side for side in read if side in model.source._folds]
        assert read
        assert turn == 0 or not sources
        backwards = pickle.loads(pickle.dumps(model))
        backwards.join(model.source, OutsideModels())
        again = backwards.scores_of(asked[::-1])[::-1]
        assert all(np.array_equal(one, other) for one, other in zip(alone, again, strict=True))
