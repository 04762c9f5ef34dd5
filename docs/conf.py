"""How the pages of this folder become a site: Sphinx reads Markdown (MyST), Furo draws it, nothing comes from
elsewhere.

Pages on what the code defines are written by `reference`, from the code itself, before anything is read;
they are not kept in the repository, so they cannot be out of date.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

from reference import GENERATED_PAGES  # noqa: E402

_PROJECT = tomllib.loads((HERE.parent / "pyproject.toml").read_text("utf-8"))["project"]

project = "Belebele maker"
release = version = _PROJECT["version"]
copyright = "its authors; Apache-2.0"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3
myst_enable_extensions = ["attrs_block", "deflist"]
nitpicky = True
html_theme = "furo"
html_title = project
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
pygments_style = "friendly"
pygments_dark_style = "github-dark"
highlight_language = "none"


def write_pages(_: Sphinx) -> None:
    """Write the generated pages; one that says what it said is left alone, so that it is not built again."""
    for name, page in GENERATED_PAGES.items():
        file, text = HERE / name, page()
        if not file.exists() or file.read_text("utf-8") != text:
            file.write_text(text, "utf-8")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("builder-inited", write_pages)
