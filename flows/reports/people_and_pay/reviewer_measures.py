"""Reviewer measures: what plants, rechecks and the baseline showed, from the ledger alone.

They concern no single item of the benchmark and never reach the items: they tell how far the people who decided
about the items can be trusted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.ledger.tables import FaultKind
from flows.campaign_state import State
from flows.item_copies import human_baseline, rechecks
from flows.item_copies.human_baseline import Answered
from flows.item_copies.plants import MADE_BY_LEAD
from flows.ledger_views.current_items import kept_questions
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks
from qc.reviewers.residual_faults import (
    LEAST_ALARMS,
    ObjectionCount,
    PlantEstimate,
    RecheckEstimate,
    audited,
    estimate,
)
from qc.reviewers.reviewer_recall import PlantFindings, objections, readings, seen

_VERDICT = ["subject", "revision", "check", "judge", "flagged", "sequence", "judged_at"]


@dataclass(frozen=True)
class Measures:
    """All three measures.

    Attributes:
        made: plants by kind, whether anybody read them or not.
        seen: what reviewers noticed in the lead's plants, and in those whose question was accepted unchanged.
        remaining: faults that remain among the accepted questions, estimated from the plants.
        alarms_from: the basis of the false-alarm estimate: "sound copies", or "accepted questions" (objections
            that were overruled; too few, since what was objected to was mostly sent back, so the estimate
            errs towards more faults).
        recheck: faults that remain among the accepted questions, from the rechecks.
        baseline: how far the human baseline has come, by language.
    """

    made: Mapping[FaultKind, int]
    seen: PlantFindings
    remaining: PlantEstimate
    alarms_from: str
    recheck: RecheckEstimate
    baseline: tuple[Answered, ...]


def measures(state: State) -> Measures:
    """Compute all measures; reads every verdict that people gave on questions."""
    looked = plants_seen(state)
    remaining, source = _remaining(state, looked)
    return Measures(
        made=made(state),
        seen=looked,
        remaining=remaining,
        alarms_from=source,
        recheck=recheck(state),
        baseline=human_baseline.baseline_progress(state),
    )


def made(state: State) -> Mapping[FaultKind, int]:
    """Return how many plants there are of each kind."""
    return Counter(facts.kind for facts in plants_by_id(state).values())


def plants_seen(state: State) -> PlantFindings:
    """Return what reviewers noticed in the plants that count: the lead's, and those by rule whose question was
    accepted unchanged.

    A question that was sent back or dropped may have had a fault of its own, and so may its copy.
    """
    return seen(*_plants_read(state))


def _plants_read(state: State) -> tuple[pd.DataFrame, Mapping[str, FaultKind]]:
    """Return the readings of the plants that count, and the kind of each plant."""
    kept = state.decisions[(state.decisions["outcome"] == "keep")]
    accepted = set(zip(kept["subject"], kept["language"], kept["revision"].astype(int), strict=True))
    kinds: dict[str, FaultKind] = {
        plant: facts.kind
        for plant, facts in plants_by_id(state).items()
        if facts.made_by == MADE_BY_LEAD or (facts.question_id, state.source_language, facts.revision) in accepted
    }
    return readings(state.verdicts_on(kinds.keys(), _VERDICT)), kinds


def recheck(state: State) -> RecheckEstimate:
    """Return the faults among the accepted questions, estimated from the rechecks so far."""
    said = rechecks.recheck_findings(state)
    return audited(len(kept_questions(state)), len(said), int(said["flagged"].ne(False).fillna(True).sum()))


def _remaining(state: State, looked: PlantFindings) -> tuple[PlantEstimate, str]:
    questions = state.questions
    verdicts = state.verdicts_on(set(questions["question_id"]), _VERDICT)
    read = readings(verdicts)
    kept = kept_questions(state)[["question_id", "revision"]].rename(columns={"question_id": "subject"})
    objected: dict[tuple[str, int], list[bool]] = defaultdict(list)  # of every reviewed revision, in order
    for subject, revision, objects in zip(read["subject"], read["revision"], read["objects"], strict=True):
        objected[subject, int(revision)].append(bool(objects))
    first = [(sum(said[:2]), len(said[:2])) for said in objected.values()]
    every = {place: (sum(said), len(said)) for place, said in objected.items()}
    settled = _adjudicated(verdicts)
    accepted: list[ObjectionCount] = []
    for place in kept.itertuples(index=False, name=None):
        met, of = every.get(place, (0, 0))
        more = settled.get(place, (0, 0))
        if of:
            accepted.append((met + more[0], of + more[1]))
    alarms, source = _alarms(looked, every, kept)
    recall: dict[FaultKind, ObjectionCount] = {kind: (one.met, one.of) for kind, one in looked.found.items()}
    return estimate(recall, alarms, first, accepted), source


def _adjudicated(verdicts: pd.DataFrame) -> dict[tuple[str, int], ObjectionCount]:
    """Return the adjudicators' verdicts as additional readings, by question and revision."""
    said = verdicts[verdicts["check"] == "adjudication"].drop_duplicates(["subject", "revision"], keep="last")
    found = zip(said["subject"], said["revision"].astype(int), said["flagged"], strict=True)
    return {(subject, revision): (int(flagged is not False), 1) for subject, revision, flagged in found}


def _alarms(
    looked: PlantFindings, every: Mapping[tuple[str, int], ObjectionCount], kept: pd.DataFrame
) -> tuple[ObjectionCount, str]:
    """Return how often reviewers object to sound questions, and how that is known."""
    if looked.alarms.of >= LEAST_ALARMS:
        return (looked.alarms.met, looked.alarms.of), "sound copies"
    counts = [every[place] for place in kept.itertuples(index=False, name=None) if place in every]
    return (sum(met for met, _ in counts), sum(of for _, of in counts)), "accepted questions"


def in_brief(state: State) -> dict[str, Any]:
    """Return what `status` shows, as plain data; {} where nothing is measured.

    Returns:
        plants (made; open and submitted: tasks; found: readings that objected, of: readings of faulty ones,
        alarms and sound: the same for sound copies), recheck (drawn, judged, objected, low and high: of the faults
        among all accepted questions), baseline (answers wanted and given, by language).
    """
    brief: dict[str, Any] = {}
    if plants_by_id(state):
        tasks = state.tasks[state.tasks["task_key"].isin(list(plants_of_tasks(state)))]
        (found, of), (alarms, sound) = objections(*_plants_read(state))
        brief["plants"] = {
            "made": len(plants_by_id(state)),
            "open": int(tasks["open"].sum()),
            "submitted": int(tasks["done"].sum()),
            "found": found,
            "of": of,
            "alarms": alarms,
            "sound": sound,
        }
    if state.campaign.recheck.recheck_share:
        again = recheck(state)
        brief["recheck"] = {
            "drawn": len(rechecks.drawn_questions(state)),
            "judged": again.judged,
            "objected": again.faulty,
            "low": again.low,
            "high": again.high,
        }
    if answers := human_baseline.baseline_progress(state):
        brief["baseline"] = {one.language: {"wanted": one.wanted, "given": one.given} for one in answers}
    return brief


def measures_in_words(brief: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the facts of `in_brief` for people: labels and sentences."""
    lines = []
    if plants := brief.get("plants"):
        sound = f"; false alarms {plants['alarms']} of {plants['sound']}" if plants["sound"] else ""
        tasks = f"{plants['made']} made, {plants['open']} tasks open, {plants['submitted']} submitted"
        lines.append(("Plants", f"{tasks}; found in {plants['found']} of {plants['of']} readings{sound}"))
    if again := brief.get("recheck"):
        words = f"{again['judged']} of {again['drawn']} drawn judged anew, {again['objected']} not to be kept"
        if again["judged"]:
            words += f"; so {again['low']:.1%} to {again['high']:.1%} of all accepted (95 %)"
        lines.append(("Rechecks", words))
    if answers := brief.get("baseline"):
        words = ", ".join(f"{code} {one['given']} of {one['wanted']}" for code, one in answers.items())
        lines.append(("Baseline answers", words))
    return lines
