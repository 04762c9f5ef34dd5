"""contact_sheet.html: a page in every script, with the boxes of its words, for somebody to look at before use.

It is one file that opens offline. What a font or a layout does to a script shows on one page of it, so each script
is there once, and Urdu's hanging hand besides the Arabic that other languages are set in.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from data.images.page_files import read_pages
from data.images.page_problem import PageProblem
from data.languages import direction_of, languages


def contact_sheet(folder: Path, facts: Mapping[str, Any]) -> str:
    """Return the sheet.

    Args:
        folder: of the rendering.
        facts: what its rendering.json says.
    """
    shown: dict[tuple[str, bool], dict[str, Any]] = {}
    broken: list[PageProblem] = []
    for told in facts["languages"].values():
        for page in read_pages(folder / told["file"]):
            if isinstance(page, PageProblem):
                broken.append(page)
                continue
            shown.setdefault((page["script"], "Nastaliq" in page["font"]), _told(page))
            break
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = files("flows.rendering").joinpath("contact_sheet.html").read_text(encoding="utf-8")
    pages = [shown[key] for key in sorted(shown)]
    return environment.from_string(template).render(facts=facts, pages=pages, broken=broken)


def _told(page: Mapping[str, Any]) -> dict[str, Any]:
    buffer = io.BytesIO()
    page["image"].save(buffer, "png")
    known = languages().get(page["language"])
    return {
        **page,
        "picture": base64.b64encode(buffer.getvalue()).decode(),
        "name": known.name if known else page["language"],
        "tag": known.bcp47 if known else "und",
        "direction": direction_of(page["language"]),
    }
