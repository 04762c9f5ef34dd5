"""The files of a release: items by split and language, guidelines, and everything that describes them.

The same items give the same bytes, whenever, wherever and in whatever order they arrive, so that a release can be
made again and compared: everything is sorted by its full key, the writer's options are fixed, and neither clock
nor file layout leaves a trace. Every file of a split holds the same items in the same order under a stable
`item_id`; Belebele's files do not, and its users paired the wrong questions. A release that cannot be made is
refused with all reasons before a byte is written (`data.release.release_folder` lays it down).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.dealt_languages import EachLanguage, one_after_another
from data.errors import ReleaseRefused
from data.languages import languages
from data.output_files import failing
from data.release.anonymity import People
from data.release.canary import canary
from data.release.description.croissant_metadata import croissant_files
from data.release.description.datasheet import datasheet_files
from data.release.description.hub_card import card_files
from data.release.description.latex_tables import latex_files
from data.release.description.release_description import (
    SPLITS,
    About,
    File,
    KeyEvidenceCounts,
    PendingLanguage,
    ReleaseDescription,
    ReleasedLanguage,
    ReleasedSplit,
    SplitCounts,
)
from data.release.description.release_figures import figure_files
from data.release.description.small_cells import merged
from data.release.evaluation_tasks.hub_benchmark import benchmark_files
from data.release.evaluation_tasks.lm_eval_tasks import lm_eval_files
from data.release.evaluation_tasks.python_tasks import inspect_files, lighteval_files
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.evidence_file import ItemEvidence, evidence_table
from data.release.item_columns import ANSWERS, item_table, json_lines, parquet
from data.release.item_paths import parquet_path
from data.release.refusal_reasons import people_in_files, stands_in_the_way
from data.release.release_folder import MANIFEST, SIGNATURE, SUMS, already_there, publish, sums_text
from data.release.release_signature import signature_of
from data.release.versions.changelog import changelog_files

DESCRIPTIONS: tuple[Callable[[ReleaseDescription], Mapping[str, bytes]], ...] = (
    card_files,
    croissant_files,
    datasheet_files,
    figure_files,
    latex_files,
    benchmark_files,
    lm_eval_files,
    lighteval_files,
    inspect_files,
    changelog_files,
)
"""What describes a release, each a function from its description to files by path.

The description that they are given lists the files of data and guidelines; `manifest.json` and `SHA256SUMS` come
last and list every file.
"""


@dataclass(frozen=True)
class RenderedRelease:
    """A release before it is written: its description, as `manifest.json` holds it, and all its files by path."""

    description: ReleaseDescription
    files: Mapping[str, bytes]

    def signed(self, key: Path) -> RenderedRelease:
        """Return the release with a signature of its manifest; errors are those of `signature_of`."""
        signature = signature_of(self.files[MANIFEST], key)
        return replace(self, files={**self.files, SIGNATURE: signature})

    def check_place(self, out: Path) -> None:
        """Check that the folder may be written to, as `write` does.

        Raises:
            ReleaseRefused: what is there may not be replaced.
            OutputFailed: what is there cannot be read.
        """
        with failing(out):
            if out.exists():
                already_there(self.files, self.description.version, out)

    def write(self, out: Path) -> None:
        """Write the files to a folder, whole or not at all; errors are those of `write_release`."""
        publish(self.files, self.description.version, out.resolve())


def write_release(
    items: pd.DataFrame, about: About, out: Path, forbidden: Sequence[str] = ()
) -> ReleaseDescription:
    """Write a release, whole or not at all.

    Args:
        items: the accepted items of all complete languages, one per row, in any order: columns of
            `data.ledger.tables.ITEMS` (of which question_id, language, passage_id, question_number, passage,
            question, answers and key are read) and link; position, the passage's place, the same in every
            language; order, the identities of the answers as shown, such as `[3, 1, 4, 2]`; optionally split,
            `test` or `dev` (`test` without it).
        about: what the campaign knows of the release.
        out: the release's folder. An earlier release there, unchanged since, is replaced by another version; the
            same version with the same bytes is left as it is.
        forbidden: names and addresses of people, none of which may occur anywhere in a release.

    Returns:
        The description, as `manifest.json` has it.

    Raises:
        ReleaseRefused: the release cannot be made; lists every reason. Nothing was written.
        OutputFailed: the disk refuses. Nothing was changed.
    """
    rendered = render(items, about, forbidden)
    rendered.write(out)
    return rendered.description


def render(
    items: pd.DataFrame,
    about: About,
    forbidden: Sequence[str] = (),
    each_language: EachLanguage = one_after_another,
) -> RenderedRelease:
    """Return a release without writing it to disk.

    Args and errors are those of `write_release`; `each_language` makes the files of items.
    """
    people = People(forbidden)
    if "split" not in items:
        items = items.assign(split="test")
    problems = stands_in_the_way(items, about, people)
    if problems:
        raise ReleaseRefused(f"release {about.version} cannot be made", problems)
    lines = released_lines(items, about.date.isoformat())
    files = {**_item_files(lines, canary(about.hub or about.title), each_language), **_given_files(about)}
    description = _described(lines, about, files)
    for describe in DESCRIPTIONS:
        files |= describe(description)
    if named := people_in_files(files, people):
        raise ReleaseRefused(f"release {about.version} cannot be made", named)
    description = replace(description, files=_listed(files))
    files[MANIFEST] = description.to_json().encode()
    if named := people_in_files({MANIFEST: files[MANIFEST]}, people):
        raise ReleaseRefused(f"release {about.version} cannot be made", named)
    files[SUMS] = sums_text({path: file.sha256 for path, file in _listed(files).items()})
    return RenderedRelease(description, files)


def released_lines(items: pd.DataFrame, day: str) -> pd.DataFrame:
    """Return items as a release has them, sorted by split, language and item_id.

    Returns:
        The columns of `data.release.item_columns.COLUMNS`, then passage_id and split.
    """
    items = items.sort_values(["split", "language", "question_id"], ignore_index=True)
    columns = {
        "item_id": items["question_id"],
        "link": items["link"],
        "question_number": items["question_number"].astype("int64"),
        "flores_passage": items["passage"],
        "question": items["question"],
    }
    pairs = list(zip(items["answers"], items["order"], strict=True))
    for place, name in enumerate(ANSWERS):
        columns[name] = pd.Series([answers[order[place] - 1] for answers, order in pairs])
    shown = [list(order).index(key) + 1 for order, key in zip(items["order"], items["key"], strict=True)]
    columns["correct_answer_num"] = pd.Series([str(place) for place in shown])
    columns["dialect"] = items["language"]
    return pd.DataFrame(columns).assign(ds=day, passage_id=items["passage_id"], split=items["split"])


def _item_files(lines: pd.DataFrame, mark: str, each_language: EachLanguage) -> dict[str, bytes]:
    parts = {str(code): of_language for code, of_language in lines.groupby("dialect", sort=True)}
    made = each_language(partial(language_files, mark), parts, len(lines))
    return {path: data for _, files in made for path, data in files.items()}


def language_files(mark: str, lines: pd.DataFrame) -> dict[str, bytes]:
    """Return the files of one language's items, by path.

    Args:
        mark: the release's canary.
        lines: the language's rows of `released_lines`.
    """
    files = {}
    for (split, language), of_file in lines.groupby(["split", "dialect"], sort=True):
        table = item_table(of_file, mark)
        files[parquet_path(str(split), str(language))] = parquet(table)
        files[f"jsonl/{split}/{language}.jsonl"] = json_lines(table, mark)
    return files


def _given_files(about: About) -> dict[str, bytes]:
    files = {f"guidelines/{name}.md": text.encode() for name, text in about.guidelines.items()}
    if about.evidence:
        files[EVIDENCE_FILE] = parquet(evidence_table(about.evidence))
    return files


def _described(lines: pd.DataFrame, about: About, files: Mapping[str, bytes]) -> ReleaseDescription:
    by_language = {str(code): of_language for code, of_language in lines.groupby("dialect", sort=True)}
    first = next(iter(by_language.values()))
    return ReleaseDescription(
        hub=about.hub,
        title=about.title,
        version=about.version,
        date=about.date.isoformat(),
        licence=about.licence,
        attributions=tuple(about.attributions),
        homepage=about.homepage,
        source_language=about.source_language,
        languages=tuple(_language(code, of_language, about) for code, of_language in by_language.items()),
        splits=tuple(
            _split(name, first[first["split"] == name]) for name in SPLITS if name in set(first["split"])
        ),
        pending=tuple(
            PendingLanguage(code, about.names.get(code, code), missing) for code, missing in sorted(about.pending)
        ),
        prompt_words=tuple(sorted(about.prompt_words, key=lambda one: one.language)),
        policies=tuple(about.policies),
        checks=tuple(sorted(set(about.checks))),
        guidelines=tuple(sorted(about.guidelines)),
        people=dict(sorted(about.people.items())),
        agreement=tuple(sorted(about.agreement, key=lambda one: (one.stage, one.measure))),
        certificate=about.certificate,
        key_evidence=_key_evidence(about.evidence),
        quality=tuple(sorted(about.quality, key=lambda one: one.language)),
        weak_languages=tuple(sorted(about.weak_languages, key=lambda one: (one.language, one.weakness))),
        native_languages=merged(about.native_languages),
        no_training_wish=about.no_training_wish,
        files=_listed(files),
        made_with={"belebele": about.code_version, "pyarrow": pa.__version__},
        errata=tuple(about.errata),
        withdrawn=tuple(about.withdrawn),
    )


def _language(code: str, lines: pd.DataFrame, about: About) -> ReleasedLanguage:
    known = languages().get(code)
    return ReleasedLanguage(
        code=code,
        name=about.names.get(code, code),
        bcp47=known.bcp47 if known else None,
        iso639_3=known.iso639_3 if known else None,
        script=known.script if known else "",
        glottocode=known.glottocode if known else None,
        family=known.family if known else "",
        direction=known.direction if known else "ltr",
        splits={str(name): _counts(of_split) for name, of_split in lines.groupby("split", sort=True)},
    )


def _split(name: str, lines: pd.DataFrame) -> ReleasedSplit:
    places = Counter(lines["correct_answer_num"])
    correct = {place: places[place] for place in ("1", "2", "3", "4")}
    return ReleasedSplit(name, len(lines), lines["passage_id"].nunique(), correct)


def _counts(lines: pd.DataFrame) -> SplitCounts:
    return SplitCounts(
        items=len(lines),
        passages=lines["passage_id"].nunique(),
        passage_length=float(lines.drop_duplicates("passage_id")["flores_passage"].str.len().mean()),
        question_length=float(lines["question"].str.len().mean()),
        answer_length=float(lines[list(ANSWERS)].stack().str.len().mean()),
    )


def _key_evidence(evidence: Sequence[ItemEvidence]) -> tuple[KeyEvidenceCounts, ...]:
    codes = sorted({one.language for one in evidence})
    counts = {code: Counter(one.level for one in evidence if one.language == code) for code in codes}
    return tuple(KeyEvidenceCounts(code, dict(sorted(counts[code].items()))) for code in codes)


def _listed(files: Mapping[str, bytes]) -> dict[str, File]:
    return {path: File(len(data), hashlib.sha256(data).hexdigest()) for path, data in sorted(files.items())}
