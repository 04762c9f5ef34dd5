"""The guidelines that people work by and the quiz on them: ours, or a lead's in their place.

A lead's folder may replace any of our files under the same name; files it lacks stay ours. Translators and
proofreaders of one language may have a file of their own: `translating.fra_Latn.md` takes precedence over
`translating.md`. All mistakes in a folder are reported at once, and a folder is taken as a whole or not at all.

`words.fra_Latn.po` holds what pages say in that language, in the place of ours message by message. A message of it
that cannot be shown stops nothing: it is reported, and English is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import cast

from annotation.forms import label_configuration
from annotation.guidelines.quiz import Quiz, parse
from annotation.words import catalogues
from data import storage
from data.campaign import toml_mistakes
from data.campaign.campaign import Campaign
from data.errors import BelebeleError, CampaignError, UsageError
from data.languages import language as find_language
from data.ledger.tables import STAGES, Stage
from data.output_files import Outputs
from data.release.anonymity import People

QUIZ = "quiz.toml"
WORDS = "words"
"""What the names of files with words of pages begin with, where guidelines have a stage."""

BY_LANGUAGE = ("answering", "translating", "proofreading", "wording")
"""Stages worked in several languages, each of which may have a file of its own."""

LONGEST = 100_000
"""Most characters in a file, since people have to read it."""

_STRANGE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x84\x86-\x9f]")
"""Characters that no page can show: control characters, and those that XML cannot represent."""


@dataclass(frozen=True)
class Guidelines:
    """The guidelines of a campaign.

    Attributes:
        texts: Markdown by file name without its ending: a stage, or a stage and a language.
        quiz: the quiz, with its right answers.
        own: names of the files that are the lead's.
        unsaid: messages of the lead's words that cannot be shown, each with its file, line and cure.
    """

    texts: Mapping[str, str]
    quiz: Quiz
    own: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


@cache
def ours() -> Guidelines:
    """Return the guidelines that come with the program."""
    quiz, _ = parse(our_files()[QUIZ])
    assert quiz is not None, "tests hold our own quiz to the same rules"
    return Guidelines({stage: label_configuration.guideline_text(stage) for stage in STAGES}, quiz)


def our_files() -> dict[str, str]:
    """Return the texts of the files that a lead may replace, by name."""
    names = [*(f"{stage}.md" for stage in STAGES), QUIZ]
    return {name: files("annotation.guidelines").joinpath(name).read_text(encoding="utf-8") for name in names}


def write_ours(out: str) -> list[str]:
    """Write our files to a folder, to be changed, and return their names.

    Raises:
        UsageError: one of them exists already and differs from what this command writes.
        OutputFailed: the folder cannot be written to.
    """
    Outputs.of_folder(out, "guidelines").write({name: text.encode() for name, text in our_files().items()})
    return list(our_files())


def load(address: str, campaign: Campaign, forbidden: Sequence[str] = ()) -> Guidelines:
    """Load the guidelines of a campaign.

    Args:
        address: the campaign's; a relative folder is resolved against it.
        campaign: names the folder, if there is one.
        forbidden: names and addresses of people, which no guideline may contain because the ledger keeps it.

    Raises:
        CampaignError: the folder is missing or cannot be read, or its files have mistakes; lists all of them.
    """
    folder, standard = campaign.guidelines.folder, _wanted(campaign)
    if folder is None:
        return standard
    where = storage.within(address, folder)
    try:
        texts, problems = _read(where)
    except FileNotFoundError:
        raise CampaignError(
            "the guidelines of campaign.toml are not there",
            [f"[guidelines] folder = {folder!r}: no such folder at {address}; make it, or take the line out"],
        ) from None
    except (OSError, BelebeleError) as error:
        raise CampaignError(
            f"cannot read the guidelines in {where}", [f"{error}; mend it, and advance again"]
        ) from None
    own, quiz, more = _taken(texts, campaign, forbidden)
    if problems := [*problems, *more]:
        count = "1 mistake" if len(problems) == 1 else f"{len(problems)} mistakes"
        raise CampaignError(f"the guidelines in {folder} have {count}", problems)
    return Guidelines({**standard.texts, **own}, quiz, tuple(texts), tuple(_unsaid(texts)))


def _unsaid(texts: Mapping[str, str]) -> Iterator[str]:
    for file, text in texts.items():
        if file.startswith(f"{WORDS}."):
            found = catalogues.parse(text, catalogues.template())
            yield from (f"{file}: {problem}" for problem in found.problems)
            if found.unknown:
                count = f"{len(found.unknown)} messages" if len(found.unknown) > 1 else "1 message"
                shown = found.unknown[0]
                yield f"{file}: no page says {count} of it, as “{shown}”; take it out, or write what pages say"


def _wanted(campaign: Campaign) -> Guidelines:
    """Return ours, without those of stages that the campaign leaves out."""
    texts = {stage: text for stage, text in ours().texts.items() if campaign.roles_for(cast("Stage", stage))}
    return replace(ours(), texts=texts)


def _taken(
    texts: Mapping[str, str], campaign: Campaign, forbidden: Sequence[str]
) -> tuple[dict[str, str], Quiz, list[str]]:
    """Parse a folder's files: its guidelines by name, its quiz (else ours), and every mistake."""
    quiz, own, problems = ours().quiz, dict[str, str](), list[str]()
    named: dict[str, str] = {}
    for file, text in texts.items():
        if file == QUIZ:
            bar = campaign.qualification.min_quiz_share if campaign.qualification.required else 0.0
            theirs, found = parse(text, bar)
            found += _mistakes(file, text, forbidden)
            quiz = theirs or quiz
        else:
            name, unknown = _name(file, campaign)
            found = [unknown] if unknown else list(_mistakes(file, text, forbidden))
            if name and name in named:
                found.append(f"{named[name]} is for the same language; keep one")
            named[name], own[name] = file, text.removeprefix("\ufeff")
        problems += [f"{file}: {one}" for one in found]
    return own, quiz, problems


def _read(where: str) -> tuple[dict[str, str], list[str]]:
    """Read the texts of a folder by file name; also return a problem for each file that is not text."""
    texts, problems = {}, []
    for name in storage.names(where):
        if name.startswith(".") or name.endswith("~"):  # left by editors and file managers
            continue
        if name.endswith("/"):
            problems.append(f"{name}: a folder, of which nothing is shown; move its files up, or take it out")
            continue
        try:
            texts[name] = storage.read_text(where, name).replace("\r\n", "\n")
        except UnicodeDecodeError as error:
            line = error.object.count(b"\n", 0, error.start) + 1
            problems.append(f"{name}: line {line}: not UTF-8; save the file as UTF-8")
    return texts, problems


def _name(file: str, campaign: Campaign) -> tuple[str, str]:
    """Return the name under which a file's text is kept, and what is wrong with the file's name."""
    if file.startswith(f"{WORDS}.") and file.endswith(".po"):
        return _name_of_words(file)
    stem, ending = file.removesuffix(".md"), file.endswith(".md")
    stage, _, code = stem.partition(".")
    if not ending or stage not in STAGES:
        known = [*(f"{one}.md" for one in STAGES), QUIZ, f"{WORDS}.fra_Latn.po"]
        hint = toml_mistakes.near(file, known)
        return "", f"no page shows a file of this name{hint}; known: {', '.join(known)}; rename it, or take it out"
    if not code:
        return stem, ""
    if stage not in BY_LANGUAGE:
        return "", f"{stage} is worked in one language only; call it {stage}.md"
    try:
        found = str(find_language(code).code)
    except UsageError as error:
        return "", str(error)
    if found not in campaign.text_languages:
        listed = ", ".join(campaign.text_languages)
        return "", f"{code} is no language of this campaign ({listed}); rename the file, or take it out"
    return f"{stage}.{found}", ""


def _name_of_words(file: str) -> tuple[str, str]:
    code = file.removeprefix(f"{WORDS}.").removesuffix(".po")
    try:
        return f"{WORDS}.{find_language(code).code}", ""
    except UsageError as error:
        return "", str(error)


def _mistakes(file: str, text: str, forbidden: Sequence[str]) -> Iterator[str]:
    """Yield the mistakes that any file can have, then those of a guideline."""
    people = People(forbidden)
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), start=1):
        if strange := _STRANGE.search(line):
            yield f"line {number}: the character U+{ord(strange[0]):04X}, which no page can show; take it out"
        if people.named(line):
            yield (
                f"line {number}: the name or address of somebody who works here; the ledger would keep it for "
                "ever: write 'the lead', or a code"
            )
    if len(text) > LONGEST and not file.endswith(".po"):
        yield f"{len(text)} characters, at most {LONGEST} are shown; make it shorter"
    if file == QUIZ or file.endswith(".po"):
        return
    if not text.strip("\ufeff \n\r\t"):
        yield "line 1: the file is empty; write it, or take it out, and ours is shown"
    elif label_configuration.shows_guide(file.partition(".")[0]) and not label_configuration.in_short(text):
        yield (
            "nothing is in short: the page shows a numbered list beside the work. Write a heading such as "
            "'## In short' and, directly below, lines such as '1. Read the whole passage.'"
        )
