"""The rounds of the demo: an `advance`, then everybody does their open work, until nothing is left.

Everybody works over the server's HTTP interface, in an account of their own, and submits what
`flows.simulation.demo.sample_submissions` says. After every round the narration covers what an onlooker would want
to know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

import pandas as pd

from annotation.forms.submitted_form import feedback
from annotation.labelstudio.signed_in_user import SignedInUser
from data.campaign.campaign import Campaign
from data.errors import DemoFailed
from data.ledger import Ledger
from data.ledger.events import QuizTaken, details_of
from data.ledger.tables import STAGES
from data.sample import Person, Sample
from flows.campaign_state import State
from flows.flow_runs import run_advance
from flows.lead import lead_actions
from flows.ledger_views.lead_queries import queries_to_lead
from flows.ledger_views.posed_copies import plants_by_id
from flows.patches.patch_requests import PatchRequest, patch
from flows.services import assistant_advice
from flows.simulation.demo import narration
from flows.simulation.demo.narration import Deed
from flows.simulation.demo.sample_submissions import Performance, WaitingTask, works

MOST_ROUNDS = 30
"""The demo fails if the script is not done after this many rounds."""

_ITEM = ("question", "answer_1", "answer_2", "answer_3", "answer_4", "key")
"""The boxes of an author's page that the assistant comments on, in the order in which they are filled in."""

Result = list[dict[str, Any]]


@dataclass
class Play:
    """The script in progress, and what was narrated of it."""

    sample: Sample
    campaign: str
    users: Mapping[str, SignedInUser]
    performance: Performance = field(init=False)
    explained: set[Deed] = field(default_factory=set)
    said: dict[tuple[str, int], str] = field(default_factory=dict)
    """The assistant's advice on the first version of a draft, by question and draft."""
    quizzes: int = 0
    plants: int = 0
    meter: str = ""
    workbenches: dict[str, int] = field(default_factory=dict)
    """Their numbers by title, so that nobody has to look one up twice."""
    assistants: dict[int, int] = field(default_factory=dict)
    """The ML backend that the pages of a workbench ask, by the workbench's number."""

    def __post_init__(self) -> None:
        self.performance = Performance(self.sample)

    def state(self) -> State:
        """Return the current state of the campaign."""
        return State(Campaign.load(self.campaign), Ledger(self.campaign))


def rounds(play: Play, look: Callable[[], None]) -> State:
    """Advance and let everybody do their open work, again and again, until nothing is left.

    Args:
        play: the script.
        look: called once a round, to check the other processes.

    Returns:
        The campaign at the end.

    Raises:
        DemoFailed: it is not done after `MOST_ROUNDS` rounds.
    """
    for number in range(1, MOST_ROUNDS + 1):
        look()
        narration.console.rule(f"Round {number}", align="left", style="dim")
        progress = run_advance(play.campaign)
        narration.advanced(progress)
        state = play.state()
        narration.decided(state.decisions.tail(sum(progress.decisions.values())))
        _news(play, state)
        replied = _reply(play, state)
        if not _everybody_works(play, state) and not replied and progress.idle:
            return state
    raise DemoFailed(
        f"the script is not done after {MOST_ROUNDS} rounds; belebele status {play.campaign} shows what waits"
    )


def correction(play: Play, look: Callable[[], None]) -> None:
    """Take in what readers of the release report, and have it corrected; arguments and errors as of `rounds`."""
    for report in play.sample.reporting:
        narration.reported(report)
        patch(
            play.state(),
            PatchRequest(report.question, report.language, report.error, report.part, reported_by=report.credit),
        )
    rounds(play, look)


def _news(play: Play, state: State) -> None:
    """Narrate what this advance brought that nobody would see otherwise."""
    taken = state.events(QuizTaken)
    bar = state.campaign.qualification.min_quiz_share
    new_ones = taken[play.quizzes :]
    for person, one in zip(new_ones["subject"], details_of(new_ones, QuizTaken), strict=True):
        narration.quiz(person, one.score, bar)
    play.quizzes = len(taken)
    if new := len(plants_by_id(state)) - play.plants:
        narration.planted(new)
        play.plants += new
    meter = assistant_advice.held_meter(assistant_advice.home(state.campaign, play.campaign))
    if meter and meter.version != play.meter:
        narration.learnt(meter.items, meter.accuracy)
        play.meter = meter.version


def _reply(play: Play, state: State) -> int:
    """Answer the open queries as the lead; return how many there were."""
    asked = queries_to_lead(state)[queries_to_lead(state)["reply"].isna()]
    replies = {query.text: query.reply for query in play.sample.queries}
    for line in asked.to_dict("records"):
        reply = replies[line["text"]]
        narration.asked(line["person"], line["language"], line["passage_id"], line["text"], reply)
        lead_actions.answer(state, line["query"], reply)
    return len(asked)


def _everybody_works(play: Play, state: State) -> int:
    """Do everybody's open work; return how much it was."""
    tasks = state.tasks[state.tasks["open"]]
    play.performance.look(tasks)
    people = {person.code: person for person in play.sample.people}
    waiting: dict[Deed, list[WaitingTask]] = {}
    for work in _open(play, state, tasks, people):
        waiting.setdefault(_deed(work), []).append(work)
    done: Counter[tuple[Deed, str, str]] = Counter()
    narrations: list[Callable[[], None]] = []
    with narration.at_work({deed: len(mine) for deed, mine in waiting.items()}, play.explained) as begin:
        for deed, mine in waiting.items():
            for work in mine:
                result, text = play.performance.submission(work, state)
                begin(deed, people[work.person], text)
                user = play.users[work.person]
                if work.stage == "authoring":
                    result = _assisted(play, user, work, result, narrations)
                user.submit(work.task.id, result, people[work.person].seconds)
                done[deed, work.language, work.person] += 1
    narration.worked(done, state.source_language)
    for tell in narrations:
        tell()
    return done.total()


def _open(play: Play, state: State, tasks: pd.DataFrame, people: Mapping[str, Person]) -> Iterator[WaitingTask]:
    """Yield the open work as each person finds it on their workbenches, in the order of the stages."""
    for stage in STAGES:
        mine = tasks[tasks["stage"] == stage].groupby(["language", "person"], sort=True).size()
        for language, code in cast("list[tuple[str, str]]", list(mine.index)):
            title = state.campaign.workbench_title(stage, language, code)
            found = play.users[code].open_tasks(title, play.workbenches.get(title))
            if found:
                play.workbenches[title] = found[0].workbench
            yield from works(state, {task.key: task for task in found[: people[code].per_round or None]})


def _deed(work: WaitingTask) -> Deed:
    """Return an onlooker's name for this work; a plant looks like any other review."""
    if work.copy == "recheck":
        return "rechecking"
    return "reading" if work.copy in ("baseline", "key_check") else work.stage


# The assistant ---------------------------------------------------------------------------------------------------


def _assisted(
    play: Play, user: SignedInUser, work: WaitingTask, result: Result, narrations: list[Callable[[], None]]
) -> Result:
    """Fill in an author's page box by box, read the assistant's comments, and submit.

    Where the script has a first version, it is filled in first and changed afterwards; the comments before and
    after are kept for the narration.
    """
    bench = work.task.workbench
    assistant = play.assistants.get(bench) or user.assistant(bench)
    if assistant is None:
        return result
    play.assistants[bench] = assistant
    first = play.performance.first(work)
    if first is None:  # the page asks at every box; here once at the end, to save time
        return [*result, *(user.ask(assistant, work.task.id, list(_pages(result))[-1]) or [])]
    shown: Result = []
    for page in _pages(first):
        shown = user.ask(assistant, work.task.id, [*page, *shown]) or shown
    before = feedback(shown)
    for page in _pages(result, first):
        shown = user.ask(assistant, work.task.id, [*page, *shown]) or shown
    play.said[work.subject, work.revision + 1] = before
    changes = [(_text(old), _text(new)) for old, new in _changed(first, result)]
    narrations.append(partial(narration.assisted, work.person, work.subject, before, changes, feedback(shown)))
    return [*result, *shown]


def _pages(result: Result, former: Result | None = None) -> Iterator[Result]:
    """Yield the page's content after each box is filled in; over a former page, only after boxes that differ."""
    page = {box["from_name"]: box for box in former or ()}
    for box in result:
        if box["from_name"] in _ITEM and page.get(box["from_name"]) != box:
            page[box["from_name"]] = box
            yield list(page.values())


def _changed(former: Result, result: Result) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    before = {box["from_name"]: box for box in former}
    for box in result:
        if (old := before.get(box["from_name"])) and old != box:
            yield old, box


def _text(box: Mapping[str, Any]) -> str:
    held: Sequence[str] = box["value"].get("text") or box["value"].get("choices") or [""]
    return held[0]
