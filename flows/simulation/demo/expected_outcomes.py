"""The outcomes of the sample campaign, from its ledger, and where they differ from what its script expects.

The expectations are in data/sample/fates.toml. Nothing here knows how anything was decided: it reads verdicts,
decisions and events, and the report on the people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import pandas as pd

from annotation.forms.submitted_form import feedback
from data.ledger.events import QuizTaken
from data.ledger.human_verdicts import Recommendation
from data.sample import Fate, Sample, ScriptedFault
from flows.campaign_state import State
from flows.ledger_views.people.qualified_people import qualified_people
from flows.progress import counted


@dataclass(frozen=True)
class ItemOutcome:
    """The outcome of one item, from its verdicts and decisions.

    Attributes:
        fate: kept, revised then kept, corrected then kept, dropped, or undecided.
        revisions: how many were submitted.
        found_by: what flagged it in any revision; a proofreader's correction counts.
    """

    fate: str
    revisions: int
    found_by: frozenset[str]


def outcomes(state: State) -> dict[tuple[str, str], ItemOutcome]:
    """Return the outcome of every item of a campaign, by (question, language)."""
    source, targets = state.questions, state.translations
    items = pd.concat([source.assign(language=state.source_language), targets])
    revisions = items.groupby(["question_id", "language"])["revision"].max()
    columns = ["subject", "language", "check", "flagged", "score"]
    verdicts = state.verdicts_on(set(items["question_id"]), columns)
    verdicts["mended"] = (verdicts["check"] == "proofreading") & (verdicts["score"] < 1)
    hits = verdicts[verdicts["flagged"].eq(True).fillna(False) | verdicts["mended"]]
    found = hits.groupby(["subject", "language"])["check"].agg(frozenset).to_dict()
    mended = set(zip(hits["subject"][hits["mended"]], hits["language"][hits["mended"]], strict=True))
    decided = state.decisions.sort_values("revision").groupby(["subject", "language"])["outcome"].agg(list)
    items_in_order = cast("list[tuple[str, str]]", list(revisions.index))
    return {
        item: ItemOutcome(_fate(decided.get(item, []), item in mended), int(count), found.get(item, frozenset()))
        for item, count in zip(items_in_order, revisions, strict=True)
    }


def _fate(decided: list[str], mended: bool) -> str:
    if not decided or decided[-1] == "revise":
        return "undecided"
    if decided[-1] == "drop":
        return "dropped"
    if "revise" in decided:
        return "revised then kept"
    return "corrected then kept" if mended else "kept"


@dataclass(frozen=True)
class DemoOutcome:
    """Everything that the script has expectations about.

    Attributes:
        became: the outcome of every item, by (question, language).
        quizzes: how often each author took the quiz until they passed; only those who did.
        settled: of every disputed draft, by (question, draft): how many reviewed it, and how it ended ("outvoted"
            where no adjudicator was needed).
        told: what the assistant said about an author's first version and about the submitted one, by (question,
            draft).
        measured: how many of how many, by the measure's name.
    """

    became: Mapping[tuple[str, str], ItemOutcome]
    quizzes: Mapping[str, int]
    settled: Mapping[tuple[str, int], tuple[int, str]]
    told: Mapping[tuple[str, int], tuple[str, str]]
    measured: Mapping[str, tuple[int, int]]


def demo_outcome(state: State, people: Mapping[str, Any], said: Mapping[tuple[str, int], str]) -> DemoOutcome:
    """Return the course of a campaign.

    Args:
        state: the campaign.
        people: the report on its people, as `flows.reports.people_and_pay.people.people_facts` gives it.
        said: what the assistant said about the text before each draft, which is stored nowhere else.
    """
    return DemoOutcome(
        outcomes(state), _quizzes(state), _settled(state), _assistant_remarks(state, said), _measured(people)
    )


def _quizzes(state: State) -> Mapping[str, int]:
    taken = state.events(QuizTaken)["subject"].value_counts()
    return {person: int(taken.get(person, 0)) for person in sorted(qualified_people(state))}


def _settled(state: State) -> Mapping[tuple[str, int], tuple[int, str]]:
    """Return the drafts that an adjudicator decided, or that most of their reviewers kept."""
    verdicts = state.verdicts_on(
        set(state.questions["question_id"]),
        ["subject", "language", "revision", "check", "judge", "score", "flagged"],
    )
    here = verdicts[verdicts["language"] == state.source_language]
    kept = state.decisions[state.decisions["outcome"] == "keep"]
    stands = set(zip(kept["subject"], kept["language"], kept["revision"], strict=True))
    found = {}
    places = cast("list[tuple[str, int]]", list(here.groupby(["subject", "revision"], sort=True).size().index))
    for subject, revision in places:
        mine = here[(here["subject"] == subject) & (here["revision"] == revision)]
        reviewers = int((mine["check"] == "recommendation").sum())
        decided = mine["score"][mine["check"] == "adjudication"]
        objections = mine[mine["flagged"].eq(True).fillna(False) & (mine["judge"] != "check")]
        objections = objections[objections["check"].isin(["blind_answer", "recommendation"])]
        if len(decided):
            found[subject, int(revision)] = reviewers, str(Recommendation.of(decided.iloc[-1]))
        elif len(objections) and (subject, state.source_language, revision) in stands:
            found[subject, int(revision)] = reviewers, "outvoted"
    return found


def _assistant_remarks(
    state: State, said: Mapping[tuple[str, int], str]
) -> Mapping[tuple[str, int], tuple[str, str]]:
    items = zip(state.questions["question_id"], state.questions["revision"].astype(int), strict=True)
    events = {
        item: event for item, event in zip(items, state.questions["annotation"], strict=True) if item in said
    }
    results = state.results_of(set(events.values()))
    return {item: (said[item], feedback(results[event])) for item, event in events.items()}


def _measured(people: Mapping[str, Any]) -> Mapping[str, tuple[int, int]]:
    guessing, measures = people["guessing"], people["measures"]
    found, cues = measures["seen"]["all_found"], measures["seen"]["found"].get("cue", {"met": 0, "of": 0})
    readers = people["accuracy"]
    return {
        "guesses right": (round(guessing["n"] * (guessing["right"]["value"] or 0)), guessing["n"]),
        "plants found": (found["met"], found["of"]),
        "cues missed": (cues["of"] - cues["met"], cues["of"]),
        "rechecks objecting": (measures["recheck"]["faulty"], measures["recheck"]["judged"]),
        "readers right": (
            sum(round(one["answers"] * one["right"]["value"]) for one in readers),
            sum(one["answers"] for one in readers),
        ),
    }


# What was expected -----------------------------------------------------------------------------------------------


def differences(sample: Sample, found: DemoOutcome) -> list[str]:
    """Describe each difference between the script's expectations and what happened, in a sentence.

    Args:
        sample: its fates.toml holds the expectations.
        found: as `demo_outcome` gives it.
    """
    lines = [words for fault in sample.faults for words in fault_differs(fault, found.became)]
    lines += [words for fate in sample.fates for words in _fate_differs(fate, sample, found.became)]
    return lines + list(_people_differ(sample, found))


def _people_differ(sample: Sample, found: DemoOutcome) -> Iterator[str]:
    for author in sample.qualified:
        if (times := found.quizzes.get(author.person, 0)) != author.attempts:
            took = f"passes the quiz at attempt {times}" if times else "does not pass the quiz"
            yield f"{author.person}: {took}, not at attempt {author.attempts}"
    for dispute in sample.settled:
        where = f"the dispute about {dispute.question}, draft {dispute.draft}"
        reviewers, end = found.settled.get((dispute.question, dispute.draft), (0, "none"))
        if (reviewers, end) != (dispute.reviewers, dispute.end):
            yield f"{where}: {end} after {reviewers} reviewers, not {dispute.end} after {dispute.reviewers}"
    expected = {(dispute.question, dispute.draft) for dispute in sample.settled}
    for question, draft in sorted(set(found.settled) - expected):
        yield f"{question}, draft {draft}: was disputed, which was not expected"
    for words in sample.told:
        before, after = found.told.get((words.question, words.draft), ("", ""))
        where = f"what the assistant says of {words.question}, draft {words.draft}"
        if words.said not in before:
            yield f"{where}: “{before}”, which does not hold “{words.said}”"
        if not after or words.said in after:
            yield f"{where}, at the end: “{after}”, which must say something else than “{words.said}”"
    for measure in sample.measured:
        if (counts := found.measured[measure.name]) != (measure.met, measure.of):
            yield f"{measure.name}: {counts[0]} of {counts[1]}, not {measure.met} of {measure.of}"


def fault_differs(fault: ScriptedFault, became: Mapping[tuple[str, str], ItemOutcome]) -> Iterator[str]:
    """Yield where a fault was not found by whom it should be, or did not end as it should."""
    item = became.get((fault.question, fault.language))
    where = f"“{fault.name}” in {fault.question}, {fault.language}"
    if item is None:
        yield f"{where}: nothing was submitted"
        return
    if item.fate != fault.fate:
        yield f"{where}: {item.fate}, not {fault.fate}"
    missed = sorted(set(fault.found_by) - item.found_by)
    if missed:
        yield f"{where}: not found by {', '.join(missed)}"


def _fate_differs(fate: Fate, sample: Sample, became: Mapping[tuple[str, str], ItemOutcome]) -> Iterator[str]:
    languages = {passage.language for passage in sample.passages} - set(sample.translations)
    item = became.get((fate.question, *languages))  # type: ignore[arg-type]
    if item is None:
        yield f"{fate.question}: nothing was submitted"
        return
    outcome = {"dropped": "drop", "undecided": "undecided"}.get(item.fate, "keep")
    if outcome != fate.outcome:
        yield f"{fate.question}: {outcome}, not {fate.outcome}"
    if item.revisions != fate.revisions:
        yield f"{fate.question}: {counted(item.revisions, 'revision')}, not {fate.revisions}"
