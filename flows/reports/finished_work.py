"""Finished work by person: counts, times, what was sent back, and what was pasted in rather than typed.

Times are what Label Studio measured while a page was open. Rechecks, baselines and key checks use the review
pages, and trial questions the authors' pages, but other people do them, or for another reason: they are counted
apart, and a pace is compared only with others who did the same. Plants, and trials that a reviewer reads, count as
reviews, because their readers cannot tell the difference.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from data.ledger.events import Closed, TaskClosed, fact
from data.ledger.item_copy_ids import kind_of
from data.ledger.tables import STAGES
from flows.campaign_state import State, among
from flows.ledger_views.people.task_times import task_times
from flows.ledger_views.posed_copies import trials_by_id
from qc.agreement.time_on_task import pace, typed_at_once

Line = dict[str, Any]
WorkKind = tuple[str, str, str, str]
"""Person, stage, language, and the kind of copy, "" for none that the person could recognise."""

_KIND = ["person", "stage", "language", "copy"]

_APART = ("recheck", "baseline", "key_check")
"""The kinds of copies whose readers know that they are; work on them is counted apart."""


def work(state: State) -> list[Line]:
    """Return everybody's work by stage, language, and the kind of copy where it is counted apart.

    Returns:
        person, stage, language, copy (recheck, baseline, key_check, or trial that was written; None for the rest),
        done (tasks), invalid (submissions that had to be done again), open, sent_back (of the decided texts:
        count), decided, and `_timed`: seconds, quartiles, hours, capped, others, z, unusual, at_once, texts.
    """
    tasks = state.tasks.assign(copy=_copies(state))
    times = task_times(state, tasks)
    closed = state.events(TaskClosed)
    invalid = set(closed["subject"][fact(closed, TaskClosed, "why") == Closed.INVALID])
    judged, typed = _sent_back(state), _typed(state)
    by_kind = {_kind(key): mine["seconds"].to_numpy(float) for key, mine in times.groupby(_KIND)}
    peers = dict(iter(times.groupby(_KIND[1:])))
    lines = []
    groups = sorted(tasks.groupby(_KIND), key=lambda group: _in_order(_kind(group[0])))
    for key, mine in groups:
        person, stage, language, copy = kind = _kind(key)
        here = peers.get((stage, language, copy))
        others = np.empty(0) if here is None else here["seconds"][here["person"] != person].to_numpy(float)
        back, decided = judged.get(kind, (0, 0))
        lines.append(
            {
                "person": person,
                "stage": stage,
                "language": language,
                "copy": copy or None,
                "done": int(mine["done"].sum()),
                "open": int(mine["open"].sum()),
                "invalid": int(among(mine["task_key"], invalid).sum()),
                "sent_back": back,
                "decided": decided,
                **_timed(by_kind.get(kind, np.empty(0)), others),
                **_at_once(typed.get(kind)),
            }
        )
    return lines


def _copies(state: State) -> list[str]:
    """Return the kind of copy of each task where it is counted apart; "" for all others."""
    stages, subjects = state.tasks["stage"], state.tasks["question_id"]
    found = {place: kind_of(place[1]) for place in set(zip(stages, subjects, strict=True))}
    apart = {
        place: kind or "" if kind in _APART or (kind, place[0]) == ("trial", "authoring") else ""
        for place, kind in found.items()
    }
    return [apart[place] for place in zip(stages, subjects, strict=True)]


def _in_order(kind: WorkKind) -> tuple[str, int, str, str]:
    person, stage, language, copy = kind
    return person, [*map(str, STAGES)].index(stage), language, copy


def _kind(key: object) -> WorkKind:
    person, stage, language, copy = cast("WorkKind", key)
    return person, stage, language, copy


def _timed(mine: npt.NDArray[np.float64], others: npt.NDArray[np.float64]) -> Line:
    timing = pace(mine, others)
    return {
        "timed": timing.tasks,
        "seconds": timing.seconds,
        "quartiles": [float(one) for one in np.quantile(mine, [0.25, 0.5, 0.75])] if len(mine) else None,
        "hours": timing.hours,
        "capped": timing.capped,
        "others": timing.others,
        "z": timing.z,
        "unusual": timing.unusual,
    }


def _at_once(typed: pd.DataFrame | None) -> Line:
    if typed is None:
        return {"texts": 0, "at_once": 0}
    return {"texts": len(typed), "at_once": typed_at_once(typed["characters"], typed["seconds"])}


def _sent_back(state: State) -> dict[WorkKind, tuple[int, int]]:
    """Return, of everybody's decided texts, how many were sent back or dropped, and how many there are."""
    columns = ["question_id", "language", "revision", "person"]
    drafts = state.translations["kind"] == "draft"
    parts = [
        state.questions.assign(stage="authoring", language=state.source_language)[[*columns, "stage"]],
        state.translations[drafts].assign(stage="translating")[[*columns, "stage"]],
        state.translations[~drafts].assign(stage="proofreading")[[*columns, "stage"]],
    ]
    texts = pd.concat(parts, ignore_index=True)
    made = state.translations[~drafts]
    decisions = state.decisions.rename(columns={"subject": "question_id"})
    decisions = decisions[["question_id", "language", "revision", "outcome"]]
    by_proofread = made.merge(decisions, on=["question_id", "language", "revision"])
    of_drafts = by_proofread.assign(revision=by_proofread["draft_revision"])[decisions.columns]
    decided = pd.concat([of_drafts, decisions]).drop_duplicates(
        ["question_id", "language", "revision"], keep="last"
    )
    merged = texts.merge(decided, on=["question_id", "language", "revision"])
    merged["back"] = merged["outcome"].isin(["revise", "drop"])
    counted = merged.assign(copy="").groupby(_KIND)["back"].agg(["sum", "size"])
    return {_kind(key): (int(row["sum"]), int(row["size"])) for key, row in counted.iterrows()}


def _typed(state: State) -> dict[WorkKind, pd.DataFrame]:
    """Return, for all texts and trial questions, how many characters were new and how long the page was open."""
    seconds = state.annotations.drop_duplicates("event_id").set_index("event_id")["seconds"]
    texts = state.translation_texts(set(state.translations["question_id"])) if len(state.translations) else None
    lines = []
    for stage, frame in (("authoring", state.questions), ("translations", texts)):
        if frame is None or frame.empty:
            continue
        before: dict[tuple[str, str], list[str]] = {}
        for line in frame.sort_values("revision", kind="stable").to_dict("records"):
            language = line.get("language") or state.source_language
            place = (line["question_id"], language)
            fields = [line["question"], *line["answers"], *(line.get("notes") or [])]
            where = stage if stage == "authoring" else _STAGES[line["kind"]]
            new = sum(map(added, before.get(place, [""] * len(fields)), fields))
            lines.append((line["person"], where, language, "", new, seconds.get(line["annotation"], np.nan)))
            before[place] = fields
    for facts in trials_by_id(state).values():
        new = sum(map(len, (facts.question, *facts.answers, *facts.notes)))
        time = seconds.get(facts.annotation, np.nan)
        lines.append((facts.person, "authoring", state.source_language, "trial", new, time))
    found = pd.DataFrame(lines, columns=[*_KIND, "characters", "seconds"])
    found = found[found["seconds"].gt(0).fillna(False)]
    return {_kind(key): mine for key, mine in found.groupby(_KIND)}


_STAGES = {"draft": "translating", "proofread": "proofreading"}


def added(before: str, now: str) -> int:
    """Return how many characters of a text are not in the former one.

    >>> added("", "new"), added("the same", "the same"), added("a bridge", "an old bridge")
    (3, 0, 5)
    """
    if not before or before == now:
        return 0 if before == now else len(now)
    return len(now) - sum(block.size for block in SequenceMatcher(None, before, now, False).get_matching_blocks())
