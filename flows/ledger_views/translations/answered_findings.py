"""Answered findings: what people said of the checks' findings in translations, and where it still holds.

A finding is answered in a part of an item (`question`, `option_1` …), of which a digest of the text and of its
source's text is kept. So an answer holds in every revision in which both read the same, as long as the check has
the same version, and it holds for no other text. A check's flag is dismissed only if every place of it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from annotation.forms.finding_answers import REASONS, WHOLE
from data.ledger import tables
from data.ledger.events import Answer, FindingAnswered, details_of
from flows.campaign_state import State, among, by_key, in_order, ledger_view
from qc.check import option_number
from qc.check_run import JUDGE
from qc.decisions.standing_verdicts import NOTHING_ANSWERED, Answered

_PLACE = ["part", "start", "end", "text", "reason", "fix"]

_ITEM = ["question_id", "language", "revision"]


class FindingKey(NamedTuple):
    """What an answer is about, wherever it occurs."""

    subject: str
    language: str
    check: str
    version: int
    part: str
    text: str


class Said(NamedTuple):
    """An answer that stands, and its event."""

    event: str
    answer: FindingAnswered


@ledger_view
def standing_answers(state: State) -> dict[FindingKey, list[Said]]:
    """Return the answers of the submissions that count, of each task the last, in the order of recording."""
    events = state.events(FindingAnswered)
    if events.empty:
        return {}
    answers = details_of(events, FindingAnswered)
    made = {one.annotation for one in answers}
    tasks = state.annotations["task_key"][among(state.annotations["event_id"], made)]
    given = state.annotations[among(state.annotations["task_key"], set(tasks))]
    given = in_order(given[among(given["event_id"], state.counted)])
    last = set(given.drop_duplicates("task_key", keep="last")["event_id"])
    found: dict[FindingKey, list[Said]] = {}
    columns = (events[name] for name in ("event_id", "subject", "language"))
    for event, subject, language, one in zip(*columns, answers, strict=True):
        if one.annotation in last:
            key = FindingKey(subject, language, one.check, one.version, one.part, one.text)
            found.setdefault(key, []).append(Said(event, one))
    return found


def answers_to(state: State, key: FindingKey, answer: Answer) -> tuple[Said, ...]:
    """Return the answers of one kind to a finding."""
    return tuple(one for one in standing_answers(state).get(key, ()) if one.answer.answer == answer)


class PartTexts:
    """Digests of the parts of translations: of each part's text and of the text that it renders.

    Args:
        state: the campaign.
        subjects: question_id of the translations.
    """

    def __init__(self, state: State, subjects: Collection[str]) -> None:
        self._texts = by_key(state.translation_texts(set(subjects)), *_ITEM)
        questions = state.questions[among(state.questions["question_id"], set(subjects))]
        self._questions = by_key(questions, "question_id", "revision")
        self._state = state

    def digest(self, subject: str, language: str, revision: int, part: str) -> str:
        """Return the digest of a part of one revision; of the whole item, of all its texts."""
        own = self._texts[subject, language, revision]
        source = self._questions[subject, own["question_revision"]]
        if part == "passage":
            passage, of = own["passage_id"], self._state.source_language
            target = self._state.passage_revisions(passage, language)[int(own["passage_revision"])]
            rendered = self._state.passage_revisions(passage, of)[int(source["passage_revision"])]
            return tables.digest(part, target, rendered)
        return tables.digest(part, *(_text(one, part) for one in (own, source)))


def _text(row: Mapping[str, Any], part: str) -> list[str]:
    answers = list(row["answers"])
    number = option_number(part)
    if number:
        return answers[number - 1 : number]
    return [row["question"]] if part == "question" else [row["question"], *answers]


def dismissed_by_their_reader(
    state: State, verdicts: pd.DataFrame, said: Answered, share: float
) -> dict[tuple[str, str, int], str]:
    """Return the proofread revisions drawn because nobody but their own proofreader dismissed a flag on them.

    Args:
        state: the campaign.
        verdicts: columns of `data.ledger.tables.VERDICTS`.
        said: what was dismissed, as `answered` gave it for these verdicts.
        share: of dismissed findings that are drawn, by a digest of check and text, so that nobody chooses.

    Returns:
        The proofreader by question_id, language and revision.
    """
    if not share or not said.dismissed:
        return {}
    given = {one.event: one.answer for some in standing_answers(state).values() for one in some}
    read = state.translations[state.translations["kind"] == "proofread"]
    columns = (read[name] for name in (*_ITEM, "person"))
    readers = {(a, b, int(c)): person for a, b, c, person in zip(*columns, strict=True)}
    found = {}
    flags = verdicts[among(verdicts["event_id"], list(said.dismissed))]
    names = ["event_id", "subject", "language", "revision"]
    for event, subject, language, revision in flags[names].itertuples(index=False, name=None):
        item = (subject, language, int(revision))
        answers = [given[one] for one in said.dismissed[event]]
        marks = (tables.digest("reread", *item[:2], one.check, one.part, one.text) for one in answers)
        drawn = any(int(mark[:12], 16) < share * 16**12 for mark in marks)
        if drawn and {one.person for one in answers} == {readers.get(item)}:
            found[item] = str(readers[item])
    return found


def places_of(state: State, verdicts: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return the places of verdicts, by the verdict's event_id, in the order of the text."""
    where = pc.field("verdict").isin(pa.array(sorted(verdicts), pa.string()))
    rows = state.ledger.read_arrow(tables.FINDINGS, ["verdict", *_PLACE], where).to_pylist()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(rows, key=lambda row: (row["part"], row["start"] or 0)):
        found.setdefault(row["verdict"], []).append({name: row[name] for name in _PLACE})
    return found


def answered(state: State, verdicts: pd.DataFrame) -> Answered:
    """Return which flags of checks on translations were dismissed or contested.

    Args:
        state: the campaign.
        verdicts: columns of `data.ledger.tables.VERDICTS`.
    """
    known = {(key.subject, key.language) for key in standing_answers(state)}
    if not known or verdicts.empty:
        return NOTHING_ANSWERED
    asked = verdicts[(verdicts["judge"] == JUDGE) & verdicts["flagged"].eq(True).fillna(False)]
    items = zip(asked["subject"], asked["language"], strict=True)
    asked = asked[[item in known for item in items]]
    if asked.empty:
        return NOTHING_ANSWERED
    places, texts = places_of(state, asked["event_id"]), PartTexts(state, set(asked["subject"]))
    said: dict[Answer, dict[str, tuple[str, ...]]] = {Answer.DISMISSED: {}, Answer.CONTESTED: {}}
    columns = ("event_id", "subject", "language", "revision", "check", "version")
    for event, subject, language, revision, check, version in zip(*(asked[name] for name in columns), strict=True):
        parts = {place["part"] for place in places.get(event, ())} or {WHOLE}
        keys = [
            FindingKey(subject, language, check, int(version), part,
                       texts.digest(subject, language, int(revision), part))
            for part in sorted(parts)
        ]  # fmt: skip
        for answer, found in said.items():
            given = [answers_to(state, key, answer) for key in keys]
            if all(given):
                found[event] = tuple(dict.fromkeys(one.event for some in given for one in some))
    return Answered(said[Answer.DISMISSED], said[Answer.CONTESTED])


def answerable_places(
    state: State, verdicts: pd.DataFrame, again: Collection[tuple[str, str, int]] = ()
) -> dict[str, list[dict[str, Any]]]:
    """Return the findings of flags, as a page asks about them, without those that were dismissed.

    Args:
        state: the campaign.
        verdicts: checks' flags on translations, columns of `data.ledger.tables.VERDICTS`.
        again: items (question_id, language, revision) to be read as if nobody had dismissed anything.

    Returns:
        By event_id of the verdict, its places: part, start, end, text, reason, fix, check, version, said (the
        verdict's reason), digest (of the part's text and its source's) and, where the translator contests it,
        contested (in words). Empty where everything was dismissed.
    """
    places, texts = places_of(state, verdicts["event_id"]), PartTexts(state, set(verdicts["subject"]))
    found: dict[str, list[dict[str, Any]]] = {}
    columns = ("event_id", "subject", "language", "revision", "check", "version", "reason")
    for event, subject, language, revision, check, version, said in zip(
        *(verdicts[name] for name in columns), strict=True
    ):
        whole = {**dict.fromkeys(_PLACE), "part": WHOLE, "text": "", "reason": said}
        found[event] = []
        for place in places.get(event, [whole]):
            digest = texts.digest(subject, language, int(revision), place["part"])
            key = FindingKey(subject, language, check, int(version), place["part"], digest)
            if (subject, language, int(revision)) not in again and answers_to(state, key, Answer.DISMISSED):
                continue
            facts = {"check": check, "version": int(version), "said": said, "digest": digest}
            contested = [_in_words(one.answer) for one in answers_to(state, key, Answer.CONTESTED)]
            against = {"contested": "; ".join(dict.fromkeys(contested))} if contested else {}
            found[event].append({**place, **facts, **against})
    return found


def answer_counts(state: State) -> list[dict[str, Any]]:
    """Return how people answered the findings of each check in each language.

    Returns:
        By language, then check: language, check, flagged (how many flags the texts had that somebody proofread),
        dismissed, contested and mended (how many findings; one flag may have several), why (how many dismissals
        by reason). A line for each check with any of these.
    """
    read = state.translations.loc[state.translations["kind"] == "proofread", [*_ITEM[:2], "draft_revision"]]
    read = read.drop_duplicates().rename(columns={"question_id": "subject", "draft_revision": "revision"})
    where = (pc.field("judge") == JUDGE) & pc.field("flagged")
    flags = state.ledger.read(tables.VERDICTS, ["subject", "language", "revision", "check"], where)
    flags = flags.drop_duplicates().merge(read, on=["subject", "language", "revision"])
    counts: dict[tuple[str, str], Counter[str]] = {}
    for place in zip(flags["language"], flags["check"], strict=True):
        counts.setdefault(place, Counter())["flagged"] += 1
    why: dict[tuple[str, str], Counter[str]] = {}
    for key, given in standing_answers(state).items():
        for answer in dict.fromkeys(one.answer.answer for one in given):  # one finding, whoever says it again
            counts.setdefault((key.language, key.check), Counter())[answer] += 1
        said = [one.answer.why for one in given if one.answer.answer == Answer.DISMISSED]
        if said:
            why.setdefault((key.language, key.check), Counter())[said[-1]] += 1
    return [
        {
            "language": language,
            "check": check,
            **{name: found[name] for name in ("flagged", *Answer)},
            "why": dict(sorted(why.get((language, check), Counter()).items())),
        }
        for (language, check), found in sorted(counts.items())
    ]


def _in_words(answer: FindingAnswered) -> str:
    return answer.words or REASONS.get(answer.why, answer.why)
