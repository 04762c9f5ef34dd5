"""Where torch computes."""

from __future__ import annotations

from typing import Literal

import torch

from data.errors import UsageError


def device_of(wanted: Literal["auto", "cpu", "cuda"]) -> Literal["cpu", "cuda"]:
    """The device that a wish comes to: `auto` takes a GPU where there is one.

    Raises:
        UsageError: there is no GPU, and one is wanted.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise UsageError("there is no GPU that torch can use here; say --device cpu, or auto")
    return "cuda" if there and wanted != "cpu" else "cpu"
