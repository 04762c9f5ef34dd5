"""What `belebele vision --describe` tells: a model's parts as numbers, its parameters, its stages of training."""

from __future__ import annotations

from typing import Any

from qc.models.vision.design import PUBLISHED, Design, plain
from qc.models.vision.model_folder import described
from qc.models.vision.training.stages import PUBLISHED_STAGES, Stage, tiny_stages
from qc.models.vision.vision_language_model import fixed_numbers, parameters


def description(folder: str = "") -> dict[str, Any]:
    """Return the whole configuration, and the trained parameters of each part, counted without memory for them.

    Args:
        folder: a model's; "" for Qwen-VL as published.

    Raises:
        UsageError: the folder holds no model of this design.
    """
    if not folder:
        return _told(PUBLISHED, PUBLISHED_STAGES, PUBLISHED_STAGES[-1].side)
    design, side = described(folder)
    return _told(design, tiny_stages(), side)


def _told(design: Design, stages: tuple[Stage, ...], side: int) -> dict[str, Any]:
    counted = parameters(design)
    return {
        **design.as_json(),
        "side": side,
        "patches": (side // design.image_encoder.patch) ** 2,
        "stages": [{**plain(stage), "trains": sorted(stage.trains)} for stage in stages],
        "parameters": {**counted, "all": sum(counted.values())},
        "fixed_positions": fixed_numbers(design.adapter),
    }


def description_lines(told: dict[str, Any]) -> list[str]:
    """Return a description as lines for people."""
    encoder, adapter, language = told["image_encoder"], told["adapter"], told["language_model"]
    counts = told["parameters"]
    lines = [
        f"image encoder      {counts['image_encoder']:>14,}  {encoder['layers']} layers of width "
        f"{encoder['width']}, {encoder['heads']} heads, patches of {encoder['patch']} pixels",
        f"adapter            {counts['adapter']:>14,}  {adapter['queries']} queries of width {adapter['width']}, "
        f"{adapter['heads']} heads; {told['fixed_positions']:,} fixed numbers besides",
        f"output projection  {counts['output_projection']:>14,}",
        f"language model     {counts['language_model']:>14,}  {language['num_hidden_layers']} layers of width "
        f"{language['hidden_size']}, vocabulary of {language['vocab_size']:,}",
        f"all                {counts['all']:>14,}  pictures of {told['side']} x {told['side']} pixels, "
        f"{told['patches']:,} patches",
        "",
    ]
    for stage in told["stages"]:
        mixture = ", ".join(f"{task} {share:.0%}" for task, share in stage["mixture"].items())
        lines.append(
            f"stage {stage['number']}  trains {', '.join(stage['trains'])}; {stage['side']} pixels; {mixture}; "
            f"{stage['steps']:,} updates of {stage['batch']:,} at {stage['rate']:g}"
        )
    return lines
