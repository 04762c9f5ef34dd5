"""The lead's actions: begin, decide, reassign, answer queries, mend passages, accept late work, keep contacts.

Every action is an event in the ledger. The next `advance` draws the conclusions.
"""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from data import sources, storage
from data.campaign import FILE, contacts, new_campaign
from data.errors import MissingLanguage, SourceError, UsageError
from data.intake.texts import refuse_faults
from data.languages import canonical, language, languages_of, named
from data.languages import languages as known_languages
from data.ledger import tables
from data.ledger.events import Closed, Late, LateAccepted, NeverBlind, Redacted, Reply, TaskClosed
from data.ledger.tables import Outcome
from data.ledger.task_keys import TaskKey
from flows.campaign_state import State
from flows.inspection.source_alignment import alignment_lines
from flows.ledger_views.current_items import current_questions, current_translations
from flows.ledger_views.lead_queries import queries_to_lead
from flows.ledger_views.patches.error_reports import withdrawals
from flows.stages import work_of
from qc.reports.phrases import plural


def begin(
    directory: str,
    kind: str,
    path: str,
    languages: list[str],
    *,
    source_language: str,
    name: str = "",
    title: str = "",
) -> list[str]:
    """Create a campaign from a source.

    Args:
        directory: its folder or object-store address.
        kind: of the source.
        path: the source's file or folder.
        languages: codes of the target languages; none for all that the source has.
        source_language: what questions are written in.
        name: the campaign's short name; by default made from the folder's name.
        title: the benchmark's title; by default the short name.

    Returns:
        What was made and what to do next, a line each.
    """
    refuse_faults(title, "--title")
    languages_of([source_language, *languages])  # reports every wrong code before the source is opened
    there = sources.available(kind, path)
    unknown = [] if languages else [code for code in there if canonical(code) not in known_languages()]
    chosen = languages or [code for code in there if code not in (language(source_language).code, *unknown)]
    wanted = [language(source_language).code, *(language(code).code for code in chosen)]
    missing = [code for code in dict.fromkeys(wanted) if code not in there]
    if missing:
        raise MissingLanguage(
            f"{path} has no text in {len(missing)} of these languages",
            [f"{code}: leave it out, or give its passages through the source 'parallel'" for code in missing],
        )
    folder = directory.rstrip("/").rpartition("/")[2]
    made = name or re.sub(r"[^a-z0-9-]+", "-", folder.casefold()).strip("-")[:12]
    where = path if storage.is_remote(path) else str(Path(path).resolve())
    text = new_campaign.template(
        id=made or "campaign",
        title=title or name or folder.strip(".") or made or "campaign",
        source=kind,
        path=where,
        languages=chosen,
        source_language=source_language,
    )
    new_campaign.init(directory, text)
    left_out = (
        [f"left out: {', '.join(unknown)}, which the table of languages does not know (belebele languages)"]
        if unknown
        else []
    )
    return [
        f"{directory} is a campaign now: {plural(len(set(wanted)), 'language')}, "
        f"questions in {language(source_language).name}",
        *_looked_at(kind, path, list(dict.fromkeys(wanted))),
        *left_out,
        f"next: name your people in {directory.rstrip('/')}/{FILE}, then",
        f"  belebele check {shlex.quote(directory)}      # what is missing, and invitation links",
        f"  belebele up {shlex.quote(directory)}         # the servers and the schedule",
        f"  belebele advance {shlex.quote(directory)}    # open the first work",
    ]


def _looked_at(kind: str, path: str, languages: list[str]) -> list[str]:
    """What is to be said of the source's text; a campaign is made anyway, since a source can be mended."""
    try:
        return list(alignment_lines(sources.read(kind, path, languages)))
    except SourceError as error:
        return [str(error)]


def decide(state: State, item: str, outcome: Outcome, reason: str) -> str:
    """Record the lead's decision about an item, which overrides every rule.

    Args:
        state: the campaign.
        item: a question_id for the source language, or question_id/language.
        outcome: keep, revise or drop.
        reason: for the people whose work it is, and for the record.

    Returns:
        What was decided, in words.
    """
    refuse_faults(reason, "--reason")
    subject, language = _item(state, item)
    frame = current_questions(state) if language == state.source_language else current_translations(state)
    found = frame[(frame["question_id"] == subject) & (frame["language"] == language)]
    if found.empty:
        raise UsageError(f"there is no item {item!r}{_near(subject, list(frame['question_id']))}")
    if outcome == "drop" and language != state.source_language:
        raise UsageError(
            f"{item}: an item is dropped in every language or in none, since all languages hold the same items. "
            f"Drop the question: belebele decide {shlex.quote(subject)} drop --reason …"
        )
    if outcome != "drop" and subject in withdrawals(state):
        raise UsageError(f"{subject} is withdrawn, for good: what was withdrawn never comes back")
    if outcome != "drop" and found.iloc[0]["stale"]:
        raise UsageError(
            f"what {item} was made from has changed since, so it comes back to its people with the next advance. "
            "Decide about what they make of it, or drop it now: "
            f"belebele decide {shlex.quote(subject)} drop --reason …"
        )
    if not any(map(str.isalnum, reason)):  # also “…”, as the agenda has it
        raise UsageError("say why, for the people whose work it is: --reason 'Two answers are right.'")
    revision = int(found.iloc[0]["revision"])
    former = state.decisions
    former = former[
        (former["subject"] == subject) & (former["language"] == language) & (former["revision"] == revision)
    ]
    verdicts = state.verdicts_on({subject}, ["event_id", "language", "revision"])
    on = verdicts[(verdicts["language"] == language) & (verdicts["revision"] == revision)]
    row = {
        "subject": subject,
        "language": language,
        "revision": revision,
        "outcome": outcome,
        "reason": reason,
        "rule": "lead",
        "decided_by": "lead",
        # They include the decision that this one overrules, so that keep, revise, keep stay three decisions.
        "verdicts": sorted([*on["event_id"], *former["event_id"]]),
        "decided_at": datetime.now(UTC),
    }
    state.ledger.append(tables.DECISIONS, [row])
    take_back(state, subject, language, revision)
    return f"{subject} in {language}, revision {revision}: {outcome}"


def _item(state: State, item: str) -> tuple[str, str]:
    """Parse the question_id and the language of an item as the lead names it."""
    subject, _, language = item.partition("/")
    return subject, _language(state, language) if language else state.source_language


def _language(state: State, word: str) -> str:
    """Return the code of a campaign's language as the lead names it."""
    code, listed = canonical(word), state.campaign.text_languages
    if code not in listed:
        meant = [one.code for one in named(word).languages if one.code in listed]
        hint = f"; did you mean {' or '.join(meant)}?" if meant else f"; it has {', '.join(listed)}"
        raise UsageError(f"{word!r} is no language of this campaign{hint}")
    return code


def take_back(state: State, subject: str, language: str, revision: int) -> None:
    """Close the open tasks on a revision decided anew; what is still due comes again with the reason."""
    work = state.tasks[state.tasks["open"] & (state.tasks["question_id"] == subject)]
    work = work[(work["language"] == language) & (work["revision"] == revision)]
    close(state, work, Closed.DECIDED)


def close(
    state: State, work: pd.DataFrame, why: Closed, *, person: str | None = None, to: str | None = None
) -> int:
    """Close these tasks with a reason and return their number; what is still due of them is handed out again."""
    return state.ledger.append(
        tables.EVENTS,
        [
            TaskClosed(why, person=person, to=to).row(key, language)
            for key, language in zip(work["task_key"], work["language"], strict=True)
        ],
    )


def reassign(state: State, person: str, to: str = "") -> int:
    """Take a person's open work away and leave it to the others, or give it to one of them.

    What the person submitted stays theirs and counts. Return how many tasks were taken away.
    """
    work = state.tasks[state.tasks["open"] & (state.tasks["person"] == person)]
    known = {p.code for p in state.campaign.people} | set(state.tasks["person"])
    if person not in known:
        raise UsageError(f"nobody is called {person!r}{_near(person, sorted(known))}")
    if to:
        if to == person:
            raise UsageError(f"{to} has it already; name somebody else, or leave --to out to spread it")
        heir = state.campaign.person(to)
        places = set(zip(work["stage"], work["language"], strict=True))
        lacking = sorted(
            f"{stage} in {language}"
            for stage, language in places
            if not set(state.campaign.roles_for(stage)) & set(heir.roles) or language not in heir.languages
        )
        if lacking:
            raise UsageError(f"{to} does not do {', '.join(lacking)}: give {to} the role in campaign.toml first")
    return close(state, work, Closed.REASSIGNED, person=person, to=to)


def answer(state: State, query: str, text: str) -> str:
    """Answer a query; the answer is shown to everyone who works on that passage, in every language."""
    refuse_faults(text, "the answer")
    found = queries_to_lead(state)[queries_to_lead(state)["query"] == query]
    if found.empty:
        meant = _near(query, list(queries_to_lead(state)["query"]))
        raise UsageError(f"there is no query {query!r}{meant}; belebele status lists them")
    if text.strip() in ("", "TEXT"):  # as the agenda has it
        raise UsageError("the answer is missing; write what everyone who works on the passage should know")
    language = str(found.iloc[0]["language"])
    number = 1 + int((state.events(Reply)["subject"] == query).sum())  # a later reply replaces the former
    state.ledger.append(tables.EVENTS, [Reply(text, number).row(query, language)])
    return str(found.iloc[0]["passage_id"])


def mend(state: State, passage_id: str, language: str, sentences: list[str]) -> int:
    """Write a new revision of a passage in one language, which makes everything based on the old one stale.

    Return the new revision.
    """
    language = _language(state, language)
    texts = state.texts_of({passage_id}, {language})
    if (passage_id, language) not in texts:
        known = sorted(set(state.passages["passage_id"]))
        raise UsageError(f"there is no passage {passage_id!r} in {language}{_near(passage_id, known)}")
    sentences = [sentence.strip() for sentence in sentences if sentence.strip()]
    if not sentences:
        raise UsageError("the mended text is empty; give the whole passage, one sentence a line")
    old = texts[passage_id, language]
    row = {name: old[name] for name in tables.PASSAGES.schema.names if name not in tables.LEDGERS_OWN}
    row |= {"revision": int(old["revision"]) + 1, "sentences": sentences, "text": " ".join(sentences)}
    if row["text"] == old["text"]:
        raise UsageError(f"{passage_id} in {language} reads like that already; nothing was changed")
    work = state.tasks[state.tasks["open"] & (state.tasks["passage_id"] == passage_id)]
    if language != state.source_language:
        work = work[work["language"] == language]
    state.ledger.append(tables.PASSAGES, [row])
    close(state, work, Closed.MENDED)
    return int(row["revision"])


def accept_late(state: State, annotation: str) -> str:
    """Let a late edit count: the next advance reads it as a new revision."""
    late = state.events(Late)
    late = late[late["subject"].str.startswith(annotation)].drop_duplicates("subject", keep="last")
    if len(late) != 1:
        raise UsageError(
            f"{len(late) or 'no'} late edits begin with {annotation!r}; belebele status lists them with their ids"
        )
    event, facts = str(late.iloc[0]["subject"]), Late.parse(late.iloc[0]["detail"])
    if facts.never:
        first = "; the first answer does" if facts.never is NeverBlind.KEY_SEEN else ""
        raise UsageError(f"{facts.task_key}: {facts.never}, so it can never count{first}")
    if work_of(TaskKey.parse(facts.task_key).stage).judges:
        item = facts.item.removesuffix(f"/{state.source_language}")
        raise UsageError(
            f"{facts.task_key} is a review that came after the decision. If it changes your mind: "
            f"belebele decide {shlex.quote(item)} keep|revise|drop --reason …"
        )
    state.ledger.append(tables.EVENTS, [LateAccepted().row(event)])
    return event


def _near(word: str, known: list[str]) -> str:
    close = get_close_matches(word, known, n=3, cutoff=0.5)
    return f"; near: {', '.join(close)}" if close else ""


def contact(state: State, person: str, *, email: str, name: str, forget: bool) -> str:
    """Record or erase the person behind a code. The ledger keeps the code and records an erasure as an event.

    Return what was done, in words.
    """
    code = state.campaign.person(person).code if not forget else person
    refuse_faults(email, "--email")
    refuse_faults(name, "--name")
    if forget:
        if not contacts.forget(state.campaign.id, code):
            return f"nothing is known of {code}'s name and address"
        state.ledger.append(tables.EVENTS, [Redacted().row(code)])
        return f"what was known of {code}'s name and address is erased"
    if not email:
        raise UsageError(f"say which address {code} signs up with: belebele contact {code} --email ADDRESS")
    contacts.set_contact(state.campaign.id, code, email, name)
    return f"{code} signs up as {email}; belebele check gives the invitation link"
