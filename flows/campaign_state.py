"""The state of a campaign: a reading of its ledger, a few light columns at a time.

Everything here follows from the ledger alone, so it works with every server down and a second reading gives the
same result. Questions about the tables (which items are current, what a query holds up) are functions in
`flows.ledger_views`. Texts are read only for the items being worked on (`texts_of`), because most of a campaign is
finished work.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.campaign.campaign import Campaign
from data.ledger import DryLedger, Ledger, tables, to_frame
from data.ledger.events import Became, Event, Read, TaskClosed, fact
from data.ledger.tables import Table

R = TypeVar("R")


def ledger_view(compute: Callable[[State], R]) -> Callable[[State], R]:
    """Cache a function of the state alone; callers must not modify its result.

    The function runs once for each state, and again for a fresh state only if a table that it read was written to.
    Which tables it reads is observed while it runs.
    """

    @wraps(compute)
    def once(state: State) -> R:
        known = state.derived.get(once)
        if known is None:
            before = Counter(state.ledger.written)
            with state.ledger.watch() as names:
                value = compute(state)
            known = state.derived[once] = Derived(value, {name: before[name] for name in names})
        state.ledger.note_read(known.counts)
        return cast("R", known.value)

    return once


@dataclass(frozen=True)
class Derived:
    """The cached result of a `ledger_view`.

    Attributes:
        value: the result; must not be modified.
        counts: for each table that was read, how often the ledger had written to it.
    """

    value: object
    counts: Mapping[str, int]


@dataclass
class State:
    """A campaign as its ledger shows it at one moment.

    Every frame is read once, on first use, and must not be modified; `fresh()` gives a new reading after a write,
    which keeps what was computed from tables that were not written to.
    """

    campaign: Campaign
    ledger: Ledger
    readings: dict[object, tuple[int, pd.DataFrame]] = field(default_factory=dict, repr=False)
    derived: dict[object, Derived] = field(default_factory=dict, repr=False)
    """Cached results of the `ledger_view` functions, by function."""

    def __post_init__(self) -> None:
        self._written = self.ledger.written.total()
        self.derived = {view: one for view, one in self.derived.items() if self._holds(one)}

    def _holds(self, derived: Derived) -> bool:
        return all(self.ledger.written[name] == count for name, count in derived.counts.items())

    @property
    def shared(self) -> bool:
        """Whether another process that opens the campaign finds the same in it: not in a dry run."""
        return not isinstance(self.ledger, DryLedger)

    def __reduce__(self) -> tuple[Callable[[Campaign, str], State], tuple[Campaign, str]]:
        """Return what another process is sent: it reads the ledger for itself, and once for all that it does."""
        return _opened_here, (self.campaign, self.ledger.address)

    def fresh(self) -> State:
        """Return a new reading of the campaign, which rereads the tables written through this ledger since.

        Writes by other processes may or may not show; the next run sees them.
        """
        if self._written == self.ledger.written.total():
            return self
        return State(self.campaign, self.ledger, self.readings, self.derived)

    def _kept(self, table: Table, what: object, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        self.ledger.note_read([table.name])
        written = self.ledger.written[table.name]
        if self.readings.get(what, (-1,))[0] != written:
            self.readings[what] = written, read()
        return self.readings[what][1]

    def _whole(self, table: Table, without: Collection[str] = ()) -> pd.DataFrame:
        light = [name for name in table.schema.names if name not in {*without, "recorded_at"}]

        def read() -> pd.DataFrame:
            if table.name in self.readings:
                count, before = self.readings[table.name]
                since = self.ledger.appended_since(table, count)
                if since is not None:
                    return extended(before, since.select(light))
            return self.ledger.read(table, light)

        return self._kept(table, table.name, read)

    # Stored in the ledger ----------------------------------------------------------------------------------

    @property
    @ledger_view
    def passages(self) -> pd.DataFrame:
        """The current revision of every passage and language, without texts, in the source's order."""
        found = self._whole(tables.PASSAGES, {"source", "sentence_ids", "sentences", "text"})
        return latest(found, ["passage_id", "language"]).sort_values(["position", "passage_id", "language"])

    @property
    @ledger_view
    def tasks(self) -> pd.DataFrame:
        """Every task ever handed out, without its payload, with the flags `closed`, `done` and `open`."""
        found = self._whole(tables.TASKS, {"payload", "reason"})
        closed = among(found["task_key"], self.events(TaskClosed)["subject"])
        done = among(found["task_key"], self._done_keys)
        return found.assign(closed=closed, done=done, open=~closed & ~done)

    @property
    @ledger_view
    def annotations(self) -> pd.DataFrame:
        """Every annotation event, without its result."""
        return self._whole(tables.ANNOTATIONS, {"result"})

    @property
    @ledger_view
    def questions(self) -> pd.DataFrame:
        """Every revision of every Question."""
        return self._whole(tables.QUESTIONS)

    @property
    @ledger_view
    def translations(self) -> pd.DataFrame:
        """Every revision of every Translation, without texts."""
        return self._whole(tables.TRANSLATIONS, {"question", "answers", "pivot_question", "pivot_answers"})

    @property
    @ledger_view
    def decisions(self) -> pd.DataFrame:
        """The latest decision on every decided revision; selections are in `selected`."""
        found = self._whole(tables.DECISIONS, {"verdicts"})
        found = found[found["outcome"] != "select"]
        return found.drop_duplicates(["subject", "language", "revision"], keep="last")

    def events(self, kind: type[Event]) -> pd.DataFrame:
        """Return the events of one kind: subject, language, detail (as text), in the order of recording."""
        return self._events.get(kind.KIND, self._events[""])

    def verdicts_on(self, subjects: Collection[str], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the verdicts on these subjects in every language and revision."""
        return self._of(tables.VERDICTS, "subject", subjects, columns)

    def verdicts_near(self, items: pd.DataFrame) -> pd.DataFrame:
        """Return the verdicts on every revision of these items (question_id, language), and a few more.

        The result covers every subject in every language, so that the ledger can find it by two short lists.
        """
        subjects, languages = (frozenset(items[name]) for name in ("question_id", "language"))
        if not subjects:
            return self.verdicts_on(())
        where = _among("subject", subjects) & _among("language", languages)
        return self._kept(
            tables.VERDICTS, (subjects, languages), lambda: self.ledger.read(tables.VERDICTS, None, where)
        )

    def results_of(self, annotations: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """Return the results of these annotation events (by event_id), as Label Studio gave them."""
        found = self._of(tables.ANNOTATIONS, "event_id", annotations, ["event_id", "result"])
        return {
            event: json.loads(result) for event, result in zip(found["event_id"], found["result"], strict=True)
        }

    def payloads_of(self, task_keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return what these tasks show, by task_key."""
        found = self._of(tables.TASKS, "task_key", task_keys, ["task_key", "payload"])
        return {key: json.loads(text) for key, text in zip(found["task_key"], found["payload"], strict=True)}

    def texts_of(
        self, passage_ids: Collection[str], languages: Collection[str]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """Return the current revision of these passages, with texts, by (passage_id, language)."""
        where = _among("passage_id", passage_ids) & _among("language", languages)
        found = latest(self.ledger.read(tables.PASSAGES, None, where), ["passage_id", "language"])
        return by_key(found, "passage_id", "language")

    def passage_revisions(self, passage_id: str, language: str) -> dict[int, str]:
        """Return the text of every revision of one passage in one language, by revision."""
        where = (pc.field("passage_id") == passage_id) & (pc.field("language") == language)
        found = self.ledger.read(tables.PASSAGES, ["revision", "text"], where)
        return {int(revision): text for revision, text in zip(found["revision"], found["text"], strict=True)}

    def translation_texts(
        self, question_ids: Collection[str], languages: Collection[str] | None = None
    ) -> pd.DataFrame:
        """Return every revision of these questions' translations, with texts; in all languages by default."""
        if languages is None or not question_ids:
            return self._of(tables.TRANSLATIONS, "question_id", question_ids, None)
        where = _among("question_id", question_ids) & _among("language", languages)
        return self.ledger.read(tables.TRANSLATIONS, None, where)

    def _of(
        self, table: Table, column: str, values: Collection[str], columns: Sequence[str] | None
    ) -> pd.DataFrame:
        if not values:
            return to_frame(table.schema.empty_table().select(columns or table.schema.names))
        return self.ledger.read(table, columns, _among(column, values))

    # Derived from it ---------------------------------------------------------------------------------------

    @property
    def source_language(self) -> str:
        """The language that questions are written in."""
        return self.campaign.source.language

    @property
    @ledger_view
    def counted(self) -> pd.Series[str]:
        """The annotation events that could be read and count."""
        read = self.events(Read)
        return read["subject"][fact(read, Read, "outcome") == Became.COUNTED]

    @property
    @ledger_view
    def _done_keys(self) -> pd.Series[str]:
        """Tasks with a submission that could be read."""
        return self.annotations["task_key"][among(self.annotations["event_id"], self.counted)]

    @property
    @ledger_view
    def _events(self) -> dict[str, pd.DataFrame]:
        found = self._whole(tables.EVENTS)
        return {"": found.head(0), **{str(kind): events for kind, events in found.groupby("kind", sort=False)}}


_opened: dict[str, State] = {}  # by address


def _opened_here(campaign: Campaign, address: str) -> State:
    if address not in _opened or _opened[address].campaign != campaign:
        _opened[address] = State(campaign, Ledger(address))
    return _opened[address]


def by_key(frame: pd.DataFrame, *key: str) -> dict[Any, dict[str, Any]]:
    """Return the rows of a small frame as mappings, keyed by one column's value or a tuple of several."""
    lines = records(frame)
    return {tuple(line[k] for k in key) if len(key) > 1 else line[key[0]]: line for line in lines}


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame as mappings, a column at a time, which is much faster than pandas' own way."""
    names = [str(name) for name in frame.columns]
    columns = [frame[name].tolist() for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def extended(before: pd.DataFrame, since: pa.Table) -> pd.DataFrame:
    """Return a reading of a table plus the events appended afterwards that it does not hold yet."""
    new = to_frame(since)
    new = new[~among(new["event_id"], before["event_id"])].drop_duplicates("event_id")
    if new.empty:
        return before
    return new.reset_index(drop=True) if before.empty else pd.concat([before, new], ignore_index=True)


def latest(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return the row of the highest revision for every key."""
    return frame.sort_values("revision", kind="stable").drop_duplicates(key, keep="last").reset_index(drop=True)


def joined(frame: pd.DataFrame, other: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return a frame with the columns of another one, whose key is unique: a left join, cheap for few rows."""
    places = {
        values: place for place, values in enumerate(zip(*(other[name].tolist() for name in key), strict=True))
    }
    rows = zip(*(frame[name].tolist() for name in key), strict=True)
    taken = np.fromiter((places.get(values, -1) for values in rows), dtype=np.intp, count=len(frame))
    more = {
        name: pd.api.extensions.take(other[name].array, taken, allow_fill=True)
        for name in other.columns
        if name not in key
    }
    return frame.reset_index(drop=True).assign(**more)


def in_order(annotations: pd.DataFrame) -> pd.DataFrame:
    """Sort annotation events as they were made: those recorded in one look at a server by the server's time.

    A look shows one state of each annotation, so that time cannot order events of one annotation; it can order two
    annotations of one task, as both times come from the same clock.
    """
    return annotations.sort_values(["sequence", "updated_at", "event_id"], kind="stable")


def moments(frame: pd.DataFrame, clock: str) -> list[tuple[int, pd.Timestamp]]:
    """Return when each row was written, by the ledger's order, comparable with rows of other tables.

    Args:
        frame: with `sequence`.
        clock: the column whose time orders rows of one sequence, and rows from before there were sequences.
    """
    return list(zip(frame["sequence"].astype(int), frame[clock], strict=True))


def among(column: pd.Series[str], values: Collection[str] | pd.Series[str]) -> pd.Series[bool]:
    """Whether each text is among the values: like `isin`, but far cheaper for many values."""
    wanted = values if isinstance(values, pd.Series) else list(values)
    found = pc.is_in(pa.array(column, pa.string()), value_set=pa.array(wanted, pa.string()))
    return pd.Series(found.to_numpy(zero_copy_only=False), index=column.index, dtype=bool)


def _among(column: str, values: Collection[str]) -> pc.Expression:
    return pc.field(column).isin(pa.array(sorted(set(values)), pa.string()))
