"""A checkpoint in a local folder: whether it is one, what it holds, and how it is opened.

Configuration, weights (`safetensors` or `bin`) and tokeniser lie in the folder; nothing is downloaded, and no code
that lies there is run.
"""

from __future__ import annotations

import hashlib
import pickle
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data.errors import UsageError

_CANNOT: tuple[type[Exception], ...] = (OSError, ValueError, KeyError, RuntimeError, pickle.UnpicklingError)


def _unusable() -> tuple[type[Exception], ...]:
    if find_spec("safetensors") is None:
        return _CANNOT
    from safetensors import SafetensorError

    return (*_CANNOT, SafetensorError)


CANNOT_OPEN = _unusable()
"""What is raised for unusable files."""


def fingerprint(folder: str, option: str = "--encoder") -> str:
    """Return the SHA-256 of a checkpoint's files, by name and content; hidden ones do not count.

    Args:
        folder: the checkpoint's.
        option: what the user calls it, for messages.

    Raises:
        UsageError: it is no checkpoint, or a file cannot be read.
    """
    path = checkpoint(folder, option)
    digest = hashlib.sha256()
    try:
        found = {one.relative_to(path): one for one in path.rglob("*") if one.is_file()}
        for within in sorted(found, key=Path.as_posix):
            if any(part.startswith(".") for part in within.parts):
                continue
            digest.update(within.as_posix().encode() + b"\0")
            with found[within].open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    except OSError as error:
        raise UsageError(f"{option} {folder}: {error.filename} cannot be read ({error.strerror})") from error
    return digest.hexdigest()


def checkpoint(folder: str, option: str) -> Path:
    """Return the folder of a checkpoint.

    Raises:
        UsageError: it is none; says what is missing.
    """
    path = Path(folder)
    cure = "give the folder of a checkpoint: config.json, the weights and the tokeniser's files"
    if not path.is_dir():
        raise UsageError(f"{option} {folder}: there is no such folder; {cure}")
    within = path / "0_Transformer" if (path / "modules.json").is_file() else path
    within = within if within.is_dir() else path
    if not (within / "config.json").is_file():
        raise UsageError(f"{option} {folder}: there is no config.json in it; {cure}")
    if not any(within.glob("*.safetensors")) and not any(within.glob("*.bin")):
        raise UsageError(f"{option} {folder}: there are no weights in it (*.safetensors or *.bin); {cure}")
    return path


def cannot_open(option: str, folder: str, error: Exception) -> UsageError:
    """Return the error for a folder whose files transformers cannot open."""
    told_first = str(error).strip().split("\n")[0]
    return UsageError(f"{option} {folder}: transformers cannot open it: {told_first}")


def opened(folder: str, option: str, *, head: bool = False) -> tuple[Any, Any]:
    """Return the tokeniser and the encoder of a checkpoint.

    Args:
        folder: the checkpoint's.
        option: what the user calls it, for messages.
        head: whether it classifies, and its head is wanted as well.

    Raises:
        UsageError: it cannot be opened, lacks weights, or is no encoder; or transformers is not installed.
    """
    path = checkpoint(folder, option)
    if find_spec("transformers") is None:
        raise UsageError(f"{option}: transformers is not installed; run: pip install 'belebele-maker[encoder]'")
    import torch
    import transformers

    quiet: Any = transformers.utils.logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    kind = transformers.AutoModelForSequenceClassification if head else transformers.AutoModel
    try:
        tokeniser = transformers.AutoTokenizer.from_pretrained(str(path), local_files_only=True)
        model, found = kind.from_pretrained(
            str(path), local_files_only=True, dtype=torch.float32, output_loading_info=True
        )
    except CANNOT_OPEN as error:
        raise cannot_open(option, folder, error) from error
    if missing := sorted(key for key in found["missing_keys"] if head or "pooler" not in key):
        raise UsageError(f"{option} {folder}: its weights lack {missing[0]} ({len(missing)} in all); name another")
    if not getattr(model.config, "hidden_size", 0) or getattr(model.config, "is_encoder_decoder", False):
        raise UsageError(
            f"{option} {folder}: a {model.config.model_type} is no encoder; name one like BERT or XLM-R"
        )
    return tokeniser, model
