"""A small campaign and the people who work in it: two passages in three languages, a question on each.

What somebody submits follows from the task alone, so that every playing of it gives the same texts: whoever does
it, in whatever order, however often it was broken off. It takes the ways that work can take: a Question that a
check sends back, a task skipped, a query with the lead's reply, a person replaced.

    company = begin(folder, studio, visitor)
    perform(company, lambda: advance(company.address, {"main": studio}))
    company.release()
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import page_of
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.campaign.contacts import set_contact
from data.campaign.settings import Person
from data.ledger import Ledger, tables
from data.ledger.events import Late, TaskClosed
from data.ledger.tables import question_id
from data.sample import load
from flows.campaign_state import State
from flows.lead import lead_actions
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.lead_queries import queries_to_lead
from flows.release import release_campaign

PASSAGES = ("sample-01", "sample-02")
TARGETS = ("rus_Cyrl", "swh_Latn")
ONE, TWO = (question_id(passage, 1) for passage in PASSAGES)

PEOPLE = (
    Person(code="w1", roles=("authoring",)),
    Person(code="w2", roles=("authoring",)),
    Person(code="r1", roles=("reviewing",)),
    Person(code="r2", roles=("reviewing",)),
    Person(code="t1", roles=("translating",), languages=("rus_Cyrl",)),
    Person(code="u1", roles=("translating",), languages=("swh_Latn",)),
    Person(code="u2", roles=("translating",), languages=("swh_Latn",)),
    Person(code="p1", roles=("proofreading",), languages=("rus_Cyrl", "swh_Latn")),
)

SKIPS = "w2"
"""Skips whatever they get."""

IDLE = "u1"
"""Never does anything, until the lead gives their work to somebody else."""

ASKS = ("translating", "rus_Cyrl", ONE)
"""Where something seems wrong with the passage, until the lead has answered."""

DATE = "2026-01-31"
MOST_ROUNDS = 20


@dataclass
class Company:
    """A campaign under way, and everybody who works in it."""

    address: str
    people: Callable[[str], SignedInUser]
    order: int = 1
    """-1: everybody works from the other end of what lies there."""
    batch: int = 0
    """How many tasks each does in a round; 0 for all."""

    @property
    def campaign(self) -> Campaign:
        return Campaign.load(self.address)

    def state(self) -> State:
        """The campaign as its ledger tells it now."""
        return State(self.campaign, Ledger(self.address))

    def work(self) -> int:
        """Everybody does what lies on their workbenches; returns how many pieces."""
        state = self.state()
        tasks = state.tasks[state.tasks["open"] & (state.tasks["person"] != IDLE)]
        benches = sorted(tasks.groupby(["stage", "language", "person"]), reverse=self.order < 0)
        done = 0
        for (stage, language, person), mine in benches:
            visitor = self.people(person)
            title = state.campaign.workbench_title(stage, language, person)
            there = {task.key: task for task in visitor.open_tasks(title)}
            wanted = sorted(mine["task_key"], reverse=self.order < 0)
            assert set(wanted) == set(there), f"{title} holds {sorted(there)}"
            for key in wanted[: self.batch or len(wanted)]:
                if person == SKIPS:
                    visitor.skip(there[key].id)
                else:
                    visitor.submit(there[key].id, submission(there[key]))
                done += 1
        return done

    def lead(self) -> int:
        """The lead answers a query, or else takes the idle one's work away; returns how much there was to do."""
        state = self.state()
        asked = queries_to_lead(state)[queries_to_lead(state)["reply"].isna()]
        for query in asked["query"]:
            lead_actions.answer(state, query, "Nothing is missing.")
        return len(asked) if len(asked) or queries_to_lead(state).empty else lead_actions.reassign(state, IDLE)

    def release(self, name: str = "release") -> dict[str, bytes]:
        """A release's files, by path in it."""
        out = Path(self.address) / name
        release_campaign(self.address, "1.0.0", str(out), date=DATE)
        return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def begin(
    folder: Path,
    studio: LabelStudio,
    visitor: Callable[[str], SignedInUser],
    *,
    order: int = 1,
    batch: int = 0,
) -> Company:
    """A new campaign; its people sign up and the lead knows who they are."""
    folder.mkdir()
    source = folder / "passages.jsonl"
    columns = ("passage_id", "link", "language", "sentences", "domain", "topic", "split")
    lines = [
        {name: getattr(passage, name) for name in columns}
        for passage in load().passages
        if passage.passage_id in PASSAGES and passage.language in ("eng_Latn", *TARGETS)
    ]
    source.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), "utf-8")
    identity = f"p{uuid4().hex[:8]}"
    text = new_campaign.template(
        id=identity, title="Two passages", source="parallel", path=str(source), languages=TARGETS, people=PEOPLE
    )
    new_campaign.init(str(folder), text.replace("questions_per_passage = 2", "questions_per_passage = 1"))
    company = Company(str(folder), visitor, order, batch)
    for person in PEOPLE:
        visitor(person.code)
        set_contact(identity, person.code, f"{person.code}@example.org", "")
    return company


def perform(
    company: Company,
    move: Callable[[], object],
    look: Callable[[int], None] = lambda _: None,
    *,
    rounds: int = MOST_ROUNDS,
) -> bool:
    """Move, let the lead and everybody do what is theirs, and again.

    Args:
        company: who plays.
        move: brings the campaign as far as it goes.
        look: is called after every move, with the round's number.
        rounds: how many to play at most.

    Returns:
        Whether nothing is left to do.
    """
    for number in range(rounds):
        move()
        look(number)
        if not company.lead() + company.work():
            return True
    return False


def submission(task: OpenTask) -> list[dict[str, Any]]:
    """What anybody submits for this task."""
    stage, language, question, revision = task.key.split("/")[:4]
    if (stage, language, question) == ASKS and not task.data["notices"]:
        return page_of("translating").result({}, task.data, "Is a sentence missing here?")
    fields = _FIELDS[stage](language, question, int(revision))
    return page_of(stage).result(fields, task.data, "")


def _write(_: str, question: str, revision: int) -> Mapping[str, Any]:
    draft = load().draft(question, 1)
    words = draft.question if question == TWO or revision else draft.question.removesuffix("?")
    fields = {name: getattr(draft, name) for name in ("key", "translator_note")}
    return {**fields, "question": words, "answers": list(draft.answers), "notes": list(draft.notes),
            "evidence": list(draft.evidence)}  # fmt: skip


def _answer(_: str, question: str, __: int) -> Mapping[str, Any]:
    return {"choice": load().draft(question, 1).key, "sure": True, "comment": ""}


def _judge(_: str, __: str, ___: int) -> Mapping[str, Any]:
    return {"rubric": dict.fromkeys(CRITERIA, True), "recommend": "keep", "comment": ""}


def _translate(language: str, question: str, _: int) -> Mapping[str, Any]:
    text = load().renderings[language, question]
    return {"question": text.question, "answers": list(text.answers)}


def _proofread(language: str, question: str, revision: int) -> Mapping[str, Any]:
    return {**_translate(language, question, revision), "outcome": "accept", "comment": ""}


_FIELDS: Mapping[str, Callable[[str, str, int], Mapping[str, Any]]] = {
    "authoring": _write,
    "answering": _answer,
    "judging": _judge,
    "translating": _translate,
    "proofreading": _proofread,
}


def meaning(state: State) -> dict[str, object]:
    """What a ledger says, without when it learnt of it and under which number a server knew it."""
    ledger, both = state.ledger, {ONE, TWO}
    closed = state.events(TaskClosed)
    return {
        "questions": _lines(
            current_questions(state), "question_id revision question answers key outcome rule stale person"
        ),
        "translations": _lines(
            state.translation_texts(both),
            "question_id language revision kind question answers question_revision draft_revision person",
        ),
        "decisions": _lines(
            ledger.read(tables.DECISIONS), "subject language revision outcome rule reason decided_by"
        ),
        "verdicts": _lines(
            state.verdicts_on(both), "subject language revision check judge flagged reason signature"
        ),
        "tasks": _lines(ledger.read(tables.TASKS), "task_key reason attempt payload"),
        "standing": _lines(state.tasks, "task_key open done closed"),
        "closed": sorted(
            (key, json.loads(text)["why"]) for key, text in zip(closed["subject"], closed["detail"], strict=True)
        ),
        "annotations": _lines(state.annotations, "task_key kind"),
        "late": len(state.events(Late)),
        "queries": _lines(queries_to_lead(state), "passage_id language text reply"),
    }


def _lines(frame: pd.DataFrame, columns: str) -> list[str]:
    """The frame's lines in these columns, as sorted text; a line that stands there twice comes twice."""
    return sorted(repr(line) for line in frame[columns.split()].astype(object).itertuples(index=False, name=None))


Standing = dict[str, list[tuple[str, int]]]
"""stage/language/person to (task key, annotations) of each task."""


def standing(studio: LabelStudio, campaign: str) -> Standing:
    """What stands on the server, doubles and all."""
    found: Standing = {}
    for project in studio._projects.beginning(f"{campaign}/"):
        bench = project.workbench
        title = bench.title.partition("/")[2]
        assert title not in found, f"two workbenches are called {bench.title}"
        found[title] = sorted((task.key, task.annotations) for task in studio.tasks(bench))
    return found


def open_work(state: State) -> Standing:
    """What must stand on a server that nobody has worked on."""
    found: Standing = {}
    for _, task in state.tasks[state.tasks["open"]].iterrows():
        title = f"{task['stage']}/{task['language']}/{task['person']}"
        found[title] = sorted([*found.get(title, []), (task["task_key"], 0)])
    return found
