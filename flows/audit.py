"""The work of `belebele audit`: read a set, audit it, write the report, and resume after an interruption.

`qc.audit` judges; this module is the input and output: files and campaigns in, files and an exit code out.
Finished work is kept under `.work` beside the report until the report is written. Every piece names what it
depends on, is written whole or not at all, and is checked when it is read, so that neither Ctrl-C nor a crash can
spoil an audit.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

import pandas as pd

from data import storage
from data.campaign import FILE
from data.errors import UsageError
from data.intake import Unreadable, json_lines, text_files
from data.itemsets import Columns, ItemSet, files_of, read, read_set
from data.itemsets.set_name import Told
from data.itemsets.solver_responses import read_responses
from data.output_files import Outputs, failing
from flows.runners.worker_processes import in_each_language
from flows.set_titles import set_title
from qc.audit.audit_request import Asked, Device, ProgressListener
from qc.reports.report_page import FOLDER

# Imports for judging, drawing and campaigns take seconds, so they come only after the input has been read.
if TYPE_CHECKING:
    from flows.campaign_state import State
    from qc.audit.audit_result import Audit
    from qc.set_statistics.layer_statistics import LayerName

FILES = ("report.html", "report.json", "items.parquet")
"""The files that an audit writes; those for a paper are in `qc.reports.report_page.FOLDER` besides."""

WORK = ".work"
ATTEMPTS = "attempts.json"

_PROCESS_WORTH = 8  # an item takes as long as the judging of so many by checks

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Audited:
    """A finished audit.

    Attributes:
        audit: its findings.
        lines: the verdict for a terminal.
        code: 0 if no shortcut was detected; 1 if one was, or if a required certificate is missing.
    """

    audit: Audit
    lines: tuple[str, ...]
    code: int

    @property
    def facts(self) -> dict[str, Any]:
        """The verdict as plain data."""
        return {
            "detected": [asdict(effect) for effect in self.audit.detected],
            "certified": self.audit.certified,
            "attempt": self.audit.parameters.attempt,
            "lines": self.lines,
            "code": self.code,
        }


def audit(
    paths: Sequence[str],
    out: str,
    asked: Asked,
    *,
    columns: Columns | None = None,
    name: str = "",
    train_on: Sequence[str] = (),
    responses: str = "",
    require_certificate: bool = False,
    tell: ProgressListener = lambda _words, _done, _of: None,
) -> Audited:
    """Audit files or a campaign and write report.html, report.json, items.parquet, and what is for a paper.

    Args:
        paths: files and folders of one set, or one campaign.
        out: the folder to write to.
        asked: the user's request; its attempt is counted here.
        columns: the names of the files' columns.
        name: the set's name; see `set_titles` for the default.
        train_on: files to train learners on instead of the set.
        responses: a file of solvers' answers; "" for none.
        require_certificate: whether "could not be certified" makes the code 1.
        tell: is told of progress.

    Raises:
        ItemSetError: the files cannot be read.
        UsageError: the request cannot be fulfilled, the items are too few, or `out` has files that no audit wrote.
        OutputFailed: the disk refuses; finished work is kept there, and the next run continues from it.
    """
    folder = Path(out)
    read_from = [] if campaigns_among(paths) else files_of(paths)
    outputs = Outputs.of_folder(
        out, "audit", [*read_from, *files_of(train_on), *([responses] if responses else [])]
    )
    outputs.check(FILES)
    paper = Outputs.of_folder(folder / FOLDER, "audit")
    paper.check_known()
    tell("reading", 0, 1)
    found_set = set_of(paths, columns)
    items = found_set.items
    outside = read(train_on, columns) if train_on else None
    answers = read_responses(Path(responses)) if responses else None
    with failing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    from qc.audit.audit_run import run
    from qc.reports.audit_report import contents, terminal

    asked = replace(
        asked,
        device=_device(asked.device, asked.layers),
        source_language=asked.source_language or source_of(paths, set(items["language"])),
    )
    numbered = replace(asked, attempt=_attempt(folder, items, asked))
    called = set_title(paths, name)
    shelf = Shelf(folder / WORK)

    def each_language(work: Callable[[P], R], parts: Mapping[str, P], amount: int) -> Iterator[tuple[str, R]]:
        return in_each_language(work, parts, amount * _PROCESS_WORTH, apart=numbered.device == "cpu")

    found = run(
        items,
        numbered,
        name=called.text,
        named=called.told is Told.SET,
        outside=outside,
        responses=answers,
        store=shelf,
        each_language=each_language,
        tell=tell,
    )
    told, files, tables = contents(found)
    outputs.write(files)
    paper.write_alone(tables)
    shelf.clear()
    wanting = require_certificate and not found.certified
    rest = [f"Read as:      {'; '.join(found_set.described)}"] if found_set.described else []
    rest += [f"Attempt:      {numbered.attempt} in this folder; each weakens what a certificate says."]
    return Audited(found, (*terminal(told, out), *rest), 1 if found.detected or wanting else 0)


def set_of(paths: Sequence[str], columns: Columns | None = None, *, dev: bool = False) -> ItemSet:
    """Return the items of a campaign, or of files and folders; see `data.itemsets.read_set`.

    Args:
        paths: a campaign, or files and folders.
        columns: where a set's own columns have other names.
        dev: whether a campaign's dev split belongs to it; what is certified is the test split.

    Raises:
        ItemSetError: the files cannot be read.
        UsageError: a campaign is given together with something else, or items have several right options.
    """
    campaigns = campaigns_among(paths)
    if campaigns and len(paths) > 1:
        raise UsageError(f"{campaigns[0]} is a campaign, and a campaign is audited alone")
    if campaigns:
        from data.campaign.campaign import Campaign
        from data.ledger import Ledger
        from flows.campaign_state import State

        return ItemSet(campaign_items(State(Campaign.load(campaigns[0]), Ledger(campaigns[0])), dev=dev))
    found = read_set(paths, columns)
    places = zip(found.items["place"], found.items["keys"], strict=True)
    if several := [place for place, keys in places if len(keys) > 1]:
        raise UsageError(
            f"{len(several):,} of {len(found.items):,} items have several right options ({several[0]}, for one), "
            "and an audit asks for one: keep the items that have one"
        )
    return ItemSet(found.items.drop(columns="keys"), described=found.described)


def items_of(paths: Sequence[str], columns: Columns | None = None) -> pd.DataFrame:
    """Return the items of a campaign with its dev split, or of files and folders; errors as of `set_of`."""
    return set_of(paths, columns, dev=True).items


def campaigns_among(paths: Sequence[str]) -> list[str]:
    """Return those of the paths that are campaigns."""
    return [path for path in paths if "://" in path or storage.exists(path, FILE)]


def source_of(paths: Sequence[str], languages: Set[str]) -> str:
    """Return the language that the items of a campaign or a release were written in; "" if it is unknown.

    Args:
        paths: the paths to audit.
        languages: the languages that the items have; if there is only one, there is nothing to compare.
    """
    if len(paths) != 1 or len(languages) < 2:
        return ""
    manifest = Path(paths[0]) / "manifest.json"
    if "://" in paths[0] or storage.exists(paths[0], FILE):
        from data.campaign.campaign import Campaign

        told = Campaign.load(paths[0]).source.language
    else:
        told = _manifest(manifest).get("source_language", "") if manifest.is_file() else ""
    return told if told in languages else ""


def _manifest(file: Path) -> Mapping[str, Any]:
    try:
        found = json_lines.value(text_files.text(file))
    except Unreadable:
        return {}  # the file is not ours, so it has nothing that is needed
    return found if isinstance(found, dict) else {}


def campaign_items(state: State, *, dev: bool = False) -> pd.DataFrame:
    """Return the items that a campaign has kept so far: its kept questions and their accepted translations.

    Args:
        state: the campaign.
        dev: whether those of the dev split, and what shares a passage with them, belong to it.

    Returns:
        Columns `qc.set_statistics.options.COLUMNS`, domain and topic.

    Raises:
        UsageError: nothing is kept yet.
    """
    from data.items import source_items, translated_items
    from flows.ledger_views.current_items import current_translations, kept_questions
    from flows.ledger_views.split_sides import on_dev_side

    questions = kept_questions(state)
    questions = questions if dev else questions[~on_dev_side(state, questions)]
    if questions.empty:
        raise UsageError("the campaign has kept no question yet; see belebele status")
    now = current_translations(state)
    now = now[(now["outcome"] == "keep") & ~now["stale"] & now["question_id"].isin(questions["question_id"])]
    codes = {state.source_language, *now["language"]}
    passages = state.texts_of(set(questions["passage_id"]), codes)
    parts = [source_items(questions, passages)]
    if not now.empty:
        every = state.translation_texts(set(questions["question_id"]))
        key = ["question_id", "language", "revision"]
        parts.append(translated_items(every.merge(now[key], on=key), state.questions, every, passages))
    items = pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "item_id": items["question_id"],
            "language": items["language"],
            "group": items["passage_id"],
            "passage": items["passage"],
            "question": items["question"],
            "options": [[str(text) for text in texts] for texts in items["answers"]],
            "key": [int(key) - 1 for key in items["key"]],  # the ledger numbers answers from 1 to 4
            "domain": items["domain"],
            "topic": items["topic"],
        }
    )


def asked(given: Mapping[str, Any]) -> Asked:
    """Return the request that the command's options make.

    Raises:
        UsageError: an option has a value that makes no sense.
    """
    layers = layers_of(given["layers"])
    for name in ("alpha", "margin"):
        if not 0 < given[name] < 1:
            raise UsageError(f"--{name} is a share between 0 and 1, not {given[name]:g}")
    if ("encoder" in layers) != bool(given["encoder"]):
        raise UsageError("an encoder takes both: --layers …,encoder and --encoder PATH, the folder it lies in")
    if given["encoder"] and not Path(given["encoder"]).is_dir():
        raise UsageError(
            f"there is no folder {given['encoder']}; --encoder takes one that holds a pretrained model"
        )
    return Asked(
        alpha=given["alpha"],
        margin=given["margin"],
        permutations=given["permutations"],
        seed=given["seed"],
        layers=layers,
        source_language=given["source_language"],
        device=given["device"],
        encoder=given["encoder"],
        refits=given["refits"],
    )


def _device(wanted: Device, layers: Sequence[LayerName]) -> Device:
    if not {"learners", "network", "encoder"} & {*layers}:
        return "cpu"  # only learners need torch, which takes seconds to load
    from qc.models.devices import device_of

    return device_of(wanted)


def layers_of(text: str) -> tuple[LayerName, ...]:
    """Return the layers named in a comma-separated list, in the layers' order.

    Raises:
        UsageError: there is no such layer.
    """
    from qc.set_statistics.layer_statistics import LayerName

    known = get_args(LayerName)
    named = [part.strip() for part in text.split(",") if part.strip()]
    strange = [one for one in named if one not in known]
    if strange or not named:
        raise UsageError(f"--layers takes {', '.join(known)}, not {', '.join(strange) or 'nothing'}")
    return tuple(cast("LayerName", one) for one in known if one in named)


class Shelf:
    """A shelf that keeps finished pieces of work as files; a piece that is not whole counts as missing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, key: str) -> bytes | None:
        """Return the piece kept under a key; None if there is none."""
        try:
            data = (self.folder / key).read_bytes()
        except FileNotFoundError:
            return None
        return data[32:] if hashlib.sha256(data[32:]).digest() == data[:32] else None

    def put(self, key: str, data: bytes) -> None:
        """Keep a piece, whole or not at all.

        Raises:
            OutputFailed: the disk refuses.
        """
        incoming = self.folder / f"{key}.{os.getpid()}"
        with failing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                incoming.write_bytes(hashlib.sha256(data).digest() + data)
                incoming.replace(self.folder / key)
            finally:
                incoming.unlink(missing_ok=True)

    def remove(self, key: str) -> None:
        """Remove the piece kept under a key, if there is one."""
        (self.folder / key).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove everything, once the report is written."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _attempt(folder: Path, items: pd.DataFrame, asked: Asked) -> int:
    """Return the number of this attempt among the audits in a folder; the same request is the same attempt."""
    plain = {name: value for name, value in asdict(asked).items() if name not in ("attempt", "device")}
    from qc.audit.audit_run import content

    this = hashlib.sha256(json.dumps([content(items), plain], sort_keys=True).encode()).hexdigest()
    place = folder / ATTEMPTS
    try:
        known = json.loads(place.read_text(encoding="utf-8"))["attempts"] if place.exists() else []
    except (ValueError, KeyError, TypeError):
        raise UsageError(
            f"{place} is broken; it counts the audits of this set: restore it, or name a new --out"
        ) from None
    if this not in known:
        known.append(this)
        with failing(folder):
            storage.write_text(str(folder), ATTEMPTS, json.dumps({"attempts": known}, indent=2) + "\n")
    return int(known.index(this)) + 1
