"""The nouns of a campaign and the tables they rest in.

One `Table` a noun: its Arrow schema and the columns that make one event of it. Every table is append-only;
an event's `event_id` is a digest of its identity columns, so that writing the same event twice is harmless:
readers keep one per id. `sequence` says in which order the ledger learnt of the events, `recorded_at` at what time
by the clock of whoever wrote; neither is ever part of an identity.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import pyarrow as pa

Row = Mapping[str, Any]

Stage = Literal[
    "qualifying", "authoring", "guessing", "answering", "judging", "adjudicating", "translating", "proofreading"
]
"""A kind of work that a person does. Who is to write may have to qualify first, by a quiz on the
guideline. Review is three of them: guess without the passage (some do), answer blind, then judge with the key in
view; what reviewers cannot agree about is adjudicated."""

STAGES: tuple[Stage, ...] = (
    "qualifying", "authoring", "guessing", "answering", "judging", "adjudicating", "translating", "proofreading",
)  # fmt: skip

Scope = Literal["passage", "pair", "item", "set", "language"]
"""What a check judges: a passage in a language, a pair of languages, an item, all items, a language."""

Outcome = Literal["keep", "revise", "drop", "select"]
"""What follows from verdicts; `select` comes after keep, and says that an item is in the final set."""

FaultKind = Literal["wrong_key", "two_right", "unanswerable", "cue", "sound"]
"""What can be planted: a known fault of one kind, or none (`sound`: a copy of a question that was accepted)."""

_TIME = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(pa.string())


@dataclass(frozen=True)
class Table:
    """A ledger table: its columns, and which of them identify one event."""

    name: str
    schema: pa.Schema
    identity: tuple[str, ...]

    def event_id(self, row: Row) -> str:
        """A digest of the row's identity columns, 32 hexadecimal digits; the same for the same event."""
        return digest(self.name, *(row.get(column) for column in self.identity))


def digest(*parts: object) -> str:
    """A stable digest of the given parts, 32 hexadecimal digits.

    >>> digest("questions", 1) == digest("questions", 1)
    True
    >>> digest("a", "bc") == digest("ab", "c")
    False
    """
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()[:32]


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces, times as ISO 8601: the same text for the same value.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_text(said: str) -> bool:
    r"""Whether every table and file takes it: it holds no NUL and no half of a surrogate pair.

    >>> is_text("où ?"), is_text("o\x00"), is_text("o\ud83d")
    (True, False, False)
    """
    return _UNSTORABLE.search(said) is None


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy scalars and arrays, as pandas hands them over
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no canonical JSON")


def _table(name: str, identity: tuple[str, ...], *fields: tuple[str, pa.DataType]) -> Table:
    columns = [("event_id", pa.string()), *fields, ("recorded_at", _TIME), ("sequence", pa.int64())]
    return Table(name, pa.schema(columns), identity)


LEDGERS_OWN = frozenset({"event_id", "recorded_at", "sequence"})
"""The columns that the ledger fills in itself: not part of what an event says."""


PASSAGES = _table(
    "passages",
    ("passage_id", "language", "revision", "text"),
    ("passage_id", pa.string()),
    ("language", pa.string()),
    ("revision", pa.int32()),  # 1 as the source has it; mended text counts on
    ("source", pa.string()),
    ("link", pa.string()),
    ("split", pa.string()),
    ("sentence_ids", pa.list_(pa.int32())),  # 0-based rows of the source's file
    ("domain", pa.string()),
    ("topic", pa.string()),
    ("sentences", _TEXTS),  # stripped
    ("text", pa.string()),  # the sentences joined by one space
    ("position", pa.int32()),  # 0-based place in the source: one order for every language
)
"""The texts that questions are about, one a language and revision."""

TASKS = _table(
    "tasks",
    ("task_key",),
    ("task_key", pa.string()),
    ("stage", pa.string()),
    ("language", pa.string()),
    ("person", pa.string()),
    ("passage_id", pa.string()),
    ("question_id", pa.string()),
    ("revision", pa.int32()),  # of the Question or Translation that is worked on; 0 when there is none yet
    ("attempt", pa.int32()),  # 1 for the first time; counts on when the same work is handed out again
    ("reason", pa.string()),  # why it came (back), in words for the person; empty the first time
    ("payload", pa.string()),  # JSON: what the task shows
)
"""Work that was handed out: one passage or question, in one stage, to one person."""

ANNOTATIONS = _table(
    "annotations",
    ("server", "workbench", "annotation_id", "updated_at", "kind"),
    ("task_key", pa.string()),
    ("stage", pa.string()),
    ("language", pa.string()),
    ("server", pa.string()),  # its name in campaign.toml, or "file" for imported work
    ("workbench", pa.string()),  # the workbench's title
    ("annotation_id", pa.string()),
    ("account", pa.string()),  # the server's number for in whose name it stands, and since when; never a name
    ("kind", pa.string()),  # submitted, edited, skipped, deleted
    ("created_at", _TIME),
    ("updated_at", _TIME),
    ("seconds", pa.float64()),  # lead time
    ("result", pa.string()),  # JSON, as Label Studio gave it
    # the account that wrote it last, as the server saw; "" if it saw nobody, as with an import; null from before
    # that was asked for, and of work that came by file
    ("written_by", pa.string()),
)
"""What people submitted, kept whole for ever as Label Studio gave it, or as it came by file."""

QUESTIONS = _table(
    "questions",
    ("question_id", "revision", "annotation"),
    ("question_id", pa.string()),  # passage_id + "-q" + question number
    ("passage_id", pa.string()),
    ("question_number", pa.int32()),
    ("revision", pa.int32()),
    ("passage_revision", pa.int32()),
    ("language", pa.string()),
    ("question", pa.string()),
    ("answers", _TEXTS),  # identities 1, 2, … in this order, for ever
    ("key", pa.int32()),  # identity of the correct answer, 1-based
    ("notes", _TEXTS),  # per answer: why a distractor is tempting and why it is wrong; empty for the key
    ("translator_note", pa.string()),
    # numbers, from 1, of the sentences that settle it; null from before that was asked for
    ("evidence", pa.list_(pa.int32())),
    ("person", pa.string()),
    ("annotation", pa.string()),  # event_id of the annotation it came from
    ("submitted_at", _TIME),
)
"""Questions as their authors wrote them, in the source language."""

TRANSLATIONS = _table(
    "translations",
    ("question_id", "language", "revision", "annotation"),
    ("question_id", pa.string()),
    ("passage_id", pa.string()),
    ("language", pa.string()),
    ("revision", pa.int32()),
    ("kind", pa.string()),  # draft, proofread
    ("question_revision", pa.int32()),  # of the Question that it renders
    ("passage_revision", pa.int32()),  # of the passage in this language
    ("question", pa.string()),
    ("answers", _TEXTS),
    ("draft_revision", pa.int32()),  # of a proofread one: the draft it started from; 0 for a draft
    # "category/severity" of what a proofreader found in the draft; empty for an accepted one, null for a draft and
    # from before that was asked for
    ("errors", _TEXTS),
    ("person", pa.string()),
    ("annotation", pa.string()),
    ("submitted_at", _TIME),
)
"""Questions in the other languages, drafted and then proofread."""

VERDICTS = _table(
    "verdicts",
    ("scope", "subject", "language", "revision", "check", "signature", "judge", "origin"),
    ("scope", pa.string()),
    ("subject", pa.string()),  # question_id, passage_id, "xxx_Xxxx+yyy_Yyyy" for a pair, or a set's name
    ("language", pa.string()),
    ("revision", pa.int32()),
    ("check", pa.string()),
    ("version", pa.int32()),
    ("signature", pa.string()),  # joins to `checks`
    ("score", pa.float64()),
    ("flagged", pa.bool_()),  # null: could not judge
    ("reason", pa.string()),
    ("judge", pa.string()),  # "check", or a person's code
    # event_id of the annotation behind a person's verdict; of a check's, the set that it was judged by, or ""
    ("origin", pa.string()),
    ("judged_at", _TIME),
)
"""One judgement of one revision by a check or a person; never a decision."""

CHECKS = _table(
    "checks",
    ("signature",),
    ("signature", pa.string()),
    ("check", pa.string()),
    ("version", pa.int32()),
    ("scope", pa.string()),
    ("parameters", pa.string()),  # JSON
    ("description", pa.string()),
)
"""Which checks judged, each with its version and parameters, once a signature."""

DECISIONS = _table(
    "decisions",
    ("subject", "language", "revision", "outcome", "decided_by", "verdicts", "reason"),
    ("subject", pa.string()),  # question_id
    ("language", pa.string()),
    ("revision", pa.int32()),
    ("outcome", pa.string()),
    ("reason", pa.string()),
    ("rule", pa.string()),  # name of the rule that decided
    ("decided_by", pa.string()),  # "rules", "lead" or "selection"
    ("verdicts", _TEXTS),  # event_ids that it rests on, sorted
    ("decided_at", _TIME),
)
"""What followed from the verdicts, or what the lead decided."""

EVENTS = _table(
    "events",
    ("kind", "subject", "language", "detail"),
    ("kind", pa.string()),
    ("subject", pa.string()),
    ("language", pa.string()),
    ("detail", pa.string()),  # JSON
)
"""Everything else that happened. One class a kind: `data.ledger.events`."""

LEASES = _table(
    "leases",
    ("epoch", "owner", "beat", "released"),
    ("epoch", pa.int64()),
    ("owner", pa.string()),
    ("beat", pa.int32()),
    ("beat_at", _TIME),
    ("released", pa.bool_()),
)
"""Which process works on the campaign, so that two do not; a lease whose beat falls silent is taken over."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PASSAGES, TASKS, ANNOTATIONS, QUESTIONS, TRANSLATIONS, VERDICTS, CHECKS, DECISIONS, EVENTS, LEASES,
    )
}  # fmt: skip

ITEMS = pa.schema(
    [
        ("question_id", pa.string()),
        ("language", pa.string()),
        ("kind", pa.string()),  # source, draft, proofread
        ("passage_id", pa.string()),
        ("question_number", pa.int32()),
        ("revision", pa.int32()),
        ("passage", pa.string()),
        ("question", pa.string()),
        ("answers", _TEXTS),
        ("key", pa.int32()),
        ("domain", pa.string()),
        ("topic", pa.string()),
        ("source_language", pa.string()),
        ("source_question", pa.string()),  # null for an item of the source language
        ("source_answers", _TEXTS),
        ("draft_question", pa.string()),  # null unless proofread
        ("draft_answers", _TEXTS),
    ]
)
"""The view that checks are given: what a reader of one language sees, and what it was made from."""


def question_id(passage_id: str, number: int) -> str:
    """The identity of a question slot.

    >>> question_id("flores200-0123456789ab", 2)
    'flores200-0123456789ab-q2'
    """
    return f"{passage_id}-q{number}"


def passage_of(question: str) -> str:
    """The passage of a question slot; "" of what is no slot.

    >>> passage_of(question_id("flores200-0123456789ab", 2)), passage_of("")
    ('flores200-0123456789ab', '')
    """
    return question.rpartition("-q")[0]


def slot_number(question: str) -> int:
    """The number of a question slot on its passage.

    Raises:
        ValueError: it is no slot.

    >>> slot_number(question_id("boats-q", 12))
    12
    """
    return int(question.rpartition("-q")[2])
