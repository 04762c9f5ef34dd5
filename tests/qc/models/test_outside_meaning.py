"""Models of meaning in local folders: what they tell is weighed, and one that knows finds more pasted options."""

from __future__ import annotations

import json
import pickle
import random
from pathlib import Path

import numpy as np
import pytest

from data.errors import UsageError
from qc.models.outside_meaning import FolderEncoder, FolderEstimator
from qc.translation_models.meaning.meaning_model import MeaningModel, Rates
from qc.translation_models.meaning.parallel_cuts import ParallelText
from qc.translation_models.outside_models import OutsideModels
from tests.tiny_models import encoder_folder, estimator_folder

OWN = [
    f"{a}{b}{c}{d}"
    for a in "bdfghjklmnprstvz"
    for b in "aeiou"
    for c in ("nt", "rk", "sh", "l", "mp")
    for d in "aeo"
]
OTHER = ["".join(random.Random(number).choices("ابتجدرسشعفقكلمنهي", k=6)) for number in range(len(OWN))]
MEANS = dict(zip(OWN, OTHER, strict=True))


@pytest.fixture(scope="module")
def vectors() -> dict[str, list[float]]:
    draw = np.random.default_rng(0)
    found = {}
    for own, other in MEANS.items():
        found[own] = found[other] = draw.normal(size=32).tolist()
    return found


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory, vectors: dict[str, list[float]]) -> dict[str, Path]:
    at, words = tmp_path_factory.mktemp("models"), [*OWN, *OTHER]
    return {
        "knowing": encoder_folder(at / "knowing", vectors, words),
        "random": encoder_folder(at / "random", None, words),
        "estimator": estimator_folder(at / "estimator", words),
        "classes": estimator_folder(at / "classes", words, outputs=2),
    }


def text(draw: random.Random, count: int) -> str:
    return " ".join(draw.choices(OWN, k=count))


def rendered(source: str) -> str:
    return " ".join(MEANS[word] for word in source.split())


def sentences(seed: int, count: int) -> list[ParallelText]:
    draw = random.Random(seed)
    own = [text(draw, 4) for _ in range(count)]
    return [ParallelText(one, rendered(one), f"d{seed}-{row // 4}") for row, one in enumerate(own)]


def pasted_found(model: MeaningModel) -> tuple[float, float]:
    """The shares of pasted-in and of correct options that are flagged."""
    texts = sentences(7, 120)
    scores = model.scores([one.source for one in texts], [one.target for one in texts])
    line = model.calibrations["option_meaning"].threshold("arb_Arab", len(texts[0].source))
    assert line is not None
    flags = scores < line
    return float(flags[~np.eye(len(texts), dtype=bool)].mean()), float(np.diagonal(flags).mean())


def test_an_encoder_that_knows_finds_more_pasted_options(folders: dict[str, Path]) -> None:
    known = sentences(1, 320)

    def learned(models: OutsideModels | None) -> MeaningModel:
        return MeaningModel("arb_Arab", known, rates=Rates(option_meaning=0.01), folds=2, models=models)

    encoder = FolderEncoder(str(folders["knowing"]))
    alone, knowing, blind = (
        pasted_found(learned(models))
        for models in (None, OutsideModels(encoder), OutsideModels(FolderEncoder(str(folders["random"]))))
    )
    assert knowing[0] > alone[0] + 0.1 and knowing[0] > 0.95
    assert abs(blind[0] - alone[0]) < 0.15, "one that knows nothing is weighed at next to nothing"
    assert max(alone[1], knowing[1], blind[1]) <= 0.05


def test_a_saved_model_takes_the_encoder_again(folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    models = OutsideModels(FolderEncoder(str(folders["knowing"])), FolderEstimator(str(folders["estimator"])))
    model = MeaningModel("arb_Arab", sentences(1, 240), folds=2, models=models)
    saved = pickle.loads(pickle.dumps(model))
    asked = ["banta barke", "desho fila"], [rendered("banta barke"), rendered("fila desho")]
    encoder = FolderEncoder(str(folders["knowing"]))
    read: list[str] = []
    inner = encoder.vectors
    monkeypatch.setattr(encoder, "vectors", lambda texts: [read.extend(texts), inner(texts)][1])
    saved.join(model.source, OutsideModels(encoder, models.quality))
    assert np.abs(saved.scores(*asked) - model.scores(*asked)).max() < 1e-9
    assert set(read) == {*asked[0], *asked[1]}, "the texts that these are held against are read once for ever"


def test_vectors_and_estimates(folders: dict[str, Path]) -> None:
    encoder = FolderEncoder(str(folders["knowing"]))
    found = encoder.vectors(["banta barke", rendered("banta barke"), "desho", "banta barke"])
    assert found.shape == (4, 32) and np.allclose(np.linalg.norm(found, axis=1), 1)
    assert found[0] @ found[1] > 0.99 > 0.5 > found[0] @ found[2]
    assert (found[0] == found[3]).all() and encoder.vectors([]).shape[0] == 0
    estimator = FolderEstimator(str(folders["estimator"]))
    told = estimator.estimates(["banta", "desho", "banta"], ["fila", "fila", "fila"])
    assert told.shape == (3,) and told[0] == told[2] != told[1]


def test_a_folder_of_sentence_transformers(folders: dict[str, Path], tmp_path: Path) -> None:
    import torch
    from safetensors.torch import save_file

    folder = tmp_path / "modular"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "2_Dense").mkdir()
    for file in folders["knowing"].iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    kinds = [("Transformer", ""), ("Pooling", "1_Pooling"), ("Dense", "2_Dense"), ("Normalize", "3_Normalize")]
    modules = [{"type": f"sentence_transformers.models.{kind}", "path": path} for kind, path in kinds]
    (folder / "modules.json").write_text(json.dumps(modules))
    pooling = folder / "1_Pooling" / "config.json"
    pooling.write_text(json.dumps({"pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True}))
    dense = {"in_features": 32, "out_features": 3, "bias": False,
             "activation_function": "torch.nn.modules.linear.Identity"}  # fmt: skip
    (folder / "2_Dense" / "config.json").write_text(json.dumps(dense))
    save_file({"linear.weight": torch.eye(32)[:3].contiguous()}, str(folder / "2_Dense" / "model.safetensors"))
    whole = FolderEncoder(str(folders["knowing"])).vectors(["desho fila"])[0, :3]
    cut = FolderEncoder(str(folder)).vectors(["desho fila"])
    assert cut.shape == (1, 3) and np.allclose(cut[0], whole / np.linalg.norm(whole), atol=1e-5)
    pooling.write_text(json.dumps({"pooling_mode_weightedmean_tokens": True}))
    with pytest.raises(UsageError, match="pooling_mode_weightedmean_tokens is not understood"):
        FolderEncoder(str(folder))
    (folder / "modules.json").write_text(json.dumps([*modules, {"type": "x.WordWeights", "path": "4"}]))
    with pytest.raises(UsageError, match=r"modules\.json has WordWeights"):
        FolderEncoder(str(folder))


def test_what_is_no_estimator(folders: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--qe .*: it gives 2 numbers for a pair"):
        FolderEstimator(str(folders["classes"]))
    with pytest.raises(UsageError, match=r"--qe .*: its weights lack classifier"):
        FolderEstimator(str(folders["knowing"]))
    with pytest.raises(UsageError, match=r"--qe .*: there is no such folder"):
        FolderEstimator(str(tmp_path / "none"))
