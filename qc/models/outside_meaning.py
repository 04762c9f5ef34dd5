"""Models of meaning from local folders: a sentence encoder, and a quality-estimation model.

The encoder is any folder that transformers' `AutoModel` opens as an encoder: a text's vector is the mean of its
last hidden states. A folder that sentence-transformers wrote says itself how its vectors are made
(`modules.json`); its kinds Transformer, Pooling (of words' states: `mean`, `cls`, `max`), Dense and Normalize are
understood. The quality-estimation model is a folder that `AutoModelForSequenceClassification` opens with one
output, which reads a source and its translation as a pair, as COMET-Kiwi does; COMET's own checkpoints (`.ckpt`)
are another format. Weights are `safetensors` or `bin`. Nothing is downloaded, no code from a folder is run. What
was read is remembered, since the same texts are held against many others.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from data.errors import UsageError
from qc.models.checkpoint import CANNOT_OPEN, cannot_open, fingerprint, opened
from qc.models.devices import device_of

Matrix = npt.NDArray[np.float64]
T = TypeVar("T", bound="str | tuple[str, str]")

AT_ONCE = 64
LENGTH = 256
"""Most tokens that are read of a text, or of a pair: options, questions and sentences are shorter."""

_KEPT = 60_000  # vectors or numbers that are remembered
_MODULES = ("Transformer", "Pooling", "Dense", "Normalize")
_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "cls", "pooling_mode_max_tokens": "max"}
_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "Tanh": torch.tanh, "Identity": lambda values: values, "ReLU": torch.relu, "GELU": torch.nn.functional.gelu,
}  # fmt: skip


class _Remembered(OrderedDict[Any, Any]):
    """Answers by text, the oldest of which are forgotten."""

    def answers(self, asked: Sequence[T], answer: Callable[[list[T]], Iterable[Any]]) -> list[Any]:
        """Return the answers, those that are new in portions of about equal length."""
        new = sorted({one for one in asked if one not in self}, key=lambda one: (sum(map(len, one)), one))
        for first in range(0, len(new), AT_ONCE):
            part = new[first : first + AT_ONCE]
            self.update(zip(part, answer(part), strict=True))
        found = [self[one] for one in asked]
        while len(self) > max(_KEPT, len(asked)):
            self.popitem(last=False)
        return found


class FolderEncoder:
    """A sentence encoder; see `qc.translation_models.outside_models.SentenceVectors`.

    Args:
        folder: of the checkpoint.
        option: what the user calls it, for messages.

    Raises:
        UsageError: the folder holds no encoder that can be used, or transformers is not installed.
    """

    def __init__(self, folder: str, option: str = "--encoder") -> None:
        self.digest = fingerprint(folder, option)
        self._device = device_of("auto")
        modules = _modules(Path(folder), option)
        within = next((path for kind, path in modules if kind == "Transformer"), Path(folder))
        self._tokeniser, model = opened(str(within), option)
        self._model = model.eval().to(self._device)
        self._length = _longest(self._tokeniser, model.config)
        steps = [_step(kind, path, option) for kind, path in modules if kind != "Transformer"]
        self._steps = [step for step in steps if step is not None]
        self._pooling = next((_pooling(path, option) for kind, path in modules if kind == "Pooling"), ["mean"])
        self._remembered = _Remembered()

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Return a vector of length 1 for each text, texts by dimensions."""
        found = np.array(self._remembered.answers([*texts, "."], self._read), dtype=np.float64)
        return found[:-1]  # one text at least, so that none of them have as many dimensions

    def _read(self, texts: list[str]) -> Iterator[npt.NDArray[np.float32]]:
        with torch.inference_mode():
            coded = self._tokeniser(
                texts, padding=True, truncation=True, max_length=self._length, return_tensors="pt"
            ).to(self._device)
            hidden = self._model(**coded).last_hidden_state.float()
            made = torch.cat([_pooled(hidden, coded["attention_mask"], way) for way in self._pooling], dim=1)
            for step in self._steps:
                made = step(made)
            yield from torch.nn.functional.normalize(made, dim=1).cpu().numpy()


class FolderEstimator:
    """A quality-estimation model; see `qc.translation_models.outside_models.QualityEstimates`.

    Args:
        folder: of the checkpoint.
        option: what the user calls it, for messages.

    Raises:
        UsageError: the folder holds no model with one output, or transformers is not installed.
    """

    def __init__(self, folder: str, option: str = "--qe") -> None:
        self.digest = fingerprint(folder, option)
        self._device = device_of("auto")
        self._tokeniser, model = opened(folder, option, head=True)
        if model.config.num_labels != 1:
            raise UsageError(
                f"{option} {folder}: it gives {model.config.num_labels} numbers for a pair; name a model with "
                "one, a regression (num_labels 1)"
            )
        self._model = model.eval().to(self._device)
        self._length = _longest(self._tokeniser, model.config)
        self._remembered = _Remembered()

    def estimates(self, sources: Sequence[str], targets: Sequence[str]) -> Matrix:
        """Return the model's number for each pair."""
        found = self._remembered.answers([*zip(sources, targets, strict=True)], self._read)
        return np.array(found, dtype=np.float64)

    def _read(self, pairs: list[tuple[str, str]]) -> Iterator[float]:
        with torch.inference_mode():
            coded = self._tokeniser(
                *map(list, zip(*pairs, strict=True)),
                padding=True,
                truncation=True,
                max_length=self._length,
                return_tensors="pt",
            ).to(self._device)
            yield from self._model(**coded).logits[:, 0].float().cpu().tolist()


def _longest(tokeniser: Any, config: Any) -> int:
    most = getattr(tokeniser, "model_max_length", LENGTH)
    places = getattr(config, "max_position_embeddings", most) - 2  # RoBERTa and its kin count from 2
    return max(8, min(most, places, LENGTH))


def _modules(folder: Path, option: str) -> list[tuple[str, Path]]:
    """Return the kinds and folders of a sentence-transformers model's modules; none for a plain checkpoint."""
    listed = folder / "modules.json"
    if not listed.is_file():
        return []
    modules = [(str(one["type"]).rpartition(".")[2], folder / str(one["path"])) for one in _json(listed, option)]
    if other := [kind for kind, _ in modules if kind not in _MODULES]:
        raise UsageError(f"{option} {folder}: modules.json has {other[0]}; {', '.join(_MODULES)} are understood")
    return modules


def _json(file: Path, option: str) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{option}: {file} cannot be read: {error}") from error


def _pooling(folder: Path, option: str) -> list[str]:
    asked = _json(folder / "config.json", option)
    named = [key for key, value in asked.items() if key.startswith("pooling_mode") and value]
    if not named or (other := [name for name in named if name not in _POOLINGS]):
        said = other[0] if named else "no pooling"
        raise UsageError(f"{option} {folder}: {said} is not understood; {', '.join(_POOLINGS)} are")
    return [_POOLINGS[name] for name in named]


def _pooled(hidden: torch.Tensor, mask: torch.Tensor, way: str) -> torch.Tensor:
    """Return one vector a text: of states (texts, tokens, dimensions) and which tokens there are."""
    there = mask[:, :, None].to(hidden.dtype)
    if way == "cls":
        return hidden[:, 0]
    if way == "max":
        return hidden.masked_fill(there == 0, -torch.inf).amax(dim=1)
    return (hidden * there).sum(dim=1) / there.sum(dim=1).clamp(min=1)


def _step(kind: str, folder: Path, option: str) -> Callable[[torch.Tensor], torch.Tensor] | None:
    """Return what a module makes of vectors; None for one that is done elsewhere."""
    if kind != "Dense":
        return None
    config = _json(folder / "config.json", option)
    named = str(config.get("activation_function", "Identity")).rpartition(".")[2]
    if named not in _ACTIVATIONS:
        raise UsageError(f"{option} {folder}: {named} is not understood; {', '.join(_ACTIVATIONS)} are")
    layer = torch.nn.Linear(config["in_features"], config["out_features"], bias=config.get("bias", True))
    try:
        if (folder / "model.safetensors").is_file():
            from safetensors.torch import load_file

            weights = load_file(str(folder / "model.safetensors"))
        else:
            weights = torch.load(folder / "pytorch_model.bin", map_location="cpu", weights_only=True)
        layer.load_state_dict({key.removeprefix("linear."): value for key, value in weights.items()})
    except CANNOT_OPEN as error:
        raise cannot_open(option, str(folder), error) from error
    layer = layer.eval().to(device_of("auto"))
    return partial(_dense, layer, _ACTIVATIONS[named])


def _dense(
    layer: torch.nn.Linear, activation: Callable[[torch.Tensor], torch.Tensor], values: torch.Tensor
) -> torch.Tensor:
    return activation(layer(values))
