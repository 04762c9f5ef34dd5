import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from data.errors import UsageError
from qc.models import checkpoint as checkpoint_folder
from qc.models import encoder
from qc.models.checkpoint import fingerprint
from qc.models.encoder import Encoder
from qc.set_statistics.options import COLUMNS, Options

WORDS = ["red", "kite", "flew", "over", "hill", "surely", "what", "was", "seen", "grey", "geese"]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT of random weights with a vocabulary of eleven words."""
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny-bert")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=40,
    )
    BertModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def options() -> Options:
    drawn = np.random.default_rng(0)
    lines = []
    for number in range(30):
        own = [" ".join(drawn.choice(WORDS[:5], 3)) for _ in range(2 + number % 2)]
        key = int(drawn.integers(len(own)))
        own[key] += " surely"
        passage = " ".join(drawn.choice(WORDS, 60))
        lines.append([f"i{number:02}", "eng", f"g{number}", passage, "what was seen", own, key])
    return Options.of(pd.DataFrame(lines, columns=list(COLUMNS)))


def test_held_out_scores_of_a_fine_tuned_checkpoint(
    checkpoint: Path, options: Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(encoder, "EPOCHS", 12)
    tuned = Encoder(options, np.arange(30) % 2, str(checkpoint), inputs=("options", "full"), rate=3e-3)
    labellings = options.keys[:, None]
    measured = tuned.measure(labellings)
    assert [one.name for one in tuned.cues] == ["options", "options", "full", "full"]
    assert measured.accuracy[0, 0] > 0.8  # `surely` is always right, and that is learned from the other half
    scores = tuned.scores(labellings)
    assert scores.shape == (2, len(options.item_of), 1)
    assert np.abs(options.per_item(scores[0])).max() < 1e-5
    assert tuned.scores(labellings).tobytes() == scores.tobytes()


def test_what_is_held_out_is_not_seen(checkpoint: Path, options: Options) -> None:
    tuned = Encoder(options, np.arange(30) % 3, str(checkpoint), inputs=("question+options",), rate=1e-2)
    labellings = np.repeat(options.keys[:, None], 2, axis=1)
    held = np.flatnonzero(tuned.folds == 1)
    labellings[held, 1] = options.starts[held]
    scores = tuned.scores(labellings)[0]
    in_fold = np.isin(options.item_of, held)
    assert (scores[in_fold, 0] == scores[in_fold, 1]).all()
    assert (scores[~in_fold, 0] != scores[~in_fold, 1]).any()


def test_log_probabilities_are_of_whole_items(checkpoint: Path, options: Options) -> None:
    read = Encoder(options, np.arange(30) % 2, str(checkpoint))
    read._model.eval()
    logs, first = read._logs(read._texts("passage+options"), np.array([0, 3, 7]))
    assert first.tolist() == [0, options.sizes[0], options.sizes[0] + options.sizes[3]]
    assert np.allclose(np.add.reduceat(logs.exp().detach().numpy(), first), 1, atol=1e-5)


def test_what_is_no_checkpoint(tmp_path: Path, options: Options, checkpoint: Path) -> None:
    def opened(folder: Path) -> Any:
        return Encoder(options, np.arange(30) % 2, str(folder))

    with pytest.raises(UsageError, match="there is no such folder"):
        opened(tmp_path / "none")
    with pytest.raises(UsageError, match=r"there is no config\.json in it"):
        opened(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(UsageError, match="there are no weights in it"):
        opened(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nonsense")
    with pytest.raises(UsageError, match="transformers cannot open it"):
        opened(tmp_path)
    assert len(fingerprint(str(checkpoint))) == 64
    assert fingerprint(str(checkpoint)) == fingerprint(str(checkpoint)) != fingerprint(str(tmp_path))


def test_without_transformers(checkpoint: Path, options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint_folder, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"pip install 'belebele-maker\[encoder\]'"):
        Encoder(options, np.arange(30) % 2, str(checkpoint))
