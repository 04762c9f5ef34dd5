"""What the ledger holds about one item and the work on it, read once for its history."""

from __future__ import annotations

from data.campaign.contacts import pseudonyms
from data.ledger import tables
from data.ledger.events import (
    BaselineDrawn,
    ErratumReleased,
    ErrorReported,
    Event,
    FindingAnswered,
    ItemWithdrawn,
    Late,
    LateAccepted,
    Planted,
    Query,
    Read,
    Rejected,
    Reply,
    SetSelected,
    SkipExplained,
    SplitDrawn,
    TaskClosed,
    details_of,
)
from data.ledger.item_copy_ids import kind_of, original
from flows.campaign_state import State
from flows.ledger_views.patches.error_reports import error_reports
from flows.reports.history.anonymous_texts import AnonymousTexts
from flows.reports.history.history_steps import JUDGES, among

_TOLD: tuple[type[Event], ...] = (
    TaskClosed, Late, LateAccepted, Rejected, Query, Reply, FindingAnswered, Read, Planted, SetSelected,
    BaselineDrawn, SplitDrawn, ErrorReported, ItemWithdrawn, ErratumReleased,
)  # fmt: skip
"""The kinds of events that a history tells."""


class CollectedItem:
    """What the ledger holds about one item, table by table.

    Attributes:
        state: the campaign.
        subject: the item's question_id.
        languages: the languages that are asked for.
        tasks: the work on the item and on its copies.
        annotations: what was submitted of it.
        events: all events of the kinds that a history tells, of any item.
        patches: the errors reported in the item, by patch.
        stage_of: the stage of each task.
        task_of: the task of each annotation, by event_id.
        skips: why a task was skipped, by its key, where that was said.
        queries: those that were asked on one of the tasks.
        copy_of: the kind of copy that each task is about; None for the item itself.
        pseudonyms: of everybody seen, by code.
        safe: takes names out of texts.
    """

    def __init__(self, state: State, subject: str, languages: tuple[str, ...]) -> None:
        self.state, self.subject, self.languages = state, subject, languages
        tasks = state.tasks
        near = tasks[tasks["passage_id"].eq(tables.passage_of(subject)) & tasks["language"].isin(languages)]
        keys = near["task_key"][near["question_id"].map(original).eq(subject)].tolist()
        self.tasks = state.ledger.read(tables.TASKS, None, among("task_key", keys)) if keys else tasks.head(0)
        notes = state.annotations
        self.annotations = notes[notes["task_key"].isin(keys)]
        found = self.annotations["event_id"].tolist()
        if found:
            self.annotations = state.ledger.read(
                tables.ANNOTATIONS,
                ["event_id", "task_key", "kind", "seconds", "recorded_at", "sequence"],
                among("event_id", found),
            )
        self.patches = {one.patch: one for one in error_reports(state) if one.question_id == subject}
        self.events = state.ledger.read(tables.EVENTS, None, among("kind", [kind.KIND for kind in _TOLD]))
        self.stage_of = dict(zip(self.tasks["task_key"], self.tasks["stage"], strict=True))
        asked = self.events[self.events["kind"] == Query.KIND]
        self.queries = {
            subject
            for subject, detail in zip(asked["subject"], asked["detail"], strict=True)
            if Query.parse(detail).task_key in self.stage_of
        }
        self.skips = self._skips()
        self.task_of = dict(zip(self.annotations["event_id"], self.annotations["task_key"], strict=True))
        self.copy_of = {
            key: kind_of(copy) for key, copy in zip(self.tasks["task_key"], self.tasks["question_id"], strict=True)
        }
        everybody = [person.code for person in state.campaign.people]
        seen = [*self.tasks["person"].dropna(), *everybody]
        self.pseudonyms = pseudonyms(state.campaign.id, {code for code in seen if code})
        self.safe = AnonymousTexts(state.campaign.id, self.pseudonyms)

    def _skips(self) -> dict[str, str]:
        said = details_of(self.state.events(SkipExplained), SkipExplained)
        return {one.task_key: one.reason for one in said if one.task_key in self.stage_of}

    def who(self, code: object) -> str | None:
        """Return who somebody is: a pseudonym, or one of `JUDGES`."""
        if not isinstance(code, str) or not code:
            return None
        return code if code in JUDGES else self.pseudonyms.get(code) or self._unlisted(code)

    def _unlisted(self, code: str) -> str:
        """Return the pseudonym of somebody who is no longer in campaign.toml."""
        self.pseudonyms |= pseudonyms(self.state.campaign.id, {*self.pseudonyms, code})
        return self.pseudonyms[code]
