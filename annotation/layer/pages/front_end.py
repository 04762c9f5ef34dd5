"""What the companion script leans on in Label Studio's front end: looked for in its files at each start.

The files are minified, but what is called by its name from outside keeps it: stores, their methods and fields,
events, the marks of buttons. A name that is gone from all of them is gone from the page. What a name does, only a
page shows, so the script looks at each page as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

NAMES: tuple[str, ...] = (
    # the page and the data manager
    "APP_SETTINGS", "LabelStudio", "dataManager", "instances", "skipTask", "submitAnnotation", "updateAnnotation",
    # the editor's store
    "annotationStore", "isSubmitting", "noTask", "selected", "submitDraft",
    # an annotation
    "areas", "beforeSend", "deleteAllRegions", "deserializeResults", "deserializeSingleResult", "draftId",
    "isDraftSaving", "isReadOnly", "names", "onDraftSaved", "pauseAutosave", "serializeAnnotation",
    "setDraftSaving", "setDraftSelected", "updateObjects", "versions",
    # what is filled in
    "_value", "elementRef", "holdsState", "isControlTag", "isVisible", "perregion", "regions", "required",
    "requiredmessage", "selectedValues", "setValue", "showSubmit", "toname",
    # buttons
    "bottombar-skip-button", "bottombar-submit-button", "bottombar-update-button", "next-task", "prev-task",
)  # fmt: skip
"""Every name of the front end that `companion.js` uses."""

_WORD = re.compile(rb"[\w$-]+")


def missing(folder: Path, names: Iterable[str] = NAMES) -> Iterator[str]:
    """Yield the names that no script of the front end has.

    Args:
        folder: where Label Studio's front end is.
        names: to look for.
    """
    words: set[bytes] = set()
    for script in sorted(folder.glob("*.js")):
        words.update(_WORD.findall(script.read_bytes()))
    for name in names:
        if name.encode() not in words:
            yield f"{name} in the front end"
