"""Twenty people at once on a real server, as fast as it takes their work, with advance running meanwhile.

    python benchmarks/servers/many_at_once.py [--minutes 10] [--server local|team|both]

Everybody submits the tasks open for them and, when none is left, changes earlier submissions, until the time is
up. Then the ledger is compared with the submissions: each that the server accepted must be in it once, with the
content that was sent. The assistant is asked meanwhile, as by twenty authors at human pace: it should answer
within 300 ms at the 95th percentile. tests/flows/test_many_at_once.py plays a minute of the same.

The local server is the one that `belebele up` starts, on SQLite. The team's is set up as in
docs/guides/team-server.md, on PostgreSQL behind gunicorn's workers, and needs PostgreSQL (on Debian: apt-get
install postgresql). When both run, it is the peer.
"""

from __future__ import annotations

import argparse
import itertools
import json
import statistics
import sys
import tempfile
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
        advances: the number of runs of advance meanwhile.
        steps: the seconds of each of its steps, all runs together.
        alone: the seconds of the last run, when nobody wrote any more.
        doubled: the number that the server stored twice by itself, as it does when its database was locked.
    """

    contents: dict[int, list[list[dict[str, Any]]]] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    advances: int = 0
    steps: dict[str, float] = field(default_factory=dict)
    alone: float = 0.0
    doubled: int = 0

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


def play(address: str, studio: LabelStudio, *, tasks: int, seconds: float = 0.0) -> Sent:
    """Let everybody work at once, with advance running; then advance once more, so that everything is collected.

    Args:
        address: the address of a campaign that `begin` made.
        studio: the server.
        tasks: the number of submissions by each person.
        seconds: the duration; those who finish earlier change their submissions. 0: until all is submitted.
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
            for one in at_work:
                one.result()
    began = time.perf_counter()
    advance(address, servers)
    sent.alone = time.perf_counter() - began
    return sent


def _sign_up(studio: LabelStudio, campaign_id: str) -> Iterator[tuple[str, SignedInUser]]:
    """Sign up as flows.simulation.sandbox.sign_up does, but several people at once."""
    invitation = studio.invitation()
    emails = {code: f"{code}@{HOST}" for code in PEOPLE}
    for code, email in emails.items():
        set_contact(campaign_id, code, email)
    with ThreadPoolExecutor(SIGN_UPS) as pool:
        sign_up = partial(SignedInUser.sign_up, studio.url, invitation, password=PASSWORD)
        yield from zip(emails, pool.map(lambda email: sign_up(email=email), emails.values()), strict=True)


def _work(sent: Sent, user: SignedInUser, title: str, tasks: int, until: Callable[[], bool] | None) -> None:
    mine = []
    for number, task in enumerate(user.open_tasks(title)[:tasks]):
        if until is not None and until():
            return
        content = _question(f"{task.key} {number}")
        annotation = _taken(sent, partial(user.submit, task.id, content))
        sent.contents[annotation], sent.keys[annotation] = [content], task.key
        mine.append(annotation)
    turn = 0
    while mine and until is not None and not until():
        annotation = mine[turn % len(mine)]
        content = _question(f"{sent.keys[annotation]} again {turn}")
        _taken(sent, partial(user.edit, annotation, content))
        sent.contents[annotation].append(content)
        turn += 1


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
    chosen = parser.parse_args()
    seconds = 60 * chosen.minutes
    local = on_local(seconds) if chosen.server != "team" else None
    team = on_team(seconds) if chosen.server != "local" else None
    if local is None or team is None:
        return [Line(what, took) for what, took in (local or team or {}).items()]
    return [Line(what, took, team[what], "PostgreSQL, gunicorn") for what, took in local.items()]


def on_local(seconds: float) -> dict[str, float]:
    """Measure on SQLite, as `belebele up` starts it."""
    environments = state_dir()
    with (
        tempfile.TemporaryDirectory() as place,
        LocalLabelStudio(environments, data_dir=Path(place) / "data", tell=print) as server,
    ):
        return taken("SQLite, runserver", server.url, server.token, seconds)


def on_team(seconds: float) -> dict[str, float]:
    """Measure on PostgreSQL and gunicorn, as docs/guides/team-server.md sets it up."""
    with team_server(state_dir()) as server:
        return taken("PostgreSQL, gunicorn", server.url, server.token, seconds)


def taken(where: str, url: str, token: str, seconds: float) -> dict[str, float]:
    """Run the measurement and print it; return the measured seconds."""
    with (
        tempfile.TemporaryDirectory() as place,
        apart(Path(place) / "state"),
        LabelStudio(url, token) as studio,
    ):
        address = begin(Path(place), "many", passages=200)
        with asked(seconds) as answers:
            sent = play(address, studio, tasks=20, seconds=seconds)
            said = answers.result()
        problems, late = lost(address, sent), lags(address)
    steps = ", ".join(f"{name} {took / sent.advances:.1f}" for name, took in sent.steps.items() if took > 1)
    print(
        f"{where}: {len(sent.seconds)} writes by {len(PEOPLE)} people at once, {len(sent.seconds) / seconds:.1f} "
        f"a second; {len(sent.failed)} errors of the server, then sent again; {len(problems)} lost, "
        f"{sent.doubled} stored twice by the server itself; {sent.advances} times "
        f"advance meanwhile, seconds each: {steps}, and {sent.alone:.1f} in all when nobody writes; "
        f"{len(said.late)} answers of the assistant came too late"
    )
    assert not problems, problems[:5]
    slow, slowest = (statistics.quantiles(found, n=20)[-1] for found in (sent.seconds, late))
    beside = lines(f"assistant beside {len(PEOPLE)} who write", said.seconds, seconds)
    return {
        f"a write among {len(PEOPLE)} people, median": statistics.median(sent.seconds),
        f"a write among {len(PEOPLE)} people, 95th percentile": slow,
        "from a write to the ledger, median": statistics.median(late),
        "from a write to the ledger, 95th percentile": slowest,
        **{line.what: line.ours for line in beside},
    }


if __name__ == "__main__":
    show(main())
