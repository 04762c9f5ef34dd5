"""The lead's request to calibrate the learned checks anew."""

from __future__ import annotations

from data.campaign.campaign import Campaign
from data.ledger import Ledger
from flows.calibrations.model_paths import ModelPaths
from flows.campaign_state import State
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.steps.check_calibration import Calibrated, calibrate


def calibrate_campaign(
    address: str, *, again: bool = False, models: ModelPaths | None = None, choice: RunnerChoice | None = None
) -> Calibrated:
    """Calibrate a campaign's learned checks under its lease.

    Args:
        address: the campaign's folder or object-store address.
        again: make the fit even if nothing changed.
        models: models from elsewhere, in place of those that campaign.toml names.
        choice: who learns, language by language; None for what campaign.toml says.

    Raises:
        CampaignBusy: another run holds the campaign.
        UsageError: there is nothing where a model should be, or no model.
    """
    campaign = Campaign.load(address)
    with chosen(choice or RunnerChoice.of(campaign)), Ledger(address).lease() as ledger:
        return calibrate(State(campaign, ledger), again=again, models=models)
