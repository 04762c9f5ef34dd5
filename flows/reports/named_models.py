"""The models that campaign.toml names and that do not judge: not there, changed since, or never put in force.

Naming a model does nothing by itself: `belebele calibrate` puts it in force, and what is judged before is judged
without it. A machine may lack it, or have another under its name, so this is told of the machine that asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from data.errors import UsageError
from flows.calibrations.model_paths import OPTIONS, noted_digest
from flows.calibrations.models_in_force import CALLED, models_in_force
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint


class Standing(StrEnum):
    """Why a model that is named does not judge."""

    MISSING = "missing"
    UNUSABLE = "unusable"
    NOT_YET = "not yet in force"
    ANOTHER = "another is in force"


def named_models(state: State) -> list[dict[str, Any]]:
    """Return the models that campaign.toml names and that do not judge as they lie on this machine.

    Returns:
        For each: model (a key of `[models]`), path, standing (a `Standing`), in_force (the digest of the model of
        this kind that judges, "" for none), here (the digest of the one that is named; "" where it is missing or
        unusable), and why (what makes it unusable, in words).
    """
    found = []
    for kind in OPTIONS:
        path = state.campaign.model_path(state.ledger.address, kind)
        if not path:
            continue
        in_force = getattr(models_in_force(state), kind) or ""
        about = {"model": kind, "path": path, "in_force": in_force, "here": "", "why": ""}
        if not Path(path).exists():
            found.append({**about, "standing": Standing.MISSING})
            continue
        try:
            here = noted_digest(kind, path)
        except UsageError as error:
            found.append({**about, "standing": Standing.UNUSABLE, "why": str(error)})
            continue
        if here != in_force:
            standing = Standing.ANOTHER if in_force else Standing.NOT_YET
            found.append({**about, "standing": standing, "here": here})
    return found


def named_model_points(named: list[dict[str, Any]]) -> Iterator[AgendaPoint]:
    """Yield each of these in words, with the command that puts it in force.

    Args:
        named: as of `named_models`.
    """
    for one in named:
        model, path, in_force = (str(one[name]) for name in ("model", "path", "in_force"))
        key = f"models.{model}"
        cure = f"belebele calibrate, or take {key} out of campaign.toml"
        about = f"the {CALLED[model]} {path} ({key})"
        judges = f"; {in_force[:12]} is in force" if in_force else ""
        match Standing(one["standing"]):
            case Standing.MISSING:
                cure = f"belebele calibrate, once it lies there or {key} names another or none"
                yield AgendaPoint(f"{about} is not there{judges}", cure)
            case Standing.UNUSABLE:
                cure = f"belebele calibrate, once it is mended or {key} names another or none"
                yield AgendaPoint(f"{about} cannot be used{judges}: {one['why']}", cure)
            case Standing.NOT_YET:
                yield AgendaPoint(f"{about} is named, and not in force yet: nothing is judged by it", cure)
            case Standing.ANOTHER:
                what = f"{about} is another model, {one['here'][:12]}, than the one in force, {in_force[:12]}"
                yield AgendaPoint(what, cure)
