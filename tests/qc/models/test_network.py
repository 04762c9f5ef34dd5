import numpy as np
import pandas as pd
import pytest
import torch

from qc.models.network import Network, _scored
from qc.set_statistics.cross_validation_folds import folds
from qc.set_statistics.layer_statistics import Prepared, read
from qc.set_statistics.options import COLUMNS, Options

WORDS = np.array([f"{a}{b}" for a in ("ba", "de", "ki", "lo", "mu", "sa") for b in ("n", "ra", "ti", "so")])


def made_set(items: int, *, sizes: tuple[int, ...] = (4,), cue: float = 0.0) -> Options:
    drawn = np.random.default_rng(2)
    lines = []
    for number in range(items):
        options = [" ".join(drawn.choice(WORDS, 3)) for _ in range(sizes[number % len(sizes)])]
        key = int(drawn.integers(len(options)))
        if drawn.random() < cue:
            options[key] += " surely"
        passage = " ".join(drawn.choice(WORDS, 20))
        lines.append([f"i{number:03}", "eng", f"g{number}", passage, f"what {number}?", options, key])
    return Options.of(pd.DataFrame(lines, columns=list(COLUMNS)))


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_models_are_trained_side_by_side_as_alone() -> None:
    options = made_set(30, sizes=(4, 2, 3))
    network = Network(options, np.arange(30) % 3, seeds=2, inputs=("options", "full"))
    labellings = options.labellings(1, 0)
    together, alone = network.scores(labellings), network.scores(labellings, at_once=1)
    assert together.shape == (2, len(options.item_of), 2)
    assert np.abs(together - alone).max() < 1e-3
    assert np.abs(together[0] - together[1]).max() > 0.01
    assert np.abs(options.per_item(together[0])).max() < 1e-4
    again = Network(options, np.arange(30) % 3, seeds=2, inputs=("options", "full")).scores(labellings)
    assert again.tobytes() == together.tobytes()


def test_dense_bags_are_the_same_as_sparse_ones() -> None:
    options = made_set(20)
    parted = np.arange(20) % 2
    one, other = (Network(options, parted, seeds=1, dense=dense) for dense in (False, True))
    assert np.abs(one.scores(options.keys[:, None]) - other.scores(options.keys[:, None])).max() < 1e-3


def test_the_scorer_is_what_it_says() -> None:
    options = made_set(6, sizes=(3, 2))
    network = Network(options, np.arange(6) % 2, seeds=1)
    models = network.models(1).at(np.array([0, 2, 5]))
    assert list(zip(models.question, models.passage, models.fold, strict=True)) == [
        (0, 0, 0),
        (1, 0, 0),
        (0, 1, 1),
    ]
    weights, seen, batch = network._first(models), network._seen(models), network.batches[0]
    scores = _scored(weights, seen, batch).detach().numpy()
    bags = batch.bags[0].to_dense().numpy()
    for model in range(3):
        table = weights["table"].detach().numpy().reshape(4096, 3, 16)[:, model]
        vectors = bags @ table
        mixing, columns = weights["mixed"].detach().numpy()[model], weights["dense"].detach().numpy()[model]
        for item in range(6):
            question, passage = vectors[18 + item], vectors[24 + item]
            for place in range(3):
                own = vectors[item * 3 + place]
                asked, told = models.question[model], models.passage[model]
                mixed = np.concatenate([own, own * question * asked, own * passage * told])
                dense = batch.dense[item * 3 + place].numpy() * np.repeat([1, asked, told], [11, 15, 15])
                hidden = np.maximum(mixed @ mixing + dense @ columns, 0)
                expected = hidden @ weights["out"].detach().numpy()[model]
                if batch.beyond[item, place]:
                    assert scores[item, place, model] == -np.inf
                else:
                    assert scores[item, place, model] == pytest.approx(expected, abs=1e-4)


def test_what_is_held_out_is_not_seen() -> None:
    options = made_set(40)
    network = Network(options, np.arange(40) % 4, seeds=1, inputs=("options",))
    labellings = np.repeat(options.keys[:, None], 2, axis=1)
    held = np.flatnonzero(network.folds == 2)
    labellings[held, 1] = options.starts[held] + (labellings[held, 0] - options.starts[held] + 1) % 4
    scores = network.scores(labellings)[0]
    in_fold = np.isin(options.item_of, held)
    assert np.abs(scores[in_fold, 0] - scores[in_fold, 1]).max() < 1e-4  # other keys there change nothing there
    assert np.abs(scores[~in_fold, 0] - scores[~in_fold, 1]).max() > 1e-3


def test_a_cue_is_found_by_the_input_that_has_it() -> None:
    options = made_set(150, cue=0.8)
    network: Prepared = Network(options, folds(options, 5), seeds=1, inputs=("options", "passage+options"))
    reading = read(network, options, options.labellings(9, 0))
    assert [(one.name, one.statistic) for one in reading.cues[:2]] == [
        ("options", "accuracy"),
        ("options", "margin"),
    ]
    assert reading.accuracy[0] > 0.4
    assert reading.z[0] > 2


def test_inputs_without_texts_are_left_out() -> None:
    options = made_set(10)
    without = Options(options.items.assign(passage=None))
    assert Network(without, np.arange(10) % 2, inputs=("options", "passage+options", "full")).inputs == (
        "options",
    )


def test_what_is_never_held_out_is_trained_on_and_trained_once() -> None:
    options = made_set(40, cue=0.8)
    own = np.arange(40) < 12
    network = Network(options, np.where(own, 0, -1), seeds=1, inputs=("options",))
    assert len(network.models(1)) == 1
    labellings = np.repeat(options.keys[:, None], 2, axis=1)
    labellings[own, 1] = options.starts[own]  # of the set itself no key is seen
    scores = network.scores(labellings)[0]
    inside = own[options.item_of]
    assert np.allclose(scores[inside, 0], scores[inside, 1], atol=1e-5)
