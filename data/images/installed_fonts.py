"""Which fonts draw a script, and those of them that this machine has.

`fonts.csv` names a script's families by style, each with the Debian package that brings it. Only the regular face
of a family that the table or the user names is ever drawn with, from a file whose digest is recorded: neither the
other fonts of a machine nor its settings change a page.
"""

from __future__ import annotations

import csv
import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any

from data.errors import UsageError
from data.images.pango_libraries import libraries
from data.languages import is_nastaliq, languages, script_named

STYLES = ("sans", "serif", "nastaliq")

_REGULAR, _ROMAN = 80, 0  # fontconfig's numbers
_ANY_SCRIPT = "Zyyy"


@dataclass(frozen=True)
class FontFile:
    """The regular face of a family, on this machine.

    Attributes:
        family: its name.
        path: the file; a collection holds the faces of several families.
        pattern: fontconfig's record of it, which knows the characters that it has.
    """

    family: str
    path: Path
    pattern: Any

    def has(self, character: str) -> bool:
        """Return whether the font maps a character to a glyph."""
        loaded = libraries()
        found = loaded.ffi.new("FcCharSet **")
        loaded.fontconfig.FcPatternGetCharSet(self.pattern, b"charset", 0, found)
        return bool(loaded.fontconfig.FcCharSetHasChar(found[0], ord(character)))


@dataclass(frozen=True)
class Family:
    """One line of the table."""

    script: str
    style: str
    name: str
    package: str


@cache
def families() -> tuple[Family, ...]:
    """Return the table's lines, in its order."""
    table = files("data.images").joinpath("fonts.csv").read_text(encoding="utf-8")
    lines = csv.DictReader(table.splitlines())
    return tuple(Family(one["script"], one["style"], one["family"], one["package"]) for one in lines)


def script_of(language: str, texts: Iterable[str] = ()) -> str:
    """Return a language's script as ISO 15924 has it: by the table, by its code, or by most letters of its texts.

    Returns:
        "Zyyy" if nothing tells it.

    >>> script_of("urd_Arab"), script_of("xyz_Deva"), script_of("", ["Ελλάδα 2004"])
    ('Arab', 'Deva', 'Grek')
    """
    from data.languages import canonical, script_shares

    if (known := languages().get(canonical(language))) is not None:
        return known.script
    scripts = dict.fromkeys(one.script for one in families())
    if (named := script_named(language)) in scripts:
        return named
    together = ["".join(texts)]
    shares = {one: float(script_shares(together, one)[0]) for one in scripts if one != _ANY_SCRIPT}
    best = max(shares, key=lambda one: (shares[one] == shares[one], shares[one]))
    return best if shares[best] > 0 else _ANY_SCRIPT


def families_of(language: str, script: str, wanted: str) -> tuple[Family, ...]:
    """Return the families to draw a language with, the first that fits to be taken.

    Args:
        language: its code.
        script: its script.
        wanted: a style, or the name of a family; a script that has no face of a style is drawn with what it has.
    """
    if wanted not in STYLES:
        package = next((one.package for one in families() if one.name == wanted), "")
        return (Family(script, "", wanted, package),)
    style = "nastaliq" if is_nastaliq(language) and wanted == "sans" else wanted
    of_script = [one for one in families() if one.script == script]
    return tuple(sorted(of_script, key=lambda one: (one.style != style, one.style == "nastaliq")))


@cache
def installed() -> Mapping[str, FontFile]:
    """Return the regular face of every family that fontconfig finds on this machine, by the family's name."""
    loaded = libraries()
    fc, ffi = loaded.fontconfig, loaded.ffi
    config = fc.FcInitLoadConfigAndFonts()
    wanted = fc.FcObjectSetCreate()
    for name in (b"family", b"file", b"weight", b"slant", b"width", b"charset", b"variable"):
        fc.FcObjectSetAdd(wanted, name)
    listed = fc.FcFontList(config, fc.FcPatternCreate(), wanted)
    found: dict[str, FontFile] = {}
    for at in range(listed.nfont):
        pattern = listed.fonts[at]
        if _number(ffi, fc, pattern, b"weight") != _REGULAR or _number(ffi, fc, pattern, b"slant") != _ROMAN:
            continue
        if _number(ffi, fc, pattern, b"width") not in (100, None):
            continue
        name = ffi.new("char **")
        fc.FcPatternGetString(pattern, b"file", 0, name)
        path = Path(ffi.string(name[0]).decode())
        fc.FcPatternGetString(pattern, b"family", 0, name)
        family = ffi.string(name[0]).decode()
        if family not in found or str(path) < str(found[family].path):
            found[family] = FontFile(family, path, pattern)
    return MappingProxyType(dict(sorted(found.items())))


def _number(ffi: Any, fc: Any, pattern: Any, name: bytes) -> int | None:
    value = ffi.new("int *")
    return None if fc.FcPatternGetInteger(pattern, name, 0, value) else int(value[0])


def check_wanted(wanted: Iterable[str]) -> None:
    """Check that every font that a user asks for is a style or an installed family.

    Raises:
        UsageError: one is neither; the message names families with a similar name, or the package that has it.
    """
    for one in wanted:
        if one in STYLES or one in installed():
            continue
        package = next((line.package for line in families() if line.name == one), "")
        near = difflib.get_close_matches(one, [*STYLES, *installed()], n=3, cutoff=0.5)
        cure = f"apt-get install {package}" if package else f"did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(
            f"no font here is called {one!r}"
            + (f": {cure}" if cure else f"; --font takes {', '.join(STYLES)}, or a family that fc-list names")
        )


@cache
def digest(path: Path) -> str:
    """Return the SHA-256 of a font's file."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
