"""The sources of passages: one module for each kind of source, and functions that work on all kinds.

A source is read whole: either it gives the same passages in the same order in every language, or an error names
every file and line at fault. A fault of the *text* (a repeated sentence, a wrong script) is not an error here but
a verdict, given by `qc.checks.source_checks`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal, Protocol, cast, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import UsageError
from data.languages import canonical
from data.ledger.tables import digest
from data.output_files import Outputs
from data.sources import flores200, floresplus, parallel_corpus

SourceKind = Literal["flores200", "floresplus", "parallel"]

COLUMNS = (
    "passage_id", "source", "link", "split", "sentence_ids", "domain", "topic", "language", "text",
)  # fmt: skip
"""The columns that `write_passages` writes, in this order."""

_TARS = (".tar", ".tar.gz", ".tgz")


class _Source(Protocol):
    def read(self, path: Path, wanted: Sequence[str] | None) -> pa.Table: ...

    def available(self, path: Path) -> list[str]: ...


_SOURCES = cast(
    dict[SourceKind, _Source], {"flores200": flores200, "floresplus": floresplus, "parallel": parallel_corpus}
)


def read(kind: str, path: str, languages: Sequence[str] | None = None) -> pa.Table:
    """Read all passages of a source.

    Args:
        kind: flores200, floresplus or parallel; their modules describe the files that they read.
        path: the path of the file or folder.
        languages: codes or aliases; all that the source has by default.

    Returns:
        Columns of `data.sources.passage_assembly.SCHEMA`, one line per language and passage, ordered by language,
        then position.

    Raises:
        UsageError: there is no such kind or path, or a code is unknown.
        SourceError: the source cannot be read; every fault is listed.
    """
    return _source(kind).read(_existing(path), languages)


def available(kind: str, path: str) -> list[str]:
    """Return the codes of the languages that a source has text for, sorted.

    Raises:
        UsageError: there is no such kind or path.
        SourceError: the source cannot be read.
    """
    return _source(kind).available(_existing(path))


def fingerprint(kind: str, path: str, languages: Sequence[str] | None = None) -> str:
    """Return a hash that changes with the names, sizes and times of a source's files, or the wanted languages.

    Raises:
        UsageError: there is no such kind or path.
    """
    _source(kind)
    root = _existing(path)
    files = sorted(file for file in root.rglob("*") if file.is_file()) if root.is_dir() else [root]
    seen = [[str(file.relative_to(root)), (stat := file.stat()).st_size, stat.st_mtime_ns] for file in files]
    wanted = None if languages is None else sorted({canonical(code) for code in languages})
    return digest(kind, seen, wanted)


def guess(path: str) -> SourceKind:
    """Return the kind of source at a path, guessed from the names of its files.

    Raises:
        UsageError: there is no such path, or nothing that looks like a source.
    """
    root = _existing(path)
    if root.is_file() and root.name.endswith(_TARS):
        return "flores200"
    if root.suffix in parallel_corpus.SUFFIXES:
        return "parallel"
    if root.is_dir():
        for folder in (root, *sorted(child for child in root.iterdir() if child.is_dir())):
            if (folder / "metadata_dev.tsv").exists() or any(folder.glob("dev/*.dev")):
                return "flores200"
            if any(file.suffix in parallel_corpus.SUFFIXES for file in folder.glob("dev*/*")):
                return "floresplus"
        if any(file.suffix in parallel_corpus.SUFFIXES for file in root.iterdir()):
            return "parallel"
    raise UsageError(
        f"{path} does not look like a source of passages; give FLORES-200's folder or .tar.gz, "
        "FLORES+'s folder with dev/ and devtest/, or .jsonl or .parquet files with one passage a line"
    )


def write_passages(
    path: str,
    out: str,
    languages: Sequence[str] | None = None,
    kind: str | None = None,
    *,
    seen: Callable[[pa.Table], None] = lambda _: None,
) -> int:
    """Write a source's passages to a parquet file, which appears whole or not at all.

    The file has the columns `COLUMNS`, and one line per language and passage, ordered by language, then position.

    Args:
        path: the path of the source.
        out: the file to write; must end in .parquet.
        languages: codes or aliases; all that the source has by default.
        kind: the kind of source; guessed from its files by default.
        seen: is given the passages with their sentences, before they are written.

    Returns:
        The number of lines that were written.

    Raises:
        UsageError: `out` is not a parquet file, its folder does not exist, something else is there, or as for
            `read`.
        OutputFailed: the disk refuses.
        SourceError: as for `read`.
    """
    target = Path(out)
    if target.suffix != ".parquet":
        raise UsageError(f"passages are written as parquet; call the file {target.with_suffix('.parquet')}")
    outputs = Outputs.of_file(target, "passages", [Path(path).expanduser()])
    outputs.check([target.name])
    found = read(kind or guess(path), path, languages)
    seen(found)
    passages = found.select(COLUMNS)
    sink = pa.BufferOutputStream()
    pq.write_table(passages, sink, compression="zstd")
    outputs.write({target.name: sink.getvalue().to_pybytes()})
    return int(passages.num_rows)


def _source(kind: str) -> _Source:
    if kind not in get_args(SourceKind):
        raise UsageError(
            f"there is no kind of source {kind!r}; it must be one of {', '.join(get_args(SourceKind))}"
        )
    return _SOURCES[cast(SourceKind, kind)]


def _existing(path: str) -> Path:
    found = Path(path).expanduser()
    if not found.exists():
        raise UsageError(f"there is nothing at {path}; check the path of the source")
    return found
