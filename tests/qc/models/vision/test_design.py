"""The published design has the published numbers of parameters, and a design that cannot be built is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from data.errors import UsageError
from qc.models.vision.design import PUBLISHED, AdapterShape, Design, tiny
from qc.models.vision.training.stages import PUBLISHED_STAGES, SEEING, tiny_stages
from qc.models.vision.vision_language_model import VisionLanguageModel, parameters


def test_the_published_design_has_the_published_parameters() -> None:
    assert parameters(PUBLISHED) == {
        "image_encoder": 1_842_770_688,
        "adapter": 75_005_952,
        "output_projection": 16_785_408,
        "language_model": 7_721_324_544,
    }


def test_at_the_published_widths_a_thousand_patches_become_256_vectors() -> None:
    encoder, adapter = PUBLISHED.image_encoder, PUBLISHED.adapter
    shallow = Design(
        replace(encoder, layers=1), adapter, {**PUBLISHED.language_model, "num_hidden_layers": 1, "vocab_size": 32}
    )
    with torch.device("meta"):
        model = VisionLanguageModel(shallow).eval()
        patches = model.image_encoder(torch.empty(2, 3, 448, 448))
        assert patches.shape == (2, 1024, 1664)
        assert model.output_projection(model.adapter(patches)).shape == (2, 256, 4096)


def test_a_design_survives_its_file() -> None:
    assert Design.of_json(PUBLISHED.as_json()) == PUBLISHED


@pytest.mark.parametrize(
    ("adapter", "told"),
    [
        (AdapterShape(15, 96, 4), "square"),
        (AdapterShape(16, 96, 5), "multiple of adapter.heads"),
        (AdapterShape(16, 98, 2), "multiple of 4"),
        (AdapterShape(16, 64, 4), "hidden_size, 96"),
    ],
)
def test_a_design_that_cannot_be_built_is_refused(adapter: AdapterShape, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        replace(tiny(50), adapter=adapter)


def test_a_file_that_is_no_design_is_refused() -> None:
    with pytest.raises(UsageError, match="no design"):
        Design.of_json({**PUBLISHED.as_json(), "adapter": {"queries": 256}})


def test_the_published_stages_freeze_as_published() -> None:
    first, second, third = PUBLISHED_STAGES
    assert first.trains == SEEING
    assert "language_model" not in first.trains
    assert second.trains == SEEING | {"language_model"}
    assert "image_encoder" not in third.trains
    assert [stage.side for stage in PUBLISHED_STAGES] == [224, 448, 448]


def test_the_tiny_stages_freeze_as_the_published_ones_do() -> None:
    assert [stage.trains for stage in tiny_stages()[1:]] == [stage.trains for stage in PUBLISHED_STAGES]


def test_a_rate_rises_to_its_highest_and_falls_to_its_lowest() -> None:
    stage = tiny_stages()[1]
    rates = [stage.rate_at(step) for step in range(stage.steps + 1)]
    assert max(rates) == rates[stage.warm] == stage.rate
    assert rates[0] == stage.rate / stage.warm
    assert rates[-1] == pytest.approx(stage.lowest)
    assert rates[stage.warm :] == sorted(rates[stage.warm :], reverse=True)
