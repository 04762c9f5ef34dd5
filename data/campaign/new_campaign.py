"""How a campaign starts: a campaign.toml that explains itself, and an empty ledger.

The file is written after the ledger's tables, because it makes an address a campaign: an interrupted `init` leaves
tables without a file, and running the same command again completes it.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Sequence

from data import storage
from data.campaign import FILE
from data.campaign.campaign import Campaign
from data.campaign.settings import ROLES, Person
from data.errors import LedgerError, LedgerMissing, UsageError
from data.languages import language
from data.ledger import Ledger

_TEMPLATE = """\
# One benchmark in the making. `belebele check` says what is still missing here, every `belebele advance` reads it.
# It may be changed while people work. Languages are called by FLORES-200's codes.

[campaign]
id = {id}  # stands in the title of every workbench; 1 to 12 of a-z, 0-9 and -; fixed once work is handed out
title = {title}  # what the release is called
licence = "CC-BY-SA-4.0"  # of the released data
# homepage = "https://…"  # where readers of the release learn more
# hub = "owner/name"  # the released data set's id on the Hugging Face Hub
# no_training_wish = true  # the release asks, as a request, that nobody trains on it

[source]
kind = {source}  # flores200, floresplus or parallel (JSON lines or parquet of your own)
path = {path}  # a relative path starts at this file's folder
language = {source_language}  # questions are written in it

[languages]
# Every other language of the benchmark. One that is late does not hold up the rest.
targets = {targets}

[questions]
questions_per_passage = 2  # question slots on every passage, 1 to 9
answers_per_question = 4  # on every question, one of them correct
wanted_questions = 900  # how many kept questions the benchmark wants
# passages = 100  # use only the first so many passages of the source

[review]
reviewers = 2  # how many people answer and judge every question, its author never among them
# max_reviewers = 5  # where they disagree, one more at a time is asked, up to so many; reviewers if left out
judging_waits = true  # nobody judges, seeing the key, while somebody still answers the same question blind
guess_share = 0.0  # share of (passage, reviewer) who answer without the passage first: does it test reading?
max_returns = 2  # how often a question may go back to its author

[guidelines]
# folder = "guidelines"  # your own, file by file in place of ours, which belebele guidelines --out DIR writes

[qualification]
required = false  # whether authors must pass a quiz on the guideline and write trial questions before real ones
min_quiz_share = 0.8  # share of the quiz's questions that must be answered rightly
trials = 2  # trial questions, judged by the checks and one reviewer; they are never part of the benchmark
min_kept_trials = 2  # how many of these must be good enough to be kept
max_attempts = 2  # how often somebody may try, at the quiz and at the trials

[plants]
plant_share = 0.0  # share of reviewed questions of which a copy with a known fault goes to reviewers
faults = ["wrong_key", "two_right", "unanswerable", "cue"]  # and "sound": no fault, for false alarms

[recheck]
recheck_share = 0.0  # of accepted questions that an adjudicator judges anew, as a measure

[baseline]
items = 0  # of the finished set, answered by fresh people in every language (role baseline)
people_per_item = 1  # how many people answer each

[key_check]
share = 0.0  # of accepted translations that somebody without a part in them answers blind: is the key still right?
# checked_languages = ["fra_Latn"]  # only in these; in every target language if left out

[translation]
pivot = {source_language}  # or [translation.pivot], by language: spa_Latn there is shown beside the source
machine_drafts = false  # whether translators may be given a machine's draft
max_returns = 2  # how often a translation may go back to its translator
prompt_words = false  # whether translators of each language write the words around an item, as "Question"
# glossary = "glossary.csv"  # shown to translators: a column term, and a column per language code
# memory = ["memory.tmx"]  # shown to translators: TMX files, or CSV with the columns language, source, target

[models]
# Trained elsewhere, from local folders and files; belebele calibrate puts them in force.
# encoder = "models/encoder"  # a multilingual sentence encoder: does a translation say what its source says?
# qe = "models/quality"  # a quality-estimation model: one number for a source and its translation
# lid_model = "models/lid.bin"  # a fastText model that labels languages, such as GlotLID's

[compute]
# runner = "dask"  # who judges and learns, language by language: processes (the default), local, dask or ray
# scheduler = "tcp://10.0.0.5:8786"  # a cluster that runs; left out: one on the machine that advances
# shared = "s3://bucket/work"  # what all workers reach; needed if some are on other machines

[selection]
policy = "all_kept"  # every question that review keeps is translated; "command": those that belebele select chose
# selected_questions = 900  # in the final set; wanted_questions if left out
# max_questions_per_passage = 2  # at most so many of its questions on one passage
cue_margin = 0.05  # how far from chance a rule such as "the longest option" may be right in the final set
# [selection.quotas.domain]  # shares of the final set (with a point) or counts; the same goes for topic
# wikinews = 0.4

[release]
dev = 40  # items of the dev split, for few-shot examples: beside those of test, on other passages; 0 for none

[assistant]
enabled = false  # whether authors see, while they write, what is noticed about their question: belebele assistant
meter_share = 1.0  # share of the questions on which they see how surely the key is picked without the passage
train_on = ""  # a set of items from elsewhere that the meter learns from until there are enough questions
min_training_questions = 100  # questions from which on it learns from this campaign's own

[schedule]
cron = "*/15 * * * *"  # when the work moves on by itself: minute hour day month weekday
timezone = "UTC"  # that the line above is meant in

[deadlines]
# authoring = 2027-01-31  # by when a stage's work should be done, as people see it on their own page; the others:
# qualifying, guessing, answering, judging, adjudicating, translating, proofreading, wording

[servers]
# Address and token of "main" come from BELEBELE_LABEL_STUDIO_URL and BELEBELE_LABEL_STUDIO_TOKEN, those of
# another, say "agency", from BELEBELE_LABEL_STUDIO_URL_AGENCY and BELEBELE_LABEL_STUDIO_TOKEN_AGENCY.
default = "main"
# answering = "agency"  # one stage elsewhere; the others: authoring, guessing, judging, adjudicating,
# translating, proofreading, qualifying. Qualifying goes with authoring, guessing with answering and adjudicating
# with judging, unless named.
# agencies = {{ "An agency" = "agency" }}  # all work of an agency's people elsewhere, whatever the stage
# Every account on a server can open every workbench there. A blind answer is blind in truth where authors and
# judges work on servers on which its reviewer has no account; belebele status counts those that were not.

# Parameters of checks, where the defaults do not suit:
# [checks.NAME_OF_A_CHECK]
# parameter = 1

# Who does what. Codes only, 1 to 10 of a-z, 0-9 and -: names and e-mail addresses never stand here.
# roles: {roles}; languages: the source language if left out; agency: optional.
# max_passages = 40: at most so many in a stage and language; by role: max_passages = {{ authoring = 40 }}.
# page_language = "fra_Latn" puts the labels of this person's pages in that language.
# For the paper: native_languages = ["eng_Latn"], that they grew up with; consent_date = 2026-11-01, since when.
{people}"""

_NOBODY = """\
# [[people]]
# code = "ana"
# roles = ["authoring", "reviewing"]
#
# [[people]]
# code = "ben"
# roles = ["translating"]
# languages = ["fra_Latn"]
"""


def template(
    *,
    id: str,
    title: str,
    source: str,
    path: str,
    languages: Sequence[str],
    source_language: str = "eng_Latn",
    people: Sequence[Person] = (),
) -> str:
    """Return a commented campaign.toml.

    Args:
        id: the campaign's short name.
        title: the name of the release.
        source: flores200, floresplus or parallel.
        path: where the source is.
        languages: codes or aliases; duplicates and the source language are ignored.
        source_language: the language that questions are written in.
        people: the people already known.

    Raises:
        UsageError: a language is unknown.
        CampaignError: anything else is not allowed in a campaign.toml.
    """
    written_in = language(source_language).code
    codes = dict.fromkeys(language(code).code for code in languages)
    codes.pop(written_in, None)
    listed = ", ".join(map(_quoted, codes))
    wrapped = textwrap.fill(listed, 110, initial_indent="    ", subsequent_indent="    ")
    text = _TEMPLATE.format(
        id=_quoted(id),
        title=_quoted(title),
        source=_quoted(source),
        path=_quoted(path),
        source_language=_quoted(written_in),
        targets=f"[\n{wrapped},\n]" if codes else "[]",
        roles=", ".join(ROLES),
        people="".join(_person(person) for person in people) or _NOBODY,
    )
    Campaign.parse(text, "the new campaign.toml")
    return text


def init(address: str, text: str) -> Ledger:
    """Create a campaign at an address: the ledger's tables, then campaign.toml.

    Args:
        address: a folder (created if missing) or an object-store address.
        text: of campaign.toml.

    Raises:
        UsageError: there is a campaign already, or only the ledger of a former one is left.
        CampaignError: the text is not a valid campaign.toml.
        LedgerError: the address cannot be written to.
    """
    address = address.rstrip("/")
    Campaign.parse(text, f"{address}/{FILE}")
    there = _standing(address)
    if there is not None:
        raise UsageError(
            f"{address} is a campaign already{_called(there)}; change its {FILE}, or name another folder"
        )
    try:
        begun = any(Ledger(address).version().values())
    except LedgerMissing:
        begun = False
    if begun:
        raise UsageError(
            f"{address} holds the ledger of a campaign, with work in it, and no {FILE}: put that file back "
            "(belebele export events shows its last content), or name another folder"
        )
    ledger = Ledger.create(address)
    try:
        storage.write_text(address, FILE, text)
    except OSError as error:
        raise LedgerError(f"cannot write {address}/{FILE}: {error}") from error
    return ledger


def _standing(address: str) -> str | None:
    try:
        return storage.read_text(address, FILE) if storage.exists(address, FILE) else None
    except OSError as error:
        raise LedgerError(f"cannot read {address}/{FILE}: {error}") from error


def _called(text: str) -> str:
    for line in text.splitlines():
        if line.startswith("id = "):
            return f" ({line.removeprefix('id = ').partition('#')[0].strip()})"
    return ""


def _person(person: Person) -> str:
    fields = {
        "code": person.code,
        "roles": person.roles,
        "languages": person.languages,
        "agency": person.agency,
        "native_languages": person.native_languages,
        "page_language": person.page_language,
        "consent_date": person.consent_date and person.consent_date.isoformat(),
    }
    lines = [f"{key} = {_quoted(value)}" for key, value in fields.items() if value]
    if limits := person.max_passages:
        lines.append(f"max_passages = {{ {', '.join(f'{role} = {n}' for role, n in limits.items())} }}")
    return "\n".join(["[[people]]", *lines, "\n"])


def _quoted(value: object) -> str:
    """Quote a value for TOML: JSON's strings and lists of strings are TOML's, except for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
