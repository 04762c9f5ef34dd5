"""What is said of a source before anybody has worked with it: languages whose sentences are a line off.

The checks of passages run when a campaign reads them, and by then people have been chosen; a file that is a line
off is the one fault that makes every later comparison wrong, so it is told when the source is first looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from data.ledger import to_frame
from qc.checks.source_checks import shifted_sentences


def alignment_lines(passages: pa.Table) -> Iterator[str]:
    """A line for every language that is off, with the lines of its file.

    Args:
        passages: as `data.sources.read` gives them.
    """
    found = shifted_sentences(to_frame(passages))
    off = found[found["flagged"].fillna(False).astype(bool)]
    for code, reason in zip(off["language"], off["reason"], strict=True):
        yield f"one line off: {code}, {reason}; look at the source before anybody translates from it"
