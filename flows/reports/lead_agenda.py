"""The lead's agenda: what only the lead can settle, one line each, with the command that settles it.

It follows from the ledger alone. A line disappears when it was dealt with, or when the work itself has moved past
it; so an empty agenda means that everything waits for somebody else, or for nobody.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

import pandas as pd

from data.campaign.settings import Role
from data.ledger.events import Late, LateAccepted, details_of
from data.ledger.item_copy_ids import kind_of, original
from data.ledger.tables import Stage
from data.ledger.task_keys import TaskKey
from flows.assignment.due_work import Due
from flows.campaign_state import State, among, moments
from flows.inspection import account_ownership, alterations, machines_at_work, uncollected_submissions
from flows.inspection.agenda_point import AgendaPoint
from flows.item_copies import key_checks, rechecks
from flows.lead import selection
from flows.ledger_views.current_items import current_questions, current_translations
from flows.ledger_views.lead_queries import held_passages, queries_to_lead
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks
from flows.ledger_views.translations.suspect_sources import SuspectSource, suspect_sources
from flows.patches import patch_standing
from flows.reports.skipped_tasks import reasons_at
from flows.stages import qualification_tasks, work_of
from flows.steps import author_qualification
from flows.steps.checks_and_decisions import judge, undecided
from flows.steps.collection import unsettled
from flows.steps.due_tasks import due
from flows.steps.task_opening import plan
from qc.reports.phrases import listed


def for_the_lead(state: State) -> Iterator[AgendaPoint]:
    """Yield what only the lead can settle, one line each, with the command that settles it."""
    waiting = queries_to_lead(state)[queries_to_lead(state)["reply"].isna()]
    plants = plants_of_tasks(state)
    columns = (waiting[name] for name in ("query", "passage_id", "language", "text", "task_key"))
    for query, passage, language, text, key in zip(*columns, strict=True):
        on = f" (shown with {plants[key]}, a fault that was planted; it holds nobody)" if key in plants else ""
        what = f"query {query} on {passage} in {language}{on}: “{text}”"
        yield AgendaPoint(what, f"belebele answer {shlex.quote(query)} TEXT")
    yield from map(AgendaPoint, state.campaign.gaps())
    yield from account_ownership.for_the_lead(state, unsettled(state))
    yield from alterations.for_the_lead(state)
    yield from machines_at_work.for_the_lead(state)
    yield from uncollected_submissions.lost_submissions(state)
    yield from _late(state)
    yield from _stuck(state)
    yield from _suspect(state)
    yield from patch_standing.for_the_lead(state)
    unassigned = plan(state, due(state, judge(state))).unassigned
    yield from _for_nobody(state, unassigned)
    yield from selection.for_the_lead(state)
    yield from author_qualification.for_the_lead(state)
    yield from rechecks.for_the_lead(state)
    checks = [piece for piece in unassigned if kind_of(piece.question_id) == "key_check"]
    yield from key_checks.for_the_lead(state, {(original(one.question_id), one.language) for one in checks})


def _late(state: State) -> Iterator[AgendaPoint]:
    """Yield edits that came after a decision and were neither accepted, decided on since, nor replaced."""
    accepted = set(state.events(LateAccepted)["subject"])
    made = dict(zip(state.annotations["event_id"], moments(state.annotations, "updated_at"), strict=True))
    source, other = current_questions(state), current_translations(state)
    newest = pd.concat([frame[["question_id", "language", "annotation"]] for frame in (source, other)])
    # A table that lost annotations was rebuilt without them; what was made of them remains.
    lost = (-1, pd.Timestamp(0, tz="UTC"))
    since = {f"{q}/{code}": made.get(annotation, lost) for q, code, annotation in newest.itertuples(index=False)}
    spoken = state.decisions[state.decisions["decided_by"] == "lead"]
    items = zip(spoken["subject"], spoken["language"], moments(spoken, "decided_at"), strict=True)
    for q, code, at in items:
        since[f"{q}/{code}"] = max(at, since[f"{q}/{code}"])
    late = state.events(Late).drop_duplicates("subject", keep="last")
    late = late[among(late["subject"], set(made))]
    for event, said in zip(late["subject"], details_of(late, Late), strict=True):
        key, item, why = said.task_key, said.item, said.why
        stage = TaskKey.parse(key).stage
        if event in accepted or said.never or stage == "guessing" or since[item] > made[event]:
            continue
        item = shlex.quote(item.removesuffix(f"/{state.source_language}"))
        if work_of(stage).judges:
            yield AgendaPoint(f"late review {key} ({why})", f"belebele decide {item} keep|revise|drop --reason …")
        else:
            yield AgendaPoint(
                f"late edit of {key} ({why})",
                f"belebele accept {event[:8]}, or leave it: belebele decide {item} keep --reason …",
            )


def _stuck(state: State) -> Iterator[AgendaPoint]:
    items = undecided(state)
    places = zip(items["passage_id"], items["language"], strict=True)
    held = held_passages(state)
    items = items[pd.Series([place not in held for place in places], index=items.index, dtype=bool)]
    proofread = items[(items["kind"] == "proofread") & (items["round"] > state.campaign.translation.max_returns)]
    for subject, language in zip(proofread["question_id"], proofread["language"], strict=True):
        item = shlex.quote(f"{subject}/{language}")
        cure = f"belebele decide {item} keep|revise --reason …"
        yield AgendaPoint(f"{subject} in {language} came back too often", cure)


def _suspect(state: State) -> Iterator[AgendaPoint]:
    """Yield questions whose drafts wait, since checks speak against the source in several languages."""
    by_question: dict[str, list[SuspectSource]] = {}
    for one in suspect_sources(state):
        by_question.setdefault(one.question_id, []).append(one)
    for question, found in by_question.items():
        said = "; ".join(
            f"{one.check} flags it in {len(one.languages)} of {one.judged} languages ({listed(one.languages, 5)})"
            for one in found
        )
        yield AgendaPoint(
            f"the source of {question} may be at fault, so its drafts wait: {said}; keep says that it is right",
            f"belebele decide {shlex.quote(question)} keep|revise --reason …",
        )


def _for_nobody(state: State, unassigned: Sequence[Due]) -> Iterator[AgendaPoint]:
    """Yield work that nobody with its role can take: they skipped it, or it is their own."""
    waiting: dict[tuple[Stage, Role, str], set[str]] = {}
    for piece in unassigned:
        role = piece.roles[0] if piece.roles else work_of(piece.stage).role
        if piece.question_id in plants_by_id(state) or kind_of(piece.question_id) == "key_check":
            continue  # whoever is available reads it
        if state.campaign.people_for(role, piece.language):  # otherwise it is reported as a gap in campaign.toml
            waiting.setdefault((piece.stage, role, piece.language), set()).add(piece.question_id)
    for (stage, role, language), subjects in waiting.items():
        if stage == "authoring" and qualification_tasks.under_way(state):
            continue  # wait for those who are still qualifying
        shown = ", ".join(sorted(subjects)[:3]) + (", …" if len(subjects) > 3 else "")
        why = f"; skipped there: {said}" if (said := reasons_at(state, stage, language)) else ""
        yield AgendaPoint(
            f"nobody is left for {stage} in {language}: {len(subjects)} wait ({shown}){why}",
            f"give somebody else the role {role} in campaign.toml",
        )
