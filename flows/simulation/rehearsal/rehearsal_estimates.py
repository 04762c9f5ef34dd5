"""The results of a rehearsal: weeks, hours and cost, what was sent back, and which faults got through.

The calendar is computed afterwards from the drawn times: everybody works their weekly hours on what is ready, in
the order in which it became ready, and a task is ready when what it rests on is done. Intervals of hours and cost
come from resampling passages with all work on them; those of the calendar from redrawing how long each task takes.
Intervals of shares are exact (Clopper and Pearson).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from data.ledger.item_copy_ids import original, trial_of
from data.ledger.tables import STAGES, passage_of
from flows.ledger_views.question_slots import question_slots
from flows.reports.people_and_pay.reviewer_measures import measures
from flows.simulation.rehearsal.worker_profiles import KIND, RENDERED, WRITTEN
from qc.reviewers.reviewer_recall import rate
from qc.reviewers.reviewers_needed import find, needed

if TYPE_CHECKING:
    from flows.campaign_state import State
    from flows.reports.people_and_pay.reviewer_measures import Measures
    from flows.simulation.rehearsal.rehearsal import FinishedTask, PlayedRehearsal
    from qc.reviewers.residual_faults import PlantEstimate, RecheckEstimate
    from qc.reviewers.reviewer_recall import Rate

FORMAT = "belebele-rehearsal/1"

DRAWS = 1000
CALENDARS = 200

Facts = dict[str, Any]


def rehearsal_facts(played: PlayedRehearsal) -> Facts:
    """Return all results of a rehearsal, as plain data.

    Returns:
        `format`, `campaign` (id, passages, languages, people, seed), `weeks` (with low and high), `work` (a line
        per role and language, and of all: tasks, hours and cost with low and high), `rework` (a line per language:
        items, how many went back how often, kept, dropped, waiting), `faults` (a line per language and kind: made,
        caught by checks, reviewers or proofreaders, slipped, open, the share slipped with low and high),
        `accepted` (a line per language: faulty of the accepted), `estimates` (a line for plants and one for
        rechecks, where the campaign has them: what they say of the share that is faulty in the source language),
        `reviewers` (what 1 to 5 of them find), `wanted` and `needed`, `gaps`.
    """
    state, script = played.state, played.script
    campaign = state.campaign
    crew = [person.code for person in campaign.people_for("reviewing", state.source_language)]
    judges = [script.skills.of("reviewing", code) for code in crew]
    writers = [
        script.skills.of("authoring", p.code) for p in campaign.people_for("authoring", state.source_language)
    ]
    mix = {kind: sum(getattr(one, kind) for one in writers) for kind in WRITTEN}
    seen = [one.seen.model_dump() for one in judges]
    # a sound question is stopped by a wrong blind answer as well
    enough = find(seen, [1 - (1 - one.false_alarms) * one.accuracy for one in judges], mix, seed=script.seed)
    faults = list(_faults(played))
    return {
        "format": FORMAT,
        "campaign": {
            "id": campaign.id, "passages": question_slots(state)["passage_id"].nunique(),
            "people": len(campaign.people),
            "languages": list(campaign.text_languages), "overlap": campaign.review.reviewers,
            "most": campaign.review.max_reviewers or campaign.review.reviewers, "seed": script.seed,
        },
        "weeks": _weeks(played),
        "work": _work(played),
        "rework": [_rework(state, language) for language in campaign.text_languages],
        "faults": _by_kind(faults),
        "accepted": _accepted(played),
        "estimates": estimates(measures(state), rechecked=bool(campaign.recheck.recheck_share)),
        "reviewers": [asdict(one) for one in enough],
        "wanted": script.skills.power,
        "needed": needed(enough, script.skills.power),
        "gaps": campaign.gaps(),
    }  # fmt: skip


# Time and money --------------------------------------------------------------------------------------------------


def _weeks(played: PlayedRehearsal) -> Facts:
    skills, random = played.script.skills, np.random.default_rng(played.script.seed)
    once = calendar(played.done, [done.seconds for done in played.done], _hours(played))
    pace = [skills.of(done.role, done.person) for done in played.done]
    middle = np.array([log(60 * one.minutes) for one in pace])
    spread = np.array([one.spread for one in pace])
    again = [
        calendar(played.done, np.exp(random.normal(middle, spread)), _hours(played)) for _ in range(CALENDARS)
    ] if played.done else [0.0]  # fmt: skip
    low, high = np.quantile(again, [0.025, 0.975])
    return {"weeks": round(once, 2), "low": round(float(low), 2), "high": round(float(high), 2)}


def _hours(played: PlayedRehearsal) -> dict[str, float]:
    """Return everybody's weekly hours; people with several roles have those of the first."""
    return {p.code: played.script.skills.of(p.roles[0], p.code).hours for p in played.state.campaign.people}


def calendar(
    done: Sequence[FinishedTask], seconds: Sequence[float] | np.ndarray[Any, Any], hours: Mapping[str, float]
) -> float:
    """Return how many weeks it takes until all is done.

    A task rests on everything done in earlier rounds for the same question: in its own language, and in the source
    language.

    Args:
        done: the tasks, by round.
        seconds: how long each takes.
        hours: of each person, a week.
    """
    free: dict[str, float] = defaultdict(float)  # when a person becomes free, in weeks
    ready: dict[tuple[str, str], float] = defaultdict(float)  # when the work that a question rests on is done
    source = next((one.language for one in done if one.stage == "authoring"), "")
    rounds: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(done):
        rounds[one.round].append(place)
    for _, places in sorted(rounds.items()):
        begins = {place: _ready(ready, done[place], source) for place in places}
        finished: dict[tuple[str, str], float] = {}
        for place in sorted(places, key=lambda place: (begins[place], place)):
            one = done[place]
            end = max(begins[place], free[one.person]) + seconds[place] / 3600 / hours[one.person]
            free[one.person] = end
            about = (original(one.subject), one.language)
            finished[about] = max(end, finished.get(about, 0.0))
        for about, end in finished.items():
            ready[about] = max(ready[about], end)
    return max(free.values(), default=0.0)


def _ready(ready: Mapping[tuple[str, str], float], one: FinishedTask, source: str) -> float:
    subject = original(one.subject)
    return max(ready.get((subject, one.language), 0.0), ready.get((subject, source), 0.0))


def _work(played: PlayedRehearsal) -> list[Facts]:
    """Return hours and cost of every role and language, and of all together."""
    skills = played.script.skills
    passages = sorted({_passage(one) for one in played.done})
    place = {passage: n for n, passage in enumerate(passages)}
    groups: dict[tuple[str, str], Any] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for one in sorted(played.done, key=lambda one: STAGES.index(one.stage)):
        hours = one.seconds / 3600
        for group in ((KIND[one.role], one.language), ("all", "")):
            if group not in groups:
                groups[group] = np.zeros((2, len(passages)))
            groups[group][:, place[_passage(one)]] += hours, hours * skills.of(one.role, one.person).rate
            counts[group] += 1
    random = np.random.default_rng(played.script.seed)
    weights = (
        random.multinomial(len(passages), np.full(len(passages), 1 / len(passages)), DRAWS) if passages else None
    )
    lines = []
    for (role, language), sums in sorted(groups.items(), key=lambda group: group[0][0] == "all"):
        low, high = np.quantile(weights @ sums.T, [0.025, 0.975], axis=0)
        hours, cost = sums.sum(axis=1)
        lines.append(
            {
                "role": role, "language": language, "tasks": counts[role, language],
                "hours": round(float(hours), 1), "hours_low": round(float(low[0]), 1),
                "hours_high": round(float(high[0]), 1), "cost": round(float(cost)),
                "cost_low": round(float(low[1])), "cost_high": round(float(high[1])),
            }
        )  # fmt: skip
    return lines


def _passage(one: FinishedTask) -> str:
    trial = trial_of(one.subject)
    return trial[0] if trial else passage_of(original(one.subject))


# The outcome -----------------------------------------------------------------------------------------------------


def _rework(state: State, language: str) -> Facts:
    here = state.decisions[state.decisions["language"] == language].sort_values("revision", kind="stable")
    outcomes = here.groupby("subject")["outcome"].agg(list).to_dict()
    items = state.questions if language == state.source_language else state.translations
    subjects = sorted(set(items["question_id"][items["language"] == language]))
    final = Counter((outcomes.get(one) or ["revise"])[-1].replace("select", "keep") for one in subjects)
    back = Counter(outcomes.get(one, []).count("revise") for one in subjects)
    return {
        "language": language, "items": len(subjects), "back": {str(n): back[n] for n in sorted(back)},
        "kept": final["keep"], "dropped": final["drop"], "waiting": final["revise"],
    }  # fmt: skip


def _faults(played: PlayedRehearsal) -> Iterator[tuple[str, str, str]]:
    """Yield every fault that was made: language, kind, and outcome."""
    state, script = played.state, played.script
    columns = ("subject", "language", "revision", "outcome", "rule")
    lines = zip(*(state.decisions[name] for name in columns), strict=True)
    decided = {
        (s, language, int(n)): (outcome, rule) for s, language, n, outcome, rule in lines if outcome != "select"
    }
    for (subject, revision), draft in script.drafts.items():
        if draft.fault and not trial_of(subject):
            by = _stopped(decided.get((subject, state.source_language, revision)), "reviewers")
            yield state.source_language, draft.fault, by
    drafts = state.translations[state.translations["kind"] == "draft"]
    for subject, language, number in zip(
        drafts["question_id"], drafts["language"], drafts["revision"], strict=True
    ):
        revision = int(number)
        if fault := script.faults.get((subject, language, revision)):
            by = _stopped(decided.get((subject, language, revision)), "proofreaders")
            if by == "open":  # a proofread text is decided as the next revision
                left = script.faults.get((subject, language, revision + 1))
                by = (
                    "proofreaders"
                    if left == ""
                    else _stopped(decided.get((subject, language, revision + 1)), "proofreaders")
                )
            yield language, fault, by


def _stopped(decision: tuple[str, str] | None, people: str) -> str:
    if decision is None:
        return "open"
    outcome, rule = decision
    return "slipped" if outcome == "keep" else "checks" if rule == "check" else people


def _by_kind(faults: Sequence[tuple[str, str, str]]) -> list[Facts]:
    lines = []
    for language in dict.fromkeys(language for language, _, _ in faults):
        here = [(kind, by) for where, kind, by in faults if where == language]
        for kind in [*(one for one in (*WRITTEN, *RENDERED) if any(k == one for k, _ in here)), "all"]:
            count = Counter(by for one, by in here if kind in (one, "all"))
            made = count.total()
            slipped = rate(count["slipped"], made - count["open"])
            lines.append(
                {
                    "language": language, "kind": kind, "made": made,
                    **{by: count[by] for by in ("checks", "reviewers", "proofreaders", "slipped", "open")},
                    "share": slipped.share, "low": slipped.low, "high": slipped.high,
                }
            )  # fmt: skip
    return lines


def _accepted(played: PlayedRehearsal) -> list[Facts]:
    """Return the share of accepted items that are faulty, by language."""
    state, script, lines = played.state, played.script, []
    kept = state.decisions[state.decisions["outcome"] == "keep"]
    for language in state.campaign.text_languages:
        here = kept[kept["language"] == language]
        items = list(zip(here["subject"], here["revision"].astype(int), strict=True))
        if language == state.source_language:
            faulty = sum(bool(script.drafts[item].fault) for item in items if item in script.drafts)
        else:
            faulty = sum(bool(script.faults.get((subject, language, n))) for subject, n in items)
        found = rate(faulty, len(items))
        lines.append({"language": language, "accepted": len(items), "faulty": faulty, **_interval(found)})
    return lines


def estimates(measured: Measures, *, rechecked: bool) -> list[Facts]:
    """Return the estimates of remaining faults that a lead would see, who does not know the truth.

    Args:
        measured: by plants and rechecks.
        rechecked: whether the campaign has rechecks at all.

    Returns:
        A row for each that the campaign has: `by`, `share` with `low` and `high`, `why_not` where they are null.
    """
    lines: list[Facts] = []
    if measured.made:
        lines.append({"by": "plants", **_interval(measured.remaining), "why_not": measured.remaining.why_not})
    if rechecked:
        why_not = "" if measured.recheck.judged else "nothing was judged anew"
        lines.append({"by": "rechecks", **_interval(measured.recheck), "why_not": why_not})
    return lines


def _interval(found: Rate | PlantEstimate | RecheckEstimate) -> Facts:
    return {"share": found.share, "low": found.low, "high": found.high}
