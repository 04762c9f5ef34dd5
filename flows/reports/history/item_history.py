"""Everything that happened to an item, from its source's rows to the release, in the order of recording.

It is for those who ask why an item is as it is: a lead, a reader of the release with a doubt, an auditor. So it
names nobody. People appear by pseudonym, as in `belebele people --outside`; what they wrote is shown without
names, e-mail addresses, links and codes, and neither tasks' keys, servers, workbenches nor digests that a
person's code goes into are shown.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, cast

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.campaign.contacts import keyed_by, pseudonyms
from data.errors import UsageError
from data.languages import named
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
    SplitDrawn,
    TaskClosed,
)
from data.ledger.item_copy_ids import kind_of, original
from flows.campaign_state import State
from flows.ledger_views.current_items import (
    current_questions,
    current_translations,
    latest_selection,
    option_orders,
    selected_questions,
)
from flows.ledger_views.patches.error_reports import error_reports
from flows.ledger_views.patches.released_errata import withdrawn_items
from flows.reports.history.anonymous_texts import AnonymousTexts

FORMAT = "belebele-item-history/1"
"""The schema of the history as data."""

JUDGES = frozenset({"check", "rules", "lead", "selection"})
"""Who judges or decides and is no person."""

StepKind = Literal[
    "passage",
    "handed_out",
    "submitted",
    "closed",
    "question",
    "translation",
    "checked",
    "flagged",
    "judged",
    "finding_answered",
    "decided",
    "selected",
    "left_out",
    "late",
    "late_accepted",
    "rejected",
    "query",
    "reply",
    "planted",
    "baseline",
    "split",
    "reported",
    "withdrawn",
    "told",
]
"""What happened."""


@dataclass(frozen=True)
class Step:
    """One thing that happened.

    Attributes:
        at: when it was recorded.
        sequence: the order of recording; 0 from before it was kept.
        kind: what happened.
        language: the language that it is about; "" for all.
        revision: of what it is about; None if it is about none.
        who: a pseudonym, or one of `JUDGES`; None where nobody in particular.
        stage: the kind of work; None outside of work.
        copy: the kind of copy that it is about; None for the item itself.
        facts: what else is known, by name.
    """

    at: datetime
    sequence: int
    kind: StepKind
    language: str
    revision: int | None = None
    who: str | None = None
    stage: str | None = None
    copy: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ItemHistory:
    """The history of an item.

    Attributes:
        item_id: the question's id, which is the item's in a release.
        languages: the languages that it is told for, the source language first.
        steps: in the order in which they were recorded.
        standing: where the item stands now in each of the languages.
        pseudonyms: whose secret is behind them.
    """

    item_id: str
    languages: tuple[str, ...]
    steps: tuple[Step, ...]
    standing: Mapping[str, Mapping[str, Any]]
    pseudonyms: str


def item_history(state: State, item: str, language: str = "") -> ItemHistory:
    """Return everything that happened to an item.

    Args:
        state: the campaign.
        item: a question's id, as in a release; a copy's stands for its question, a passage's for its only one.
        language: a language as people call it, besides the source language; "" for all.

    Raises:
        UsageError: there is no such item or language; the nearest are named.
    """
    subject = _item(state, item)
    languages = _languages(state, language)
    collected = _Collected(state, subject, languages)
    steps = sorted(collected.steps(), key=lambda step: (step.sequence, step.at, step.kind, step.language))
    standing = {code: facts for code in languages if (facts := _standing(state, subject, code))}
    return ItemHistory(subject, languages, tuple(steps), standing, keyed_by())


class _Collected:
    """What the ledger holds about one item, table by table."""

    def __init__(self, state: State, subject: str, languages: tuple[str, ...]) -> None:
        self.state, self.subject, self.languages = state, subject, languages
        tasks = state.tasks
        near = tasks[tasks["passage_id"].eq(tables.passage_of(subject)) & tasks["language"].isin(languages)]
        keys = near["task_key"][near["question_id"].map(original).eq(subject)].tolist()
        self.tasks = state.ledger.read(tables.TASKS, None, _among("task_key", keys)) if keys else tasks.head(0)
        notes = state.annotations
        self.annotations = notes[notes["task_key"].isin(keys)]
        found = self.annotations["event_id"].tolist()
        if found:
            self.annotations = state.ledger.read(
                tables.ANNOTATIONS,
                ["event_id", "task_key", "kind", "seconds", "recorded_at", "sequence"],
                _among("event_id", found),
            )
        wanted: list[type[Event]] = [
            TaskClosed,
            Late,
            LateAccepted,
            Rejected,
            Query,
            Reply,
            FindingAnswered,
            Read,
            Planted,
        ]
        wanted += [SetSelected, BaselineDrawn, SplitDrawn, ErrorReported, ItemWithdrawn, ErratumReleased]
        self.patches = {one.patch: one for one in error_reports(state) if one.question_id == subject}
        kinds = [kind.KIND for kind in wanted]
        self.events = state.ledger.read(tables.EVENTS, None, _among("kind", kinds))
        self.stage_of = dict(zip(self.tasks["task_key"], self.tasks["stage"], strict=True))
        self.task_of = dict(zip(self.annotations["event_id"], self.annotations["task_key"], strict=True))
        self.copy_of = {
            key: kind_of(copy) for key, copy in zip(self.tasks["task_key"], self.tasks["question_id"], strict=True)
        }
        everybody = [person.code for person in state.campaign.people]
        seen = [*self.tasks["person"].dropna(), *everybody]
        self.pseudonyms = pseudonyms(state.campaign.id, {code for code in seen if code})
        self.safe = AnonymousTexts(state.campaign.id, self.pseudonyms)

    def steps(self) -> Iterator[Step]:
        """Yield everything that happened, in no order."""
        yield from self._passages()
        yield from self._tasks()
        yield from self._annotations()
        yield from self._texts()
        yield from self._verdicts()
        yield from self._decisions()
        yield from self._events()

    def _who(self, code: object) -> str | None:
        if not isinstance(code, str) or not code:
            return None
        return code if code in JUDGES else self.pseudonyms.get(code) or self._unlisted(code)

    def _unlisted(self, code: str) -> str:
        """Return the pseudonym of somebody who is no longer in campaign.toml."""
        self.pseudonyms |= pseudonyms(self.state.campaign.id, {*self.pseudonyms, code})
        return self.pseudonyms[code]

    def _passages(self) -> Iterator[Step]:
        passage = tables.passage_of(self.subject)
        where = (pc.field("passage_id") == passage) & _among("language", self.languages)
        for row in _rows(self.state.ledger.read(tables.PASSAGES, None, where)):
            yield _step(
                row, "passage", row["language"], row["revision"],
                facts={
                    "source": row["source"], "link": row["link"], "split": row["split"],
                    "rows": [int(one) for one in row["sentence_ids"]] if row["sentence_ids"] is not None else [],
                    "text": self.safe.item(row["text"]),
                },
            )  # fmt: skip

    def _tasks(self) -> Iterator[Step]:
        for row in _rows(self.tasks):
            yield _step(
                row, "handed_out", row["language"], row["revision"] or None, self._who(row["person"]),
                row["stage"], self.copy_of[row["task_key"]],
                {"attempt": int(row["attempt"]), "why": self.safe.words(row["reason"])},
            )  # fmt: skip

    def _annotations(self) -> Iterator[Step]:
        tasks = {row["task_key"]: row for row in _rows(self.tasks)}
        read = self.events[self.events["kind"] == Read.KIND]
        mine = read[read["subject"].isin(list(self.task_of))]
        became = {row["subject"]: Read.parse(row["detail"]) for row in _rows(mine)}
        for row in _rows(self.annotations):
            task, seen = tasks[row["task_key"]], became.get(row["event_id"])
            other = seen.person if seen else None
            seconds = row["seconds"]
            yield _step(
                row, "submitted", task["language"], task["revision"] or None, self._who(other or task["person"]),
                task["stage"], self.copy_of[row["task_key"]],
                {
                    "how": row["kind"], "became": seen.outcome if seen else None,
                    "seconds": None if seconds is None or seconds != seconds else float(seconds),
                    "problems": [self.safe.words(one) for one in (seen.problems or ())] if seen else [],
                    "guideline": seen.guideline if seen else None,
                },
            )  # fmt: skip

    def _texts(self) -> Iterator[Step]:
        asked = self.state.ledger.read(tables.QUESTIONS, None, pc.field("question_id") == self.subject)
        for row in _rows(asked):
            yield _step(
                row, "question", row["language"], row["revision"], self._who(row["person"]), "authoring",
                facts={
                    "question": self.safe.item(row["question"]),
                    "answers": [self.safe.item(one) for one in row["answers"]],
                    "key": int(row["key"]), "passage_revision": int(row["passage_revision"]),
                    "notes": [self.safe.words(one) for one in row["notes"]] if row["notes"] is not None else [],
                    "translator_note": self.safe.words(row["translator_note"]),
                },
            )  # fmt: skip
        for row in _rows(self.state.translation_texts([self.subject], self.languages)):
            stage = "translating" if row["kind"] == "draft" else "proofreading"
            yield _step(
                row, "translation", row["language"], row["revision"], self._who(row["person"]), stage,
                facts={
                    "question": self.safe.item(row["question"]),
                    "answers": [self.safe.item(one) for one in row["answers"]],
                    "form": row["kind"], "question_revision": int(row["question_revision"]),
                    "passage_revision": int(row["passage_revision"]),
                    "draft_revision": int(row["draft_revision"] or 0) or None,
                    "pivot_language": row["pivot_language"],
                    "errors": [str(one) for one in row["errors"]] if row["errors"] is not None else [],
                },
            )  # fmt: skip

    def _verdicts(self) -> Iterator[Step]:
        subjects = {self.subject, *self.tasks["question_id"]}
        found = self.state.ledger.read(tables.VERDICTS, None, _among("subject", sorted(filter(None, subjects))))
        found = found[found["language"].isin(self.languages)]
        checked: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for row in _rows(found):
            facts = {
                "check": row["check"], "version": int(row["version"]), "score": _number(row["score"]),
                "flagged": None if row["flagged"] is None else bool(row["flagged"]),
                "reason": self.safe.words(row["reason"]),
            }  # fmt: skip
            if row["judge"] != "check":
                yield _step(row, "judged", row["language"], row["revision"], self._who(row["judge"]), None,
                            kind_of(row["subject"]), facts)  # fmt: skip
            elif row["flagged"] is None or not row["flagged"]:
                at = (row["sequence"], row["language"], row["revision"], row["subject"])
                checked.setdefault(at, []).append(row)
            else:
                yield _step(row, "flagged", row["language"], row["revision"], "check", None,
                            kind_of(row["subject"]), facts)  # fmt: skip
        for rows in checked.values():
            first = rows[0]
            passed = sorted(row["check"] for row in rows if row["flagged"] is not None)
            unsure = sorted(row["check"] for row in rows if row["flagged"] is None)
            yield _step(first, "checked", first["language"], first["revision"], "check", None,
                        kind_of(first["subject"]), {"passed": passed, "could_not_judge": unsure})  # fmt: skip

    def _decisions(self) -> Iterator[Step]:
        found = self.state.ledger.read(tables.DECISIONS, None, pc.field("subject") == self.subject)
        for row in _rows(found[found["language"].isin(self.languages)]):
            if row["outcome"] == "select":
                continue  # told by the selection, with the order of the options
            yield _step(
                row, "decided", row["language"], row["revision"], self._who(row["decided_by"]),
                facts={
                    "outcome": row["outcome"], "rule": row["rule"], "reason": self.safe.words(row["reason"]),
                    "rests_on": len(row["verdicts"]) if row["verdicts"] is not None else 0,
                },
            )  # fmt: skip

    def _events(self) -> Iterator[Step]:
        queries: set[str] = set()
        for row in _rows(self.events):
            kind, subject, text = row["kind"], row["subject"], row["detail"]
            task = self.task_of.get(subject, subject)
            stage = self.stage_of.get(task)
            copy = self.copy_of.get(task)
            language = row["language"] if row["language"] in self.languages else ""
            if kind == TaskClosed.KIND and stage:
                closed = TaskClosed.parse(text)
                facts = {"why": closed.why, "to": self._who(closed.to),
                         "problems": [self.safe.words(one) for one in closed.problems or ()]}  # fmt: skip
                yield _step(row, "closed", language, None, self._who(closed.person), stage, copy, facts)
            elif kind == Late.KIND and subject in self.task_of:
                why = Late.parse(text).why
                yield _step(row, "late", language, None, None, stage, copy, {"why": str(why)})
            elif kind in (LateAccepted.KIND, Rejected.KIND) and subject in self.task_of:
                done: StepKind = "late_accepted" if kind == LateAccepted.KIND else "rejected"
                yield _step(row, done, language, None, "lead", stage, copy)
            elif kind == Query.KIND and (query := Query.parse(text)).task_key in self.stage_of:
                queries.add(subject)
                yield _step(
                    row, "query", language, None, self._who(query.person), self.stage_of[query.task_key],
                    self.copy_of[query.task_key], {"text": self.safe.words(query.text)},
                )  # fmt: skip
            elif kind == Reply.KIND and subject in queries:
                yield _step(
                    row, "reply", "", None, "lead", facts={"text": self.safe.words(Reply.parse(text).text)}
                )
            elif kind == FindingAnswered.KIND and subject == self.subject and language:
                answer = FindingAnswered.parse(text)
                yield _step(
                    row, "finding_answered", language, answer.revision, self._who(answer.person), None, None,
                    {"answer": answer.answer, "check": answer.check, "version": answer.version,
                     "part": answer.part, "why": self.safe.words(answer.why),
                     "words": self.safe.words(answer.words)},
                )  # fmt: skip
            elif kind == Planted.KIND and (planted := Planted.parse(text)).question_id == self.subject:
                yield _step(row, "planted", self.state.source_language, planted.revision, None, None, "plant",
                            {"fault": planted.kind, "made_by": planted.made_by})  # fmt: skip
            elif kind == BaselineDrawn.KIND:
                if any(one[0] == self.subject for one in BaselineDrawn.parse(text).items):
                    yield _step(row, "baseline", "")
            elif kind == SplitDrawn.KIND:
                sides = [side for one, side, _ in SplitDrawn.parse(text).items if one == self.subject]
                if sides:
                    yield _step(row, "split", "", facts={"split": sides[0]})
            elif kind in (ErrorReported.KIND, ItemWithdrawn.KIND, ErratumReleased.KIND):
                yield from self._errata(row, language)
            elif kind == SetSelected.KIND:
                run = SetSelected.parse(text)
                orders = [(int(revision), order) for one, revision, order in run.chosen if one == self.subject]
                chosen: dict[str, Any] = {"size": run.size, "candidates": run.candidates}
                if orders:
                    chosen |= {"order": list(orders[0][1])}
                made: StepKind = "selected" if orders else "left_out"
                yield _step(row, made, "", orders[0][0] if orders else None, "selection", facts=chosen)

    def _errata(self, row: Mapping[str, Any], language: str) -> Iterator[Step]:
        """Yield what users of a release reported of the item, its withdrawal, and which release told of either."""
        kind, subject, text = row["kind"], row["subject"], row["detail"]
        if kind == ErrorReported.KIND and subject == self.subject and language:
            report = ErrorReported.parse(text)
            facts = {"part": report.part, "error": self.safe.words(report.error)}
            yield _step(row, "reported", language, report.revision, "lead", facts=facts)
        elif kind == ItemWithdrawn.KIND and subject == self.subject:
            reason = self.safe.words(ItemWithdrawn.parse(text).reason)
            yield _step(row, "withdrawn", "", None, "lead", facts={"reason": reason})
        elif kind == ErratumReleased.KIND and (subject == self.subject or subject in self.patches):
            report_of = self.patches.get(subject)
            facts = {
                "version": ErratumReleased.parse(text).version,
                "error": self.safe.words(report_of.error) if report_of else None,
            }
            yield _step(row, "told", "", facts=facts)


def _step(
    row: Mapping[str, Any],
    kind: StepKind,
    language: str,
    revision: object = None,
    who: str | None = None,
    stage: str | None = None,
    copy: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Step:
    number = None if pd.isna(cast(Any, revision)) else int(cast(Any, revision))
    return Step(
        row["recorded_at"].to_pydatetime(), int(row["sequence"] or 0), kind, language, number, who, stage, copy,
        facts or {},
    )  # fmt: skip


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a frame, with None for whatever is missing."""
    lines = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return cast("list[dict[str, Any]]", lines)


def _among(column: str, values: Collection[str]) -> pc.Expression:
    return pc.field(column).isin(pa.array(sorted(set(values)), pa.string()))


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None


def _item(state: State, item: str) -> str:
    """Return the question that is meant.

    Raises:
        UsageError: there is none; the nearest are named.
    """
    wanted = original(item.strip())
    known = sorted({*state.questions["question_id"]} | {*map(original, filter(None, state.tasks["question_id"]))})
    if wanted in known:
        return wanted
    of_passage = [one for one in known if tables.passage_of(one) == wanted]
    if len(of_passage) == 1:
        return of_passage[0]
    by_case = {one.casefold(): one for one in known}
    if wanted.casefold() in by_case:
        return by_case[wanted.casefold()]
    near = of_passage or difflib.get_close_matches(wanted, known, n=5, cutoff=0.5)
    near = near or [one for one in known if wanted and wanted.casefold() in one.casefold()][:5]
    did = f"; did you mean {', '.join(near)}?" if near else "; all of them: belebele export questions --out FILE"
    raise UsageError(f"there is no item {item!r}" + (did if known else "; nothing was written yet"))


def _languages(state: State, language: str) -> tuple[str, ...]:
    """Return the source language and the one that is meant, or all.

    Raises:
        UsageError: it is none of the campaign's, or several.
    """
    there: Sequence[str] = state.campaign.text_languages
    source = state.source_language
    if not language.strip():
        return (source, *(code for code in there if code != source))
    if language.strip() in there:
        found = [language.strip()]
    else:
        told = named(*language.split())
        found = [one.code for one in told.languages if one.code in there]
        exact = [one.code for one in told.languages if one.name.casefold() == language.strip().casefold()]
        found = [code for code in exact if code in there] or found
    if len(found) != 1:
        which = f"may be {' or '.join(found)}" if found else f"is none of the campaign's: {', '.join(there)}"
        raise UsageError(f"{language!r} {which}")
    return (source,) if found[0] == source else (source, found[0])


def _standing(state: State, subject: str, code: str) -> dict[str, Any]:
    """Return where the item stands in one language; nothing where it does not exist."""
    source = code == state.source_language
    frame = current_questions(state) if source else current_translations(state)
    mine = frame[(frame["question_id"] == subject) & (frame["language"] == code)]
    if mine.empty:
        return {}
    row = _rows(mine)[0]
    facts: dict[str, Any] = {
        "revision": int(row["revision"]),
        "outcome": row["outcome"],
        "stale": bool(row["stale"]),
    }
    if gone := [one for one in withdrawn_items(state) if one.item_id == subject]:
        facts["withdrawn"] = {"version": gone[0].version or None, "reason": gone[0].reason}
    if not source:
        facts["form"] = row["kind"]
    if source and latest_selection(state) is not None:
        facts["in_final_set"] = subject in set(selected_questions(state)["question_id"])
        facts["order"] = list(option_orders(state).get(subject, [])) or None
    return facts
