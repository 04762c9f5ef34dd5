"""A stage changes what it trains and nothing else, and learns."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
import torch
from PIL import Image

from qc.models.vision.design import PARTS
from qc.models.vision.training import stage_training
from qc.models.vision.training.batches import Sample, batched
from qc.models.vision.training.stage_training import FrozenPartChanged, digests, train
from qc.models.vision.training.stages import Stage, tiny_stages
from qc.models.vision.vision_language_model import IGNORED
from tests.qc.models.vision.small_models import small_model

TINY = {stage.number: replace(stage, steps=3, batch=4, side=28, warm=1) for stage in tiny_stages()}


def transcription(dice: random.Random) -> Sample:
    grey = dice.choice([0, 255])
    return Sample("transcription", "", "a" if grey else "b", Image.new("L", (28, 28), grey), "Latn")


def question(dice: random.Random) -> Sample:
    return Sample("questions", "a\nA. b\nAnswer", "A", Image.new("L", (40, 28), 9), "Latn")


def text(dice: random.Random) -> Sample:
    return Sample("text", "a", "bcd"[: dice.randint(1, 3)])


MAKERS = {"transcription": transcription, "questions": question, "text": text, "repetition": text}


@pytest.mark.parametrize("stage", TINY.values(), ids=lambda stage: f"stage {stage.number}")
def test_a_stage_changes_what_it_trains_and_nothing_else(stage: Stage) -> None:
    model, tokeniser = small_model()
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    done = train(model, tokeniser, stage, MAKERS)
    changed = {
        name.split(".")[0] for name, weight in model.state_dict().items() if not torch.equal(weight, before[name])
    }
    assert changed == stage.trains == set(done.changed)
    assert changed < set(PARTS) or stage.number == 2


def test_a_frozen_part_that_changes_all_the_same_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokeniser = small_model()

    def careless(model, *given):  # type: ignore[no-untyped-def]
        with torch.no_grad():
            model.language_model.lm_head.weight[0, 0] += 1
        return 0.0

    monkeypatch.setattr(stage_training, "update", careless)
    with pytest.raises(FrozenPartChanged, match="stage 1 freezes language_model"):
        train(model, tokeniser, TINY[1], MAKERS)


def test_it_learns_what_the_picture_shows() -> None:
    model, tokeniser = small_model()
    stage = replace(TINY[2], steps=120, batch=8, mixture={"transcription": 1.0}, rate=3e-3)
    done = train(model, tokeniser, stage, MAKERS)
    assert done.losses[-1] < 0.1 < 0.35 < done.losses[0]  # .35 is a guess between two letters, and a sure end


def test_the_same_seed_gives_the_same_weights() -> None:
    made = []
    for seed in (1, 1, 2):
        model, tokeniser = small_model()
        train(model, tokeniser, TINY[2], MAKERS, seed=seed)
        made.append(digests(model))
    assert made[0] == made[1] != made[2]


def test_a_batch_in_parts_teaches_the_same() -> None:
    weights = []
    for at_once in (0, 1, 3):
        model, tokeniser = small_model()
        done = train(model, tokeniser, replace(TINY[2], batch=7), MAKERS, at_once=at_once)
        weights.append((done.losses, [one.detach() for one in model.parameters()]))
    for losses, found in weights[1:]:
        assert losses == pytest.approx(weights[0][0], rel=1e-4)
        for one, other in zip(found, weights[0][1], strict=True):
            torch.testing.assert_close(one, other, atol=2e-4, rtol=1e-3)


def test_a_stage_without_data_is_refused() -> None:
    model, tokeniser = small_model()
    with pytest.raises(ValueError, match="stage 1 has no data: it wants one of transcription, captions"):
        train(model, tokeniser, TINY[1], {"text": text})


def test_only_answers_are_learned_and_pictures_take_their_places() -> None:
    _, tokeniser = small_model()
    grey = Image.new("L", (30, 20), 0)
    batch = batched([Sample("", "ab", "c", grey), Sample("", "a", "bcd")], tokeniser, 28, 4)
    assert batch.pixels is not None
    assert batch.places is not None
    assert batch.pixels.shape == (1, 3, 28, 28)
    assert batch.places.sum(1).tolist() == [4, 0]
    learned = [tokeniser.decode(row[row != IGNORED]) for row in batch.labels]
    assert learned == ["c<eos>", "bcd<eos>"]
    assert batch.mask.sum(1).tolist() == [10, 5]
