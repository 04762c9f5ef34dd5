"""The map of the code: every room of every package and every module in it, by the first line of its docstring."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

from reference.markdown import GENERATED, code, plain, table

ROOT = Path(__file__).parents[2]
PACKAGES = ("data", "annotation", "qc", "flows")

_INTRODUCTION = """\
# Map of the code

Four packages, with a room for each topic. [The architecture](../architecture.md) says what they are for; here
stands every module with the first line of its own text.

"""


def page() -> str:
    """Return the page, in Markdown."""
    rooms = [room for package in PACKAGES for room in _rooms(ROOT / package)]
    return GENERATED + _INTRODUCTION + "\n".join([_floors(), *map(_room, rooms)])


def _rooms(package: Path) -> list[Path]:
    """Return the folder of a package and all folders in it with modules, by name."""
    inside = sorted(file.parent for file in package.rglob("__init__.py"))
    return sorted({package, *inside})


def _room(folder: Path) -> str:
    name = str(folder.relative_to(ROOT))
    rows = [
        [code(file.name), plain(_first_line(file))]
        for file in sorted(folder.glob("*.py"))
        if file.name != "__init__.py"
    ]
    level = "##" if "/" not in name else "###"
    about = plain(_first_line(folder / "__init__.py"))
    return f"{level} {name}\n\n{about}\n\n" + (table(["module", "is"], rows) if rows else "")


def _first_line(file: Path) -> str:
    """Return the first paragraph of a module's docstring."""
    return " ".join((ast.get_docstring(ast.parse(file.read_text("utf-8"))) or "").partition("\n\n")[0].split())


def _floors() -> str:
    """Return the borders that `lint-imports` enforces, by the names of their contracts."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = [one["name"] for one in settings["tool"]["importlinter"]["contracts"]]
    listed = "".join(f"- {plain(name)}\n" for name in names)
    return f"## Who may import whom\n\nA `>` is read as: may import.\n\n{listed}"
