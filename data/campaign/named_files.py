"""The files and folders that a campaign.toml names, apart from the source of its passages."""

from __future__ import annotations

from collections.abc import Iterator

from data import storage
from data.campaign.campaign import Campaign


def named_files(campaign: Campaign, address: str) -> Iterator[str]:
    """Yield the address of each file and folder that a campaign names: guidelines, glossary, memories, models.

    Args:
        campaign: whose.
        address: where its campaign.toml lies, from which relative paths start.
    """
    translation, models = campaign.translation, campaign.models
    for path in (campaign.guidelines.folder, translation.glossary, *translation.memory):
        if path:
            yield storage.within(address, path)
    for kind in type(models).model_fields:
        if isinstance(getattr(models, kind), str):
            yield campaign.model_path(address, kind)
