"""FLORES-200 as it was published: 204 languages, one sentence a line, as a folder or as the tar it came in.

    flores200_dataset/{dev,devtest}/<code>.<split>      sentences, the same line is the same sentence everywhere
    flores200_dataset/metadata_{dev,devtest}.tsv        URL, domain, topic, … of each line, below a header

The archive is read once from front to end and nothing is unpacked: sentences become Arrow arrays in the order in
which they come, and the metadata may come after them. Nothing is guessed: files whose lines are not parallel would
pair sentences with the wrong passages, so the source is refused, with all its faults reported together.
"""

from __future__ import annotations

import gzip
import re
import tarfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.errors import BadEncoding, MisalignedSource, MissingLanguage, SourceError
from data.intake import LONGEST_SHOWN, Unreadable, listed, text_files
from data.languages import language
from data.sources.passage_assembly import SCHEMA, Layout, Origin, SourceFault, apart, refuse

KIND = "flores200"

UNPACKED = 1 << 30
"""The most bytes of an archive's content; FLORES-200's is a tenth of that."""

LARGEST = 1 << 26
"""The most bytes of one of its files."""

SPLITS = ("dev", "devtest")

_MEMBER = re.compile(r"(?:^|/)(?P<split>dev|devtest)/(?P<code>[a-z]{3}_[A-Z][a-z]{3})\.(?P=split)$")
_METADATA = re.compile(r"(?:^|/)metadata_(?P<split>dev|devtest)\.tsv$")
_NEEDED = ("URL", "domain", "topic")


def read(path: Path, wanted: Sequence[str] | None) -> pa.Table:
    """Read all passages in the wanted languages.

    Args:
        path: the folder (or the folder around it), or the archive: .tar, .tar.gz or .tgz.
        wanted: language codes or aliases; all that the source has by default.

    Returns:
        Columns of `data.sources.passage_assembly.SCHEMA`, one line per language and passage, ordered by language,
        then position.

    Raises:
        UsageError: a code is unknown.
        MissingLanguage: the source has no text for a language, in one split or both.
        MisalignedSource: sentence files differ in length, from each other or from the metadata.
        BadEncoding: a file has bytes that are not UTF-8.
        SourceError: something else is wrong, or there are faults of several kinds.
    """
    codes = None if wanted is None else asked(wanted)
    found = _Found()
    for name, content in _files(path):
        match = _MEMBER.search(name)
        if codes is None or match is None or match["code"] in codes:
            found.take(name, content)
    if codes is None:
        codes = sorted({code for code, _ in found.sentences})
    refuse(path, found.faults or found.misfits(codes))
    layouts = found.layouts()
    refuse(path, apart(layouts))
    shared = {layout.split: layout.columns() for layout in layouts}
    return pa.Table.from_batches(
        [
            layout.batch(shared[layout.split], code, found.sentences[code, layout.split])
            for code in codes
            for layout in layouts
        ],
        schema=SCHEMA,
    )


def available(path: Path) -> list[str]:
    """Return the languages that the source has text for in both splits, sorted."""
    matches = (_MEMBER.search(name) for name, _ in _files(path))
    per_code = Counter(match["code"] for match in matches if match)
    return sorted(code for code, splits in per_code.items() if splits == len(SPLITS))


def root_of(path: Path) -> Path:
    """Return the folder that holds dev/ and devtest/: the given one, or one folder in it.

    Raises:
        SourceError: there is no such folder.
    """
    for root in (path, *sorted(child for child in path.iterdir() if child.is_dir())):
        if all((root / split).is_dir() for split in SPLITS):
            return root
    raise SourceError(
        f"{path} is not FLORES-200",
        ["it holds no folders dev/ and devtest/; give the folder flores200_dataset or the archive itself"],
    )


@dataclass
class _Found:
    """The sentences and metadata that were read so far, and their faults."""

    sentences: dict[tuple[str, str], pa.Array] = field(default_factory=dict)  # by language and split
    origins: dict[str, list[Origin]] = field(default_factory=dict)  # by split
    faults: list[SourceFault] = field(default_factory=list)

    def take(self, name: str, content: Callable[[], bytes]) -> None:
        """Read one file, and keep its faults for later."""
        if match := _MEMBER.search(name):
            if (decoded := self._decoded(name, content())) is not None:
                self.sentences[match["code"], match["split"]] = decoded
        elif match := _METADATA.search(name):
            self.origins[match["split"]] = self._described(name, content())

    def layouts(self) -> list[Layout]:
        """Return the passages of each split; those of dev come first."""
        layouts: list[Layout] = []
        for split in SPLITS:
            layouts.append(Layout.of(KIND, split, sum(map(len, layouts)), self.origins[split]))
        return layouts

    def misfits(self, codes: Sequence[str]) -> list[SourceFault]:
        """Return the faults between files that do not fit together; call it after all files are read."""
        faults: list[SourceFault] = []
        for split in SPLITS:
            if split not in self.origins:
                faults.append(
                    (SourceError, f"metadata_{split}.tsv: missing; it says what belongs to one document")
                )
                continue
            faults += [
                (MissingLanguage, f"{split}/{code}.{split}: missing; add the file, or leave out {code}")
                for code in codes
                if (code, split) not in self.sentences
            ]
            faults += self._uneven(split, codes)
        return faults

    def _uneven(self, split: str, codes: Sequence[str]) -> list[SourceFault]:
        counts = {code: len(self.sentences[code, split]) for code in codes if (code, split) in self.sentences}
        described = len(self.origins[split])
        usual = Counter(counts.values()).most_common(1)[0][0] if counts else described
        faults: list[SourceFault] = [
            (
                MisalignedSource,
                f"{split}/{code}.{split}, line {min(count, usual) + 1}: the file has {count} lines, "
                f"the others have {usual}; fetch it again",
            )
            for code, count in counts.items()
            if count != usual
        ]
        if described != usual:
            kind = "too short" if described < usual else "too long"
            line = min(described, usual) + 2  # 1 for the next line, 1 for the header
            told = f"metadata_{split}.tsv, line {line}: {kind}, it describes {described} of {usual} sentences"
            faults.append((MisalignedSource, f"{told}; fetch it again"))
        return faults

    def _decoded(self, name: str, data: bytes) -> pa.Array | None:
        """Return the lines of a file, stripped, without creating a Python object for each."""
        if not data.endswith(b"\n") and data:
            data += b"\n"
        ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord("\n")) + 1
        offsets = np.concatenate([[0], ends]).astype(np.int32)
        lines = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(data))
        if not self._is_text(name, data):
            return None
        return pc.utf8_trim_whitespace(lines)  # this strips the line's end, too

    def _described(self, name: str, data: bytes) -> list[Origin]:
        if not self._is_text(name, data):
            return []
        header, *lines = data.decode("utf-8-sig").removesuffix("\n").split("\n")
        names = header.rstrip("\r").split("\t")
        if absent := [column for column in _NEEDED if column not in names]:
            self.faults.append(
                (SourceError, f"{name}, line 1: the header has no {', '.join(absent)}, only {listed(names)}")
            )
            return []
        places = [names.index(column) for column in _NEEDED]
        origins = []
        for number, line in enumerate(lines, start=2):
            cells = [cell.strip() for cell in line.split("\t")]
            if len(cells) < len(names) or not cells[places[0]]:
                problem = f"{len(cells)} of {len(names)} fields" if len(cells) < len(names) else "no URL"
                self.faults.append((SourceError, f"{name}, line {number}: {problem}; fetch the file again"))
                continue
            origins.append(Origin(*(cells[place] for place in places)))
        return origins

    def _is_text(self, name: str, data: bytes) -> bool:
        try:
            data.decode()
            if (place := data.find(b"\0")) >= 0:
                line = data.count(b"\n", 0, place) + 1
                raise Unreadable("holds the character U+0000; fetch the file again", line)
            if len(longest := max(data.split(b"\n"), key=len)) > LONGEST_SHOWN:
                line = data.count(b"\n", 0, data.find(longest)) + 1
                raise Unreadable(f"is {len(longest):,} bytes long, and at most {LONGEST_SHOWN:,} are taken", line)
        except UnicodeDecodeError as error:
            self.faults.append((BadEncoding, text_files.not_utf8(error).at(name)))
            return False
        except Unreadable as problem:
            self.faults.append((SourceError, problem.at(name)))
            return False
        return True


def asked(wanted: Sequence[str]) -> list[str]:
    """Return the codes of the wanted languages, sorted, each once.

    Raises:
        UsageError: a code is unknown.
        MissingLanguage: FLORES-200 has no text in a language; none is made up.
    """
    known = {found.code: found for found in map(language, wanted)}
    absent = [found for found in known.values() if not found.flores200]
    if absent:
        cure = (
            "leave it out, or bring its passages yourself: write those of the other languages with "
            "`belebele passages`, put a .jsonl file with its `language`, `link` and `text` beside them, and take "
            "that folder as a source of kind 'parallel'"
        )
        lines = [f"{found.code} ({found.name}): {cure}" for found in absent]
        raise MissingLanguage("FLORES-200 has no text in some of the languages", lines)
    return sorted(known)


def _files(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Yield the name of each file of the source, and a function that reads its content."""
    if path.is_dir():
        root = root_of(path)
        for file in sorted(
            [*root.glob("metadata_*.tsv"), *(root / "dev").iterdir(), *(root / "devtest").iterdir()]
        ):
            yield str(file.relative_to(root)), partial(_whole, file)
    elif path.is_file():
        yield from _members(path)
    else:
        raise SourceError(f"{path} does not exist", ["name FLORES-200's folder, or the archive that it came in"])


def _members(path: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    with _readable(path), _unzipped(path) as opened:
        stream = _Measured(opened)
        with tarfile.open(fileobj=cast(IO[bytes], stream), mode="r|") as archive:
            yield from _inside(path, archive)
        while stream.read(1 << 20):  # tarfile does not notice that an archive is cut off; gzip does
            pass


def _inside(path: Path, archive: tarfile.TarFile) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for member in archive:
        inside = PurePosixPath(member.name)
        if inside.is_absolute() or ".." in inside.parts:
            told = f"{member.name!r} would lie outside of the archive's folder; fetch it from its publisher"
            raise SourceError(f"{path} is not to be trusted", [told])
        if member.isfile():
            yield member.name, partial(_content, path, archive, member)


class _Measured:
    """A stream that raises an error if it gives more than an archive of sentences can hold."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._left = stream, UNPACKED

    def read(self, size: int) -> bytes:
        """Read as from a file."""
        found = self._stream.read(size)
        self._left -= len(found)
        if self._left < 0:
            raise OSError(f"it holds more than {UNPACKED:,} bytes unpacked")
        return found


def _unzipped(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        zipped = file.read(2) == b"\x1f\x8b"
    return cast(IO[bytes], gzip.open(path)) if zipped else path.open("rb")


def _content(path: Path, archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    with _readable(path):
        stream = archive.extractfile(member)
        assert stream is not None  # it is a regular file
        if member.size > LARGEST:
            told = f"{member.name}: {member.size:,} bytes, and at most {LARGEST:,} are taken"
            raise SourceError(f"{path} is not to be trusted", [f"{told}; fetch it from its publisher"])
        return stream.read()


def _whole(file: Path) -> bytes:
    try:
        return text_files.content(file, LARGEST)
    except Unreadable as problem:
        raise SourceError(f"cannot read {file}", [problem.what]) from None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise SourceError(f"{path} cannot be read as a tar archive", [f"{error}; fetch it again"]) from error
