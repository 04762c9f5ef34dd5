"""The tables of campaign.toml, one model each, with the allowed values and the defaults.

`data.campaign.campaign` combines them and checks them against each other.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from data.campaign import toml_mistakes
from data.errors import UsageError
from data.languages import language as find_language
from data.ledger.tables import FaultKind, Stage

Role = Literal["authoring", "reviewing", "adjudicating", "translating", "proofreading", "baseline"]
"""What a person is asked to do. A reviewer guesses, answers blind and judges; an adjudicator settles reviewers'
disagreements and judges accepted questions again; people with the role baseline answer frozen items.
"""

ROLES: tuple[Role, ...] = get_args(Role)

ROLE_OF: dict[Stage, Role] = {
    "qualifying": "authoring",
    "authoring": "authoring",
    "guessing": "reviewing",
    "answering": "reviewing",
    "judging": "reviewing",
    "adjudicating": "adjudicating",
    "translating": "translating",
    "proofreading": "proofreading",
    "wording": "translating",
}

DOES: dict[Stage, tuple[Role, ...]] = {
    **{stage: (role,) for stage, role in ROLE_OF.items()},
    "answering": ("reviewing", "adjudicating", "baseline"),
    "judging": ("reviewing", "adjudicating"),
    "wording": ("translating", "proofreading"),
}
"""Every role that may be given a stage's work: rechecks and baselines use the pages of the reviews, and a
proofreader reads the words around the items on the page on which a translator wrote them.
"""

KEY_READERS: tuple[Role, ...] = ("reviewing", "proofreading", "translating")
"""The roles that may answer a translation blind to check its key (`[key_check]`); reviewers are asked first."""


def _known_language(code: str) -> str:
    try:
        return str(find_language(code).code)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _good_cron(cron: str) -> str:
    if problem := toml_mistakes.cron_problem(cron):
        raise ValueError(f'{problem}; five fields are wanted: minute hour day month weekday, as "*/15 * * * *"')
    return cron


def _good_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'{name!r} is no time zone; write one such as "UTC" or "Africa/Nairobi"') from None
    return name


def _good_date(given: object) -> object:
    """Accept a date in TOML's form or as text."""
    try:
        return date.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        raise ValueError(f'{given!r} is no date; write year, month and day, as "2026-11-01"') from None


def _some_roles(roles: tuple[Role, ...]) -> tuple[Role, ...]:
    if not roles:
        raise ValueError(f"is empty; give at least one of {', '.join(ROLES)}")
    if "baseline" in roles and len(roles) > 1:
        raise ValueError("baseline goes with no other role: who answers frozen items must not have seen them")
    return roles


def _some_kinds(kinds: tuple[FaultKind, ...]) -> tuple[FaultKind, ...]:
    if not kinds:
        raise ValueError(
            f"is empty; give at least one of {', '.join(get_args(FaultKind))}, or set plant_share = 0.0"
        )
    return kinds


def _good_max_passages(given: object) -> object:
    """Accept a number for every role, or a table of numbers by role."""
    by_role = dict.fromkeys(ROLES, given) if isinstance(given, int) else given
    example = "write max_passages = 40, or max_passages = { authoring = 40, reviewing = 60 }"
    if not isinstance(by_role, dict) or not by_role:
        raise ValueError(f"is {given!r}, neither a number of passages nor a table of them by role; {example}")
    for role, number in by_role.items():
        if role not in ROLES:
            raise ValueError(f"{role!r} is no role ({', '.join(ROLES)}); {example}")
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ValueError(f"is {number!r}, and must be a whole number of at least 1; {example}")
    return by_role


def _good_files(given: object) -> object:
    """Accept one file or a list of files."""
    files = [given] if isinstance(given, str) else given
    if not isinstance(files, list | tuple) or not all(isinstance(file, str) and file.strip() for file in files):
        raise ValueError(f'is {given!r}; write a file, as "memory.tmx", or a list of files')
    return files


def _good_quotas(quotas: object) -> object:
    """Accept a table per column, of counts (whole numbers) and shares (numbers with a point, at most 1.0)."""
    example = "write [selection.quotas.domain] with lines such as wikinews = 0.4 (a share) or = 300 (a count)"
    if not isinstance(quotas, dict) or not all(isinstance(table, dict) for table in quotas.values()):
        raise ValueError(f"is no table of tables; {example}")
    for column, table in quotas.items():
        if column not in ("domain", "topic"):
            raise ValueError(f"{column!r} is neither domain nor topic; {example}")
        for value, quota in table.items():
            share = isinstance(quota, float) and 0 <= quota <= 1
            if not share and (not isinstance(quota, int) or isinstance(quota, bool) or quota < 0):
                raise ValueError(
                    f"{column}.{value} is {quota!r}, neither a share (0.0 to 1.0) nor a count; {example}"
                )
    return quotas


def _good_pivot(given: object) -> object:
    """Accept the source language, for all, or a table with the pivot of each language that has one."""
    if isinstance(given, str):
        return _known_language(given)
    if not isinstance(given, dict) or not all(isinstance(code, str) for code in given.values()):
        raise ValueError(
            f"is {given!r}, neither a language nor a table of them; write [translation.pivot] with lines such as "
            'quy_Latn = "spa_Latn"'
        )
    return {_known_language(code): _known_language(pivot) for code, pivot in given.items()}


LanguageCode = Annotated[
    str, AfterValidator(_known_language), WithJsonSchema({"type": "string", "format": "language code"})
]
PersonCode = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,10}$")]
ServerName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,20}$")]
OneToNine = Annotated[int, Field(ge=1, le=9)]
AtLeastOne = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A table of campaign.toml: rejects unknown keys, and is immutable."""

    # built with the campaign that it is part of, and not for itself as well, which every start would pay for
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class About(Part):
    """[campaign]: what the benchmark is called."""

    # part of every workbench's title; cannot change once work was handed out
    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,12}$")]
    title: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)] = "CC-BY-SA-4.0"  # the licence of the released data
    homepage: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None
    # the released data set's id on the Hugging Face Hub, as owner/name
    hub: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+/[A-Za-z0-9._-]+$")] | None = None
    # whether a release asks that nobody trains on it: a request, since many a source forbids further licence terms
    no_training_wish: bool = False


class Source(Part):
    """[source]: where the passages come from."""

    # FLORES-200, FLORES+, or parallel passages of your own as JSON lines or parquet
    kind: Literal["flores200", "floresplus", "parallel"]
    # a folder, an archive or a file; a relative path starts at the folder of campaign.toml
    path: Annotated[str, Field(min_length=1)]
    language: LanguageCode = "eng_Latn"  # the language that questions are written in


class Languages(Part):
    """[languages]: what the benchmark is translated into; none for a benchmark in the source language only."""

    # the languages to translate into; one that is late does not hold up the rest
    targets: Annotated[tuple[LanguageCode, ...], Field(strict=False)]


class Questions(Part):
    """[questions]: how many are written."""

    questions_per_passage: OneToNine = 2  # how many questions are written on each passage
    answers_per_question: Literal[4] = 4  # how many answers each question has, one of them correct
    passages: AtLeastOne | None = None
    wanted_questions: AtLeastOne = 900


class Review(Part):
    """[review]: how many people review a question, and how often it may go back to its author."""

    reviewers: OneToNine = 2
    # the most people asked, one more at a time, if reviewers disagree; `reviewers` if left out
    max_reviewers: OneToNine | None = None
    # the share of pairs of passage and reviewer in which the reviewer answers without the passage first
    guess_share: Share = 0.0
    judging_waits: bool = True
    max_returns: OneToNine = 2


class Qualification(Part):
    """[qualification]: whether authors must pass a quiz and trial questions first, and how well."""

    required: bool = False
    min_quiz_share: Share = 0.8  # the share of the quiz's questions that must be answered rightly
    trials: Annotated[int, Field(ge=0, le=9)] = 2
    min_kept_trials: Annotated[int, Field(ge=0, le=9)] = 2  # how many of the trials must be good enough to be kept
    max_attempts: OneToNine = 2  # how many attempts each person has, at the quiz and at the trials

    @model_validator(mode="after")
    def _can_be_passed(self) -> Qualification:
        if self.min_kept_trials > self.trials:
            raise ValueError(
                f"min_kept_trials is {self.min_kept_trials}, but {self.trials} trial questions are written: "
                "lower it, or raise trials"
            )
        return self


class Guidelines(Part):
    """[guidelines]: a folder with the lead's own guidelines and quiz, relative to campaign.toml; ours without."""

    # a folder whose files replace ours, one by one; `belebele guidelines` writes ours
    folder: Annotated[str, Field(min_length=1)] | None = None


class Plants(Part):
    """[plants]: for what share of reviewed questions a copy with a known fault is put among reviewers' work."""

    plant_share: Share = 0.0
    # which faults are planted; `sound` plants none, to count false alarms
    faults: Annotated[tuple[FaultKind, ...], Field(strict=False), AfterValidator(_some_kinds)] = (
        "wrong_key", "two_right", "unanswerable", "cue",
    )  # fmt: skip


class Recheck(Part):
    """[recheck]: what share of accepted questions somebody else judges anew, as a measure; and of the translations
    whose findings a proofreader dismissed, somebody else proofreads before they are accepted.
    """

    # the share of accepted questions that an adjudicator judges anew
    recheck_share: Share = 0.0


class Baseline(Part):
    """[baseline]: how many frozen items fresh people answer in every language, and how many of them each item."""

    # how many items of the finished set fresh people (role baseline) answer in every language
    items: Annotated[int, Field(ge=0)] = 0
    people_per_item: OneToNine = 1


class KeyCheck(Part):
    """[key_check]: what share of accepted translations somebody answers blind who had no part in them."""

    # the share of accepted translations that somebody answers blind who neither made nor proofread them
    share: Share = 0.0
    # the target languages whose keys are checked; all of them if left out
    checked_languages: Annotated[tuple[LanguageCode, ...], Field(strict=False)] = ()


class Translation(Part):
    """[translation]: from which language, machine drafts or not, how often it may go back, glossary and memories.

    The glossary and the memories are files, relative to campaign.toml (`data.campaign.glossary`,
    `data.campaign.memory_files`).
    """

    # the source language; or, as a table [translation.pivot], by language another target language whose accepted
    # text its translators see beside the source, as quy_Latn = "spa_Latn"
    pivot: Annotated[str | dict[str, str], BeforeValidator(_good_pivot)] = "eng_Latn"
    machine_drafts: bool = False
    max_returns: OneToNine = 2
    # a file that translators are shown: a column `term`, and a column for each language code
    glossary: Annotated[str, Field(min_length=1)] | None = None
    # whether a translator and a proofreader of each language put into it the words around an item: "Question", …
    prompt_words: bool = False
    # translation memories that translators are shown: a TMX or CSV file, or a list of them
    memory: Annotated[tuple[str, ...], Field(strict=False), BeforeValidator(_good_files)] = ()

    @property
    def pivots(self) -> dict[str, str]:
        """The pivot of each language that is translated beside another translation."""
        return {} if isinstance(self.pivot, str) else self.pivot


class Models(Part):
    """[models]: models trained elsewhere that judge translations beside what the passages teach; nothing is loaded
    from the net. Folders and files are relative to campaign.toml; `belebele calibrate` puts them in force.
    """

    # the folder of a multilingual sentence encoder, as transformers or sentence-transformers save it
    encoder: Annotated[str, Field(min_length=1)] | None = None
    # the folder of a quality-estimation model: a sequence classifier that gives one number for a pair of texts
    qe: Annotated[str, Field(min_length=1)] | None = None
    # the file of a fastText model that labels languages, such as GlotLID's or OpenLID's
    lid_model: Annotated[str, Field(min_length=1)] | None = None


class Compute(Part):
    """[compute]: who judges translations and learns from passages, language by language, where `advance` and
    `calibrate` have much to do.
    """

    # processes (of the machine that advances, the default), local (that process alone), dask or ray
    runner: Literal["processes", "local", "dask", "ray"] | None = None
    scheduler: str = ""  # the address of a cluster that runs; left out: one on the machine that advances
    # a folder or an object store that all workers reach, as s3://bucket/work; needed if some are on other machines
    shared: str = ""


class Selection(Part):
    """[selection]: what the final set should be, and whether translation waits for `belebele select`."""

    # what is translated: every question that review keeps, or (`command`) those that `belebele select` chose
    policy: Literal["all_kept", "command"] = "all_kept"
    selected_questions: AtLeastOne | None = (
        None  # how many questions the final set has; all that are wanted if left out
    )
    max_questions_per_passage: OneToNine | None = None  # the most questions of the final set on one passage
    cue_margin: Annotated[float, Field(ge=0, le=1)] = 0.05
    # shares (with a point) or counts of domains and topics, as a table for each: [selection.quotas.domain]
    quotas: Annotated[dict[str, dict[str, float | int]], BeforeValidator(_good_quotas)] = {}


class Release(Part):
    """[release]: what a release has beside the test split."""

    # how many items the dev split has, beside those of test and on other passages; 0 for no such split
    dev: Annotated[int, Field(ge=0)] = 0


class Assistant(Part):
    """[assistant]: whether authors see live feedback, and the shortcut meter on what share of the questions.

    The pool is items of another set, read as an audit reads them, relative to campaign.toml: the meter learns from
    it until there are `min_training_questions`.
    """

    enabled: bool = False  # whether authors get live feedback on their question while they write
    meter_share: Share = 1.0
    # a set of items from elsewhere that the meter learns from until there are enough questions
    train_on: str = ""
    # how many questions the campaign needs before the meter learns from them
    min_training_questions: Annotated[int, Field(ge=20)] = 100


class Schedule(Part):
    """[schedule]: when the work is moved on by itself."""

    # when the work moves on by itself: minute, hour, day, month and weekday
    cron: Annotated[str, AfterValidator(_good_cron)] = "*/15 * * * *"
    timezone: Annotated[str, AfterValidator(_good_timezone)] = "UTC"  # the time zone that `cron` is meant in


class Servers(Part):
    """[servers]: which holds which stage, or a partner's work; addresses and tokens come from the environment."""

    default: ServerName = "main"  # the server of every stage that names none
    qualifying: ServerName | None = None  # the server of this stage; that of authoring if left out
    authoring: ServerName | None = None  # the server of this stage; `default` if left out
    # the server of this stage; that of answering if left out, since people who guess answer there later
    guessing: ServerName | None = None
    answering: ServerName | None = None  # the server of this stage; `default` if left out
    judging: ServerName | None = None  # the server of this stage, whose pages show keys; `default` if left out
    # the server of this stage; that of judging if left out, since both show keys
    adjudicating: ServerName | None = None
    translating: ServerName | None = None  # the server of this stage; `default` if left out
    proofreading: ServerName | None = None  # the server of this stage; `default` if left out
    agencies: dict[str, ServerName] = {}  # the server of all work of an agency's people, by the agency's name


Day = Annotated[date, BeforeValidator(_good_date)]


class Deadlines(Part):
    """[deadlines]: by when the work of a stage should be done, as people see it on their own page; nothing is
    closed when it passes.
    """

    qualifying: Day | None = None  # by when quizzes and trial questions should be done
    authoring: Day | None = None  # by when questions should be written
    guessing: Day | None = None  # by when questions should be guessed without their passage
    answering: Day | None = None  # by when questions should be answered blind
    judging: Day | None = None  # by when questions should be judged
    adjudicating: Day | None = None  # by when disputes should be settled
    translating: Day | None = None  # by when translations should be made
    proofreading: Day | None = None  # by when translations should be proofread
    wording: Day | None = None  # by when the words around the items should be there

    def of(self, stage: Stage) -> date | None:
        """Return by when the work of a stage should be done; None if nothing is said."""
        found: date | None = getattr(self, stage)
        return found


class Person(Part):
    """[[people]]: somebody who works on the campaign, by code; names and e-mails live elsewhere."""

    code: PersonCode  # used in the ledger and in workbenches' titles; never a name
    # what this person is asked to do; `baseline` goes with no other role
    roles: Annotated[tuple[Role, ...], Field(strict=False), AfterValidator(_some_roles)]
    # the languages that this person works in; the source language if left out
    languages: Annotated[tuple[LanguageCode, ...], Field(strict=False)] = ()
    agency: str | None = None  # who is invoiced for this person's work, and whose server it may be on
    # the most passages per stage and language: a number, or numbers by role
    max_passages: Annotated[dict[Role, int], BeforeValidator(_good_max_passages)] | None = None
    # the languages that this person grew up with, for the paper
    native_languages: Annotated[tuple[LanguageCode, ...], Field(strict=False)] = ()
    # the language of labels and messages on this person's pages; if left out, the first of `native_languages` that
    # there are words in, else English
    page_language: LanguageCode | None = None
    # when this person consented to the use of their work and its figures, for the paper
    consent_date: Day | None = None
