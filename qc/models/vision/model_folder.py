"""A model in a folder: configuration, weights and tokeniser, and `load`, which opens any that can read pictures.

Ours is `config.json` (its design, the side of its pictures, what the stages did), `model.safetensors` and the
tokeniser's files. Besides, `load` opens Qwen-VL's published checkpoint and every vision-language model that
`transformers` knows. Nothing is downloaded, and no code from the folder is run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from data.errors import UsageError
from qc.models.checkpoint import CANNOT_OPEN
from qc.models.devices import device_of
from qc.models.vision import published_checkpoint as published
from qc.models.vision.design import Design, plain
from qc.models.vision.language_model import transformers_library
from qc.models.vision.readers.own_reader import OwnReader
from qc.models.vision.readers.reader import Reader
from qc.models.vision.tokens import MARKS
from qc.models.vision.training.stage_training import Trained
from qc.models.vision.vision_language_model import VisionLanguageModel

MODEL_TYPE = "belebele_vision"
WEIGHTS = "model.safetensors"


def folder_files(
    model: VisionLanguageModel, tokeniser: Any, side: int, trained: Sequence[Trained] = ()
) -> dict[str, bytes]:
    """Return a model as the files of its folder, by name.

    Args:
        model: of any device.
        tokeniser: of its language model.
        side: of the pictures that it reads, in pixels.
        trained: what the stages did.
    """
    import json

    from safetensors.torch import save

    told = {
        "model_type": MODEL_TYPE,
        "design": model.design.as_json(),
        "side": side,
        "stages": [plain(one) for one in trained],
    }
    weights = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    with tempfile.TemporaryDirectory() as place:
        tokeniser.save_pretrained(place)
        files = {file.name: file.read_bytes() for file in sorted(Path(place).iterdir())}
    return {**files, WEIGHTS: save(weights), "config.json": json.dumps(told, indent=1).encode() + b"\n"}


def load(folder: str | Path, device: str = "auto") -> Reader:
    """Return the vision-language model of a folder.

    Args:
        folder: ours, Qwen-VL's published one, or one that `transformers` opens.
        device: `auto`, `cpu` or `cuda`.

    Raises:
        UsageError: it cannot be opened; says why.
    """
    path = Path(folder)
    config = published.configuration(path)
    where = device_of(device)  # type: ignore[arg-type]
    if config.get("model_type") == MODEL_TYPE or published.is_published(config):
        model, tokeniser, side = opened(path)
        return OwnReader(model, tokeniser, side, path.resolve().name, where)
    from qc.models.vision.readers.transformers_reader import TransformersReader

    return TransformersReader(path, where)


def described(folder: str | Path) -> tuple[Design, int]:
    """Return the design of a folder's model, ours or Qwen-VL's, and the side of its pictures in pixels.

    Raises:
        UsageError: it is neither, or its configuration is broken.
    """
    path = Path(folder)
    config = published.configuration(path)
    if published.is_published(config):
        return published.published_design(config)
    if config.get("model_type") != MODEL_TYPE:
        raise UsageError(f"{path / 'config.json'}: model_type is {config.get('model_type')!r}, not {MODEL_TYPE!r}")
    try:
        return Design.of_json(config["design"]), int(config["side"])
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path / 'config.json'}: {error} is missing or no number") from error


def opened(folder: str | Path) -> tuple[VisionLanguageModel, Any, int]:
    """Return a folder's model, ours or Qwen-VL's, with its tokeniser and the side of its pictures in pixels.

    Raises:
        UsageError: weights are missing or too many, of another shape, or a file cannot be read.
    """
    path = Path(folder)
    design, side = described(path)
    weights: Mapping[str, torch.Tensor] = published.stored_weights(path)
    if published.is_published(published.configuration(path)):
        weights = published.translated(weights, design)
    tokeniser = _tokeniser(path)
    return _filled(design, weights, path), tokeniser, side


def _filled(design: Design, weights: Mapping[str, torch.Tensor], path: Path) -> VisionLanguageModel:
    before = torch.get_default_dtype()
    kinds = {tensor.dtype for tensor in weights.values() if tensor.is_floating_point()}
    try:
        torch.set_default_dtype(kinds.pop() if len(kinds) == 1 else torch.float32)
        model = VisionLanguageModel(design)
    finally:
        torch.set_default_dtype(before)
    missing, beyond = model.state_dict().keys() - weights.keys(), weights.keys() - model.state_dict().keys()
    for names, wrong in ((missing, "lack"), (beyond, "have too many:")):
        if names:
            raise UsageError(f"{path}: its weights {wrong} {min(names)} ({len(names)} in all)")
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(f"{path}: its weights do not fit: {str(error).splitlines()[1].strip()}") from error
    return model.eval()


def _tokeniser(path: Path) -> Any:
    library = transformers_library()
    try:
        tokeniser = library.AutoTokenizer.from_pretrained(str(path), local_files_only=True)
    except CANNOT_OPEN as error:
        raise UsageError(
            f"{path}: transformers cannot open its tokeniser: {str(error).splitlines()[0]}"
        ) from error
    known = tokeniser.get_vocab()
    if lacking := [mark for mark in MARKS if mark not in known]:
        raise UsageError(f"{path}: its tokeniser does not know {lacking[0]}")
    return tokeniser
