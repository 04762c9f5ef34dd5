"""Plants: copies of questions with a known fault, put among the reviewers' work to learn what they see.

A share of the reviewed questions is drawn by a digest, so that nobody chooses and every run draws the same. A
plant is made as soon as its question is under review and there are reviewers to spare for both, so that plants
lie among real work from the beginning; else when the question was accepted. It must pass the checks that a real
question passes, or it would be told apart. What it is stands in one event; from there on it is ordinary work on
the reviewers' pages, for people who have nothing to do with its question and will not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from data.items import source_items
from data.ledger import tables
from data.ledger.copy_ids import copy_id
from data.ledger.events import NotPlanted, Planted, fact
from data.ledger.tables import FaultKind, Row, digest
from flows.assignment import review_subject
from flows.assignment.due_work import Due, turned_away
from flows.check_suites import QUESTION_SUITE, policy
from flows.readings.current_items import current_questions
from flows.readings.posed_copies import plants_by_id, tasks_on_copies
from flows.readings.question_slots import question_slots
from flows.readings.set_readings import set_reading_mark, shortcuts_shown
from flows.state import State, among, by_key
from qc.check_run import run
from qc.checks.shortcut_checks import given_away
from qc.reviewers.planted_faults import Whole, faulty, in_order

MADE_BY_RULE, MADE_BY_LEAD = "rule", "lead"


def plant(state: State) -> int:
    """Make the plants that are drawn and can be read by somebody now; returns how many."""
    rate = state.campaign.plants.plant_share
    if not rate:
        return 0
    tried = {(facts.question_id, facts.revision) for facts in plants_by_id(state).values()}
    refused = state.events(NotPlanted)
    tried |= set(zip(refused["subject"], fact(refused, NotPlanted, "revision"), strict=True))
    now = current_questions(state)
    drawn = [
        drawn_for("plant", subject, revision, rate) and (subject, revision) not in tried
        for subject, revision in zip(now["question_id"], now["revision"].astype(int), strict=True)
    ]
    wanted = now[pd.Series(drawn, index=now.index, dtype=bool) & ~now["stale"]]
    wanted = wanted[wanted["outcome"].isna() | (wanted["outcome"] == "keep")]
    crew = Crew(state, wanted["question_id"])
    questions = [
        one for one in by_key(wanted, "question_id").values() if not _waits(state, one) and crew.spare(one) > 0
    ]
    rows = [_made(state, question) for question in questions]
    state.ledger.append(tables.EVENTS, rows)
    return sum(row["kind"] == Planted.KIND for row in rows)


def drawn_for(what: str, subject: str, revision: int, share: float) -> bool:
    """Whether a question is in the share that is drawn for something; its identity alone decides."""
    return int(digest(what, subject, int(revision))[:12], 16) < share * 16**12


class Crew:
    """The reviewers who can read copies of questions, and how many of them can be spared.

    Args:
        state: the campaign.
        subjects: the questions.
    """

    def __init__(self, state: State, subjects: Iterable[str]) -> None:
        wanted = set(subjects)
        self.overlap = state.campaign.review.reviewers
        self.most = max(state.campaign.review.max_reviewers or self.overlap, self.overlap)
        self.language = state.source_language
        self.reviewers = [person.code for person in state.campaign.people_for("reviewing", self.language)]
        self.met = review_subject.met(state, wanted)
        self.away, _ = turned_away(state) if wanted else (set(), {})
        tasks = state.tasks[among(state.tasks["question_id"], wanted) & (state.tasks["stage"] == "answering")]
        live = tasks[~tasks["closed"] | tasks["done"]]
        self.live = live.groupby(["question_id", "revision"]).size().to_dict()

    def able(self, subject: str, passage_id: str) -> list[str]:
        """Who has nothing to do with a question and may be given work on this passage."""
        return [
            code
            for code in self.reviewers
            if code not in self.met[subject] and ("answering", self.language, passage_id, code) not in self.away
        ]

    def spare(self, question: Mapping[str, Any]) -> int:
        """How many people may read a copy: as many as read a question, fewer where the question needs them
        itself.

        While it is undecided, as many are kept back as could still be asked about it, and one who may stand in.
        """
        able = len(self.able(question["question_id"], question["passage_id"]))
        if pd.isna(question["outcome"]):
            live = self.live.get((question["question_id"], question["revision"]), 0)
            if live < self.overlap:
                return 0  # it was not handed out yet itself
            able -= max(0, self.most - live) + 1
        return min(self.overlap, max(0, able))


def due(state: State) -> Iterator[Due]:
    """The readings of the plants whose question stands: it was not sent back, dropped or changed since."""
    if not plants_by_id(state):
        return
    questions = by_key(current_questions(state), "question_id")
    passages = state.passages[state.passages["language"] == state.source_language]
    revisions = dict(zip(passages["passage_id"], passages["revision"].astype(int), strict=True))
    crew = Crew(state, {facts.question_id for facts in plants_by_id(state).values()})
    mine = tasks_on_copies(state)[among(tasks_on_copies(state)["question_id"], plants_by_id(state).keys())]
    given = review_subject.given(state, plants_by_id(state).keys())
    blocked = _blocked(state, mine)
    otherwise = {"adjudicating", "translating", "proofreading"}  # who may be wanted for the question itself
    busy = {person.code for person in state.campaign.people if otherwise & set(person.roles)}
    for plant_id, facts in plants_by_id(state).items():
        question = questions[facts.question_id]
        stands = int(question["revision"]) == facts.revision and not question["stale"]
        stands = stands and (pd.isna(question["outcome"]) or question["outcome"] == "keep")
        if not stands or revisions[facts.passage_id] != facts.passage_revision:
            continue
        place = ("answering", state.source_language, facts.passage_id)
        have = {code for code in given[plant_id, state.source_language] if (*place, code) not in crew.away}
        able = {*crew.able(facts.question_id, facts.passage_id), *have}
        count = min(crew.overlap, len(have) + crew.spare({**question, "passage_id": facts.passage_id}))
        piece = Due(
            "answering", state.source_language, facts.passage_id, plant_id, facts.revision,
            never=frozenset(crew.reviewers) - able, count=max(count, len(have)),
            last=frozenset(busy | _knows(state, facts)),
        )  # fmt: skip
        for reading in review_subject.reading(state, piece, "reviewing"):
            if (plant_id, reading.person) not in blocked:
                yield reading


def _knows(state: State, facts: Planted) -> set[str]:
    """Of a plant that shows a passage without its evidence: who knows that passage, and would miss it."""
    if not facts.sentences:
        return set()
    return set(state.tasks["person"][state.tasks["passage_id"] == facts.passage_id])


def _blocked(state: State, tasks: pd.DataFrame) -> set[tuple[str, str]]:
    """Who said of a plant that they cannot work on it, which says everything: (plant, person)."""
    answered = tasks[tasks["done"] & (tasks["stage"] == "answering")]
    judged = tasks[tasks["stage"] == "judging"]
    done = set(zip(judged["question_id"], judged["person"], strict=True))
    open_ones = {at for at in zip(answered["question_id"], answered["person"], strict=True) if at not in done}
    said = state.verdicts_on({plant_id for plant_id, _ in open_ones}, ["subject", "check", "judge"])
    said = said[said["check"] == "recommendation"]
    return set(zip(said["subject"], said["judge"], strict=True)) & open_ones


def _waits(state: State, question: Mapping[str, Any]) -> bool:
    """Whether the lot fell on a sound copy, for a question of which nobody knows yet whether it is sound."""
    kinds = in_order(
        state.campaign.plants.faults, digest("plant", question["question_id"], int(question["revision"]))
    )
    return bool(pd.isna(question["outcome"])) and kinds[0] == "sound"


def _made(state: State, question: Mapping[str, Any]) -> Row:
    """The event of a plant made of a question by rule; or of its refusal, so that it is not tried again."""
    subject, revision = question["question_id"], int(question["revision"])
    whole = whole_of(state, question)
    seed = digest("plant", subject, revision)
    kinds: list[FaultKind] = list(state.campaign.plants.faults)
    if pd.isna(question["outcome"]):
        kinds = [kind for kind in kinds if kind != "sound"]  # only what was accepted is known to be sound
    others = _other_passages(state, question["passage_id"]) if "unanswerable" in kinds else {}
    for kind in in_order(kinds, seed):
        made = faulty(kind, whole, others, seed)
        if made is not None and not objections(state, subject, made):
            return event(state, subject, revision, kind, made, MADE_BY_RULE)
    return NotPlanted(revision, sorted(kinds)).row(subject, state.source_language)


def event(
    state: State, subject: str, revision: int, kind: FaultKind, made: Whole, by: str, *, number: int = 1
) -> Row:
    """The event of a plant.

    Args:
        state: the campaign.
        subject: the question that it was made of.
        revision: of that question.
        kind: of fault.
        made: what it shows.
        by: who made it: "rule" or "lead".
        number: of those that are made of this question at once, from 1.
    """
    before = sum(facts.question_id == subject for facts in plants_by_id(state).values())
    texts = state.texts_of({made.passage_id}, {state.source_language})[made.passage_id, state.source_language]
    changed = list(made.sentences) != list(texts["sentences"])
    planted = Planted(
        question_id=subject,
        revision=revision,
        kind=kind,
        question=made.question,
        answers=list(made.answers),
        key=made.key,
        passage_id=made.passage_id,
        passage_revision=int(texts["revision"]),
        sentences=list(made.sentences) if changed else None,
        made_by=by,
    )
    return planted.row(copy_id(subject, "plant", before + number), state.source_language)


def whole_of(state: State, question: Mapping[str, Any]) -> Whole:
    """A question with its passage, what settles it, and how its key was worded before."""
    language, passage_id = state.source_language, question["passage_id"]
    texts = state.texts_of({passage_id}, {language})[passage_id, language]
    before = state.questions[state.questions["question_id"] == question["question_id"]]
    before = before[before["revision"] < question["revision"]]
    key, evidence = int(question["key"]), question.get("evidence")
    return Whole(
        question=question["question"],
        answers=tuple(question["answers"]),
        key=key,
        passage_id=passage_id,
        sentences=tuple(texts["sentences"]),
        evidence=() if evidence is None else tuple(int(number) for number in evidence),
        wordings=tuple(row["answers"][key - 1] for row in before.to_dict("records") if row["key"] == key),
    )


def objections(state: State, subject: str, made: Whole) -> list[str]:
    """What the checks would send a plant back for, were it a question; its own question is left out of sight."""
    now = current_questions(state)
    shown = shortcuts_shown(state) if set_reading_mark(state) else frozenset[str]()
    near = now[now["question_id"] != subject]
    near = near[(near["outcome"] != "drop") if shown else near["passage_id"] == made.passage_id]
    row = {
        **now[now["question_id"] == subject].iloc[0].to_dict(),
        "passage_id": made.passage_id, "question": made.question, "answers": list(made.answers), "key": made.key,
    }  # fmt: skip
    frame = pd.concat([near, pd.DataFrame([row])], ignore_index=True)
    texts = state.texts_of(set(frame["passage_id"]), {state.source_language})
    found = run(
        tuple(one for one in QUESTION_SUITE if one is not given_away or shown),
        source_items(frame, texts),
        now=datetime.now(UTC),
        parameters=state.campaign.checks,
        resources={"shown": shown} if shown else {},
    )
    rules = policy(state, state.campaign.review.max_returns)
    return [
        row["reason"] or row["check"]
        for row in found.verdicts
        if row["subject"] == subject and row["flagged"] and rules.effect(row["check"]) == "revise"
    ]


def _other_passages(state: State, passage_id: str) -> dict[str, list[str]]:
    """The campaign's other passages in the source language: their sentences by passage_id."""
    language = state.source_language
    used = set(question_slots(state)["passage_id"]) - {passage_id}
    return {name: list(text["sentences"]) for (name, _), text in state.texts_of(used, {language}).items()}
