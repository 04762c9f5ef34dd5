"""Advance: move every item of a campaign as far as it can go today, then stop.

People take weeks to answer, so an advance never waits for them. Each step reads the ledger, does what is due and
records it. Every step is safe to repeat, so a run that dies leaves its remaining work to the next run.

`recipe` lists the steps. It is the same for a live run, a dry run and a check for pending work (`flows.run_mode`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ParamSpec, Protocol, TypeVar

from annotation.labelstudio.annotation_server import AnnotationServer
from data.campaign.campaign import Campaign
from data.errors import CampaignBusy, ServerError
from data.ledger import DryLedger, Ledger
from data.ledger.events import Assisted, GivenUp, MessagesSwitched
from flows.campaign_state import State
from flows.idle_note import IdleNote
from flows.inspection import webhooks
from flows.inspection.account_ownership import link_accounts
from flows.inspection.account_separation import admit_people, record_separation
from flows.inspection.copies_at_work import hold_servers
from flows.lead.restoration import restore_judgements, restore_work
from flows.ledger_views.sent_messages import published_upto
from flows.person_pages.page_delivery import deliver_pages
from flows.progress import Progress
from flows.run_mode import Mode
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.services.running_servers import servers_of
from flows.steps.campaign_record import record_campaign
from flows.steps.checks_and_decisions import check, decide_items
from flows.steps.collection import collect
from flows.steps.due_tasks import open_due
from flows.steps.passage_intake import read_source
from flows.steps.submission_outcomes import interpret
from flows.steps.task_publication import Workbenches, publish
from flows.workbenches.guideline_versions import read_guidelines

P = ParamSpec("P")
R = TypeVar("R")


class Runner(Protocol):
    """Calls a step with its arguments; a Prefect flow passes one that runs each step as a Prefect task."""

    def __call__(self, step: Callable[P, R], /, *arguments: P.args, **keywords: P.kwargs) -> R:
        """Run the step and return its result."""


def directly(step: Callable[P, R], /, *arguments: P.args, **keywords: P.kwargs) -> R:
    """Run a step as a plain function call."""
    return step(*arguments, **keywords)


@dataclass(frozen=True)
class Run:
    """One run of the recipe.

    Attributes:
        address: the campaign's folder or object-store address.
        servers: the Label Studio servers by their name in campaign.toml.
        mode: whether the run acts, reports or only looks.
        full: read everything on the servers, not only what changed.
        step: how each step is run.
    """

    address: str
    servers: Mapping[str, AnnotationServer]
    mode: Mode = Mode.LIVE
    full: bool = False
    step: Runner = directly


def advance(
    address: str,
    servers: Mapping[str, AnnotationServer] | None = None,
    *,
    full: bool = False,
    step: Runner = directly,
) -> Progress:
    """Move a campaign as far as it can go.

    Args:
        address: the campaign's folder or object-store address.
        servers: the Label Studio servers by name; by default those that the environment names.
        full: read everything on the servers, not only what changed.
        step: how each step is run.

    Raises:
        CampaignError: campaign.toml is wrong, or changed in a way that open work forbids.
        UsageError: another copy of the campaign works on one of the servers.
        LeaseLost: another run took over the campaign because this one was silent for too long.
    """
    campaign = Campaign.load(address)
    note = IdleNote(campaign, address, servers if servers is not None else servers_of(campaign))
    run = Run(address, note.servers, Mode.LIVE, full, step)
    progress = Progress()
    try:
        with chosen(RunnerChoice.of(campaign)), Ledger(address).lease() as ledger:
            state = State(campaign, ledger)
            unfinished = sum(recipe(state, run, progress))
            ledger.compact()
            if not unfinished and not ledger.written:
                _leave(note, state, progress)
    except CampaignBusy as busy:
        return Progress(busy=str(busy))
    return progress


def preview(
    address: str, servers: Mapping[str, AnnotationServer] | None = None, *, full: bool = False
) -> Progress:
    """Return what `advance` would do now, without writing anything. Takes the arguments of `advance`."""
    campaign = Campaign.load(address)
    run = Run(address, servers if servers is not None else servers_of(campaign), Mode.DRY, full)
    progress = Progress()
    for _ in recipe(State(campaign, DryLedger(address)), run, progress):
        pass
    return progress


def idle_progress(address: str, servers: Mapping[str, AnnotationServer] | None = None) -> Progress | None:
    """Return what `advance` would report if it has nothing to do now, else None.

    Compares with the note of the last run that found nothing to do, and looks where anything has changed since.
    Stops at the first step that finds work, so it is cheap. Takes the arguments of `advance`.
    """
    campaign = Campaign.load(address)
    note = IdleNote(campaign, address, servers if servers is not None else servers_of(campaign))
    if (known := note.holds()) is not None:
        return known
    run = Run(address, note.servers, Mode.LOOK)
    ledger, progress = DryLedger(address), Progress()
    state = State(campaign, ledger)
    for unfinished in recipe(state, run, progress):
        if unfinished or ledger.written:
            return None
    _leave(note, state, progress)
    return progress


def _leave(note: IdleNote, state: State, progress: Progress) -> None:
    """Leave the note of a run that found nothing to do, unless an assistant had to be looked at, too."""
    if not _is_assisted(state):
        note.leave(progress, len(state.annotations))


def still_idle(address: str) -> Progress | None:
    """Return what `advance` would report if nothing has changed since a run found nothing to do, else None."""
    campaign = Campaign.load(address)
    return IdleNote(campaign, address, servers_of(campaign)).holds()


def recipe(state: State, run: Run, progress: Progress) -> Iterator[int]:
    """Run the steps of an advance in order, each on a fresh reading of what the earlier ones wrote.

    Args:
        state: the campaign, on a ledger that fits the mode.
        run: the servers and the mode.
        progress: receives what each step did.

    Yields:
        After each step, so that a look can stop there: the number of workbenches that the step found out of order,
        the only finding that `progress` and the ledger do not show.
    """
    step, servers, mode, full = run.step, run.servers, run.mode, run.full
    told_upto = published_upto(state) if state.campaign.notify.enabled else -1

    step(hold_servers, state, servers, mode)

    # The campaign itself: settings, guidelines, passages, and which account belongs to whom.
    step(record_campaign, state)
    yield 0
    progress.add_problems(step(read_guidelines, state, run.address))
    progress.passages = step(read_source, state, run.address)
    yield 0
    linked = step(link, state.fresh(), servers)
    progress.add_problems(linked.problems)
    yield 0
    separation = step(record_separation, state.fresh(), servers)
    progress.add_problems(separation.problems)
    yield 0

    # What people submitted since the last run.
    collected = step(collect, state.fresh(), servers, full=full, mode=mode)
    progress.annotations, progress.altered = collected.annotations, collected.altered
    progress.add_problems(collected.problems)
    yield 0
    progress.add_problems(step(webhooks.record_new_webhooks, state.fresh(), servers, collected.standing))
    yield 0
    lost = len(state.fresh().events(GivenUp)) > 0
    if lost:
        progress.restored = step(restore_work, state.fresh())
        yield 0
    found = step(interpret, state.fresh())
    if lost:
        progress.restored += step(restore_judgements, state.fresh(), progress.restored)
        yield 0
    progress.questions, progress.translations = len(found.questions), len(found.translations)
    yield 0

    # Checks and decisions on it.
    checked = step(check, state.fresh())
    progress.verdicts, progress.flagged = len(found.verdicts) + checked.verdicts, checked.flagged
    yield 0
    decided = step(decide_items, state.fresh())
    progress.count_decisions(row["outcome"] for row in decided.decisions)
    yield 0

    # The next tasks: who gets them, and publishing them on every server.
    opened = step(open_due, state.fresh(), decided)
    progress.opened, progress.closed = len(opened.tasks), len(opened.closed)
    yield 0
    standing, unreadable = collected.standing, collected.unreadable
    published = step(
        publish, state.fresh(), servers, full=full, counted=standing, unreadable=unreadable, mode=mode
    )
    progress.pushed, progress.removed = published.pushed, published.removed
    progress.add_problems(published.problems)
    yield published.unfinished
    known = {name: {**benches, **published.opened.get(name, {})} for name, benches in standing.items()}
    admitted = step(admit_people, state.fresh(), servers, separation.members, linked.accounts, known, mode)
    progress.add_problems(admitted.problems)
    yield admitted.unfinished
    attended = step(attend, state.fresh(), servers, collected.standing, mode)
    progress.add_problems(attended.problems)
    yield attended.unfinished

    # What people are told of all that.
    delivered = step(notify, state.fresh(), servers, told_upto, mode)
    progress.told = delivered.sent
    progress.add_problems(delivered.problems)
    yield delivered.unfinished

    # Everybody's own page, last: it tells of all the rest, and is out of date as soon as something is written.
    kept_apart = sorted(separation.members)
    pages = step(deliver_pages, state.fresh(), servers, kept_apart, linked.accounts, known, mode)
    progress.add_problems(pages.problems)
    yield pages.unfinished


@dataclass
class Notified:
    """How many messages were sent, how many are due, and what failed."""

    sent: int = 0
    unfinished: int = 0
    problems: list[str] = field(default_factory=list)


def notify(state: State, servers: Mapping[str, AnnotationServer], known: int, mode: Mode = Mode.LIVE) -> Notified:
    """Tell people of work that has come and of deadlines, where the lead has switched that on.

    Args:
        state: the campaign.
        servers: by name.
        known: the ledger's sequence up to which work stood on servers before this run; where a channel begins,
            that much counts as known.
        mode: in a dry run nobody is told; `belebele notify --dry-run` shows what would be said.
    """
    on = state.campaign.notify.enabled or len(state.events(MessagesSwitched)) > 0
    if not on or mode is Mode.DRY:
        return Notified()
    from flows.notifications.delivery import notify_people  # slow to import, and many campaigns tell nobody

    told = notify_people(state, servers, mode, known=known)
    return Notified(told.sent, told.unfinished, told.problems)


@dataclass
class Attended:
    """The workbenches and assistant data that `attend` found out of order, and what failed."""

    unfinished: int = 0
    problems: list[str] = field(default_factory=list)


def attend(
    state: State,
    servers: Mapping[str, AnnotationServer],
    standing: Mapping[str, Workbenches],
    mode: Mode = Mode.LIVE,
) -> Attended:
    """Connect authors' workbenches to the assistant, where there is one, and bring its data up to date.

    Args:
        state: the campaign.
        servers: by name.
        standing: the workbenches on each server that answered, by title.
        mode: in a dry run the assistant is left alone.
    """
    if not _is_assisted(state) or mode is Mode.DRY:
        return Attended()
    from flows.services import assistant_process  # slow to import, and most campaigns have no assistant

    if mode is Mode.LOOK:
        return Attended(unfinished=not assistant_process.is_attended(state, servers, standing))
    return Attended(problems=assistant_process.attend(state, servers, standing))


def _is_assisted(state: State) -> bool:
    return state.campaign.assistant.enabled or len(state.events(Assisted)) > 0


@dataclass
class Linked:
    """The accounts on the servers that were asked for them, and which servers did not answer."""

    accounts: dict[str, frozenset[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def link(state: State, servers: Mapping[str, AnnotationServer]) -> Linked:
    """Link new accounts to people by their sign-up e-mail address."""
    linked = Linked()
    for name, server in servers.items():
        try:
            linked.accounts |= link_accounts(state, {name: server})
        except ServerError as error:
            linked.problems.append(str(error))
    return linked
