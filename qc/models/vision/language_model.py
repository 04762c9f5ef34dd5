"""The language model: any causal one that `transformers` builds."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

from data.errors import UsageError


def transformers_library() -> Any:
    """Return the library `transformers`, made quiet.

    Raises:
        UsageError: it is not installed.
    """
    if find_spec("transformers") is None:
        raise UsageError("transformers is not installed; run: pip install 'belebele-maker[vision]'")
    import transformers

    quiet: Any = transformers.utils.logging
    quiet.set_verbosity_error()
    quiet.disable_progress_bar()
    return transformers


def language_model(settings: Mapping[str, Any]) -> Any:
    """Return a causal language model with fresh weights.

    Args:
        settings: `model_type` as `transformers` calls it, and its settings.

    Raises:
        UsageError: `transformers` knows no such model, or it is not installed.
    """
    library = transformers_library()
    wanted = dict(settings)
    try:
        config = library.AutoConfig.for_model(wanted.pop("model_type"), **wanted)
        return library.AutoModelForCausalLM.from_config(config)
    except (KeyError, ValueError) as error:
        raise UsageError(f"transformers cannot build the language model: {str(error).splitlines()[0]}") from error
