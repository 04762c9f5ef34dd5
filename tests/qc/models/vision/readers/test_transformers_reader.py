"""A vision-language model of `transformers` answers as ours do."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
import transformers
from PIL import Image

from data.errors import UsageError
from qc.models.vision.model_folder import load
from qc.models.vision.tokens import character_tokeniser

LETTERS = "abcdefgh ABCD."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LLaVA of random weights: CLIP's image encoder and a language model of Llama's kind, with 4 patches."""
    place = tmp_path_factory.mktemp("llava")
    tokeniser = character_tokeniser([LETTERS])
    tokeniser.add_special_tokens({"additional_special_tokens": ["<image>"]})
    vision = transformers.CLIPVisionConfig(
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        image_size=28,
        patch_size=14,
    )
    language = transformers.LlamaConfig(
        hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
        vocab_size=len(tokeniser), eos_token_id=tokeniser.eos_token_id, pad_token_id=tokeniser.pad_token_id,
        bos_token_id=None,
    )  # fmt: skip
    image = tokeniser.convert_tokens_to_ids("<image>")
    config = transformers.LlavaConfig(
        vision_config=vision, text_config=language, image_token_index=image, vision_feature_layer=-1
    )
    torch.manual_seed(0)
    transformers.LlavaForConditionalGeneration(config).save_pretrained(place)
    pictures = transformers.CLIPImageProcessorPil(
        size={"height": 28, "width": 28}, do_center_crop=False, do_convert_rgb=True
    )
    transformers.LlavaProcessor(
        pictures, tokeniser, patch_size=14, vision_feature_select_strategy="default", num_additional_image_tokens=1
    ).save_pretrained(place)
    return place


def test_it_scores_options_as_the_chain_of_its_next_tokens(folder: Path) -> None:
    reader = load(folder, "cpu")
    for picture in (Image.new("L", (40, 20), 30), None):
        assert sum(map(math.exp, reader.scores(picture, "abc", [*LETTERS]))) < 1
        both = reader.scores(picture, "abc", ["de"])[0]
        one, other = reader.scores(picture, "abc", ["d"])[0], reader.scores(picture, "abcd", ["e"])[0]
        assert both == pytest.approx(one + other, abs=1e-4)


def test_what_it_says_follows_from_the_picture(folder: Path) -> None:
    reader = load(folder, "cpu")
    dark, light = (reader.scores(Image.new("L", (28, 28), grey), "abc", ["d"]) for grey in (0, 255))
    assert dark != light


def test_what_is_no_vision_language_model_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(UsageError, match="transformers cannot open it"):
        load(tmp_path, "cpu")
