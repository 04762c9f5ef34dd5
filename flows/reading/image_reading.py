"""The course of `belebele read`: pages in, a model's answers and a report out; goes on after an interruption.

Answers are given in pieces of some items. A finished piece is kept under `.work` until the report is written, by
the digest of what was shown and of the model's files, so that it is taken again only if it would be the same now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import UsageError
from data.images.page_problem import PageProblem
from data.output_files import Outputs, alone, failing
from flows.audit import Shelf
from flows.reading.page_items import PageItems, page_items
from flows.reading.reading_conditions import Condition, chosen
from qc.models.checkpoint import fingerprint
from qc.models.devices import device_of
from qc.models.vision.model_folder import load
from qc.models.vision.readers.reader import Reader
from qc.reports.reading_report.reading_facts import reading_facts
from qc.reports.reading_report.reading_page import lines, page

FILES = ("report.html", "report.json", "responses.csv", "items.parquet", "problems.jsonl")
"""The files that a reading writes."""

RENDERING = "rendering.json"
WORK = ".work"
SIZE = 20
"""The items of a piece."""

ProgressListener = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ImageReading:
    """A finished reading.

    Attributes:
        facts: what report.json says.
        lines: the same for a terminal.
        code: 0 if every page was answered, 1 if some could not be.
    """

    facts: dict[str, Any]
    lines: tuple[str, ...]
    code: int


def read_images(
    images: str,
    model: str,
    out: str,
    *,
    languages: Sequence[str] = (),
    device: str = "auto",
    tell: ProgressListener = lambda _words, _done, _of: None,
) -> ImageReading:
    """Let a model answer the items of a folder of pages, and write its answers and a report.

    Args:
        images: the folder that `belebele render` wrote.
        model: the folder of a model that reads pictures.
        out: the folder to write to.
        languages: of which; all by default.
        device: `auto`, `cpu` or `cuda`.
        tell: is told of progress.

    Raises:
        UsageError: a folder is not what it should be, or `out` has files that no reading wrote.
        OutputFailed: the disk refuses; finished work is kept there, and the next run continues from it.
    """
    told, files = _rendering(Path(images), languages)
    outputs = Outputs.of_folder(out, "read", [str(file) for file in files.values()])
    outputs.check(FILES)
    where = device_of(device)  # type: ignore[arg-type]
    digest = fingerprint(model, "--model")
    work = Path(out) / WORK
    with failing(work):
        work.mkdir(parents=True, exist_ok=True)
    with alone(work):
        shelf, reader = Shelf(work), _Lazy(model, where)
        answers, problems = _answered(files, shelf, reader, f"{digest}/{where}", tell)
        facts = reading_facts(answers, told, reader.name, digest)
        outputs.write(_files(facts, answers, problems, reader.name))
        shelf.clear()
    problem_lines = tuple(f"{one.language} {one.item_id}: {one.what}" for one in problems)
    return ImageReading(facts, (*problem_lines, *lines(facts, out)), 1 if problems else 0)


def _rendering(folder: Path, wanted: Sequence[str]) -> tuple[Mapping[str, Any], dict[str, Path]]:
    """Return what a rendering says of itself, and the wanted languages' files."""
    try:
        told = json.loads((folder / RENDERING).read_text("utf-8"))
        there = {language: folder / one["file"] for language, one in told["languages"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = (
            f"it has no {RENDERING}" if isinstance(error, FileNotFoundError) else f"{RENDERING} is broken: {error}"
        )
        raise UsageError(
            f"{folder} is no folder that belebele render wrote ({why}); draw pages first: "
            "belebele render SET --out FOLDER"
        ) from error
    if strange := [one for one in wanted if one not in there]:
        named = ", ".join(sorted(there)) or "none"
        raise UsageError(f"{folder} has no pages in {', '.join(strange)}; its languages are {named}")
    return told, {language: file for language, file in there.items() if not wanted or language in wanted}


class _Lazy:
    """The model, which is opened when the first page is to be read."""

    def __init__(self, folder: str, device: str) -> None:
        self._folder, self._device = folder, device
        self.name = Path(folder).resolve().name
        self._reader: Reader | None = None

    @property
    def reader(self) -> Reader:
        if self._reader is None:
            self._reader = load(self._folder, self._device)
        return self._reader


def _answered(
    files: Mapping[str, Path], shelf: Shelf, model: _Lazy, rests_on: str, tell: ProgressListener
) -> tuple[pd.DataFrame, list[PageProblem]]:
    lines: list[dict[str, Any]] = []
    problems: list[PageProblem] = []
    for done, (language, file) in enumerate(files.items()):
        for piece in page_items(file, SIZE):
            tell(f"reading {language}, from item {piece.first + 1:,}", done, len(files))
            found = _piece(piece, shelf, model, rests_on)
            lines += found["answers"]
            problems += [PageProblem(**one) for one in found["problems"]]
    if not lines:
        raise UsageError(
            "no page could be read" + (f": {problems[0].what}" if problems else "; the folder has none")
        )
    return pd.DataFrame(lines), problems


def _piece(piece: PageItems, shelf: Shelf, model: _Lazy, rests_on: str) -> dict[str, Any]:
    key = hashlib.sha256(f"{rests_on}/{piece.digest}".encode()).hexdigest()
    if (kept := shelf.get(key)) is not None:
        return dict(json.loads(kept))
    answers, problems = list[dict[str, Any]](), list[dict[str, Any]]()
    for line, one in piece.opened():
        if isinstance(one, PageProblem):
            problems.append(asdict(one))
            continue
        for condition in Condition:
            if (choice := chosen(model.reader, one, condition)) is not None:
                answers.append(_line(line, condition, *choice))
    found = {"answers": answers, "problems": problems}
    shelf.put(key, json.dumps(found).encode())
    return found


def _line(line: Mapping[str, Any], condition: Condition, place: int, margin: float) -> dict[str, Any]:
    passage = hashlib.sha256(line["text"].encode("utf-8", "surrogatepass")).hexdigest()[:16]
    kept = ("item_id", "language", "script", "font", "size", "degradation")
    return {
        **{name: line[name] for name in kept},
        "passage": passage,
        "options": len(line["options"]),
        "condition": str(condition),
        "chosen": place + 1,
        "right": place + 1 in line["answers"],
        "margin": margin,
    }


def _files(
    facts: Mapping[str, Any], answers: pd.DataFrame, problems: Sequence[PageProblem], model: str
) -> dict[str, bytes]:
    return {
        "report.html": page(facts).encode("utf-8", "surrogatepass"),
        "report.json": (json.dumps(facts, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "surrogatepass"),
        "responses.csv": responses(answers, model).to_csv(index=False, lineterminator="\n").encode("utf-8"),
        "items.parquet": answers.to_parquet(index=False),
        "problems.jsonl": "".join(f"{line}\n" for line in _problem_lines(problems)).encode("utf-8"),
    }


def _problem_lines(problems: Sequence[PageProblem]) -> Iterator[str]:
    for one in problems:
        yield json.dumps(asdict(one), ensure_ascii=False)


def responses(answers: pd.DataFrame, model: str) -> pd.DataFrame:
    """Return answers in the form of `data.itemsets.solver_responses`, each condition as a solver of its own.

    Args:
        answers: columns item_id, language, condition and chosen, from 1.
        model: what it is called.
    """
    inputs = {str(one): one.inputs for one in Condition}
    return pd.DataFrame(
        {
            "solver": model + ", " + answers["condition"],
            "item_id": answers["item_id"],
            "language": answers["language"],
            "chosen": answers["chosen"],
            "inputs": answers["condition"].map(inputs),
        }
    )
