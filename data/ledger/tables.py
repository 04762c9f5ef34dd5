"""The nouns of a campaign and the tables that hold them.

Each noun has one `Table`: its Arrow schema and the columns that identify one event. Every table is append-only; an
event's `event_id` is a digest of its identity columns, so that writing the same event twice is harmless: readers
keep one per id. `sequence` gives the order in which the ledger recorded the events, `recorded_at` the time by the
writer's clock; neither is ever part of an identity.
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
    "qualifying",
    "authoring",
    "guessing",
    "answering",
    "judging",
    "adjudicating",
    "translating",
    "proofreading",
    "wording",
]
"""A kind of work that a person does. Prospective authors may have to qualify first, by a quiz on the guideline.
Review consists of three: guess without the passage (for some), answer blind, then judge with the key in view;
disputes between reviewers are adjudicated. Wording is the words around the items, once in a language.
"""

STAGES: tuple[Stage, ...] = (
    "qualifying", "authoring", "guessing", "answering", "judging", "adjudicating", "translating", "proofreading",
    "wording",
)  # fmt: skip

Scope = Literal["passage", "pair", "item", "set", "language"]
"""What a check judges: a passage in a language, a pair of languages, an item, all items, a language."""

Outcome = Literal["keep", "revise", "drop", "select"]
"""The result of verdicts; `select` comes after keep, and means that an item is in the final set."""

FaultKind = Literal["wrong_key", "two_right", "unanswerable", "cue", "sound"]
"""The faults that can be planted: one of a known kind, or none (`sound`: a copy of an accepted question)."""

_TIME = pa.timestamp("us", tz="UTC")
_TEXTS = pa.list_(pa.string())


@dataclass(frozen=True)
class Table:
    """A ledger table: its columns, and those of them that identify one event."""

    name: str
    schema: pa.Schema
    identity: tuple[str, ...]

    def event_id(self, row: Row) -> str:
        """Return a digest of the row's identity columns, 32 hexadecimal digits; the same for the same event."""
        return digest(self.name, *(row.get(column) for column in self.identity))


def digest(*parts: object) -> str:
    """Return a stable digest of the given parts, 32 hexadecimal digits.

    >>> digest("questions", 1) == digest("questions", 1)
    True
    >>> digest("a", "bc") == digest("ab", "c")
    False
    """
    # of texts, the canonical JSON by the shortest way: a large campaign has millions of events
    said = ",".join([_QUOTED(part) if type(part) is str else canonical_json(part) for part in parts])
    return hashlib.sha256(f"[{said}]".encode()).hexdigest()[:32]


def canonical_json(value: object) -> str:
    """Return JSON with sorted keys and no spaces, times as ISO 8601: the same text for equal values.

    >>> canonical_json({"b": 1, "a": "é"})
    '{"a":"é","b":1}'
    """
    return _CANONICAL.encode(value)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def is_text(text: str) -> bool:
    r"""Return whether every table and file can hold the text: it has no NUL and no lone surrogate.

    >>> is_text("où ?"), is_text("o\x00"), is_text("o\ud83d")
    (True, False, False)
    """
    return _UNSTORABLE.search(text) is None


def _json_value(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "tolist"):  # numpy scalars and arrays, as pandas passes them
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no canonical JSON")


_QUOTED = json.encoder.encode_basestring
# made once: every event's identity is written by it, millions of times in a large campaign
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_json_value)


def _table(name: str, identity: tuple[str, ...], *fields: tuple[str, pa.DataType]) -> Table:
    columns = [("event_id", pa.string()), *fields, ("recorded_at", _TIME), ("sequence", pa.int64())]
    return Table(name, pa.schema(columns), identity)


LEDGERS_OWN = frozenset({"event_id", "recorded_at", "sequence"})
"""The columns that the ledger fills in itself; they are not part of an event's content."""


PASSAGES = _table(
    "passages",
    ("passage_id", "language", "revision", "text"),
    ("passage_id", pa.string()),
    ("language", pa.string()),
    ("revision", pa.int32()),  # 1 as the source has it; corrected text counts on
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
"""The texts that questions are about, one per language and revision."""

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
    ("reason", pa.string()),  # why it was handed out (again), in words for the person; empty the first time
    ("payload", pa.string()),  # JSON: what the task shows
)
"""Work that was handed out: one passage or question, at one stage, to one person."""

ANNOTATIONS = _table(
    "annotations",
    ("server", "workbench", "annotation_id", "updated_at", "kind"),
    ("task_key", pa.string()),
    ("stage", pa.string()),
    ("language", pa.string()),
    ("server", pa.string()),  # its name in campaign.toml, or "file" for imported work
    ("workbench", pa.string()),  # the workbench's title
    ("annotation_id", pa.string()),
    ("account", pa.string()),  # the account whose name it bears: the server's number, and since when; never a name
    ("kind", pa.string()),  # submitted, edited, skipped, deleted
    ("created_at", _TIME),
    ("updated_at", _TIME),
    ("seconds", pa.float64()),  # lead time
    ("result", pa.string()),  # JSON, as Label Studio gave it
    # the account that wrote it last, as the server saw; "" if it saw none, as for an import; null from before this
    # was recorded, and for work that came by file
    ("written_by", pa.string()),
)
"""What people submitted, kept whole for ever as Label Studio returned it or as a file brought it."""

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
    # numbers, from 1, of the sentences that settle it; null from before this was asked for
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
    ("question_revision", pa.int32()),  # of the Question that it translates
    ("passage_revision", pa.int32()),  # of the passage in this language
    ("question", pa.string()),
    ("answers", _TEXTS),
    ("draft_revision", pa.int32()),  # of a proofread one: the draft it started from; 0 for a draft
    # the translation that was shown beside the source, its revision and its text; null where none was
    ("pivot_language", pa.string()),
    ("pivot_revision", pa.int32()),
    ("pivot_question", pa.string()),
    ("pivot_answers", _TEXTS),
    # "category/severity" of what a proofreader found in the draft; empty for an accepted one, null for a draft and
    # from before this was asked for
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
    # event_id of the annotation behind a person's verdict; of a check's, the set that it was judged in or the fit
    # that it was judged by, or ""
    ("origin", pa.string()),
    ("judged_at", _TIME),
)
"""One judgement of one revision, by a check or a person; never a decision."""

FINDINGS = _table(
    "findings",
    ("verdict", "part", "start", "end", "reason", "fix"),
    ("verdict", pa.string()),  # event_id of the verdict
    ("part", pa.string()),  # passage, question, option_1 and so on; item for the whole item
    ("start", pa.int32()),  # in code points of the stored text; null for the whole part
    ("end", pa.int32()),  # the first code point after the stretch
    ("text", pa.string()),  # what stands there; empty for an item
    ("reason", pa.string()),  # the fault there
    ("fix", pa.string()),  # what belongs there instead; null where that is not certain
)
"""The places of a verdict: where in the item the fault is. They are written before their verdict. Those of a
proofreader's are in the draft that they read, and their reason is "category/severity", or empty for a change
whose kind nobody named.
"""

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
"""The checks that judged, each with its version and parameters, once per signature."""

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
    ("verdicts", _TEXTS),  # event_ids that it is based on, sorted; dismissals of findings are events
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
"""Everything else that happened. Each kind is a class in `data.ledger.events`."""

CALIBRATIONS = _table(
    "calibrations",
    ("fit", "check", "language", "length_class", "rate", "threshold"),
    # digest; the origin of the verdicts that the check gives by it. Of an estimate of false alarms, its own
    ("fit", pa.string()),
    ("check", pa.string()),  # a check judged by several scores has a calibration for each: "check: score"
    ("language", pa.string()),
    ("length_class", pa.string()),  # code points, as 81-170; empty for items of any length
    ("texts", pa.int32()),  # held out: correct, and not learned from; or the accepted items that were judged
    ("documents", pa.int32()),
    ("threshold", pa.float64()),  # a lower score is a flag; null below 200 texts
    ("rate", pa.float64()),  # of false alarms that was aimed at
    ("threshold_low", pa.float64()),
    ("threshold_high", pa.float64()),
    ("flagged", pa.float64()),  # the share of the held-out texts that are below the threshold, and its interval
    ("flagged_low", pa.float64()),
    ("flagged_high", pa.float64()),
    ("fitted_on", pa.string()),
    ("fitted_until", pa.int64()),  # the highest sequence of the passages, so that the fit can be made again
    ("fitted_at", _TIME),
    # "passages", or "accepted items": then the threshold was moved by what these scored; or there is none and no
    # length, and `flagged` is the share of them that the check flags. Null from before there were such rows, for
    # passages
    ("source", pa.string()),
)
"""The lines below which learned checks flag, by language and length; the latest fit is in force."""

LEASES = _table(
    "leases",
    ("epoch", "owner", "beat", "released"),
    ("epoch", pa.int64()),
    ("owner", pa.string()),
    ("beat", pa.int32()),
    ("beat_at", _TIME),
    ("released", pa.bool_()),
)
"""The process that works on the campaign, so that two never do; a lease whose beat stops is taken over."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PASSAGES, TASKS, ANNOTATIONS, QUESTIONS, TRANSLATIONS, VERDICTS, FINDINGS, CHECKS, DECISIONS, EVENTS,
        CALIBRATIONS, LEASES,
    )
}  # fmt: skip

LATER = frozenset({FINDINGS.name, CALIBRATIONS.name})
"""The tables that a campaign begun by an earlier version lacks, until the next run makes them."""

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
"""The view that checks receive: what a reader of one language sees, and what it was made from."""


def question_id(passage_id: str, number: int) -> str:
    """Return the identity of a question slot.

    >>> question_id("flores200-0123456789ab", 2)
    'flores200-0123456789ab-q2'
    """
    return f"{passage_id}-q{number}"


def passage_of(question: str) -> str:
    """Return the passage of a question slot; "" if this is not a slot.

    >>> passage_of(question_id("flores200-0123456789ab", 2)), passage_of("")
    ('flores200-0123456789ab', '')
    """
    return question.rpartition("-q")[0]


def slot_number(question: str) -> int:
    """Return the number of a question slot on its passage.

    Raises:
        ValueError: it is not a slot.

    >>> slot_number(question_id("boats-q", 12))
    12
    """
    return int(question.rpartition("-q")[2])
