"""Checks and decisions: the automatic checks on what is new, then the rule table on what is undecided.

Checks of an item's own text judge each revision once. The checks of the whole set (`shortcuts`) run after every
round of authoring, and then the undecided items are judged again by their result (`given_away` sends back,
`narrowed_down` notes). A round is over when nobody has a question to write, or when the questions that came in
since the last reading are a tenth of the set; a set with fewer questions than `shortcuts` judges is not read. Only
undecided questions cause a reading.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial

import pandas as pd
import pyarrow as pa

from data.items import source_items, translated_items
from data.ledger import tables
from data.ledger.events import SetRead
from data.ledger.tables import Row
from flows.assignment.available_reviewers import with_reach, with_rereads
from flows.calibrations.calibrations_in_force import LearnedResources, learned_resources
from flows.calibrations.models_in_force import judged_apart, models_in_force
from flows.campaign_state import State
from flows.check_suites import QUESTION_SUITE, REQUIRED, policy, translated_suite
from flows.ledger_views.current_items import current_questions, current_translations, revision_rounds
from flows.ledger_views.lead_queries import held_passages
from flows.ledger_views.patches.error_reports import withdrawals
from flows.ledger_views.patches.reopened_items import with_reopened
from flows.ledger_views.set_readings import reading_due, set_reading_mark, set_verdicts, shortcuts_shown
from flows.ledger_views.translations.answered_findings import answered
from flows.ledger_views.translations.glossary_terms import NO_TERMS, campaign_terms
from flows.ledger_views.translations.suspect_sources import with_suspect_sources
from flows.runners.worker_processes import in_each_language
from flows.steps.check_calibration import calibrate_once
from qc.check import Suite
from qc.check_run import Judged, findings_rows, run
from qc.checks.shortcut_checks import given_away, narrowed_down, shortcuts
from qc.checks.source_checks import SOURCE_SUITE
from qc.decisions.rule_table import Awaited, decide


def undecided(state: State) -> pd.DataFrame:
    """Return the current revisions that are undecided and not stale.

    Returns:
        question_id, language, revision, kind (source, draft, proofread), passage_id, round (1 for the first time).
    """
    questions = current_questions(state)
    questions = questions[questions["outcome"].isna() & ~questions["stale"]].assign(kind="source")
    translations = current_translations(state)
    live = translations["outcome"].isna() & ~translations["stale"] & translations["kept_question"]
    columns = ["question_id", "language", "revision", "kind", "passage_id"]
    frame = pd.concat([questions[columns], translations.loc[live, columns]], ignore_index=True)
    items = zip(frame["question_id"], frame["language"], strict=True)
    return frame.assign(round=[revision_rounds(state).get(item, 0) + 1 for item in items])


@dataclass
class Checked:
    """The result of the checks: how many verdicts, and how many of them are flags."""

    items: int = 0
    verdicts: int = 0
    flagged: int = 0


def check(state: State) -> Checked:
    """Run the suites on every undecided revision that they have not judged, and write the verdicts."""
    checked = Checked()
    open_items = undecided(state)
    source = open_items[open_items["kind"] == "source"]
    if len(source) and reading_due(state):
        _judge_set(state, checked)
        state = state.fresh()
    lacking = open_items[~_judged(state, open_items)]
    for kinds in (("source",), ("draft", "proofread")):
        wanted = lacking[lacking["kind"].isin(kinds)]
        if len(wanted):
            if kinds != ("source",):
                state = calibrate_once(state, set(wanted["language"]))
            _check(state, wanted, kinds != ("source",), checked)
    _check_by_set(state, source, state.verdicts_near(source), checked)
    return checked


def check_source(state: State, passages: pd.DataFrame) -> Checked:
    """Run the source suite on passages (columns of `data.ledger.tables.PASSAGES`), and write the verdicts."""
    checked = Checked()
    judged = run(SOURCE_SUITE, passages, now=datetime.now(UTC), parameters=state.campaign.checks)
    _write(state, judged.columns, judged.checks, findings_rows(judged.places), checked)
    return checked


def _judged(state: State, items: pd.DataFrame) -> pd.Series[bool]:
    """Whether each item has a verdict of every check that its kind needs and that needs only its own text."""
    verdicts = state.verdicts_near(items)
    verdicts = verdicts[verdicts["judge"] == "check"]
    names = verdicts.groupby(["subject", "language", "revision"])["check"].agg(set).to_dict()
    judged = [
        REQUIRED[kind] - {given_away.name} <= names.get((subject, language, revision), set())
        for subject, language, revision, kind in zip(
            items["question_id"], items["language"], items["revision"], items["kind"], strict=True
        )
    ]
    return pd.Series(judged, index=items.index, dtype=bool)


def _check(state: State, wanted: pd.DataFrame, translated: bool, checked: Checked) -> None:
    """Judge these items language by language, since what is learned about one language fits into memory."""
    parts = {str(language): part for language, part in wanted.groupby("language")}
    judging = partial(_judged_language, state, translated)
    for language, judged in in_each_language(judging, parts, len(wanted), apart=judged_apart(state)):
        checked.items += len(parts[language])
        _write(state, judged.columns, judged.checks, findings_rows(judged.places), checked)


def _judged_language(state: State, translated: bool, wanted: pd.DataFrame) -> Judged:
    """Judge items of one language, with the other items on their passages present: duplicates are found so."""
    judged = _judged_by(state, _suite(state, translated), _neighbourhood(state, wanted))
    about = zip(judged.frame["subject"], judged.frame["language"], strict=True)
    asked = set(zip(wanted["question_id"], wanted["language"], strict=True))
    frame = judged.frame[[one in asked for one in about]]
    return Judged(frame, judged.checks, [place for place in judged.places if _about_one(place, asked)])


def _suite(state: State, translated: bool) -> Suite:
    """Return the checks that judge translations, or questions, by their own text."""
    if translated:
        return translated_suite(models_in_force(state))
    return tuple(one for one in QUESTION_SUITE if one is not given_away)


def _about_one(row: Row, items: Collection[tuple[str, str]]) -> bool:
    return (row["subject"], row["language"]) in items


def _judged_by(state: State, suite: Suite, items: pd.DataFrame) -> Judged:
    """Judge items of one language by a suite, with the fits and the glossary that its checks need."""
    needed = any(check.resources for check in suite)
    learned = learned_resources(state) if needed else LearnedResources()
    terms = campaign_terms(state) if needed else NO_TERMS
    language = str(items["language"].iloc[0]) if len(items) else ""
    return run(
        suite,
        items,
        now=datetime.now(UTC),
        parameters=state.campaign.checks,
        resources={**learned.resources, "glossary": terms.by_language},
        fits={**learned.fits_in(language), "glossary": terms.digest},
    )


def _check_by_set(state: State, source: pd.DataFrame, verdicts: pd.DataFrame, checked: Checked) -> None:
    """Judge the undecided questions that were not judged yet by the latest reading of the set."""
    reading = set_reading_mark(state)
    judged = verdicts[(verdicts["check"] == given_away.name) & (verdicts["origin"] == reading)]
    known = set(zip(judged["subject"], judged["revision"], strict=True))
    items = zip(source["question_id"], source["revision"], strict=True)
    wanted = source[[item not in known for item in items]]
    if wanted.empty:
        return
    _write(state, *_by_set(state, wanted, reading), checked)


def _by_set(state: State, wanted: pd.DataFrame, reading: str) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the verdicts on these questions by a reading of the set (or by none, ""), the checks, the places."""
    shown = None if not reading else shortcuts_shown(state)
    whole = current_items(state) if shown else _neighbourhood(state, wanted)
    suite = (given_away, narrowed_down) if reading else (given_away,)
    found = run(suite, whole, now=datetime.now(UTC), parameters=state.campaign.checks, resources={"shown": shown})
    verdicts: list[Row] = [{**row, "origin": reading} for row in _asked(found.verdicts, wanted)]
    return verdicts, list(found.checks), list(findings_rows(_asked(found.places, wanted), reading))


def _judge_set(state: State, checked: Checked) -> None:
    """Read the set as a whole, and record which set it was."""
    items = current_items(state)
    revisions = sorted(zip(items["question_id"], items["revision"].astype(int), strict=True))
    mark = tables.digest("set", revisions)
    judged = run((shortcuts,), items, now=datetime.now(UTC), parameters=state.campaign.checks)
    verdicts = [{**row, "origin": mark} for row in judged.verdicts]
    _write(state, verdicts, judged.checks, findings_rows(judged.places, mark), checked)
    read = SetRead(len(items), len(state.questions))
    state.ledger.append(tables.EVENTS, [read.row(mark, state.source_language)])


def current_items(state: State) -> pd.DataFrame:
    """Return the current questions, without dropped ones, as items (columns of `data.ledger.tables.ITEMS`)."""
    now = current_questions(state)
    now = now[now["outcome"] != "drop"]
    return source_items(now, state.texts_of(set(now["passage_id"]), {state.source_language}))


def judge_again(state: State, items: pd.DataFrame) -> Iterator[tuple[list[Row], Sequence[Row], Sequence[Row]]]:
    """Yield the checks' verdicts on revisions that they judged before; writes only a reading of the set.

    Args:
        state: the campaign.
        items: question_id, language, revision.

    Yields:
        Rows for the verdicts, the checks and the findings, a language and one revision of each item at a time.
            Findings may be of more revisions than the verdicts.
    """
    if set_reading_mark(state) and set_verdicts(state).empty:
        _judge_set(state, Checked())
        state = state.fresh()
    there = set(zip(state.questions["question_id"], state.questions["revision"], strict=True))
    made = state.translations
    whole = [text in there for text in zip(made["question_id"], made["question_revision"], strict=True)]
    texts = pd.concat([state.questions.assign(kind="source")[[*_ITEM, "kind", "passage_id"]],
                       made.loc[whole, [*_ITEM, "kind", "passage_id"]]])  # fmt: skip
    wanted = items[_ITEM].drop_duplicates().merge(texts.drop_duplicates(_ITEM), on=_ITEM)
    wanted["turn"] = wanted.groupby(["question_id", "language"]).cumcount()
    for (language, _), part in wanted.groupby(["language", "turn"]):
        source = language == state.source_language
        near = _neighbourhood(state, part)
        judged = _judged_by(state, _suite(state, not source), near)
        yield _of_these(judged.verdicts, part), judged.checks, findings_rows(judged.places)
        for reading in dict.fromkeys(["", set_reading_mark(state)]) if source else ():
            rows, checks, places = _by_set(state, part, reading)
            yield _of_these(rows, part), checks, places


_ITEM = ["question_id", "language", "revision"]


def _about(verdicts: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    asked = set(zip(*(items[name] for name in _ITEM), strict=True))
    columns = (verdicts[name] for name in ("subject", "language", "revision"))
    return verdicts[[item in asked for item in zip(*columns, strict=True)]]


def _of_these(verdicts: Sequence[Row], wanted: pd.DataFrame) -> list[Row]:
    asked = set(wanted[_ITEM].itertuples(index=False, name=None))
    return [row for row in verdicts if (row["subject"], row["language"], row["revision"]) in asked]


def _with_these(near: pd.DataFrame, every: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """Return the wanted revisions, and the texts near them."""
    now, asked = (set(frame[_ITEM].itertuples(index=False, name=None)) for frame in (near, wanted))
    if asked <= now:
        return near
    places = {place[:2] for place in asked}
    keys = zip(*(every[name] for name in _ITEM), strict=True)
    return every[[key in asked or (key in now and key[:2] not in places) for key in keys]]


def _asked(verdicts: Sequence[Row], wanted: pd.DataFrame) -> list[Row]:
    asked = set(zip(wanted["question_id"], wanted["language"], strict=True))
    return [row for row in verdicts if _about_one(row, asked)]


def _neighbourhood(state: State, wanted: pd.DataFrame) -> pd.DataFrame:
    passages, languages = set(wanted["passage_id"]), set(wanted["language"])
    texts = state.texts_of(passages, languages)
    if set(wanted["kind"]) == {"source"}:
        questions = current_questions(state)
        near = questions[questions["passage_id"].isin(passages)]
        return source_items(_with_these(near, state.questions, wanted), texts)
    now = current_translations(state)
    near = now[now["passage_id"].isin(passages) & now["language"].isin(languages)]
    every = state.translation_texts(set(near["question_id"]), languages)
    mine = _with_these(every.merge(near[_ITEM], on=_ITEM), every, wanted)
    return translated_items(mine, state.questions, every, texts)


def _write(
    state: State,
    verdicts: Sequence[Row] | pa.Table,
    checks: Sequence[Row],
    places: Sequence[Row],
    checked: Checked,
) -> None:
    """Write what checks found. Verdicts come last: an item with all of them is not judged again, so that after a
    crash in between it is, and the places that were written are written again as the same events.
    """
    known = set(state.ledger.read(tables.CHECKS, ["signature"])["signature"])
    state.ledger.append(tables.CHECKS, [row for row in checks if row["signature"] not in known])
    state.ledger.append(tables.FINDINGS, places)
    checked.verdicts += state.ledger.append(tables.VERDICTS, verdicts)
    if isinstance(verdicts, pa.Table):
        flags = verdicts["flagged"].to_pylist()
    else:
        flags = [row["flagged"] for row in verdicts]
    checked.flagged += flags.count(True)


@dataclass
class Decisions:
    """The decisions made, and the items that still wait."""

    decisions: Sequence[Row] = field(default_factory=list)
    waiting: pd.DataFrame = field(default_factory=pd.DataFrame)


def decide_items(state: State) -> Decisions:
    """Apply the rule table to what is undecided and not held by a query, and write the decisions."""
    found = judge(state)
    state.ledger.append(tables.DECISIONS, found.decisions)
    return found


def judge(state: State) -> Decisions:
    """Return what the rule table decides now, without writing anything."""
    items, reports = with_reopened(state, undecided(state))
    places = zip(items["passage_id"], items["language"], strict=True)
    held = pd.Series([place in held_passages(state) for place in places], index=items.index, dtype=bool)
    held &= ~items["question_id"].isin(list(withdrawals(state)))  # which no answer can bring back
    free = items[~held]
    source = free["kind"] == "source"
    verdicts = state.verdicts_near(items)
    said = answered(state, _about(verdicts, free[~source]))
    decided = [
        decide(part, verdicts, policy(state, rounds), now=datetime.now(UTC), answered=said, reports=reports)
        for part, rounds in (
            (with_reach(state, free[source]), state.campaign.review.max_returns),
            (
                with_suspect_sources(state, with_rereads(state, free[~source], verdicts, said)),
                state.campaign.translation.max_returns,
            ),
        )
    ]
    decisions = [row for part in decided for row in part.decisions]
    stuck = items[held].assign(awaited=Awaited.REPLY, reviewers=0)
    columns = ["question_id", "language", "revision", "awaited", "reviewers"]
    waiting = [part.waiting for part in decided if len(part.waiting)]
    return Decisions(decisions, pd.concat([*waiting, stuck[columns]], ignore_index=True))
