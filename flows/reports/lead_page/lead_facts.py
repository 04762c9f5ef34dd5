"""What the lead's page says, as plain data; `qc.reports.lead_report` draws it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from data.ledger.tables import STAGES, TASKS
from flows.campaign_state import State
from flows.ledger_views.people.agreement_labels import labelled, latest_verdicts
from flows.ledger_views.people.task_times import hours
from flows.reports import status as standing
from flows.reports.check_flags import unusual_in_words
from flows.reports.lead_page.forecast import forecast
from flows.reports.lead_page.review_left import left_to_review, without_copies
from flows.reports.named_models import named_model_points
from flows.reports.people_and_pay import people, reviewer_measures
from flows.reports.people_and_pay.invoices import invoices
from flows.reports.skipped_tasks import skips_in_words
from flows.reports.source_faults import source_fault_points
from flows.services import schedule
from flows.terminal.messages import HERE, addressed

Facts = dict[str, Any]


def lead_facts(state: State, campaign: str = HERE, now: datetime | None = None) -> Facts:
    """Return what the lead's page says.

    Args:
        state: the campaign.
        campaign: its name on the command line, for the commands.
        now: the time; by default the clock's.

    Returns:
        title, campaign, passages, written (UTC), source and languages (counts), translations (as of
        `flows.reports.status.status`), decide (points with their commands), failed (sentences), forecasts,
        people, agreement, quality (label and sentence), pay (a line a person: what can be invoiced, and
        hours), source_findings (points), schedule (as of `at_this_hour`).
    """
    now = now or datetime.now(UTC)
    facts = standing.status(state)

    def points(found: Any) -> list[dict[str, str]]:
        return [{"what": addressed(one.what, campaign), "cure": addressed(one.cure, campaign)} for one in found]

    made = {
        **{name: facts[name] for name in ("title", "campaign", "passages", "source", "languages", "translations")},
        "decide": points([*facts["lead"], *named_model_points(facts["models"])]),
        "failed": [addressed(one, campaign) for one in _failed(facts)],
        "forecasts": list(_forecasts(state, facts, now.date())),
        "people": _people(state, facts, now),
        "agreement": list(people.agreements(state, labelled(state, latest_verdicts(state)))),
        "quality": [{"label": label, "says": says} for label, says in _quality(facts)],
        "pay": _pay(state),
        "source_findings": points(source_fault_points(facts["findings"])),
    }
    return at_this_hour(made, facts["schedule"], campaign, now)


def at_this_hour(facts: Facts, plan: Facts, campaign: str, now: datetime) -> Facts:
    """Return what a page says, with the time and with how the schedule stands: all that changes without work.

    Args:
        facts: of the page, with or without these.
        plan: the schedule's standing, as of `flows.services.schedule.standing_facts`.
        campaign: its name on the command line.
        now: the time.

    Returns:
        The facts with written (UTC), schedule (says, a sentence; wrong, whether something is), and failed, which
        begins with that sentence if something is wrong.
    """
    before, failed = facts.get("schedule", {"wrong": False}), list(facts["failed"])
    says = addressed(schedule.standing_in_words(*schedule.typed(plan)), campaign)
    now_wrong = [f"The schedule: {says}"] if plan["trouble"] else []
    return {
        **facts,
        "written": now.isoformat(timespec="minutes"),
        "failed": [*now_wrong, *failed[1 if before["wrong"] else 0 :]],
        "schedule": {"says": says, "wrong": bool(plan["trouble"])},
    }


def _pay(state: State) -> list[Facts]:
    """Return what each person can invoice, and the hours that they had pages open."""
    spent, counted = hours(state), invoices(state)
    return [
        {"person": person, "on": counted.get(person, {}), "hours": spent.get(person, 0.0)}
        for person in sorted({*counted, *spent})
    ]


def _failed(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what came to nothing."""
    if facts["aside"]:
        kept = ", ".join(f"{n} {why}" for why, n in facts["aside"].items())
        yield f"Submitted, kept, and without effect: {kept}"
    if facts["skipped"]:
        yield f"Skipped, and why: {skips_in_words(facts['skipped'])}"


def _quality(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield labels and sentences on how good the work is."""
    if facts["measured"]:
        yield from reviewer_measures.measures_in_words(facts["measured"])
    odd = list(unusual_in_words(facts["checks"]))
    yield "Flagged more often than chance explains", "; ".join(odd) or "nothing"
    shortcuts = facts["shortcuts"]
    if shortcuts["questions"]:
        yield f"Shortcuts in {shortcuts['questions']} questions", "; ".join(shortcuts["found"]) or "none found"
    for name, what in (("blind_answers", "Blind answers with a key"), ("guesses", "Guesses with the passage")):
        counts = facts["exposure"][name]
        if counts["given"]:
            yield f"{what} within reach", f"{counts['in_reach']} of {counts['given']}"


def _people(state: State, facts: Mapping[str, Any], now: datetime) -> list[Facts]:
    """Return who has what, and how long the oldest of it has waited, in days."""
    tasks = state.tasks[state.tasks["open"]]
    tasks = tasks.merge(state.ledger.read(TASKS, ["task_key", "recorded_at"]), on="task_key")
    oldest = tasks.groupby(["person", "stage", "language"])["recorded_at"].min()
    lines = []
    for line in facts["people"]:
        since = oldest.get((line["person"], line["stage"], line["language"]))
        days = (now - since.to_pydatetime()).days if since is not None else None
        if line["open"] or line["submitted"]:
            lines.append({**line, "days": days})
    return sorted(lines, key=lambda line: (-line["open"], line["person"], STAGES.index(line["stage"])))


def _forecasts(state: State, facts: Mapping[str, Any], today: date) -> Iterator[Facts]:
    """Yield, for each stage and language with work that is left, the pace and when it will be done."""
    left = {("authoring", state.source_language): (facts["source"]["slots"], facts["source"]["unwritten"])}
    left |= {(stage, state.source_language): counts for stage, counts in left_to_review(state).items()}
    for code, counts in facts["languages"].items():
        wanted = counts["wanted"]
        left["translating", code] = (wanted, counts["untranslated"])
        left["proofreading", code] = (wanted, wanted - counts["accepted"])
    paces = _paces(state, today)
    for (stage, language), (target, rest) in left.items():
        done = paces.get((stage, language), [])
        found = forecast(done, rest)
        yield {
            "stage": stage,
            "language": language,
            "target": target,
            "rest": rest,
            "week": sum(done[-7:]),
            "days": None if found is None else [found.low, found.middle, found.high],
            "dates": None
            if found is None
            else [
                None if days is None else (today + timedelta(days=days)).isoformat()
                for days in (found.low, found.middle, found.high)
            ],
        }


def _paces(state: State, today: date) -> dict[tuple[str, str], list[int]]:
    """Return how many tasks were first done on each day since the first, by stage and language; copies apart."""
    given = state.annotations
    given = given[given["kind"].isin(["submitted", "edited"])]
    tasks = without_copies(state.tasks)
    given = given[given["task_key"].isin(tasks["task_key"])]
    first = given.groupby(["stage", "language", "task_key"])["created_at"].min().reset_index()
    found: dict[tuple[str, str], list[int]] = {}
    for (stage, language), lines in first.groupby(["stage", "language"]):
        days = lines["created_at"].dt.date
        begun = min(days)
        counts = [0] * ((max(today, *days) - begun).days + 1)  # a server's clock may be ahead
        for day in days:
            counts[(day - begun).days] += 1
        found[str(stage), str(language)] = counts
    return found
