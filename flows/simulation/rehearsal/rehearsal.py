"""`belebele rehearse`: simulated people play a whole campaign on its real passages, before anybody is paid.

The servers and the program are real; only the people and the hours are made up. The rehearsal plays a copy in a
folder and on servers of its own: the campaign is read and never written. People do their open work, advance moves
the campaign on, and so on until nothing is left. The time of a task is drawn, not waited for, so a campaign of
weeks takes minutes; the calendar is computed from the drawn times afterwards
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

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio, install
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data import storage
from data.campaign.campaign import Campaign
from data.campaign.settings import Role
from data.environment import state_dir
from data.ledger import Ledger
from data.ledger.tables import STAGES, Stage
from data.output_files import failing
from flows.advance import advance
from flows.campaign_state import State
from flows.lead.lead_actions import decide
from flows.lead.selection import select, selectable
from flows.ledger_views.current_items import kept_questions, latest_selection
from flows.ledger_views.people import quiz_versions
from flows.ledger_views.posed_copies import plants_by_id
from flows.ledger_views.translations.suspect_sources import suspect_sources
from flows.runners.runner_choice import RunnerChoice
from flows.simulation.rehearsal import campaign_copy, worker_profiles
from flows.simulation.rehearsal.simulated_workers import Script, role_of
from flows.simulation.sandbox import apart, room, sign_up

MARK = ".belebele-rehearsal"

MADE = ("campaign", "servers", "rehearsal.json")
"""The files and folders that a rehearsal makes in its folder."""
HOST = "rehearsal.invalid"
PASSWORD = "belebele-rehearsal"
MOST_ROUNDS = 60
"""The rehearsal fails if people are not done after this many rounds."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class FinishedTask:
    """A task that somebody did.

    Attributes:
        round: the round in which it was done, from 1; what it rests on was done in an earlier one.
        stage: of the task.
        language: of the task.
        subject: the question or copy that it was about.
        person: who did it.
        role: the role in which they did it.
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
class PlayedRehearsal:
    """A finished rehearsal.

    Attributes:
        address: of the campaign that was played.
        script: with the truth about every question and translation.
        done: what everybody did, in order.
        state: the state of the campaign at the end.
    """

    address: str
    script: Script
    done: Sequence[FinishedTask]
    state: State


def rehearse(
    address: str,
    out: str,
    *,
    passages: int = 60,
    languages: Sequence[str] = (),
    people: str = "",
    seed: int = 1,
    choice: RunnerChoice | None = None,
    tell: Tell = lambda _: None,
) -> dict[str, Any]:
    """Rehearse a campaign and write the result to `out/rehearsal.json`.

    Args:
        address: the campaign's folder or object-store address.
        out: a new folder, or that of an earlier rehearsal, which is replaced.
        passages: how many of its passages, the first ones.
        languages: targets; all of the campaign's if empty.
        people: a file that says how well and fast people work; "" for the defaults.
        seed: of the random draws.
        choice: who judges and learns, in place of what campaign.toml says.
        tell: receives a line on the progress.

    Returns:
        As of `flows.simulation.rehearsal.rehearsal_estimates.rehearsal_facts`.

    Raises:
        UsageError: `out` holds something else or cannot be written to; an unknown language or person.
        CampaignError: campaign.toml or the file of people is wrong.
    """
    from flows.simulation.rehearsal import rehearsal_estimates

    skills = worker_profiles.load(people)
    environments = state_dir()
    campaign_copy.copied(address, passages=passages, languages=languages)  # reports mistakes before servers start
    with ExitStack() as stack:
        folder = stack.enter_context(room(Path(out), MARK, "rehearsal", MADE))
        made = campaign_copy.begin(address, folder, passages=passages, languages=languages, choice=choice)
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
) -> PlayedRehearsal:
    """Play a campaign to its end on a server.

    Args:
        address: of the campaign, which is played itself.
        studio: the server that holds all of its work.
        skills: how people work.
        seed: of the random draws.
        tell: receives a line for every round.
    """
    campaign, servers = Campaign.load(address), {"main": studio}
    with ExitStack() as stack:
        codes = [person.code for person in campaign.people]
        tell(f"{len(codes)} people sign up …")
        users = {
            code: stack.enter_context(one) for code, one in sign_up(studio, campaign.id, codes, HOST, PASSWORD)
        }
        advance(address, servers)
        state = State(campaign, Ledger(address))
        used = set(state.passages["passage_id"])  # trial questions are on passages without slots
        texts = {
            place: list(t["sentences"]) for place, t in state.texts_of(used, set(campaign.text_languages)).items()
        }
        quiz = quiz_versions.quiz_of(state, quiz_versions.quizzes(state))
        script, done = Script(texts, state.source_language, skills, seed, quiz), list[FinishedTask]()
        for number in range(1, MOST_ROUNDS + 1):
            count = _work(address, script, users, number, done)
            progress = advance(address, servers)
            decided = ", ".join(f"{n} {outcome}" for outcome, n in sorted(progress.decisions.items()))
            tell(f"round {number}: {count} tasks done{f'; decided: {decided}' if decided else ''}")
            vouched = vouch_for_sources(State(Campaign.load(address), Ledger(address)))
            if not count and not vouched and progress.idle and not _select(address):
                break
    return PlayedRehearsal(address, script, done, State(campaign, Ledger(address)))


def rehearse_and_print(address: str, out: str, *, as_json: bool, **options: Any) -> None:
    """Rehearse and print the result; arguments as of `rehearse`."""
    from flows.simulation.rehearsal import rehearsal_tables
    from flows.terminal.console import Terminal
    from flows.terminal.messages import print_json

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


def _work(
    address: str, script: Script, users: Mapping[str, SignedInUser], number: int, done: list[FinishedTask]
) -> int:
    """Do everybody's open work; return how much it was."""
    state = State(Campaign.load(address), Ledger(address))
    tasks = state.tasks[state.tasks["open"]]
    before = len(done)
    plants = plants_by_id(state)
    about = dict(zip(tasks["task_key"], tasks["question_id"], strict=True))
    for stage in (stage for stage in STAGES if (tasks["stage"] == stage).any()):
        mine = tasks[tasks["stage"] == stage].groupby(["language", "person"], sort=True).size()
        for language, code in cast("list[tuple[str, str]]", list(mine.index)):
            title = state.campaign.workbench_title(stage, language, code)
            for task in users[code].open_tasks(title):
                subject = about[task.key]
                role = role_of(stage, subject)
                fields = script.fields(task.key, task.data, plants, subject)
                seconds = script.seconds(task.key, role, code)
                users[code].submit(task.id, page_of(stage).result(fields, task.data, ""), seconds)
                done.append(FinishedTask(number, stage, language, subject, code, role, seconds))
    return len(done) - before


def vouch_for_sources(state: State) -> int:
    """Say as the lead that suspect sources are right, as those of clozes are; return how many there were.

    The same sentence ends otherwise in other languages, so checks of meaning doubt many of them at once.
    """
    suspect = sorted({one.question_id for one in suspect_sources(state)})
    for question in suspect:
        decide(state, question, "keep", "The sentence is cut where the source has it.")
    return len(suspect)


def _select(address: str) -> bool:
    """Select the final set once, where translation waits for it; return whether it was selected now."""
    state = State(Campaign.load(address), Ledger(address))
    waits = state.campaign.selection.policy == "command" and latest_selection(state) is None
    if not waits or kept_questions(state).empty:
        return False
    kept = selectable(state)
    select(state, size=min(state.campaign.selection.selected_questions or kept, kept))
    return True
