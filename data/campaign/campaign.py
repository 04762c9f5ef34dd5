"""A campaign: one benchmark in the making, as its campaign.toml describes it.

One validated, frozen object holds every setting; apart from the `BELEBELE_*` environment variables for addresses
and secrets, there is no other way to configure anything. All mistakes in a file are found in one pass, each with
its line and its cure, so that nobody has to run the program ten times to correct one file. Something that is
merely missing (a language that has no translator yet) is not a mistake: `Campaign.gaps` names it and the rest goes
on.
"""

from __future__ import annotations

import json
import shlex
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, cast

import pandas as pd
from pydantic import BaseModel, Field, JsonValue, ValidationError

from data import storage
from data.campaign import FILE, renamed_keys, toml_mistakes
from data.campaign.missing_paths import neighbours
from data.campaign.settings import (
    DOES,
    KEY_READERS,
    ROLE_OF,
    About,
    Assistant,
    Baseline,
    Compute,
    Deadlines,
    Guidelines,
    KeyCheck,
    Languages,
    Models,
    Part,
    Person,
    Plants,
    Qualification,
    Questions,
    Recheck,
    Release,
    Review,
    Role,
    Schedule,
    Selection,
    Servers,
    Source,
    Translation,
)
from data.errors import CampaignError, LedgerError, LedgerMissing, UsageError
from data.intake import LONGEST_SHOWN, faults, text_files
from data.ledger.tables import STAGES, Stage, canonical_json, digest
from data.ledger.task_keys import WorkbenchTitle

_LISTED = 5  # languages named one by one when each lacks something


_CAME_LATER = (
    ("campaign", "hub"),
    ("campaign", "no_training_wish"),
    ("translation", "memory"),
    ("translation", "prompt_words"),
    ("key_check", "share"),
    ("key_check", "checked_languages"),
    ("models", "encoder"),
    ("models", "qe"),
    ("models", "lid_model"),
    ("release", "dev"),
    ("compute", "runner"),
    ("compute", "scheduler"),
    ("compute", "shared"),
    *(("deadlines", stage) for stage in STAGES),
)
"""Tables and keys that the first campaigns did not have."""


class Campaign(Part):
    """One benchmark in the making; only `load`, `parse` and `from_json` check all tables together."""

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
    key_check: KeyCheck = KeyCheck()
    translation: Translation = Translation()
    models: Models = Models()
    compute: Compute = Compute()
    selection: Selection = Selection()
    release: Release = Release()
    assistant: Assistant = Assistant()
    schedule: Schedule = Schedule()
    deadlines: Deadlines = Deadlines()
    servers: Servers = Servers()
    checks: dict[str, dict[str, JsonValue]] = Field(default_factory=dict)
    people: Annotated[tuple[Person, ...], Field(strict=False)] = ()

    @classmethod
    def load(cls, address: str) -> Campaign:
        """Read and validate the campaign.toml at a folder or object-store address.

        Raises:
            LedgerMissing: there is none.
            LedgerError: it could not be read.
            CampaignError: it is wrong; lists every mistake.

        Raises:
            LedgerMissing: there is none.
            LedgerError: it could not be read.
            CampaignError: it is wrong; every mistake at once.
        """
        where = f"{address.rstrip('/')}/{FILE}"
        try:
            text = storage.read_text(address, FILE)
        except (FileNotFoundError, NotADirectoryError):
            near = " or ".join(shlex.quote(one) for one in neighbours(address, FILE))
            meant = f"Did you mean {near}?" if near else "Name the campaign's folder or address"
            raise LedgerMissing(
                f"{'this folder' if address == '.' else address} holds no campaign (no {FILE}). "
                f"{meant}{' Else' if near else ', or'} make one with: belebele init DIR"
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
            where: name of the file in messages.

        Raises:
            CampaignError: lists every mistake, each with its line, its key and the cure.
        """
        try:
            raw = text_files.toml(text)
        except tomllib.TOMLDecodeError as error:
            raise CampaignError(
                f"{where} is not TOML; see https://toml.io", [toml_mistakes.syntax(str(error))]
            ) from None
        return cls._validated(raw, where, text)

    @classmethod
    def from_json(cls, text: str) -> Campaign:
        """Read what `to_json` wrote, as the ledger's `campaign_changed` events hold it."""
        return cls._validated(json.loads(text), "the campaign that the ledger remembers", "")

    @classmethod
    def _validated(cls, raw: dict[str, Any], where: str, text: str) -> Campaign:
        as_read, raw = raw, toml_mistakes.filled(renamed_keys.renamed(raw))
        broken: list[toml_mistakes.Mistake] = [(path, wrong, None) for path, wrong in faults(raw, LONGEST_SHOWN)]
        found = [*broken, *renamed_keys.doubled(as_read), *toml_mistakes.joint_problems(raw, ROLE_OF)]
        try:
            campaign = cls.model_validate(raw)
        except ValidationError as error:
            found += toml_mistakes.schema_problems(error.errors(include_url=False), _known_keys())
        if found:
            problems = toml_mistakes.explain(found, as_read, text)
            count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
            raise CampaignError(f"{where} has {count}", problems)
        return campaign

    def to_json(self) -> str:
        """Return the settings as canonical JSON: the same for equal settings, however they are written.

        Keys have the names that they had first (`data.campaign.renamed_keys`), as in the ledger. One that came
        later is left out while it is not given, and so is its table if nothing else is in it, so that a campaign
        from before has the digest that it had.
        """
        tables = self.tables()
        for name, key in _CAME_LATER:
            if not tables[name][key]:
                del tables[name][key]
            if not tables[name]:
                del tables[name]
        for person in tables["people"]:
            if not person["page_language"]:
                del person["page_language"]
        return canonical_json(renamed_keys.stored(tables))

    def tables(self) -> dict[str, Any]:
        """Return the file's tables and keys as plain values, including every default."""
        return self.model_dump(mode="json", by_alias=True)

    @property
    def id(self) -> str:
        """The campaign's short name, as in workbench titles."""
        return self.about.id

    @cached_property
    def hash(self) -> str:
        """A digest of the settings; comments, order and explicit defaults do not change it."""
        return digest(self.to_json())

    @property
    def text_languages(self) -> tuple[str, ...]:
        """Every language that needs passages: the source language, then the targets in the file's order."""
        return (self.source.language, *self.languages.targets)

    def source_path(self, address: str) -> str:
        """Return the source's path; a relative path is resolved against the campaign's folder."""
        return self._beside(address, self.source.path)

    def model_path(self, address: str, kind: str) -> str:
        """Return the path of a model, a key of `[models]`, as `source_path` does; "" if none is named."""
        named = getattr(self.models, kind)
        return self._beside(address, named) if named else ""

    @staticmethod
    def _beside(address: str, path: str) -> str:
        if storage.is_remote(address) or storage.is_remote(path):
            return path
        return str(Path(address, Path(path).expanduser()))

    def person(self, code: str) -> Person:
        """Return the person with this code.

        Raises:
            UsageError: there is none; names similar codes.
        """
        for person in self.people:
            if person.code == code:
                return person
        raise UsageError(
            f"{self.id} has no person {code!r}{toml_mistakes.near(code, [p.code for p in self.people])}"
        )

    def people_for(self, role: Role, language: str) -> list[Person]:
        """Return the people with this role in this language, in the order of the file."""
        return [person for person in self.people if role in person.roles and language in person.languages]

    def roles_for(self, stage: Stage) -> tuple[Role, ...]:
        """Return every role that may be given a stage's work: rechecks, baselines and key checks use its pages."""
        if stage == "wording" and not self.translation.prompt_words:
            return ()
        more = KEY_READERS if stage == "answering" and self.key_check.share else ()
        return tuple(dict.fromkeys((*DOES[stage], *more)))

    @property
    def key_check_languages(self) -> tuple[str, ...]:
        """The target languages in which keys are checked; none where `[key_check]` is off."""
        if not self.key_check.share:
            return ()
        chosen = self.key_check.checked_languages or self.languages.targets
        return tuple(code for code in self.languages.targets if code in chosen)

    def server_for(self, stage: Stage, person: str = "") -> str:
        """Return the name of the server for a stage's workbenches; a person's agency may have one of its own."""
        if partner := self._partners.get(person):
            return partner
        kin: dict[Stage, Stage] = {
            "qualifying": "authoring", "guessing": "answering", "adjudicating": "judging",
            "wording": "translating",
        }  # fmt: skip
        named = (getattr(self.servers, one, None) for one in (stage, kin.get(stage, stage)))
        return str(next(filter(None, named), self.servers.default))

    def servers_for(self, person: Person) -> list[str]:
        """Return the servers where a person's roles have work, each once; they need no account elsewhere."""
        stages = [stage for stage in STAGES if self._works_in(stage, person)]
        return list(dict.fromkeys(self.server_for(stage, person.code) for stage in stages))

    def _works_in(self, stage: Stage, person: Person) -> bool:
        if {*self.roles_for(stage)} & {*DOES[stage]} & {*person.roles}:
            return True
        checks = {*self.key_check_languages} & {*person.languages} and {*KEY_READERS} & {*person.roles}
        return stage == "answering" and bool(checks)

    def server_names(self) -> list[str]:
        """Return every server that holds a stage's or a partner's work, each once, in the order of the stages."""
        return list(dict.fromkeys([*(self.server_for(stage) for stage in STAGES), *self._partners.values()]))

    @cached_property
    def _partners(self) -> dict[str, str]:
        """The server, by person code, of everybody whose agency has its own."""
        named = self.servers.agencies
        return {
            one.code: named[one.agency] for one in self.people if one.agency is not None and one.agency in named
        }

    def workbench_title(self, stage: Stage, language: str, person: str) -> str:
        """Return the title of a workbench for one stage, language and person; 50 characters at most."""
        return str(WorkbenchTitle(self.id, stage, language, person))

    def gaps(self) -> list[str]:
        """Return what nobody is there to do yet, one line each. A gap stops only the work that it names."""
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
            if others < self.review.reviewers:
                whose = f"the questions of {author}" if author else "questions"
                yield (
                    f"{others} can review {whose}, {self.review.reviewers} are wanted: give others the role "
                    f"reviewing in {source}, or lower review.reviewers"
                )

    def unrecorded(self) -> list[str]:
        """Return whose consent or native languages are not recorded although others' are, one line each."""
        gaps = {"consent_date": "no consent is recorded", "native_languages": "no native language is recorded"}
        found = []
        for key, says in gaps.items():
            without = [person.code for person in self.people if not getattr(person, key)]
            if without and len(without) < len(self.people):
                found.append(f"{says} of {', '.join(without)}: give {key} under [[people]]; papers ask for it")
        return found

    def _measuring_gaps(self, source: str) -> Iterator[str]:
        if self.recheck.recheck_share and not self.people_for("adjudicating", source):
            yield f"nobody judges accepted questions anew: give somebody the role adjudicating in {source}"
        if self.baseline.items and not any("baseline" in person.roles for person in self.people):
            yield "nobody answers frozen items: give fresh people the role baseline in their languages"
        alone = [code for code in self.key_check_languages if not self._may_check_keys(code)]
        if alone:
            more = f" and {len(alone) - _LISTED} more" if len(alone) > _LISTED else ""
            yield (
                f"nobody is there to check keys in {', '.join(alone[:_LISTED])}{more} but who translates and "
                "proofreads: give somebody the role reviewing there"
            )

    def _may_check_keys(self, code: str) -> bool:
        """Whether an item can have a reader in this language beside its translator and its proofreader."""
        able = {person.code for role in KEY_READERS for person in self.people_for(role, code)}
        return bool(self.people_for("reviewing", code)) or len(able) > 2

    def _empty_roles(self) -> Iterator[str]:
        """Yield languages in which nobody has a role; many of them, as at the start, share one line."""
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


def notes(address: str) -> list[str]:
    """Return a line for each key in a campaign.toml that has its old name: where it is, and how to write it now.

    Args:
        address: the folder or object-store address of a campaign that can be loaded.
    """
    text = storage.read_text(address, FILE)
    return renamed_keys.notes(text_files.toml(text), text)


def compare(old: Campaign, new: Campaign, open_work: pd.DataFrame, *, begun: bool = True) -> list[str]:
    """Return what prevents going on with a changed campaign.toml, each with its cure; empty if nothing does.

    Args:
        old: the campaign as last recorded in the ledger.
        new: as the file has it now.
        open_work: work handed out and not yet submitted; columns stage, language, person.
        begun: whether any work was ever handed out.
    """
    problems = []
    if begun:
        fixed = {
            "campaign.id": (old.id, new.id),
            "source.kind": (old.source.kind, new.source.kind),
            "source.language": (old.source.language, new.source.language),
            "questions.answers_per_question": (
                old.questions.answers_per_question,
                new.questions.answers_per_question,
            ),
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
        roles = {*old.roles_for(cast("Stage", stage)), *new.roles_for(cast("Stage", stage))}
        doing = [p.code for role in roles for p in new.people_for(role, language)]
        if language in gone or person in doing:
            continue
        now = f"no longer does this in {language}" if person in [p.code for p in new.people] else "was removed"
        problems.append(
            f"{person} {now}, but has {n} open in {stage} {language}: put it back, run: "
            f"belebele reassign {person}, then change campaign.toml"
        )
    return problems


def _known_keys() -> dict[str, list[str]]:
    """Return every table of campaign.toml with its keys."""
    known = {}
    for name, field in Campaign.model_fields.items():
        part: object = Person if name == "people" else field.annotation
        keys = part.model_fields if isinstance(part, type) and issubclass(part, BaseModel) else ()
        known[field.alias or name] = list(keys)
    return known
