"""`belebele rehearse`: scripted people play a whole campaign on its real passages, before anybody is paid.

The servers are real and the program is the one that anybody uses; only the people and the hours are made up. What
is played is a copy in a folder of its own, with servers of its own: the campaign is read and never written. People
do what is open, advance moves it on, and again, until nothing is left. How long a task takes is drawn and not
waited for, so a campaign of weeks takes minutes; the calendar is made of the drawn times afterwards
(`flows.simulation.rehearsal.rehearsal_estimates`).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio, install
from annotation.labelstudio.seam import AnnotationServer
from annotation.labelstudio.visitor import Visitor
from annotation.stages import page_of
from data import storage
from data.campaign.campaign import Campaign
from data.campaign.settings import Role
from data.environment import state_dir
from data.ledger import Ledger
from data.ledger.tables import STAGES, Stage
from data.outputs import failing
from flows.advance import advance
from flows.lead.selection import select
from flows.readings import quiz_versions
from flows.readings.current_items import kept_questions, latest_selection
from flows.readings.posed_copies import plants_by_id
from flows.simulation.rehearsal import campaign_copy, worker_profiles
from flows.simulation.rehearsal.simulated_workers import Script, role_of
from flows.simulation.sandbox import apart, room, sign_up
from flows.state import State

MARK = ".belebele-rehearsal"

MADE = ("campaign", "servers", "rehearsal.json")
"""What a rehearsal makes in its folder."""
HOST = "rehearsal.invalid"
PASSWORD = "belebele-rehearsal"
MOST_ROUNDS = 60
"""People who are not done by then never will be."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Done:
    """A task that somebody did.

    Attributes:
        round: in which it was done, from 1; what it rests on was done in an earlier one.
        stage: of the task.
        language: of the task.
        subject: the question or copy that it was about.
        person: who did it.
        role: as what.
        seconds: how long it took.
    """

    round: int
    stage: Stage
    language: str
    subject: str
    person: str
    role: Role
    seconds: float


@dataclass(frozen=True)
class Played:
    """A rehearsal that came to its end.

    Attributes:
        address: of the campaign that was played.
        script: with the truth about every question and translation.
        done: what everybody did, in order.
        state: the campaign as its ledger tells it at the end.
    """

    address: str
    script: Script
    done: Sequence[Done]
    state: State


def rehearse(
    address: str,
    out: str,
    *,
    passages: int = 60,
    languages: Sequence[str] = (),
    people: str = "",
    seed: int = 1,
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Rehearse a campaign and write what came of it to `out/rehearsal.json`.

    Args:
        address: the campaign's folder or object-store address.
        out: a new folder, or that of a former rehearsal, which is replaced.
        passages: how many of its passages, the first ones.
        languages: targets; all of the campaign's if empty.
        people: a file that says how well and fast people work; "" for people as they usually are.
        seed: of everybody's luck.
        tell: is told, in a line, how far it is.

    Returns:
        As of `flows.simulation.rehearsal.rehearsal_estimates.rehearsal_facts`.

    Raises:
        UsageError: `out` holds something else or cannot be written to; a language or person that is not there.
        CampaignError: campaign.toml or the file of people is wrong.
    """
    from flows.simulation.rehearsal import rehearsal_estimates

    skills = worker_profiles.load(people)
    environments = state_dir()
    campaign_copy.copied(address, passages=passages, languages=languages)  # mistakes are told before servers start
    with ExitStack() as stack:
        folder = stack.enter_context(room(Path(out), MARK, "rehearsal", MADE))
        made = campaign_copy.begin(address, folder, passages=passages, languages=languages)
        _known(Campaign.load(made), skills)
        stack.enter_context(apart(folder / "servers"))
        tell("starting Label Studio …")
        home = install(environments, tell)
        server = stack.enter_context(LocalLabelStudio(home.parent, data_dir=folder / "servers" / "label-studio"))
        studio = stack.enter_context(LabelStudio(server.url, server.token))
        result = rehearsal_estimates.rehearsal_facts(play(made, studio, skills, seed=seed, tell=tell))
        text = json.dumps(result, indent=2, ensure_ascii=False) + "\n"
        with failing(folder):
            storage.write_text(str(folder), "rehearsal.json", text)
    return result


def play(
    address: str,
    studio: AnnotationServer,
    skills: worker_profiles.Skills,
    *,
    seed: int = 1,
    tell: Tell = lambda _: None,
) -> Played:
    """Play a campaign to its end on a server.

    Args:
        address: of the campaign, which is played itself.
        studio: the server that holds all of its work.
        skills: how people work.
        seed: of their luck.
        tell: is told of every round.
    """
    campaign, servers = Campaign.load(address), {"main": studio}
    with ExitStack() as stack:
        codes = [person.code for person in campaign.people]
        tell(f"{len(codes)} people sign up …")
        visitors = {
            code: stack.enter_context(one) for code, one in sign_up(studio, campaign.id, codes, HOST, PASSWORD)
        }
        advance(address, servers)
        state = State(campaign, Ledger(address))
        used = set(state.passages["passage_id"])  # trial questions are on passages without slots
        texts = {
            place: list(t["sentences"]) for place, t in state.texts_of(used, set(campaign.text_languages)).items()
        }
        quiz = quiz_versions.quiz_of(state, quiz_versions.quizzes(state))
        script, done = Script(texts, state.source_language, skills, seed, quiz), list[Done]()
        for number in range(1, MOST_ROUNDS + 1):
            count = _work(address, script, visitors, number, done)
            told = advance(address, servers)
            decided = ", ".join(f"{n} {outcome}" for outcome, n in sorted(told.decisions.items()))
            tell(f"round {number}: {count} tasks done{f'; decided: {decided}' if decided else ''}")
            if not count and told.idle and not _select(address):
                break
    return Played(address, script, done, State(campaign, Ledger(address)))


def rehearse_and_print(address: str, out: str, *, as_json: bool, **options: Any) -> None:
    """Rehearse, and print what came of it; arguments as of `rehearse`."""
    from flows.cli.command_group import print_json
    from flows.cli.terminal import Terminal
    from flows.simulation.rehearsal import rehearsal_tables

    console = Terminal(stderr=as_json)
    try:
        result = rehearse(address, out, tell=lambda words: console.print(words, style="dim"), **options)
    except KeyboardInterrupt:
        console.print("stopped; the next rehearsal begins anew")
        sys.exit(130)
    if as_json:
        print_json(result)
    else:
        rehearsal_tables.show(Terminal(), result)
        console.print(f"written: {Path(out) / 'rehearsal.json'}")


def _known(campaign: Campaign, skills: worker_profiles.Skills) -> None:
    for code in sorted(skills.named):
        campaign.person(code)


def _work(address: str, script: Script, visitors: Mapping[str, Visitor], number: int, done: list[Done]) -> int:
    """Everybody does what is open for them; returns how much it was."""
    state = State(Campaign.load(address), Ledger(address))
    tasks = state.tasks[state.tasks["open"]]
    before = len(done)
    plants = plants_by_id(state)
    about = dict(zip(tasks["task_key"], tasks["question_id"], strict=True))
    for stage in (stage for stage in STAGES if (tasks["stage"] == stage).any()):
        mine = tasks[tasks["stage"] == stage].groupby(["language", "person"], sort=True).size()
        for language, code in cast("list[tuple[str, str]]", list(mine.index)):
            title = state.campaign.workbench_title(stage, language, code)
            for task in visitors[code].open_tasks(title):
                subject = about[task.key]
                role = role_of(stage, subject)
                fields = script.fields(task.key, task.data, plants, subject)
                seconds = script.seconds(task.key, role, code)
                visitors[code].submit(task.id, page_of(stage).result(fields, task.data, ""), seconds)
                done.append(Done(number, stage, language, subject, code, role, seconds))
    return len(done) - before


def _select(address: str) -> bool:
    """Where translation waits for the final set, choose it once; tells whether it was chosen now."""
    state = State(Campaign.load(address), Ledger(address))
    kept = len(kept_questions(state))
    if state.campaign.selection.policy != "command" or latest_selection(state) is not None or not kept:
        return False
    select(state, size=min(state.campaign.selection.selected_questions or kept, kept))
    return True
