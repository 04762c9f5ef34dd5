"""A campaign of sixty items and six reviewers, written straight into a ledger: what people said is known exactly.

A third of the questions has a fault that reviewers see more or less often; r6 sees nothing and hurries, r5 is
thorough and slow. Two languages are translated and proofread. Authors had to qualify, a third of the kept
questions was planted, nearly as many judged anew by two experts who settle disputes as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from annotation.forms import review_criteria
from annotation.stages import answering_page
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.campaign.settings import Person
from data.ledger import Ledger, detail, tables
from data.ledger.item_copy_ids import copy_id, trial_id
from data.ledger.tables import question_id
from flows.campaign_state import State
from flows.item_copies.plants import drawn_for

FRENCH, SWAHILI = "fra_Latn", "swh_Latn"
SKILL = {"r1": 0.9, "r2": 0.85, "r3": 0.8, "r4": 0.75, "r5": 0.95, "r6": 0.1}
SECONDS = {"r1": 90, "r2": 80, "r3": 100, "r4": 85, "r5": 420, "r6": 14}
AUTHORS = ("wanda", "wim", "wendy")
HANDS = {FRENCH: ("tom", "pia"), SWAHILI: ("tuma", "pendo")}
"""Translator and proofreader."""
EXPERTS = ("xena", "xavi")
RECHECKED = 0.3
QUESTION = "Where does the water of the old well go in a dry summer?"
ANSWERS = ["To the mill", "To the school", "Into the river", "Nowhere at all"]

BEGAN = datetime(2026, 9, 1, 8, tzinfo=UTC)


class Crowd:
    """Writes the ledger, event by event."""

    def __init__(self, folder: Path, passages: int, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self.other = np.random.default_rng([seed, 1])  # of what came later, so that the rest stays as it was
        self.passages = passages
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in tables.TABLES}
        self.at = BEGAN
        new_campaign.init(str(folder), _toml())
        self.ledger = Ledger(str(folder))

    def write(self) -> None:
        """Write everything that was made up."""
        for name, rows in self.rows.items():
            self.ledger.append(tables.TABLES[name], rows)

    def task(
        self,
        stage: str,
        language: str,
        subject: str,
        person: str,
        *,
        seconds: float,
        payload: Mapping[str, Any] | None = None,
        result: Sequence[object] = (),
        revision: int = 1,
    ) -> str:
        """A finished task; gives its annotation's event."""
        self.at += timedelta(minutes=3)
        key = f"{stage}/{language}/{subject}/{revision}/{person}/1"
        task = {
            "task_key": key, "stage": stage, "language": language, "person": person,
            "passage_id": subject.rpartition("-q")[0], "question_id": subject, "revision": revision, "attempt": 1,
            "reason": "", "payload": json.dumps(payload or {}),
        }  # fmt: skip
        annotation = {
            "task_key": key, "stage": stage, "language": language, "server": "main", "workbench": "crowd",
            "annotation_id": str(len(self.rows["annotations"])), "account": person, "kind": "submitted",
            "created_at": self.at, "updated_at": self.at, "seconds": float(seconds), "result": json.dumps(result),
        }  # fmt: skip
        event = tables.ANNOTATIONS.event_id(annotation)
        self.rows["tasks"].append(task)
        self.rows["annotations"].append(annotation)
        self.event("read", event, outcome="counted")
        return event

    def event(self, kind: str, subject: str, language: str = "", /, **facts: object) -> None:
        """Something else that happened."""
        self.rows["events"].append(
            {"kind": kind, "subject": subject, "language": language, "detail": detail(facts)}
        )

    def verdict(
        self, check: str, subject: str, language: str, score: float, judge: str, origin: str, revision: int = 1
    ) -> None:
        """What somebody said."""
        self.rows["verdicts"].append(
            {
                "scope": "item", "subject": subject, "language": language, "revision": revision, "check": check,
                "version": 1, "signature": f"{check}|v:1", "score": score,
                "flagged": score < 1 and check not in ("guess", "baseline_answer"), "reason": "", "judge": judge,
                "origin": origin, "judged_at": self.at,
            }
        )  # fmt: skip

    def decide(self, subject: str, language: str, outcome: str, revision: int = 1) -> None:
        """What became of it."""
        self.rows["decisions"].append(
            {
                "subject": subject, "language": language, "revision": revision, "outcome": outcome, "reason": "",
                "rule": "made up", "decided_by": "rules", "verdicts": [], "decided_at": self.at,
            }
        )  # fmt: skip

    def took(self, typical: float) -> float:
        """Seconds of a task."""
        return float(typical * np.exp(self.random.normal(0, 0.45)))

    def author(self, subject: str, number: int) -> None:
        """A question comes in; one of wendy's in four at once."""
        person = AUTHORS[number % len(AUTHORS)]
        at_once = person == "wendy" and number % 4 == 1
        event = self.task("authoring", "eng_Latn", subject, person, seconds=4 if at_once else self.took(700))
        self.rows["questions"].append(
            {
                "question_id": subject, "passage_id": subject.rpartition("-q")[0], "revision": 1,
                "question_number": int(subject[-1]), "passage_revision": 1, "language": "eng_Latn",
                "question": QUESTION, "answers": ANSWERS, "key": 1,
                "notes": [""] * 4, "translator_note": "", "evidence": [1], "person": person, "annotation": event,
                "submitted_at": self.at,
            }
        )  # fmt: skip

    def review(self, subject: str, faulty: bool) -> bool:
        """Two people answer and judge; gives whether both would keep it."""
        keep = []
        for person in self.random.choice(sorted(SKILL), 2, replace=False):
            keep.append(self.read(subject, str(person), faulty))
        return all(keep)

    def read(self, subject: str, person: str, faulty: bool) -> bool:
        """One person's whole reading; gives whether they would keep it."""
        random, skill = self.random, SKILL[person]
        sees = bool(random.random() < (skill if faulty else 0.06))
        if subject.endswith("1") and person in ("r1", "r3", "r4"):
            event = self.task("guessing", "eng_Latn", subject, person, seconds=self.took(25))
            self.verdict("guess", subject, "eng_Latn", float(random.random() < 0.32), person, event)
        choice = 1 if random.random() < (0.6 if faulty else 0.96) else int(random.integers(0, 5))
        shown = {"order": [1, 2, 3, 4]}
        result = answering_page.result(choice=choice, sure=True, payload=shown)
        seconds = self.took(SECONDS[person])
        event = self.task("answering", "eng_Latn", subject, person, seconds=seconds, payload=shown, result=result)
        self.verdict("blind_answer", subject, "eng_Latn", float(choice == 1), person, event)
        event = self.task("judging", "eng_Latn", subject, person, seconds=self.took(SECONDS[person] * 0.8))
        unmet = random.choice(list(review_criteria.CRITERIA), p=[0.2, 0.3, 0.2, 0.1, 0.1, 0.02, 0.08])
        for name in review_criteria.CRITERIA:
            self.verdict(f"rubric_{name}", subject, "eng_Latn", float(not sees or name != unmet), person, event)
        score = 1.0 if not sees else 0.5 if random.random() < 0.75 else 0.0
        self.verdict("recommendation", subject, "eng_Latn", score, person, event)
        return score == 1.0

    def qualify(self, person: str) -> None:
        """A quiz, and two trial questions that one reviewer reads; wim's come at once."""
        event = self.task("qualifying", "eng_Latn", f"quiz-{person}", person, seconds=300)
        self.event("quiz_taken", person, "eng_Latn", attempt=1, wrong=[], score=1.0, version="1", annotation=event)
        for number in (1, 2):
            subject = trial_id(f"well-{number:02}", person, number)
            seconds = 3 if person == "wim" else 1500
            event = self.task("authoring", "eng_Latn", subject, person, seconds=seconds, revision=0)
            self.event(
                "trial_written", subject, "eng_Latn", question=QUESTION, answers=ANSWERS, key=1, notes=[""] * 4,
                evidence=[1], translator_note="", passage_id=f"well-{number:02}", passage_revision=1,
                person=person, annotation=event,
            )  # fmt: skip
            self.copy(subject, "r2", objects=False)

    def copy(self, subject: str, person: str, *, objects: bool, typical: float = 90) -> None:
        """Somebody answers a copy and judges it."""
        for stage, check in (("answering", "blind_answer"), ("judging", "recommendation")):
            seconds = float(typical * np.exp(self.other.normal(0, 0.45)))
            event = self.task(stage, "eng_Latn", subject, person, seconds=seconds)
            self.verdict(check, subject, "eng_Latn", 0.5 if objects and stage == "judging" else 1.0, person, event)

    def plant(self, kept: Sequence[str]) -> None:
        """Copies of every third kept question, with faults of all kinds and none, read by two."""
        kinds = ("wrong_key", "two_right", "unanswerable", "cue", "sound")
        for number, subject in enumerate(kept[::3]):
            plant, kind = copy_id(subject, "plant"), kinds[number % len(kinds)]
            self.event(
                "planted", plant, "eng_Latn", question_id=subject, revision=1, kind=kind, question=QUESTION,
                answers=ANSWERS, key=1, passage_id=subject.rpartition("-q")[0], passage_revision=1, sentences=None,
                made_by="rule",
            )  # fmt: skip
            for person in self.other.choice(sorted(SKILL), 2, replace=False):
                sees = self.other.random() < (0.06 if kind == "sound" else SKILL[str(person)])
                self.copy(plant, str(person), objects=bool(sees), typical=SECONDS[str(person)])

    def recheck(self, kept: Sequence[str]) -> None:
        """Experts judge anew what is drawn, thrice as slowly as reviewers."""
        drawn = [subject for subject in kept if drawn_for("recheck", subject, 1, RECHECKED)]
        for number, subject in enumerate(drawn):
            person, objects = EXPERTS[number % 2], number % 6 == 0
            self.copy(copy_id(subject, "recheck"), person, objects=objects, typical=270)
            self.verdict("recheck", subject, "eng_Latn", 0.5 if objects else 1.0, person, f"recheck-{subject}")

    def check_keys(self, kept: Sequence[str]) -> None:
        """Swahili hands read some of the French; the first does not find the key."""
        for number, subject in enumerate(kept[:12]):
            person = HANDS[SWAHILI][number % 2]
            copy = copy_id(subject, "key_check")
            event = self.task("answering", FRENCH, copy, person, seconds=60 + number, revision=2)
            self.verdict("key_answer", subject, FRENCH, float(number > 0), person, event, revision=2)

    def adjudicate(self, subjects: Sequence[str]) -> None:
        """xena settles some."""
        for subject in subjects:
            event = self.task("adjudicating", "eng_Latn", subject, EXPERTS[0], seconds=400)
            self.verdict("adjudication", subject, "eng_Latn", 0.5, EXPERTS[0], event)

    def render(self, subject: str, language: str) -> None:
        """A translation, proofread and accepted."""
        translator, proofreader = HANDS[language]
        common = {
            "question_id": subject, "passage_id": subject.rpartition("-q")[0], "language": language,
            "question_revision": 1, "passage_revision": 1, "errors": None,
            "question": "Où va l'eau du vieux puits quand l'été est sec ?",
            "answers": ["Au moulin", "À l'école", "Dans la rivière", "Nulle part"],
        }  # fmt: skip
        for revision, kind, person, stage in (
            (1, "draft", translator, "translating"), (2, "proofread", proofreader, "proofreading"),
        ):  # fmt: skip
            event = self.task(stage, language, subject, person, seconds=self.took(300), revision=revision)
            self.rows["translations"].append(
                {
                    **common, "revision": revision, "kind": kind, "draft_revision": revision - 1, "person": person,
                    "annotation": event, "submitted_at": self.at,
                }
            )  # fmt: skip
        self.verdict("proofreading", subject, language, 1.0, proofreader, event, revision=2)
        self.decide(subject, language, "keep", revision=2)

    def baseline(self, kept: Sequence[str]) -> None:
        """Eight fresh people answer some of the kept items."""
        drawn = kept[:24]
        self.event("baseline_drawn", "drawn", "0", items=[[subject, 1] for subject in drawn], of=len(kept))
        for number, subject in enumerate(drawn):
            for person in ("h1", "h2", "h3", "h4", "h5", "h6")[number % 3 :: 3]:
                event = self.task("answering", "eng_Latn", f"{subject}-b1", person, seconds=self.took(70))
                self.verdict(
                    "baseline_answer", subject, "eng_Latn", float(self.random.random() < 0.9), person, event
                )


def crowd(folder: Path, *, passages: int = 30, seed: int = 4) -> State:
    """The campaign, finished.

    Args:
        folder: a new one.
        passages: with two questions each.
        seed: of what people say.
    """
    made = Crowd(folder, passages, seed)
    for number in range(passages):
        for language in ("eng_Latn", FRENCH, SWAHILI):
            made.rows["passages"].append(
                {
                    "passage_id": f"well-{number:02}", "language": language, "revision": 1, "source": "made up",
                    "link": "", "split": "", "sentence_ids": [number], "domain": "", "topic": "",
                    "sentences": ["The well is dry."], "text": "The well is dry.", "position": number,
                }
            )  # fmt: skip
    kept, back = [], []
    for number in range(2 * passages):
        subject = question_id(f"well-{number // 2:02}", number % 2 + 1)
        made.author(subject, number)
        keep = made.review(subject, bool(made.random.random() < 0.3))
        made.decide(subject, "eng_Latn", "keep" if keep else "revise")
        (kept if keep else back).append(subject)
    for subject in kept:
        for language in HANDS:
            made.render(subject, language)
    made.baseline(kept)
    for person in AUTHORS:
        made.qualify(person)
    made.plant(kept)
    made.recheck(kept)
    made.check_keys(kept)
    made.adjudicate(back[:5])
    for stage in ("qualifying", "authoring", "answering", "judging"):
        made.event("guideline", tables.digest(stage), stage=stage, number=1)
    made.event("guideline", tables.digest("authoring", 2), stage="authoring", number=2)
    made.write()
    return State(Campaign.load(str(folder)), Ledger(str(folder)))


def _toml() -> str:
    reviewers = [Person(code=code, roles=("reviewing",), agency="Wells & Co") for code in SKILL]
    authors = [Person(code=code, roles=("authoring",), native_languages=("eng_Latn",)) for code in AUTHORS]
    hands = [
        Person(code=code, roles=(role,), languages=(language,), native_languages=(language,), agency="Tandem")
        for language, pair in HANDS.items()
        for code, role in zip(pair, ("translating", "proofreading"), strict=True)
    ]
    fresh = [Person(code=f"h{n}", roles=("baseline",)) for n in range(1, 7)]
    experts = [Person(code=code, roles=("adjudicating",), agency="Wells & Co") for code in EXPERTS]
    people = [
        person.model_copy(update={"consent_date": BEGAN.date()} if person.code != "r6" else {})
        for person in (*authors, *reviewers, *hands, *fresh, *experts)
    ]
    text = new_campaign.template(
        id="crowd", title="Wells of the plain", source="parallel", path="passages.jsonl",
        languages=[FRENCH, SWAHILI], people=people,
    )  # fmt: skip
    text = text.replace("[key_check]\nshare = 0.0", "[key_check]\nshare = 1.0")
    return text.replace("[recheck]\nrecheck_share = 0.0", f"[recheck]\nrecheck_share = {RECHECKED}")
