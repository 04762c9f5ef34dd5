"""The form of the sample campaign's files: what people submit, and what is expected to become of it.

Each line or table is a frozen dataclass. `Sample` answers one question, 'what does this person submit now', with
the defaults that script.toml describes filled in, so that code that plays the script needs to know no default.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import ConfigDict, Field

from data.ledger.tables import question_id
from data.prompt_words import PromptWords

Criterion = Literal[
    "answerable", "one_right", "distractors_wrong", "passage_only", "wording", "inoffensive", "translatable"
]
Reviewer = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,10}$")]  # one of PLACES, or a person's code
Decision = Literal["keep", "revise", "drop"]
PlantedKind = Literal["wrong_key", "two_right", "unanswerable", "cue"]
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[int, Field(ge=1)]
Four = Annotated[tuple[str, ...], Field(min_length=4, max_length=4)]
Language = Annotated[str, Field(pattern=r"^[a-z]{3}_[A-Z][a-z]{3}$")]

PLACES = ("first", "second", "third", "both")
"""Whose review an entry is about: a place among those who answer a draft blind, in the order they were asked."""

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True)
class Passage:
    """One passage in one language: a line of passages.jsonl."""

    __pydantic_config__ = _STRICT
    passage_id: Text
    link: Text
    language: Language
    sentences: Annotated[tuple[Text, ...], Field(min_length=1)]
    domain: str
    topic: str
    split: str


@dataclass(frozen=True)
class Draft:
    """What an author submits; `key` is 1-based, `notes` say why each distractor is wrong ("" at the key).

    `evidence` numbers the sentences that settle the question, from 1.
    """

    __pydantic_config__ = _STRICT
    question: str
    answers: Four
    key: Annotated[int, Field(ge=1, le=4)]
    notes: Four
    translator_note: str
    evidence: Annotated[tuple[Count, ...], Field(min_length=1)]


@dataclass(frozen=True)
class Slot:
    """A question slot: its first draft, and what the author submits each time the question comes back."""

    __pydantic_config__ = _STRICT
    passage_id: Text
    question_number: Count
    drafts: Annotated[tuple[Draft, ...], Field(min_length=1)]

    @property
    def question(self) -> str:
        """The question's identity."""
        return question_id(self.passage_id, self.question_number)


@dataclass(frozen=True)
class Rendering:
    """A question and its answers in another language, in their final form."""

    __pydantic_config__ = _STRICT
    passage_id: Text
    question_number: Count
    question: Text
    answers: Four


@dataclass(frozen=True)
class Person:
    """A person by code: `seconds` that a task takes them, `per_round` tasks between two advances (0: all).

    They take at most `most` passages in a stage (None: any number).
    """

    __pydantic_config__ = _STRICT
    code: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,10}$")]
    roles: Annotated[
        tuple[Literal["authoring", "reviewing", "adjudicating", "translating", "proofreading", "baseline"], ...],
        Field(min_length=1),
    ]
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    habit: Text
    seconds: Count
    per_round: Annotated[int, Field(ge=0)]
    most: Count | None = None


@dataclass(frozen=True)
class Qualifying:
    """An attempt at the quiz on the guideline; `wrong` names the questions answered wrongly."""

    __pydantic_config__ = _STRICT
    person: Text
    attempt: Count
    wrong: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Assisting:
    """What an author writes first; after reading the assistant's comment on it, they submit the draft instead."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    question_text: Text | None = None
    answers: Four | None = None


@dataclass(frozen=True)
class Guessing:
    """A guess without the passage; `choice` is an answer's identity, None for the longest answer."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    reviewer: Reviewer
    choice: Annotated[int, Field(ge=1, le=4)] | None = None
    why: Literal["knew", "sense", "looks", "blind"] = "looks"
    comment: str = ""


@dataclass(frozen=True)
class Answering:
    """A blind answer: `choice` is an answer's identity, 0 for 'cannot be answered', None for the draft's key."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    reviewer: Reviewer
    choice: Annotated[int, Field(ge=0, le=4)] | None = None
    sure: bool = True
    comment: str = ""


@dataclass(frozen=True)
class Judging:
    """A judgement with the key in view."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    reviewer: Reviewer
    not_fulfilled: tuple[Criterion, ...] = ()
    recommend: Decision = "keep"
    comment: str = ""


@dataclass(frozen=True)
class Adjudicating:
    """How a dispute is settled; `right` is the answer considered right, 0 for none or several."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    decision: Decision = "keep"
    right: Annotated[int, Field(ge=0, le=4)] | None = None
    reason: Text = "Nothing that was said stands against it."


@dataclass(frozen=True)
class Planted:
    """Whether a person notices a planted fault of one kind."""

    __pydantic_config__ = _STRICT
    person: Text
    kind: PlantedKind
    sees: bool = True


@dataclass(frozen=True)
class Translating:
    """A submitted translation; None stands for the text in translations/<language>.jsonl."""

    __pydantic_config__ = _STRICT
    language: Language
    question: Text
    attempt: Count
    question_text: Text | None = None
    answers: Four | None = None


@dataclass(frozen=True)
class Proofreading:
    """A proofreader's outcome; the texts count if it is "corrected", None as in `Translating`."""

    __pydantic_config__ = _STRICT
    language: Language
    question: Text
    attempt: Count
    outcome: Literal["accept", "corrected", "return"] = "accept"
    question_text: Text | None = None
    answers: Four | None = None
    errors: tuple[Text, ...] = ()
    comment: str = ""


@dataclass(frozen=True)
class Query:
    """'Something is wrong with the passage', asked at an attempt, and the lead's reply."""

    __pydantic_config__ = _STRICT
    stage: Literal["translating", "proofreading"]
    language: Language
    question: Text
    attempt: Count
    text: Text
    reply: Text


@dataclass(frozen=True)
class Reporting:
    """What a reader of the release reports as wrong in it, and whom the next release thanks."""

    __pydantic_config__ = _STRICT
    language: Language
    question: Text
    part: Literal["passage", "question", "option_1", "option_2", "option_3", "option_4"]
    error: Text
    credit: Text


@dataclass(frozen=True)
class ScriptedFault:
    """A fault in something that somebody submits; fates.toml explains the fields."""

    __pydantic_config__ = _STRICT
    name: Text
    kind: Text
    question: Text
    language: Language
    plant: Text
    found_by: Annotated[tuple[Text, ...], Field(min_length=1)]
    fate: Literal["revised then kept", "corrected then kept", "dropped"]


@dataclass(frozen=True)
class Fate:
    """The expected outcome of a question, and the number of drafts submitted until then."""

    __pydantic_config__ = _STRICT
    question: Text
    outcome: Literal["keep", "drop"]
    revisions: Count


@dataclass(frozen=True, kw_only=True)
class Wording(PromptWords):
    """The words around an item in a language: a line of prompt_words.jsonl."""

    __pydantic_config__ = _STRICT
    language: Language


@dataclass(frozen=True)
class Qualified:
    """How many attempts an author is expected to need to pass the quiz."""

    __pydantic_config__ = _STRICT
    person: Text
    attempts: Count


@dataclass(frozen=True)
class AssistantLine:
    """What the assistant must say about an author's first text, and no longer about the submitted one."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    said: Text


@dataclass(frozen=True)
class Settled:
    """A draft that reviewers must disagree about: how many review it, and its end ("outvoted": by vote alone)."""

    __pydantic_config__ = _STRICT
    question: Text
    draft: Count
    reviewers: Count
    end: Literal["keep", "revise", "drop", "outvoted"]


@dataclass(frozen=True)
class Measured:
    """The expected value of a measure of people: how many of how many."""

    __pydantic_config__ = _STRICT
    name: Literal["guesses right", "plants found", "cues missed", "rechecks objecting", "readers right"]
    met: Annotated[int, Field(ge=0)]
    of: Count


@dataclass(frozen=True)
class Sample:
    """The whole sample campaign. The methods answer 'what does a person submit now', with defaults filled in."""

    passages: tuple[Passage, ...]
    slots: tuple[Slot, ...]
    translations: Mapping[str, tuple[Rendering, ...]]  # by language
    wordings: tuple[Wording, ...]
    people: tuple[Person, ...]
    qualifying: tuple[Qualifying, ...]
    assisting: tuple[Assisting, ...]
    guessing: tuple[Guessing, ...]
    answering: tuple[Answering, ...]
    judging: tuple[Judging, ...]
    adjudicating: tuple[Adjudicating, ...]
    planted: tuple[Planted, ...]
    translating: tuple[Translating, ...]
    proofreading: tuple[Proofreading, ...]
    queries: tuple[Query, ...]
    reporting: tuple[Reporting, ...]
    faults: tuple[ScriptedFault, ...]
    fates: tuple[Fate, ...]
    qualified: tuple[Qualified, ...]
    told: tuple[AssistantLine, ...]
    settled: tuple[Settled, ...]
    measured: tuple[Measured, ...]

    @cached_property
    def questions(self) -> dict[str, Slot]:
        """The slots by question."""
        return {slot.question: slot for slot in self.slots}

    @cached_property
    def renderings(self) -> dict[tuple[str, str], Rendering]:
        """The final translations by (language, question)."""
        return {
            (language, question_id(text.passage_id, text.question_number)): text
            for language, texts in self.translations.items()
            for text in texts
        }

    def draft(self, question: str, number: int) -> Draft:
        """Return the text of an author's submission with this number (from 1).

        Raises:
            KeyError: the script has no such question, or not so many drafts of it.
        """
        drafts = self.questions[question].drafts
        if not 1 <= number <= len(drafts):
            raise KeyError(f"{question} has {len(drafts)} drafts in questions.jsonl; draft {number} was asked for")
        return drafts[number - 1]

    def quiz(self, person: str, attempt: int) -> Qualifying:
        """Return an author's answers to the quiz at this attempt."""
        default = Qualifying(person, attempt)
        return next((q for q in self.qualifying if (q.person, q.attempt) == (person, attempt)), default)

    def assist(self, question: str, draft: int) -> Draft | None:
        """Return what the author writes before the draft, to see the assistant's comment; None if nothing."""
        line = next((a for a in self.assisting if (a.question, a.draft) == (question, draft)), None)
        if line is None:
            return None
        final = self.draft(question, draft)
        return replace(final, question=line.question_text or final.question, answers=line.answers or final.answers)

    def guess(self, question: str, draft: int, *reviewer: str) -> Guessing:
        """Return a reviewer's guess on a draft; `choice` is always filled in."""
        default = Guessing(question, draft, reviewer[0])
        guess = next((g for g in self.guessing if _meant(g, question, draft, reviewer)), default)
        answers = self.draft(question, draft).answers
        longest = max(range(4), key=lambda place: len(answers[place])) + 1
        return replace(guess, choice=guess.choice or longest)

    def answer(self, question: str, draft: int, *reviewer: str) -> Answering:
        """Return a reviewer's blind answer to a draft; `choice` is always filled in.

        Args:
            question: its identity.
            draft: its number.
            reviewer: how an entry may name them: their place among the reviewers, their code.
        """
        default = Answering(question, draft, reviewer[0])
        answer = next((a for a in self.answering if _meant(a, question, draft, reviewer)), default)
        return answer if answer.choice is not None else replace(answer, choice=self.draft(question, draft).key)

    def judge(self, question: str, draft: int, *reviewer: str) -> Judging:
        """Return a reviewer's judgement of a draft; arguments as for `answer`."""
        default = Judging(question, draft, reviewer[0])
        return next((j for j in self.judging if _meant(j, question, draft, reviewer)), default)

    def adjudicate(self, question: str, draft: int) -> Adjudicating:
        """Return how a dispute about a draft is settled."""
        default = Adjudicating(question, draft)
        return next((a for a in self.adjudicating if (a.question, a.draft) == (question, draft)), default)

    def sees(self, person: str, kind: str) -> bool:
        """Return whether somebody notices a planted fault of this kind."""
        return next((p.sees for p in self.planted if (p.person, p.kind) == (person, kind)), True)

    def translate(self, language: str, question: str, attempt: int) -> Translating:
        """Return the translator's submission at this attempt; both texts are always filled in."""
        default = Translating(language, question, attempt)
        return self._filled(next((t for t in self.translating if _at(t, language, question, attempt)), default))

    def proofread(self, language: str, question: str, attempt: int) -> Proofreading:
        """Return the proofreader's submission at this attempt; both texts are always filled in."""
        default = Proofreading(language, question, attempt)
        return self._filled(next((p for p in self.proofreading if _at(p, language, question, attempt)), default))

    def query(self, stage: str, language: str, question: str, attempt: int) -> Query | None:
        """Return the query asked instead of doing the work at this attempt, if any."""
        asked = (q for q in self.queries if q.stage == stage and _at(q, language, question, attempt))
        return next(asked, None)

    def _filled(self, work: _Work) -> _Work:
        good = self.renderings[work.language, work.question]
        return replace(
            work, question_text=work.question_text or good.question, answers=work.answers or good.answers
        )


_Work = TypeVar("_Work", Translating, Proofreading)


def _meant(work: Guessing | Answering | Judging, question: str, draft: int, reviewer: Collection[str]) -> bool:
    both = work.reviewer == "both" and not {"first", "second"}.isdisjoint(reviewer)
    return (work.question, work.draft) == (question, draft) and (both or work.reviewer in reviewer)


def _at(work: Translating | Proofreading | Query, language: str, question: str, attempt: int) -> bool:
    return (work.language, work.question, work.attempt) == (language, question, attempt)
