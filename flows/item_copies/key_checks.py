"""Key checks: a share of the accepted translations, answered blind by people who had no part in them.

A digest draws the items of each language, so that nobody chooses and a revision changes nothing about the draw. An
item goes, on the page for blind answers and without its key, to somebody who works in its language and had nothing
to do with it. A wrong answer asks a second person; then the lead is asked. What is found is evidence about the key
of that text (`qc.decisions.key_evidence`): it decides nothing by itself, nobody waits for it, and it is no measure
of people, whose accuracy only the human baseline tells. Another text is asked about anew.
"""

from __future__ import annotations

import shlex
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow.compute as pc

from data.campaign.settings import KEY_READERS
from data.ledger import tables
from data.ledger.item_copy_ids import copy_id
from data.ledger.tables import digest
from data.release.evidence_file import ItemEvidence
from flows.assignment import copy_readers
from flows.assignment.due_work import Due, turned_away
from flows.campaign_state import State, among, by_key, ledger_view, moments
from flows.inspection.agenda_point import AgendaPoint
from flows.ledger_views.current_items import accepted_translations
from flows.ledger_views.key_answers import Item, key_answers
from flows.ledger_views.review_subject import correct_answer_of
from flows.ledger_views.translations.glossary_terms import campaign_terms
from qc.decisions.key_evidence import KeyEvidence, KeyLevel, Moment, key_evidence


@dataclass(frozen=True)
class CheckedItem:
    """An accepted translation, and what is known of its key.

    Attributes:
        question_id: of its question.
        passage_id: of its passage.
        language: its code.
        revision: of its text; an earlier one than the latest if that reads the same and was read.
        drawn: whether it is to be answered blind.
        evidence: what the answers to this text say.
        outdated: whether people have answered another text of it, and nobody this one.
    """

    question_id: str
    passage_id: str
    language: str
    revision: int
    drawn: bool
    evidence: KeyEvidence
    outdated: bool

    @property
    def item(self) -> Item:
        """The question_id and the language."""
        return self.question_id, self.language


def is_drawn(campaign: str, question_id: str, language: str, share: float) -> bool:
    """Return whether an item is drawn to be answered blind; the same in every revision.

    Args:
        campaign: its id, so that two campaigns on the same passages draw differently.
        question_id: of the question.
        language: the item's.
        share: of the items that are drawn; with a larger share the same ones are, and more.
    """
    return int(digest("key_check", campaign, question_id, language)[:12], 16) < share * 16**12


@ledger_view
def checked_items(state: State) -> tuple[CheckedItem, ...]:
    """Return the accepted translations that are drawn or were answered blind; none where `[key_check]` is off."""
    languages = state.campaign.key_check_languages
    if not languages:
        return ()
    now = accepted_translations(state)
    now = now[among(now["language"], languages)]
    share, known, read, kept = state.campaign.key_check.share, key_answers(state), _read(state, now), _kept(state)
    found = []
    columns = (now[name] for name in ("question_id", "passage_id", "language", "revision"))
    for subject, passage_id, language, latest in zip(*columns, strict=True):
        item = subject, language
        drawn = is_drawn(state.campaign.id, subject, language, share)
        if not drawn and item not in known:
            continue
        revision = read.get(item, int(latest))
        answers = known.get(item, {}).get(revision, [])
        words = [moment for of, moment in kept[item] if of >= revision]
        evidence = key_evidence(answers, max(words, default=None))
        outdated = not answers and item in known
        found.append(CheckedItem(subject, passage_id, language, revision, drawn, evidence, outdated))
    return tuple(found)


def _read(state: State, now: pd.DataFrame) -> dict[Item, int]:
    """Return the revision that was answered of each item whose latest reads the same and has no answers itself."""
    known = key_answers(state)
    asked = {
        (subject, language): int(revision)
        for subject, language, revision in zip(now["question_id"], now["language"], now["revision"], strict=True)
        if known.get((subject, language)) and int(revision) not in known[subject, language]
    }
    texts = by_key(
        state.translation_texts({subject for subject, _ in asked}), "question_id", "language", "revision"
    )

    def text(subject: str, language: str, revision: int) -> tuple[object, ...]:
        row = texts[subject, language, revision]
        key = correct_answer_of(state, subject, language, revision)
        return row["question"], *row["answers"], key, int(row["passage_revision"])

    found = {}
    for item, latest in asked.items():
        same = [revision for revision in known[item] if text(*item, revision) == text(*item, latest)]
        if same:
            found[item] = max(same)
    return found


def _kept(state: State) -> dict[Item, list[tuple[int, Moment]]]:
    """Return when the lead kept which revision of each item."""
    spoken = state.decisions
    spoken = spoken[(spoken["decided_by"] == "lead") & (spoken["outcome"] == "keep")]
    found: dict[Item, list[tuple[int, Moment]]] = defaultdict(list)
    columns = (spoken[name] for name in ("subject", "language", "revision"))
    for subject, language, revision, moment in zip(*columns, moments(spoken, "decided_at"), strict=True):
        found[subject, language].append((int(revision), moment))
    return found


def due(state: State) -> Iterator[Due]:
    """Yield the blind answers that drawn items want, for people without a part in them.

    Reviewers of a language are asked before its proofreaders and translators, and who read an earlier text of the
    item, or the item in another language, never or last: they may remember what they chose.
    """
    wanted = [one for one in checked_items(state) if one.drawn]
    if not wanted:
        return
    subjects = {one.question_id for one in wanted}
    met = copy_readers.people_involved(state, subjects, apart="key_check")
    given = _given(state, subjects)
    hands = {
        code: {p.code for role in KEY_READERS[1:] for p in state.campaign.people_for(role, code)}
        - {p.code for p in state.campaign.people_for("reviewing", code)}
        for code in {one.language for one in wanted}
    }
    for one in wanted:
        readers = given[one.question_id]
        now = {person for language, n, person in readers if (language, n) == (one.language, one.revision)}
        before = {person for language, _, person in readers if language == one.language} - now
        elsewhere = {person for language, _, person in readers if language != one.language} - now - before
        yield Due(
            "answering", one.language, one.passage_id, copy_id(one.question_id, "key_check"), one.revision,
            never=frozenset(met[one.question_id] | elsewhere), last=frozenset(hands[one.language] | before),
            count=one.evidence.readers_wanted, roles=KEY_READERS,
        )  # fmt: skip


def _given(state: State, subjects: Collection[str]) -> dict[str, set[tuple[str, int, str]]]:
    """Return the language, the revision and the person of every key check handed out, by question_id."""
    copies = {copy_id(subject, "key_check"): subject for subject in subjects}
    mine = state.tasks[among(state.tasks["question_id"], copies)]
    found: dict[str, set[tuple[str, int, str]]] = defaultdict(set)
    columns = (mine[name] for name in ("question_id", "language", "revision", "person"))
    for copy, language, revision, person in zip(*columns, strict=True):
        found[copies[copy]].add((language, int(revision), person))
    return found


def for_the_lead(state: State, alone: Collection[Item]) -> Iterator[AgendaPoint]:
    """Yield a line for each item whose key is disputed by as many readers as can be asked.

    Args:
        state: the campaign.
        alone: the items for which another reader is wanted and nobody is left.
    """
    for one in checked_items(state):
        evidence = one.evidence
        if evidence.level is not KeyLevel.DISPUTED or (evidence.readers == 1 and one.item not in alone):
            continue
        chose = "; ".join(sorted(answer.words for answer in evidence.wrong))
        who = f"{len(evidence.wrong)} of {evidence.readers} who answered it blind did not choose it"
        item = shlex.quote(f"{one.question_id}/{one.language}")
        yield AgendaPoint(
            f"the key of {one.question_id} in {one.language}: {who} ({chose})",
            f"belebele decide {item} keep|revise --reason …",
        )


def key_check_facts(state: State) -> dict[str, dict[str, int]]:
    """Return how far key checks have come, by language, in the campaign's order; {} where they are off.

    Returns:
        drawn (accepted items that are drawn), unread, one, two and disputed (how many of the drawn have this
        level), open (tasks), outdated (of the unread: another text was read), nobody (of the unread: nobody
        without a part in it is left to ask).
    """
    languages = state.campaign.key_check_languages
    found: dict[str, Counter[str]] = {code: Counter() for code in languages}
    left = _left(state)
    for one in checked_items(state):
        if one.drawn:
            level = one.evidence.level
            nobody = level is KeyLevel.UNREAD and (copy_id(one.question_id, "key_check"), one.language) in left
            found[one.language].update(
                {"drawn": 1, str(level): 1, "outdated": int(one.outdated), "nobody": int(nobody)}
            )
    copies = {copy_id(one.question_id, "key_check") for one in checked_items(state)}
    tasks = state.tasks[state.tasks["open"] & among(state.tasks["question_id"], copies)]
    for code in tasks["language"]:
        if code in found:
            found[code]["open"] += 1
    names = ("drawn", *map(str, KeyLevel), "open", "outdated", "nobody")
    return {code: {name: counts[name] for name in names} for code, counts in found.items()}


def _left(state: State) -> set[Item]:
    """Return the copies, with their languages, that nobody has or may be given."""
    away, _ = turned_away(state)
    people = {
        code: {person.code for role in KEY_READERS for person in state.campaign.people_for(role, code)}
        for code in state.campaign.key_check_languages
    }
    return {
        (piece.question_id, piece.language)
        for piece in due(state)
        if all(
            code in piece.never or (piece.stage, piece.language, piece.passage_id, code) in away
            for code in people[piece.language]
        )
    }


def item_evidence(state: State, items: pd.DataFrame) -> list[ItemEvidence]:
    """Return what a release says of the keys of translated items; nothing where `[key_check]` is off.

    Args:
        state: the campaign.
        items: the release's: question_id, language, revision.
    """
    languages = state.campaign.key_check_languages
    if not languages:
        return []
    known = {one.item: one.evidence for one in checked_items(state)}
    mine = items[among(items["language"], languages)]
    margins, terms = _order_margins(state, set(mine["question_id"])), _terms(state, mine)
    found = []
    for subject, language, revision in zip(
        items["question_id"], items["language"], items["revision"], strict=True
    ):
        if language in languages:
            evidence = known.get((subject, language), KeyEvidence(KeyLevel.UNREAD))
            item = (subject, language, int(revision))
            found.append(
                ItemEvidence(
                    subject, language, evidence.readers, evidence.right, margins.get(item), terms[item],
                    str(evidence.level),
                )
            )  # fmt: skip
    return found


def _terms(state: State, items: pd.DataFrame) -> dict[tuple[str, str, int], float | None]:
    """Return the share of the key's terms and names that each item has as its passage does (`KeyTerms.share`)."""
    from qc.decisions.key_terms import KeyText, key_terms  # a release needs it, and no other run

    texts = by_key(state.translation_texts(set(items["question_id"])), "question_id", "language", "revision")
    questions = by_key(state.questions, "question_id", "revision")
    glossary = campaign_terms(state).by_language
    found: dict[tuple[str, str, int], float | None] = {}
    for subject, language, revision in zip(
        items["question_id"], items["language"], items["revision"], strict=True
    ):
        item = (subject, language, int(revision))
        own = texts[item]
        question = questions[subject, own["question_revision"]]
        place = int(question["key"]) - 1
        passages = {
            code: state.passage_revisions(own["passage_id"], code)[int(one["passage_revision"])]
            for code, one in ((state.source_language, question), (language, own))
        }
        source = KeyText(state.source_language, passages[state.source_language], list(question["answers"])[place])
        target = KeyText(language, passages[language], list(own["answers"])[place])
        found[item] = key_terms(source, target, glossary.get(language)).share
    return found


_MARGINS_SINCE = 2
"""The version of `options_swapped` from which on its score says by how much the order of the options fits."""


def _order_margins(state: State, subjects: Collection[str]) -> dict[tuple[str, str, int], float]:
    """Return how clearly the options' order fits their source's, in [-1, 1]; only what could be judged.

    The score is the share of the order as it stands against the best other one; the margin is the difference of
    the two.
    """
    where = (pc.field("check") == "options_swapped") & (pc.field("version") >= _MARGINS_SINCE)
    columns = ["subject", "language", "revision", "score", "judged_at", "sequence"]
    said = state.ledger.read(tables.VERDICTS, columns, where)
    said = said[among(said["subject"], subjects) & said["score"].notna()]
    said = said.sort_values(["sequence", "judged_at"], kind="stable")
    lines = zip(said["subject"], said["language"], said["revision"], said["score"], strict=True)
    return {
        (subject, code, int(revision)): round(2 * float(score) - 1, 3) for subject, code, revision, score in lines
    }
