"""`belebele demo`: the sample campaign, played from start to end on real servers.

Every person of the script is a user who works over the server's HTTP interface; everything else is the ordinary
program. The script holds inputs only: the outcome of each planted fault is read from the ledger and compared with
the expected one, so that the demo is also a test of the whole.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from importlib.resources import as_file, files
from pathlib import Path

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.campaign.settings import Person as Named
from data.environment import state_dir
from data.errors import DemoFailed, ServerError
from data.sample import Sample, load
from flows.flow_runs import run_release
from flows.reports.people_and_pay import people as about_people
from flows.services import assistant_process
from flows.services.child_processes import START_SECONDS
from flows.services.running_servers import Running
from flows.services.up import Assistant, standing_servers
from flows.simulation.demo import narration
from flows.simulation.demo.demo_rounds import Play, correction, rounds
from flows.simulation.demo.expected_outcomes import (
    DemoOutcome,
    ItemOutcome,
    demo_outcome,
    differences,
    fault_differs,
)
from flows.simulation.sandbox import apart, room, sign_up

MARK = ".belebele-demo"
"""Marks a folder made by a demo, so that the next demo may replace it and nothing else; its owner locks it."""

MADE = ("passages.jsonl", "campaign", "servers", "people", "release", "corrected")
"""The files and folders that a demo makes in its folder."""

HOST = "demo.invalid"
PASSWORD = "belebele-demo"


def play(out: str, *, keep_open: bool = False) -> None:
    """Play the whole sample campaign and write what came of it.

    Its release goes to `out/release`, the one with a reader's correction to `out/corrected`, the report on people
    to `out/people`.

    Args:
        out: a new folder, or that of an earlier demo, which is replaced.
        keep_open: leave the servers running at the end until Ctrl-C.

    Raises:
        UsageError: `out` is a folder that no demo made, or cannot be written to.
        DemoFailed: an outcome differs from what the script expects.
    """
    try:
        _play(Path(out), keep_open)
    except KeyboardInterrupt:
        narration.console.print("stopped; the next demo begins anew")
        sys.exit(130)


def _play(out: Path, keep_open: bool) -> None:
    began = time.monotonic()
    environments = state_dir()
    sample = load()
    with ExitStack() as stack:
        folder = stack.enter_context(room(out, MARK, "demo", MADE))
        stack.enter_context(apart(folder / "servers"))
        narration.opening(sample)
        with narration.waiting("Starting Label Studio and Prefect …"):
            stands = stack.enter_context(standing_servers(environments=environments, tell=narration.console.print))
        running = stands.running
        stack.enter_context(narration.stopping())
        _invite(running)
        campaign = _begin(sample, folder)
        assistant = stack.enter_context(closing(Assistant(campaign, Campaign.load(campaign))))
        with narration.waiting("Everybody signs up …"):
            users = {code: stack.enter_context(one) for code, one in _sign_up(sample, running, campaign)}
        _await_assistant(campaign)
        theatre = Play(sample, campaign, users)
        state = rounds(theatre, assistant.look)
        people = about_people.people_facts(state)
        found = demo_outcome(state, people, theatre.said)
        _show_faults(sample, found)
        narration.people(people)
        about_people.write(people, str(folder / "people"))
        made = run_release(campaign, "1.0.0", str(folder / "release"))
        correction(theatre, assistant.look)
        mended = run_release(campaign, "1.0.1", str(folder / "corrected"), since=str(folder / "release"))
        outcomes = [
            *_summary(sample, found.became),
            ("release", "\n".join(made.lines).removeprefix("release ")),
            ("corrected", mended.lines[0].removeprefix("release ")),
            ("took", f"{time.monotonic() - began:.0f} seconds"),
        ]
        narration.farewell(folder, Path(campaign), outcomes)
        if keep_open:
            _stay()


# The scene -------------------------------------------------------------------------------------------------------


def _invite(running: Running) -> None:
    narration.console.print(
        f"Label Studio  {running.label_studio_url}\n"
        f"              (look in: log in as r1@{HOST}, password {PASSWORD})\n"
        f"Prefect       {running.prefect_api_url.removesuffix('/api')}\n"
        "Ctrl-C stops everything."
    )


SETTINGS = {
    'licence = "CC-BY-SA-4.0"': 'licence = "CC0-1.0"',
    "# max_reviewers = 5": "max_reviewers = 3",
    "guess_share = 0.0": "guess_share = 0.2",
    "required = false": "required = true",
    "\ntrials = 2": "\ntrials = 0",
    "min_kept_trials = 2": "min_kept_trials = 0",
    "plant_share = 0.0": "plant_share = 0.75",
    'faults = ["wrong_key", "two_right", "unanswerable", "cue"]': 'faults = ["wrong_key", "unanswerable", "cue"]',
    "recheck_share = 0.0": "recheck_share = 0.25",
    "items = 0": "items = 12",
    "people_per_item = 1 ": "people_per_item = 2 ",
    "dev = 40": "dev = 4",
    "[assistant]\nenabled = false": "[assistant]\nenabled = true",
    "prompt_words = false": "prompt_words = true",
    "min_training_questions = 100": "min_training_questions = 20",
}
"""The settings in which the sample's campaign.toml differs from a new one.

So many faults are planted because an estimate of what remains needs twenty readings, and there are 24 questions.
No trial questions are written: each costs its author a round of writing and two of review, a third of the demo's
time.
"""


def _begin(sample: Sample, folder: Path) -> str:
    with as_file(files("data.sample") / "passages.jsonl") as texts:
        shutil.copy(texts, folder / "passages.jsonl")
    address = str(folder / "campaign")
    people = [
        Named(
            code=p.code, roles=p.roles, languages=p.languages,
            max_passages=None if p.most is None else dict.fromkeys(p.roles, p.most),
        )
        for p in sample.people
    ]  # fmt: skip
    text = new_campaign.template(
        id="demo", title="The sample campaign", source="parallel", path="../passages.jsonl",
        languages=list(sample.translations), people=people,
    )  # fmt: skip
    for default, setting in SETTINGS.items():
        if text.count(default) != 1:
            raise ValueError(f"a new campaign.toml has {default!r} {text.count(default)} times")
        text = text.replace(default, setting)
    new_campaign.init(address, text)
    return address


def _sign_up(sample: Sample, running: Running, campaign: str) -> Iterator[tuple[str, SignedInUser]]:
    with LabelStudio(running.label_studio_url, running.label_studio_token) as server:
        codes = [person.code for person in sample.people]
        yield from sign_up(server, Campaign.load(campaign).id, codes, HOST, PASSWORD)


def _await_assistant(address: str) -> None:
    """Wait for the assistant: writers' pages are connected only to one that answers when they are made."""
    end = time.monotonic() + START_SECONDS
    while not assistant_process.answers(assistant_process.address_of(Campaign.load(address), address)):
        if time.monotonic() > end:
            raise ServerError(f"the assistant does not answer; its log is {state_dir() / 'assistant.log'}")
        time.sleep(0.2)


def _stay() -> None:
    narration.console.print("The servers stay up until Ctrl-C.")
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        narration.console.print("stopping …")


# The outcome -----------------------------------------------------------------------------------------------------


def _show_faults(sample: Sample, course: DemoOutcome) -> None:
    rows = []
    for fault in sample.faults:
        item = course.became.get((fault.question, fault.language), ItemOutcome("undecided", 0, frozenset()))
        rows.append((fault, sorted(item.found_by), item.fate, not list(fault_differs(fault, course.became))))
    narration.faults(rows)
    problems = differences(sample, course)
    if problems:
        raise DemoFailed("the benchmark did not become what its script expects", problems)


def _summary(sample: Sample, became: Mapping[tuple[str, str], ItemOutcome]) -> list[tuple[str, str]]:
    fates = Counter(item.fate for item in became.values())
    dropped = [question for (question, _), item in became.items() if item.fate == "dropped"]
    return [
        (
            "found",
            f"all {len(sample.faults)} faults, each by the checks and the people who should find it",
        ),
        (
            "mended",
            f"{fates['revised then kept']} items by who made them, {fates['corrected then kept']} by proofreaders",
        ),
        ("kept", f"{len(sample.slots) - len(dropped)} of {len(sample.slots)} questions"),
        ("dropped", ", ".join(dropped) or "none"),
    ]
