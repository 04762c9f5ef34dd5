"""The card of a folder from the Hugging Face Hub, which lists the data files and the names of configurations.

The card is a README.md whose front matter lists `configs`, each with a name and the paths of its files. A set in
many languages has a configuration for each language, so the configurations' names are the languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from data.intake import Unreadable, text_files

_LARGEST = 1 << 20  # characters in a front matter
_MOST = 20_000  # files of a card's configurations


@dataclass(frozen=True)
class ConfiguredFile:
    """A file that a card names.

    Attributes:
        config: the configuration's name.
        split: its name on the card; "" if the card gives none.
        file: the file's path.
    """

    config: str
    split: str
    file: Path


def configured_files(folder: Path) -> list[ConfiguredFile]:
    """Return the files that a folder's card names, in its order; none if it has no card or no `configs`.

    Raises:
        Unreadable: the card's front matter is broken, or a configuration names files outside the folder.
    """
    card = folder / "README.md"
    if not card.is_file():
        return []
    text = text_files.text(card).replace("\r\n", "\n")
    if not text.startswith("---\n") or (end := text.find("\n---", 3)) < 0:
        return []
    if end > _LARGEST:
        raise Unreadable(f"the front matter is longer than {_LARGEST:,} characters; name the files themselves")
    try:
        front = yaml.safe_load(text[4 : end + 1])
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        raise Unreadable("the front matter is no YAML; mend it, or name the files themselves", line) from None
    configs = front.get("configs") if isinstance(front, Mapping) else None
    if not isinstance(configs, list):
        return []
    found = [one for config in configs if isinstance(config, Mapping) for one in _of_config(folder, config)]
    return found[:_MOST]


def _of_config(folder: Path, config: Mapping[str, Any]) -> Iterator[ConfiguredFile]:
    name, root = _word(config.get("config_name")), _word(config.get("data_dir"))
    listed = config.get("data_files")
    for one in listed if isinstance(listed, list) else [listed]:
        split = _word(one.get("split")) if isinstance(one, Mapping) else ""
        paths = one.get("path") if isinstance(one, Mapping) else one
        for path in paths if isinstance(paths, list) else [paths]:
            if not isinstance(path, str) or not path.strip():
                continue
            pattern = f"{root}/{path}".strip("/") if root else path
            if Path(pattern).is_absolute() or ".." in Path(pattern).parts:
                raise Unreadable(f"the configuration {name!r} names {pattern!r}, outside of the folder")
            try:
                matched = sorted(folder.glob(pattern))
            except (ValueError, NotImplementedError):
                raise Unreadable(f"the configuration {name!r} names {pattern!r}, which is no path") from None
            for file in matched:
                if file.is_file():
                    yield ConfiguredFile(name, split, file)


def _word(value: object) -> str:
    """Return a name in a card; "" for a value of any other kind, which YAML references could make huge as text."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
