"""Where a campaign stands: a reading of its ledger, a few light columns at a time.

Everything here follows from the ledger alone, so it holds with every server down, and a second reading gives
the same. What is asked of the tables (which items are current, what a query holds up) are functions in
`flows.readings`. Texts are read only for what is worked on (`texts_of`), because most of a campaign is finished
work.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.campaign.campaign import Campaign
from data.ledger import Ledger, tables, to_frame
from data.ledger.events import Became, Event, Read, TaskClosed, fact
from data.ledger.tables import Table

R = TypeVar("R")


@dataclass
class State:
    """A campaign as its ledger tells it at one moment.

    Every frame is read once, when it is first asked for, and changed by nobody; `fresh()` gives a new reading
    after something was written.
    """

    campaign: Campaign
    ledger: Ledger
    readings: dict[object, tuple[int, pd.DataFrame]] = field(default_factory=dict, repr=False)
    derived: dict[object, object] = field(default_factory=dict, init=False, repr=False)
    """What was computed from this state, by the `reading` that it is."""

    def __post_init__(self) -> None:
        self._written = self.ledger.written.total()

    def fresh(self) -> State:
        """A new reading of the same campaign, of those tables that were written to through this ledger since.

        What others wrote in the meantime may show or not; the next run sees it.
        """
        if self._written == self.ledger.written.total():
            return self
        return State(self.campaign, self.ledger, self.readings)

    def _kept(self, table: Table, what: object, read: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        written = self.ledger.written[table.name]
        if self.readings.get(what, (-1,))[0] != written:
            self.readings[what] = written, read()
        return self.readings[what][1]

    def _whole(self, table: Table, without: Collection[str] = ()) -> pd.DataFrame:
        light = [name for name in table.schema.names if name not in {*without, "recorded_at"}]
        return self._kept(table, table.name, lambda: self.ledger.read(table, light))

    # What rests in the ledger ------------------------------------------------------------------------------

    @cached_property
    def passages(self) -> pd.DataFrame:
        """The current revision of every passage and language, without texts, in the source's order."""
        found = self._whole(tables.PASSAGES, {"source", "sentence_ids", "sentences", "text"})
        return latest(found, ["passage_id", "language"]).sort_values(["position", "passage_id", "language"])

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """Every task ever handed out, without what it shows, with its standing: `closed`, `done`, `open`."""
        found = self._whole(tables.TASKS, {"payload", "reason"})
        closed = among(found["task_key"], self.events(TaskClosed)["subject"])
        done = among(found["task_key"], self._done_keys)
        return found.assign(closed=closed, done=done, open=~closed & ~done)

    @cached_property
    def annotations(self) -> pd.DataFrame:
        """Every annotation event, without its result."""
        return self._whole(tables.ANNOTATIONS, {"result"})

    @cached_property
    def questions(self) -> pd.DataFrame:
        """Every revision of every Question."""
        return self._whole(tables.QUESTIONS)

    @cached_property
    def translations(self) -> pd.DataFrame:
        """Every revision of every Translation, without texts."""
        return self._whole(tables.TRANSLATIONS, {"question", "answers"})

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """The decision in force for every decided revision: the latest one; what was selected is in `selected`."""
        found = self._whole(tables.DECISIONS, {"verdicts"})
        found = found[found["outcome"] != "select"]
        return found.drop_duplicates(["subject", "language", "revision"], keep="last")

    def events(self, kind: type[Event]) -> pd.DataFrame:
        """The events of one kind: subject, language, detail (as text), in the order they were learnt of."""
        return self._events.get(kind.KIND, self._events[""])

    def verdicts_on(self, subjects: Collection[str], columns: Sequence[str] | None = None) -> pd.DataFrame:
        """The verdicts on these subjects, every language and revision."""
        return self._of(tables.VERDICTS, "subject", subjects, columns)

    def verdicts_near(self, items: pd.DataFrame) -> pd.DataFrame:
        """The verdicts on these items (question_id, language), every revision, and on a few more.

        They are every subject's in every language, so that the ledger can find them by two short lists.
        """
        subjects, languages = (frozenset(items[name]) for name in ("question_id", "language"))
        if not subjects:
            return self.verdicts_on(())
        where = _among("subject", subjects) & _among("language", languages)
        return self._kept(
            tables.VERDICTS, (subjects, languages), lambda: self.ledger.read(tables.VERDICTS, None, where)
        )

    def results_of(self, annotations: Collection[str]) -> dict[str, list[dict[str, Any]]]:
        """The results of these annotation events (by event_id), as Label Studio gave them."""
        found = self._of(tables.ANNOTATIONS, "event_id", annotations, ["event_id", "result"])
        return {
            event: json.loads(result) for event, result in zip(found["event_id"], found["result"], strict=True)
        }

    def payloads_of(self, task_keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """What these tasks show."""
        found = self._of(tables.TASKS, "task_key", task_keys, ["task_key", "payload"])
        return {key: json.loads(text) for key, text in zip(found["task_key"], found["payload"], strict=True)}

    def texts_of(
        self, passage_ids: Collection[str], languages: Collection[str]
    ) -> dict[tuple[str, str], dict[str, Any]]:
        """The current revision of these passages in these languages, with texts, by (passage_id, language)."""
        where = _among("passage_id", passage_ids) & _among("language", languages)
        found = latest(self.ledger.read(tables.PASSAGES, None, where), ["passage_id", "language"])
        return by_key(found, "passage_id", "language")

    def passage_revisions(self, passage_id: str, language: str) -> dict[int, str]:
        """Every revision of one passage in one language: its text by revision."""
        where = (pc.field("passage_id") == passage_id) & (pc.field("language") == language)
        found = self.ledger.read(tables.PASSAGES, ["revision", "text"], where)
        return {int(revision): text for revision, text in zip(found["revision"], found["text"], strict=True)}

    def translation_texts(self, question_ids: Collection[str]) -> pd.DataFrame:
        """Every revision of the translations of these questions, with texts."""
        return self._of(tables.TRANSLATIONS, "question_id", question_ids, None)

    def _of(
        self, table: Table, column: str, values: Collection[str], columns: Sequence[str] | None
    ) -> pd.DataFrame:
        if not values:
            return to_frame(table.schema.empty_table().select(columns or table.schema.names))
        return self.ledger.read(table, columns, _among(column, values))

    # What follows from it ----------------------------------------------------------------------------------

    @property
    def source_language(self) -> str:
        """The language that questions are written in."""
        return self.campaign.source.language

    @cached_property
    def counted(self) -> pd.Series[str]:
        """The annotation events that were understood and count."""
        read = self.events(Read)
        return read["subject"][fact(read, Read, "outcome") == Became.COUNTED]

    @cached_property
    def _done_keys(self) -> pd.Series[str]:
        """Tasks whose work came in and was understood."""
        return self.annotations["task_key"][among(self.annotations["event_id"], self.counted)]

    @cached_property
    def _events(self) -> dict[str, pd.DataFrame]:
        found = self._whole(tables.EVENTS)
        return {"": found.head(0), **{str(kind): events for kind, events in found.groupby("kind", sort=False)}}


def reading(compute: Callable[[State], R]) -> Callable[[State], R]:
    """A function of the state alone that is computed once for each state; nobody changes what it returns."""

    @wraps(compute)
    def once(state: State) -> R:
        if once not in state.derived:
            state.derived[once] = compute(state)
        return cast("R", state.derived[once])

    return once


def by_key(frame: pd.DataFrame, *key: str) -> dict[Any, dict[str, Any]]:
    """The lines of a small frame as mappings, by one column's value or by a tuple of several."""
    lines = cast("list[dict[str, Any]]", frame.to_dict("records"))
    return {tuple(line[k] for k in key) if len(key) > 1 else line[key[0]]: line for line in lines}


def latest(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The line of the highest revision for every key."""
    return frame.sort_values("revision", kind="stable").drop_duplicates(key, keep="last").reset_index(drop=True)


def in_order(annotations: pd.DataFrame) -> pd.DataFrame:
    """Annotation events as they came: those that were learnt of at one look at a server by the server's time.

    Of one annotation a look shows one state, so between its events that time says nothing; between two annotations
    of one task it does, and both times are by the same clock.
    """
    return annotations.sort_values(["sequence", "updated_at", "event_id"], kind="stable")


def moments(frame: pd.DataFrame, clock: str) -> list[tuple[int, pd.Timestamp]]:
    """When each row was written, to be compared with rows of other tables: by the ledger's order.

    Args:
        frame: with `sequence`.
        clock: the column whose time counts between rows of one sequence, and where there was none yet.
    """
    return list(zip(frame["sequence"].astype(int), frame[clock], strict=True))


def among(column: pd.Series[str], values: Collection[str] | pd.Series[str]) -> pd.Series[bool]:
    """Whether each text is among the values: as `isin`, at a fraction of what that costs for many values."""
    wanted = values if isinstance(values, pd.Series) else list(values)
    found = pc.is_in(pa.array(column, pa.string()), value_set=pa.array(wanted, pa.string()))
    return pd.Series(found.to_numpy(zero_copy_only=False), index=column.index, dtype=bool)


def _among(column: str, values: Collection[str]) -> pc.Expression:
    return pc.field(column).isin(pa.array(sorted(set(values)), pa.string()))
