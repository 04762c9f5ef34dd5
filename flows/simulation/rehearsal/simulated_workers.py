"""The simulated workers of a rehearsal, and what they submit for the tasks that they are given.

All random draws follow from the seed and the task alone, so that the same rehearsal has the same result however
often it is interrupted. The script knows the truth about every question that it wrote, which nobody knows of a
real one: that is what a rehearsal is for.

A reader who sees a fault answers accordingly where possible (another option, or that the passage does not say),
names the unmet criterion and asks for a revision. A reader who does not see it is misled as the writer was.
Revised questions are written from scratch, with the same chances of a fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import log
from random import Random
from typing import Any

from annotation.forms.review_criteria import CRITERIA
from annotation.guidelines.guideline_files import ours
from annotation.guidelines.quiz import Quiz
from annotation.stages.guessing_page import WHY
from data.campaign.settings import Role
from data.ledger.events import Planted
from data.ledger.item_copy_ids import kind_of, original
from data.ledger.tables import Stage, digest, passage_of
from data.ledger.task_keys import TaskKey
from data.prompt_words import ENGLISH_PROMPT_WORDS
from flows.clozes import End, alike, cut, ends, numbers
from flows.simulation.rehearsal.worker_profiles import RENDERED, WRITTEN, Skills
from flows.stages import work_of

UNMET: Mapping[str, tuple[str, ...]] = {
    "wrong_key": ("one_right",),
    "two_right": ("one_right", "distractors_wrong"),
    "unanswerable": ("answerable",),
    "cue": ("passage_only",),
    "typo": ("wording",),
}
"""The rubric's criteria that a reader who sees a fault finds unmet, by fault."""

_ERRORS = {
    "swapped": "mistranslation/critical",
    "untranslated": "untranslated/major",
    "number": "mistranslation/major",
}
_TRIES = 200  # at finding options that differ

Texts = Mapping[tuple[str, str], Sequence[str]]
"""Sentences by passage_id and language."""


@dataclass(frozen=True)
class Draft:
    """A question of the script, and the truth about it.

    Attributes:
        ends: the sentence ends of its options, by identity; that of the key is also where the question was cut.
        question: its text.
        answers: by identity.
        key: identity of the answer that is marked as correct.
        right: identity of the right one; 0 for none.
        fault: what is wrong with it; "" for nothing.
    """

    ends: tuple[End, ...]
    question: str
    answers: tuple[str, ...]
    key: int
    right: int
    fault: str = ""


@dataclass
class Script:
    """The script in progress.

    Attributes:
        texts: of all passages in all languages.
        source: the source language.
        skills: how everybody works.
        seed: of the random draws.
        quiz: the quiz by which authors qualify.
        drafts: every question that was submitted, by (question_id, revision).
        faults: what is wrong with every translation that was submitted, by (question_id, language, revision).
    """

    texts: Texts
    source: str
    skills: Skills
    seed: int = 0
    quiz: Quiz = field(default_factory=lambda: ours().quiz)
    drafts: dict[tuple[str, int], Draft] = field(default_factory=dict)
    faults: dict[tuple[str, str, int], str] = field(default_factory=dict)
    _asked: set[tuple[str, str]] = field(default_factory=set)

    def luck(self, *parts: object) -> Random:
        """Return the random generator for one thing, the same every time."""
        return Random(digest("rehearsal", self.seed, *parts))

    def seconds(self, task_key: str, role: Role, person: str) -> float:
        """Return how long a task takes, in seconds: log-normal around the person's median."""
        pace = self.skills.of(role, person)
        return 60 * self.luck(task_key, "pace").lognormvariate(log(pace.minutes), pace.spread)

    def fields(
        self, task_key: str, data: Mapping[str, Any], plants: Mapping[str, Planted], subject: str = ""
    ) -> Any:
        """Return what a person submits for a task, as its stage's fields.

        Args:
            task_key: of the task.
            data: what the task shows.
            plants: the plants by identity, as the ledger has them.
            subject: what it is about, where its key does not say so (copies look like questions there).
        """
        key = TaskKey.parse(task_key)
        language, revision, person = key.language, key.revision, key.person
        subject = subject or key.shown
        dice = self.luck(task_key)
        match key.stage:
            case "qualifying":
                return {"chosen": self._quiz(dice, person)}
            case "authoring":
                return self._write(dice, subject, revision, person)
            case "translating":
                return self._translate(dice, subject, language, revision, person, data)
            case "wording":
                return {"words": dict(ENGLISH_PROMPT_WORDS.items())}
            case "proofreading":
                return self._proofread(dice, subject, language, revision, person, data)
        truth = self.truth(subject, revision, plants)
        return self._review(key.stage, dice, truth, subject, revision, person)

    # Writing -----------------------------------------------------------------------------------------------------

    def _quiz(self, dice: Random, person: str) -> dict[str, int]:
        share = self.skills.of("authoring", person).quiz
        right = {name: one.right for name, one in self.quiz.questions.items()}
        return {name: n if dice.random() < share else n % 4 + 1 for name, n in right.items()}

    def _write(self, dice: Random, subject: str, revision: int, person: str) -> dict[str, Any]:
        passage_id = subject.rpartition("-t" if kind_of(subject) == "trial" else "-q")[0]
        if kind_of(subject) == "trial":
            passage_id = max((p for p, _ in self.texts if subject.startswith(f"{p}-t")), key=len)
        sound = self.question(dice, passage_id)
        draft = self.spoilt(dice, sound, _drawn(dice, self.skills.of("authoring", person), WRITTEN))
        self.drafts[subject, revision + 1] = draft
        self._asked.add((passage_id, sound.question))
        notes = ["" if n == draft.key else "It ends another sentence." for n in range(1, 5)]
        evidence = [sound.ends[sound.key - 1].sentence + 1]
        return {
            "question": draft.question, "answers": list(draft.answers), "key": draft.key, "notes": notes,
            "translator_note": "", "evidence": evidence,
        }  # fmt: skip

    def question(self, dice: Random, passage_id: str) -> Draft:
        """Write a sound question on a passage that was not asked before."""
        here = ends(passage_id, self.texts[passage_id, self.source], self.source)
        dice.shuffle(here)
        fresh = [end for end in here if (passage_id, self._cut(end)[0]) not in self._asked]
        stem = next(iter(fresh or here), End(passage_id, 0, 1))
        others = sorted({p for p, language in self.texts if language == self.source and p != passage_id})
        options = [stem]
        for _ in range(_TRIES):
            if len(options) == 4:
                break
            there = ends(other := dice.choice(others), self.texts[other, self.source], self.source)
            there = [end for end in there if end.words == stem.words]
            if there and not any(alike(self._cut(end := dice.choice(there))[1], self._cut(o)[1]) for o in options):
                options.append(end)
        while len(options) < 4:  # no good ends left: take any; its number below makes it distinct
            options.append(End(dice.choice(others or [passage_id]), 0, len(options)))
        dice.shuffle(options)
        answers = tuple(self._cut(end)[1] for end in options)
        key = options.index(stem) + 1
        return Draft(tuple(options), self._cut(stem)[0], answers, key, key)

    def spoilt(self, dice: Random, draft: Draft, fault: str) -> Draft:
        """Return a question with a fault of this kind; unchanged for none."""
        wrong = dice.choice([n for n in range(1, 5) if n != draft.key])
        answer = draft.answers[draft.key - 1]
        if fault == "wrong_key":
            return replace(draft, key=wrong, fault=fault)
        if fault == "two_right":
            said = f"{answer.split()[0]} {answer}" if " " in answer else f"{answer}{answer[-1]}"
            return replace(draft, answers=_with(draft.answers, wrong, said), fault=fault)
        if fault == "unanswerable":  # the right end is nowhere among the options
            end = draft.ends[wrong - 1]
            said = self._cut(replace(end, words=end.words + 1))[1]
            return replace(draft, answers=_with(draft.answers, draft.key, said), right=0, fault=fault)
        if fault == "cue":
            end = draft.ends[draft.key - 1]
            longer = f"{answer}, {cut(self.texts[end.passage_id, self.source][end.sentence], self.source, 12)[1]}"
            return replace(draft, answers=_with(draft.answers, draft.key, longer), fault=fault)
        if fault == "typo":  # every second one is of a kind that no check can see
            words = draft.question.split(" ")
            place = max(range(len(words) - 1), key=lambda n: len(words[n]))
            if dice.random() < 0.5:
                words[place] = f"{words[place]} "
            else:
                words[place] = words[place][:-2] + words[place][-1:] + words[place][-2:-1]
            return replace(draft, question=" ".join(words), fault=fault)
        return draft

    def _cut(self, end: End) -> tuple[str, str]:
        return cut(self.texts[end.passage_id, self.source][end.sentence], self.source, end.words)

    # Review ------------------------------------------------------------------------------------------------------

    def truth(self, subject: str, revision: int, plants: Mapping[str, Planted]) -> Draft:
        """Return the truth about the subject of a review task: a question of the script, or a copy of one."""
        if planted := plants.get(subject):
            made_of = self.drafts[planted.question_id, planted.revision]
            fault = "" if planted.kind == "sound" else str(planted.kind)
            right = 0 if fault == "unanswerable" else made_of.key
            return replace(made_of, key=planted.key, right=right, fault=fault or made_of.fault)
        subject = original(subject)
        revisions = [n for name, n in self.drafts if name == subject]
        return self.drafts[subject, revision if revision in revisions else max(revisions)]

    def _review(self, stage: str, dice: Random, asked: Draft, subject: str, revision: int, person: str) -> Any:
        if stage == "guessing":
            knows = dice.random() < self.skills.of("reviewing", person).guess
            choice = asked.key if knows else dice.choice(_others(asked.key))
            return {"choice": choice, "why": dice.choice(sorted(WHY)), "comment": ""}
        role = ROLE_OF_COPY.get(kind_of(subject) or "", work_of(stage).role)
        skill = self.skills.of(role, person)
        if role == "baseline":
            choice = asked.key if dice.random() < skill.accuracy else dice.choice(_others(asked.key))
            return {"choice": choice, "sure": True, "comment": ""}
        sees = self.sees(asked.fault, subject, revision, person, role)
        if stage == "answering":
            return {"choice": self._answer(dice, asked, sees, skill), "sure": True, "comment": ""}
        alarmed = not sees and dice.random() < skill.false_alarms
        unmet = UNMET[asked.fault] if sees else (dice.choice(sorted(CRITERIA)),) if alarmed else ()
        recommend = "revise" if unmet else "keep"
        if stage == "adjudicating":
            return {
                "decision": recommend,
                "right": None,
                "reason": ", ".join(unmet) or "Nothing is wrong with it.",
            }
        rubric = {name: name not in unmet for name in CRITERIA}
        return {"rubric": rubric, "recommend": recommend, "comment": "Mend this, please." if unmet else ""}

    def sees(self, fault: str, subject: str, revision: int, person: str, role: Role) -> bool:
        """Whether a reader sees what is wrong with a revision; the same every time they look at it."""
        if not fault:
            return False
        share = getattr(self.skills.of(role, person).seen, fault)
        return bool(self.luck("sees", subject, revision, person).random() < share)

    def _answer(self, dice: Random, asked: Draft, sees: bool, skill: Any) -> int:
        if sees and asked.fault == "wrong_key":
            return asked.right
        if sees and asked.fault == "unanswerable":
            return 0
        if asked.fault in ("wrong_key", "unanswerable") or dice.random() < skill.accuracy:
            return asked.key
        return dice.choice(_others(asked.key))

    # Translation -------------------------------------------------------------------------------------------------

    def _translate(
        self, dice: Random, subject: str, language: str, revision: int, person: str, data: Mapping[str, Any]
    ) -> dict[str, Any]:
        text = self.rendered(subject, language, revision, data)
        fault = _drawn(dice, self.skills.of("translating", person), RENDERED)
        self.faults[subject, language, revision + 1] = fault
        return _spoilt(dice, text, fault, data)

    def rendered(self, subject: str, language: str, revision: int, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return a sound translation: the same ends of the same sentences, each with the source's numbers."""
        asked = next(
            draft for (name, _), draft in reversed(self.drafts.items())
            if name == subject and draft.question == data["source_question"]
        )  # fmt: skip
        answers: list[str] = []
        question = ""
        for identity, end in enumerate(asked.ends, 1):
            sentences = self.texts[end.passage_id, language]
            place = min(end.sentence, len(sentences) - 1)
            words = end.words + revision // 2  # cut elsewhere after it was sent back
            stem, said = cut(sentences[place], language, words)
            question = stem if end.passage_id == asked_on(subject) else question
            wanted = [n for n in numbers(data[f"source_answer_{identity}"]) if n not in numbers(said)]
            said = " ".join([said, *wanted])
            answers.append(f"{said} ({identity})" if any(alike(said, other) for other in answers) else said)
        return {"question": question, "answers": answers}

    def _proofread(
        self, dice: Random, subject: str, language: str, revision: int, person: str, data: Mapping[str, Any]
    ) -> dict[str, Any]:
        skill, fault = self.skills.of("proofreading", person), self.faults.get((subject, language, revision), "")
        draft = {"question": data["draft_question"], "answers": [data[f"draft_answer_{n}"] for n in range(1, 5)]}
        sees = bool(fault) and dice.random() < getattr(skill.seen, fault)
        said = {"outcome": "accept", "comment": "", "errors": [], **draft}
        if sees and dice.random() < skill.returned:
            said |= {"outcome": "return", "comment": "Look at the options again.", "errors": [_ERRORS[fault]]}
        elif sees:
            mended = self.rendered(subject, language, revision - 1, data)
            if mended == draft:  # the slip changed nothing, for example with equal options in both languages
                self.faults[subject, language, revision] = self.faults[subject, language, revision + 1] = ""
                return said
            said |= {"outcome": "corrected", "errors": [_ERRORS[fault]], **mended}
        elif dice.random() < skill.false_alarms:
            question = draft["question"].replace(" ____", " … ____")
            said |= {"outcome": "corrected", "question": question, "errors": ["style/minor"]}
        corrected = sees and said["outcome"] == "corrected"
        self.faults[subject, language, revision + 1] = "" if corrected else fault
        return said


ROLE_OF_COPY: Mapping[str, Role] = {"recheck": "adjudicating", "baseline": "baseline", "key_check": "baseline"}
"""The role that reads each kind of copy, if not the page's usual one."""


def role_of(stage: Stage, subject: str) -> Role:
    """Return the role in which a task is done."""
    return ROLE_OF_COPY.get(kind_of(subject) or "", work_of(stage).role)


def asked_on(subject: str) -> str:
    """Return the passage of a question."""
    return passage_of(subject)


def _drawn(dice: Random, skill: Any, kinds: Sequence[str]) -> str:
    """Draw a fault of one kind, or none, by the shares of each."""
    left = dice.random()
    for kind in kinds:
        left -= getattr(skill, kind)
        if left < 0:
            return kind
    return ""


def _spoilt(dice: Random, text: Mapping[str, Any], fault: str, data: Mapping[str, Any]) -> dict[str, Any]:
    answers = list(text["answers"])
    a, b = dice.sample(range(4), 2)
    if fault == "swapped":
        answers[a], answers[b] = answers[b], answers[a]
    elif fault == "untranslated":
        answers[a] = data[f"source_answer_{a + 1}"]
    elif fault == "number":
        place = next((n for n, said in enumerate(answers) if numbers(said)), a)
        digits = numbers(answers[place])
        # if there is no number to change, add one
        answers[place] = f"{answers[place]} 17" if not digits else _changed(answers[place])
    return {"question": text["question"], "answers": answers}


def _changed(text: str) -> str:
    """Return the text with the last digit of its last number changed."""
    place = max(n for n, letter in enumerate(text) if letter.isdecimal())
    return f"{text[:place]}{(int(text[place]) + 1) % 10}{text[place + 1 :]}"


def _others(key: int) -> list[int]:
    return [n for n in range(1, 5) if n != key]


def _with(answers: Sequence[str], place: int, text: str) -> tuple[str, ...]:
    return tuple(text if n == place else answer for n, answer in enumerate(answers, 1))
