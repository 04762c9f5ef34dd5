"""The canary of a release: a line that occurs nowhere else, by which a copy of the release is known.

A model that can complete the line has seen the release, and a corpus that holds it holds a copy. It follows from
the release's id alone, so all versions and all files of a release have the same one, it needs no record, and
anybody can work it out. It belongs where copies of each kind take it along: a field of every JSON line (copies
by the line), the card and the pages (crawled text), and the parquet files' metadata (whole files). It proves
nothing by its absence: whoever copies texts alone leaves it behind.
"""

from __future__ import annotations

import uuid

_NAMESPACE = uuid.UUID("6f1c7c0e-5d0b-5f0e-9a3e-0be1ebe1e001")  # ours, for nothing else
_WORD = "belebele-canary"


def canary(id: str) -> str:
    """Return the canary of a release.

    Args:
        id: the release's id, its name on the Hub; if it has none, its title.

    >>> canary("example/boats")
    'belebele-canary-0a37fe16-93f2-5ad8-a3a4-d9a6bb333122'
    >>> canary("example/boats") == canary("example/Boats")
    False
    """
    return f"{_WORD}-{uuid.uuid5(_NAMESPACE, id.strip())}"
