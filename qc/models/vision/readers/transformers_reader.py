"""Any vision-language model that `transformers` opens from a local folder, as a `reader.Reader`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image

from data.errors import UsageError
from qc.models.checkpoint import CANNOT_OPEN, cannot_open
from qc.models.vision.language_model import transformers_library

_CANNOT: tuple[type[Exception], ...] = (*CANNOT_OPEN, ImportError)


class TransformersReader:
    """See `reader.Reader`.

    Args:
        folder: with configuration, weights, tokeniser and the processor's files.
        device: `cpu` or `cuda`.

    Raises:
        UsageError: `transformers` cannot open it, or it reads no pictures.
    """

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        library = transformers_library()
        self.name, self.device = folder.resolve().name, device
        try:
            self._processor = library.AutoProcessor.from_pretrained(str(folder), local_files_only=True)
            model, found = library.AutoModelForImageTextToText.from_pretrained(
                str(folder), local_files_only=True, output_loading_info=True
            )
        except _CANNOT as error:
            raise cannot_open("--model", str(folder), error) from error
        if missing := sorted(found["missing_keys"]):
            raise UsageError(f"{folder}: its weights lack {missing[0]} ({len(missing)} in all)")
        self._model = model.to(device).eval()

    @torch.no_grad()
    def scores(self, picture: Image.Image | None, prompt: str, options: Sequence[str]) -> list[float]:
        """Return each option's log-probability."""
        before = self._inputs(picture, prompt)
        start = before["input_ids"].shape[1]
        return [self._score(before, start, option) for option in options]

    def _score(self, before: dict[str, Any], start: int, option: str) -> float:
        added = self._processor.tokenizer(option, add_special_tokens=False, return_tensors="pt")["input_ids"]
        whole = torch.cat([before["input_ids"], added.to(self.device)], dim=1)
        inputs = {**before, "input_ids": whole, "attention_mask": torch.ones_like(whole)}
        for name in ("token_type_ids", "mm_token_type_ids"):
            if name in before:
                inputs[name] = torch.nn.functional.pad(before[name], (0, added.shape[1]))
        logits = self._model(**inputs).logits[0, start - 1 : -1]
        logs = torch.log_softmax(logits.float(), dim=-1)
        return float(logs.gather(1, whole[0, start:, None]).sum())

    def _inputs(self, picture: Image.Image | None, prompt: str) -> dict[str, Any]:
        """Return a prompt as tensors; by the folder's own template for chats, if it has one."""
        if getattr(self._processor, "chat_template", None):
            content: list[dict[str, Any]] = [{"type": "text", "text": prompt}]
            content = [{"type": "image"}, *content] if picture else content
            text = self._processor.apply_chat_template(
                [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
            )
        else:
            text = f"{getattr(self._processor, 'image_token', '<image>')}{prompt}" if picture else prompt
        pictures = {"images": [picture.convert("RGB")]} if picture else {}
        return dict(self._processor(text=[text], return_tensors="pt", **pictures).to(self.device))
