"""Everything that happened in a campaign and is no noun of its own: one frozen dataclass a kind of event.

The table `events` holds a kind, a subject, a language and a `detail`. Here stands what each kind is about and what
its detail says, how it is written and how it is read: nobody else makes or takes apart that JSON. An event's
identity is made of kind, subject, language and the exact text of the detail. So the text of a kind never changes
once it was written; a fact that is added later is left out where there is none (`Optional`), and old events are
read without it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Any, ClassVar, Literal, Self, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from data.ledger.frames import detail
from data.ledger.tables import FaultKind, Row

Items = Sequence[Sequence[Any]]


class Became(StrEnum):
    """What became of an annotation when it was read. What counts made a Question, a Translation or Verdicts."""

    COUNTED = "counted"
    LATE = "late"
    INVALID = "invalid"
    QUERY = "query"
    SKIPPED = "skipped"
    DELETED = "deleted"
    REPEATED = "the same again"
    AFTER_SCORING = "after scoring"
    UNKNOWN_TASK = "unknown task"
    OTHERS_BENCH = "another person's"
    """Somebody did it on another person's workbench: it never counts."""
    OTHERS_HAND = "written by another"
    """It stands in somebody's name, and the server did not see them write it: it never counts."""
    DOUBTED = "doubted"
    """It was made on a page that somebody had changed: it waits for the lead's word."""


class Closed(StrEnum):
    """Why an open task was closed without its work."""

    MOVED_ON = "moved on"
    SKIPPED = "skipped"
    INVALID = "invalid"
    QUERY = "query"
    REASSIGNED = "reassigned"
    REJECTED = "rejected"
    DECIDED = "decided by the lead"
    MENDED = "the passage was mended"
    OTHERS_BENCH = "another person's"
    OTHERS_HAND = "written by another"


class NeverBlind(StrEnum):
    """Why a blind answer or a guess can never count, whatever the lead says."""

    KEY_SEEN = "the answer was changed after its key could be seen"
    PASSAGE_SEEN = "the guess came, or was changed, after its passage could be seen"
    WRITTEN_INTO = "somebody else had written into the answer"


@dataclass(frozen=True)
class Overtaken:
    """What a submission came after, that counts once the lead says so.

    Attributes:
        revision: that was decided, or that stands by now.
        outcome: of the decision; "" where a newer revision stands and none was made.
    """

    revision: int
    outcome: str = ""

    def __str__(self) -> str:
        """In words, as the ledger holds it.

        >>> str(Overtaken(2)), str(Overtaken(1, "keep"))
        ('revision 2 stands already', 'revision 1 was decided: keep')
        """
        return f"revision {self.revision} " + (
            f"was decided: {self.outcome}" if self.outcome else "stands already"
        )

    @classmethod
    def parse(cls, words: str) -> Self:
        """Read the words: the reverse of `str`.

        Raises:
            ValueError: they say something else.
        """
        found = re.fullmatch(r"revision (\d+) (?:stands already|was decided: (.+))", words)
        if found is None:
            raise ValueError(f"{words!r} does not say what a submission came after")
        return cls(int(found[1]), found[2] or "")


def _optional(default: Any = None) -> Any:
    """A fact that is left out of the detail where it is not said: it was added later, or is not always there."""
    return field(default=default, metadata={"optional": True})


@dataclass(frozen=True)
class Event:
    """What the detail of an event says; each kind is a class of its own."""

    KIND: ClassVar[str]

    def row(self, subject: str, language: str = "") -> Row:
        """The event as a row of the ledger's table.

        Args:
            subject: what it is about; the kind's docstring says what that is.
            language: that it is about, or what else tells it from its like.
        """
        return {"kind": self.KIND, "subject": subject, "language": language, "detail": self.detail()}

    def detail(self) -> str:
        """What it says, as the ledger holds it."""
        return detail(self.facts())

    def facts(self) -> dict[str, Any]:
        """What it says, by name, without what is optional and not said."""
        return {
            one.name: value
            for one in fields(self)
            if not ((value := getattr(self, one.name)) is None and one.metadata.get("optional"))
        }

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a detail; facts of a later version of the program are passed over.

        Raises:
            ValueError: it is no detail of this kind.
        """
        known = {one.name for one in fields(cls)}
        try:
            return cls(**{name: value for name, value in json.loads(text).items() if name in known})
        except TypeError as error:
            raise ValueError(f"no detail of {cls.KIND!r}: {error}") from error


# The campaign and its source -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CampaignChanged(Event):
    """campaign.toml is another one than before. Subject: its hash; language: how many came before it.

    Attributes:
        text: the whole of it as JSON, which is the detail.
    """

    KIND = "campaign_changed"
    text: str

    def detail(self) -> str:
        """The campaign itself."""
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """The campaign, whatever it says."""
        return cls(text)


@dataclass(frozen=True)
class SourceRead(Event):
    """The source was read. Subject: the mark of what was to be read.

    Attributes:
        kind: of source.
        languages: that were read.
        passages: that were new, counted with languages.
        again: passages that were read once more since they were lost.
    """

    KIND = "source_read"
    kind: str
    languages: int
    passages: int
    again: int | None = _optional()


@dataclass(frozen=True)
class Redacted(Event):
    """Something that was known of a person was erased. Subject: their code."""

    KIND = "redacted"
    what: str = "contact"


@dataclass(frozen=True)
class GivenUp(Event):
    """A table lost something and was made anew without it. Subject: the table; language: how many came before.

    Attributes:
        lost: rows that were in what is lost; None where nobody knows.
        rows: that the table holds now.
        damaged: what was wrong, a line each.
    """

    KIND = "given_up"
    lost: int | None
    rows: int
    damaged: Sequence[str]


@dataclass(frozen=True)
class MadeAgain(Event):
    """After so many losses all that follows from what is there was made again. Subject: the number of losses.

    Attributes:
        events: that are back.
    """

    KIND = "made_again"
    events: int


@dataclass(frozen=True)
class TakenBack(Event):
    """Rows of a table came back from a copy. Subject: the table; language: how many such events came before.

    Attributes:
        rows: that are back.
    """

    KIND = "taken_back"
    rows: int


# Tasks and workbenches -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TaskPublished(Event):
    """A task stands on its server as it is now. Subject: the task's key.

    Attributes:
        notices: replies of the lead that it shows.
        seal: of what it shows; None from before seals were noted.
        restored: how many times it was put right after somebody changed it.
        page: the version of its page, where an old one is renewed.
        fate: what it tells of what became of the work.
    """

    KIND = "published"
    notices: int
    seal: str | None = _optional()
    restored: int | None = _optional()
    page: int | None = _optional()
    fate: str | None = _optional()


@dataclass(frozen=True)
class TaskWithdrawn(Event):
    """A task was taken from its server. Subject: its key."""

    KIND = "withdrawn"


@dataclass(frozen=True)
class TaskClosed(Event):
    """An open task is closed without its work, which is handed out anew where it is still due. Subject: its key.

    Attributes:
        why: one of `Closed`.
        person: who had it.
        to: who is to have it, where the lead says so.
        problems: what was wrong with a submission.
        annotation: that submission.
    """

    KIND = "task_closed"
    why: str
    person: str | None = _optional()
    to: str | None = _optional()
    problems: Sequence[str] | None = _optional()
    annotation: str | None = _optional()


@dataclass(frozen=True)
class Page(Event):
    """The seals of what a workbench shows. Subject: its title.

    Attributes:
        wanted: of what it should show.
        served: of what its server makes of that.
        number: of the notes of this workbench, from 1.
    """

    KIND = "page"
    wanted: str
    served: str
    number: int


@dataclass(frozen=True)
class Altered(Event):
    """A workbench, or a task, showed something else than it should. Subject: its title, or the task's key.

    Attributes:
        server: by its name.
        workbench: its title.
        what: was changed: "task", or parts of a page.
        number: how many times it was by now.
        annotations: the annotation events that were made meanwhile, sorted.
    """

    KIND = "altered"
    server: str
    workbench: str
    what: Sequence[str]
    number: int
    annotations: Sequence[str]


@dataclass(frozen=True)
class AlteredAccepted(Event):
    """What was made on an altered page counts all the same. Subject: the annotation event."""

    KIND = "altered_accepted"


@dataclass(frozen=True)
class Rejected(Event):
    """The lead has seen it and it does not count. Subject: an annotation's, alteration's or claim's event."""

    KIND = "rejected"


@dataclass(frozen=True)
class Destroyed(Event):
    """Submissions that stood in a workbench never came in. Subject: its title.

    Attributes:
        server: by its name.
        made: when the workbench was made, ISO 8601.
        stood: submissions that were counted there.
        collected: those that came in.
    """

    KIND = "destroyed"
    server: str
    made: str
    stood: int
    collected: int


@dataclass(frozen=True)
class Assisted(Event):
    """Which assistant a workbench asks from now on. Subject: its title.

    Attributes:
        asks: a mark of address and account; "" for none, or for what somebody else put there.
        made: when the workbench was made, ISO 8601.
        number: of the notes of this workbench, from 1.
        generation: of the password that counts.
        found: other addresses that it asked.
    """

    KIND = "assisted"
    asks: str
    made: str
    number: int
    generation: int | None = _optional()
    found: Sequence[str] | None = _optional()


@dataclass(frozen=True)
class WebhookSeen(Event):
    """A server sends what is submitted to an address. Subject: the workbench's title, or the server's."""

    KIND = "webhook_seen"
    server: str
    url: str


# People --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountLinked(Event):
    """An account is a person's. Subject: their code.

    Attributes:
        server: by its name.
        account: the server's number, and since when it is there.
        confirmed: how many times the lead said so by now.
    """

    KIND = "account_linked"
    server: str
    account: str
    confirmed: int | None = _optional()


@dataclass(frozen=True)
class AccountClaimed(Event):
    """An account has a person's address and waits for the lead's word. Subject: the person's code."""

    KIND = "account_claimed"
    server: str
    account: str


@dataclass(frozen=True)
class QuizTaken(Event):
    """Somebody took the quiz on the guideline. Subject: their code.

    Attributes:
        attempt: from 1.
        wrong: the questions that were answered wrongly.
        score: share of right answers.
        version: of the quiz, a digest.
        annotation: what it was read from.
        quiz: the quiz's number; 0 from before it was recorded.
    """

    KIND = "quiz_taken"
    attempt: int
    wrong: Sequence[str]
    score: float
    version: str
    annotation: str
    quiz: int = _optional(0)


@dataclass(frozen=True)
class TrialWritten(Event):
    """An author wrote a trial question. Subject: its id. Its facts are named as a Question's."""

    KIND = "trial_written"
    question: str
    answers: Sequence[str]
    key: int
    notes: Sequence[str]
    translator_note: str
    passage_id: str
    passage_revision: int
    person: str
    annotation: str
    evidence: Sequence[int] | None = None


@dataclass(frozen=True)
class TrialChecked(Event):
    """What checks would send a trial question back for. Subject: its id."""

    KIND = "trial_checked"
    found: Sequence[str]


@dataclass(frozen=True)
class _Qualification(Event):
    """What an author showed.

    Attributes:
        quiz: the best score; None for none.
        kept: trial questions that were kept.
        trials: those that were written.
        quiz_version: of the quiz that was asked.
        by: "rule" or "lead".
    """

    quiz: float | None
    kept: int
    trials: Sequence[str]
    quiz_version: str
    by: str


@dataclass(frozen=True)
class Qualified(_Qualification):
    """An author may write. Subject: their code."""

    KIND = "qualified"


@dataclass(frozen=True)
class NotQualified(_Qualification):
    """An author may not write. Subject: their code."""

    KIND = "not_qualified"


# Guidelines ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class GuidelineChanged(Event):
    """Another version of a stage's guideline is in force. Subject: its digest, "" where one was taken back.

    Attributes:
        stage: whose it is.
        number: from 1, of the versions of this text.
        text: all of it; None from before it was recorded.
    """

    KIND = "guideline"
    stage: str
    number: int
    text: str | None = _optional()


@dataclass(frozen=True)
class QuizChanged(Event):
    """Another quiz is in force. Subject: its digest.

    Attributes:
        number: from 1.
        quiz: its questions, with their keys.
    """

    KIND = "quiz"
    number: int
    quiz: Any


@dataclass(frozen=True)
class Guided(Event):
    """A workbench shows other versions than before. Subject: its title.

    Attributes:
        versions: of the guideline, and of what else it shows.
        number: of the notes of this workbench, from 1.
    """

    KIND = "guided"
    versions: Sequence[str]
    number: int


# What annotations became ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Read(Event):
    """What became of an annotation. Subject: its event; written last, so that one without it is read again.

    Attributes:
        outcome: one of `Became`.
        guideline: the version that was worked by, of what counts.
        person: whose the account is, where it is not the workbench's.
        problems: what was not valid.
    """

    KIND = "read"
    outcome: str
    guideline: str | None = _optional()
    person: str | None = _optional()
    problems: Sequence[str] | None = _optional()


@dataclass(frozen=True)
class Late(Event):
    """It came after the decision, or where it cannot count any more. Subject: the annotation event.

    Attributes:
        task_key: what it is the work of.
        why: what it came after, in words.
        item: question_id/language.
    """

    KIND = "late"
    task_key: str
    why: NeverBlind | Overtaken
    item: str

    @property
    def never(self) -> NeverBlind | None:
        """Why the lead cannot accept it; None where the lead can."""
        return self.why if isinstance(self.why, NeverBlind) else None

    def facts(self) -> dict[str, Any]:
        """What it says, by name."""
        return {**super().facts(), "why": str(self.why)}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a detail."""
        read = super().parse(text)
        words = str(read.why)
        return replace(read, why=NeverBlind(words) if words in set(NeverBlind) else Overtaken.parse(words))


@dataclass(frozen=True)
class LateAccepted(Event):
    """The lead lets it count. Subject: the annotation event."""

    KIND = "late_accepted"


@dataclass(frozen=True)
class Query(Event):
    """Somebody cannot work on something, or asks. Subject: eight digits of a digest, which the lead types."""

    KIND = "query"
    passage_id: str
    text: str
    task_key: str
    person: str


@dataclass(frozen=True)
class Reply(Event):
    """The lead's answer to a query, which everybody sees who works on the passage. Subject: the query's.

    Attributes:
        text: the answer.
        number: of the answers to this query, from 1; None from before it was recorded.
    """

    KIND = "reply"
    text: str
    number: int | None = _optional()


@dataclass(frozen=True)
class Feedback(Event):
    """What the shortcut meter says of a question that was submitted, or would have said. Subject: the annotation.

    Attributes:
        question_id: the question's.
        revision: that the author started from, 0 for none.
        drawn: whether the meter was to be shown.
        share: of the questions on which it was to be, at the time; None from before it was recorded.
        shown: the version of the meter that the author saw, "" for none.
        shown_probability: that it showed.
        model: the version of the meter that read the submission.
        probability: that it gives the key without the passage.
    """

    KIND = "feedback"
    question_id: str
    revision: int
    drawn: bool
    shown: str
    shown_probability: float | None
    model: str
    probability: float | None
    share: float | None = _optional()


# The set -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SetRead(Event):
    """The questions were judged as a set. Subject: its mark.

    Attributes:
        questions: in it.
        revisions: of questions that there were in all.
    """

    KIND = "set_read"
    questions: int
    revisions: int


@dataclass(frozen=True)
class SetSelected(Event):
    """The final set was chosen; the latest counts. Subject: the run; language: how many came before.

    Attributes:
        size: questions that were wanted.
        per_passage: at most, of one passage; None for any number.
        margin: within which every heuristic was to be of chance.
        quotas: of domains or topics, by column.
        candidates: kept questions that there were to choose from.
        gave_up: what was wanted and could not be had, in words.
        chance: the share that a guess gets.
        accuracy: each heuristic's in the set.
        places: how often the key stands in each place.
        chosen: question_id, revision and order of options (identities) of each.
    """

    KIND = "selected"
    size: int
    per_passage: int | None
    margin: float
    quotas: Mapping[str, Mapping[str, float]]
    candidates: int
    gave_up: Sequence[str]
    chance: float
    accuracy: Mapping[str, float]
    places: Sequence[int]
    chosen: Sequence[tuple[str, int, list[int]]]


@dataclass(frozen=True)
class Planted(Event):
    """A copy with a known fault was put among reviewers' work. Subject: its id.

    Attributes:
        question_id: of the question that it was made of.
        revision: of that question.
        kind: of fault.
        question: as it shows it.
        answers: as it shows them.
        key: as if it were a Question's.
        passage_id: of the passage that it shows.
        passage_revision: of that passage.
        sentences: that it shows; None where they are the passage's.
        made_by: "rule" or "lead".
    """

    KIND = "planted"
    question_id: str
    revision: int
    kind: FaultKind
    question: str
    answers: Sequence[str]
    key: int
    passage_id: str
    passage_revision: int
    sentences: Sequence[str] | None
    made_by: str


@dataclass(frozen=True)
class NotPlanted(Event):
    """No fault could be put into a question. Subject: its question_id.

    Attributes:
        revision: of the question.
        tried: kinds of fault.
    """

    KIND = "not_planted"
    revision: int
    tried: Sequence[str]


@dataclass(frozen=True)
class BaselineDrawn(Event):
    """The items on which people's accuracy is measured; the latest counts. Subject: a digest of them.

    Attributes:
        items: question_id and revision of each.
        of: how many there were to draw from.
    """

    KIND = "baseline_drawn"
    items: Items
    of: int


KINDS: Mapping[str, type[Event]] = {
    kind.KIND: kind
    for kind in (
        CampaignChanged, SourceRead, Redacted, GivenUp, MadeAgain, TakenBack, TaskPublished, TaskWithdrawn,
        TaskClosed, Page, Altered, AlteredAccepted, Rejected, Destroyed, Assisted, WebhookSeen, AccountLinked,
        AccountClaimed, QuizTaken, TrialWritten, TrialChecked, Qualified, NotQualified, GuidelineChanged,
        QuizChanged, Guided, Read, Late, LateAccepted, Query, Reply, Feedback, SetRead, SetSelected, Planted,
        NotPlanted, BaselineDrawn,
    )
}  # fmt: skip
"""Every kind of event that there is, by its name in the table."""

K = TypeVar("K", bound=Event)


def details_of(frame: pd.DataFrame, kind: type[K], *, but: str = "") -> list[K]:
    """What every event of a frame says, line by line. Equal details are read once, since most of a kind agree.

    Args:
        frame: with `detail`, all of one kind.
        kind: its class.
        but: an optional text fact that is not wanted, and without which many details are equal.
    """
    texts = frame["detail"]
    if but:
        alike = pc.replace_substring_regex(pa.array(texts, pa.string()), f', "{but}": "[^"]*"', "")
        texts = pd.Series(alike.to_numpy(zero_copy_only=False), dtype=object)
    details = texts.astype("category")
    read = [kind.parse(text) for text in details.cat.categories]
    return [read[code] for code in details.cat.codes]


def fact(frame: pd.DataFrame, kind: type[Event], name: str) -> pd.Series[Any]:
    """One fact of every event, on the frame's index; None where it was not said."""
    details = frame["detail"].astype("category")
    read = np.empty(len(details.cat.categories), dtype=object)
    read[:] = [getattr(kind.parse(text), name) for text in details.cat.categories]
    return pd.Series(read[details.cat.codes], index=frame.index, dtype=object)


def by_subject(frame: pd.DataFrame, kind: type[K], *, keep: Literal["first", "last"] = "last") -> dict[str, K]:
    """What the last event about each subject says, or the first."""
    last = frame.drop_duplicates("subject", keep=keep)
    return dict(zip(last["subject"], details_of(last, kind), strict=True))
