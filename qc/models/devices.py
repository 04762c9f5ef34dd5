"""The device on which torch computes."""

from __future__ import annotations

from typing import Literal

import torch

from data.errors import UsageError


def device_of(wanted: Literal["auto", "cpu", "cuda"]) -> Literal["cpu", "cuda"]:
    """Return the device to use: `auto` takes a GPU if there is one.

    Raises:
        UsageError: a GPU is wanted, and there is none.
    """
    there = torch.cuda.is_available()
    if wanted == "cuda" and not there:
        raise UsageError("there is no GPU that torch can use here; say --device cpu, or auto")
    return "cuda" if there and wanted != "cpu" else "cpu"
