"""Advance: move every item of a campaign as far as it can go today, and end.

People take weeks, so nothing here waits for them. Each step reads the ledger, does what is due and writes it
down; every step may be run again at any time, and a run that dies leaves the rest to the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotation.labelstudio.client import LabelStudio
from data import sources
from data.campaign.campaign import Campaign, compare
from data.errors import CampaignBusy, CampaignError, ServerError
from data.ledger import DryLedger, Ledger, tables, to_frame
from data.ledger.events import Assisted, CampaignChanged, GivenUp, SourceRead
from data.ledger.tables import Row, Table
from flows.copies import human_baseline, plants, rechecks
from flows.inspection import webhooks
from flows.inspection.account_ownership import link_accounts
from flows.lead.restoration import restore
from flows.services.running_servers import servers_of
from flows.stages import STAGES
from flows.stages.due_work import Due
from flows.state import State
from flows.steps import author_qualification, guideline_versions
from flows.steps.checks_and_decisions import Decisions, check, check_source, decide_items
from flows.steps.collection import collect
from flows.steps.submission_validity import interpret
from flows.steps.task_opening import Opened, open_tasks
from flows.steps.task_publication import Published, Workbenches, is_published, publish, to_publish

Step = Callable[..., Any]
Runner = Callable[..., Any]
"""Calls a step with its arguments; a Prefect flow hands in one that makes each step a task of its own."""


@dataclass
class Progress:
    """What one advance did."""

    passages: int = 0
    annotations: int = 0
    restored: int = 0  # events that were lost and follow from what is there
    altered: int = 0  # workbenches and tasks that somebody had changed on a server
    questions: int = 0
    translations: int = 0
    verdicts: int = 0
    flagged: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0
    pushed: int = 0
    removed: int = 0
    problems: list[str] = field(default_factory=list)
    busy: str = ""  # who is at it, when another run is: then nothing was done here

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        done = (
            self.passages,
            self.annotations,
            self.restored,
            self.altered,
            self.verdicts,
            self.opened,
            self.closed,
            self.pushed,
            self.removed,
        )
        return not any(done) and not self.decisions


def directly(step: Step, *arguments: Any, **keywords: Any) -> Any:
    """Run a step as the plain function that it is."""
    return step(*arguments, **keywords)


def advance(
    address: str,
    servers: Mapping[str, LabelStudio] | None = None,
    *,
    full: bool = False,
    step: Runner = directly,
) -> Progress:
    """Move a campaign as far as it can go.

    Args:
        address: the campaign's folder or object-store address.
        servers: the Label Studio servers by name; by default those that the environment names.
        full: look at everything on the servers, not only at what changed.
        step: how each step is run.

    Raises:
        CampaignError: campaign.toml is wrong, or changed in a way that open work forbids.
        LeaseLost: another run took the campaign over while this one was silent for too long.
    """
    campaign = Campaign.load(address)
    servers = servers if servers is not None else servers_of(campaign)
    try:
        with Ledger(address).lease() as ledger:
            told = _advance(State(campaign, ledger), servers, address, full, step, publish, attend)
            ledger.compact()
    except CampaignBusy as busy:
        return Progress(busy=str(busy))
    return told


def foresee(address: str, servers: Mapping[str, LabelStudio] | None = None, *, full: bool = False) -> Progress:
    """What `advance` would do now: the same steps on a ledger that keeps what is written to itself."""
    campaign = Campaign.load(address)
    servers = servers if servers is not None else servers_of(campaign)
    state = State(campaign, DryLedger(address))
    return _advance(state, servers, address, full, directly, to_publish, lambda *_: [])


def rest(address: str, servers: Mapping[str, LabelStudio] | None = None) -> Progress | None:
    """What `advance` would say if there is nothing to do now, which costs nothing but a look; else None.

    Nothing is written: the first step that would write stops the look. Arguments as of `advance`.
    """
    campaign = Campaign.load(address)
    servers = servers if servers is not None else servers_of(campaign)
    try:
        state = State(campaign, _Sealed(address))
        return _advance(state, servers, address, False, directly, _is_published, _is_attended)
    except _WorkFound:
        return None


class _WorkFound(Exception):
    """There is something to do."""


class _Sealed(Ledger):
    """A ledger that nothing may be written to."""

    def append(self, table: Table, rows: Sequence[Row], places: Sequence[int] | None = None) -> int:  # noqa: ARG002
        if rows:
            raise _WorkFound
        return 0


def _is_published(state: State, _: object, *, counted: Mapping[str, Workbenches], full: bool) -> Published:  # noqa: ARG001
    if not is_published(state, counted):
        raise _WorkFound
    return Published()


def _is_attended(
    state: State, servers: Mapping[str, LabelStudio], standing: Mapping[str, Workbenches]
) -> list[str]:
    if _knows_assistant(state):
        from flows.services import assistant_process

        if not assistant_process.is_attended(state, servers, standing):
            raise _WorkFound
    return []


def _advance(
    state: State,
    servers: Mapping[str, LabelStudio],
    address: str,
    full: bool,
    step: Runner,
    publish: Step,
    attend: Step,
) -> Progress:
    told = Progress()
    step(record_campaign, state)
    told.problems = step(guideline_versions.read_guidelines, state, address)
    told.passages = step(read_source, state, address)

    step(link, state.fresh(), servers, told)
    collected = step(collect, state.fresh(), servers, full=full)
    elsewhere = step(webhooks.notice, state.fresh(), servers, collected.standing)
    if len(state.fresh().events(GivenUp)):
        told.restored = step(restore, state.fresh())
    found = step(interpret, state.fresh())
    checked = step(check, state.fresh())
    decided = step(decide_items, state.fresh())
    opened = step(open_due, state.fresh(), decided)
    published = step(publish, state.fresh(), servers, full=full, counted=collected.standing)
    unattended = step(attend, state.fresh(), servers, collected.standing)

    told.annotations, told.altered = collected.annotations, collected.altered
    told.questions, told.translations = len(found.questions), len(found.translations)
    told.verdicts, told.flagged = len(found.verdicts) + checked.verdicts, checked.flagged
    for row in decided.decisions:
        told.decisions[row["outcome"]] = told.decisions.get(row["outcome"], 0) + 1
    told.opened, told.closed = len(opened.tasks), len(opened.closed)
    told.pushed, told.removed = published.pushed, published.removed
    told.problems = list(
        dict.fromkeys([*told.problems, *collected.problems, *elsewhere, *published.problems, *unattended])
    )
    return told


def attend(state: State, servers: Mapping[str, LabelStudio], standing: Mapping[str, Workbenches]) -> list[str]:
    """Have authors' workbenches ask the assistant, where there is one, and tell it what is new; what failed."""
    if not _knows_assistant(state):
        return []
    from flows.services import assistant_process  # takes a moment, and most campaigns have no assistant

    return assistant_process.attend(state, servers, standing)


def _knows_assistant(state: State) -> bool:
    return state.campaign.assistant.enabled or len(state.events(Assisted)) > 0


def open_due(state: State, decided: Decisions) -> Opened:
    """See who qualified, plant and draw what is measured, and hand out what is due in every stage."""
    author_qualification.qualify(state)
    plants.plant(state)
    human_baseline.draw(state)
    state = state.fresh()
    return open_tasks(state, due(state, decided))


def due(state: State, decided: Decisions) -> list[Due]:
    """What is due in every stage."""
    return [
        *(piece for work in STAGES for piece in work.due(state, decided.waiting)),
        *plants.due(state),
        *rechecks.due(state),
        *human_baseline.due(state),
    ]


def record_campaign(state: State) -> None:
    """Write down the campaign.toml that is in force, when it is a new one.

    Raises:
        CampaignError: the change is not possible while certain work is open.
    """
    changes = state.events(CampaignChanged)
    campaign = state.campaign
    if len(changes):
        before = changes.iloc[-1]
        if before["subject"] == campaign.hash:
            return
        open_work = state.tasks[state.tasks["open"]][["stage", "language", "person"]]
        problems = compare(Campaign.from_json(before["detail"]), campaign, open_work, begun=len(state.tasks) > 0)
        if problems:
            raise CampaignError("campaign.toml changed in a way that cannot be while work is open", problems)
    state.ledger.append(
        tables.EVENTS,
        [CampaignChanged(campaign.to_json()).row(campaign.hash, str(len(changes)))],  # A→B→A stays three events
    )


def read_source(state: State, address: str) -> int:
    """Record the passages of the source that the ledger does not hold, and what is to be said about them.

    Returns:
        How many passages (one per language) were new or changed.
    """
    campaign = state.campaign
    path, languages = campaign.source_path(address), list(campaign.text_languages)
    mark = sources.fingerprint(campaign.source.kind, path, languages)
    before, given_up = state.events(SourceRead), state.events(GivenUp)
    # What is said about passages goes with the verdicts.
    lost = given_up[given_up["subject"].isin([tables.PASSAGES.name, tables.VERDICTS.name])]
    known_as = before[before["subject"] == mark]
    again = bool(len(known_as) and len(lost) and lost["sequence"].max() > before["sequence"].max())
    if len(known_as) and not again:
        return 0
    found = sources.read(campaign.source.kind, path, languages)
    known = state.ledger.read(tables.PASSAGES, ["passage_id", "language", "revision", "text"])
    texts = set(zip(known["passage_id"], known["language"], known["text"], strict=True))
    last = known.groupby(["passage_id", "language"])["revision"].max().to_dict()
    rows = [
        {**row, "revision": int(last.get((row["passage_id"], row["language"]), 0)) + 1}
        for row in found.to_pylist()
        if (row["passage_id"], row["language"], row["text"]) not in texts
        and not (again and (row["passage_id"], row["language"]) in last)  # one that was mended stays so
    ]
    state.ledger.append(tables.PASSAGES, rows)
    check_source(state, to_frame(found).assign(revision=1))
    read = SourceRead(campaign.source.kind, len(languages), len(rows), again=len(before) if again else None)
    state.ledger.append(tables.EVENTS, [read.row(mark)])
    return len(rows)


def link(state: State, servers: Mapping[str, LabelStudio], told: Progress) -> None:
    """Link new accounts to the people whose e-mail address they signed up with."""
    for name, server in servers.items():
        try:
            link_accounts(state, {name: server})
        except ServerError as error:
            told.problems.append(str(error))
