"""How every workbench works: in which order its tasks come, what Skip does, when Submit may be pressed."""

from __future__ import annotations

from collections.abc import Mapping

SETTINGS: Mapping[str, object] = {
    "show_instruction": True,  # before the first task; later one click away
    "sampling": "Sequential sampling",
    "maximum_annotations": 1,
    "enable_empty_annotation": True,  # else Submit is grey without a word; the pages say what is missing
    "show_skip_button": True,
    "skip_queue": "IGNORE_SKIPPED",  # a skipped task is not shown to that person again: it goes to somebody else
    "show_collab_predictions": False,
}
"""Settings of every workbench. Any account there can change them; they are restored."""
