"""`belebele demo`: the sample campaign, played from start to end on real servers.

Every person of the script is a user of their own who works over the server's HTTP interface; everything else is
the program that anybody uses. The script holds inputs only: what becomes of a planted fault is read from the ledger.
"""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Literal, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from annotation.client import LabelStudio
from annotation.reviewing import CRITERIA
from annotation.visitor import OpenTask, Visitor
from data import start
from data.campaign import Campaign, Person, state_dir
from data.errors import UsageError
from data.ledger import Ledger
from data.nouns import Stage
from data.people import set_contact
from data.sample import Fault, Sample, load
from flows import lead
from flows.advance import Progress as Advanced
from flows.advancing import lines, run_advance
from flows.files import RESULTS
from flows.release import release_campaign
from flows.servers import Running
from flows.state import State
from flows.up import standing

MARK = ".belebele-demo"
"""Stands in a folder that a demo made, so that the next one may replace it and nothing else."""

MOST_ROUNDS = 30
"""A script that is not done by then never will be."""

console = Console(highlight=False)


@dataclass
class Play:
    """The script under way: what was submitted so far decides what comes next."""

    sample: Sample
    campaign: str
    attempts: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def state(self) -> State:
        """The campaign as its ledger tells it now."""
        return State(Campaign.load(self.campaign), Ledger(self.campaign))

    def submission(self, task: OpenTask, state: State) -> list[dict[str, Any]]:
        """What the person who has this task submits."""
        stage, language, question, revision, person = task.key.split("/")[:5]
        self.attempts[stage, language, question] += 1
        attempt = self.attempts[stage, language, question]
        query = self.sample.query(stage, language, question, attempt)
        if query is not None:
            return RESULTS[cast("Stage", stage)]({}, task.data, query.text)
        fields = self._fields(cast("Stage", stage), language, question, int(revision), person, attempt, state)
        return RESULTS[cast("Stage", stage)](fields, task.data, "")

    def _fields(
        self, stage: Stage, language: str, question: str, revision: int, person: str, attempt: int, state: State
    ) -> Mapping[str, Any]:
        sample = self.sample
        match stage:
            case "authoring":
                draft = sample.draft(question, attempt)
                return {
                    "question": draft.question, "answers": list(draft.answers), "key": draft.key,
                    "notes": list(draft.notes), "translator_note": draft.translator_note,
                }  # fmt: skip
            case "answering":
                answer = sample.answer(question, revision, _place(state, question, revision, person))
                return {"choice": answer.choice, "sure": answer.sure, "comment": answer.comment}
            case "judging":
                judged = sample.judge(question, revision, _place(state, question, revision, person))
                rubric = {name: name not in judged.not_fulfilled for name in CRITERIA}
                return {"rubric": rubric, "recommend": judged.recommend, "comment": judged.comment}
            case "translating":
                text = sample.translate(language, question, attempt)
                return {"question": text.question_text, "answers": list(text.answers or ())}
            case "proofreading":
                read = sample.proofread(language, question, attempt)
                return {
                    "outcome": read.outcome, "question": read.question_text, "answers": list(read.answers or ()),
                    "comment": read.comment,
                }  # fmt: skip


def _place(state: State, question: str, revision: int, person: str) -> Literal["first", "second"]:
    """Whether this reviewer comes first or second among those who answer the question blind, by code."""
    tasks = state.tasks
    mine = tasks[
        (tasks["stage"] == "answering") & (tasks["question_id"] == question) & (tasks["revision"] == revision)
    ]
    return "first" if sorted(set(mine["person"])).index(person) == 0 else "second"


def play(out: str, *, keep_open: bool = False) -> None:
    """Play the whole sample campaign and write its release to `out/release`.

    Args:
        out: a new folder, or that of a former demo, which is replaced.
        keep_open: leave the servers running at the end until Ctrl-C.

    Raises:
        UsageError: `out` is a folder that no demo made.
    """
    began = time.monotonic()
    folder = _room(Path(out))
    environments = state_dir()
    os.environ["BELEBELE_STATE_DIR"] = str(folder / "servers")
    sample = load()
    with ExitStack() as stack:
        texts = stack.enter_context(as_file(files("data.sample") / "passages.jsonl"))
        shutil.copy(texts, folder / "passages.jsonl")
        console.rule("[bold]A benchmark is made")
        console.print(
            f"{len({p.passage_id for p in sample.passages})} passages in {len(sample.translations) + 1} languages, "
            f"{len(sample.people)} people, {len(sample.faults)} planted faults.\nStarting Label Studio and Prefect …"
        )
        running = stack.enter_context(standing(environments=environments))
        console.print(f"Label Studio  {running.label_studio_url}\nPrefect       {running.prefect_api_url[:-4]}\n")
        campaign = _begin(sample, folder)
        visitors = {code: stack.enter_context(visitor) for code, visitor in _sign_up(sample, running, campaign)}
        theatre = Play(sample, campaign)
        _rounds(theatre, visitors)
        _show_faults(theatre)
        made = release_campaign(campaign, "1.0.0", str(folder / "release"))
        _farewell(folder, made.lines, time.monotonic() - began)
        if keep_open:
            console.print(
                f"The servers stay up; log in as lead@belebele.local or r1@{HOST} (password: {PASSWORD})."
            )
            console.input("Enter stops them. ")


def _room(folder: Path) -> Path:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise UsageError(
                f"{folder} holds something that no demo made; name another folder: belebele demo --out DIR"
            )
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by belebele demo, which replaces it the next time.\n", "utf-8")
    return folder.resolve()


def _begin(sample: Sample, folder: Path) -> str:
    address = str(folder / "campaign")
    people = [Person(code=p.code, roles=p.roles, languages=p.languages) for p in sample.people]
    text = start.template(
        id="demo", title="The sample campaign", source="parallel", path=str(folder / "passages.jsonl"),
        languages=list(sample.translations), people=people,
    )  # fmt: skip
    start.init(address, text.replace('"CC-BY-SA-4.0"', '"CC0-1.0"'))
    return address


def _sign_up(sample: Sample, running: Running, campaign: str) -> Iterator[tuple[str, Visitor]]:
    """Everybody makes an account of their own at the invitation link; the lead notes who is who."""
    with LabelStudio(running.label_studio_url, running.label_studio_token) as server:
        invitation = server.invitation()
    for person in sample.people:
        email = f"{person.code}@{HOST}"
        set_contact(Campaign.load(campaign).id, person.code, email, "")
        yield person.code, Visitor.sign_up(running.label_studio_url, invitation, email, PASSWORD)


def _rounds(play: Play, visitors: Mapping[str, Visitor]) -> None:
    """Advance, let everybody do what is open, and again, until nothing is."""
    for number in range(1, MOST_ROUNDS + 1):
        console.rule(f"Round {number}", align="left", style="dim")
        told = run_advance(play.campaign)
        _show_advance(play, told)
        for query in play.sample.queries:
            _reply(play, query.text, query.reply)
        if not _everybody_works(play, visitors):
            waits = play.state().queries["reply"].isna().any()
            if not waits and told.idle:
                return
    raise UsageError(
        f"the script is not done after {MOST_ROUNDS} rounds; belebele status {play.campaign} shows what waits"
    )


def _everybody_works(play: Play, visitors: Mapping[str, Visitor]) -> int:
    state = play.state()
    tasks = state.tasks[state.tasks["open"]]
    people = {person.code: person for person in play.sample.people}
    done = 0
    with Progress(
        TextColumn("  [cyan]{task.description}"),
        BarColumn(30),
        MofNCompleteColumn(),
        console=console,
        transient=True,
    ) as bar:
        line = bar.add_task("working", total=len(tasks))
        told: Counter[tuple[str, str, str]] = Counter()
        for (person, stage, language), mine in tasks.groupby(["person", "stage", "language"], sort=True):
            title = state.campaign.workbench_title(cast("Stage", stage), str(language), str(person))
            most = people[str(person)].per_round or len(mine)
            for task in visitors[str(person)].open_tasks(title)[:most]:
                bar.update(line, description=f"{person}: {stage} in {language}", advance=1)
                visitors[str(person)].submit(task.id, play.submission(task, state), people[str(person)].seconds)
                told[str(person), str(stage), str(language)] += 1
                done += 1
    for (person, stage, language), count in told.items():
        console.print(
            f"  [cyan]{person:6}[/cyan] {VERBS[cast('Stage', stage)].format(count)} [dim]{language}[/dim]"
        )
    return done


def _reply(play: Play, text: str, reply: str) -> None:
    state = play.state()
    asked = state.queries[(state.queries["text"] == text) & state.queries["reply"].isna()]
    for query, passage, language in zip(asked["query"], asked["passage_id"], asked["language"], strict=True):
        console.print(f"  [yellow]query[/yellow]  {language} on {passage}: “{text}”")
        lead.answer(state, query, reply)
        console.print(f"  [cyan]lead  [/cyan] answers everyone who works on {passage}: “{reply}”")


def _show_advance(play: Play, told: Advanced) -> None:
    for line in lines(told):
        console.print(f"  [green]·[/green] {line}")
    if told.decisions.get("revise") or told.decisions.get("drop"):
        recent = play.state().decisions.tail(sum(told.decisions.values()))
        for subject, language, outcome, reason in zip(
            recent["subject"], recent["language"], recent["outcome"], recent["reason"], strict=True
        ):
            if outcome != "keep":
                words = str(reason).replace("\n", " ")
                console.print(f"    [yellow]{outcome}[/yellow] {subject} in {language}: {words}")


def _show_faults(play: Play) -> None:
    table = Table(title="The planted faults", title_justify="left", title_style="bold")
    for column in ("fault", "where", "found by", "became"):
        table.add_column(column)
    state = play.state()
    for fault in play.sample.faults:
        table.add_row(
            fault.name, f"{fault.question} {fault.language}", ", ".join(found_by(state, fault)), fate(state, fault)
        )
    console.print()
    console.print(table)


def found_by(state: State, fault: Fault) -> list[str]:
    """The checks that flagged the question or translation that a fault was planted in, in any revision."""
    verdicts = state.verdicts_on({fault.question})
    verdicts = verdicts[verdicts["language"] == fault.language]
    hit = verdicts["flagged"].eq(True) | ((verdicts["check"] == "proofreading") & (verdicts["score"] < 1))
    return sorted(verdicts["check"][hit.fillna(False)].unique())


def fate(state: State, fault: Fault) -> str:
    """What became of an item, from its decisions and verdicts: dropped, revised then kept, …"""
    on = state.decisions
    mine = on[(on["subject"] == fault.question) & (on["language"] == fault.language)].sort_values("revision")
    outcomes = list(mine["outcome"])
    if not outcomes or outcomes[-1] == "revise":
        return "undecided"
    if outcomes[-1] == "drop":
        return "dropped"
    if "revise" in outcomes:
        return "revised then kept"
    verdicts = state.verdicts_on({fault.question}, ["check", "language", "score"])
    mended = verdicts[(verdicts["check"] == "proofreading") & (verdicts["language"] == fault.language)]
    return "corrected then kept" if (mended["score"] == 0.5).any() else "kept"


def _farewell(folder: Path, lines: tuple[str, ...], seconds: float) -> None:
    where = folder / "release"
    shown = os.path.relpath(where)
    console.print()
    console.rule("[bold]Done")
    for line in lines:
        console.print(line)
    console.print(f"({seconds:.0f} seconds)\n\nOpen it:")
    console.print(f'  pandas    pd.read_parquet("{shown}/data/swh_Latn.parquet")')
    console.print(f"  DuckDB    SELECT * FROM '{shown}/data/*.parquet'")
    console.print(f'  datasets  load_dataset("{where}", "swh_Latn", split="test")')
    console.print(f"Look around: belebele status {os.path.relpath(folder / 'campaign')}")


HOST = "demo.invalid"
PASSWORD = "belebele-demo"
VERBS: Mapping[Stage, str] = {
    "authoring": "wrote {} questions",
    "answering": "answered {} questions blind",
    "judging": "judged {} questions",
    "translating": "translated {} items",
    "proofreading": "proofread {} items",
}
