"""The errata of a release: the corrections and withdrawals that it tells, noted in the ledger with its version.

What changed is computed from the revisions: the one that was reported, and the first one accepted after it. A note
says which version told it first, so that later releases, wherever their predecessors lie, say the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.ledger import tables
from data.ledger.events import ErratumReleased
from data.release.anonymity import People
from data.release.versions.errata import CorrectedText, Erratum, WithdrawnItem, version_order
from flows.campaign_state import State, by_key
from flows.ledger_views.patches.error_reports import ErrorReport, error_reports
from flows.ledger_views.patches.released_errata import told_since, withdrawn_items
from flows.ledger_views.patches.reopened_items import dismissal
from flows.ledger_views.split_sides import split_sides


@dataclass(frozen=True)
class ReleaseErrata:
    """What a release tells of errors.

    Attributes:
        corrected: by version, item and patch.
        withdrawn: by item.
        notes: what the lead is to know, one sentence each.
    """

    corrected: tuple[Erratum, ...]
    withdrawn: tuple[WithdrawnItem, ...]
    notes: tuple[str, ...]


def release_errata(
    state: State, version: str, items: Collection[str], languages: Sequence[str], people: People
) -> ReleaseErrata:
    """Return what a release tells of errors; nothing is noted yet.

    Args:
        state: the campaign.
        version: of the release.
        items: the released question_ids.
        languages: the released ones.
        people: nobody of whom may be named: lines that do are left out, and so is their credit.
    """
    told, texts = told_since(state), _Revisions(state)
    corrected, notes = [], list[str]()
    for report in error_reports(state):
        if report.question_id not in items and report.patch not in told:
            continue
        changes = tuple(change for change in texts.changes(report) if change.language in languages)
        if not changes or dismissal(state, report) is not None:
            continue
        since = min(told.get(report.patch, version), version, key=version_order)
        corrected.append(
            Erratum(
                report.patch, since, report.question_id, report.language, texts.column(report), report.error,
                report.credit, report.url, changes,
            )
        )  # fmt: skip
    gone = [
        replace(one, version=min(one.version or version, version, key=version_order))
        for one in withdrawn_items(state)
    ]
    safe = [_without_people(one, people) for one in corrected]
    kept = [replace(one, reason=people.taken_out(one.reason), credit=_credit(one.credit, people)) for one in gone]
    if safe != corrected or kept != gone:
        notes.append(
            "a report named somebody who works on the campaign; what named them was left out of the changelog"
        )
    safe.sort(key=lambda one: (version_order(one.version), one.item_id, one.patch))
    return ReleaseErrata(tuple(safe), tuple(kept), tuple(notes))


def changed_texts(state: State, report: ErrorReport) -> tuple[CorrectedText, ...]:
    """Return what was changed since a report; nothing before it is accepted."""
    return tuple(_Revisions(state).changes(report))


def note(state: State, errata: ReleaseErrata, version: str) -> None:
    """Note which version tells of what, where no lower one is noted."""
    told = told_since(state)
    subjects = [one.patch for one in errata.corrected] + [one.item_id for one in errata.withdrawn]
    new = [
        subject
        for subject in subjects
        if subject not in told or version_order(version) < version_order(told[subject])
    ]
    state.ledger.append(tables.EVENTS, [ErratumReleased(version).row(subject) for subject in new])


def _without_people(one: Erratum, people: People) -> Erratum:
    changes = tuple(
        replace(change, old=people.taken_out(change.old)) if people.named(change.old, None) else change
        for change in one.changes
    )
    error = people.taken_out(one.error) if people.named(one.error, None) else one.error
    return replace(one, error=error, credit=_credit(one.credit, people), changes=changes)


def _credit(credit: str, people: People) -> str:
    return "" if people.named(credit) else credit


class _Revisions:
    """The revisions of reported items, and what changed between them."""

    def __init__(self, state: State) -> None:
        self._state = state
        subjects = {report.question_id for report in error_reports(state)}
        questions = state.questions[state.questions["question_id"].isin(list(subjects))]
        self._questions = by_key(questions, "question_id", "revision")
        self._translations = by_key(state.translation_texts(subjects), "question_id", "language", "revision")
        said = state.decisions
        kept = said[(said["outcome"] == "keep") & said["subject"].isin(list(subjects))]
        columns = (kept[name] for name in ("subject", "language", "revision"))
        self._kept = {(subject, code, int(revision)) for subject, code, revision in zip(*columns, strict=True)}

    def column(self, report: ErrorReport) -> str:
        """Return the column of the release that a report is about."""
        if report.part.startswith("option_"):
            order = split_sides(self._state)[report.question_id].order
            return f"mc_answer{order.index(int(report.part[-1])) + 1}"
        return {"key": "correct_answer_num", "passage": "flores_passage"}.get(report.part, report.part)

    def changes(self, report: ErrorReport) -> Iterator[CorrectedText]:
        """Yield what was changed since a report, language by language; nothing before it is accepted."""
        subject, source = report.question_id, self._state.source_language
        if report.language == source:
            old = report.revision
            new = self._first_kept(subject, source, old)
        else:
            before = self._translations.get((subject, report.language, report.revision))
            first = self._first_kept(subject, report.language, report.revision)
            if before is None or first is None:
                return
            after = self._translations[subject, report.language, first]
            old, new = int(before["question_revision"]), int(after["question_revision"])
            if old == new:
                yield from self._between(subject, report.language, before, after)
                return
        if new is None:
            return
        yield from self._between(subject, source, self._questions[subject, old], self._questions[subject, new])
        for language in self._state.campaign.languages.targets:
            if pair := self._rendered(subject, language, old, new):
                yield from self._between(subject, language, *pair)

    def _first_kept(self, subject: str, language: str, after: int) -> int | None:
        """Return the first accepted revision after another one."""
        later = [r for s, code, r in self._kept if (s, code) == (subject, language) and r > after]
        return min(later, default=None)

    def _rendered(
        self, subject: str, language: str, old: int, new: int
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
        """Return the last accepted translation of a question's old revision and the first one of its new one."""
        mine = [
            self._translations[key]
            for key in sorted(self._kept)
            if key[:2] == (subject, language) and key in self._translations
        ]
        former = [text for text in mine if int(text["question_revision"]) <= old]
        later = [text for text in mine if int(text["question_revision"]) >= new]
        return (former[-1], later[0]) if former and later else None

    def _between(
        self, subject: str, language: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> Iterator[CorrectedText]:
        former, present = (self._shown(subject, language, text) for text in (before, after))
        for name, old in former.items():
            if old != present[name]:
                yield CorrectedText(language, name, old, present[name])

    def _shown(self, subject: str, language: str, text: Mapping[str, Any]) -> dict[str, str]:
        """Return a revision as the release shows it."""
        order = split_sides(self._state)[subject].order
        key = text["key"] if "key" in text else self._questions[subject, int(text["question_revision"])]["key"]
        passages = self._state.passage_revisions(str(text["passage_id"]), language)
        return {
            "flores_passage": passages[int(text["passage_revision"])],
            "question": str(text["question"]),
            **{f"mc_answer{place}": str(text["answers"][one - 1]) for place, one in enumerate(order, start=1)},
            "correct_answer_num": str(order.index(int(key)) + 1),
        }
