"""The status of a campaign: what waits for whom, from the ledger alone, so it works with every server down."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from data.ledger import tables
from data.ledger.events import BaselineDrawn, Became, Read, SetRead, fact
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint
from flows.item_copies.key_checks import key_check_facts
from flows.lead import selection as selecting
from flows.ledger_views.current_items import (
    current_questions,
    current_translations,
    kept_questions,
    wanted_questions,
)
from flows.ledger_views.people import author_standings
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks
from flows.ledger_views.question_slots import question_slots
from flows.ledger_views.set_readings import set_verdicts
from flows.ledger_views.translations.translation_quality import quality_in_brief
from flows.patches import patch_standing
from flows.reports.check_flags import check_flags, unusual_in_words
from flows.reports.exposure import exposure
from flows.reports.lead_agenda import for_the_lead
from flows.reports.named_models import named_model_points, named_models
from flows.reports.people_and_pay import meter_effect
from flows.reports.skipped_tasks import skip_counts, skips_in_words
from flows.reports.source_faults import source_fault_points, source_faults
from flows.services import schedule
from flows.terminal.messages import HERE, addressed
from qc.checks.shortcut_checks import FlaggedCue
from qc.reports.phrases import number

_NAMED = 5  # shortcuts, or checks in a language, shown to a person


def status(state: State) -> dict[str, Any]:
    """Return where the campaign stands, as plain data.

    Returns:
        campaign, title, source (counts of question slots), languages (counts per target language), translations
        (by target language how far they are, whom they wait for, and how good drafts are), people (open
        and submitted work per person, stage and language), lead (what only the lead can settle, `AgendaPoint`),
        aside (what was submitted and is kept without counting: how many by why), skipped (as of
        `flows.reports.skipped_tasks.skip_counts`), findings (what the checks said of the source, as of
        `flows.reports.source_faults`), shortcuts (of the last reading of the questions as a set:
        how many they were, found: a line for each rule of thumb that pays, the surest first), selection (as of
        `flows.lead.selection.selection_facts`), exposure (as of `flows.reports.exposure.exposure`), measured (as
        of `flows.reports.people_and_pay.reviewer_measures.in_brief`), key_checks (by language, as of
        `flows.item_copies.key_checks.key_check_facts`), meter (what showing it does, as of
        `flows.reports.people_and_pay.meter_effect.meter_effect_facts`), models (those of campaign.toml that do
        not judge, as of `flows.reports.named_models.named_models`), patches (the open ones, a line each),
        schedule (its state on this machine, as of `flows.services.schedule.standing_facts`).
    """
    languages = _languages(state)
    return {
        "campaign": state.campaign.id,
        "title": state.campaign.about.title,
        "passages": int(state.passages["passage_id"].nunique()),
        "source": {"language": state.source_language, **_source(state)},
        "languages": languages,
        "translations": _translations(state, languages),
        "checks": check_flags(state),
        "people": list(_people(state)),
        "lead": list(for_the_lead(state)),
        "aside": _aside(state),
        "skipped": skip_counts(state),
        "findings": source_faults(state),
        "shortcuts": _shortcuts(state),
        "selection": selecting.selection_facts(state),
        "exposure": exposure(state),
        "measured": _measured(state),
        "key_checks": key_check_facts(state),
        "qualification": author_standings.qualification_facts(state),
        "meter": _meter(state),
        "patches": patch_standing.open_patches(state),
        "models": named_models(state),
        "schedule": schedule.standing_facts(schedule.standing(state.ledger.address), state.campaign.schedule),
    }


def _meter(state: State) -> dict[str, Any]:
    return meter_effect.meter_effect_facts(state)


def _measured(state: State) -> dict[str, Any]:
    if not plants_by_id(state) and not state.campaign.recheck.recheck_share and state.events(BaselineDrawn).empty:
        return {}
    from flows.reports.people_and_pay import reviewer_measures  # slow to import; most campaigns measure nothing

    return reviewer_measures.in_brief(state)


def _source(state: State) -> dict[str, int]:
    now = current_questions(state)
    outcome = now["outcome"].fillna("")
    return {
        "slots": len(question_slots(state)),
        "unwritten": len(question_slots(state)) - len(now),
        "in_review": int(((outcome == "") & ~now["stale"]).sum()),
        "sent_back": int(((outcome == "revise") | (now["stale"] & (outcome != "drop"))).sum()),
        "kept": len(kept_questions(state)),
        "dropped": int((outcome == "drop").sum()),
    }


def _languages(state: State) -> dict[str, dict[str, int]]:
    """Return the counts of each target language."""
    kept = set(wanted_questions(state)["question_id"])
    now = current_translations(state)
    now = now[now["question_id"].isin(kept)]
    found: dict[str, Counter[str]] = {language: Counter() for language in state.campaign.languages.targets}
    columns = (now["language"], now["outcome"].fillna(""), now["kind"], now["stale"])
    for language, outcome, kind, stale in zip(*(column.tolist() for column in columns), strict=True):
        if language in found:
            found[language].update(["translated", *_stands_at(outcome, kind, stale)])
    names = ("in_proofreading", "sent_back", "undecided", "stale", "accepted")
    return {
        language: {
            "wanted": len(kept),
            "untranslated": len(kept) - counts["translated"],
            **{name: counts[name] for name in names},
        }
        for language, counts in found.items()
    }


def _stands_at(outcome: str, kind: str, stale: bool) -> list[str]:
    """Return the count that a current translation belongs to, if any."""
    if stale:
        return ["stale"]
    waits = {"draft": "in_proofreading", "proofread": "undecided"}
    name = waits.get(kind) if outcome == "" else {"revise": "sent_back", "keep": "accepted"}.get(outcome)
    return [name] if name else []


def _translations(state: State, languages: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, Any]]:
    """Return how far each language is: counts of items, open work by person, and the figures of proofread drafts.

    Work that waits for its pivot is counted under the pivot's code. Work that nobody has is counted under "": it
    waits for people to be named or for the lead.
    """
    now = current_translations(state)
    now = now[now["kept_question"]]
    drafted = Counter(now["language"].tolist())
    proofread = Counter(now.loc[now["kind"] == "proofread", "language"].tolist())
    tasks = state.tasks[state.tasks["open"] & state.tasks["stage"].isin(_TRANSLATED)]
    open_work = Counter(zip(tasks["language"].tolist(), tasks["person"].tolist(), strict=True))
    quality = quality_in_brief(state)
    found = {}
    for language, counts in languages.items():
        waits = {person: n for (code, person), n in sorted(open_work.items()) if code == language}
        lacking = 0
        if (pivot := state.campaign.translation.pivots.get(language)) is not None:
            lacking = counts["wanted"] - languages[pivot]["accepted"]
        nobody = counts["wanted"] - counts["accepted"] - sum(waits.values())
        if pivot is not None and (waiting := min(lacking, nobody)) > 0:
            waits[pivot] = waiting
            nobody -= waiting
        found[language] = {
            "wanted": counts["wanted"],
            "drafted": drafted[language],
            "proofread": proofread[language],
            "accepted": counts["accepted"],
            "stale": counts["stale"],
            "waits_for": waits | ({"": nobody} if nobody > 0 else {}),
            **quality[language],
        }
    return found


_TRANSLATED = ("translating", "proofreading")


def _people(state: State) -> Iterator[dict[str, Any]]:
    tasks = state.tasks[~state.tasks["task_key"].isin(list(plants_of_tasks(state)))]
    counts: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    columns = (tasks[name].tolist() for name in ("person", "stage", "language", "open", "done"))
    for person, stage, language, is_open, done in zip(*columns, strict=True):
        here = counts[person, stage, language]
        here[0] += is_open
        here[1] += done
    for (person, stage, language), (waiting, submitted) in sorted(counts.items()):
        yield {
            "person": person,
            "stage": stage,
            "language": language,
            "open": waiting,
            "submitted": submitted,
        }


def _aside(state: State) -> dict[str, int]:
    last = state.events(Read).drop_duplicates("subject", keep="last")
    counts = fact(last, Read, "outcome").value_counts()
    names = {
        Became.LATE: "late",
        Became.DELETED: "deleted",
        Became.OTHERS_BENCH: "on another person's workbench",
        Became.OTHERS_HAND: "in another's name",
        Became.DOUBTED: "on an altered page",
        Became.INVALID: "not valid",
        Became.AFTER_SCORING: "after it was scored",
    }
    return {name: int(counts[outcome]) for outcome, name in names.items() if outcome in counts}


def _shortcuts(state: State) -> dict[str, Any]:
    read = state.events(SetRead)
    found = set_verdicts(state)
    found = found[found["flagged"].eq(True).fillna(False)]
    # rules before words, accuracies before differences of keys
    last = [not FlaggedCue.parse(subject).is_rule for subject in found["subject"]]
    found = found.assign(last=last).sort_values(["last", "score", "subject"])
    return {
        "questions": SetRead.parse(read["detail"].iloc[-1]).questions if len(read) else 0,
        "found": [str(reason) for reason in found["reason"]],
    }


def show(console: Console, facts: dict[str, Any], campaign: str = HERE) -> None:
    """Print a status for people; at 80 columns or more nothing is cut.

    Args:
        console: to print on.
        facts: as of `status`.
        campaign: its name on the command line, for the commands in the output.
    """
    parts: list[Any] = [
        Text.assemble((facts["title"], "bold"), f"  ({facts['campaign']}, {facts['passages']} passages)"),
        "",
        _counts("Questions", ("language", "slots", "unwritten", "in_review", "sent_back", "kept", "dropped"),
                [facts["source"]]),
    ]  # fmt: skip
    if facts["languages"]:
        parts.append(_progress(facts["translations"]))
    if facts["key_checks"]:
        parts.append(_key_checks(facts["key_checks"]))
    parts += _about_the_checks(facts["checks"])
    if facts["qualification"]:
        parts.append(_qualification(facts["qualification"]))
    busy = [line for line in facts["people"] if line["open"] or line["submitted"]]
    if busy:
        busy.sort(key=lambda line: not line["open"])
        parts.append(_counts("Who has what", ("person", "stage", "language", "open", "submitted"), busy))
    if facts["aside"]:
        kept = ", ".join(f"{n} {why}" for why, n in facts["aside"].items())
        parts += [Text.assemble(("Submitted, kept, and without effect: ", "bold"), kept), ""]
    if facts["skipped"]:
        parts += [Text.assemble(("Skipped, and why: ", "bold"), skips_in_words(facts["skipped"])), ""]
    parts += _about_blindness(facts["exposure"])
    parts += _about_the_set(facts)
    parts += _about_patches(facts["patches"])
    parts += _about_readers(facts["measured"])
    parts += _about_the_meter(facts["meter"])
    parts += _about_the_schedule(facts["schedule"], campaign)
    console.print(Group(*parts))
    for title, style, points in (
        ("Found in the source", "bold", tuple(source_fault_points(facts["findings"]))),
        ("Waits for the lead", "bold yellow", facts["lead"]),
        ("Models that do not judge", "bold yellow", tuple(named_model_points(facts["models"]))),
    ):
        _points(console, Text(title, style=style), points, campaign)


def _progress(languages: Mapping[str, Mapping[str, Any]]) -> Table:
    """Return a line a language: how far it is, whom it waits for, and how good its proofread drafts are."""
    rows = []
    for language, facts in languages.items():
        waits = sorted(facts["waits_for"].items(), key=lambda one: (not one[0], -one[1], one[0]))
        named = [f"{person or 'nobody'} {count}" for person, count in waits[:_WAITED]]
        more = [f"{len(waits) - _WAITED} more"] * (len(waits) > _WAITED)
        rates = [facts[name] for name in ("chrf", "error_score")]
        rows.append(
            {
                "language": language,
                **{name: facts[name] for name in ("wanted", "drafted", "proofread", "accepted", "stale")},
                **dict(zip(("chrF", "errors"), map(number, rates), strict=True)),
                "waits_for": ", ".join([*named, *more]) or "·",
            }
        )
    return _counts(
        "Translations (of proofread drafts: median chrF, error points per 100 words)", tuple(rows[0]), rows
    )


def _about_the_checks(flags: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    odd = list(unusual_in_words(flags))
    if odd:
        more = f"; and {len(odd) - _NAMED} more (status --json)" if len(odd) > _NAMED else ""
        label = "Flagged more often than chance explains: "
        yield from (Text.assemble((label, "bold"), "; ".join(odd[:_NAMED]), more), "")


_WAITED = 2  # people named in a line


def _key_checks(languages: Mapping[str, Mapping[str, int]]) -> Table:
    columns = ("language", "drawn", "open", "unread", "one", "two", "disputed", "outdated", "nobody")
    rows = [{"language": code, **facts} for code, facts in languages.items()]
    return _counts("Keys (of drawn translations: by how many people answered blind)", columns, rows)


def _qualification(lines: Sequence[Mapping[str, Any]]) -> Table:
    rows = [
        {
            "person": line["person"],
            "step": line["step"] if line["step"] == "qualified" else f"{line['step']}, attempt {line['attempt']}",
            "quiz": "–" if line["quiz"] is None else f"{line['quiz']:.0%}",
            "trials_kept": f"{line['kept']} of {line['of']}",
        }
        for line in lines
    ]
    return _counts("Qualification of authors", ("person", "step", "quiz", "trials_kept"), rows)


def _about_blindness(exposure: Mapping[str, Mapping[str, int]]) -> Iterator[Any]:
    for name, what in (("blind_answers", "a key"), ("guesses", "the passage")):
        counts = exposure[name]
        if counts["in_reach"] or counts["kept_apart"]:
            says = f"{name.replace('_', ' ').capitalize()} given with {what} on a server within reach: "
            where = f"on an author's page {counts['by_authors']}, on somebody else's {counts['by_others']}"
            found = f"{counts['in_reach']} of {counts['given']} ({where}); see [servers] in campaign.toml"
            if not counts["in_reach"]:
                found = f"0 of {counts['given']}: the server keeps accounts apart"
            yield from (Text.assemble((says, "bold"), found), "")


def _about_the_set(facts: Mapping[str, Any]) -> Iterator[Any]:
    shortcuts, selection = facts["shortcuts"], facts["selection"]
    if shortcuts["questions"]:
        more = len(shortcuts["found"]) - _NAMED
        found = "; ".join(shortcuts["found"][:_NAMED]) or f"none found in {shortcuts['questions']} questions"
        found += f"; and {more} more (status --json)" if more > 0 else ""
        yield from (Text.assemble(("Shortcuts: ", "bold"), found), "")
    if selection["run"]:
        whole = selection["selected"] + selection["lacking"]
        lacks = (
            f"; selection lacks {selection['lacking']}: run belebele select again" if selection["lacking"] else ""
        )
        yield from (Text.assemble(("Selection: ", "bold"), f"{selection['selected']} of {whole}{lacks}"), "")
    elif selection["policy"] == "command":
        kept = f"waits for belebele select ({selection['kept']} kept, {selection['size']} wanted)"
        yield from (Text.assemble(("Translation: ", "bold"), kept), "")


def _about_patches(patches: Sequence[str]) -> Iterator[Any]:
    if patches:
        more = f"; and {len(patches) - _NAMED} more (belebele patch)" if len(patches) > _NAMED else ""
        yield from (Text.assemble(("Patches: ", "bold"), "\n  ".join(["", *patches[:_NAMED]]), more), "")


def _about_readers(measured: Mapping[str, Any]) -> Iterator[Any]:
    if measured:
        from flows.reports.people_and_pay import reviewer_measures

        for label, words in reviewer_measures.measures_in_words(measured):
            yield from (Text.assemble((f"{label}: ", "bold"), words), "")


def _about_the_meter(found: Mapping[str, Any]) -> Iterator[Any]:
    if found:
        yield from (Text.assemble(("Shortcut meter: ", "bold"), meter_effect.effect_in_words(found)), "")


def _about_the_schedule(facts: Mapping[str, Any], campaign: str) -> Iterator[Any]:
    label = ("Schedule: ", "bold red" if facts["trouble"] else "bold")
    words = addressed(schedule.standing_in_words(*schedule.typed(facts)), campaign)
    yield from (Text.assemble(label, words), "")


def _counts(title: str, columns: Sequence[str], lines: Sequence[Mapping[str, object]]) -> Table:
    """Return a table of texts and counts; its header may wrap, its rows do not."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for column in columns:
        words = column in ("language", "person", "stage", "step")
        free = column == "waits_for"
        table.add_column(
            Text(column.replace("_", "\n")),
            justify="left" if words or free else "right",
            no_wrap=words,
            vertical="bottom",
            min_width=max(map(len, column.split("_"))),
        )
    for line in lines:
        table.add_row(*("·" if line[column] == 0 else str(line[column]) for column in columns))
    return table


def _points(console: Console, title: Text, points: Sequence[AgendaPoint], campaign: str) -> None:
    """Print a list; a command that settles a point has an unbroken line of its own, so that it can be pasted."""
    if not points:
        return
    console.print(title)
    for point in points:
        grid = Table.grid(padding=(0, 1))
        grid.add_row("•", Text(addressed(point.what, campaign), overflow="fold"))  # paths are long words
        console.print(grid)
        if point.cure:
            console.print(Text(f"  → {addressed(point.cure, campaign)}", style="cyan"), soft_wrap=True)
    console.print()


def progress_frame(state: State) -> pd.DataFrame:
    """Return open and submitted work per stage and language, as the Prefect artifact shows it."""
    tasks = state.tasks[~state.tasks["task_key"].isin(list(plants_of_tasks(state)))]
    grouped = tasks.groupby(["stage", "language"], sort=True)[["open", "done", "closed"]].sum().reset_index()
    grouped = grouped.sort_values("stage", key=lambda stages: stages.map(tables.STAGES.index), kind="stable")
    return grouped.astype({"open": int, "done": int, "closed": int})
