"""What people submitted: fetched from the servers, kept whole, and read into Questions, Translations and Verdicts.

Two steps, so that a crash between them loses nothing. `collect` writes every annotation as the server gave it.
`interpret` reads those that carry no `read` mark yet, writes what they mean, and the mark last.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from annotation import authoring, proofreading, reviewing, translating
from annotation.client import Collected as Seen
from annotation.client import LabelStudio, Mark, Submission
from annotation.reading import Reading
from data import nouns
from data.campaign import state_dir
from data.errors import ServerError
from data.ledger import Ledger, detail
from data.nouns import Row, Stage
from data.people import contacts
from flows.state import State

Servers = Mapping[str, LabelStudio]


@dataclass
class Collected:
    """What `collect` brought in: annotation events, and the servers that did not answer."""

    annotations: int = 0
    problems: list[str] = field(default_factory=list)


def collect(state: State, servers: Servers, *, full: bool = False) -> Collected:
    """Write every annotation event that the servers hold and the ledger does not.

    Args:
        state: the campaign.
        servers: the Label Studio servers by their name in campaign.toml.
        full: look at everything, not only at what changed since the last time.
    """
    told = Collected()
    for name, server in servers.items():
        try:
            told.annotations += _collect_server(state, name, server, full)
        except ServerError as error:
            told.problems.append(str(error))
    return told


def _collect_server(state: State, name: str, server: LabelStudio, full: bool) -> int:
    workbenches = server.workbenches(f"{state.campaign.id}/")
    marks = _Marks(state.ledger, server.url)
    found = server.submissions(workbenches.values(), marks.read(), full=full)
    known = state.annotations[state.annotations["server"] == name]
    seen = {
        (workbench, annotation): (kind, updated)
        for workbench, annotation, kind, updated in zip(
            known["workbench"], known["annotation_id"], known["kind"], known["updated_at"], strict=True
        )
    }
    rows = [row for item in found.submissions if (row := _annotation_row(state, name, item, seen))]
    rows += _deletions(known, found)
    count = state.ledger.append(nouns.ANNOTATIONS, rows)
    if not state.ledger.dry:
        marks.write(found.marks)
    return count


class _Marks:
    """How far each workbench of a server was read, in the state folder: a cache that may be lost at any time.

    Args:
        ledger: whose identity keeps the marks of two campaigns of one name apart.
        url: the server's address.
    """

    def __init__(self, ledger: Ledger, url: str) -> None:
        self._file = state_dir() / "marks" / f"{nouns.digest(ledger.identity, url)}.json"

    def read(self) -> dict[str, Mark]:
        """Title to mark; empty when there are none."""
        if not self._file.exists():
            return {}
        return {title: Mark(*mark) for title, mark in json.loads(self._file.read_text("utf-8")).items()}

    def write(self, new: Mapping[str, Mark]) -> None:
        """Add these to the marks, at once or not at all."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps({**self.read(), **new}), "utf-8")
        part.replace(self._file)


def _annotation_row(
    state: State, server: str, item: Submission, seen: Mapping[tuple[str, str], tuple[str, datetime]]
) -> Row | None:
    stage, language, _ = state.stage_of(item.workbench)
    before = seen.get((item.workbench, str(item.annotation_id)))
    if before is not None and before[0] != "deleted" and before[1] >= item.updated_at:
        return None
    return {
        "task_key": item.task_key,
        "stage": stage,
        "language": language,
        "server": server,
        "workbench": item.workbench,
        "annotation_id": str(item.annotation_id),
        "account": item.account,
        "kind": item.kind if before is None or item.kind == "skipped" else "edited",
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "seconds": item.seconds,
        "result": json.dumps(item.result, ensure_ascii=False, sort_keys=True),
    }


def _deletions(known: pd.DataFrame, found: Seen) -> list[Row]:
    """An event for every known annotation that is gone from a task, or with a task, that was looked at.

    Args:
        known: the annotation events of this server, in the order in which they were learnt of.
        found: what the look at the server brought.
    """
    standing = {(task.workbench, task.task_key): {str(i) for i in task.annotations} for task in found.touched}
    rows: list[Row] = []
    last = known.drop_duplicates(["workbench", "annotation_id"], keep="last")
    for _, row in last[last["kind"] != "deleted"].iterrows():
        there = standing.get((row["workbench"], row["task_key"]))
        if there is None and row["workbench"] not in found.complete:
            continue
        if row["annotation_id"] not in (there or set()):
            gone = {c: row[c] for c in nouns.ANNOTATIONS.schema.names if c in row.index and c != "event_id"}
            rows.append({**gone, "kind": "deleted", "result": "[]"})
    return rows


@dataclass
class Interpreted:
    """What the newly read annotations meant."""

    questions: list[Row] = field(default_factory=list)
    translations: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)

    def event(self, kind: str, subject: str, language: str, **facts: object) -> None:
        """Add something else that happened."""
        self.events.append({"kind": kind, "subject": subject, "language": language, "detail": detail(facts)})

    def mark(self, annotation: pd.Series, outcome: str, **facts: object) -> None:
        """Say what became of an annotation; written last, so an annotation without it is read again."""
        self.marks.append(
            {
                "kind": "read",
                "subject": annotation["event_id"],
                "language": annotation["language"],
                "detail": detail({"outcome": outcome, **facts}),
            }
        )


def interpret(state: State) -> Interpreted:
    """Read the annotations that carry no mark yet and write what they mean."""
    new = state.annotations[~state.annotations["event_id"].isin(settled(state))]
    found = Interpreted()
    if new.empty:
        return found
    reader = _Reader(state, new, found)
    for _, annotation in new.sort_values(["updated_at", "event_id"], kind="stable").iterrows():
        reader.read(annotation)
    ledger = state.ledger
    ledger.append(nouns.QUESTIONS, found.questions)
    ledger.append(nouns.TRANSLATIONS, found.translations)
    ledger.append(nouns.VERDICTS, found.verdicts)
    ledger.append(nouns.EVENTS, found.events)
    ledger.append(nouns.EVENTS, found.marks)
    return found


def settled(state: State) -> set[str]:
    """The annotations whose meaning is written down: marked, and not waiting to count by the lead's late word."""
    read = state.events("read")
    outcomes = [json.loads(text)["outcome"] for text in read["detail"]]
    late = {event for event, outcome in zip(read["subject"], outcomes, strict=True) if outcome == "late"}
    counted = {event for event, outcome in zip(read["subject"], outcomes, strict=True) if outcome != "late"}
    return counted | (late - set(state.events("late_accepted")["subject"]))


class _Reader:
    """Reads annotations one after another, knowing what the earlier ones made."""

    def __init__(self, state: State, new: pd.DataFrame, found: Interpreted) -> None:
        self.state = state
        self.found = found
        self.tasks = state.tasks.set_index("task_key")
        self.payloads = state.payloads_of(set(new["task_key"]))
        self.results = state.results_of(set(new["event_id"]))
        self.accepted = set(state.events("late_accepted")["subject"])
        self.person_of = account_owners(state)
        self.revisions: dict[tuple[str, str], dict[str, int]] = {}
        for _, row in state.questions.iterrows():
            self._remember(row["question_id"], state.source_language, row["annotation"], row["revision"])
        for _, row in state.translations.iterrows():
            self._remember(row["question_id"], row["language"], row["annotation"], row["revision"])

    def read(self, annotation: pd.Series) -> None:
        """Read one annotation: write what it means and its mark, or nothing yet when its account is unknown."""
        key = annotation["task_key"]
        if key not in self.tasks.index:
            self.found.mark(annotation, "unknown task")
            return
        task = self.tasks.loc[key]
        if annotation["server"] != "file":
            owner = self.person_of.get((annotation["server"], annotation["account"]))
            if owner is None:
                return  # waits until the lead says whose account this is
            if owner != task["person"]:
                self.found.mark(annotation, "another person's", person=owner)
                return
        if annotation["kind"] == "deleted":
            self.found.mark(annotation, "deleted")
        elif annotation["kind"] == "skipped":
            self._skip(annotation, task)
        elif annotation["event_id"] not in self.accepted and (why := self._too_late(annotation, task)):
            self.found.event("late", annotation["event_id"], task["language"], task_key=key, why=why)
            self.found.mark(annotation, "late")
        else:
            self._work(annotation, task)

    def _skip(self, annotation: pd.Series, task: pd.Series) -> None:
        self.found.event("task_closed", task.name, task["language"], why="skipped", person=task["person"])
        self.found.mark(annotation, "skipped")

    def _too_late(self, annotation: pd.Series, task: pd.Series) -> str:
        """Why this cannot count without the lead's word; empty when it can."""
        state, subject, language = self.state, task["question_id"], task["language"]
        made = self.revisions.get((subject, language), {})
        if task["stage"] in ("authoring", "translating", "proofreading"):
            newest = max(made.values(), default=0)
            mine = self._made_by(annotation, made)
            reference = mine if mine is not None else int(task["revision"])
            if newest > reference:
                return f"revision {newest} stands already"
            decided = state.decisions
            hit = decided[
                (decided["subject"] == subject)
                & (decided["language"] == language)
                & (decided["revision"] == reference)
            ]
            if mine is not None and len(hit):
                return f"revision {reference} was decided: {hit.iloc[-1]['outcome']}"
            return ""
        if task["stage"] == "answering" and annotation["kind"] == "edited":
            judging = task.name.replace("answering/", "judging/", 1)
            if judging in self.tasks.index:
                return "the answer was changed after its key could be seen"
        decided = state.decisions
        hit = decided[
            (decided["subject"] == subject)
            & (decided["language"] == language)
            & (decided["revision"] == int(task["revision"]))
        ]
        return f"revision {int(task['revision'])} was decided: {hit.iloc[-1]['outcome']}" if len(hit) else ""

    def _made_by(self, annotation: pd.Series, made: Mapping[str, int]) -> int | None:
        """The revision that an earlier version of the same annotation made."""
        same = self.state.annotations
        same = same[
            (same["server"] == annotation["server"])
            & (same["workbench"] == annotation["workbench"])
            & (same["task_key"] == annotation["task_key"])
        ]
        revisions = [made[event] for event in same["event_id"] if event in made]
        return max(revisions, default=None)

    def _work(self, annotation: pd.Series, task: pd.Series) -> None:
        payload = self.payloads[task.name]
        reading = READERS[task["stage"]](self.results[annotation["event_id"]], payload)
        if reading.query:
            self._query(annotation, task, reading.query)
        if reading.problems:
            self.found.event(
                "task_closed", task.name, task["language"], why="invalid", problems=list(reading.problems),
                annotation=annotation["event_id"],
            )  # fmt: skip
            self.found.mark(annotation, "invalid", problems=list(reading.problems))
        elif reading.fields is None:
            self.found.event("task_closed", task.name, task["language"], why="query")
            self.found.mark(annotation, "query")
        else:
            WRITERS[task["stage"]](self, annotation, task, payload, reading.fields)
            self.found.mark(annotation, "counted")

    def _query(self, annotation: pd.Series, task: pd.Series, text: str) -> None:
        query = nouns.digest("query", task["passage_id"], task["language"], text)[:8]
        self.found.event(
            "query", query, task["language"], passage_id=task["passage_id"], text=text, task_key=task.name,
            person=task["person"],
        )  # fmt: skip

    def _remember(self, subject: str, language: str, annotation: str, revision: int) -> None:
        self.revisions.setdefault((subject, language), {})[annotation] = int(revision)

    def next_revision(self, annotation: pd.Series, subject: str, language: str) -> int:
        """The revision that this annotation makes: the same one when it is read again after a crash."""
        made = self.revisions.setdefault((subject, language), {})
        if annotation["event_id"] not in made:
            made[annotation["event_id"]] = max(made.values(), default=0) + 1
        return made[annotation["event_id"]]


def _write_question(
    reader: _Reader, annotation: pd.Series, task: pd.Series, payload: Mapping[str, Any], fields: Mapping[str, Any]
) -> None:
    reader.found.questions.append(
        {
            **fields,
            "question_id": task["question_id"],
            "passage_id": task["passage_id"],
            "question_number": int(task["question_id"].rpartition("-q")[2]),
            "revision": reader.next_revision(annotation, task["question_id"], task["language"]),
            "passage_revision": payload["passage_revision"],
            "language": task["language"],
            "person": task["person"],
            "annotation": annotation["event_id"],
            "submitted_at": annotation["updated_at"],
        }
    )


def _write_translation(
    reader: _Reader, annotation: pd.Series, task: pd.Series, payload: Mapping[str, Any], fields: Mapping[str, Any]
) -> None:
    proofread = task["stage"] == "proofreading"
    row = {
        "question": fields["question"],
        "answers": fields["answers"],
        "question_id": task["question_id"],
        "passage_id": task["passage_id"],
        "language": task["language"],
        "kind": "proofread" if proofread else "draft",
        "question_revision": payload["question_revision"],
        "passage_revision": payload["passage_revision"],
        "draft_revision": int(task["revision"]) if proofread else 0,
        "person": task["person"],
        "annotation": annotation["event_id"],
        "submitted_at": annotation["updated_at"],
    }
    revision = reader.next_revision(annotation, task["question_id"], task["language"])
    reader.found.translations.append({**row, "revision": revision})
    if proofread:
        outcome = fields["outcome"]
        score = {"accept": 1.0, "corrected": 0.5, "return": 0.0}[outcome]
        words = f"{outcome}: {fields['comment']}" if fields["comment"] else outcome
        _verdict(reader, annotation, task, "proofreading", revision, score, outcome == "return", words)


def _write_answer(
    reader: _Reader, annotation: pd.Series, task: pd.Series, payload: Mapping[str, Any], fields: Mapping[str, Any]
) -> None:
    questions = reader.state.questions
    subject = questions[
        (questions["question_id"] == task["question_id"]) & (questions["revision"] == int(task["revision"]))
    ].iloc[0]
    chosen, right = fields["choice"], fields["choice"] == subject["key"]
    said = (
        f"chose {chosen}: “{subject['answers'][chosen - 1]}”"
        if chosen
        else "said that the passage does not answer it"
    )
    words = ", ".join(filter(None, [said, "" if fields["sure"] else "unsure", fields["comment"]]))
    _verdict(reader, annotation, task, "blind_answer", int(task["revision"]), float(right), not right, words)


def _write_judgement(
    reader: _Reader, annotation: pd.Series, task: pd.Series, payload: Mapping[str, Any], fields: Mapping[str, Any]
) -> None:
    revision = int(task["revision"])
    for criterion, fulfilled in fields["rubric"].items():
        _verdict(reader, annotation, task, f"rubric_{criterion}", revision, float(fulfilled), not fulfilled, "")
    recommend = fields["recommend"]
    score = {"keep": 1.0, "revise": 0.5, "drop": 0.0}[recommend]
    words = f"{recommend}: {fields['comment']}" if fields["comment"] else recommend
    _verdict(reader, annotation, task, "recommendation", revision, score, recommend != "keep", words)


def _verdict(
    reader: _Reader,
    annotation: pd.Series,
    task: pd.Series,
    check: str,
    revision: int,
    score: float,
    flagged: bool,
    reason: str,
) -> None:
    reader.found.verdicts.append(
        {
            "scope": "item",
            "subject": task["question_id"],
            "language": task["language"],
            "revision": revision,
            "check": check,
            "version": 1,
            "signature": f"{check}|v:1",
            "score": score,
            "flagged": flagged,
            "reason": reason,
            "judge": task["person"],
            "origin": annotation["event_id"],
            "judged_at": annotation["updated_at"],
        }
    )


READERS: Mapping[Stage, Callable[[object, Mapping[str, Any]], Reading]] = {
    "authoring": authoring.read,
    "answering": reviewing.read_answering,
    "judging": reviewing.read_judging,
    "translating": translating.read,
    "proofreading": proofreading.read,
}

WRITERS: Mapping[Stage, Callable[[_Reader, pd.Series, pd.Series, Mapping[str, Any], Mapping[str, Any]], None]] = {
    "authoring": _write_question,
    "answering": _write_answer,
    "judging": _write_judgement,
    "translating": _write_translation,
    "proofreading": _write_translation,
}


def account_owners(state: State) -> dict[tuple[str, str], str]:
    """Whose account is whose: (server, account number) -> person's code, as the lead or the sign-up linked them."""
    links = state.events("account_linked")
    owners: dict[tuple[str, str], str] = {}
    for person, text in zip(links["subject"], links["detail"], strict=True):
        link = json.loads(text)
        owners[link["server"], link["account"]] = person
    return owners


def link_accounts(state: State, servers: Servers) -> int:
    """Link the accounts that signed up with an e-mail address of the contacts file to their person's code.

    Only numbers and codes are written: the addresses stay in the contacts file.
    """
    owners = account_owners(state)
    linked = {(server, person) for (server, _), person in owners.items()}
    by_email = {contact.email.casefold(): code for code, contact in contacts(state.campaign.id).items()}
    rows: list[Row] = []
    for name, server in servers.items():
        if not set(by_email.values()) - {person for where, person in linked if where == name}:
            continue
        for email, account in server.accounts().items():
            code = by_email.get(email.casefold())
            if code and owners.get((name, str(account))) != code:
                facts = {"server": name, "account": str(account)}
                rows.append({"kind": "account_linked", "subject": code, "language": "", "detail": detail(facts)})
    return state.ledger.append(nouns.EVENTS, rows)


def unclaimed(state: State) -> Iterable[str]:
    """One line for every workbench that holds work by accounts that nobody has claimed."""
    owners = account_owners(state)
    waiting = state.annotations[~state.annotations["event_id"].isin(settled(state))]
    waiting = waiting[waiting["server"] != "file"]
    for (server, workbench, account), found in waiting.groupby(["server", "workbench", "account"]):
        if (server, account) not in owners:
            person = workbench.rpartition("/")[2]
            yield (
                f"{workbench}: {len(found)} submitted by account {account}, which is nobody's yet. "
                f"If it is {person}'s: belebele contact {person} --email ADDRESS"
            )
