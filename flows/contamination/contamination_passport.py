"""The work of `belebele contamination`: what probes could see of a release, and what of it stands in corpora.

The result is a passport: for each item what an n-gram probe of the asked length could see at all, and in which
field, since 'no leak was found' says nothing of a text that the probe is blind to; and for each corpus where texts
of the release stand. Corpora are streamed; memory follows the release, not the corpus.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from data.errors import UsageError
from data.intake import Unreadable, corpus_records
from data.intake.corpus_records import CorpusRecord
from data.itemsets import Columns
from data.language_tags import language_meant, spelling
from data.output_files import Outputs
from data.release.canary import canary
from flows.contamination.protected_texts import ReleasedItem, release_named, released_items, texts_of_items
from qc.reports.contamination_report import contamination_page
from qc.text.text_overlap import NGRAM, WHOLE, OverlapKind, TextOverlap

FILES = ("passport.parquet", "leaks.jsonl", "report.json", "report.html")

LENGTHS = (5, 8, 10, 13, 20, 30, 50)
"""The lengths of probes, in words, for which the report says how much they see."""

MOST_PLACES = 5
"""The most places of one file at which the same text is listed; further ones are counted."""

SHOWN = 20
"""The most unreadable lines of a file that are named."""

LeakKind = OverlapKind | Literal["id", "canary"]
"""How a leak was found: by the texts, by an id that the item shares in all its languages, or by the canary."""

_SAME_ITEM = ("item_id", "link", "url")  # ids that a release has itself
_TOKEN = re.compile(r"[a-z]{2,3}[_-][A-Z][a-z]{3}|[A-Za-z]+|\d+|.")


@dataclass(frozen=True)
class Leak:
    """A text of an item that stands in a corpus.

    Attributes:
        file, place: where in the corpora.
        item_id: the item; "" for a canary, which is the whole release's.
        language: the language of the text; of an id, that of the file, "" if it tells none.
        split: the item's.
        field: `passage`, `question`, `option_1` …; `item` for an id; `release` for a canary.
        key: whether the field is the correct option.
        kind: how it was found.
        words: the longest run of common words; 0 where none was counted.
        likeness: the share of the text that is there.
        excerpt: what stands there; of an id, which id, and where its text was found.
    """

    file: str
    place: str
    item_id: str
    language: str
    split: str
    field: str
    key: bool
    kind: LeakKind
    words: int
    likeness: float
    excerpt: str


@dataclass
class _Read:
    """What was read of one file."""

    file: str
    records: int = 0
    unread: int = 0
    problems: tuple[str, ...] = ()
    leaks: int = 0
    listed: int = 0


@dataclass(frozen=True)
class Passport:
    """A finished passport: the report as data, its lines for a terminal, and 1 as code if a leak was found."""

    facts: dict[str, Any]
    lines: tuple[str, ...]
    code: int


def contamination(
    release: str,
    corpora: Sequence[str],
    out: str,
    *,
    ngram: int = NGRAM,
    columns: Columns | None = None,
    tell: Callable[[str, int, int], None] = lambda _words, _done, _of: None,
) -> Passport:
    """Look for a release's texts in corpora, and write `FILES`.

    Args:
        release: a release's folder, or any set of questions.
        corpora: files of texts, and folders of them; none for a passport that tells only what probes could see.
        out: the folder to write to.
        ngram: the words of a run that counts as a copy.
        columns: the names of the set's columns, where they are not the usual ones.
        tell: is told of progress.

    Raises:
        UsageError: a corpus is of no kind that is read, or `out` holds other files.
        ItemSetError: the release cannot be read.
        OutputFailed: the disk refuses.
    """
    files = _files(corpora)
    outputs = Outputs.of_folder(out, "contamination", [release, *files])
    outputs.check(FILES)
    tell("reading", 0, 1)
    items = released_items(release, columns)
    named = release_named(release)
    search = _Search(items, str(named.get("hub") or named.get("title") or ""), ngram)
    for number, file in enumerate(files):
        tell("searching", number, len(files))
        search.read(file)
    search.refuse_unread()
    search.follow_ids(files)
    lines = list(_passport(items, search.leaks, search.overlap.lengths(), ngram))
    facts = _facts(items, lines, search, {"release": dict(named) or release, "ngram": ngram, "whole": WHOLE})
    outputs.write(
        {
            "passport.parquet": contamination_page.passport(lines),
            "leaks.jsonl": contamination_page.leak_lines([asdict(one) for one in search.leaks]),
            "report.json": contamination_page.written(facts),
            "report.html": contamination_page.page(facts).encode("utf-8", "surrogatepass"),
        }
    )
    told = (*contamination_page.lines(facts), f"Report: {out}")
    return Passport(facts, told, 1 if search.leaks else 0)


class _Search:
    """The search for a release in files, one after the other."""

    def __init__(self, items: Sequence[ReleasedItem], id_: str, ngram: int) -> None:
        held = texts_of_items(items)
        self.having = [having for _, having in held]
        self.overlap = TextOverlap([text for text, _ in held], ngram=ngram)
        self.canary = canary(id_) if id_ else ""
        self.known: dict[str, list[ReleasedItem]] = defaultdict(list)
        for item in items:
            self.known[item.item_id].append(item)
            if item.link:
                self.known[item.link].append(item)
        self.leaks: list[Leak] = []
        self.read_files: list[_Read] = []
        self._anchors: dict[tuple[str, str, str], tuple[str, set[str]]] = {}
        self._found: set[tuple[str, str]] = set()

    def read(self, file: Path) -> None:
        """Search one file."""
        about = _Read(str(file))
        problems: list[Unreadable] = []
        places: Counter[tuple[object, ...]] = Counter()
        for record in corpus_records.records(file, problems):
            about.records += 1
            for what, leak in self._leaks(about.file, record):
                about.leaks += 1
                places[what] += 1
                if places[what] <= MOST_PLACES:
                    about.listed += 1
                    self.leaks.append(leak)
        about.unread = len(problems)
        about.problems = tuple(one.at(about.file) for one in problems[:SHOWN])
        self.read_files.append(about)

    def refuse_unread(self) -> None:
        """Refuse corpora of which nothing could be read, since nothing is found in them.

        Raises:
            UsageError: names each with its first problem.
        """
        if unread := [one.problems[0] for one in self.read_files if one.problems and not one.records]:
            raise UsageError("\n".join(unread))

    def _leaks(self, file: str, record: CorpusRecord) -> Iterator[tuple[tuple[object, ...], Leak]]:
        if self.canary and self.canary in record.text:
            leak = Leak(file, record.place, "", "", "", "release", False, "canary", 0, 1.0, self.canary)
            yield ("canary",), leak
        found = self.overlap.find(record.text)
        for one in found:
            text = self.overlap.texts[one.text]
            for item in self.having[one.text]:
                key = text.field == f"option_{item.key + 1}"
                yield (
                    (one.text, item.item_id),
                    Leak(
                        file, record.place, item.item_id, item.language, item.split, text.field, key, one.kind,
                        one.words, round(one.likeness, 4), one.excerpt,
                    ),
                )  # fmt: skip
                self._anchor(file, record, item)
        for name in _SAME_ITEM:
            value = record.ids.get(name, "")
            for item_id, split in sorted({(item.item_id, item.split) for item in self.known.get(value, ())}):
                yield (
                    ("id", item_id),
                    Leak(
                        file, record.place, item_id, _language_of(file), split, "item", False, "id", 0, 1.0,
                        f"{name} {value}",
                    ),
                )  # fmt: skip

    def _anchor(self, file: str, record: CorpusRecord, item: ReleasedItem) -> None:
        """Note that a record of a family of files has an item's text, so that its other languages do as well."""
        self._found.add((file, record.place))
        for name, value in record.ids.items():
            if name not in _SAME_ITEM:
                mark = (_family(file), name, value)
                self._anchors.setdefault(mark, (f"{file}, {record.place}", set()))[1].add(item.item_id)

    def follow_ids(self, files: Sequence[Path]) -> None:
        """Search files that differ from those of a leak by a language alone, for records with the same id."""
        families = Counter(_family(str(file)) for file in files)
        anchored = {family for family, _, _ in self._anchors if families[family] > 1}
        splits = {item.item_id: item.split for held in self.having for item in held}
        by_file = {about.file: about for about in self.read_files}
        for file in files:
            if _family(str(file)) not in anchored:
                continue
            for record in corpus_records.records(file, []):  # what is unreadable was told at the first reading
                if (str(file), record.place) in self._found:
                    continue
                for name, value in record.ids.items():
                    place, having = self._anchors.get((_family(str(file)), name, value), ("", set[str]()))
                    for item_id in sorted(having):
                        self.leaks.append(
                            Leak(
                                str(file), record.place, item_id, _language_of(str(file)), splits[item_id], "item",
                                False, "id", 0, 1.0, f"{name} {value}, whose text was found at {place}",
                            )
                        )  # fmt: skip
                        by_file[str(file)].leaks += 1
                        by_file[str(file)].listed += 1


def _passport(
    items: Sequence[ReleasedItem], leaks: Sequence[Leak], lengths: Mapping[str, int], ngram: int
) -> Iterator[dict[str, Any]]:
    """Yield one line for each item: how many words its fields have, which a probe sees, and what was found."""
    own: dict[tuple[str, str], list[Leak]] = defaultdict(list)
    anywhere: set[str] = set()
    for leak in leaks:
        anywhere.add(leak.item_id)
        if leak.kind != "id":
            own[leak.item_id, leak.language].append(leak)
    for item in items:
        key = item.options[item.key] if 0 <= item.key < len(item.options) else ""
        texts = {"passage": [item.passage], "question": [item.question], "options": item.options, "key": [key]}
        words = {field: max((lengths[one] for one in some if one), default=0) for field, some in texts.items()}
        found = own.get((item.item_id, item.language), [])
        yield {
            "item_id": item.item_id,
            "language": item.language,
            "split": item.split,
            **{f"{field}_words": count for field, count in words.items()},
            **{f"{field}_seen": count >= ngram for field, count in words.items()},
            "leaked_fields": sorted({"key" if leak.key else leak.field for leak in found}),
            "leaked_by": sorted({leak.kind for leak in found}),
            "leaked_in_any_language": item.item_id in anywhere,
        }


def _facts(
    items: Sequence[ReleasedItem], lines: Sequence[Mapping[str, Any]], search: _Search, asked: Mapping[str, Any]
) -> dict[str, Any]:
    fields = ("passage", "question", "options", "key")
    languages = sorted({item.language for item in items})
    return {
        "format": contamination_page.FORMAT,
        "asked": dict(asked),
        "canary": search.canary,
        "items": len({item.item_id for item in items}),
        "texts": len(lines),
        "seen": [
            {"words": length}
            | {field: sum(line[f"{field}_words"] >= length for line in lines) / len(lines) for field in fields}
            for length in sorted({*LENGTHS, asked["ngram"]})
        ],
        "languages": [
            {
                "language": code,
                "items": len(mine := [line for line in lines if line["language"] == code]),
                "leaked": sum(bool(line["leaked_fields"]) for line in mine),
                **{f"{field}_seen": sum(line[f"{field}_seen"] for line in mine) / len(mine) for field in fields},
            }
            for code in languages
        ],
        "leaked": len({leak.item_id for leak in search.leaks if leak.item_id}),
        "kinds": dict(sorted(Counter(leak.kind for leak in search.leaks).items())),
        "corpora": [asdict(one) for one in search.read_files],
        "examples": [asdict(leak) for leak in search.leaks[:200]],
        "listed": len(search.leaks),
    }


def _files(corpora: Sequence[str]) -> list[Path]:
    """Return the files of corpora, each once, in the order of their names.

    Raises:
        UsageError: a file is of no kind that is read, or a folder holds none that is.
    """
    files: dict[Path, None] = {}
    known = ", ".join(corpus_records.SUFFIXES)
    for corpus in corpora:
        path = Path(corpus)
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found = [file for file in inside if file.is_file() and corpus_records.kind_of(file)]
        if not found:
            raise UsageError(f"{corpus}: there are no texts that are read; known are {known}")
        files |= dict.fromkeys(found)
    return sorted(files)


def _tokens(file: str) -> list[str]:
    return [part for name in Path(file).parts[-3:] for part in _TOKEN.findall(name)]


def _spells(token: str) -> bool:
    return len(token) > 1 and spelling(token) is not None


def _family(file: str) -> str:
    """Return what a file's path says besides its language, by which files that differ in it alone are told."""
    folder = Path(*Path(file).parts[:-3]) if len(Path(file).parts) > 3 else Path()
    return f"{folder}:{''.join('{}' if _spells(token) else token for token in _tokens(file))}"


def _language_of(file: str) -> str:
    """Return the code of the language that a file's path tells; "" if it tells none, or several."""
    found = {one.code for token in _tokens(file) if _spells(token) and (one := language_meant(token))}
    return found.pop() if len(found) == 1 else ""
