"""`datasheet.html`: a release for people who decide whether to use it, as one page that needs no network.

It answers what a data sheet is asked: what the data are, how they were made and by whom, what is known against
them, what they may be used for. It is made from the release's description alone, in one file with its drawings in
it, and every number in it links to the file or the place in the manifest that it comes from.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from data.languages import languages
from data.release.description.hub_card import WISH
from data.release.description.number_sources import NumberSource, of_campaign, of_file, of_items
from data.release.description.release_description import ReleaseDescription
from data.release.description.release_figures import figures
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.evidence_file import LEVELS
from data.release.item_paths import parquet_path

FILE = "datasheet.html"


def datasheet_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the data sheet as a file of the release, by its path."""
    page = _template().render(
        release=release,
        figures={name: Markup(drawing) for name, drawing in figures(release).items()},
        levels=LEVELS,
        wish=WISH,
        evidence_file=EVIDENCE_FILE,
        autonyms={code: one.autonym for code, one in languages().items()},
        path=parquet_path,
        number=number,
        items=lambda split, code: of_items(release, split, code),
        file=lambda path: of_file(release, path),
        campaign=of_campaign,
    )
    return {FILE: (page.rstrip("\n") + "\n").encode()}


def number(value: float, source: NumberSource, form: str = "{:,}") -> Markup:
    """Return a number as a link to where it comes from.

    >>> print(number(1200, NumberSource("manifest.json", "manifest.json: people.authoring")))
    <a class="n" href="manifest.json" title="manifest.json: people.authoring">1,200</a>
    """
    told = escape(form.format(value))
    return Markup('<a class="n" href="{}" title="{}">{}</a>').format(source.path, source.told, told)


@cache
def _template() -> Any:
    environment = Environment(undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files("data.release").joinpath("datasheet.html.jinja").read_text("utf-8"))
