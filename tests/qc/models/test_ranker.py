import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
import torch

from data.errors import UsageError
from qc.models import outside_learners, ridge
from qc.models.features import Features
from qc.models.ranker import TESTED, YARDSTICK, accuracy_and_margin, prepare
from qc.models.ridge import PENALTY, Dual, Kernels, Primal, contrasts, targets
from qc.set_statistics.cross_validation_folds import folds
from qc.set_statistics.layer_statistics import Prepared, read
from qc.set_statistics.options import COLUMNS, Options

WORDS = np.array(
    [
        "oak",
        "elm",
        "ash",
        "fir",
        "yew",
        "box",
        "bay",
        "fig",
        "may",
        "pea",
        "rye",
        "hop",
        "sea",
        "bog",
        "fen",
        "tor",
        "dam",
        "lea",
        "wold",
        "moor",
    ],
)


def made_set(items: int, seed: int = 0, *, sizes: tuple[int, ...] = (4,), cue: float = 0.0) -> pd.DataFrame:
    """Options of random words, two items a passage; the key has `never` in it with probability `cue`."""
    drawn = np.random.default_rng(seed)
    lines = []
    for number in range(items):
        size = sizes[number % len(sizes)]
        options = [" ".join(drawn.choice(WORDS, drawn.integers(2, 6))) for _ in range(size)]
        key = int(drawn.integers(size))
        if drawn.random() < cue:
            options[key] += " never"
        passage = f"{number // 2} " + " ".join(np.random.default_rng([seed, number // 2]).choice(WORDS, 30))
        question = " ".join(drawn.choice(WORDS, 8)) + f" {number} {seed}?"
        lines.append([f"i{number:03}", "eng", f"g{number // 2}", passage, question, options, key])
    return pd.DataFrame(lines, columns=list(COLUMNS))


@pytest.fixture(scope="module")
def options() -> Options:
    return Options.of(made_set(60, sizes=(4, 2, 3)))


def test_contrasts_are_orthonormal_and_blind_to_what_all_options_share(options: Options) -> None:
    basis = contrasts(options).toarray()
    assert np.allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-6)
    assert np.allclose(basis @ options.item_of, 0, atol=1e-4)
    labellings = options.labellings(5, 1)
    is_key = np.zeros((len(options.item_of), 6))
    np.put_along_axis(is_key, labellings, 1, axis=0)
    assert np.allclose(targets(options, labellings), basis @ is_key, atol=1e-6)
    scores = torch.randn(len(basis), 3, generator=torch.Generator().manual_seed(1))
    assert np.allclose(Kernels(options).to_options(scores), basis.T @ scores.numpy(), atol=1e-6)


@pytest.mark.parametrize("dual", [0, 10**6])
def test_held_out_scores_are_those_of_plain_refits(options: Options, dual: int) -> None:
    from sklearn.linear_model import Ridge

    kernels = Kernels(options, dual=dual)
    blocks = [block for part in ("options", "question") for block in kernels._of(False).blocks(part)]  # type: ignore[arg-type]
    features = np.concatenate([kernels.basis @ kernels._scaled(block).toarray() for block in blocks], axis=1)
    features = features / len(blocks) ** 0.5
    labels = targets(options, options.labellings(3, 0))
    smoother = kernels.smoother("question+options")
    assert isinstance(smoother, Primal if dual == 0 else Dual)
    parted = folds(options, 5)
    tensor = torch.from_numpy(labels)
    for fold in range(5):
        rows = kernels.rows_of(np.flatnonzero(parted == fold))
        rest = np.setdiff1d(np.arange(len(labels)), rows)
        plain = Ridge(alpha=PENALTY, fit_intercept=False).fit(features[rest].astype(float), labels[rest])
        ours = smoother.held_out(tensor, smoother.solved(tensor), torch.from_numpy(rows)).numpy()
        assert np.abs(ours - plain.predict(features[rows].astype(float))).max() < 1e-4


def test_projected_features_keep_inner_products_on_average(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ridge, "WIDTH", 400)
    drawn = np.random.default_rng(0)
    block = sp.csr_array(sp.random(40, 900, 0.05, format="csr", rng=drawn), dtype=np.float32)
    narrow = ridge._narrowed(block)
    exact = (block @ block.T).toarray()
    assert narrow.shape == (40, 400)
    assert abs((narrow @ narrow.T - exact).mean()) < 0.02 * exact.diagonal().mean()


def test_told_by_hand() -> None:
    frame = made_set(2, sizes=(3, 2))
    options = Options.of(frame)
    assert options.sizes.tolist() == [3, 2]
    scores = torch.tensor([[1.0], [1.0], [-2.0], [0.5], [-0.5]])
    labellings = np.array([[0, 1, 2], [3, 4, 3]])
    accuracy, margin = accuracy_and_margin(options, scores, labellings)
    assert accuracy.tolist() == [0.75, 0.25, 0.5]
    sd = np.sqrt(6.5 / 5)
    assert np.allclose(margin, [(1.5 + 1) / 2 / sd, (1.5 - 1) / 2 / sd, (-3 + 1) / 2 / sd])
    assert np.allclose(
        accuracy_and_margin(options, scores.expand(5, 3).contiguous(), labellings), (accuracy, margin)
    )
    assert accuracy_and_margin(options, torch.zeros(5, 1), labellings)[0].tolist() == pytest.approx([5 / 12] * 3)


def test_a_cue_is_found_and_a_set_without_one_is_not() -> None:
    for cue, found in ((0.5, True), (0.0, False)):
        options = Options.of(made_set(120, 3, cue=cue))
        ranker: Prepared = prepare(options, folds(options))
        reading = read(ranker, options, options.labellings(199, 0))
        assert [one.name for one in reading.cues] == [name for name in TESTED for _ in range(2)]
        assert (abs(reading.z[0]) > 4) == found
        assert (reading.accuracy[0] > 0.4) == found
        assert reading.spread[0] == pytest.approx(0.25**0.5 * 0.75**0.5 / 120**0.5, rel=0.5)


def test_input_order_and_other_labellings_change_nothing() -> None:
    items = made_set(40, 5, cue=0.4)
    one, other = Options.of(items), Options.of(items.sample(frac=1, random_state=1))
    first, second = (
        prepare(part, folds(part), inputs=("options",)).measure(part.labellings(4, 0)) for part in (one, other)
    )
    assert first.statistic.tolist() == second.statistic.tolist()
    alone = prepare(one, folds(one), inputs=("options",)).measure(one.labellings(0, 0))
    assert np.allclose(alone.statistic[:, 0], first.statistic[:, 0], atol=1e-5)


def test_labellings_are_measured_in_stretches(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    ranker = prepare(options, folds(options), inputs=("options", "full"))
    labellings = options.labellings(40, 0)
    whole = ranker.measure(labellings)
    monkeypatch.setattr("qc.models.ranker._CELLS", 0)
    parts = ranker.measure(labellings)
    assert np.allclose(whole.statistic, parts.statistic, atol=1e-5)


def test_inputs_without_texts_are_left_out() -> None:
    options = Options.of(made_set(20).assign(passage=None))
    assert prepare(options, folds(options), inputs=TESTED + YARDSTICK).inputs == (
        "options", "question+options", "options, shuffled", "question+options, shuffled",
    )  # fmt: skip


def test_options_that_do_not_differ_are_a_guess() -> None:
    items = made_set(20).assign(options=[["yes", "yes"]] * 20, key=0)
    options = Options.of(items)
    measured = prepare(options, np.arange(20) % 5, inputs=("options",)).measure(options.labellings(3, 0))
    assert measured.accuracy.tolist() == [[0.5] * 4] * 2


def test_trained_on_other_items() -> None:
    outside, items = made_set(150, 7, cue=0.6), made_set(60, 8, cue=0.6)
    options = Options.of(items)
    copied = pd.concat([outside, items.assign(item_id="x" + items["item_id"], group="own")], ignore_index=True)
    rule = outside_learners.ranker(options, Options.of(copied), inputs=("options",))
    assert rule.trained_on == 150  # the set's own items are left out
    reading = read(rule, options, options.labellings(199, 0))
    assert reading.accuracy[0] > 0.5
    assert reading.p[0] == 1 / 200
    with pytest.raises(UsageError, match="name a file of other items"):
        outside_learners.ranker(options, options)


@pytest.mark.parametrize("dual", [0, 10**6])
def test_repeated_partitions_are_solved_as_single_ones_are(options: Options, dual: int) -> None:
    kernels = Kernels(options, dual=dual)
    labels = torch.from_numpy(targets(options, options.labellings(40, 0)))
    one, many = kernels.smoother("options"), Kernels(options, dual=dual).smoother("options")
    many.expect(100)
    rows = torch.from_numpy(kernels.rows_of(np.arange(0, 60, 4)))
    plain = one.held_out(labels, one.solved(labels), rows)
    few = labels[:, :3].contiguous()
    assert torch.allclose(many.held_out(few, many.solved(few), rows), plain[:, :3], atol=1e-4)


def test_other_inputs_of_the_same_texts(options: Options) -> None:
    labellings = options.labellings(3, 0)
    first = prepare(options, folds(options), inputs=("options",))
    first.measure(labellings)
    one, other = first.on(YARDSTICK), prepare(options, folds(options), inputs=YARDSTICK)
    assert np.allclose(one.measure(labellings).statistic, other.measure(labellings).statistic, atol=1e-5)


@pytest.mark.parametrize("rare", [0, 10, 10**6])
def test_kernels_of_frequent_and_rare_n_grams_add_up(
    options: Options, rare: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ridge, "_RARE", rare)
    kernels = Kernels(options)
    blocks = Features(options).blocks("question")
    differing = kernels.basis @ sp.hstack(blocks)
    assert np.allclose(kernels._gram(blocks).numpy(), (differing @ differing.T).toarray(), atol=1e-4)
