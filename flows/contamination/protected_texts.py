"""The texts that must not be found elsewhere: those of a release, and of the sources of its passages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data import sources
from data.errors import UsageError
from data.intake import Unreadable, corpus_records
from data.itemsets import Columns, read_set
from data.release.item_columns import ANSWERS
from data.release.release_content import content_of_folder
from data.release.release_folder import manifest_of
from qc.text.text_overlap import ProtectedText


@dataclass(frozen=True)
class ReleasedItem:
    """An item of a release or of any set, in one language.

    Attributes:
        item_id: the same in every language.
        language: its code; "" if the set names none.
        split: `test` or `dev`; "" of a set without splits.
        link: where the passage comes from; "" if that is not told.
        passage, question: the texts; the passage is "" if there is none.
        options: the texts of the options.
        key: the number of the correct one, counted from 0; -1 if it cannot be told.
    """

    item_id: str
    language: str
    split: str
    link: str
    passage: str
    question: str
    options: tuple[str, ...]
    key: int


def released_items(path: str, columns: Columns | None = None) -> list[ReleasedItem]:
    """Return the items of a release of ours, or of any set that is read, sorted by language and item.

    Args:
        path: a file or folder.
        columns: the names of a set's columns, where they are not the usual ones.

    Raises:
        ReleaseUnreadable: a file of a release cannot be read.
        ItemSetError: what is not a release is no readable set either.
    """
    if manifest_of(Path(path)) is not None:
        made = [_of_release(line) for line in content_of_folder(Path(path)).items.to_dict("records")]
    else:
        made = [_of_set(line) for line in read_set([path], columns, lenient=True).items.to_dict("records")]
    return sorted(made, key=lambda item: (item.language, item.split, item.item_id))


def texts_of_items(items: Iterable[ReleasedItem]) -> list[tuple[ProtectedText, tuple[ReleasedItem, ...]]]:
    """Return the distinct texts of items, each under the name of its first item, with all items that have it."""
    having: dict[tuple[str, str, str], list[ReleasedItem]] = {}
    for item in items:
        fields = [("passage", item.passage), ("question", item.question)]
        fields += [(f"option_{place}", text) for place, text in enumerate(item.options, start=1)]
        for field, text in fields:
            if text:
                having.setdefault((item.language, field, text), []).append(item)
    return [
        (ProtectedText(held[0].item_id, language, field, text), tuple(held))
        for (language, field, text), held in having.items()
    ]


def texts_of_sources(paths: Sequence[str]) -> list[ProtectedText]:
    """Return the passages of sources: FLORES's folder or archive, or any file of texts.

    Raises:
        UsageError: a file cannot be read, or a folder is no source.
        SourceError: a source cannot be read.
    """
    made: list[ProtectedText] = []
    for path in paths:
        if Path(path).is_dir() or path.endswith((".tar", ".tar.gz", ".tgz")):
            found = sources.read(sources.guess(path), path).select(["passage_id", "language", "text"])
            for row in found.to_pylist():
                made.append(ProtectedText(row["passage_id"], row["language"], "source", row["text"]))
            continue
        problems: list[Unreadable] = []
        for record in corpus_records.records(Path(path), problems):
            made.append(ProtectedText(f"{path}, {record.place}", "", "source", record.text))
        if problems:
            raise UsageError("\n".join(one.at(path) for one in problems[:20]))
    return made


def release_named(path: str) -> Mapping[str, Any]:
    """Return a release's name on the Hub, title, version and date; nothing of another set."""
    manifest = manifest_of(Path(path)) or {}
    return {name: manifest.get(name) for name in ("hub", "title", "version", "date")} if manifest else {}


def _of_release(line: Mapping[Any, Any]) -> ReleasedItem:
    return ReleasedItem(
        line["item_id"],
        line["language"],
        line["split"],
        line["link"],
        line["flores_passage"],
        line["question"],
        tuple(line[name] for name in ANSWERS),
        int(line["correct_answer_num"]) - 1,
    )


def _of_set(line: Mapping[Any, Any]) -> ReleasedItem:
    return ReleasedItem(
        line["item_id"],
        line["language"],
        "",
        "",
        line["passage"] or "",
        line["question"],
        tuple(line["options"]),
        line["key"],
    )
