"""The template of all that pages say, from forms and code: `make words` writes it and renews catalogues.

Forms are read with `annotation.words.form_words`, code by what stands in `gettext("…")`. A catalogue keeps its
translations; messages that are gone leave it, and new ones come in empty. Nothing is guessed from similar ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from annotation.words.form_words import sentences

ROOT = Path(__file__).parents[2]
LOCALE = Path(__file__).parent / "locale"
SAID_IN = ("annotation", "flows/notifications", "flows/reports", "flows/stages", "flows/workbenches")
"""Folders whose code speaks to the people who work on pages."""

_HEAD = """# Template: every text that pages say. `make words` writes it; do not edit it.
msgid ""
msgstr ""
"Project-Id-Version: belebele\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
_IN_SCRIPT = re.compile(r'gettext\(\s*"([^"]+)"')


def messages() -> Iterator[tuple[str, str, int]]:
    """Yield every text that pages say, with the file and the line where it stands."""
    for path in sorted((ROOT / "annotation" / "stages" / "configs").iterdir()):
        if path.suffix in (".xml", ".css"):
            for line, text in sentences(path.read_text("utf-8")):
                yield text, _named(path), line
    for folder in SAID_IN:
        for path in sorted((ROOT / folder).rglob("*.py")):
            with path.open("rb") as file:
                for line, said, _, _ in extract("python", file, keywords={"gettext": None}):
                    yield str(said), _named(path), line
    script = ROOT / "annotation" / "layer" / "companion.js"
    text = script.read_text("utf-8")
    for found in _IN_SCRIPT.finditer(text):
        yield found[1], _named(script), text.count("\n", 0, found.start(1)) + 1


def written() -> str:
    """Return the template, PO without translations."""
    catalogue = Catalog(project="belebele", charset="utf-8")
    for text, file, _ in messages():
        catalogue.add(text, locations=[(file, 0)])  # lines are left out: they change with every edit
    return _HEAD + _body(catalogue)


def renewed(text: str) -> str:
    """Return a catalogue with the messages of the template, its translations kept.

    Args:
        text: of the catalogue, PO.
    """
    kept = {one.id: one for one in read_po(BytesIO(text.encode()), charset="utf-8") if one.id}
    new = Catalog(charset="utf-8")
    for message in read_po(BytesIO(written().encode())):
        if message.id:
            old = kept.get(message.id)
            new.add(
                message.id,
                old.string if old else "",
                message.locations,
                user_comments=old.user_comments if old else (),
            )
    return text.partition("\n\n")[0] + "\n\n" + _body(new)


def _body(catalogue: Catalog) -> str:
    out = BytesIO()
    write_po(out, catalogue, omit_header=True, width=0, include_lineno=False)
    return out.getvalue().decode()


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


if __name__ == "__main__":
    (LOCALE / "messages.pot").write_text(written(), "utf-8")
    for file in sorted(LOCALE.glob("*.po")):
        file.write_text(renewed(file.read_text("utf-8")), "utf-8")
