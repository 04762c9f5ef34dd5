"""Feedback on a question while its author writes it: short sentences with numbers, the most serious first.

Checks judge finished items; here unfinished ones are looked at, so checks that need missing parts are skipped, and
the missing parts are named. Only the texts are used, and within milliseconds: the page asks at every box that an
author fills in. Nothing said here decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from data.ledger import tables
from data.ledger.tables import passage_of
from qc.check import Suite
from qc.checks.structure_checks import all_of_the_above, contained_option, distinct_options
from qc.checks.wording_checks import (
    invisible_characters,
    length_bounds,
    quote_debris,
    quoted,
    reads_like_question,
    stray_whitespace,
    wrong_script,
)
from qc.feedback.shortcut_meter import Meter, MeterReading
from qc.feedback.similar_questions import ALIKE, SimilarityIndex
from qc.text.text_folding import SPACELESS, fold, script_of

SUITE: Suite = (
    distinct_options, contained_option, all_of_the_above, reads_like_question, length_bounds, quote_debris,
    wrong_script, invisible_characters, stray_whitespace,
)  # fmt: skip
"""The structure checks that need no other item."""

VERBATIM = 3  # consecutive words from the passage that are reported
_OVERLAP = 0.4  # excess overlap of the key with the passage, over any other answer, that is reported


@dataclass(frozen=True)
class DraftQuestion:
    """A question as far as it is written.

    Attributes:
        question_id: of its slot, so that it is not compared with itself.
        language: its code.
        sentences: of the passage.
        question: "" if not written.
        answers: four, "" for those not written.
        key: 0 to 3; None if not marked.
    """

    question_id: str
    language: str
    sentences: tuple[str, ...]
    question: str
    answers: tuple[str, ...]
    key: int | None

    @property
    def passage_id(self) -> str:
        """The passage of the question; "" if unknown."""
        return passage_of(self.question_id)

    @property
    def complete(self) -> bool:
        """Whether all parts that cues are looked for in are there."""
        return bool(self.question and all(self.answers) and self.key is not None)


def noticed(
    written: DraftQuestion, likeness: SimilarityIndex, parameters: Mapping[str, Mapping[str, object]] | None = None
) -> list[str]:
    """Return all feedback on a question except the meter's reading.

    Args:
        written: the question.
        likeness: the existing questions.
        parameters: per check's name, as in campaign.toml's [checks.<name>].
    """
    return [
        *_missing(written),
        *_structure(written, parameters or {}),
        *_length(written),
        *_overlap(written),
        *_double(written, likeness),
    ]


def read_by(meter: Meter, written: DraftQuestion) -> MeterReading | None:
    """Return the meter's reading of a question; None while something is missing."""
    if not written.complete or written.key is None:
        return None
    return meter.read(written.question, written.answers, written.key, written.passage_id)


def _missing(written: DraftQuestion) -> list[str]:
    missing = [] if written.question else ["the question"]
    empty = [str(n) for n, text in enumerate(written.answers, 1) if not text]
    if empty:
        missing.append(f"answer{'s' if len(empty) > 1 else ''} {_and(empty)}")
    if written.key is None:
        missing.append("which answer is correct")
    return [f"Not seen yet: {_and(missing)}. What is put down with Enter is seen."] if missing else []


def _structure(written: DraftQuestion, parameters: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return the checks' findings on the texts that are there; missing ones are not a fault yet."""
    present = [n for n, text in enumerate(written.answers, 1) if text]
    line = dict.fromkeys(tables.ITEMS.names) | {
        "question_id": written.question_id, "language": written.language, "kind": "source",
        "question": written.question, "answers": list(written.answers), "key": 1, "revision": 1,
    }  # fmt: skip
    items = pd.DataFrame([line])
    found = []
    for check in SUITE:
        if check is reads_like_question and not written.question:
            continue
        if check is length_bounds and not (written.question and len(present) == len(written.answers)):
            continue
        finding = check.function(items, **check.bind(parameters.get(check.name)))  # needs no validation here
        if reason := finding["reason"].iloc[0] if bool(finding["flagged"].fillna(False).iloc[0]) else "":
            said = str(reason).replace("option ", "answer ").replace("options ", "answers ")
            found.append(f"{said[:1].upper()}{said[1:]}.")
    return found


def _length(written: DraftQuestion) -> list[str]:
    if not all(written.answers) or written.key is None:
        return []
    spaceless = script_of(written.language) in SPACELESS
    sizes = [len(fold(text)) if spaceless else len(text.split()) for text in written.answers]
    unit = "character" if spaceless else "word"
    mine, rivals = sizes[written.key], [size for n, size in enumerate(sizes) if n != written.key]
    for by, how in ((mine - max(rivals), "longest"), (min(rivals) - mine, "shortest")):
        if by > 0:
            return [f"The correct answer is the {how}, by {by} {unit}{'s' if by > 1 else ''}."]
    return []


def _overlap(written: DraftQuestion) -> list[str]:
    passage = f" {fold(' '.join(written.sentences))} "
    known = set(passage.split())
    found = [
        f"Answer {number} stands word for word in the passage: {quoted(text)}."
        for number, text in enumerate(written.answers, 1)
        if len(fold(text).split()) >= VERBATIM and f" {fold(text)} " in passage
    ]
    if not all(written.answers) or written.key is None or not known:
        return found
    words = [set(fold(text).split()) for text in written.answers]
    shares = [len(one & known) / max(1, len(one)) for one in words]
    mine, rivals = shares[written.key], [share for n, share in enumerate(shares) if n != written.key]
    if mine >= max(rivals) + _OVERLAP:
        of = f"{mine:.0%} of its words, of the others' at most {max(rivals):.0%}".replace("%", " %")
        found.append(f"The passage holds more of the correct answer than of any other: {of}.")
    return found


def _double(written: DraftQuestion, likeness: SimilarityIndex) -> list[str]:
    near = likeness.nearest(written.question, but=written.question_id) if written.question else None
    if near is None or near.likeness < ALIKE:
        return []
    return [f"A question that was written before is {near.likeness:.0%} the same: ".replace("%", " %")
            + f"{quoted(near.text, 120)}."]  # fmt: skip


def _and(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
