"""The copy of our layer that stands beside a Label Studio, with what it says in people's languages.

The layer runs in Label Studio's own environment, which has none of our libraries, so catalogues are compiled (MO)
as it is copied. A lead's files `words.<language>.po` in the folder of the copy win over ours, message by message:
they correct what the server itself says, on its sign-up page and beside the work.

`python -m annotation.labelstudio.layer_copy FOLDER` copies it for a server that the program does not start.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from annotation.words.catalogues import Parsed, compiled, ours, parse, tag_of, template
from data.errors import UsageError
from data.languages import language as find_language

_LAYER = Path(__file__).parents[1] / "layer"

NAME = "belebele_layer"
"""What Label Studio's Python imports the copy as."""


def place_layer(folder: Path) -> tuple[str, ...]:
    """Copy the layer to where Label Studio's Python finds it, and return what is wrong with the words beside it.

    Args:
        folder: for the copy, and for the layer's own files; only its owner can read it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    copy = folder / NAME
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(_LAYER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    texts = {code: dict(one.texts) for code, one in ours().items()}
    problems: list[str] = []
    for file, code, found in _own(folder):
        problems += [f"{file}: {problem}" for problem in found.problems]
        if found.texts:
            texts.setdefault(code, {}).update(found.texts)
    locale = copy / "pages" / "locale"
    locale.mkdir(exist_ok=True)
    for code, said in texts.items():
        (locale / f"{tag_of(code)}.mo").write_bytes(compiled(tag_of(code), said))
    return tuple(problems)


def _own(folder: Path) -> Iterator[tuple[Path, str, Parsed]]:
    """Yield the lead's files of words in a folder, each with its language and what it holds."""
    for file in sorted(folder.glob("words.*.po")):
        try:
            code = str(find_language(file.name.removeprefix("words.").removesuffix(".po")).code)
            yield file, code, parse(file.read_text("utf-8"), template())
        except UsageError as error:
            yield file, "", Parsed({}, (str(error),))
        except UnicodeDecodeError:
            yield file, "", Parsed({}, ("not UTF-8; save the file as UTF-8",))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m annotation.labelstudio.layer_copy FOLDER")
    for wrong in place_layer(Path(sys.argv[1])):
        print(wrong, file=sys.stderr)
