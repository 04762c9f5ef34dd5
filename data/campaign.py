"""A campaign: one benchmark in the making, as its campaign.toml describes it.

One validated, frozen object holds every setting; there is no second way to configure anything but the
`BELEBELE_*` environment variables for addresses and secrets. All mistakes of a file are found in one pass, each
with its line and its cure, so that nobody mends a file by running the program ten times. What is merely missing
(a language that still has no translator) is no mistake: `Campaign.gaps` names it and the rest goes on.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    ValidationError,
    model_validator,
)

from data import mistakes, storage
from data.errors import CampaignError, LedgerError, LedgerMissing, UsageError
from data.languages import language as find_language
from data.nouns import STAGES, Stage, canonical_json, digest

FILE = "campaign.toml"

_LISTED = 5  # languages that are named one by one when something is missing in them

Role = Literal["authoring", "reviewing", "adjudicating", "translating", "proofreading", "baseline"]
"""What a person is asked to do. A reviewer guesses, answers blind and judges; an adjudicator decides what
reviewers disagree about, and judges accepted questions anew; who has the role baseline answers frozen items."""

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
}

DOES: dict[Stage, tuple[Role, ...]] = {
    **{stage: (role,) for stage, role in ROLE_OF.items()},
    "answering": ("reviewing", "adjudicating", "baseline"),
    "judging": ("reviewing", "adjudicating"),
}
"""Every role that a stage's work may be given to: rechecks and baselines come on the pages of the reviews."""

Fault = Literal["wrong_key", "two_right", "unanswerable", "cue", "sound"]
"""What can be planted: a known fault of one kind, or none (`sound`: a copy of a question that was accepted)."""


def _known_language(code: str) -> str:
    try:
        return str(find_language(code).code)
    except UsageError as error:
        raise ValueError(str(error)) from None


def _good_cron(cron: str) -> str:
    if problem := mistakes.cron_problem(cron):
        raise ValueError(f'{problem}; five fields are wanted: minute hour day month weekday, as "*/15 * * * *"')
    return cron


def _good_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f'{name!r} is no time zone; write one such as "UTC" or "Africa/Nairobi"') from None
    return name


def _good_date(given: object) -> object:
    """A date as TOML has it, or as text."""
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


def _some_kinds(kinds: tuple[Fault, ...]) -> tuple[Fault, ...]:
    if not kinds:
        raise ValueError(f"is empty; give at least one of {', '.join(get_args(Fault))}, or set rate = 0.0")
    return kinds


def _good_most(most: object) -> object:
    """A number for every role, or a table of numbers by role."""
    by_role = dict.fromkeys(ROLES, most) if isinstance(most, int) else most
    example = "write most = 40, or most = { authoring = 40, reviewing = 60 }"
    if not isinstance(by_role, dict) or not by_role:
        raise ValueError(f"is {most!r}, neither a number of passages nor a table of them by role; {example}")
    for role, number in by_role.items():
        if role not in ROLES:
            raise ValueError(f"{role!r} is no role ({', '.join(ROLES)}); {example}")
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise ValueError(f"is {number!r}, and must be a whole number of at least 1; {example}")
    return by_role


def _good_quotas(quotas: object) -> object:
    """A table per column of counts (whole numbers) and shares (numbers with a point, at most 1.0)."""
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


LanguageCode = Annotated[str, AfterValidator(_known_language)]
PersonCode = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,10}$")]
ServerName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,20}$")]
Few = Annotated[int, Field(ge=1, le=9)]
Some = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class About(_Part):
    """[campaign]: what the benchmark is called."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,12}$")]
    title: Annotated[str, Field(min_length=1)]
    licence: Annotated[str, Field(min_length=1)] = "CC-BY-SA-4.0"
    homepage: Annotated[str, Field(pattern=r"^https?://\S+$")] | None = None


class Source(_Part):
    """[source]: where the passages come from."""

    kind: Literal["flores200", "floresplus", "parallel"]
    path: Annotated[str, Field(min_length=1)]
    language: LanguageCode = "eng_Latn"


class Languages(_Part):
    """[languages]: what the benchmark is translated into; none for a benchmark in the source language only."""

    targets: Annotated[tuple[LanguageCode, ...], Field(strict=False)]


class Questions(_Part):
    """[questions]: how many are written."""

    per_passage: Few = 2
    answers: Literal[4] = 4
    passages: Some | None = None
    target: Some = 900


class Review(_Part):
    """[review]: how many people review a question, and how often it may go back to its author."""

    overlap: Few = 2
    most: Few | None = None  # where reviewers disagree; overlap if left out
    guess: Share = 0.0
    keys_wait: bool = True
    rounds: Few = 2


class Qualification(_Part):
    """[qualification]: whether authors must pass a quiz and trial questions first, and how well."""

    required: bool = False
    quiz: Share = 0.8  # of the quiz's questions answered rightly
    trials: Annotated[int, Field(ge=0, le=9)] = 2
    kept: Annotated[int, Field(ge=0, le=9)] = 2  # of the trials
    attempts: Few = 2  # at the quiz, and at the trials

    @model_validator(mode="after")
    def _can_be_passed(self) -> Qualification:
        if self.kept > self.trials:
            raise ValueError(
                f"kept is {self.kept}, but {self.trials} trial questions are written: lower kept, or raise trials"
            )
        return self


class Guidelines(_Part):
    """[guidelines]: a folder with the lead's own guidelines and quiz, relative to campaign.toml; ours without."""

    folder: Annotated[str, Field(min_length=1)] | None = None


class Plants(_Part):
    """[plants]: for what share of reviewed questions a copy with a known fault is put among reviewers' work."""

    rate: Share = 0.0
    kinds: Annotated[tuple[Fault, ...], Field(strict=False), AfterValidator(_some_kinds)] = (
        "wrong_key", "two_right", "unanswerable", "cue",
    )  # fmt: skip


class Recheck(_Part):
    """[recheck]: what share of accepted questions somebody else judges anew, as a measure."""

    share: Share = 0.0


class Baseline(_Part):
    """[baseline]: how many frozen items fresh people answer in every language, and how many of them each item."""

    items: Annotated[int, Field(ge=0)] = 0
    answers: Few = 1


class Translation(_Part):
    """[translation]: from which language, with machine drafts or not, how often it may go back, which glossary.

    The glossary is a file, relative to campaign.toml (`data.glossary`).
    """

    pivot: LanguageCode = "eng_Latn"
    machine_drafts: bool = False
    rounds: Few = 2
    glossary: Annotated[str, Field(min_length=1)] | None = None


class Selection(_Part):
    """[selection]: what the final set should be, and whether translation waits for `belebele select`."""

    policy: Literal["all_kept", "command"] = "all_kept"
    size: Some | None = None
    per_passage: Few | None = None
    margin: Annotated[float, Field(ge=0, le=1)] = 0.05
    quotas: Annotated[dict[str, dict[str, float | int]], BeforeValidator(_good_quotas)] = {}


class Assistant(_Part):
    """[assistant]: whether authors see live feedback, and the shortcut meter on what share of the questions.

    The pool is items of another set, read as an audit reads them, relative to campaign.toml: the meter learns from
    it until there are `minimum` questions.
    """

    enabled: bool = False
    meter: Share = 1.0
    train_on: str = ""
    minimum: Annotated[int, Field(ge=20)] = 100


class Schedule(_Part):
    """[schedule]: when the work is moved on by itself."""

    cron: Annotated[str, AfterValidator(_good_cron)] = "*/15 * * * *"
    timezone: Annotated[str, AfterValidator(_good_timezone)] = "UTC"


class Servers(_Part):
    """[servers]: which holds which stage, or a partner's work; addresses and tokens come from the environment."""

    default: ServerName = "main"
    qualifying: ServerName | None = None  # that of authoring if left out
    authoring: ServerName | None = None
    guessing: ServerName | None = None  # that of answering if left out: who guesses answers there later
    answering: ServerName | None = None
    judging: ServerName | None = None
    adjudicating: ServerName | None = None  # that of judging if left out: both show keys
    translating: ServerName | None = None
    proofreading: ServerName | None = None
    partners: dict[str, ServerName] = {}  # by agency: all work of its people, whatever the stage


class Person(_Part):
    """[[people]]: somebody who works on the campaign, by code; names and e-mails live elsewhere."""

    code: PersonCode
    roles: Annotated[tuple[Role, ...], Field(strict=False), AfterValidator(_some_roles)]
    languages: Annotated[tuple[LanguageCode, ...], Field(strict=False)] = ()
    agency: str | None = None
    most: Annotated[dict[Role, int], BeforeValidator(_good_most)] | None = None  # passages in a stage, by role
    native: Annotated[tuple[LanguageCode, ...], Field(strict=False)] = ()  # that they grew up with
    consent: Annotated[date, BeforeValidator(_good_date)] | None = None  # to their work and its figures being used


class Campaign(_Part):
    """One benchmark in the making. Made by `load`, `parse` or `from_json` only: they check the parts together."""

    about: About = Field(alias="campaign")
    source: Source
    languages: Languages
    questions: Questions = Questions()
    review: Review = Review()
    guidelines: Guidelines = Guidelines()
    qualification: Qualification = Qualification()
    plants: Plants = Plants()
    recheck: Recheck = Recheck()
    baseline: Baseline = Baseline()
    translation: Translation = Translation()
    selection: Selection = Selection()
    assistant: Assistant = Assistant()
    schedule: Schedule = Schedule()
    servers: Servers = Servers()
    checks: dict[str, dict[str, JsonValue]] = {}
    people: Annotated[tuple[Person, ...], Field(strict=False)] = ()

    @classmethod
    def load(cls, address: str) -> Campaign:
        """Read and validate the campaign.toml at a folder or object-store address.

        Raises:
            LedgerMissing: there is none.
            LedgerError: it could not be read.
            CampaignError: it is wrong; every mistake at once.
        """
        where = f"{address.rstrip('/')}/{FILE}"
        try:
            text = storage.read_text(address, FILE)
        except (FileNotFoundError, NotADirectoryError):
            raise LedgerMissing(
                f"{address} holds no campaign (no {FILE}). "
                "Name the campaign's folder or address, or make one with: belebele init DIR"
            ) from None
        except OSError as error:
            raise LedgerError(f"cannot read {where}: {error}") from error
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            raise CampaignError(where, [f"line {line}: not UTF-8; save the file as UTF-8"]) from None
        return cls.parse(text, where)

    @classmethod
    def parse(cls, text: str, where: str = FILE) -> Campaign:
        """Validate the text of a campaign.toml.

        Args:
            text: the TOML text.
            where: what to call it in messages.

        Raises:
            CampaignError: every mistake at once, each with its line, its key and the cure.
        """
        try:
            raw = tomllib.loads(text.removeprefix("\ufeff"))
        except tomllib.TOMLDecodeError as error:
            raise CampaignError(
                f"{where} is not TOML; see https://toml.io", [mistakes.syntax(str(error))]
            ) from None
        return cls._validated(raw, where, text)

    @classmethod
    def from_json(cls, text: str) -> Campaign:
        """What `to_json` wrote, as the ledger's `campaign_changed` events hold it."""
        return cls._validated(json.loads(text), "the campaign that the ledger remembers", "")

    @classmethod
    def _validated(cls, raw: dict[str, Any], where: str, text: str) -> Campaign:
        raw = mistakes.filled(raw)
        found = list(mistakes.joint_problems(raw, ROLE_OF))
        try:
            campaign = cls.model_validate(raw)
        except ValidationError as error:
            found += mistakes.schema_problems(error.errors(include_url=False), _known_keys())
        if found:
            problems = mistakes.explain(found, raw, text)
            count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
            raise CampaignError(f"{where} has {count}", problems)
        return campaign

    def to_json(self) -> str:
        """The meaning of the file as canonical JSON: the same for the same settings, however they are written."""
        return canonical_json(self.model_dump(mode="json", by_alias=True))

    @property
    def id(self) -> str:
        """The campaign's short name, as in workbench titles."""
        return self.about.id

    @cached_property
    def hash(self) -> str:
        """A digest of the meaning of the file: comments, order and spelled-out defaults leave it as it is."""
        return digest(self.to_json())

    @property
    def text_languages(self) -> tuple[str, ...]:
        """Every language that needs passages: the source language, then the targets as listed."""
        return (self.source.language, *self.languages.targets)

    def source_path(self, address: str) -> str:
        """Where the source lies; a relative path starts at the campaign's own folder."""
        if storage.is_remote(address) or storage.is_remote(self.source.path):
            return self.source.path
        return str(Path(address, Path(self.source.path).expanduser()))

    def person(self, code: str) -> Person:
        """The person of this code.

        Raises:
            UsageError: there is none; near codes are named.
        """
        for person in self.people:
            if person.code == code:
                return person
        raise UsageError(f"{self.id} has no person {code!r}{mistakes.near(code, [p.code for p in self.people])}")

    def people_for(self, role: Role, language: str) -> list[Person]:
        """Who has this role in this language, in the order of the file."""
        return [person for person in self.people if role in person.roles and language in person.languages]

    def server_for(self, stage: Stage, person: str = "") -> str:
        """The name of the server that holds a stage's workbenches; a person's agency may have one of its own."""
        if partner := self._partners.get(person):
            return partner
        kin: dict[Stage, Stage] = {"qualifying": "authoring", "guessing": "answering", "adjudicating": "judging"}
        named = (getattr(self.servers, one) for one in (stage, kin.get(stage, stage)))
        return str(next(filter(None, named), self.servers.default))

    def servers_for(self, person: Person) -> list[str]:
        """The servers that hold the work of somebody's roles, each once; elsewhere they need no account."""
        stages = [stage for stage in STAGES if {*DOES[stage]} & {*person.roles}]
        return list(dict.fromkeys(self.server_for(stage, person.code) for stage in stages))

    def server_names(self) -> list[str]:
        """Every server that holds a stage or a partner's work, each once, in the order of the stages."""
        return list(dict.fromkeys([*(self.server_for(stage) for stage in STAGES), *self._partners.values()]))

    @cached_property
    def _partners(self) -> dict[str, str]:
        """The server of everybody whose agency has one of its own, by code."""
        named = self.servers.partners
        return {
            one.code: named[one.agency] for one in self.people if one.agency is not None and one.agency in named
        }

    def workbench_title(self, stage: Stage, language: str, person: str) -> str:
        """What the workbench of one stage, language and person is called; 50 characters at most."""
        return f"{self.id}/{stage}/{language}/{person}"

    def gaps(self) -> list[str]:
        """What nobody is there to do yet, one line each. It stops only the work that it names."""
        source = self.source.language
        return [
            *self._review_gaps(source),
            *self._measuring_gaps(source),
            *self._empty_roles(),
            *(gap for code in self.languages.targets for gap in self._pair_gaps(code)),
        ]

    def _review_gaps(self, source: str) -> Iterator[str]:
        authors = [person.code for person in self.people_for("authoring", source)]
        reviewers = [person.code for person in self.people_for("reviewing", source)]
        if not authors:
            yield f"nobody writes questions: give somebody the role authoring in {source}"
        for author in authors or [""]:
            others = len([code for code in reviewers if code != author])
            if others < self.review.overlap:
                whose = f"the questions of {author}" if author else "questions"
                yield (
                    f"{others} can review {whose}, {self.review.overlap} are wanted: give others the role "
                    f"reviewing in {source}, or lower review.overlap"
                )

    def unrecorded(self) -> list[str]:
        """Of whom consent or native languages are not written down, where they are of others; one line each."""
        told = {"consent": "no consent is recorded", "native": "no native language is recorded"}
        found = []
        for key, says in told.items():
            without = [person.code for person in self.people if not getattr(person, key)]
            if without and len(without) < len(self.people):
                found.append(f"{says} of {', '.join(without)}: give {key} under [[people]]; papers ask for it")
        return found

    def _measuring_gaps(self, source: str) -> Iterator[str]:
        if self.recheck.share and not self.people_for("adjudicating", source):
            yield f"nobody judges accepted questions anew: give somebody the role adjudicating in {source}"
        if self.baseline.items and not any("baseline" in person.roles for person in self.people):
            yield "nobody answers frozen items: give fresh people the role baseline in their languages"

    def _empty_roles(self) -> Iterator[str]:
        """Languages in which nobody has a role; many of them, as at the beginning of a campaign, in one line."""
        roles: dict[Role, str] = {"translating": "nobody translates", "proofreading": "nobody proofreads"}
        for role, gap in roles.items():
            empty = [code for code in self.languages.targets if not self.people_for(role, code)]
            if len(empty) > _LISTED:
                named = ", ".join(empty[:_LISTED])
                yield f"{len(empty)} languages: {gap} ({named} and {len(empty) - _LISTED} more)"
            else:
                yield from (f"{code}: {gap}" for code in empty)

    def _pair_gaps(self, code: str) -> Iterator[str]:
        translators = [person.code for person in self.people_for("translating", code)]
        proofreaders = [person.code for person in self.people_for("proofreading", code)]
        for translator in translators:
            if proofreaders == [translator]:
                yield f"{code}: {translator} is the only proofreader, and nobody proofreads their own work"


def server_variables(name: str) -> tuple[str, str]:
    """The environment variables that hold a server's address and its token.

    >>> server_variables("main")
    ('BELEBELE_LABEL_STUDIO_URL', 'BELEBELE_LABEL_STUDIO_TOKEN')
    >>> server_variables("agency")
    ('BELEBELE_LABEL_STUDIO_URL_AGENCY', 'BELEBELE_LABEL_STUDIO_TOKEN_AGENCY')
    """
    end = "" if name == "main" else f"_{name.upper()}"
    return f"BELEBELE_LABEL_STUDIO_URL{end}", f"BELEBELE_LABEL_STUDIO_TOKEN{end}"


def secret_variable(name: str) -> str:
    """A secret that the environment gives; "" where it gives none.

    Raises:
        UsageError: it can be guessed, or holds what a password may not everywhere.
    """
    given = os.environ.get(name, "")
    if given and not re.fullmatch(r"[A-Za-z0-9_-]{16,200}", given):
        raise UsageError(f"{name} must be 16 or more letters, digits, - and _ (at most 200): choose another")
    return given


def state_dir() -> Path:
    """Where this machine keeps what belongs to no campaign's address: servers' data, locks, contacts.

    `BELEBELE_STATE_DIR` if set, else `belebele` below `XDG_STATE_HOME` or `~/.local/state`. Made if missing,
    open to its owner only.

    Raises:
        UsageError: it cannot be made or written to.
    """
    if own := os.environ.get("BELEBELE_STATE_DIR"):
        folder = Path(own).expanduser()
    else:
        folder = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "belebele"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        why = f"cannot make {folder} ({error.strerror}); name another with BELEBELE_STATE_DIR"
        raise UsageError(why) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{folder} cannot be written to; name another folder with BELEBELE_STATE_DIR")
    return folder


def compare(old: Campaign, new: Campaign, open_work: pd.DataFrame, *, begun: bool = True) -> list[str]:
    """What stands against going on with a changed campaign.toml, each with its cure; nothing if it may.

    Args:
        old: the campaign as the ledger last saw it.
        new: as the file has it now.
        open_work: work that is handed out and not yet in; columns stage, language, person.
        begun: whether any work was ever handed out.
    """
    problems = []
    if begun:
        fixed = {
            "campaign.id": (old.id, new.id),
            "source.kind": (old.source.kind, new.source.kind),
            "source.language": (old.source.language, new.source.language),
            "questions.answers": (old.questions.answers, new.questions.answers),
        }
        problems += [
            f"{key} was {was!r} and is now {now!r}: it cannot change once work was handed out. Put it back, "
            "or start another campaign with: belebele init DIR"
            for key, (was, now) in fixed.items()
            if was != now
        ]
    columns = [open_work[name].astype(str) for name in ("stage", "language", "person")]
    counted = sorted(Counter(zip(*columns, strict=True)).items())
    gone = [code for code in old.text_languages if code not in new.text_languages]
    for code in gone:
        here: Counter[str] = Counter()
        for (_, language, person), n in counted:
            here[person] += n if language == code else 0
        if whose := ", ".join(f"{person} ({n})" for person, n in here.items() if n):
            problems.append(
                f"language {code} was removed, but work in it is open with {whose}: put it back until that "
                "work is in, or take it away first: belebele reassign PERSON"
            )
    for (stage, language, person), n in counted:
        doing = [p.code for role in DOES[cast("Stage", stage)] for p in new.people_for(role, language)]
        if language in gone or person in doing:
            continue
        now = f"no longer does this in {language}" if person in [p.code for p in new.people] else "was removed"
        problems.append(
            f"{person} {now}, but has {n} open in {stage} {language}: put it back, run: "
            f"belebele reassign {person}, then change campaign.toml"
        )
    return problems


def _known_keys() -> dict[str, list[str]]:
    """Every table of campaign.toml and its keys."""
    known = {}
    for name, field in Campaign.model_fields.items():
        part: object = Person if name == "people" else field.annotation
        keys = part.model_fields if isinstance(part, type) and issubclass(part, BaseModel) else ()
        known[field.alias or name] = list(keys)
    return known
