"""Sets' own layouts: one record each, a file a family of sets; the first that fits is taken."""

from __future__ import annotations

from data.itemsets.layouts import (
    arc,
    belebele,
    cosmosqa,
    dream,
    include,
    logiqa,
    mcscript,
    mctest,
    mmlu,
    multirc,
    race,
    reclor,
    sciq,
    xcopa,
)
from data.itemsets.layouts.layout import Layout

LAYOUTS: tuple[Layout, ...] = (
    belebele.BELEBELE,
    belebele.TRAINING,
    belebele.SEAHELM,
    belebele.EUROEVAL,
    xcopa.XCOPA,
    cosmosqa.COSMOSQA,
    race.FOLDER,
    race.HUB,
    dream.FILES,
    dream.C3_HUB,
    dream.DREAM_HUB,
    reclor.RECLOR,
    mctest.MCTEST,
    mcscript.MCSCRIPT,
    multirc.MULTIRC,
    multirc.HUB,
    sciq.SCIQ,
    arc.FILES,
    arc.ARC_HUB,
    arc.OPENBOOKQA_HUB,
    logiqa.LOGIQA,
    logiqa.LOGIQA_HUB,
    logiqa.LOGIQA2,
    logiqa.LOGIQA2_CHINESE,
    include.INCLUDE,
    mmlu.GLOBAL,
    mmlu.MMMLU,
    mmlu.HUB,
    mmlu.SUBJECTS,
)
"""In the order in which they are tried: what asks for more columns before what asks for fewer."""


def layout_of(record: object) -> Layout | None:
    """The layout of a record, None for none that is known."""
    return next((layout for layout in LAYOUTS if layout.fits(record)), None)
