"""README.md of a rendering: the card that the `datasets` library and the Hub read, and what a reader must know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from qc.reports.phrases import plural

_LOAD = """```python
from datasets import load_dataset

pages = load_dataset("{folder}", "{language}", split="test")
pages[0]["image"]  # a PIL image
```"""


def image_card(facts: Mapping[str, Any]) -> str:
    """Return the card.

    Args:
        facts: what rendering.json says.
    """
    told = facts["languages"]
    configs = [
        {"config_name": language or "und", "data_files": [{"split": "test", "path": one["file"]}]}
        for language, one in told.items()
    ]
    front = yaml.safe_dump(
        {"configs": configs, "tags": ["rendered-text"], "pretty_name": f"{facts['name']}, as pages"},
        allow_unicode=True,
        sort_keys=False,
    )
    settings = facts["settings"]
    pages = sum(one["pages"] for one in told.values())
    without = sum(one["without_page"] for one in told.values())
    drawn = "the passage" if settings["part"] == "passage" else "passage, question and labelled options"
    clean = f"as `{settings['degradation']}`" if settings["degradation"] else "not at all"
    paragraphs = [
        f"# {facts['name']}, as pages",
        f"{plural(pages, 'picture')} of text in {plural(len(told), 'language')}: of each item {drawn}. "
        "`item_id` is that of the text release; question, options and answers (the places of the right ones, "
        "from 1) stand beside the picture. A page is the same item in every language.",
        _LOAD.format(folder="path/to/this/folder", language=next(iter(told), "eng_Latn") or "und"),
        f"- **Page**: {settings['resolution']}, letters of {' or '.join(settings['sizes'])} pixels to the em, "
        f"set in {' or '.join(settings['fonts'])}, degraded {clean}; seed {settings['seed']}. Each page tells its "
        "own.",
        "- **Words**: the box of every word in pixels, whole words by Unicode's rules, in the order of the text.",
        "- **Text**: every sign was found in a font before a page was drawn; none shows a box for a missing one."
        + (f" {without:,} items have no page: `problems.jsonl` says why." if without else ""),
        "- **Drawn by** " + ", ".join(f"{name} {number}" for name, number in facts["versions"].items()) + ".",
        "- **Fonts** (by the SHA-256 of their files; the same fonts and versions give the same bytes):",
        "\n".join(f"  - {family}: `{digest}`" for family, digest in facts["fonts"].items()),
        f"The text is that of {facts['name']}, with its licence and its terms."
        + (f" Leave what has the line `{facts['canary']}` out of training data." if facts["canary"] else ""),
    ]
    return f"---\n{front}---\n\n" + "\n\n".join(paragraphs) + "\n"
