"""The models from elsewhere that judge a campaign's translations: which are in force, and where they lie here.

`belebele calibrate` puts in force what `[models]` in campaign.toml or its own options name, by the digest of the
files, so that every machine judges by the same. Where they lie differs from machine to machine: a model is looked
for where campaign.toml says, then where it was on this machine when it was last used. One that is not found stops
what needs it, since verdicts without it would be other verdicts.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.environment import fits_dir
from data.errors import UsageError
from data.ledger import tables
from data.ledger.events import ModelsChosen
from data.storage import write_bytes
from flows.calibrations.model_paths import OPTIONS, ModelPaths, digest_of, note_digest, opened, opened_before
from flows.campaign_state import State, ledger_view

if TYPE_CHECKING:
    from qc.translation_models.outside_models import OutsideModels
    from qc.translation_models.varieties.fasttext_identifier import FastTextIdentifier

SUBJECT = "models"

CALLED = {"encoder": "sentence encoder", "qe": "quality-estimation model", "lid_model": "fastText model"}
"""What a model is, by its key of `[models]`."""


@ledger_view
def models_in_force(state: State) -> ModelsChosen:
    """Return the digests of the models that judge."""
    chosen = state.events(ModelsChosen)
    return ModelsChosen.parse(chosen["detail"].iloc[-1]) if len(chosen) else ModelsChosen()


def judged_apart(state: State) -> bool:
    """Return whether other processes can judge languages and learn about them.

    They find the same in the campaign, unless it is a dry run; but models from elsewhere are too large to be
    opened in each.
    """
    return state.shared and models_in_force(state) == ModelsChosen()


def choose_models(state: State, named: ModelPaths) -> ModelsChosen:
    """Put in force the models that a user or campaign.toml names, and remember where they lie here.

    Raises:
        UsageError: there is nothing at a path, or no model.
    """
    address = state.ledger.address
    paths = ModelPaths(
        **{kind: getattr(named, kind) or state.campaign.model_path(address, kind) for kind in OPTIONS}
    )
    digests = paths.digests()
    for kind, path in paths.named().items():
        opened(kind, path)  # so that one that cannot be used is never in force
        note_digest(path, digests[kind])
        where = str(Path(path).absolute()).encode()
        write_bytes(str(fits_dir()), f"{digests[kind]}.place", where, mode=0o600)
    chosen = ModelsChosen(**digests)
    if chosen != models_in_force(state):
        before = len(state.events(ModelsChosen))
        state.ledger.append(tables.EVENTS, [chosen.row(SUBJECT, str(before))])
    return chosen


@ledger_view
def outside_models(state: State) -> OutsideModels:
    """Return the models of meaning in force.

    Raises:
        UsageError: one is not to be found on this machine.
    """
    from qc.translation_models.outside_models import OutsideModels

    return OutsideModels(_in_force(state, "encoder"), _in_force(state, "qe"))


@ledger_view
def lid_model_in_force(state: State) -> FastTextIdentifier | None:
    """Return the fastText model in force; None if there is none.

    Raises:
        UsageError: it is not to be found on this machine.
    """
    found: FastTextIdentifier | None = _in_force(state, "lid_model")
    return found


def _in_force(state: State, kind: str) -> Any:
    wanted = getattr(models_in_force(state), kind)
    if not wanted:
        return None
    if (known := opened_before(kind, wanted)) is not None:
        return known
    named = state.campaign.model_path(state.ledger.address, kind)
    noted = fits_dir() / f"{wanted}.place"
    for path in filter(None, [named, noted.read_text("utf-8") if noted.is_file() else ""]):
        if Path(path).exists() and digest_of(kind, path) == wanted:
            return opened(kind, path)
    where = f"{named} is not it" if named else f"campaign.toml does not say where it lies (models.{kind})"
    raise UsageError(
        f"{state.campaign.id} is judged by the {CALLED[kind]} {wanted[:12]}, and {where}. Put it there, name it "
        f"with belebele calibrate {OPTIONS[kind]} PATH, or leave it out of campaign.toml and calibrate again"
    )
