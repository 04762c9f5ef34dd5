"""The course of `belebele vision --train`: pages in, a model through its stages, a folder and a report out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from data.errors import UsageError
from data.output_files import Outputs
from flows.vision.caption_shards import CaptionedPicture, captioned_pictures
from flows.vision.page_pictures import Pictures, cut_pages
from flows.vision.reading_test import ReadingTest, reading_test
from flows.vision.stage_files import read_stages
from flows.vision.training_samples import makers
from qc.models.devices import device_of
from qc.models.vision.design import Design, plain, tiny
from qc.models.vision.model_folder import WEIGHTS, described, folder_files, opened
from qc.models.vision.readers.item_prompts import LABELS, asked
from qc.models.vision.readers.own_reader import OwnReader
from qc.models.vision.tokens import character_tokeniser
from qc.models.vision.training.stage_training import Maker, Trained, train
from qc.models.vision.training.stages import Stage, Task, tiny_stages
from qc.models.vision.vision_language_model import VisionLanguageModel, fresh

COMMAND = "belebele vision"
REPORT = "training.json"
AT_ONCE = 32
"""The samples of a batch that are in memory together."""
CAPTIONS = 20_000
"""The most pairs of picture and caption that are held in memory."""

_LETTERS = "0123456789(),"  # of boxes, whatever the pages show


@dataclass(frozen=True)
class Lesson:
    """One stage's result; `reading` is None for stage 0, which sees nothing."""

    stage: Stage
    trained: Trained
    reading: ReadingTest | None


def train_on_pages(
    pages: str,
    out: str,
    *,
    start: str = "",
    stages_file: str = "",
    captions: str = "",
    pace: float = 1.0,
    at_once: int = AT_ONCE,
    seed: int = 0,
    device: str = "auto",
    tell: Callable[[str, int, int], None] | None = None,
) -> tuple[list[Lesson], Pictures]:
    """Train a model on rendered pages and write its folder, anew after each stage.

    Args:
        pages: a folder of tables of pages.
        out: the model's folder.
        start: the folder of the model to begin with, ours or Qwen-VL's; "" for a tiny one with fresh weights.
        stages_file: see `stage_files`; "" for the tiny model's own stages.
        captions: a folder of shards of pairs; "" for none.
        pace: a factor for the number of updates of each stage.
        at_once: the samples of a batch that are in memory together.
        seed: of weights and samples.
        device: `auto`, `cpu` or `cuda`.
        tell: is told what is being done, how much of it is done, and how much there is.

    Raises:
        UsageError: pages, shards, stages or the model cannot be read, a stage has no data or does not fit the
            model, or `out` holds somebody else's files.
    """
    where = device_of(device)  # type: ignore[arg-type]
    outputs = Outputs.of_folder(out, COMMAND, [one for one in (pages, captions, start, stages_file) if one])
    outputs.check([WEIGHTS, "config.json", REPORT])
    stages = [stage.at_pace(pace) for stage in (read_stages(stages_file) if stages_file else tiny_stages())]
    design = described(start)[0] if start else tiny(1)
    _check_sides(stages, design)
    say = tell or (lambda *_: None)
    say("reading pages", 0, 1)
    pictures = cut_pages(pages, stages[-1].side, design.adapter.queries)
    pairs = (
        [pair for _, pair in zip(range(CAPTIONS), captioned_pictures(captions), strict=False)] if captions else []
    )
    drawn = makers(pictures, pairs, design.adapter.queries)
    _check_data(stages, drawn)
    model, tokeniser = _beginning(start, pictures, pairs, seed)
    model.to(where)
    lessons: list[Lesson] = []
    for stage in stages:

        def moved(step: int, _: float, stage: Stage = stage) -> None:
            say(f"stage {stage.number}", step, stage.steps)

        trained = train(model, tokeniser, stage, drawn, seed=seed, device=where, at_once=at_once, tell=moved)
        reader = OwnReader(model, tokeniser, stage.side, device=where)
        lessons.append(Lesson(stage, trained, reading_test(reader, pictures.unseen) if stage.number else None))
        files = folder_files(model, tokeniser, stage.side, [lesson.trained for lesson in lessons])
        told = json.dumps(report(lessons, pictures), ensure_ascii=False, indent=1).encode() + b"\n"
        outputs.write({**files, REPORT: told})
    return lessons, pictures


def _beginning(
    start: str, pictures: Pictures, pairs: Sequence[CaptionedPicture], seed: int
) -> tuple[VisionLanguageModel, Any]:
    """Return the model to begin with and its tokeniser: a folder's, or a tiny one that has learned nothing."""
    if start:
        model, tokeniser, _ = opened(start)
        return model, tokeniser
    tokeniser = _tokeniser(pictures, pairs)
    return fresh(tiny(len(tokeniser)), seed), tokeniser


def _check_data(stages: Sequence[Stage], drawn: Mapping[Task, Maker]) -> None:
    """Refuse a stage for none of whose tasks there is data."""
    for stage in stages:
        if not stage.mixture.keys() & drawn.keys():
            raise UsageError(f"stage {stage.number} has no data: it wants {' or '.join(stage.mixture)}")


def _check_sides(stages: Sequence[Stage], design: Design) -> None:
    """Refuse pictures that do not divide into the model's patches."""
    patch = design.image_encoder.patch
    for stage in stages:
        if stage.side % patch:
            raise UsageError(
                f"stage {stage.number}: side = {stage.side} is no multiple of {patch}, a patch's side"
            )


def _tokeniser(pictures: Pictures, pairs: Sequence[CaptionedPicture]) -> Any:
    """Return a tokeniser that knows every character that is to be learned."""
    texts = [*(word.text for word in pictures.words), *(page.text for page in pictures.pages)]
    return character_tokeniser([*texts, *(pair.caption for pair in pairs), asked("", LABELS), _LETTERS])


def report(lessons: list[Lesson], pictures: Pictures) -> dict[str, Any]:
    """Return what a training did, as plain data."""
    return {
        "words": len(pictures.words),
        "unseen_words": len({(one.script, one.text) for one in pictures.unseen}),
        "pages": len(pictures.pages),
        "problems": pictures.problems,
        "lessons": [
            {
                "stage": {**plain(lesson.stage), "trains": sorted(lesson.stage.trains)},
                "losses": lesson.trained.losses,
                "changed": lesson.trained.changed,
                "reading": asdict(lesson.reading) if lesson.reading else None,
            }
            for lesson in lessons
        ],
    }


def reading_lines(lessons: list[Lesson]) -> list[str]:
    """Return what a person is told of a training: the error rates after its last stage, script by script."""
    last = lessons[-1].reading
    assert last is not None
    lines = ["character error rates of words never seen (95 % intervals), beside those without looking:"]
    for seeing, nothing, other in zip(last.seeing, last.blank, last.other, strict=True):
        lines.append(
            f"  {seeing.script or 'all':5} {seeing.rate:.2f} ({seeing.low:.2f} to {seeing.high:.2f})   "
            f"blank {nothing.rate:.2f}, another word's picture {other.rate:.2f}   {seeing.words} words"
        )
    return lines
