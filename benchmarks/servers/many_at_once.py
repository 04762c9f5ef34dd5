"""Twenty people at once on a real server, as fast as it takes their work, with advance running meanwhile.

    python benchmarks/servers/many_at_once.py [--minutes 10] [--server local|team|both] [--layer with|without|both]

Everybody submits the tasks open for them and, when none is left, changes earlier submissions, until the time is
up. Then the ledger is compared with the submissions: each that the server accepted must be in it once, with the
content that was sent. The assistant is asked meanwhile, as by twenty authors at human pace: it should answer
within 300 ms at the 95th percentile. tests/flows/test_many_at_once.py plays a minute of the same.

The local server is the one that `belebele up` starts, on SQLite. The team's is set up as in
docs/guides/team-server.md, on PostgreSQL behind gunicorn's workers, and needs PostgreSQL (on Debian: apt-get
install postgresql). Each is measured without our layer, which is the peer, and then with it.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.assistant.assistant_app import LATE
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import authoring_page
from benchmarks.servers.assistant import AUTHORS, PACE, QUESTIONS, asker, assistant, lines, measured, request
from benchmarks.servers.team_server import team_server
from benchmarks.table import Line, show
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.campaign.contacts import set_contact
from data.campaign.settings import Person
from data.environment import state_dir
from data.errors import ServerError, ServerRefused
from data.ledger import Ledger, tables
from flows.advance import advance
from flows.campaign_state import State
from flows.simulation.sandbox import apart

LANGUAGE = "eng_Latn"
PEOPLE = tuple(f"w{n:02}" for n in range(1, 21))
SIGN_UPS = 4
"""The number of people who sign up at once."""

PAGES = 10
"""The number of changed pages that are measured."""

PATIENCE = 300.0
"""The seconds that one request may take there."""

HOST = "many.invalid"
PASSWORD = "belebele-many"
TRIES = 5
T = TypeVar("T")

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Sent:
    """The submissions that the server accepted.

    Attributes:
        contents: every content of an annotation that was sent, in order, by the annotation's number.
        keys: the task of each.
        seconds: the server's time for each.
        failed: the server's errors; each of these submissions was sent again, as somebody does who sees an error.
        timed: how many of `seconds` are of the time that was asked for.
        advances: the number of runs of advance meanwhile.
        steps: the seconds of each of its steps, all runs together.
        alone: the seconds of the last run, when nobody wrote any more.
        doubled: the number that the server stored twice by itself, as it does when its database was locked.
        pages: the seconds that changing `PAGES` pages took, by way.
    """

    contents: dict[int, list[list[dict[str, Any]]]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    timed: int = 0
    advances: int = 0
    steps: dict[str, float] = field(default_factory=dict)
    alone: float = 0.0
    doubled: int = 0
    pages: dict[str, float] = field(default_factory=dict)

    def clocked(self, step: Callable[P, R], /, *arguments: P.args, **keywords: P.kwargs) -> R:
        """Run a step of advance, and add its time."""
        began = time.perf_counter()
        found = step(*arguments, **keywords)
        self.steps[step.__name__] = self.steps.get(step.__name__, 0.0) + time.perf_counter() - began
        return found


@dataclass
class Answers:
    """The assistant's answers meanwhile: the seconds that each took, and those that came too late."""

    seconds: list[float] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


def begin(folder: Path, campaign_id: str, passages: int, per_passage: int = 2) -> str:
    """Begin a campaign in which all of `PEOPLE` write; return its address."""
    lines = [
        {
            "passage_id": f"mill-{n:04}", "language": LANGUAGE,
            "text": f"Mill number {n} stands by the river. It has {n + 3} wheels. The miller sings early.",
        }
        for n in range(passages)
    ]  # fmt: skip
    (folder / "passages.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    text = new_campaign.template(
        id=campaign_id, title="Many at once", source="parallel", path="../passages.jsonl", languages=[],
        people=[Person(code=code, roles=("authoring",)) for code in PEOPLE],
    )  # fmt: skip
    address = str(folder / "campaign")
    new_campaign.init(address, text.replace("questions_per_passage = 2", f"questions_per_passage = {per_passage}"))
    return address


def play(address: str, studio: LabelStudio, *, tasks: int, seconds: float = 0.0, pages: str = "") -> Sent:
    """Let everybody work at once, with advance running; then advance once more, so that everything is collected.

    Args:
        address: the address of a campaign that `begin` made.
        studio: the server.
        tasks: the number of submissions by each person.
        seconds: the duration; those who finish earlier change their submissions. 0: until all is submitted.
        pages: a token of the lead's, to measure how long changed pages take to reach the server while everybody
            goes on writing.
    """
    campaign, servers, sent = Campaign.load(address), {"main": studio}, Sent()
    with ExitStack() as stack:
        users = {code: stack.enter_context(user) for code, user in _sign_up(studio, campaign.id)}
        advance(address, servers)
        end = time.monotonic() + seconds
        until = (lambda: time.monotonic() > end) if seconds else None
        with ThreadPoolExecutor(len(users)) as pool:
            titles = {code: campaign.workbench_title("authoring", LANGUAGE, code) for code in users}
            at_work = [pool.submit(_work, sent, user, titles[code], tasks, until) for code, user in users.items()]
            while not all(one.done() for one in at_work):
                advance(address, servers, step=sent.clocked)
                sent.advances += 1
            mine = [one.result() for one in at_work]
            sent.timed = len(sent.seconds)
            if pages:
                patient = stack.enter_context(LabelStudio(studio.url, pages, timeout=PATIENCE))
                over = threading.Event()
                changing = zip(users.values(), mine, strict=True)
                still = [pool.submit(_change, sent, user, ones, over.is_set) for user, ones in changing]
                try:
                    sent.pages = _pages(patient)
                finally:
                    over.set()
                for other in still:
                    other.result()
    began = time.perf_counter()
    advance(address, servers)
    sent.alone = time.perf_counter() - began
    return sent


def _sign_up(studio: LabelStudio, campaign_id: str) -> Iterator[tuple[str, SignedInUser]]:
    """Sign up as flows.simulation.sandbox.sign_up does, but several people at once."""
    invited = {code: studio.invitation(f"{campaign_id}/{code}") for code in PEOPLE}
    emails = {code: f"{code}@{HOST}" for code in PEOPLE}
    for code, email in emails.items():
        set_contact(campaign_id, code, email)
    with ThreadPoolExecutor(SIGN_UPS) as pool:
        sign_up = partial(SignedInUser.sign_up, studio.url, password=PASSWORD)
        yield from zip(emails, pool.map(sign_up, invited.values(), emails.values()), strict=True)


def _work(sent: Sent, user: SignedInUser, title: str, tasks: int, until: Callable[[], bool] | None) -> list[int]:
    """Submit, then change what was submitted, until the time is up; return the numbers of the annotations."""
    mine: list[int] = []
    for number, task in enumerate(user.open_tasks(title)[:tasks]):
        if until is not None and until():
            return mine
        content = _question(f"{task.key} {number}")
        annotation = _taken(sent, partial(user.submit, task.id, content))
        sent.contents[annotation], sent.keys[annotation] = [content], task.key
        mine.append(annotation)
    if until is not None:
        _change(sent, user, mine, until)
    return mine


def _change(sent: Sent, user: SignedInUser, mine: Sequence[int], until: Callable[[], bool]) -> None:
    """Change submissions in turn, until the time is up."""
    while mine and not until():
        annotation = mine[len(sent.seconds) % len(mine)]
        content = _question(f"{sent.keys[annotation]} again {len(sent.contents[annotation])}")
        _taken(sent, partial(user.edit, annotation, content))
        sent.contents[annotation].append(content)


def _pages(studio: LabelStudio) -> dict[str, float]:
    """Change what tasks show, through the layer if there is one and by a request for each; return the seconds."""
    bench = studio.open("pages/authoring/eng_Latn/w01", '<View><Text name="t" value="$text"/></View>', "", "")
    tasks = {f"authoring/eng_Latn/p{n}-q1/1/w01": {"text": f"Passage {n}"} for n in range(PAGES)}
    studio.push(bench, list(tasks.items()))
    found = {}
    for way, put in (("at once", studio.put), ("one by one", studio._tasks._one_by_one)):
        new = {key: {"text": f"{way} {n}"} for n, key in enumerate(tasks)}
        began = time.perf_counter()
        changed = put(bench, {}, new, {}).changed
        found[way] = time.perf_counter() - began
        assert set(changed) == set(tasks), "a page was not changed"
    return found


def _taken(sent: Sent, send: Callable[[], T]) -> T:
    """Return the server's answer, once it accepts the submission."""
    for left in reversed(range(TRIES)):
        began = time.perf_counter()
        try:
            said = send()
            break
        except ServerError as error:
            if not left or isinstance(error, ServerRefused):
                raise
            sent.failed.append(str(error))
    sent.seconds.append(time.perf_counter() - began)
    return said


def _question(mark: str) -> list[dict[str, Any]]:
    """Return a question that nobody else asks."""
    token = tables.digest("many", mark)
    return authoring_page.result(
        question=f"Which of the wheels, as number {int(token[:6], 16)} of the list has it, turns first?",
        answers=[f"Wheel {int(token[6 * n : 6 * n + 6], 16)} of the mill" for n in range(1, 5)], key=1,
        notes=["", "It is another.", "It is another.", "It is another."], evidence=[1],
    )  # fmt: skip


def lost(address: str, sent: Sent) -> list[str]:
    """Return a sentence for each submission that the ledger lacks, has twice or has with other content."""
    state = State(Campaign.load(address), Ledger(address))
    rows = state.annotations.sort_values(["updated_at", "event_id"], kind="stable")
    results = state.results_of(set(rows["event_id"]))
    found: dict[int, list[list[dict[str, Any]]]] = {number: [] for number in sent.contents}
    problems = [f"{n} events stand twice" for n in [int(rows["event_id"].duplicated().sum())] if n]
    known = {key: {_said(content) for content in sent.contents[number]} for number, key in sent.keys.items()}
    numbers = rows["annotation_id"].astype(int)
    for number, key, event in zip(numbers, rows["task_key"], rows["event_id"], strict=True):
        if sent.keys.get(number) == key:
            found[number].append(results[event])
        elif _said(results[event]) in known.get(key, set()):
            sent.doubled += 1
        else:
            problems.append(f"annotation {number} of {key} was sent by nobody")
    for number, contents in sent.contents.items():
        problems += _differs(sent.keys[number], contents, found[number])
    return problems


def _differs(key: str, sent: Sequence[Any], found: Sequence[Any]) -> list[str]:
    before, after = [_said(one) for one in sent], [_said(one) for one in found]
    if not after:
        return [f"{key}: nothing is in the ledger"]
    wrong = [] if after[-1] == before[-1] else [f"{key}: the last content is not the one that was sent last"]
    strange = len([one for one in after if one not in before])
    twice = len(after) - len(set(after))
    return wrong + [f"{key}: {n} contents {what}" for n, what in ((strange, "of nobody"), (twice, "twice")) if n]


def _said(content: Sequence[dict[str, Any]]) -> str:
    return tables.canonical_json(sorted((one["from_name"], one["value"]) for one in content))


def lags(address: str) -> list[float]:
    """Return the seconds from the server's acceptance of each submission to its row in the ledger, sorted."""
    rows = Ledger(address).read(tables.ANNOTATIONS, ["updated_at", "recorded_at"])
    return sorted((rows["recorded_at"] - rows["updated_at"]).dt.total_seconds().clip(lower=0.0))


@contextmanager
def asked(seconds: float, questions: int = QUESTIONS) -> Iterator[Future[Answers]]:
    """Ask an assistant with this number of questions, for this long; yield a future of its answers."""
    said = Answers()
    with assistant(questions) as address, ExitStack() as stack:
        clients = [stack.enter_context(asker()) for _ in range(AUTHORS)]
        pages = [itertools.cycle([json.dumps(request(n)).encode() for _ in range(40)]) for n in range(AUTHORS)]

        def ask(number: int) -> None:
            answer = clients[number].post(f"{address}/predict", content=next(pages[number])).raise_for_status()
            (told,) = answer.json()["results"][0]["result"][0]["value"]["text"]
            said.late += [told] if told == LATE else []

        def throughout() -> Answers:
            said.seconds = measured(ask, AUTHORS, PACE, seconds)
            return said

        ask(0)
        with ThreadPoolExecutor(1) as pool:
            yield pool.submit(throughout)


def main() -> list[Line]:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--server", choices=["local", "team", "both"], default="local")
    parser.add_argument("--layer", choices=["with", "without", "both"], default="both")
    chosen = parser.parse_args()
    seconds = 60 * chosen.minutes
    lines: list[Line] = []
    for kind, measure in (("local", on_local), ("team", on_team)):
        if chosen.server not in (kind, "both"):
            continue
        without = measure(seconds, layer=False) if chosen.layer != "with" else {}
        found = measure(seconds, layer=True) if chosen.layer != "without" else without
        peers = without if chosen.layer == "both" else {}
        lines += [Line(f"{kind}: {what}", took, peers.get(what), "without the layer" if peers else "")
                  for what, took in found.items()]  # fmt: skip
    return lines


def on_local(seconds: float, *, layer: bool) -> dict[str, float]:
    """Measure on SQLite, as `belebele up` starts it."""
    with (
        tempfile.TemporaryDirectory() as place,
        LocalLabelStudio(state_dir(), data_dir=Path(place) / "data", tell=print, layer=layer) as server,
    ):
        return taken("SQLite, runserver", server.url, server.token, seconds, layer)


def on_team(seconds: float, *, layer: bool) -> dict[str, float]:
    """Measure on PostgreSQL and gunicorn, as docs/guides/team-server.md sets it up."""
    with team_server(state_dir(), layer=layer) as server:
        return taken("PostgreSQL, gunicorn", server.url, server.token, seconds, layer)


def taken(where: str, url: str, token: str, seconds: float, layer: bool) -> dict[str, float]:
    """Run the measurement and print it; return the measured seconds."""
    with (
        tempfile.TemporaryDirectory() as place,
        apart(Path(place) / "state"),
        LabelStudio(url, token) as studio,
    ):
        address = begin(Path(place), "many", passages=200)
        with asked(seconds) as answers:
            sent = play(address, studio, tasks=20, seconds=seconds, pages=token if layer else "")
            said = answers.result()
        problems, late = lost(address, sent), lags(address)
    steps = ", ".join(f"{name} {took / sent.advances:.1f}" for name, took in sent.steps.items() if took > 1)
    print(
        f"{where}, with{'' if layer else 'out'} the layer: {sent.timed} writes by "
        f"{len(PEOPLE)} people at once, {sent.timed / seconds:.1f} "
        f"a second; {len(sent.failed)} errors of the server, then sent again; {len(problems)} lost, "
        f"{sent.doubled} stored twice by the server itself; {sent.advances} times "
        f"advance meanwhile, seconds each: {steps}, and {sent.alone:.1f} in all when nobody writes; "
        f"{len(said.late)} answers of the assistant came too late"
    )
    assert not problems, problems[:5]
    slow, slowest = (statistics.quantiles(found, n=20)[-1] for found in (sent.seconds[: sent.timed], late))
    beside = lines(f"assistant beside {len(PEOPLE)} who write", said.seconds, seconds)
    for way, took_so_long in sent.pages.items():
        print(f"{PAGES} changed pages beside {len(PEOPLE)} who write, {way}: {took_so_long:.2f} s")
    return {
        "time of the server for each write, all writing at once": seconds / sent.timed,
        "one run of advance meanwhile": sum(sent.steps.values()) / sent.advances,
        "its requests to publish tasks": sent.steps.get("publish", 0.0) / sent.advances,
        "its requests to collect work": sent.steps.get("collect", 0.0) / sent.advances,
        f"a write among {len(PEOPLE)} people, median": statistics.median(sent.seconds[: sent.timed]),
        f"a write among {len(PEOPLE)} people, 95th percentile": slow,
        "from a write to the ledger, median": statistics.median(late),
        "from a write to the ledger, 95th percentile": slowest,
        **{line.what: line.ours for line in beside},
    }


if __name__ == "__main__":
    show(main())
