"""The work of `belebele lint --fix`: write a set's files with their certain mends, and the list of these.

Every file is written; one without a mend stays the same byte for byte. A text that the reader joined from several
(a dialogue's turns) is not one text in its file, so its mend is listed as not made.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import UsageError
from data.itemsets.mended_files import KINDS, mended
from data.output_files import Outputs

if TYPE_CHECKING:
    from qc.lint.certain_mends import Mend

COMMAND = "lint --fix"

_PLACE = re.compile(r"(?P<file>.*), (?:line|row) (?P<number>\d+)(?:, .*)?")


@dataclass(frozen=True)
class Mended:
    """The mends of a set that were written.

    Attributes:
        mends: the mends that were made.
        left: the mends that could not be made in the file.
        out: where the files are.
    """

    mends: tuple[Mend, ...]
    left: tuple[Mend, ...]
    out: str

    @property
    def listed(self) -> bytes:
        """The list of mends, one JSON object a line."""
        return "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in self.mends).encode()

    @property
    def sentence(self) -> str:
        """The result as a sentence for a terminal."""
        left = f"; {len(self.left)} could not be made in their files" if self.left else ""
        return f"Mended: {len(self.mends)} texts, written to {self.out}{left}"


def refuse_unwritable(out: str, files: Sequence[Path]) -> None:
    """Check that a set's files can be written with mends, before anything is judged.

    Raises:
        UsageError: a file is of a kind that is not written, or `out` holds somebody else's files.
    """
    if strange := [str(file) for file in files if file.suffix.lower() not in KINDS]:
        raise UsageError(f"{strange[0]}: --fix writes {', '.join(KINDS)}; convert the file to one of them first")
    for target in _targets(out, files).values():
        Outputs.of_folder(target.parent, COMMAND, files).check([target.name])


def write_mended(out: str, files: Sequence[Path], mends: Sequence[Mend]) -> Mended:
    """Write a set's files with their mends.

    Args:
        out: a folder for all files, each under its name; for a single file, a file of the same kind is possible.
        files: the files that the set was read from.
        mends: the mends to make.

    Raises:
        UsageError: as for `refuse_unwritable`.
        OutputFailed: the disk refuses.
    """
    refuse_unwritable(out, files)
    texts: dict[str, dict[int, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    for one in mends:
        if (found := _PLACE.fullmatch(one.place)) is not None:
            texts[found["file"]][int(found["number"])][one.before] = one.after
    done: set[tuple[str, int, str]] = set()
    contents: dict[Path, bytes] = {}
    for file, target in _targets(out, files).items():
        made = mended(file, texts.get(str(file), {}))
        contents[target] = made.content
        done |= {(str(file), number, before) for number, some in made.done.items() for before in some}
    folders: dict[Path, dict[str, bytes]] = defaultdict(dict)
    for target, content in contents.items():
        folders[target.parent][target.name] = content
    for folder, inside in folders.items():
        Outputs.of_folder(folder, COMMAND, files).write(inside)
    kept = tuple(one for one in mends if _was_made(one, done))
    return Mended(kept, tuple(one for one in mends if one not in kept), out)


def _was_made(one: Mend, done: set[tuple[str, int, str]]) -> bool:
    found = _PLACE.fullmatch(one.place)
    return found is not None and (found["file"], int(found["number"]), one.before) in done


def _targets(out: str, files: Sequence[Path]) -> dict[Path, Path]:
    """Return the target of each file: in `out`, under its path below the folder that holds them all."""
    if len(files) == 1:
        whole = Path(out).suffix.lower() == files[0].suffix.lower()
        return {files[0]: Path(out) if whole else Path(out) / files[0].name}
    above = _common(files)
    return {file: Path(out) / file.resolve().relative_to(above) for file in files}


def _common(files: Sequence[Path]) -> Path:
    import os

    return Path(os.path.commonpath([file.resolve().parent for file in files]))
