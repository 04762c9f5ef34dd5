"""What people see and submit, one page per stage: its form, what it shows, how a result is read and refilled."""

from __future__ import annotations

from annotation.stages import (
    adjudication_page,
    answering_page,
    authoring_page,
    guessing_page,
    judging_page,
    proofreading_page,
    qualification_page,
    translation_page,
    wording_page,
)
from annotation.stages.stage_page import StagePage

PAGES: tuple[StagePage, ...] = (
    qualification_page.PAGE,
    authoring_page.PAGE,
    guessing_page.PAGE,
    answering_page.PAGE,
    judging_page.PAGE,
    adjudication_page.PAGE,
    translation_page.PAGE,
    proofreading_page.PAGE,
    wording_page.PAGE,
)
"""The page of every stage, in the order of `data.ledger.tables.STAGES`."""

_BY_STAGE = {page.stage: page for page in PAGES}


def page_of(stage: str) -> StagePage:
    """Return the page of a stage."""
    return _BY_STAGE[stage]  # type: ignore[index]


__all__ = ["PAGES", "StagePage", "page_of"]
