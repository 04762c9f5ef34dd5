"""Author qualification: checks trial questions, and records who passed or failed both bars.

Each author's standing follows from the ledger: `flows.ledger_views.people.author_standings.standings`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pandas as pd

from data.errors import UsageError
from data.items import source_items
from data.ledger import tables
from data.ledger.events import NotQualified, Qualified, TrialChecked
from data.ledger.tables import Row
from flows.assignment.due_work import turned_away
from flows.campaign_state import State
from flows.check_suites import QUESTION_SUITE, policy
from flows.inspection.agenda_point import AgendaPoint
from flows.ledger_views.people import quiz_versions
from flows.ledger_views.people.author_standings import AuthorStanding, place_of_trial, standings
from flows.ledger_views.people.qualified_people import qualified_people
from flows.ledger_views.posed_copies import trials_by_id
from qc.check_run import run
from qc.checks.shortcut_checks import given_away


def qualify(state: State) -> int:
    """Check the new trial questions, and record who passed and who failed; return how many passed."""
    if not state.campaign.qualification.required:
        return 0
    new = [subject for subject in trials_by_id(state) if subject not in set(state.events(TrialChecked)["subject"])]
    state.ledger.append(tables.EVENTS, [_checked(state, subject) for subject in new])
    state = state.fresh()
    rows = [_outcome(state, one) for one in standings(state) if one.step in ("passed", "failed")]
    known = state.events(NotQualified)
    recorded = set(zip(known["subject"], known["detail"], strict=True))
    rows = [row for row in rows if (row["subject"], row["detail"]) not in recorded]
    return state.ledger.append(tables.EVENTS, rows)


def _checked(state: State, subject: str) -> Row:
    """Return what the checks would send a trial question back for if it were a question of the campaign."""
    facts = trials_by_id(state)[subject]
    line = {
        "question_id": subject, "passage_id": facts.passage_id, "question_number": place_of_trial(subject)[2],
        "revision": 1, "language": state.source_language, "question": facts.question,
        "answers": list(facts.answers), "key": facts.key,
    }  # fmt: skip
    items = source_items(pd.DataFrame([line]), state.texts_of({facts.passage_id}, {state.source_language}))
    suite = tuple(one for one in QUESTION_SUITE if one is not given_away)  # it needs a reading of the whole set
    found = run(suite, items, now=datetime.now(UTC), parameters=state.campaign.checks)
    rules = policy(state, state.campaign.review.max_returns)
    objections = [
        row["reason"] or row["check"]
        for row in found.verdicts
        if row["flagged"] and rules.effect(row["check"]) == "revise"
    ]
    return TrialChecked(objections).row(subject, state.source_language)


def _outcome(state: State, one: AuthorStanding) -> Row:
    return _event(state, Qualified if one.step == "passed" else NotQualified, one, by="rule")


def _event(state: State, kind: type[Qualified | NotQualified], one: AuthorStanding, by: str) -> Row:
    version = quiz_versions.quiz_of(state, one.asked).version
    said = kind(one.quiz, one.kept, [trial.subject for trial in one.trials], version, by)
    return said.row(one.person, state.source_language)


def let_in(state: State, person: str) -> str:
    """Admit an author by the lead's decision, whatever their results; return what was done, in words.

    Raises:
        UsageError: there is no such person, they are no author, or they have qualified.
    """
    found = state.campaign.person(person)
    if found not in state.campaign.people_for("authoring", state.source_language):
        raise UsageError(
            f"{person} does not write questions: give {person} the role authoring in {state.source_language} first"
        )
    if person in qualified_people(state):
        raise UsageError(f"{person} is qualified already")
    mine = next((one for one in standings(state) if one.person == person), AuthorStanding(person, "quiz"))
    state.ledger.append(tables.EVENTS, [_event(state, Qualified, mine, by="lead")])
    idle = (
        ""
        if state.campaign.qualification.required
        else " (which no author needs: qualification.required is false)"
    )
    return f"{person} may write questions{idle}"


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield what only the lead can settle, one line each, with the command that settles it."""
    away, _ = turned_away(state)
    for one in standings(state):
        cure = f"belebele qualify {one.person}, or name another author"
        if one.step == "failed":
            bar = state.campaign.qualification
            why = (
                f"quiz {one.quiz:.0%} in {bar.max_attempts} attempts, {bar.min_quiz_share:.0%} is wanted"
                if one.quiz is not None and one.quiz < bar.min_quiz_share
                else f"{one.kept} of {bar.trials} trials kept in attempt {bar.max_attempts}, "
                f"{bar.min_kept_trials} wanted"
            )
            yield AgendaPoint(f"{one.person} did not qualify ({why})", cure)
        elif one.step == "quiz" and ("qualifying", state.source_language, "", one.person) in away:
            yield AgendaPoint(f"{one.person} turned the quiz down", cure)
